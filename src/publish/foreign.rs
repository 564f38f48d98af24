//! What an administrator has put into a live tree: it must outlive a new import.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Stat};
use rustix::io::Errno;

use crate::dir::{Dir, stamp};
use crate::error::{Error, Result};
use crate::media::Timestamp;
use crate::monitor::Monitor;

/// Something in a live tree that no import has put there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Foreign {
    /// From the top of the tree.
    pub path: PathBuf,
    /// Whether it is a directory. What is in it has entries of its own, after it.
    pub dir: bool,
}

/// Everything in `live` that `known` does not know by its path from the top, directories before
/// what is in them, else by name. Links are not followed.
///
/// # Errors
/// If a directory cannot be read.
pub fn foreign(
    live: &Path,
    known: impl Fn(&Path) -> bool,
    monitor: &dyn Monitor,
) -> Result<Vec<Foreign>> {
    let mut found = Vec::new();
    // A target that is one file, or is not there yet, holds nothing.
    if !fs::symlink_metadata(live).is_ok_and(|meta| meta.is_dir()) {
        return Ok(found);
    }
    let mut open = vec![PathBuf::new()];
    while let Some(dir) = open.pop() {
        monitor.check()?;
        let full = live.join(&dir);
        let read = |e| Error::io("read", &full, e);
        for entry in fs::read_dir(&full).map_err(read)? {
            let entry = entry.map_err(read)?;
            let path = dir.join(entry.file_name());
            let is_dir = entry.file_type().map_err(read)?.is_dir();
            if !known(&path) {
                found.push(Foreign { path: path.clone(), dir: is_dir });
            }
            if is_dir {
                open.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Puts what is foreign in `live` into `tree`, the staged new one, at the same paths, with modes
/// and mtimes: as hard links where that can be, else as copies. Directories that the new tree has
/// as well are no conflict.
///
/// # Errors
/// [`Error::Conflict`] naming the live path if the new tree has something else there, or the thing
/// is neither file, directory nor link; [`Error::Io`] if it cannot be carried over.
pub fn carry(live: &Path, tree: &Path, foreign: &[Foreign], monitor: &dyn Monitor) -> Result<()> {
    let mut made = Vec::new();
    for Foreign { path, .. } in foreign {
        monitor.check()?;
        carry_one(live, tree, path, path, &mut made)?;
    }
    // Now that nothing is made in them any more.
    for path in made.iter().rev() {
        let from = live.join(path);
        let (old, name) = old(live, path)?;
        let stat = old.stat(name).map_err(|e| Error::io("stat", &from, e))?;
        let dir = enter(live, tree, path, &mut Vec::new())?;
        keep(&dir, &stat).map_err(|e| Error::io("carry over", &from, e))?;
    }
    Ok(())
}

/// What a file of the import is saved as where its owner has edited it.
const SAVE: &str = ".pxe-save";

/// Puts the edited file `path` of `live` into `tree` under a name of its own beside the new version:
/// `NAME.pxe-save`, or with a number behind it where there is one already. Returns that path.
///
/// # Errors
/// As [`carry`].
pub fn save(live: &Path, tree: &Path, path: &Path) -> Result<PathBuf> {
    let suffixes = (1..).map(|n| if n == 1 { SAVE.to_owned() } else { format!("{SAVE}.{n}") });
    for suffix in suffixes.take(1000) {
        let mut to = path.to_owned().into_os_string();
        to.push(suffix);
        let to = PathBuf::from(to);
        if fs::symlink_metadata(tree.join(&to)).is_err() {
            carry_one(live, tree, path, &to, &mut Vec::new())?;
            return Ok(to);
        }
    }
    Err(Error::conflict(live.join(path), "has been edited and saved too often: move it away"))
}

/// Puts one thing of `live` at `path` into `tree` at `to`.
fn carry_one(
    live: &Path,
    tree: &Path,
    path: &Path,
    to: &Path,
    made: &mut Vec<PathBuf>,
) -> Result<()> {
    let from = live.join(path);
    let (Some(name), parent) = (to.file_name(), to.parent().unwrap_or(Path::new(""))) else {
        return Err(Error::conflict(from, "does not end in a name"));
    };
    let dir = enter(live, tree, parent, made)?;
    let (old, old_name) = old(live, path)?;
    let stat = old.stat(old_name).map_err(|e| Error::io("stat", &from, e))?;
    if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
        make(live, &dir, to, name, made)?;
        return Ok(());
    }
    put((&old, old_name), &stat, &dir, name).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => in_the_way(&from),
        io::ErrorKind::Unsupported => Error::conflict(
            &from,
            "is neither file, directory nor link and would be lost: move it away",
        ),
        _ => Error::io("carry over", &from, e),
    })
}

/// The directory in the live tree that `path` is in, reached through no link, and the name there.
fn old<'p>(live: &Path, path: &'p Path) -> Result<(Dir, &'p OsStr)> {
    let above = path.parent().unwrap_or(Path::new(""));
    let open = || Dir::open(live)?.descend_beneath(above);
    let dir = open().map_err(|e| Error::io("open", live.join(above), e))?;
    Ok((dir, path.file_name().unwrap_or_default()))
}

fn in_the_way(path: &Path) -> Error {
    Error::conflict(
        path,
        "was put there by hand, and the new tree has a file of that name: move it away",
    )
}

/// Opens the directory `path` of the new tree; what is missing on the way is made, for the live
/// tree has it.
fn enter(live: &Path, tree: &Path, path: &Path, made: &mut Vec<PathBuf>) -> Result<Dir> {
    let mut dir = Dir::open(tree).map_err(|e| Error::io("open", tree, e))?;
    let mut way = PathBuf::new();
    for name in path {
        way.push(name);
        dir = make(live, &dir, &way, name, made)?;
    }
    Ok(dir)
}

/// Opens the directory `name` of the new tree, makes it if there is nothing.
fn make(
    live: &Path,
    parent: &Dir,
    path: &Path,
    name: &OsStr,
    made: &mut Vec<PathBuf>,
) -> Result<Dir> {
    let there = match parent.make(name) {
        Ok(()) => {
            made.push(path.to_owned());
            false
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => true,
        Err(e) => return Err(Error::io("carry over", live.join(path), e)),
    };
    parent.descend(name).map_err(|e| match Errno::from_io_error(&e) {
        Some(Errno::NOTDIR | Errno::LOOP) if there => in_the_way(&live.join(path)),
        _ => Error::io("carry over", live.join(path), e),
    })
}

fn put((old, from): (&Dir, &OsStr), stat: &Stat, dir: &Dir, name: &OsStr) -> io::Result<()> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Symlink => return dir.link(name, &old.read_link(from)?, Some(mtime(stat))),
        FileType::RegularFile => {}
        _ => return Err(io::ErrorKind::Unsupported.into()),
    }
    match dir.hard_link(name, old, from) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(e),
        // Another filesystem, one without hard links, or another's file: see protected_hardlinks
        // in proc(5).
        Err(_) => {
            let mut out = dir.create(name)?;
            io::copy(&mut old.open_file(from)?, &mut out)?;
            keep(&out, stat)
        }
    }
}

/// Gives what was made the owner, where that is allowed, the mode and the mtime of the original.
fn keep(fd: &impl std::os::fd::AsFd, stat: &Stat) -> io::Result<()> {
    let owner = rustix::fs::Uid::from_raw(stat.st_uid);
    let group = rustix::fs::Gid::from_raw(stat.st_gid);
    // Bits that lend the owner's rights are the owner's to give.
    let bits = match rustix::fs::fchown(fd, Some(owner), Some(group)) {
        Ok(()) => 0o7777,
        Err(_) => 0o777,
    };
    let mode = u16::try_from(stat.st_mode & bits).unwrap_or(0o644);
    stamp(fd, mode, Some(mtime(stat)))
}

fn mtime(stat: &Stat) -> Timestamp {
    Timestamp::new(stat.st_mtime, u32::try_from(stat.st_mtime_nsec).unwrap_or(0))
}
