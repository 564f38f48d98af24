//! What an import has put into its tree, as its record and its meta have it.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::record::Record;
use super::root::Root;
use crate::error::{Error, Result};
use crate::meta::{self, Meta};

/// The paths of the import `name`, from the top of its tree; `None` where its meta is missing.
///
/// # Errors
/// [`Error::Io`]; [`Error::Invalid`] for a damaged line.
pub fn known(root: &Root, name: &str) -> Result<Option<HashMap<PathBuf, Meta>>> {
    let path = root.meta(name);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io("read", path, e)),
    };
    meta::parse(&text).map(Some).map_err(|line| {
        let what = format!(
            "line {line} is damaged: it tells which files of the tree are the import's own; move \
             the tree away and import it anew"
        );
        Error::invalid(path, what)
    })
}

/// Whether the import's file at `path` in the tree `live` has been edited by hand since. One that
/// is gone has not.
///
/// # Errors
/// [`Error::Io`] where only the file's bytes can tell, and they cannot be read.
pub fn is_edited(record: &Record, live: &Path, path: &Path, meta: &Meta) -> Result<bool> {
    let file = if path.as_os_str().is_empty() { live.to_owned() } else { live.join(path) };
    let Ok(disk) = fs::symlink_metadata(&file) else { return Ok(false) };
    if let Some(edited) = meta.is_edited(&disk) {
        return Ok(edited);
    }
    let relative = Path::new("wwwroot").join(&record.target).join(path);
    let generated = record.files.iter().find(|one| Path::new(&one.path) == relative);
    let Some(generated) = generated else { return Ok(false) };
    let mut hasher = blake3::Hasher::new();
    File::open(&file)
        .and_then(|open| hasher.update_reader(open).map(drop))
        .map_err(|e| Error::io("read", &file, e))?;
    Ok(hasher.finalize().to_hex().as_str() != generated.blake3)
}
