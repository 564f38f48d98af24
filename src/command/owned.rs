//! What of a live tree is its owner's: it must outlive a new import.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::copy::{Old, OldFile};
use crate::error::{Error, Result};
use crate::manifest;
use crate::meta::{self, Meta};
use crate::monitor::{Monitor, Warning};
use crate::publish::{carry, foreign, save};
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
        let known = self.known()?;
        let added = foreign(live, |path| known.contains_key(path), monitor)?;
        carry(live, tree, &added, monitor)?;
        for one in added.iter().filter(|one| !one.dir) {
            let message = "is none of the import's files; it is kept in the new tree";
            monitor.warn(Warning::new("foreign-file", one.path.to_string_lossy(), message));
        }
        let mut edited = Vec::new();
        for (path, meta) in &known {
            monitor.check()?;
            // A target that is one file has no room for another version beside it.
            if !path.as_os_str().is_empty() && self.is_edited(&live.join(path), path, meta)? {
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

    fn is_edited(&self, file: &Path, path: &Path, meta: &Meta) -> Result<bool> {
        let disk = match fs::symlink_metadata(file) {
            Ok(disk) => disk,
            // Its owner has removed it; the import brings it back.
            Err(_) => return Ok(false),
        };
        if let Some(edited) = meta.is_edited(&disk) {
            return Ok(edited);
        }
        let relative = Path::new("wwwroot").join(&self.record.target).join(path);
        let generated = self.record.files.iter().find(|one| Path::new(&one.path) == relative);
        let Some(generated) = generated else { return Ok(false) };
        let mut hasher = blake3::Hasher::new();
        File::open(file)
            .and_then(|open| hasher.update_reader(open).map(drop))
            .map_err(|e| Error::io("read", file, e))?;
        Ok(hasher.finalize().to_hex().as_str() != generated.blake3)
    }

    /// The files of the live tree that a new one may take over; `None` where it cannot be told which
    /// those are.
    pub(super) fn files(&self, live: &Path) -> Option<Old> {
        let known = self.known().ok()?;
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

    /// The paths of the last import.
    fn known(&self) -> Result<HashMap<PathBuf, Meta>> {
        let path = self.root.meta(&self.record.name);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(Error::io("read", path, e)),
        };
        meta::parse(&text).map_err(|line| {
            let what = format!(
                "line {line} is damaged: it tells which files of the tree are the import's own; move \
                 the tree away and import it anew"
            );
            Error::invalid(path, what)
        })
    }
}
