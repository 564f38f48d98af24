//! The tree on disk that a copy makes: its directories first, its links last.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::FileType;
use rustix::io::Errno;

use super::Copied;
use crate::dir::{Dir, stamp};
use crate::error::{Error, Result};
use crate::media::Image;
use crate::monitor::Monitor;
use crate::plan::{Item, Plan, PlanId};

/// Where a plan is being written.
pub(super) struct Output<'r> {
    plan: &'r Plan<'r>,
    /// For messages.
    path: PathBuf,
    /// The directory that the top is in, and the top's name there.
    parent: Dir,
    name: OsString,
    /// The top; `None` for a plan of one file.
    top: Option<Dir>,
}

/// The directory that was last used: files that follow each other on a disc are mostly in one.
#[derive(Default)]
pub(super) struct Last(Option<(PlanId, Dir)>);

impl<'r> Output<'r> {
    /// Makes the top directory, or takes an empty one that is there.
    pub(super) fn create(plan: &'r Plan<'r>, path: &Path) -> Result<Self> {
        let name = path.file_name().ok_or_else(|| {
            Error::conflict(path, "names no new directory: give a path that ends in a name")
        })?;
        let above = path.parent().unwrap_or(Path::new("."));
        let parent = Dir::open(above).map_err(|e| Error::io("open", above, e))?;
        let top = match plan.item(PlanId::ROOT) {
            Item::File(_) => None,
            Item::Dir | Item::Link(_) => Some(make_top(&parent, name, path)?),
        };
        Ok(Self { plan, path: path.to_owned(), parent, name: name.to_owned(), top })
    }

    /// A directory on the filesystem that is written to.
    pub(super) fn dir(&self) -> &Dir {
        self.top.as_ref().unwrap_or(&self.parent)
    }

    /// The path of a node, for messages.
    pub(super) fn path(&self, id: PlanId) -> PathBuf {
        if id == PlanId::ROOT {
            return self.path.clone();
        }
        self.path.join(OsStr::from_bytes(&self.plan.path(id)))
    }

    /// Opens a directory of the plan, from the top down and through no link.
    fn open(&self, id: PlanId) -> Result<Dir> {
        let top = self.top.as_ref().unwrap_or(&self.parent);
        let path = self.plan.path(id);
        top.descend_beneath(Path::new(OsStr::from_bytes(&path)))
            .map_err(|e| Error::io("open", self.path(id), e))
    }

    /// The directory that a node is in.
    fn parent<'l>(&self, id: PlanId, last: &'l mut Last) -> Result<&'l Dir> {
        let parent = self.plan.parent(id);
        let kept = last.0.take().filter(|(kept, _)| *kept == parent);
        let kept = match kept {
            Some(kept) => kept,
            None => (parent, self.open(parent)?),
        };
        Ok(&last.0.insert(kept).1)
    }

    fn name(&self, id: PlanId) -> &OsStr {
        if id == PlanId::ROOT { &self.name } else { OsStr::from_bytes(self.plan.name(id)) }
    }

    /// Creates a file of the plan, empty and private.
    pub(super) fn create_file(&self, id: PlanId, last: &mut Last) -> Result<File> {
        let dir = self.parent(id, last)?;
        dir.create(self.name(id)).map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Error::conflict(self.path(id), "is there already: nothing is written over it")
            }
            _ => Error::io("create", self.path(id), e),
        })
    }

    /// Makes a file of the plan a hard link to `from` in `old`. False, and nothing is made, where
    /// that cannot be, or `from` has not this file's size, mode and mtime, or is the file `not`.
    pub(super) fn link_file(
        &self,
        id: PlanId,
        last: &mut Last,
        (old, from): (&Dir, &OsStr),
        not: Option<&File>,
    ) -> Result<bool> {
        let (size, mode, mtime) = (self.plan.size(id), self.plan.mode(id), self.plan.mtime(id));
        let dir = self.parent(id, last)?;
        let name = self.name(id);
        if dir.hard_link(name, old, from).is_err() {
            return Ok(false);
        }
        // Looked at only now, so that it cannot become another file in between.
        let looks = |stat: &rustix::fs::Stat| {
            FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
                && u64::try_from(stat.st_size) == Ok(size)
                && stat.st_mode & 0o7777 == u32::from(mode)
                && not.is_none_or(|not| !is_file(stat, not))
                // Not every filesystem keeps nanoseconds.
                && mtime.is_some_and(|mtime| {
                    mtime.seconds == stat.st_mtime
                        && (stat.st_mtime_nsec == 0
                            || u64::from(mtime.nanoseconds()) == stat.st_mtime_nsec)
                })
        };
        let stat = dir.stat(name).map_err(|e| Error::io("stat", self.path(id), e))?;
        if looks(&stat) {
            return Ok(true);
        }
        self.remove_file(id, last)?;
        Ok(false)
    }

    /// Makes a file of the plan a hard link to the image: the same file under another name, which
    /// nothing here writes to.
    pub(super) fn link_image(&self, id: PlanId, last: &mut Last, image: &Image) -> Result<()> {
        let path = image.path();
        let fail = |what: &str| {
            let what = format!("cannot be linked to as {}: {what}", self.path(id).display());
            Error::conflict(path, what)
        };
        let regular = |file: &&File| file.metadata().is_ok_and(|meta| meta.is_file());
        let file = image
            .file()
            .filter(regular)
            .ok_or_else(|| fail("it is no regular file: leave out --link-iso"))?;
        let dir = self.parent(id, last)?;
        dir.hard_link_of(self.name(id), path).map_err(|e| match Errno::from_io_error(&e) {
            Some(Errno::XDEV) => fail(
                "it lies on another filesystem: move it to that of the web root, or leave out \
                     --link-iso, which copies it",
            ),
            Some(Errno::PERM | Errno::ACCESS) => fail(
                "the system does not let this user link to it (fs.protected_hardlinks wants its \
                     owner): leave out --link-iso, which copies it",
            ),
            Some(Errno::MLINK) => fail("it has too many names: leave out --link-iso"),
            Some(Errno::OPNOTSUPP | Errno::NOSYS) => {
                fail("the filesystem has no hard links: leave out --link-iso")
            }
            _ => Error::io("link to", path, e),
        })?;
        // Looked at only now, so that it cannot become another file in between.
        let stat = dir.stat(self.name(id)).map_err(|e| Error::io("stat", self.path(id), e))?;
        if is_file(&stat, file) {
            return Ok(());
        }
        self.remove_file(id, last)?;
        Err(fail("it has been replaced while it was read: run this again"))
    }

    /// Takes a file away that was made a moment ago.
    pub(super) fn remove_file(&self, id: PlanId, last: &mut Last) -> Result<()> {
        let dir = self.parent(id, last)?;
        dir.remove(self.name(id)).map_err(|e| Error::io("remove", self.path(id), e))
    }

    /// Gives a file that is complete its mode and mtime.
    pub(super) fn finish_file(&self, id: PlanId, file: &File) -> Result<()> {
        stamp(file, self.plan.mode(id), self.plan.mtime(id))
            .map_err(|e| Error::io("set the mode and time of", self.path(id), e))
    }

    fn dirs(&self) -> impl DoubleEndedIterator<Item = PlanId> {
        let is_dir = |&id: &PlanId| matches!(self.plan.item(id), Item::Dir);
        self.plan.iter().filter(is_dir).collect::<Vec<_>>().into_iter()
    }

    /// Makes all directories, parents before children.
    pub(super) fn make_dirs(&self, monitor: &dyn Monitor) -> Result<Copied> {
        let mut copied = Copied { dirs: u64::from(self.top.is_some()), ..Copied::default() };
        let mut last = Last::default();
        for id in self.dirs() {
            monitor.check()?;
            let dir = self.parent(id, &mut last)?;
            dir.make(self.name(id)).map_err(|e| Error::io("create", self.path(id), e))?;
            copied.dirs += 1;
        }
        Ok(copied)
    }

    /// Makes all symbolic links; returns how many. After the files, so that no file can be
    /// written through one.
    pub(super) fn make_links(&self, monitor: &dyn Monitor) -> Result<u64> {
        let mut links = 0;
        let mut last = Last::default();
        for id in self.plan.iter() {
            let Item::Link(target) = self.plan.item(id) else { continue };
            monitor.check()?;
            let dir = self.parent(id, &mut last)?;
            dir.link(self.name(id), OsStr::from_bytes(target), self.plan.mtime(id))
                .map_err(|e| Error::io("create", self.path(id), e))?;
            links += 1;
        }
        Ok(links)
    }

    /// Gives all directories their modes and mtimes, children before parents.
    pub(super) fn finish_dirs(&self, monitor: &dyn Monitor) -> Result<()> {
        let finish = |id, dir: &Dir| {
            stamp(dir, self.plan.mode(id), self.plan.mtime(id))
                .map_err(|e| Error::io("set the mode and time of", self.path(id), e))
        };
        for id in self.dirs().rev() {
            monitor.check()?;
            finish(id, &self.open(id)?)?;
        }
        self.top.as_ref().map_or(Ok(()), |top| finish(PlanId::ROOT, top))
    }
}

/// Whether `stat` is that of the open file.
fn is_file(stat: &rustix::fs::Stat, file: &File) -> bool {
    file.metadata().is_ok_and(|meta| (meta.dev(), meta.ino()) == (stat.st_dev, stat.st_ino))
}

fn make_top(parent: &Dir, name: &OsStr, path: &Path) -> Result<Dir> {
    let made = match parent.make(name) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => false,
        made => made.map(|()| true).map_err(|e| Error::io("create", path, e))?,
    };
    let top = parent.descend(name).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotADirectory => {
            Error::conflict(path, "is there already and is no directory")
        }
        _ => Error::io("open", path, e),
    })?;
    if !made && !top.is_empty().map_err(|e| Error::io("read", path, e))? {
        return Err(Error::conflict(path, "is not empty: give a directory that is new or empty"));
    }
    Ok(top)
}
