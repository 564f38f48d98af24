//! Files that no disc has: an answer file at the top of the tree.

use super::tree::{Item, Plan, PlanId};
use crate::content::Content;
use crate::error::{Error, Result};
use crate::media::printable;

/// Adds a file of our own at the top of the tree, never over a disc's.
///
/// # Errors
/// [`Error::Conflict`] if the top has that name already or is itself a file; [`Error::Invalid`] if
/// `name` is no file name.
pub fn add_top_file(
    plan: &mut Plan<'_>,
    name: &[u8],
    content: Content,
    mode: u16,
) -> Result<PlanId> {
    if *plan.item(PlanId::ROOT) != Item::Dir {
        let what = "cannot be published beside it: the target is one file, not a directory";
        return Err(Error::conflict(printable(name), what));
    }
    if plan.children(PlanId::ROOT).iter().any(|&id| plan.name(id) == name) {
        let what = "the top of the disc has that name already: rename the file that is to be added";
        return Err(Error::conflict(printable(name), what));
    }
    plan.add(PlanId::ROOT, name, Item::File(content), mode, None)
        .map_err(|e| Error::invalid(printable(name), format!("cannot be published: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Content {
        Content::Bytes((*b"x").into())
    }

    #[test]
    fn an_answer_is_added_once() {
        let mut plan = Plan::new(&[]);
        let id = add_top_file(&mut plan, b"ks.cfg", bytes(), 0o644).expect("the name is free");
        assert_eq!((plan.path(id), plan.mode(id), plan.size(id)), (b"ks.cfg".to_vec(), 0o644, 1));
        let error = add_top_file(&mut plan, b"ks.cfg", bytes(), 0o644).expect_err("taken");
        assert_eq!(error.kind(), "conflict");
        assert_eq!(
            error.to_string(),
            "ks.cfg: the top of the disc has that name already: rename the file that is to be added"
        );
    }

    #[test]
    fn a_name_below_the_top_does_not_count() {
        let mut plan = Plan::new(&[]);
        let dir = plan.add(PlanId::ROOT, b"d", Item::Dir, 0o755, None).expect("a name");
        plan.add(dir, b"ks.cfg", Item::File(bytes()), 0o644, None).expect("a name");
        assert!(add_top_file(&mut plan, b"ks.cfg", bytes(), 0o600).is_ok());
        assert!(add_top_file(&mut plan, b"d", bytes(), 0o600).is_err());
    }

    #[test]
    fn what_is_no_file_name_is_refused() {
        let mut plan = Plan::new(&[]);
        let error = add_top_file(&mut plan, b"..", bytes(), 0o644).expect_err("no name");
        assert_eq!(error.kind(), "invalid");
    }

    #[test]
    fn a_tree_of_one_file_takes_no_other() {
        let mut plan = Plan::single(&[], bytes());
        let error = add_top_file(&mut plan, b"ks.cfg", bytes(), 0o644).expect_err("no directory");
        assert_eq!(error.kind(), "conflict");
    }
}
