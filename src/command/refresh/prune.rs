//! Imports that `refresh --prune` removes: those that it made itself and that nobody asks for any more.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

use crate::error::{Error, Result};
use crate::monitor::{Monitor, Warning};
use crate::site::name::check_name;
use crate::site::record::Image;
use crate::site::{Record, Root, Settings, hold};

/// Checks that there are settings: without the file every import would be one that nobody asks for.
///
/// # Errors
/// [`Error::Invalid`] if it is not there.
pub(super) fn check(root: &Root) -> Result<()> {
    let path = root.settings();
    match path.try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::invalid(
            path,
            "is not there, and without it nothing tells what is to be kept: leave out --prune",
        )),
        Err(error) => Err(Error::io("stat", path, error)),
    }
}

/// The imports of [`Record::media`] that no entry names; held ones are left alone. A record that cannot
/// be read is a warning.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn orphans(
    root: &Root,
    settings: &Settings,
    monitor: &dyn Monitor,
) -> Result<Vec<String>> {
    let state = root.state();
    let read = |error| Error::io("read", &state, error);
    let entries = match fs::read_dir(&state) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(read(error)),
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let file = entry.map_err(read)?.file_name();
        let name = file.to_str().and_then(|file| file.strip_suffix(".json"));
        names.extend(name.filter(|name| check_name(name).is_ok()).map(str::to_owned));
    }
    let mut orphans = Vec::new();
    for name in names {
        if settings.media.iter().any(|media| media.name == name) || hold::is_held(root, &name)? {
            continue;
        }
        match Record::read(root, &name) {
            Ok(Some(record)) if record.media => orphans.push(name),
            Ok(_) => {}
            Err(error) => {
                let message = format!("is kept: {}", error.chain());
                monitor.warn(Warning::new("unreadable-record", name, message));
            }
        }
    }
    Ok(orphans)
}

/// Whether somebody has taken the import's images away, and not only the filesystem they were on: the
/// directory of each is there and holds other things.
pub(super) fn images_are_gone(record: &Record) -> bool {
    let gone = |image: &Image| {
        let path = image.path();
        let missing = path.symlink_metadata().is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
        missing && path.parent().is_some_and(holds_something)
    };
    !record.images.is_empty() && record.images.iter().all(gone)
}

/// A mount point without its filesystem is empty, as is one that was just made.
fn holds_something(dir: &Path) -> bool {
    let counts = |entry: io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name() != OsStr::new("lost+found"))
    };
    fs::read_dir(dir).is_ok_and(|mut entries| entries.any(counts))
}
