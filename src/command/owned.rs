//! What of a live tree is its owner's: it must outlive a new import.

use std::fs;
use std::io::BufReader;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::copy::{Old, OldFile};
use crate::error::{Error, Result};
use crate::manifest;
use crate::meta::Meta;
use crate::monitor::{Monitor, Warning};
use crate::path_map::PathMap;
use crate::publish::{Foreign, carry, foreign, save};
use crate::site::known::{Edits, anew, known};
use crate::site::{Record, Root};

/// The tree of an earlier import.
pub(super) struct Owned<'a> {
    pub root: &'a Root,
    pub record: &'a Record,
}

/// What is the administrator's in a tree of ours.
pub(super) struct Finds {
    added: Vec<Foreign>,
    /// Paths from the top, in order.
    edited: Vec<PathBuf>,
}

impl Finds {
    /// Both, to be compared with what is there later.
    pub(super) fn theirs(&self, live: &Path) -> Theirs {
        theirs(live, self.added.iter().map(|one| &one.path).chain(&self.edited).cloned())
    }
}

/// What is the administrator's in a tree: paths from its top with their inodes, in order. One that is
/// written to in place is the same, and its name in the new tree sees it.
pub(super) type Theirs = Vec<(PathBuf, u64)>;

/// These paths of the tree `live`, in order.
pub(super) fn theirs(live: &Path, paths: impl IntoIterator<Item = PathBuf>) -> Theirs {
    let full = |path: &Path| match path.as_os_str().is_empty() {
        true => live.to_owned(),
        false => live.join(path),
    };
    let inode = |path: &Path| full(path).symlink_metadata().map_or(0, |there| there.ino());
    let mut all: Theirs = paths
        .into_iter()
        .map(|path| (inode(&path), path))
        .map(|(inode, path)| (path, inode))
        .collect();
    all.sort_unstable();
    all
}

impl Owned<'_> {
    /// What the import has put into its tree; `None` where that is not recorded any more.
    pub(super) fn known(&self) -> Result<Option<PathMap<Meta>>> {
        known(self.root, &self.record.name)
    }

    /// Looks through the tree `live` for what is not as `known` has it.
    pub(super) fn look(
        &self,
        known: &PathMap<Meta>,
        live: &Path,
        monitor: &dyn Monitor,
    ) -> Result<Finds> {
        let added = foreign(live, |path| known.contains(path), monitor)?;
        let edits = Edits::new(self.root, self.record, live);
        let mut edited = Vec::new();
        for (path, meta) in known.iter() {
            monitor.check()?;
            if edits.has(path, meta)? {
                edited.push(path.to_owned());
            }
        }
        Ok(Finds { added, edited })
    }

    /// What is said where it is not recorded what the import has put into its tree, and there are files
    /// in that.
    pub(super) fn lost(&self, live: &Path) -> Error {
        let what = format!(
            "is missing: nobody can tell which files of {} are yours: {}",
            live.display(),
            anew(&self.record.name)
        );
        Error::conflict(self.root.meta(&self.record.name), what)
    }

    /// Puts what the administrator has added to the live tree into the new one, and what they have
    /// edited beside the new version of it.
    pub(super) fn carry(
        &self,
        finds: &Finds,
        live: &Path,
        tree: &Path,
        monitor: &dyn Monitor,
    ) -> Result<()> {
        let Finds { added, edited } = finds;
        carry(live, tree, added, monitor)?;
        for one in added.iter().filter(|one| !one.dir) {
            let message = "is none of the import's files; it is kept in the new tree";
            monitor.warn(Warning::new("foreign-file", one.path.to_string_lossy(), message));
        }
        for path in edited {
            // The new tree may have been given it as its owner has it.
            if !path.as_os_str().is_empty() && same(&live.join(path), &tree.join(path)) {
                continue;
            }
            // A target that is one file has no room in itself: the other version goes beside it.
            let (path, saved) = match (path.file_name(), live.parent(), live.file_name()) {
                (None, Some(above), Some(name)) => {
                    (Path::new(name), save(above, above, Path::new(name))?)
                }
                _ => (path.as_path(), save(live, tree, path)?),
            };
            let message =
                format!("has been edited since it was imported: kept as {}", saved.display());
            monitor.warn(Warning::new("edited-file", path.to_string_lossy(), message));
        }
        Ok(())
    }

    /// The files of the live tree that a new one may take over; `None` where it cannot be told which
    /// those are.
    pub(super) fn files(&self, live: &Path) -> Option<Old> {
        let known = self.known().ok()??;
        let single = known.contains(Path::new(""));
        let manifest = fs::File::open(self.root.manifest(&self.record.name)).ok()?;
        let entries = manifest::read(BufReader::new(manifest)).filter_map(|entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error)),
            };
            let path = if single { PathBuf::new() } else { PathBuf::from(entry.path) };
            let meta = known.get(&path)?;
            let (size, mtime) = (meta.size()?, meta.reliable_mtime()?);
            Some(Ok((path, OldFile { hash: entry.hash, size, mtime })))
        });
        Some(Old::new(live, entries.collect::<Result<_, _>>().ok()?))
    }
}

/// Whether both are files of the same bytes.
fn same(a: &Path, b: &Path) -> bool {
    let read = |path: &Path| {
        let there = path.symlink_metadata().ok().filter(|there| there.is_file())?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(fs::File::open(path).ok()?).ok()?;
        Some((there.len(), hasher.finalize()))
    };
    read(a).is_some_and(|a| Some(a) == read(b))
}

/// What tells the thing at `path`, a link itself, from another in its place.
pub(super) fn standing(path: &Path) -> Option<(u64, u64)> {
    path.symlink_metadata().ok().map(|there| (there.dev(), there.ino()))
}

pub(super) fn changed(place: &Path) -> Error {
    let what = "has been changed while the copy ran: look at it, and run this again";
    Error::conflict(place, what)
}
