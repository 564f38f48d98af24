//! What of an import's tree would go with it, and what is its owner's and stays.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::known::{Edits, known};
use super::record::Record;
use super::root::Root;
use crate::error::{Error, Result};
use crate::meta::Type;
use crate::monitor::Monitor;
use crate::publish::{Place, foreign};

/// A live tree, seen by somebody who is going to remove it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Regular files that go.
    pub files: u64,
    /// Their sizes added up, in bytes.
    pub bytes: u64,
    /// What stays, in order; empty for a tree that goes as a whole.
    pub kept: Vec<Kept>,
}

/// Something that stays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept {
    /// From the top of the tree; empty for a target that is one file.
    pub path: PathBuf,
    /// Whether it is a directory.
    pub dir: bool,
    /// Whether it is the import's, edited by hand; else it was put there by hand.
    pub edited: bool,
}

/// Looks through the tree of `record`; with `force`, nothing is kept. A tree that is gone is empty.
///
/// # Errors
/// [`Error::Conflict`] where what is there is not what the import has put there, a link above all;
/// [`Error::Io`]; as [`known`].
pub fn survey(root: &Root, record: &Record, force: bool, monitor: &dyn Monitor) -> Result<Survey> {
    root.check_wwwroot()?;
    let path = root.target(&record.target);
    let mut survey = Survey::default();
    let there = match fs::symlink_metadata(&path) {
        Ok(there) => there,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(survey),
        Err(e) => return Err(Error::io("stat", path, e)),
    };
    if !there.is_dir() && !there.is_file() {
        let what = "is a link, or something else that no import has put there, and is left alone: \
                    move it away, and run this again";
        return Err(Error::conflict(path, what));
    }
    // The way to it leads nowhere else.
    Place::beneath(root.path(), &Path::new("wwwroot").join(&record.target))?;
    if !force {
        survey.kept = kept(root, record, &path, &there, monitor)?;
    }
    count(&path, &there, &mut survey, monitor)?;
    Ok(survey)
}

fn kept(
    root: &Root,
    record: &Record,
    path: &Path,
    there: &Metadata,
    monitor: &dyn Monitor,
) -> Result<Vec<Kept>> {
    let Some(known) = known(root, &record.name)? else {
        let what = format!(
            "is missing: nobody can tell which files of {} are yours; give --force to remove them \
             all",
            path.display()
        );
        return Err(Error::conflict(root.meta(&record.name), what));
    };
    if known.get(Path::new("")).is_some_and(|meta| meta.r#type() == Type::File) != there.is_file() {
        let what = "is not what the import has put there: move it away, and run this again";
        return Err(Error::conflict(path, what));
    }
    let mut kept: Vec<_> = foreign(path, |path| known.contains(path), monitor)?
        .into_iter()
        .map(|one| Kept { path: one.path, dir: one.dir, edited: false })
        .collect();
    // Before anything goes: what cannot be kept is no reason to stop half-way.
    for one in &kept {
        let full = path.join(&one.path);
        let meta = fs::symlink_metadata(&full).map_err(|e| Error::io("stat", &full, e))?;
        if !(meta.is_dir() || meta.is_file() || meta.is_symlink()) {
            let what = "is neither file, directory nor link and would be lost: move it away";
            return Err(Error::conflict(full, what));
        }
    }
    let edits = Edits::new(root, record, path);
    for (file, meta) in known.iter() {
        monitor.check()?;
        if edits.has(file, meta)? {
            kept.push(Kept { path: file.to_owned(), dir: false, edited: true });
        }
    }
    kept.sort();
    Ok(kept)
}

/// Counts what goes.
fn count(path: &Path, there: &Metadata, survey: &mut Survey, monitor: &dyn Monitor) -> Result<()> {
    let (mut files, mut bytes) = (0_u64, 0_u64);
    let mut add = |path: &Path, meta: &Metadata| {
        if meta.is_file() && survey.kept.binary_search_by(|k| k.path.as_path().cmp(path)).is_err() {
            files += 1;
            bytes = bytes.saturating_add(meta.len());
        }
    };
    add(Path::new(""), there);
    let mut open = Vec::from_iter(there.is_dir().then(PathBuf::new));
    while let Some(dir) = open.pop() {
        monitor.check()?;
        let full = path.join(&dir);
        let read = |e| Error::io("read", &full, e);
        for entry in fs::read_dir(&full).map_err(read)? {
            let entry = entry.map_err(read)?;
            let meta = entry.metadata().map_err(read)?;
            let path = dir.join(entry.file_name());
            add(&path, &meta);
            if meta.is_dir() {
                open.push(path);
            }
        }
    }
    (survey.files, survey.bytes) = (files, bytes);
    Ok(())
}
