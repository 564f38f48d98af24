//! A look into the files and directories of a plan.

use super::tree::{Item, Plan, PlanId};
use crate::media::path::{LINKS_MAX, follow};

impl Plan<'_> {
    /// The first bytes of the file at `path`, no more than `limit`; `None` for what is no file, and
    /// for one that cannot be read, which the copy will tell.
    pub fn read(&self, path: &[u8], limit: usize) -> Option<Vec<u8>> {
        let mut path = path.to_owned();
        for _ in 0..LINKS_MAX {
            let id = self.find(&path).filter(|&id| id != PlanId::ROOT)?;
            match self.item(id) {
                Item::File(content) => {
                    let reader = content.reader(self.discs()).ok()?;
                    let len = usize::try_from(reader.len()).unwrap_or(usize::MAX).min(limit);
                    let mut bytes = vec![0; len];
                    reader.read_exact_at(0, &mut bytes).ok()?;
                    return Some(bytes);
                }
                Item::Link(target) => path = follow(&path, target)?,
                Item::Dir => return None,
            }
        }
        None
    }

    /// The names in the directory at `path`, sorted; those that are not UTF-8 are left out.
    pub fn list(&self, path: &[u8]) -> Vec<String> {
        let Some(id) = self.find(path) else { return Vec::new() };
        let name = |&id: &PlanId| String::from_utf8(self.name(id).to_owned()).ok();
        let mut names: Vec<_> = self.children(id).iter().filter_map(name).collect();
        names.sort_unstable();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;

    #[test]
    fn links_are_followed_within_the_tree_alone() {
        let mut plan = Plan::new(&[]);
        let mut add =
            |parent, name: &[u8], item| plan.add(parent, name, item, 0o644, None).expect("a name");
        let link = |target: &[u8]| Item::Link(target.into());
        let dir = add(PlanId::ROOT, b"d", Item::Dir);
        add(dir, b"k", Item::File(Content::Bytes(b"kernel".as_slice().into())));
        add(PlanId::ROOT, b"near", link(b"d/./k"));
        add(dir, b"far", link(b"../near"));
        add(dir, b"out", link(b"../../near"));
        add(dir, b"loop", link(b"loop"));
        add(dir, b"top", link(b"/d/k"));
        for path in ["d/k", "near", "d/far"] {
            assert_eq!(plan.read(path.as_bytes(), 4).as_deref(), Some(&b"kern"[..]), "{path}");
        }
        for path in ["d", "", "d/out", "d/loop", "d/top", "x"] {
            assert_eq!(plan.read(path.as_bytes(), 4), None, "{path}");
        }
        assert_eq!(plan.list(b"d"), ["far", "k", "loop", "out", "top"]);
        assert_eq!(plan.list(b"x"), [""; 0]);
    }
}
