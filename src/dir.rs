//! A directory held open, so that what is made in it cannot land anywhere else.
//!
//! Every name is one component and no link is followed: somebody who plants a link in a tree while
//! it is being written gets an error, not a file of ours behind the link.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Timespec, Timestamps, UTIME_OMIT};

use crate::media::Timestamp;

/// An open directory.
#[derive(Debug)]
pub(crate) struct Dir(OwnedFd);

const OPEN: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Dir {
    /// Opens a directory by a path that the user gave: links in it are the user's own.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // `Path::parent` of a bare name is empty and means the working directory.
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        Ok(Self(rustix::fs::openat(CWD, path, OPEN, Mode::empty())?))
    }

    /// Takes a descriptor that is known to be a directory's.
    pub(crate) fn from_fd(fd: OwnedFd) -> Self {
        Self(fd)
    }

    /// Opens the directory `name` in this one.
    pub(crate) fn descend(&self, name: &OsStr) -> io::Result<Self> {
        Ok(Self(rustix::fs::openat(&self.0, name, OPEN | OFlags::NOFOLLOW, Mode::empty())?))
    }

    /// Makes the directory `name`, mode 0700 for now.
    pub(crate) fn make(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::mkdirat(&self.0, name, Mode::RWXU)?)
    }

    /// Creates the file `name` for writing, mode 0600 for now; there must be nothing of that name.
    pub(crate) fn create(&self, name: &OsStr) -> io::Result<File> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        Ok(File::from(rustix::fs::openat(&self.0, name, flags, mode)?))
    }

    /// Opens the regular file `name` for reading.
    pub(crate) fn open_file(&self, name: &OsStr) -> io::Result<File> {
        // What is a pipe meanwhile must not make anybody wait.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(&self.0, name, flags, Mode::empty())?);
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    /// Makes `name` another name of the file `from` in `old`; a link itself, not what it leads to.
    pub(crate) fn hard_link(&self, name: &OsStr, old: &Self, from: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::linkat(&old.0, from, &self.0, name, AtFlags::empty())?)
    }

    /// Makes `name` another name of the file at `path`, which the user gave: links on the way are the
    /// user's own.
    pub(crate) fn hard_link_of(&self, name: &OsStr, path: &Path) -> io::Result<()> {
        Ok(rustix::fs::linkat(CWD, path, &self.0, name, AtFlags::SYMLINK_FOLLOW)?)
    }

    /// Removes the file or link `name`.
    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// What the system knows of `name`, a link itself and not what it leads to.
    pub(crate) fn stat(&self, name: &OsStr) -> io::Result<rustix::fs::Stat> {
        Ok(rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Makes the symbolic link `name` that leads to `target`.
    pub(crate) fn link(
        &self,
        name: &OsStr,
        target: &OsStr,
        mtime: Option<Timestamp>,
    ) -> io::Result<()> {
        rustix::fs::symlinkat(target, &self.0, name)?;
        if let Some(mtime) = mtime {
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            rustix::fs::utimensat(&self.0, name, &times(mtime), flags)?;
        }
        Ok(())
    }

    /// What `name` is, a link itself and not what it leads to; `None` if there is nothing.
    pub(crate) fn kind(&self, name: &OsStr) -> io::Result<Option<FileType>> {
        match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
            Err(rustix::io::Errno::NOENT) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> io::Result<bool> {
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            if !matches!(entry?.file_name().to_bytes(), b"." | b"..") {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl AsFd for Dir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Gives an open file or directory its final mode, whatever the umask, and its time of
/// modification. The last thing to be done to it: writing changes that time.
pub(crate) fn stamp(fd: impl AsFd, mode: u16, mtime: Option<Timestamp>) -> io::Result<()> {
    rustix::fs::fchmod(&fd, Mode::from_raw_mode(mode.into()))?;
    if let Some(mtime) = mtime {
        rustix::fs::futimens(&fd, &times(mtime))?;
    }
    Ok(())
}

fn times(mtime: Timestamp) -> Timestamps {
    Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: mtime.seconds, tv_nsec: mtime.nanoseconds.into() },
    }
}
