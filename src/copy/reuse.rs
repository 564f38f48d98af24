//! Files of an older tree that hold the same bytes: taken over instead of being written again.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use blake3::Hash;

use crate::dir::Dir;
use crate::path_map::PathMap;
use crate::plan::{Item, Plan, PlanId};

/// How many files of the same bytes are tried: a disc may have the same file a hundred thousand times.
const ENOUGH: usize = 4;

/// The files of a tree that is there already, with the hash of what they held when it was written.
#[derive(Debug)]
pub struct Old {
    top: PathBuf,
    files: PathMap<OldFile>,
    /// Indices into `files`, by hash, then by path.
    by_hash: Vec<u32>,
    /// In order, each once.
    sizes: Vec<u64>,
}

/// A file as it was when its tree was written. It is only taken over if it still looks like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldFile {
    /// BLAKE3 of what it held.
    pub hash: Hash,
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970.
    pub mtime: i64,
}

impl Old {
    /// The tree at `top` and its files by path; the empty path where the tree is one file.
    pub fn new(top: impl Into<PathBuf>, files: PathMap<OldFile>) -> Self {
        let hash = |&index: &u32| value(&files, index).map(|file| file.hash.as_bytes());
        let mut by_hash: Vec<u32> = (0..u32::try_from(files.len()).unwrap_or(u32::MAX)).collect();
        by_hash.sort_unstable_by(|a, b| hash(a).cmp(&hash(b)).then(a.cmp(b)));
        let mut sizes: Vec<u64> = files.values().map(|file| file.size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes.shrink_to_fit();
        Self { top: top.into(), files, by_hash, sizes }
    }

    /// Those of the same bytes, by path.
    fn of<'o>(&'o self, hash: &'o Hash) -> impl Iterator<Item = (&'o Path, &'o OldFile)> {
        let before = |&index: &u32| {
            value(&self.files, index).is_some_and(|file| file.hash.as_bytes() < hash.as_bytes())
        };
        let from = self.by_hash.partition_point(before);
        let rest = self.by_hash.get(from..).unwrap_or_default();
        rest.iter()
            .take_while(|&&index| value(&self.files, index).is_some_and(|file| file.hash == *hash))
            .filter_map(|&index| self.files.nth(usize::try_from(index).ok()?))
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

fn value(files: &PathMap<OldFile>, index: u32) -> Option<&OldFile> {
    files.nth_value(usize::try_from(index).ok()?)
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
        self.hash(id).is_some_and(|hash| self.old.of(hash).next().is_some())
    }

    pub(super) fn hash(&self, id: PlanId) -> Option<&Hash> {
        self.hashes.get(id.index())?.as_ref()
    }

    /// Some of the older tree's files of these bytes, that of the same path first.
    pub(super) fn files<'p>(&'p self, id: PlanId, path: &'p Path) -> Vec<(&'p Path, &'p OldFile)> {
        let Some(hash) = self.hash(id) else { return Vec::new() };
        let same = self.old.files.get(path).filter(|file| file.hash == *hash);
        same.map(|file| (path, file)).into_iter().chain(self.old.of(hash).take(ENOUGH)).collect()
    }
}

/// Whether a file of the plan may be one of the older tree's: then it is worth reading first.
pub(super) fn may_be_in(old: &Old, plan: &Plan<'_>, id: PlanId) -> bool {
    let size = plan.size(id);
    matches!(plan.item(id), Item::File(_)) && size > 0 && old.sizes.binary_search(&size).is_ok()
}
