//! Removing trees: old ones, and those that a killed run has left.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::dir::Dir;
use crate::error::{Error, Result};

/// Removes a directory with all that is in it, or a file; nothing is fine as well. Links are
/// removed, never followed.
///
/// # Errors
/// If something in it cannot be removed.
pub fn remove_tree(path: &Path) -> Result<()> {
    let remove = || match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => match fs::remove_dir_all(path) {
            // The library follows no link either, and takes the directory that it has opened.
            Err(e) if e.kind() == ErrorKind::PermissionDenied => {
                unlock(path)?;
                fs::remove_dir_all(path)
            }
            removed => removed,
        },
        Ok(_) => fs::remove_file(path),
        Err(e) => Err(e),
    };
    match remove() {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io("remove", path, e)),
        _ => Ok(()),
    }
}

/// Lets the owner into every directory: one that was carried over may be read-only.
fn unlock(path: &Path) -> io::Result<()> {
    let above = Dir::open(path.parent().unwrap_or(Path::new(".")))?;
    let mut open = vec![PathBuf::from(path.file_name().unwrap_or_default())];
    while let Some(way) = open.pop() {
        let parent = above.descend_beneath(way.parent().unwrap_or(Path::new("")))?;
        let name = way.file_name().unwrap_or_default();
        parent.set_mode(name, 0o700)?;
        open.extend(parent.descend(name)?.dirs()?.into_iter().map(|name| way.join(name)));
    }
    Ok(())
}

/// Removes everything in `dir` whose name begins with `prefix`: staging directories that a killed
/// run has left. Only under the root's lock, for a live one looks the same. Returns how many there
/// were; `dir` itself may be missing.
///
/// # Errors
/// If something cannot be removed.
pub fn clear_stale(dir: &Path, prefix: &OsStr) -> Result<usize> {
    // Everything in a directory goes only if it is ours, not what a link of that name leads to.
    if prefix.is_empty() && dir.is_symlink() {
        return Ok(0);
    }
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(0),
        Err(e) => return Err(Error::io("read", dir, e)),
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry.map_err(|e| Error::io("read", dir, e))?;
        if entry.file_name().as_bytes().starts_with(prefix.as_bytes()) {
            remove_tree(&entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}
