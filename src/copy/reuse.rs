//! Files of an older tree that hold the same bytes: taken over instead of being written again.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use blake3::Hash;

use crate::dir::Dir;
use crate::plan::{Item, Plan, PlanId};

/// How many files of the same bytes are tried: a disc may have the same file a hundred thousand times.
const ENOUGH: usize = 4;

/// The files of a tree that is there already, by the hash of what they held when it was written.
#[derive(Debug)]
pub struct Old {
    top: PathBuf,
    /// Sorted by hash, then by path.
    files: Vec<(Hash, OldFile)>,
    sizes: HashSet<u64>,
}

/// A file as it was when its tree was written. It is only taken over if it still looks like that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldFile {
    /// From the top of the tree; empty where the tree is this one file.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970.
    pub mtime: i64,
}

impl Old {
    /// The tree, or the one file, at `top`, and its files.
    pub fn new(top: impl Into<PathBuf>, all: impl IntoIterator<Item = (Hash, OldFile)>) -> Self {
        let mut files: Vec<(Hash, OldFile)> = all.into_iter().collect();
        files.sort_unstable_by(|(a, x), (b, y)| {
            a.as_bytes().cmp(b.as_bytes()).then_with(|| x.path.cmp(&y.path))
        });
        let sizes = files.iter().map(|(_, file)| file.size).collect();
        Self { top: top.into(), files, sizes }
    }

    /// Those of the same bytes, by path.
    fn of(&self, hash: &Hash) -> &[(Hash, OldFile)] {
        let from = self.files.partition_point(|(one, _)| one.as_bytes() < hash.as_bytes());
        let rest = self.files.get(from..).unwrap_or_default();
        rest.get(..rest.partition_point(|(one, _)| one == hash)).unwrap_or_default()
    }

    /// Opens the directory that a file of the tree is in; no link is followed.
    pub(super) fn parent(&self, path: &Path) -> io::Result<Dir> {
        let Some(parent) = path.parent() else {
            // The tree is a file: its directory is the user's own.
            return Dir::open(self.top.parent().unwrap_or(Path::new(".")));
        };
        let mut dir = Dir::open(&self.top)?;
        for name in parent {
            dir = dir.descend(name)?;
        }
        Ok(dir)
    }

    /// A file's name in [`Old::parent`].
    pub(super) fn name<'a>(&'a self, path: &'a Path) -> &'a OsStr {
        path.file_name().or_else(|| self.top.file_name()).unwrap_or_default()
    }
}

impl OldFile {
    /// Whether an open file is still the one that was written.
    pub(super) fn is(&self, file: &File) -> bool {
        let same = |meta: std::fs::Metadata| {
            meta.is_file() && meta.len() == self.size && meta.mtime() == self.mtime
        };
        file.metadata().is_ok_and(same)
    }
}

/// What of a plan an older tree holds already.
#[derive(Debug)]
pub struct Reuse<'o> {
    pub(super) old: &'o Old,
    /// By [`PlanId::index`]: of the files that were read to find out.
    pub(super) hashes: Vec<Option<Hash>>,
    /// Bytes that were read for it.
    pub(super) read: u64,
}

impl Reuse<'_> {
    /// Whether the older tree has a file of these bytes.
    pub fn has(&self, id: PlanId) -> bool {
        self.hash(id).is_some_and(|hash| !self.old.of(&hash).is_empty())
    }

    pub(super) fn hash(&self, id: PlanId) -> Option<Hash> {
        self.hashes.get(id.index()).copied().flatten()
    }

    /// Some of the older tree's files of these bytes, that of the same path first.
    pub(super) fn files(&self, id: PlanId, path: &[u8]) -> Vec<&OldFile> {
        let found = self.hash(id).map(|hash| self.old.of(&hash)).unwrap_or_default();
        let path = Path::new(OsStr::from_bytes(path));
        let same = found.binary_search_by(|(_, file)| file.path.as_path().cmp(path)).ok();
        let same = same.and_then(|index| found.get(index));
        same.into_iter().chain(found.iter().take(ENOUGH)).map(|(_, file)| file).collect()
    }
}

/// Whether a file of the plan may be one of the older tree's: then it is worth reading first.
pub(super) fn may_be_in(old: &Old, plan: &Plan<'_>, id: PlanId) -> bool {
    let size = plan.size(id);
    matches!(plan.item(id), Item::File(_)) && size > 0 && old.sizes.contains(&size)
}
