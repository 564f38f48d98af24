//! The private directory that a tree is written in.

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, StatxFlags};

use super::remove::remove_tree;
use crate::dir::Dir;
use crate::error::{Error, Result};

/// The name that the tree has in its staging directory.
pub(super) const TREE: &str = "tree";

/// A new directory of mode 0700 with room for one tree, removed with all that is in it when this
/// goes out of scope: after an error, a panic or a signal as well.
#[derive(Debug)]
pub struct Staging {
    path: PathBuf,
    /// Whether it holds an old tree that could not be put back, and must outlive us.
    kept: bool,
}

impl Staging {
    /// In `parent`, which is made (0755) if it is missing, named `NAME-` and some random letters.
    ///
    /// # Errors
    /// If a directory cannot be made.
    pub fn new(parent: &Path, name: &str) -> Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(parent)
            .map_err(|e| Error::io("create", parent, e))?;
        Self::with_prefix(parent, OsStr::new(&format!("{name}-")))
    }

    pub(super) fn with_prefix(parent: &Path, prefix: &OsStr) -> Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix(prefix)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(parent)
            .map_err(|e| Error::io("create a directory in", parent, e))?;
        // Its own removal would stop at a directory that the owner may not write to.
        Ok(Self { path: dir.keep(), kept: false })
    }

    /// In `staging` where that can be renamed from there to `target`, else beside `target`, whose
    /// parent must exist then, under [`Staging::prefix_beside`].
    ///
    /// # Errors
    /// If a directory cannot be made or looked at.
    pub fn near(staging: &Path, name: &str, target: &Path) -> Result<Self> {
        let parent = target.parent().unwrap_or(Path::new("."));
        if mount(nearest(staging))? == mount(nearest(parent))? {
            return Self::new(staging, name);
        }
        Self::with_prefix(parent, &Self::prefix_beside(target))
    }

    /// How the names of staging directories beside `target` begin: `.NAME.partial-`.
    pub fn prefix_beside(target: &Path) -> OsString {
        let mut prefix = OsString::from(".");
        prefix.push(target.file_name().unwrap_or_default());
        prefix.push(".partial-");
        prefix
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the tree, or the one file, is to be written; nothing is there yet.
    pub fn tree(&self) -> PathBuf {
        self.path.join(TREE)
    }

    /// The directory, held open.
    pub(super) fn open(&self) -> Result<Dir> {
        Dir::open(&self.path).map_err(|e| Error::io("open", &self.path, e))
    }

    /// Leaves it where it is, for good.
    pub(super) fn keep(&mut self) {
        self.kept = true;
    }

    /// Removes it with all that is in it, and says if that fails; leaving scope is silent.
    ///
    /// # Errors
    /// If something in it cannot be removed.
    pub fn remove(mut self) -> Result<()> {
        self.kept = true;
        remove_tree(&self.path)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.kept {
            // There is nobody to tell of a failure; the next run clears what is left.
            let _ = remove_tree(&self.path);
        }
    }
}

/// The nearest directory above `path`, or `path` itself, that exists.
pub(super) fn nearest(path: &Path) -> &Path {
    path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."))
}

/// What tells whether a rename from one directory to another can work: the device and, where the
/// kernel says, the mount (a bind mount is a border, too).
fn mount(path: &Path) -> Result<(u32, u32, Option<u64>)> {
    let mask = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
    let stat = rustix::fs::statx(CWD, path, AtFlags::empty(), mask)
        .map_err(|e| Error::io("stat", path, e.into()))?;
    let known = stat.stx_mask & StatxFlags::MNT_ID.bits() != 0;
    Ok((stat.stx_dev_major, stat.stx_dev_minor, known.then_some(stat.stx_mnt_id)))
}
