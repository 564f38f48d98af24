//! Publication at a directory of the user's, new or empty.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, RenameFlags, flock, renameat, renameat_with};

use super::exchange::{Durability, unknown};
use super::place::Place;
use super::remove::remove_tree;
use super::staging::{Staging, TREE};
use crate::dir::Dir;
use crate::error::{Error, Result};

/// How many random letters and digits the name of a staging directory ends in.
const RANDOM: usize = 6;

/// A tree on its way to a directory: staged as `DIR.partial-*`, beside DIR where that is new,
/// inside where it exists (it may be a mount point, or its parent another's).
#[derive(Debug)]
pub struct Extraction {
    staging: Staging,
    to: Destination,
    /// Its lock tells other runs that the staging directory is in use.
    _alive: Option<File>,
}

#[derive(Debug)]
enum Destination {
    New(Place),
    Empty(PathBuf),
}

impl Extraction {
    /// Whether `dir` is there, if it can be filled. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`] if it is there and is no empty directory; [`Error::Io`] if that cannot
    /// be told.
    pub fn check(dir: &Path) -> Result<bool> {
        match fs::symlink_metadata(dir) {
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
            Err(e) => return Err(Error::io("stat", dir, e)),
        }
        let read = |e: io::Error| match e.kind() {
            ErrorKind::NotADirectory => {
                Error::conflict(dir, "is no directory: give one that is new or empty")
            }
            _ => Error::io("read", dir, e),
        };
        for entry in fs::read_dir(dir).map_err(read)? {
            if !is_left_over(&entry.map_err(read)?.path(), &prefix(dir)) {
                return Err(Error::conflict(dir, "is not empty: give one that is new or empty"));
            }
        }
        Ok(true)
    }

    /// Prepares to fill `dir`.
    ///
    /// # Errors
    /// [`Error::Conflict`] if `dir` is there and is no empty directory; [`Error::Io`] if nothing
    /// can be made there.
    pub fn to(dir: &Path) -> Result<Self> {
        let prefix = prefix(dir);
        if !Self::check(dir)? {
            let place = Place::at(dir)?;
            let above = dir.parent().filter(|above| !above.as_os_str().is_empty());
            let staging = Staging::with_prefix(above.unwrap_or(Path::new(".")), &prefix)?;
            return Ok(Self { staging, to: Destination::New(place), _alive: None });
        }
        for entry in fs::read_dir(dir).map_err(|e| Error::io("read", dir, e))? {
            let path = entry.map_err(|e| Error::io("read", dir, e))?.path();
            if is_left_over(&path, &prefix) {
                remove_tree(&path)?;
            }
        }
        let staging = Staging::with_prefix(dir, &prefix)?;
        let alive = File::open(staging.path()).map_err(|e| Error::io("open", staging.path(), e))?;
        // Where the filesystem knows no locks, a second run takes ours for left over. It is the
        // user's own doing to fill one directory twice at the same time.
        let _ = flock(&alive, FlockOperation::NonBlockingLockExclusive);
        Ok(Self { staging, to: Destination::Empty(dir.to_owned()), _alive: Some(alive) })
    }

    /// Where the tree is to be written; nothing is there yet.
    pub fn tree(&self) -> PathBuf {
        self.staging.tree()
    }

    /// Lets go of it as a kill does.
    #[cfg(test)]
    pub(super) fn abandon(mut self) {
        self.staging.keep();
    }

    /// Renames the finished tree, or all that is in it, to where it belongs.
    ///
    /// # Errors
    /// [`Error::Conflict`] if something has come into being there, [`Error::Io`] if it cannot be
    /// renamed. Nothing of the tree is visible then.
    pub fn finish(self) -> Result<()> {
        match self.to {
            Destination::New(place) => self.staging.publish(&place, Durability::None)?.remove(),
            Destination::Empty(dir) => {
                spill(&self.staging, &dir)?;
                self.staging.remove()
            }
        }
    }
}

/// How the names of staging directories begin.
fn prefix(dir: &Path) -> OsString {
    let mut prefix: OsString = dir.file_name().unwrap_or("tree".as_ref()).into();
    prefix.push(".partial-");
    prefix
}

/// Whether this is the staging directory of a run that was killed: by its name, of us alone, with
/// nothing in it but a tree, and locked by nobody.
fn is_left_over(path: &Path, prefix: &OsStr) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes();
    let random = name.strip_prefix(prefix.as_bytes()).unwrap_or_default();
    if random.len() != RANDOM || !random.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let ours = |meta: fs::Metadata| {
        meta.is_dir()
            && meta.mode() & 0o7777 == 0o700
            && meta.uid() == rustix::process::geteuid().as_raw()
    };
    let only_a_tree = |mut entries: fs::ReadDir| {
        entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == TREE))
    };
    let free = |dir: File| flock(&dir, FlockOperation::NonBlockingLockExclusive).is_ok();
    fs::symlink_metadata(path).is_ok_and(ours)
        && fs::read_dir(path).is_ok_and(only_a_tree)
        && File::open(path).is_ok_and(free)
}

/// Renames the entries of the staged tree into `to`, all or none.
fn spill(staging: &Staging, to: &Path) -> Result<()> {
    let from = Dir::open(&staging.tree()).map_err(|e| Error::io("open", staging.path(), e))?;
    let target = Dir::open(to).map_err(|e| Error::io("open", to, e))?;
    let names: Vec<OsString> = fs::read_dir(staging.tree())
        .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect())
        .map_err(|e| Error::io("read", staging.path(), e))?;
    for (done, name) in names.iter().enumerate() {
        let Err(e) = rename_new(&from, &target, name) else { continue };
        for name in names.iter().take(done) {
            let _ = renameat(&target, name, &from, name);
        }
        let path = to.join(name);
        return Err(match e.kind() {
            ErrorKind::AlreadyExists => {
                Error::conflict(path, "has come into being while the copy ran: move it away")
            }
            _ => Error::io("put the finished tree at", path, e),
        });
    }
    Ok(())
}

/// Renames `name` from one directory to another, where nothing of that name is.
fn rename_new(from: &Dir, to: &Dir, name: &OsStr) -> io::Result<()> {
    match renameat_with(from, name, to, name, RenameFlags::NOREPLACE) {
        Err(e) if unknown(e) && to.kind(name)?.is_some() => Err(ErrorKind::AlreadyExists.into()),
        Err(e) if unknown(e) => Ok(renameat(from, name, to, name)?),
        renamed => Ok(renamed?),
    }
}
