//! What of a live tree is its owner's: it must outlive a new import.

use std::fs;
use std::path::{Path, PathBuf};

use crate::copy::{Old, OldFile};
use crate::error::{Error, Result};
use crate::manifest;
use crate::monitor::{Monitor, Warning};
use crate::publish::{carry, foreign, save};
use crate::site::known::{anew, hashes, is_edited, known};
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
        let name = &self.record.name;
        let recorded = known(self.root, name)?;
        let lost = recorded.is_none();
        let known = recorded.unwrap_or_default();
        let added = foreign(live, |path| known.contains_key(path), monitor)?;
        if lost && !added.is_empty() {
            let what = format!(
                "is missing: nobody can tell which files of {} are yours: {}",
                live.display(),
                anew(name)
            );
            return Err(Error::conflict(self.root.meta(name), what));
        }
        carry(live, tree, &added, monitor)?;
        for one in added.iter().filter(|one| !one.dir) {
            let message = "is none of the import's files; it is kept in the new tree";
            monitor.warn(Warning::new("foreign-file", one.path.to_string_lossy(), message));
        }
        let hashes = hashes(self.root, name, &known);
        let mut edited = Vec::new();
        for (path, meta) in &known {
            monitor.check()?;
            // A target that is one file has no room for another version beside it.
            if path.as_os_str().is_empty() {
                continue;
            }
            if is_edited(self.record, live, path, meta, hashes.get(path))? {
                edited.push(path);
            }
        }
        edited.sort();
        for path in edited {
            let saved = save(live, tree, path)?;
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
