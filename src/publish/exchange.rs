//! The one step that makes a tree visible.

use std::ffi::OsStr;
use std::path::PathBuf;

use rustix::fs::{FileType, RenameFlags, renameat, renameat_with};
use rustix::io::Errno;

use super::place::Place;
use super::staging::{Staging, TREE};
use crate::dir::Dir;
use crate::error::{Error, Result};

/// Whether a publication survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Everything is on the disk before it is visible, and the renaming is when the call returns.
    Synced,
    /// The system writes when it likes to.
    None,
}

/// What was at the place before, if anything was; removed when this goes out of scope.
#[derive(Debug)]
#[must_use = "the old tree is removed when this goes out of scope"]
pub struct Replaced {
    staging: Staging,
    /// The old tree's name in the staging directory.
    old: Option<&'static str>,
}

impl Staging {
    /// The old tree's name in the staging directory, where two names cannot be exchanged.
    pub const OLD: &str = "old";

    /// Makes the tree, or the file, visible at `place`, in one step: what is there already is
    /// exchanged for it, and kept in the [`Replaced`].
    ///
    /// # Errors
    /// [`Error::Conflict`] if what is there is of another kind, a link above all; [`Error::Io`] if
    /// it cannot be synced or renamed. What was there is there again then.
    pub fn publish(mut self, place: &Place, durability: Durability) -> Result<Replaced> {
        let dir = self.open()?;
        let ours = dir
            .kind(OsStr::new(TREE))
            .map_err(|e| Error::io("stat", self.tree(), e))?
            .unwrap_or(FileType::Unknown);
        if durability == Durability::Synced {
            rustix::fs::syncfs(&dir).map_err(|e| Error::io("sync", self.path(), e.into()))?;
        }
        let old = match place.kind()? {
            None => {
                create(&dir, place)?;
                None
            }
            Some(theirs) if theirs == ours => Some(self.replace(&dir, place)?),
            Some(_) => {
                let what = match ours {
                    FileType::Directory => "is there and is no directory: move it away",
                    _ => "is there and is no regular file: move it away",
                };
                return Err(Error::conflict(place.path(), what));
            }
        };
        let replaced = Replaced { staging: self, old };
        if durability == Durability::Synced {
            let synced = rustix::fs::fsync(&place.parent).and_then(|()| rustix::fs::fsync(&dir));
            if let Err(e) = synced {
                replaced.undo(place)?;
                return Err(Error::io("sync the directory of", place.path(), e.into()));
            }
        }
        Ok(replaced)
    }

    /// Takes what is at `place` away, in one step, without anything in its stead.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be renamed; then it is where it was.
    pub fn withdraw(self, place: &Place) -> Result<Replaced> {
        let dir = self.open()?;
        renameat(&place.parent, &place.name, &dir, Self::OLD)
            .map_err(|e| Error::io("take away", place.path(), e.into()))?;
        let replaced = Replaced { staging: self, old: Some(Self::OLD) };
        if let Err(e) = rustix::fs::fsync(&dir).and_then(|()| rustix::fs::fsync(&place.parent)) {
            replaced.put_back(place)?;
            return Err(Error::io("sync the directory of", place.path(), e.into()));
        }
        Ok(replaced)
    }

    /// Puts the tree in the place of another; returns the old one's name in the staging directory.
    fn replace(&mut self, dir: &Dir, place: &Place) -> Result<&'static str> {
        let error = |e: Errno| Error::io("put the finished tree at", place.path(), e.into());
        match renameat_with(dir, TREE, &place.parent, &place.name, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(TREE),
            Err(e) if unknown(e) => {
                self.move_aside(dir, place).map_err(error)?;
                Ok(Self::OLD)
            }
            Err(e) => Err(error(e)),
        }
    }

    /// Two renames instead of one exchange; if the second fails, the first is taken back.
    fn move_aside(&mut self, dir: &Dir, place: &Place) -> rustix::io::Result<()> {
        renameat(&place.parent, &place.name, dir, Self::OLD)?;
        renameat(dir, TREE, &place.parent, &place.name).inspect_err(|_| {
            if renameat(dir, Self::OLD, &place.parent, &place.name).is_err() {
                self.keep();
            }
        })
    }
}

impl Replaced {
    /// Where the old tree is now; `None` if there was nothing.
    pub fn old(&self) -> Option<PathBuf> {
        self.old.map(|name| self.staging.path().join(name))
    }

    /// Removes the old tree, and says if that fails; leaving scope is silent.
    ///
    /// # Errors
    /// If something in it cannot be removed.
    pub fn remove(self) -> Result<()> {
        self.staging.remove()
    }

    /// Takes a withdrawal back, where nothing is at `place`.
    fn put_back(mut self, place: &Place) -> Result<()> {
        let dir = self.staging.open()?;
        renameat(&dir, Staging::OLD, &place.parent, &place.name).map_err(|e| {
            self.staging.keep();
            Error::io("put back", place.path(), e.into())
        })
    }

    /// Takes the publication back: what was at `place` before is there again.
    ///
    /// # Errors
    /// If it cannot be renamed; the old tree then stays where [`Replaced::old`] says.
    pub fn undo(mut self, place: &Place) -> Result<()> {
        let dir = self.staging.open()?;
        let undone = match self.old {
            None => renameat(&place.parent, &place.name, &dir, TREE),
            Some(old) => {
                match renameat_with(&dir, old, &place.parent, &place.name, RenameFlags::EXCHANGE) {
                    Err(e) if unknown(e) => renameat(&place.parent, &place.name, &dir, "undone")
                        .and_then(|()| renameat(&dir, old, &place.parent, &place.name)),
                    undone => undone,
                }
            }
        };
        // Before anybody forgets the new tree: else a power cut could bring it back, unrecorded.
        let _ = rustix::fs::fsync(&place.parent).and_then(|()| rustix::fs::fsync(&dir));
        undone.map_err(|e| {
            self.staging.keep();
            let from = self.old().unwrap_or_else(|| place.path().to_owned());
            Error::io("take back the publication: cannot rename", from, e.into())
        })
    }
}

/// Whether the filesystem or the kernel does not know a flag of `renameat2`.
pub(super) fn unknown(e: Errno) -> bool {
    matches!(e, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
}

/// Puts the tree where nothing is.
fn create(dir: &Dir, place: &Place) -> Result<()> {
    let flags = RenameFlags::NOREPLACE;
    let renamed = match renameat_with(dir, TREE, &place.parent, &place.name, flags) {
        // The caller has looked: nothing was there, and what writes here holds the lock.
        Err(e) if unknown(e) => renameat(dir, TREE, &place.parent, &place.name),
        renamed => renamed,
    };
    renamed.map_err(|e| match e {
        Errno::EXIST => Error::conflict(
            place.path(),
            "has come into being while the copy ran: look at it, and run this again",
        ),
        _ => Error::io("put the finished tree at", place.path(), e.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn without_exchange_the_old_tree_is_moved_aside() {
        let top = tempfile::tempdir().expect("a directory");
        let target = top.path().join("live");
        fs::create_dir(&target).expect("create");
        fs::write(target.join("old"), "").expect("write");
        let mut staging = Staging::new(top.path(), "x").expect("staging");
        fs::create_dir(staging.tree()).expect("create");
        let place = Place::at(&target).expect("a place");
        let dir = staging.open().expect("open");
        staging.move_aside(&dir, &place).expect("two renames");
        assert!(!target.join("old").exists());
        assert!(staging.path().join(Staging::OLD).join("old").exists());
    }

    #[test]
    fn without_exchange_a_failure_leaves_the_old_tree_in_place() {
        let top = tempfile::tempdir().expect("a directory");
        let target = top.path().join("live");
        fs::create_dir(&target).expect("create");
        let mut staging = Staging::new(top.path(), "x").expect("staging");
        let place = Place::at(&target).expect("a place");
        let dir = staging.open().expect("open");
        assert!(staging.move_aside(&dir, &place).is_err(), "there is no new tree");
        assert!(target.exists());
    }

    #[test]
    fn what_is_withdrawn_is_gone_with_its_staging_directory() {
        let top = tempfile::tempdir().expect("a directory");
        let target = top.path().join("live");
        fs::create_dir(&target).expect("create");
        fs::write(target.join("f"), "").expect("write");
        let place = Place::at(&target).expect("a place");
        let staging = Staging::new(top.path(), "x").expect("staging");
        let replaced = staging.withdraw(&place).expect("renamed");
        assert!(!target.exists());
        assert!(replaced.old().expect("the tree").join("f").exists());
        replaced.remove().expect("removed");
        assert_eq!(fs::read_dir(top.path()).expect("there").count(), 0);
        let staging = Staging::new(top.path(), "x").expect("staging");
        assert!(staging.withdraw(&place).is_err(), "nothing is there");
    }
}
