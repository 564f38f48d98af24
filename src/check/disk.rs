//! A tree on disk as it is: every path in it, and no link followed.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use crate::dir::openat2;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::path_map::{Builder, PathMap};

/// What one path is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A directory.
    Dir,
    /// A regular file.
    File,
    /// A symbolic link with its text.
    Link(Box<OsStr>),
    /// A pipe, a socket, a device.
    Other,
}

/// One path as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// What it is.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Permission bits.
    pub mode: u32,
}

/// All that was seen.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// By path from the top, which is empty for the top itself.
    pub seen: PathMap<Seen>,
    /// Directories that could not be read.
    pub failed: BTreeMap<PathBuf, io::Error>,
}

/// The target of an import: a tree or a file, by the directory that it lies in.
#[derive(Debug)]
pub(super) struct Disk {
    parent: OwnedFd,
    name: OsString,
}

const DIR: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// Never waits for a pipe's other end, never makes a terminal ours.
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

impl Disk {
    /// What is called `relative` below `root`. Links above it may lead to other places in the root.
    pub(super) fn open(root: &Path, relative: &Path) -> io::Result<Self> {
        let top = rustix::fs::openat(CWD, root, DIR, Mode::empty())?;
        let above = relative.parent().unwrap_or(Path::new(""));
        let name = relative.file_name().unwrap_or_default().to_owned();
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let parent = match openat2(&top, above, DIR, resolve) {
            Err(Errno::NOSYS | Errno::PERM) => descend(&top, above)?,
            opened => opened?,
        };
        Ok(Self { parent, name })
    }

    /// Everything in it; what is below a directory that `enter` does not want is left out.
    pub(super) fn walk(
        &self,
        enter: impl Fn(&Path) -> bool,
        monitor: &dyn Monitor,
    ) -> Result<Walk> {
        let mut walk = Walk::default();
        let top = match see(&self.parent, &self.name) {
            Ok(Some(top)) => top,
            Ok(None) => return Ok(walk),
            Err(e) => {
                walk.failed.insert(PathBuf::new(), e);
                return Ok(walk);
            }
        };
        let mut open = if top.kind == Kind::Dir { vec![PathBuf::new()] } else { Vec::new() };
        let mut all = Builder::new();
        all.push(Path::new(""), top);
        while let Some(dir) = open.pop() {
            monitor.check()?;
            let mut names = Vec::new();
            if let Err(e) = self.list(&dir, &mut names) {
                walk.failed.insert(dir.clone(), e);
            }
            for (name, seen) in names {
                let path = dir.join(name);
                if seen.kind == Kind::Dir && enter(&path) {
                    open.push(path.clone());
                }
                all.push(&path, seen);
            }
        }
        walk.seen = all.build();
        Ok(walk)
    }

    fn list(&self, dir: &Path, out: &mut Vec<(OsString, Seen)>) -> io::Result<()> {
        let fd = self.open_at(dir, DIR | OFlags::NOFOLLOW)?;
        for entry in rustix::fs::Dir::read_from(&fd)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let name = OsString::from_vec(name.to_vec());
            // What vanishes meanwhile is not there.
            if let Some(seen) = see(&fd, &name)? {
                out.push((name, seen));
            }
        }
        Ok(())
    }

    /// Opens the file at `path` in the tree for reading.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::InvalidInput`] for what is no regular file.
    pub(super) fn file(&self, path: &Path) -> io::Result<File> {
        let file = File::from(self.open_at(path, FILE)?);
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }

    fn open_at(&self, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
        let whole = Path::new(&self.name).join(path);
        let whole = if path.as_os_str().is_empty() { Path::new(&self.name) } else { &whole };
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        match openat2(&self.parent, whole, flags, resolve) {
            // A kernel before 5.6, or a sandbox that does not know the call.
            Err(Errno::NOSYS | Errno::PERM) => {
                let above = whole.parent().unwrap_or(Path::new(""));
                let dir = descend(&self.parent, above)?;
                let name = whole.file_name().unwrap_or_default();
                Ok(rustix::fs::openat(dir, name, flags | OFlags::NOFOLLOW, Mode::empty())?)
            }
            opened => Ok(opened?),
        }
    }
}

/// Opens a directory component by component, following no link.
fn descend(top: &OwnedFd, path: &Path) -> io::Result<OwnedFd> {
    let flags = DIR | OFlags::NOFOLLOW;
    let mut dir = rustix::fs::openat(top, ".", flags, Mode::empty())?;
    for name in path {
        dir = rustix::fs::openat(&dir, name, flags, Mode::empty())?;
    }
    Ok(dir)
}

fn see(dir: impl AsFd, name: &OsStr) -> io::Result<Option<Seen>> {
    let stat = match rustix::fs::statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => stat,
        Err(Errno::NOENT) => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Kind::Dir,
        FileType::RegularFile => Kind::File,
        FileType::Symlink => {
            let text = rustix::fs::readlinkat(&dir, name, Vec::new())?;
            Kind::Link(OsStr::from_bytes(text.to_bytes()).into())
        }
        _ => Kind::Other,
    };
    Ok(Some(Seen {
        kind,
        size: u64::try_from(stat.st_size).unwrap_or(0),
        mtime: stat.st_mtime,
        mode: stat.st_mode & 0o7777,
    }))
}
