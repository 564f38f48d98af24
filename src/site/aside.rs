//! The moment without a tree on filesystems that cannot exchange two names: the old tree has been
//! moved aside, and the new one is not in its place yet.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::atomic::sync_dir;
use super::record::Record;
use super::root::Root;
use crate::error::{Error, Result};
use crate::publish::Staging;

/// Puts the old tree of an import back where a run was killed in that moment. Whether it did.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn put_back(root: &Root, record: &Record) -> Result<bool> {
    let target = root.target(&record.target);
    match fs::symlink_metadata(&target) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        _ => return Ok(false),
    }
    let above = target.parent().unwrap_or(root.path());
    let own = format!("{}-", record.name);
    let mut staged = found(&root.staging(), OsStr::new(&own))?;
    staged.extend(found(above, &Staging::prefix_beside(&target))?);
    let aside = staged.into_iter().map(|dir| dir.join(Staging::OLD));
    let Some(old) = aside.into_iter().find(|old| old.symlink_metadata().is_ok()) else {
        return Ok(false);
    };
    fs::rename(&old, &target).map_err(|e| Error::io("put the old tree back at", &target, e))?;
    sync_dir(above)?;
    Ok(true)
}

/// The staging directories in `dir` whose names are `prefix` and something random: no staging directory
/// of another NAME, which may begin in the same way.
fn found(dir: &Path, prefix: &OsStr) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io("read", dir, e)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| Error::io("read", dir, e))?;
        let name = entry.file_name();
        let random = name.as_bytes().strip_prefix(prefix.as_bytes());
        if random.is_some_and(|random| random.iter().all(u8::is_ascii_alphanumeric)) {
            found.push(entry.path());
        }
    }
    Ok(found)
}
