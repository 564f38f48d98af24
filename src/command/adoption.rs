//! A tree by hand that becomes an import: what is known of it, and what of it is its owner's.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::owned::{Theirs, theirs};
use crate::difference::{Compared, Difference, Kind, path_in};
use crate::error::{Error, Result};
use crate::media::printable;
use crate::menu::takeover::Own;
use crate::monitor::{Monitor, Warning};
use crate::plan::{Item, Plan, PlanId};
use crate::publish::{Foreign, carry, foreign, save};
use crate::site::Record;

/// The tree as it has been compared with its discs.
pub(super) struct Adoption {
    pub compared: Compared,
    /// The administrator's label that becomes ours.
    pub own: Option<Own>,
}

impl Adoption {
    /// Checks that there is something to adopt at `place`, and that it is nobody's.
    pub(super) fn check(name: &str, old: Option<&Record>, place: &Path) -> Result<()> {
        let refuse = |what: String| Err(Error::conflict(place, what));
        if old.is_some() {
            return refuse(format!(
                "is the import {name} already: import it again with 'pxe-import {name} ISO...'"
            ));
        }
        match fs::symlink_metadata(place) {
            Ok(there) if there.is_dir() || there.is_file() => Ok(()),
            Ok(_) => refuse(
                "is a link, or something else that cannot be adopted: put the tree \
                             itself there"
                    .into(),
            ),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => refuse(format!(
                "is not there: give the directory of the tree with --dir, or import it with \
                 'pxe-import {name} ISO...'"
            )),
            Err(e) => Err(Error::io("stat", place, e)),
        }
    }

    /// Checks that the tree is one of these discs at all: mending another's would mix the two.
    pub(super) fn check_same(
        &self,
        plan: &Plan<'_>,
        live: &Path,
        foreign: &[Foreign],
    ) -> Result<()> {
        let files = plan.files();
        let equal = self.compared.hashes.iter().flatten().count() as u64;
        let missing = |one: &&Difference| one.kind == Kind::Missing;
        let other = self.compared.differences.iter().filter(|one| !missing(one)).count();
        let other = (other + foreign.iter().filter(|one| !one.dir).count()) as u64;
        // A single image is another one or the same: the other is kept beside it.
        let single = *plan.item(PlanId::ROOT) != Item::Dir;
        let most = equal.saturating_mul(2) >= files;
        if single || most || other <= equal || other.saturating_mul(10) < files {
            return Ok(());
        }
        let what = format!(
            "is no tree of these discs: of their {files} files it has {equal}, and {other} others: \
             name the discs that it was made of, or move it away and import"
        );
        Err(Error::conflict(live, what))
    }

    /// The hash of the administrator's label.
    pub(super) fn label(&self) -> Option<&str> {
        self.own.as_ref().map(|own| own.hash.as_str())
    }

    /// What is at `live` and in no disc.
    pub(super) fn foreign(
        plan: &Plan<'_>,
        live: &Path,
        monitor: &dyn Monitor,
    ) -> Result<Vec<Foreign>> {
        let known: HashSet<_> = plan.iter().map(|id| plan.path(id)).collect();
        foreign(live, |path| known.contains(path.as_os_str().as_bytes()), monitor)
    }

    /// What is the administrator's in the tree `live`: added or other than the discs have it.
    pub(super) fn theirs(
        &self,
        plan: &Plan<'_>,
        live: &Path,
        monitor: &dyn Monitor,
    ) -> Result<Theirs> {
        let added = Self::foreign(plan, live, monitor)?.into_iter().map(|one| one.path);
        let edited = self.edited(plan, live).into_iter();
        let edited = edited.map(|id| PathBuf::from(OsStr::from_bytes(&plan.path(id))));
        Ok(theirs(live, added.chain(edited)))
    }

    /// Checks that nothing has changed since the comparison.
    pub(super) fn check_still(&self, plan: &Plan<'_>, live: &Path) -> Result<()> {
        for (id, path) in paths(plan, live) {
            if !self.is_still(id, &path) {
                let what = "has been changed while the tree was compared: run this again";
                return Err(Error::conflict(path, what));
            }
        }
        Ok(())
    }

    fn is_still(&self, id: PlanId, path: &Path) -> bool {
        let then = self.compared.found.get(id.index()).and_then(Option::as_ref);
        let now = fs::symlink_metadata(path).ok();
        match (then, now) {
            (Some(then), Some(now)) => stamp(then) == stamp(&now),
            (then, now) => then.is_none() && now.is_none(),
        }
    }

    /// Puts what the administrator has added into the mended tree, and their own version of a file
    /// beside that of the discs.
    pub(super) fn carry(
        &self,
        plan: &Plan<'_>,
        live: &Path,
        tree: &Path,
        monitor: &dyn Monitor,
    ) -> Result<()> {
        carry(live, tree, &Self::foreign(plan, live, monitor)?, monitor)?;
        for id in self.edited(plan, live) {
            monitor.check()?;
            let path = PathBuf::from(OsStr::from_bytes(&plan.path(id)));
            // A single file has no room in itself: the other version goes beside it.
            let saved = match (id, live.parent(), live.file_name()) {
                (PlanId::ROOT, Some(above), Some(name)) => save(above, above, Path::new(name))?,
                _ => save(live, tree, &path)?,
            };
            let message = format!("differs from the discs: kept as {}", saved.display());
            monitor.warn(Warning::new(
                "edited-file",
                printable(path.as_os_str().as_bytes()),
                message,
            ));
        }
        Ok(())
    }

    /// What is there and differs: a directory in the place of something else is no version of it.
    fn edited(&self, plan: &Plan<'_>, live: &Path) -> Vec<PlanId> {
        let mut ids: Vec<_> = self
            .compared
            .differences
            .iter()
            .filter(|difference| difference.kind != Kind::Missing)
            .map(|difference| difference.id)
            .collect();
        let changed = paths(plan, live)
            .filter(|(id, path)| *plan.item(*id) != Item::Dir && !self.is_still(*id, path));
        ids.extend(changed.map(|(id, _)| id));
        ids.sort();
        ids.dedup();
        ids.retain(|&id| {
            let disk = fs::symlink_metadata(path_in(plan, live, id));
            disk.is_ok_and(|disk| !disk.is_dir())
        });
        ids
    }
}

/// Every node of a plan with its path on disk.
fn paths<'p>(plan: &'p Plan<'_>, live: &'p Path) -> impl Iterator<Item = (PlanId, PathBuf)> + 'p {
    std::iter::once(PlanId::ROOT).chain(plan.iter()).map(|id| (id, path_in(plan, live, id)))
}

/// What tells that a file has been written to, or another is in its place. A directory's time is
/// nobody's concern.
fn stamp(meta: &Metadata) -> (u64, u32, Option<(u64, i64, i64)>) {
    let file = (!meta.is_dir()).then(|| (meta.len(), meta.mtime(), meta.mtime_nsec()));
    (meta.ino(), meta.mode() & 0o170_000, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;
    use crate::difference::compare;
    use crate::monitor::{Collect, Void};

    /// A plan of two files, and the adoption of a tree that has them and one more.
    fn adoption(live: &Path) -> (Plan<'static>, Adoption) {
        let mut plan = Plan::new(&[]);
        for name in ["a", "b"] {
            let content = Content::Bytes((*b"disc").into());
            let item = Item::File(content);
            plan.add(PlanId::ROOT, name.as_bytes(), item, 0o644, None).expect("a name");
            fs::write(live.join(name), "disc").expect("written");
        }
        fs::write(live.join("mine"), "mine").expect("written");
        let compared = compare(&plan, live, None, &Void).expect("compared");
        assert_eq!(compared.differences, []);
        (plan, Adoption { compared, own: None })
    }

    #[test]
    fn a_file_that_changes_after_the_comparison_is_noticed() {
        let live = tempfile::tempdir().expect("a directory");
        let (plan, adoption) = adoption(live.path());
        fs::write(live.path().join("more"), "mine").expect("written");
        adoption.check_still(&plan, live.path()).expect("what is by hand is no concern of it");
        fs::write(live.path().join("b"), "edited").expect("written");
        let error = adoption.check_still(&plan, live.path()).expect_err("changed");
        assert_eq!(error.path(), Some(live.path().join("b").as_path()));
        fs::remove_file(live.path().join("b")).expect("removed");
        assert!(adoption.check_still(&plan, live.path()).is_err());
    }

    #[test]
    fn a_file_that_changes_after_the_comparison_is_saved_all_the_same() {
        let live = tempfile::tempdir().expect("a directory");
        let tree = tempfile::tempdir().expect("a directory");
        let (plan, adoption) = adoption(live.path());
        fs::write(live.path().join("b"), "edited").expect("written");
        fs::write(tree.path().join("b"), "disc").expect("written");
        let monitor = Collect::default();
        adoption.carry(&plan, live.path(), tree.path(), &monitor).expect("carried");
        let read = |name: &str| fs::read_to_string(tree.path().join(name)).expect("there");
        assert_eq!((read("mine"), read("b.pxe-save")), ("mine".into(), "edited".into()));
        assert!(!tree.path().join("a.pxe-save").exists());
        assert_eq!(monitor.warnings().len(), 1);
    }

    #[test]
    fn only_a_tree_or_a_file_that_is_nobodys_can_be_adopted() {
        let dir = tempfile::tempdir().expect("a directory");
        Adoption::check("a", None, dir.path()).expect("a directory");
        let missing = Adoption::check("a", None, &dir.path().join("x")).expect_err("nothing");
        assert!(missing.to_string().contains("is not there"), "{missing}");
        std::os::unix::fs::symlink(".", dir.path().join("l")).expect("a link");
        let link = Adoption::check("a", None, &dir.path().join("l")).expect_err("a link");
        assert!(link.to_string().contains("is a link"), "{link}");
    }
}
