//! A directory held open, so that what is made in it cannot land anywhere else.
//!
//! No link is followed, neither at the end of a path nor on the way: somebody who plants a link in a
//! tree while it is being written gets an error, not a file of ours behind the link.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path};

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, Timespec, Timestamps, UTIME_OMIT,
};
use rustix::io::Errno;

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

    /// Opens the directory at `path` below this one, which may have any number of components; the empty
    /// path is this directory. What is mounted in a tree is its owner's, and no way out. One call where
    /// the kernel has openat2(2) (5.6) and the sandbox lets it through, else one a component.
    pub(crate) fn descend_beneath(&self, path: &Path) -> io::Result<Self> {
        let resolve = ResolveFlags::BENEATH
            .union(ResolveFlags::NO_SYMLINKS)
            .union(ResolveFlags::NO_MAGICLINKS);
        match openat2(&self.0, path, OPEN | OFlags::NOFOLLOW, resolve) {
            Err(Errno::NOSYS | Errno::PERM) => self.descend_each(path),
            opened => Ok(Self(opened?)),
        }
    }

    /// The same component by component.
    fn descend_each(&self, path: &Path) -> io::Result<Self> {
        let mut dir = self.descend(OsStr::new("."))?;
        for component in path.components() {
            match component {
                Component::Normal(name) => dir = dir.descend(name)?,
                Component::CurDir => {}
                // As the kernel says of a way out.
                _ => return Err(Errno::XDEV.into()),
            }
        }
        Ok(dir)
    }

    /// Gives the directory `name` in this one a mode, though its present one may let nobody in.
    pub(crate) fn set_mode(&self, name: &OsStr, mode: u32) -> io::Result<()> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.0, name, flags, Mode::empty())?;
        // Such a descriptor can be asked for nothing else, and leads to the directory itself.
        let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
    }

    /// The names of the directories in this one.
    pub(crate) fn dirs(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." && self.kind(name)? == Some(FileType::Directory) {
                names.push(name.to_owned());
            }
        }
        Ok(names)
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

    /// Where the link `name` leads to, as it says.
    pub(crate) fn read_link(&self, name: &OsStr) -> io::Result<OsString> {
        let target = rustix::fs::readlinkat(&self.0, name, Vec::new())?;
        Ok(OsString::from_vec(target.into_bytes()))
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

/// openat2(2); the empty path is `dir` itself.
pub(crate) fn openat2(
    dir: impl AsFd,
    path: &Path,
    flags: OFlags,
    resolve: ResolveFlags,
) -> rustix::io::Result<OwnedFd> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let open = || rustix::fs::openat2(&dir, path, flags, Mode::empty(), resolve);
    // A rename elsewhere at the same moment makes the kernel ask for another try.
    (0..16).map(|_| open()).find(|opened| !matches!(opened, Err(Errno::AGAIN))).unwrap_or_else(open)
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
        last_modification: Timespec { tv_sec: mtime.seconds, tv_nsec: mtime.nanoseconds().into() },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_path_is_descended_in_one_call_or_in_many_and_never_out_of_the_directory() {
        let outer = tempfile::tempdir().expect("a directory");
        let top = outer.path().join("top");
        fs::create_dir_all(top.join("a/b")).expect("made");
        fs::create_dir(outer.path().join("out")).expect("made");
        fs::write(top.join("a/file"), "").expect("written");
        symlink("b", top.join("a/inside")).expect("linked");
        symlink("../../out", top.join("a/outside")).expect("linked");
        let dir = Dir::open(&top).expect("there");
        let ways: [fn(&Dir, &Path) -> io::Result<Dir>; 2] =
            [Dir::descend_beneath, Dir::descend_each];
        for (n, way) in ways.into_iter().enumerate() {
            for (k, path) in ["", "a", "a/b", "./a//b"].into_iter().enumerate() {
                let found = way(&dir, Path::new(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
                let name = format!("made-{n}-{k}");
                found.make(OsStr::new(&name)).expect("made");
                assert!(top.join(path).join(&name).is_dir(), "{path}");
            }
            for path in ["a/inside", "a/outside", "a/inside/x", "a/file", "gone", "..", "/"] {
                assert!(way(&dir, Path::new(path)).is_err(), "{path}");
            }
        }
    }

    #[test]
    fn a_mode_is_given_to_a_directory_that_nobody_can_enter_and_to_no_links_target() {
        let top = tempfile::tempdir().expect("a directory");
        for name in ["closed", "target"] {
            fs::create_dir(top.path().join(name)).expect("made");
            fs::set_permissions(top.path().join(name), fs::Permissions::from_mode(0o000))
                .expect("set");
        }
        symlink("target", top.path().join("link")).expect("linked");
        let dir = Dir::open(top.path()).expect("there");
        dir.set_mode(OsStr::new("closed"), 0o700).expect("set");
        assert!(dir.set_mode(OsStr::new("link"), 0o700).is_err());
        let mode =
            |name: &str| fs::metadata(top.path().join(name)).expect("there").permissions().mode();
        assert_eq!((mode("closed") & 0o777, mode("target") & 0o777), (0o700, 0));
        let mut dirs = dir.dirs().expect("readable");
        dirs.sort();
        assert_eq!(dirs, ["closed", "target"]);
    }
}
