//! How a tree on disk differs from a plan: what is not there, and what is there in its stead.
//!
//! Modes and times are no difference. No link on disk is followed.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io;
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use blake3::Hash;
use rayon::prelude::*;
use rustix::fs::{CWD, Mode, OFlags, openat};

use crate::content::Content;
use crate::error::{Error, Result};
use crate::media::printable;
use crate::monitor::Monitor;
use crate::plan::{Item, Plan, PlanId};

/// Bytes that are compared at a time.
const BUFFER: usize = 128 << 10;

/// In what way a path differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// There is nothing.
    Missing,
    /// A file of other bytes.
    Content,
    /// A link that leads elsewhere.
    Link,
    /// A file in the place of a directory, or the like.
    Type,
}

/// A path of a plan that is otherwise on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The node of the plan.
    pub id: PlanId,
    /// In what way.
    pub kind: Kind,
}

/// What a comparison has found.
#[derive(Debug, Default)]
pub struct Compared {
    /// In the order of the plan. What lies in a directory that is missing is missing as well.
    pub differences: Vec<Difference>,
    /// BLAKE3 of each file that is as planned, by [`PlanId::index`].
    pub hashes: Vec<Option<Hash>>,
    /// What is on disk, by [`PlanId::index`], a link itself and not what it leads to.
    pub found: Vec<Option<Metadata>>,
}

/// The path of a node in the tree `live`.
pub fn path_in(plan: &Plan<'_>, live: &Path, id: PlanId) -> PathBuf {
    match id {
        PlanId::ROOT => live.to_owned(),
        _ => live.join(std::ffi::OsStr::from_bytes(&plan.path(id))),
    }
}

/// Compares the tree, or the file, at `live` with `plan`, every byte, on `jobs` threads or one a
/// core.
///
/// # Errors
/// [`Error::Io`] on either side; as [`crate::content::Reader::read_at`]; [`Error::Interrupted`].
pub fn compare(
    plan: &Plan<'_>,
    live: &Path,
    jobs: Option<NonZeroUsize>,
    monitor: &dyn Monitor,
) -> Result<Compared> {
    let mut compared =
        Compared { hashes: vec![None; plan.len()], found: Vec::new(), differences: Vec::new() };
    compared.found.resize_with(plan.len(), || None);
    let files = look(plan, live, &mut compared, monitor)?;
    let total = files.iter().fold(0_u64, |sum, &id| sum.saturating_add(plan.size(id)));
    let pool = crate::threads::pool(jobs)?;
    monitor.start("comparing", total);
    let one = |buffers: &mut Buffers, &id: &PlanId| {
        monitor.current(&printable(&plan.path(id)));
        let hash = same(plan, live, id, buffers, monitor);
        monitor.advance(plan.size(id));
        hash.map(|hash| (id, hash))
    };
    let results: Result<Vec<_>> = pool
        .install(|| files.par_iter().with_max_len(16).map_init(Buffers::default, one).collect());
    monitor.finish();
    for (id, hash) in results? {
        match hash {
            Some(_) => {
                if let Some(place) = compared.hashes.get_mut(id.index()) {
                    *place = hash;
                }
            }
            None => compared.differences.push(Difference { id, kind: Kind::Content }),
        }
    }
    compared.differences.sort_by_key(|difference| difference.id);
    Ok(compared)
}

/// Compares all but bytes; returns the files of equal size.
fn look(
    plan: &Plan<'_>,
    live: &Path,
    compared: &mut Compared,
    monitor: &dyn Monitor,
) -> Result<Vec<PlanId>> {
    let mut files = Vec::new();
    // Directories that are none on disk: what is behind a link is not in the tree.
    let mut absent = HashSet::new();
    for id in std::iter::once(PlanId::ROOT).chain(plan.iter()) {
        monitor.check()?;
        let path = path_in(plan, live, id);
        let behind = id != PlanId::ROOT && absent.contains(&plan.parent(id));
        let disk = match fs::symlink_metadata(&path) {
            _ if behind => None,
            Ok(disk) => Some(disk),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound) => None,
            Err(e) => return Err(Error::io("stat", path, e)),
        };
        let kind = match (plan.item(id), &disk) {
            (_, None) => Some(Kind::Missing),
            (Item::Dir, Some(disk)) => (!disk.is_dir()).then_some(Kind::Type),
            (Item::File(_), Some(disk)) if !disk.is_file() => Some(Kind::Type),
            (Item::File(_), Some(disk)) if disk.len() != plan.size(id) => Some(Kind::Content),
            (Item::File(_), Some(_)) => {
                files.push(id);
                None
            }
            (Item::Link(_), Some(disk)) if !disk.is_symlink() => Some(Kind::Type),
            (Item::Link(target), Some(_)) => {
                let to = fs::read_link(&path).map_err(|e| Error::io("read the link", &path, e))?;
                (to.as_os_str().as_bytes() != &**target).then_some(Kind::Link)
            }
        };
        if let Some(kind) = kind {
            compared.differences.push(Difference { id, kind });
            absent.insert(id);
        }
        if let Some(place) = compared.found.get_mut(id.index()) {
            *place = disk;
        }
    }
    Ok(files)
}

#[derive(Default)]
struct Buffers(Vec<u8>, Vec<u8>);

/// The hash of a file that holds what is planned.
fn same(
    plan: &Plan<'_>,
    live: &Path,
    id: PlanId,
    Buffers(ours, theirs): &mut Buffers,
    monitor: &dyn Monitor,
) -> Result<Option<Hash>> {
    let Item::File(content) = plan.item(id) else { return Ok(None) };
    let path = path_in(plan, live, id);
    // It may have been replaced by something that blocks.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file =
        openat(CWD, &path, flags, Mode::empty()).map_err(|e| Error::io("open", &path, e.into()))?;
    let file = File::from(file);
    let reader = Content::reader(content, plan.discs())?;
    ours.resize(BUFFER, 0);
    theirs.resize(BUFFER, 0);
    let mut hasher = blake3::Hasher::new();
    let mut at = 0;
    while at < reader.len() {
        monitor.check()?;
        let len = usize::try_from(reader.len() - at).unwrap_or(usize::MAX).min(BUFFER);
        reader.read_exact_at(at, &mut ours[..len])?;
        match std::os::unix::fs::FileExt::read_exact_at(&file, &mut theirs[..len], at) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(e) => return Err(Error::io("read", &path, e)),
        }
        if ours[..len] != theirs[..len] {
            return Ok(None);
        }
        hasher.update(&ours[..len]);
        at += len as u64;
    }
    Ok(Some(hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Void;
    use std::os::unix::fs::symlink;

    fn plan() -> Plan<'static> {
        let mut plan = Plan::new(&[]);
        let file = |bytes: &[u8]| Item::File(Content::Bytes(bytes.into()));
        let dir = plan.add(PlanId::ROOT, b"d", Item::Dir, 0o755, None).expect("a name");
        plan.add(dir, b"f", file(b"abc"), 0o644, None).expect("a name");
        plan.add(dir, b"l", Item::Link((*b"f").into()), 0o777, None).expect("a name");
        plan.add(PlanId::ROOT, b"e", file(b""), 0o644, None).expect("a name");
        plan
    }

    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("d")).expect("made");
        fs::write(dir.path().join("d/f"), "abc").expect("written");
        symlink("f", dir.path().join("d/l")).expect("a link");
        fs::write(dir.path().join("e"), "").expect("written");
        dir
    }

    fn differences(live: &Path) -> Vec<(String, Kind)> {
        let plan = plan();
        let compared = compare(&plan, live, None, &Void).expect("compared");
        let named = |d: &Difference| (String::from_utf8(plan.path(d.id)).expect("ASCII"), d.kind);
        compared.differences.iter().map(named).collect()
    }

    #[test]
    fn a_tree_as_planned_has_no_difference_and_its_hashes() {
        let dir = tree();
        let plan = plan();
        let compared = compare(&plan, dir.path(), None, &Void).expect("compared");
        assert_eq!(compared.differences, []);
        let id = plan.find(b"d/f").expect("planned");
        assert_eq!(compared.hashes[id.index()], Some(blake3::hash(b"abc")));
        assert_eq!(compared.found[id.index()].as_ref().expect("there").len(), 3);
    }

    #[test]
    fn every_kind_of_difference_is_told() {
        let dir = tree();
        fs::write(dir.path().join("d/f"), "abd").expect("written");
        fs::remove_file(dir.path().join("d/l")).expect("removed");
        symlink("g", dir.path().join("d/l")).expect("a link");
        fs::remove_file(dir.path().join("e")).expect("removed");
        let expected = [("d/f", Kind::Content), ("d/l", Kind::Link), ("e", Kind::Missing)];
        assert_eq!(differences(dir.path()), expected.map(|(path, kind)| (path.to_owned(), kind)));
    }

    #[test]
    fn what_is_behind_a_link_is_not_in_the_tree() {
        let dir = tree();
        fs::rename(dir.path().join("d"), dir.path().join("other")).expect("renamed");
        symlink("other", dir.path().join("d")).expect("a link");
        let expected = [("d", Kind::Type), ("d/f", Kind::Missing), ("d/l", Kind::Missing)];
        assert_eq!(differences(dir.path()), expected.map(|(path, kind)| (path.to_owned(), kind)));
    }
}
