//! Publication at a directory of the user's, new or empty.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{RenameFlags, renameat, renameat_with};

use super::exchange::{Durability, unknown};
use super::place::Place;
use super::staging::Staging;
use crate::dir::Dir;
use crate::error::{Error, Result};

/// A tree on its way to a directory: staged as `DIR.partial-*`, beside DIR where that is new,
/// inside where it exists (it may be a mount point, or its parent another's).
#[derive(Debug)]
pub struct Extraction {
    staging: Staging,
    to: Destination,
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
        let mut entries = fs::read_dir(dir).map_err(|e| match e.kind() {
            ErrorKind::NotADirectory => {
                Error::conflict(dir, "is no directory: give one that is new or empty")
            }
            _ => Error::io("read", dir, e),
        })?;
        if entries.next().is_some() {
            return Err(Error::conflict(dir, "is not empty: give one that is new or empty"));
        }
        Ok(true)
    }

    /// Prepares to fill `dir`.
    ///
    /// # Errors
    /// [`Error::Conflict`] if `dir` is there and is no empty directory; [`Error::Io`] if nothing
    /// can be made there.
    pub fn to(dir: &Path) -> Result<Self> {
        let mut prefix: OsString = dir.file_name().unwrap_or("tree".as_ref()).into();
        prefix.push(".partial-");
        if !Self::check(dir)? {
            let place = Place::at(dir)?;
            let above = dir.parent().filter(|above| !above.as_os_str().is_empty());
            let staging = Staging::with_prefix(above.unwrap_or(Path::new(".")), &prefix)?;
            return Ok(Self { staging, to: Destination::New(place) });
        }
        let staging = Staging::with_prefix(dir, &prefix)?;
        Ok(Self { staging, to: Destination::Empty(dir.to_owned()) })
    }

    /// Where the tree is to be written; nothing is there yet.
    pub fn tree(&self) -> PathBuf {
        self.staging.tree()
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
