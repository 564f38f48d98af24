//! The tree on disk: what is at a path below its top, links followed but never out of it.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use crate::dir::Dir;
use crate::error::{Error, Result};

/// The permission to read for those who are neither owner nor of the group.
const OTHERS: u32 = 0o004;

/// Tells a file or directory from every other: device and inode.
pub(super) type Id = (u64, u64);

/// What is at a path.
#[derive(Debug)]
pub(super) enum Found {
    /// A regular file.
    File {
        /// Bytes in it.
        size: u64,
        /// Which file it is.
        id: Id,
    },
    /// A directory.
    Dir(Id),
    /// A regular file that not everybody may read: the web server's user may not.
    Closed,
    /// A FIFO, a socket, a device: never opened.
    Other,
    /// Nothing, or a link that leads to nothing.
    Missing,
    /// A link that leads out of the tree, or in a circle.
    Outside,
    /// It cannot be looked at.
    Unreadable(io::Error),
}

impl Found {
    /// What is wrong with it where a file of at least one byte should be; `None` if nothing is.
    pub(super) fn no_file(&self) -> Option<String> {
        Some(match self {
            Self::File { size: 0, .. } => "is empty".into(),
            Self::File { .. } => return None,
            Self::Dir(_) => "is a directory, not a file".into(),
            Self::Closed => "is closed to the web server's user (chmod o+r mends it)".into(),
            Self::Other => "is no regular file".into(),
            Self::Missing => "is not there".into(),
            Self::Outside => "is a link that leads out of the tree".into(),
            Self::Unreadable(e) => format!("cannot be read: {e}"),
        })
    }
}

/// The top directory, held open.
#[derive(Debug)]
pub(super) struct Tree {
    dir: Dir,
    path: PathBuf,
}

impl Tree {
    /// `None` where there is no directory.
    pub(super) fn open(path: &Path) -> Result<Option<Self>> {
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => {}
            Ok(_) => return Ok(None),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::io("open", path, e)),
        }
        let dir = Dir::open(path).map_err(|e| Error::io("open", path, e))?;
        Ok(Some(Self { dir, path: path.to_owned() }))
    }

    /// What is at `path`; the top is empty.
    pub(super) fn look(&self, path: &str) -> Found {
        let stat = match self.beneath(path, OFlags::PATH) {
            Ok(fd) => rustix::fs::fstat(&fd),
            Err(Errno::NOSYS | Errno::PERM) => {
                return self.real(path).map_or_else(failed, |(_, there)| found(&there));
            }
            Err(e) => Err(e),
        };
        match stat {
            Ok(stat) => of(&stat),
            Err(e) => failed(e.into()),
        }
    }

    /// Opens the regular file at `path`.
    pub(super) fn file(&self, path: &str) -> Result<File, Found> {
        match self.look(path) {
            Found::File { .. } => {}
            other => return Err(other),
        }
        // Somebody may put a FIFO there this moment: do not wait for its other end.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = match self.beneath(path, flags) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOSYS | Errno::PERM) => {
                let (real, _) = self.real(path).map_err(failed)?;
                let mut options = OpenOptions::new();
                let nonblock = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
                options.read(true).custom_flags(nonblock);
                options.open(real).map_err(failed)?
            }
            Err(e) => return Err(failed(e.into())),
        };
        match found(&file.metadata().map_err(failed)?) {
            Found::File { .. } => Ok(file),
            other => Err(other),
        }
    }

    /// The names in the directory at `path` that are UTF-8, sorted, links after all else so that a
    /// directory is met by its own name first; none where there is no directory.
    pub(super) fn names(&self, path: &str) -> Vec<String> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let read = match self.beneath(path, flags) {
            Ok(fd) => rustix::fs::Dir::new(fd),
            Err(Errno::NOSYS | Errno::PERM) => match self.real(path) {
                Ok((real, there)) if there.is_dir() => Dir::open(&real)
                    .map_err(|e| Errno::from_io_error(&e).unwrap_or(Errno::IO))
                    .and_then(|dir| rustix::fs::Dir::read_from(&dir)),
                _ => return Vec::new(),
            },
            Err(_) => return Vec::new(),
        };
        let Ok(read) = read else { return Vec::new() };
        let mut names: Vec<(bool, String)> = read
            .map_while(|entry| entry.ok())
            .filter_map(|entry| {
                let name = entry.file_name().to_str().ok()?;
                Some((entry.file_type() == FileType::Symlink, name.to_owned()))
            })
            .filter(|(_, name)| name != "." && name != "..")
            .collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }

    fn beneath(&self, path: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        let path = if path.is_empty() { "." } else { path };
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let flags = flags | OFlags::CLOEXEC;
        let open = || rustix::fs::openat2(&self.dir, path, flags, Mode::empty(), resolve);
        // A rename elsewhere at the same moment makes the kernel ask for another try.
        let opened = (0..16).map(|_| open()).find(|opened| !matches!(opened, Err(Errno::AGAIN)));
        opened.unwrap_or(Err(Errno::AGAIN))
    }

    /// For a kernel before 5.6, or a sandbox that does not know `openat2`: the path without links,
    /// if that lies in the tree. It is not safe against somebody who changes links meanwhile, who
    /// would gain nothing: what is read is compared with sums, and not shown.
    fn real(&self, path: &str) -> io::Result<(PathBuf, Metadata)> {
        let real = self.path.join(path).canonicalize()?;
        if !real.starts_with(self.path.canonicalize()?) {
            return Err(Errno::XDEV.into());
        }
        let there = fs::symlink_metadata(&real)?;
        Ok((real, there))
    }
}

fn found(there: &Metadata) -> Found {
    let id = (there.dev(), there.ino());
    match there.file_type() {
        kind if kind.is_file() && there.mode() & OTHERS == 0 => Found::Closed,
        kind if kind.is_file() => Found::File { size: there.len(), id },
        kind if kind.is_dir() => Found::Dir(id),
        _ => Found::Other,
    }
}

fn of(stat: &Stat) -> Found {
    let id = (stat.st_dev, stat.st_ino);
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile if stat.st_mode & OTHERS == 0 => Found::Closed,
        FileType::RegularFile => {
            Found::File { size: u64::try_from(stat.st_size).unwrap_or_default(), id }
        }
        FileType::Directory => Found::Dir(id),
        _ => Found::Other,
    }
}

fn failed(e: io::Error) -> Found {
    match Errno::from_io_error(&e) {
        // What is too long for a name cannot be there.
        Some(Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG) => Found::Missing,
        Some(Errno::XDEV | Errno::LOOP) => Found::Outside,
        _ => Found::Unreadable(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn tree(dir: &Path) -> Tree {
        Tree::open(dir).expect("opened").expect("a directory")
    }

    #[test]
    fn links_are_followed_inside_and_never_out() {
        let dir = tempfile::tempdir().expect("a directory");
        let top = dir.path().join("tree");
        fs::create_dir_all(top.join("a")).expect("made");
        fs::write(top.join("a/f"), "abc").expect("written");
        fs::write(dir.path().join("secret"), "abc").expect("written");
        symlink(".", top.join("self")).expect("linked");
        symlink("../self/a/f", top.join("a/in")).expect("linked");
        symlink("../secret", top.join("out")).expect("linked");
        symlink(dir.path().join("secret"), top.join("absolute")).expect("linked");
        symlink("circle", top.join("circle")).expect("linked");
        symlink("nowhere", top.join("dangling")).expect("linked");
        let tree = tree(&top);
        assert!(matches!(tree.look("self/self/a/in"), Found::File { size: 3, .. }));
        assert!(tree.file("a/in").is_ok());
        for out in ["out", "absolute", "circle"] {
            assert!(matches!(tree.look(out), Found::Outside), "{out}");
            assert!(tree.file(out).is_err(), "{out}");
        }
        for missing in ["dangling", "b", "a/f/g", &"x".repeat(300)] {
            assert!(matches!(tree.look(missing), Found::Missing), "{missing}");
        }
        assert!(matches!(tree.look(""), Found::Dir(_)));
        assert_eq!(tree.names("a"), ["f", "in"]);
        assert_eq!(tree.names("out"), [""; 0]);
        assert_eq!(tree.names("")[..2], ["a", "absolute"]);
        // The way of old kernels agrees.
        assert!(tree.real("self/a/in").is_ok_and(|(_, there)| there.len() == 3));
        for out in ["out", "absolute"] {
            let error = tree.real(out).expect_err("leads out");
            assert!(matches!(failed(error), Found::Outside), "{out}");
        }
    }

    #[test]
    fn a_fifo_is_not_opened() {
        let dir = tempfile::tempdir().expect("a directory");
        let fifo = dir.path().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, FileType::Fifo, Mode::RWXU, 0).expect("made");
        // Opening it would wait for a writer for ever.
        assert!(matches!(tree(dir.path()).file("fifo"), Err(Found::Other)));
    }

    #[test]
    fn a_file_or_nothing_is_no_tree() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("f"), "").expect("written");
        assert!(Tree::open(&dir.path().join("f")).expect("no error").is_none());
        assert!(Tree::open(&dir.path().join("g")).expect("no error").is_none());
    }
}
