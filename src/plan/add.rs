//! Files that no disc has: answer files, and the image itself beside its tree.

use super::tree::{Item, Plan, PlanId};
use crate::content::Content;
use crate::error::{Error, Result};
use crate::media::printable;

/// Adds a file of our own, never over a disc's. Directories on the way that are not there are made.
///
/// # Errors
/// [`Error::Conflict`] if there is something at `path` already, a file on the way to it, or the tree is
/// itself a file; [`Error::Invalid`] if a component of `path` is no file name.
pub fn add_file(plan: &mut Plan<'_>, path: &[u8], content: Content, mode: u16) -> Result<PlanId> {
    if *plan.item(PlanId::ROOT) != Item::Dir {
        let what = "cannot be published beside it: the target is one file, not a directory";
        return Err(Error::conflict(printable(path), what));
    }
    let invalid = |e| Error::invalid(printable(path), format!("cannot be published: {e}"));
    let mut dir = PlanId::ROOT;
    let mut rest = path;
    while let Some(slash) = rest.iter().position(|&b| b == b'/') {
        let (name, after) = rest.split_at(slash);
        dir = match child(plan, dir, name) {
            Some(id) if *plan.item(id) == Item::Dir => id,
            Some(_) => {
                let what = "the disc has a file in the place of a directory on the way to it: rename \
                            what is to be added";
                return Err(Error::conflict(printable(path), what));
            }
            None => plan.add(dir, name, Item::Dir, 0o755, None).map_err(invalid)?,
        };
        rest = after.get(1..).unwrap_or_default();
    }
    if child(plan, dir, rest).is_some() {
        let what = match dir == PlanId::ROOT {
            true => {
                "the top of the disc has that name already: rename the file that is to be added"
            }
            false => "the disc has that path already: rename what is to be added",
        };
        return Err(Error::conflict(printable(path), what));
    }
    plan.add(dir, rest, Item::File(content), mode, None).map_err(invalid)
}

fn child(plan: &Plan<'_>, dir: PlanId, name: &[u8]) -> Option<PlanId> {
    plan.children(dir).iter().copied().find(|&id| plan.name(id) == name)
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
        let id = add_file(&mut plan, b"ks.cfg", bytes(), 0o644).expect("the name is free");
        assert_eq!((plan.path(id), plan.mode(id), plan.size(id)), (b"ks.cfg".to_vec(), 0o644, 1));
        let error = add_file(&mut plan, b"ks.cfg", bytes(), 0o644).expect_err("taken");
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
        assert!(add_file(&mut plan, b"ks.cfg", bytes(), 0o600).is_ok());
        assert!(add_file(&mut plan, b"d", bytes(), 0o600).is_err());
    }

    #[test]
    fn directories_on_the_way_are_made_and_those_of_the_disc_are_used() {
        let mut plan = Plan::new(&[]);
        let dir = plan.add(PlanId::ROOT, b"a", Item::Dir, 0o755, None).expect("a name");
        for path in [&b"a/b/one"[..], b"a/b/two", b"c/one"] {
            let id = add_file(&mut plan, path, bytes(), 0o644).expect("free");
            assert_eq!(plan.path(id), path);
        }
        assert_eq!(plan.children(dir).len(), 1, "b is one directory");
        let error = add_file(&mut plan, b"a/b/one", bytes(), 0o644).expect_err("taken");
        assert!(error.to_string().contains("has that path already"), "{error}");
        let error = add_file(&mut plan, b"c/one/x", bytes(), 0o644).expect_err("a file");
        assert!(error.to_string().contains("in the place of a directory"), "{error}");
    }

    #[test]
    fn what_is_no_file_name_is_refused() {
        for path in [&b".."[..], b"a/../b", b"a//b", b"a/", b""] {
            let mut plan = Plan::new(&[]);
            let error = add_file(&mut plan, path, bytes(), 0o644).expect_err("no name");
            assert_eq!(error.kind(), "invalid");
        }
    }

    #[test]
    fn a_tree_of_one_file_takes_no_other() {
        let mut plan = Plan::single(&[], bytes());
        let error = add_file(&mut plan, b"ks.cfg", bytes(), 0o644).expect_err("no directory");
        assert_eq!(error.kind(), "conflict");
    }
}
