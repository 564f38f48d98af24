//! What an import has put into its tree, as its record and its meta have it.

use std::cell::{OnceCell, RefCell};
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use blake3::Hash;

use super::record::Record;
use super::root::Root;
use crate::error::{Error, Result};
use crate::lines::Unread;
use crate::lossy::json_path;
use crate::manifest;
use crate::meta::{self, Meta, What};
use crate::path_map::PathMap;

/// The paths of the import `name`, from the top of its tree; `None` where its meta is missing.
///
/// # Errors
/// [`Error::Io`]; [`Error::Invalid`] for a damaged line.
pub fn known(root: &Root, name: &str) -> Result<Option<PathMap<Meta>>> {
    let path = root.meta(name);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io("read", path, e)),
    };
    let all = meta::read(BufReader::new(file)).collect::<Result<_, _>>();
    all.map(Some).map_err(|error| match error {
        Unread::Io(e) => Error::io("read", path, e),
        Unread::Line(bad) => {
            let what = format!(
                "line {} is damaged: it tells which files of the tree are the import's own: {}",
                bad.line,
                anew(name)
            );
            Error::invalid(path, what)
        }
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
    hashes: OnceCell<PathMap<Hash>>,
    /// The directory that was asked for last, and whether a link leads to it now.
    behind: RefCell<Option<(PathBuf, bool)>>,
}

impl<'a> Edits<'a> {
    /// Of the tree `live`, or the one file, of `record`.
    pub fn new(root: &'a Root, record: &'a Record, live: &'a Path) -> Self {
        let (hashes, behind) = Default::default();
        Self { root, record, live, hashes, behind }
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
        match &meta.what {
            What::File { .. } if disk.is_file() => {}
            What::Link { target } if disk.is_symlink() => {
                let to = fs::read_link(&file).map_err(|e| Error::io("read the link", &file, e))?;
                let to = json_path(to.as_os_str().as_bytes()).0;
                return Ok(**target != *to);
            }
            _ => return Ok(true),
        }
        let edited = meta.is_edited(&disk);
        if edited == Some(false) || meta.size() != Some(disk.len()) {
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
        let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) else {
            return false;
        };
        let mut last = self.behind.borrow_mut();
        match &*last {
            Some((before, behind)) if before == dir => *behind,
            _ => {
                let mut above = dir.ancestors().filter(|above| !above.as_os_str().is_empty());
                let behind = above.any(|above| self.live.join(above).is_symlink());
                *last = Some((dir.to_owned(), behind));
                behind
            }
        }
    }

    /// What the manifest and the record know; none of it where that cannot be read.
    fn read(&self) -> PathMap<Hash> {
        let single = self.live.is_file();
        let path = |path: String| if single { PathBuf::new() } else { PathBuf::from(path) };
        let listed = File::open(self.root.manifest(&self.record.name)).ok().and_then(|file| {
            let all = manifest::read(BufReader::new(file));
            all.map(|entry| entry.map(|entry| (path(entry.path), entry.hash)))
                .collect::<Result<PathMap<_>, _>>()
                .ok()
        });
        let mut all = listed.unwrap_or_default();
        let top = Path::new("wwwroot").join(&self.record.target);
        all.extend(self.record.files.iter().filter_map(|generated| {
            let path = Path::new(&generated.path).strip_prefix(&top).ok()?;
            Some((path, Hash::from_hex(&generated.blake3).ok()?))
        }));
        all
    }
}
