//! Where a finished tree goes.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use crate::dir::Dir;
use crate::error::{Error, Result};

/// A name in a directory that is held open: it stays the same place whatever happens to the path
/// that led there.
#[derive(Debug)]
pub struct Place {
    pub(super) parent: Dir,
    pub(super) name: OsString,
    path: PathBuf,
}

impl Place {
    /// The place that the user named; links on the way are the user's own. Its parent must exist.
    ///
    /// # Errors
    /// If `path` does not end in a name, or its parent cannot be opened.
    pub fn at(path: &Path) -> Result<Self> {
        let name = last(path)?.to_owned();
        let above = path.parent().unwrap_or(Path::new("."));
        let parent = Dir::open(above).map_err(|e| Error::io("open", above, e))?;
        Ok(Self { parent, name, path: path.to_owned() })
    }

    /// `relative` below `root`. Directories on the way that are missing are made (0755). Links on
    /// the way may lead to other places below `root`, and nowhere else.
    ///
    /// # Errors
    /// [`Error::Conflict`] if `relative` is no relative path of names, or the way leads out of
    /// `root` or through a file; [`Error::Io`] if a directory cannot be made.
    pub fn beneath(root: &Path, relative: &Path) -> Result<Self> {
        let path = root.join(relative);
        let name = last(relative)?.to_owned();
        if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(Error::conflict(path, "must be a path inside the root without '..'"));
        }
        let top = Dir::open(root).map_err(|e| Error::io("open", root, e))?;
        let mut parent = top.descend(OsStr::new(".")).map_err(|e| Error::io("open", root, e))?;
        let mut way = PathBuf::new();
        for part in relative.parent().unwrap_or(Path::new("")) {
            way.push(part);
            parent = enter(&top, &way, &parent, part).map_err(|e| blame(e, root, &way))?;
        }
        Ok(Self { parent, name, path })
    }

    /// The path, for messages and for reading what is there.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the directory that is there if nothing is in it, and says whether it did.
    ///
    /// # Errors
    /// [`Error::Io`], but where it is not empty, no directory, in use or another's.
    pub fn remove_if_empty(&self) -> Result<bool> {
        match rustix::fs::unlinkat(&self.parent, &self.name, AtFlags::REMOVEDIR) {
            Ok(()) => Ok(true),
            Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR | Errno::NOENT) => Ok(false),
            Err(Errno::BUSY | Errno::ACCESS | Errno::PERM) => Ok(false),
            Err(e) => Err(Error::io("remove", &self.path, e.into())),
        }
    }

    /// What is there now, a link itself and not what it leads to.
    pub(super) fn kind(&self) -> Result<Option<FileType>> {
        self.parent.kind(&self.name).map_err(|e| Error::io("stat", &self.path, e))
    }
}

fn last(path: &Path) -> Result<&OsStr> {
    path.file_name().ok_or_else(|| Error::conflict(path, "does not end in a name"))
}

/// Opens `way` below `top`, whose last component is `part` in `parent`; makes it if need be.
fn enter(top: &Dir, way: &Path, parent: &Dir, part: &OsStr) -> io::Result<Dir> {
    match open_beneath(top, way, parent, part) {
        Err(e) if e.kind() == io::ErrorKind::NotFound && parent.kind(part)?.is_none() => {
            match rustix::fs::mkdirat(parent, part, Mode::from_raw_mode(0o755)) {
                Ok(()) => {
                    let made = parent.descend(part)?;
                    rustix::fs::fchmod(&made, Mode::from_raw_mode(0o755))?;
                    Ok(made)
                }
                // Another run, which holds another root's lock, was quicker.
                Err(Errno::EXIST) => parent.descend(part),
                Err(e) => Err(e.into()),
            }
        }
        opened => opened,
    }
}

fn open_beneath(top: &Dir, way: &Path, parent: &Dir, part: &OsStr) -> io::Result<Dir> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let open = || rustix::fs::openat2(top, way, flags, Mode::empty(), resolve);
    // A rename elsewhere at the same moment makes the kernel ask for another try.
    let again = |opened: &rustix::io::Result<OwnedFd>| matches!(opened, Err(Errno::AGAIN));
    let opened = (0..16).map(|_| open()).find(|opened| !again(opened));
    match opened.unwrap_or(Err(Errno::AGAIN)) {
        Ok(fd) => Ok(Dir::from_fd(fd)),
        // A kernel before 5.6, or a sandbox that does not know the call: no links at all, then.
        Err(Errno::NOSYS | Errno::PERM) => parent.descend(part),
        Err(e) => Err(e.into()),
    }
}

fn blame(e: io::Error, root: &Path, way: &Path) -> Error {
    let path = root.join(way);
    match Errno::from_io_error(&e) {
        Some(Errno::XDEV | Errno::LOOP) => Error::conflict(
            path,
            format!("is a link that leads out of {}: nothing is written there", root.display()),
        ),
        Some(Errno::NOTDIR) => Error::conflict(path, "is no directory: move it away"),
        Some(Errno::NOENT) => Error::conflict(path, "is a link that leads nowhere: remove it"),
        _ => Error::io("open", path, e),
    }
}
