//! Files that no disc has: an answer file at the top of the tree, others in directories of ours.

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

/// Adds a file of our own at `path` from the top of the tree, never over a disc's; directories are made.
///
/// # Errors
/// [`Error::Conflict`] if there is something at that path, or what is no directory above it;
/// [`Error::Invalid`] if a part of it is no file name.
pub fn add_file(plan: &mut Plan<'_>, path: &[u8], content: Content, mode: u16) -> Result<PlanId> {
    let taken = |what: &str| Error::conflict(printable(path), what);
    let mut dir = PlanId::ROOT;
    let mut parts = path.split(|&b| b == b'/').peekable();
    while let Some(name) = parts.next() {
        if *plan.item(dir) != Item::Dir {
            return Err(taken("the disc has a file where a directory is needed for it"));
        }
        let there = plan.children(dir).iter().copied().find(|&id| plan.name(id) == name);
        let is_last = parts.peek().is_none();
        dir = match (there, is_last) {
            (Some(there), false) => there,
            (Some(_), true) => return Err(taken("the disc has a file of that name already")),
            (None, _) => {
                let item = if is_last { Item::File(content.clone()) } else { Item::Dir };
                let mode = if is_last { mode } else { 0o755 };
                plan.add(dir, name, item, mode, None).map_err(|e| {
                    Error::invalid(printable(path), format!("cannot be published: {e}"))
                })?
            }
        };
    }
    Ok(dir)
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
    fn directories_are_made_and_shared_and_nothing_is_replaced() {
        let mut plan = Plan::new(&[]);
        let first = add_file(&mut plan, b"d/a/x", bytes(), 0o644).expect("free");
        assert_eq!(plan.path(first), b"d/a/x");
        assert!(add_file(&mut plan, b"d/a/y", bytes(), 0o644).is_ok());
        assert_eq!(plan.len(), 5, "with the top");
        for taken in [&b"d/a/x"[..], b"d/a", b"d/a/x/y"] {
            assert_eq!(
                add_file(&mut plan, taken, bytes(), 0o644).expect_err("taken").kind(),
                "conflict"
            );
        }
        assert_eq!(add_file(&mut plan, b"../x", bytes(), 0o644).expect_err("no").kind(), "invalid");
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
