//! How much a plan holds.

use super::tree::{Item, Plan, PlanId};

/// Counts over a whole plan, the top directory left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Regular files.
    pub files: u64,
    /// Symbolic links.
    pub links: u64,
    /// Directories.
    pub dirs: u64,
    /// Sizes of all files added up, in bytes; holes count as if they were stored.
    pub bytes: u64,
}

impl Plan<'_> {
    /// Counts everything in one pass. A plan of one file has one file.
    pub fn totals(&self) -> Totals {
        let top = (*self.item(PlanId::ROOT) != Item::Dir).then_some(PlanId::ROOT);
        let mut totals = Totals::default();
        for id in top.into_iter().chain(self.iter()) {
            match self.item(id) {
                Item::Dir => totals.dirs += 1,
                Item::Link(_) => totals.links += 1,
                Item::File(_) => totals.files += 1,
            }
            // Hostile sizes may add up beyond any disk; that there is no room is found out later.
            totals.bytes = totals.bytes.saturating_add(self.size(id));
        }
        totals
    }

    /// Sizes of all files added up, in bytes.
    pub fn bytes(&self) -> u64 {
        self.totals().bytes
    }

    /// How many regular files there are.
    pub fn files(&self) -> u64 {
        self.totals().files
    }

    /// How many symbolic links there are.
    pub fn links(&self) -> u64 {
        self.totals().links
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;

    #[test]
    fn everything_below_the_top_is_counted() {
        let mut plan = Plan::new(&[]);
        let file = || Item::File(Content::Bytes((*b"abc").into()));
        let dir = plan.add(PlanId::ROOT, b"d", Item::Dir, 0o755, None).expect("a name");
        plan.add(dir, b"f", file(), 0o644, None).expect("a name");
        plan.add(dir, b"g", file(), 0o644, None).expect("a name");
        let link = Item::Link((*b"f").into());
        let gone = plan.add(dir, b"l", link.clone(), 0o777, None).expect("a name");
        plan.add(dir, b"m", link, 0o777, None).expect("a name");
        plan.remove(gone);
        let expected = Totals { files: 2, links: 1, dirs: 1, bytes: 6 };
        assert_eq!(plan.totals(), expected);
        assert_eq!((plan.files(), plan.links(), plan.bytes()), (2, 1, 6));
    }

    #[test]
    fn a_plan_of_one_file_has_one_file() {
        let plan = Plan::single(&[], Content::Bytes((*b"abc").into()));
        assert_eq!(plan.totals(), Totals { files: 1, links: 0, dirs: 0, bytes: 3 });
    }
}
