//! A publication in progress: record and manifest of a tree that is about to become visible.
//!
//! They are on disk before the tree is exchanged, with the identity of the staged tree. Whoever finds
//! them later can tell by the tree that is live whether the exchange has happened, and takes them over
//! or drops them, and makes the links and the menu entries that were still to come: a kill between any
//! two steps leaves nothing half-done.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
use serde::{Deserialize, Serialize};

use super::amendment::Amendment;
use super::atomic::{Fill, sync_dir, write_atomic, write_atomic_by};
use super::name::check_name;
use super::record::{MenuEntry, Record};
use super::removal::Removal;
use super::root::Root;
use super::settings::Settings;
use super::{aside, link, menu, uefi};
use crate::error::{Error, Result};
use crate::menu::{Change, Edit, edit, pxelinux, takeover};
use crate::monitor::{Monitor, Void};

pub(crate) const RECORD: &str = "record.json";
pub(crate) const MANIFEST: &str = "manifest.b3";
pub(crate) const META: &str = "meta";
const TREE: &str = "tree.json";
const LABEL: &str = "label";

/// What tells one directory or file from every other, before and after.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Identity {
    device: (u32, u32),
    inode: u64,
    /// Seconds and nanoseconds; `None` where the filesystem does not record it.
    birth: Option<(i64, u32)>,
}

impl PartialEq for Identity {
    /// The same inode with the same time of birth to the nanosecond is the same tree, whatever its
    /// device is called: btrfs, NFS and the device mapper number devices anew after a power cut.
    fn eq(&self, other: &Self) -> bool {
        let known = self.birth.is_some();
        (self.inode, self.birth) == (other.inode, other.birth)
            && (known || self.device == other.device)
    }
}

impl Eq for Identity {}

impl Identity {
    /// Of what is at `path` itself; `None` if nothing is.
    pub(super) fn of(path: &Path) -> Result<Option<Self>> {
        let wanted = StatxFlags::INO | StatxFlags::BTIME;
        match statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, wanted) {
            Ok(stat) => Ok(Some(Self {
                device: (stat.stx_dev_major, stat.stx_dev_minor),
                inode: stat.stx_ino,
                birth: StatxFlags::from_bits_retain(stat.stx_mask)
                    .contains(StatxFlags::BTIME)
                    .then_some((stat.stx_btime.tv_sec, stat.stx_btime.tv_nsec)),
            })),
            Err(e) if e == rustix::io::Errno::NOENT || e == rustix::io::Errno::NOTDIR => Ok(None),
            Err(e) => Err(Error::io("stat", path, e.into())),
        }
    }
}

/// Record, manifest and meta of an import, not yet in force.
#[derive(Debug)]
pub struct Next<'r> {
    root: &'r Root,
    name: String,
    dir: PathBuf,
}

impl<'r> Next<'r> {
    /// Writes them for the staged tree at `tree`, synced.
    ///
    /// # Errors
    /// [`Error::Io`]; what was written is of no consequence then.
    pub fn prepare(
        root: &'r Root,
        record: &Record,
        manifest: Fill<'_>,
        meta: Fill<'_>,
        tree: &Path,
    ) -> Result<Self> {
        Self::write(root, record, manifest, meta, tree, None)
    }

    /// As [`Next::prepare`], for a tree by hand that becomes an import: at `tree` is the live one, or
    /// its mended successor. Whoever finishes it takes over the administrator's label, too, if its
    /// text has the hash `label` ([`takeover::Own::hash`]).
    ///
    /// # Errors
    /// As [`Next::prepare`].
    pub fn adopt(
        root: &'r Root,
        record: &Record,
        manifest: Fill<'_>,
        meta: Fill<'_>,
        tree: &Path,
        label: Option<&str>,
    ) -> Result<Self> {
        Self::write(root, record, manifest, meta, tree, Some(label.unwrap_or_default()))
    }

    fn write(
        root: &'r Root,
        record: &Record,
        manifest: Fill<'_>,
        meta: Fill<'_>,
        tree: &Path,
        label: Option<&str>,
    ) -> Result<Self> {
        let dir = root.next(&record.name);
        clear(&dir)?;
        DirBuilder::new().mode(0o755).create(&dir).map_err(|e| Error::io("create", &dir, e))?;
        let next = Self { root, name: record.name.clone(), dir };
        let identity = Identity::of(tree)?
            .and_then(|identity| serde_json::to_vec(&identity).ok())
            .unwrap_or_default();
        write_atomic(&next.dir.join(RECORD), &record.to_json(), record.mode())?;
        write_atomic_by(&next.dir.join(MANIFEST), manifest, 0o644)?;
        write_atomic_by(&next.dir.join(META), meta, 0o644)?;
        if let Some(label) = label {
            write_atomic(&next.dir.join(LABEL), label.as_bytes(), 0o644)?;
        }
        // Last: without it the others are of no consequence.
        write_atomic(&next.dir.join(TREE), &identity, 0o644)?;
        sync_dir(&root.state())?;
        Ok(next)
    }

    /// Those of `name` that are written down already.
    pub(super) fn of(root: &'r Root, name: &str) -> Self {
        Self { root, name: name.to_owned(), dir: root.next(name) }
    }

    /// Puts them in force: the tree is live. What UEFI clients are given follows from the records, and is
    /// made before this is forgotten: a kill in between leaves nobody with the old one.
    ///
    /// # Errors
    /// [`Error::Io`]; the next run goes on from there.
    pub fn commit(self, monitor: &dyn Monitor) -> Result<()> {
        let Self { root, name, dir } = &self;
        let files =
            [(META, root.meta(name)), (MANIFEST, root.manifest(name)), (RECORD, root.record(name))];
        for (from, to) in files {
            match fs::rename(dir.join(from), &to) {
                Ok(()) => {}
                // Taken over already, before an earlier attempt was cut short.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(Error::io("replace", to, e)),
            }
        }
        sync_dir(&root.state())?;
        uefi::follow(root, &Settings::load(root).unwrap_or_default(), monitor);
        clear(dir)
    }

    /// Drops them: the tree is not live and never will be.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn discard(self) -> Result<()> {
        // First what gives the others consequence: an adopted tree is live already, and a kill in
        // the middle must not leave a part of them to be put in force.
        match fs::remove_file(self.dir.join(TREE)) {
            Err(e)
                if !matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
            {
                return Err(Error::io("remove", self.dir.join(TREE), e));
            }
            _ => {}
        }
        clear(&self.dir)
    }
}

/// Finishes every removal, and finishes or drops every publication, that an earlier run has left
/// behind. The caller holds the lock.
///
/// # Errors
/// [`Error::Io`]; [`Error::Invalid`] for a record that cannot be read.
pub fn recover(root: &Root) -> Result<()> {
    let state = root.state();
    let entries = match fs::read_dir(&state) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(Error::io("read", state, e)),
    };
    for entry in entries {
        let file = entry.map_err(|e| Error::io("read", &state, e))?.file_name();
        let name = file.to_str().and_then(|file| file.strip_suffix(".next"));
        if let Some(name) = name.filter(|name| check_name(name).is_ok()) {
            recover_one(root, name)?;
        }
    }
    Ok(())
}

/// Whether an earlier run, or one at work, has left a publication to be finished or dropped.
///
/// # Errors
/// [`Error::Io`].
pub fn is_pending(root: &Root) -> Result<bool> {
    let state = root.state();
    let entries = match fs::read_dir(&state) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(Error::io("read", state, e)),
    };
    for entry in entries {
        let file = entry.map_err(|e| Error::io("read", &state, e))?.file_name();
        let name = file.to_str().and_then(|file| file.strip_suffix(".next"));
        if name.is_some_and(|name| check_name(name).is_ok()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The record of `name` that waits to be put in force, if there is one.
///
/// # Errors
/// [`Error::Io`]; as [`Record::parse`].
pub fn record(root: &Root, name: &str) -> Result<Option<Record>> {
    let path = root.next(name).join(RECORD);
    read(&path)?.map(|json| Record::parse(&path, name, &json)).transpose()
}

fn recover_one(root: &Root, name: &str) -> Result<()> {
    if let Some(removal) = Removal::pending(root, name)? {
        return removal.finish(&Void).map(drop);
    }
    if let Some(amendment) = Amendment::pending(root, name)? {
        amendment.finish(&Void)?;
        uefi::follow(root, &Settings::load(root).unwrap_or_default(), &Void);
        return Ok(());
    }
    let next = Next::of(root, name);
    if let Some(record) = record(root, name)? {
        aside::put_back(root, &record)?;
    }
    match live(root, name)? {
        Some(record) => {
            let label = read(&next.dir.join(LABEL))?;
            let label = label.as_deref().map(String::from_utf8_lossy);
            serve(root, &record, label.as_deref());
            next.commit(&Void)
        }
        None => next.discard(),
    }
}

/// Whether the tree of a publication of `name` that is not finished is the one that is served.
///
/// # Errors
/// As [`recover`].
pub fn is_live(root: &Root, name: &str) -> Result<bool> {
    Ok(live(root, name)?.is_some())
}

/// The record of a publication that is not finished, if its tree is the one that is served.
fn live(root: &Root, name: &str) -> Result<Option<Record>> {
    let staged: Option<Identity> =
        read(&root.next(name).join(TREE))?.and_then(|json| serde_json::from_slice(&json).ok());
    // The record is the last to be taken over: once it is, its target is the live one.
    let record = match self::record(root, name)? {
        Some(record) => Some(record),
        None => Record::read(root, name)?,
    };
    let live = match &record {
        Some(record) => Identity::of(&root.target(&record.target))?,
        None => None,
    };
    Ok(record.filter(|_| staged.is_some() && staged == live))
}

/// Makes the links and the menu entries that a publication makes after its tree is live; `label` is
/// that of the administrator's which an adoption was to take over. Where something has been put in
/// their way since, the tree is recorded all the same, and a check will name what is missing.
fn serve(root: &Root, record: &Record, label: Option<&str>) {
    let _ = link::ensure(root, &record.target);
    if record.options.contains_key("no-menu") || record.entries.is_empty() {
        return;
    }
    let settings = Settings::load(root).unwrap_or_default();
    let put = |path: &Path, text: &[u8]| {
        let unchanged = Edit { text: text.to_owned(), change: Change::Unchanged, warnings: vec![] };
        record.entries.iter().try_fold(unchanged, |done, MenuEntry { entry, .. }| {
            let block = pxelinux::block(entry)?;
            let text = match label {
                Some(label) => {
                    let label = Some(label).filter(|label| !label.is_empty());
                    takeover::apply(path, &done.text, &block, &record.target, label)?
                }
                None => done.text,
            };
            edit::upsert(path, &text, &block, &record.blocks(&entry.label), false)
        })
    };
    let _ = menu::update(root, &settings, put, &Void);
}

pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("read", path, e)),
    }
}

pub(super) fn clear(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", dir, e)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
