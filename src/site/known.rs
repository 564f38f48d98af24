//! What an import has put into its tree, as its record and its meta have it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use blake3::Hash;

use super::record::Record;
use super::root::Root;
use crate::error::{Error, Result};
use crate::lossy::json_path;
use crate::manifest;
use crate::meta::{self, Meta, Type};

/// The paths of the import `name`, from the top of its tree; `None` where its meta is missing.
///
/// # Errors
/// [`Error::Io`]; [`Error::Invalid`] for a damaged line.
pub fn known(root: &Root, name: &str) -> Result<Option<BTreeMap<PathBuf, Meta>>> {
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

/// Tells what of an import's tree has been edited by hand since.
pub struct Edits<'a> {
    root: &'a Root,
    record: &'a Record,
    live: &'a Path,
    /// Read when only a file's bytes can tell.
    hashes: OnceCell<HashMap<PathBuf, Hash>>,
}

impl<'a> Edits<'a> {
    /// Of the tree `live`, or the one file, of `record`.
    pub fn new(root: &'a Root, record: &'a Record, live: &'a Path) -> Self {
        Self { root, record, live, hashes: OnceCell::new() }
    }

    /// Whether what the import has put at `path` has been edited, or is something else now. What is
    /// gone has not, nor what is a directory now: what is in that has paths of its own; nor a file that
    /// another tool has given a time of its own, as a copy without times does.
    ///
    /// # Errors
    /// [`Error::Io`] where only the file's bytes can tell, and they cannot be read.
    pub fn has(&self, path: &Path, meta: &Meta) -> Result<bool> {
        let whole = path.as_os_str().is_empty();
        let file = if whole { self.live.to_owned() } else { self.live.join(path) };
        let Ok(disk) = fs::symlink_metadata(&file) else { return Ok(false) };
        if disk.is_dir() || self.is_behind_a_link(path) {
            return Ok(false);
        }
        match meta.r#type {
            Type::File if disk.is_file() => {}
            Type::Link if disk.is_symlink() => {
                let to = fs::read_link(&file).map_err(|e| Error::io("read the link", &file, e))?;
                let to = json_path(to.as_os_str().as_bytes()).0;
                return Ok(meta.target.as_deref().is_some_and(|then| then != to));
            }
            _ => return Ok(true),
        }
        let edited = meta.is_edited(&disk);
        if edited == Some(false) || meta.size != Some(disk.len()) {
            return Ok(edited != Some(false));
        }
        let Some(then) = self.hashes.get_or_init(|| self.read()).get(path) else {
            return Ok(edited == Some(true));
        };
        let mut hasher = blake3::Hasher::new();
        File::open(&file)
            .and_then(|open| hasher.update_reader(open).map(drop))
            .map_err(|e| Error::io("read", &file, e))?;
        Ok(hasher.finalize() != *then)
    }

    /// Whether a directory of the import's on the way is a link now, which is what has been edited.
    fn is_behind_a_link(&self, path: &Path) -> bool {
        let mut above = path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
        above.any(|above| self.live.join(above).is_symlink())
    }

    /// What the manifest and the record know; none of it where that cannot be read.
    fn read(&self) -> HashMap<PathBuf, Hash> {
        let text = fs::read_to_string(self.root.manifest(&self.record.name)).unwrap_or_default();
        let single = self.live.is_file();
        let listed = manifest::parse(&text).unwrap_or_default().into_iter();
        let mut all: HashMap<_, _> = listed
            .map(|entry| (if single { PathBuf::new() } else { entry.path.into() }, entry.hash))
            .collect();
        let top = Path::new("wwwroot").join(&self.record.target);
        for generated in &self.record.files {
            let path = Path::new(&generated.path).strip_prefix(&top);
            if let (Ok(path), Ok(hash)) = (path, Hash::from_hex(&generated.blake3)) {
                all.insert(path.to_owned(), hash);
            }
        }
        all
    }
}
