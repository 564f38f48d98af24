//! What of a live tree is its owner's: it must outlive a new import.

use std::fs;
use std::path::{Path, PathBuf};

use crate::copy::{Old, OldFile};
use crate::error::Result;
use crate::manifest;
use crate::monitor::{Monitor, Warning};
use crate::publish::{carry, foreign, save};
use crate::site::known::{Edits, known};
use crate::site::{Record, Root};

/// The tree of an earlier import.
pub(super) struct Owned<'a> {
    pub root: &'a Root,
    pub record: &'a Record,
}

impl Owned<'_> {
    /// Puts what the administrator has added to the live tree into the new one, and what they have
    /// edited beside the new version of it.
    pub(super) fn carry(&self, live: &Path, tree: &Path, monitor: &dyn Monitor) -> Result<()> {
        let known = known(self.root, &self.record.name)?.unwrap_or_default();
        let added = foreign(live, |path| known.contains_key(path), monitor)?;
        carry(live, tree, &added, monitor)?;
        for one in added.iter().filter(|one| !one.dir) {
            let message = "is none of the import's files; it is kept in the new tree";
            monitor.warn(Warning::new("foreign-file", one.path.to_string_lossy(), message));
        }
        let edits = Edits::new(self.root, self.record, live);
        let mut edited = Vec::new();
        for (path, meta) in &known {
            monitor.check()?;
            if edits.has(path, meta)? {
                edited.push(path);
            }
        }
        edited.sort();
        for path in edited {
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
        let known = known(self.root, &self.record.name).ok()??;
        let text = fs::read_to_string(self.root.manifest(&self.record.name)).ok()?;
        let single = known.contains_key(Path::new(""));
        let entries = manifest::parse(&text).ok()?.into_iter().filter_map(|entry| {
            let path = if single { PathBuf::new() } else { PathBuf::from(entry.path) };
            let meta = known.get(&path)?;
            let (size, mtime) = (meta.size?, meta.reliable_mtime()?);
            Some((entry.hash, OldFile { path, size, mtime }))
        });
        Some(Old::new(live, entries))
    }
}
