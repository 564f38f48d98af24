//! What an import has put into its tree, as its record and its meta have it.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use blake3::Hash;

use super::record::Record;
use super::root::Root;
use crate::error::{Error, Result};
use crate::manifest;
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
            "line {line} is damaged: it tells which files of the tree are the import's own: {}",
            anew(name)
        );
        Error::invalid(path, what)
    })
}

/// The advice where nobody can tell any more what of a tree is the import's.
pub fn anew(name: &str) -> String {
    format!(
        "delete .pxe-import/{name}.json, then take the tree over with 'pxe-import adopt {name} \
         ISO...'"
    )
}

/// The hashes of the import's files, by path from the top of its tree, as far as its manifest can
/// be read; `known` as [`known`] gave it.
pub fn hashes(root: &Root, name: &str, known: &HashMap<PathBuf, Meta>) -> HashMap<PathBuf, Hash> {
    let single = known.contains_key(Path::new(""));
    let text = fs::read_to_string(root.manifest(name)).unwrap_or_default();
    let entries = manifest::parse(&text).unwrap_or_default().into_iter();
    entries
        .map(|entry| (if single { PathBuf::new() } else { entry.path.into() }, entry.hash))
        .collect()
}

/// Whether the import's file at `path` in the tree `live` has been edited by hand since: `hash` is
/// what it had in the manifest, if that tells. One that is gone has not, nor has one that another
/// tool has given a time of its own, as a copy without times does.
///
/// # Errors
/// [`Error::Io`] where only the file's bytes can tell, and they cannot be read.
pub fn is_edited(
    record: &Record,
    live: &Path,
    path: &Path,
    meta: &Meta,
    hash: Option<&Hash>,
) -> Result<bool> {
    let file = if path.as_os_str().is_empty() { live.to_owned() } else { live.join(path) };
    let Ok(disk) = fs::symlink_metadata(&file) else { return Ok(false) };
    match (meta.is_edited(&disk), hash) {
        (Some(false), _) => return Ok(false),
        (Some(true), Some(hash)) if meta.size == Some(disk.len()) => {
            return Ok(read(&file)? != *hash);
        }
        (Some(true), _) => return Ok(true),
        (None, _) => {}
    }
    let relative = Path::new("wwwroot").join(&record.target).join(path);
    let generated = record.files.iter().find(|one| Path::new(&one.path) == relative);
    let Some(generated) = generated else { return Ok(false) };
    Ok(read(&file)?.to_hex().as_str() != generated.blake3)
}

fn read(file: &Path) -> Result<Hash> {
    let mut hasher = blake3::Hasher::new();
    File::open(file)
        .and_then(|open| hasher.update_reader(open).map(drop))
        .map_err(|e| Error::io("read", file, e))?;
    Ok(hasher.finalize())
}
