//! A change to an import that needs none of its media: files at the top of its tree, its menu entries,
//! its record.
//!
//! Everything is written down beside the record first, the new bytes too, so that whoever finds it
//! after a kill can go on: every step can be taken twice.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::atomic::{sync_dir, write_atomic};
use super::host;
use super::name::check_name;
use super::next::{Identity, MANIFEST, META, Next, RECORD, clear, read};
use super::record::Record;
use super::root::Root;
use super::settings::Settings;
use crate::error::{Error, Result};
use crate::lines::Unread;
use crate::manifest;
use crate::menu::{Change, Edit, edit, pxelinux};
use crate::meta;
use crate::monitor::{Monitor, Warning};

const INTENT: &str = "amend.json";
/// Mode of the directories that are made for files of ours.
const DIR_MODE: u16 = 0o755;

/// A file of an import's tree that is to be there, or to be there no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amended {
    /// From the top of the tree.
    pub path: String,
    /// What is to be in it; `None` where it is to go.
    pub bytes: Option<Vec<u8>>,
    /// Permission bits of a new one.
    pub mode: u16,
    /// BLAKE3 in hexadecimal of what may be replaced or removed. A file with any other is its owner's
    /// and stays.
    pub expect: Vec<String>,
}

/// What becomes of the menu.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocks {
    /// Labels of the new record whose blocks are written.
    pub put: Vec<String>,
    /// Labels that are called otherwise now: from, to.
    pub renamed: Vec<(String, String)>,
    /// Labels whose blocks go.
    pub gone: Vec<Gone>,
    /// Whether blocks that were edited by hand are replaced or go as well.
    #[serde(default)]
    pub force: bool,
}

/// A block that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// Its label.
    pub label: String,
    /// The hashes that we have written it with.
    pub hashes: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Intent {
    /// The tree: nothing is written to another in its place.
    tree: Option<Identity>,
    files: Vec<Stored>,
    blocks: Blocks,
    /// Hashes of the blocks as the old record has them, by label.
    recorded: Vec<(String, Vec<String>)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Stored {
    path: String,
    /// Name of the file that holds the bytes.
    bytes: Option<String>,
    hash: Option<String>,
    mode: u16,
    expect: Vec<String>,
}

/// A change that has been written down.
#[derive(Debug)]
pub struct Amendment<'r> {
    root: &'r Root,
    name: String,
    dir: PathBuf,
    intent: Intent,
}

impl<'r> Amendment<'r> {
    /// Writes down that the import of `old` becomes that of `new`. The caller holds the lock and has
    /// tried the menu's edits ([`Blocks::apply`]).
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Invalid`] for a manifest or a meta that cannot be read; nothing has
    /// changed then.
    pub fn begin(
        root: &'r Root,
        old: &Record,
        new: &Record,
        files: &[Amended],
        blocks: Blocks,
    ) -> Result<Self> {
        let dir = root.next(&new.name);
        clear(&dir)?;
        let made = Self::write(root, &dir, old, new, files, blocks);
        if made.is_err() {
            let _ = clear(&dir);
        }
        made
    }

    fn write(
        root: &'r Root,
        dir: &Path,
        old: &Record,
        new: &Record,
        files: &[Amended],
        blocks: Blocks,
    ) -> Result<Self> {
        DirBuilder::new().mode(0o755).create(dir).map_err(|e| Error::io("create", dir, e))?;
        let mut stored = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let name = file.bytes.as_ref().map(|_| format!("file{at}"));
            if let (Some(name), Some(bytes)) = (&name, &file.bytes) {
                write_atomic(&dir.join(name), bytes, u32::from(file.mode))?;
            }
            stored.push(Stored {
                path: file.path.clone(),
                bytes: name,
                hash: file.bytes.as_ref().map(|b| blake3::hash(b).to_hex().to_string()),
                mode: file.mode,
                expect: file.expect.clone(),
            });
        }
        let (sums, metas) = listed(root, &new.name, files)?;
        write_atomic(&dir.join(MANIFEST), sums.as_bytes(), 0o644)?;
        write_atomic(&dir.join(META), metas.as_bytes(), 0o644)?;
        write_atomic(&dir.join(RECORD), &new.to_json(), new.mode())?;
        let hashes = |label: &str| old.blocks(label).into_iter().map(str::to_owned).collect();
        let labels = old.entries.iter().map(|entry| entry.entry.label.clone());
        let recorded = labels.map(|label| (label.clone(), hashes(&label))).collect();
        let tree = Identity::of(&root.target(&new.target))?;
        let intent = Intent { tree, files: stored, blocks, recorded };
        // Last: without it the others are of no consequence.
        let json = serde_json::to_vec(&intent).unwrap_or_default();
        write_atomic(&dir.join(INTENT), &json, 0o644)?;
        sync_dir(&root.state())?;
        Ok(Self { root, name: new.name.clone(), dir: dir.to_owned(), intent })
    }

    /// The change to `name` that a killed run has left.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn pending(root: &'r Root, name: &str) -> Result<Option<Self>> {
        check_name(name)?;
        let dir = root.next(name);
        let intent = read(&dir.join(INTENT))?.and_then(|json| serde_json::from_slice(&json).ok());
        let own = |path: &str| crate::media::TreePath::new(path.as_bytes()).is_ok();
        let intent = intent.filter(|intent: &Intent| {
            // It is going to be written to: nothing is taken on trust.
            intent.files.iter().all(|file| {
                own(&file.path) && file.bytes.as_deref().is_none_or(|name| !name.contains('/'))
            })
        });
        Ok(intent.map(|intent| Self { root, name: name.to_owned(), dir, intent }))
    }

    /// Does what is left of it. Returns what became of each block.
    ///
    /// # Errors
    /// Whatever stands in the way; the next run goes on.
    pub fn finish(self, monitor: &dyn Monitor) -> Result<Vec<(String, Change)>> {
        let Self { root, name, dir, intent } = self;
        let path = dir.join(RECORD);
        // Once the record has been taken over, there is nothing left to do but what follows from it.
        let Some(json) = read(&path)? else {
            Next::of(root, &name).commit(monitor)?;
            return Ok(Vec::new());
        };
        let record = Record::parse(&path, &name, &json)?;
        if Identity::of(&root.target(&record.target))? != intent.tree {
            clear(&dir)?;
            let what = "has been changed meanwhile: look at it, and run this again";
            return Err(Error::conflict(root.target(&record.target), what));
        }
        for file in &intent.files {
            amend(root, &record, &dir, file, monitor)?;
        }
        let settings = Settings::load(root).unwrap_or_default();
        let mut changes = Vec::new();
        let recorded = |label: &str| {
            let found = intent.recorded.iter().find(|(there, _)| there == label);
            found.map(|(_, hashes)| hashes.iter().map(String::as_str).collect()).unwrap_or_default()
        };
        let apply = |path: &Path, text: &[u8]| {
            let (edit, made) = intent.blocks.apply(path, text, &record, recorded)?;
            changes = made;
            Ok(edit)
        };
        if !intent.blocks.is_empty() {
            super::menu::update(root, &settings, apply, monitor)?;
        }
        for (from, to) in &intent.blocks.renamed {
            host::relabel(root, from, to)?;
        }
        Next::of(root, &name).commit(monitor)?;
        Ok(changes)
    }
}

impl Blocks {
    /// Whether the menu stays as it is.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.renamed.is_empty() && self.gone.is_empty()
    }

    /// The menu `text` after the change to `record`; `recorded` gives the hashes that a label's block
    /// was written with.
    ///
    /// # Errors
    /// As [`edit::upsert`].
    pub fn apply<'r>(
        &self,
        path: &Path,
        text: &[u8],
        record: &Record,
        recorded: impl Fn(&str) -> Vec<&'r str>,
    ) -> Result<(Edit, Vec<(String, Change)>)> {
        let mut done =
            Edit { text: text.to_owned(), change: Change::Unchanged, warnings: Vec::new() };
        let mut changes = Vec::new();
        let mut take = |done: &mut Edit, label: &str, edit: Edit| {
            done.warnings.extend(edit.warnings);
            done.text = edit.text;
            changes.push((label.to_owned(), edit.change));
        };
        for (old, new) in &self.renamed {
            let Some(entry) = record.entry(new) else { continue };
            let block = pxelinux::block(&entry.entry)?;
            let edit = edit::rename(path, &done.text, old, &block, &recorded(old))?;
            take(&mut done, new, edit);
        }
        for gone in &self.gone {
            let hashes: Vec<_> = gone.hashes.iter().map(String::as_str).collect();
            let edit = edit::withdraw(path, &done.text, &gone.label, &hashes, self.force)?;
            take(&mut done, &gone.label, edit);
        }
        for label in &self.put {
            let Some(entry) = record.entry(label) else { continue };
            let block = pxelinux::block(&entry.entry)?;
            // A run that was cut short may have written it already.
            let mut hashes = recorded(label);
            let own = block.hash();
            hashes.push(&own);
            let edit = edit::upsert(path, &done.text, &block, &hashes, self.force)?;
            take(&mut done, label, edit);
        }
        Ok((done, changes))
    }
}

/// One file of the tree, brought to what it is to be, unless its owner has edited it since.
fn amend(
    root: &Root,
    record: &Record,
    dir: &Path,
    file: &Stored,
    monitor: &dyn Monitor,
) -> Result<()> {
    let relative = Path::new("wwwroot").join(&record.target).join(&file.path);
    let path = root.path().join(&relative);
    root.check_way(&path)?;
    check_no_link(root, record, &file.path)?;
    let there = match fs::symlink_metadata(&path) {
        Ok(there) if there.is_file() => read(&path)?,
        Ok(_) => return Err(Error::conflict(path, "is not a regular file: move it away")),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(Error::io("stat", path, e)),
    };
    let there = there.map(|bytes| blake3::hash(&bytes).to_hex().to_string());
    let kept = |why: &str| {
        let message = format!("{why}, and is kept as it is");
        monitor.warn(Warning::new("edited-file", relative.to_string_lossy(), message));
    };
    match (&there, &file.bytes) {
        (Some(there), _) if Some(there) == file.hash.as_ref() => Ok(()),
        (Some(there), _) if !file.expect.contains(there) => {
            kept("has been edited by hand");
            Ok(())
        }
        (None, None) => tidy(root, record, &file.path),
        (Some(_), None) => {
            fs::remove_file(&path).map_err(|e| Error::io("remove", &path, e))?;
            sync_dir(path.parent().unwrap_or(&path))?;
            tidy(root, record, &file.path)
        }
        (_, Some(bytes)) => {
            let staged = dir.join(bytes);
            let Some(bytes) = read(&staged)? else {
                kept("was to be written and its bytes are gone");
                return Ok(());
            };
            let mode = u32::from(file.mode);
            make_dirs(root, record, &file.path)?;
            write_atomic(&path, &bytes, mode)?;
            fs::set_permissions(&path, Permissions::from_mode(mode))
                .map_err(|e| Error::io("set the mode of", &path, e))
        }
    }
}

/// Checks that no link of the tree is on the way to the file at `path` in it: it may be a disc's own, and lead anywhere.
fn check_no_link(root: &Root, record: &Record, path: &str) -> Result<()> {
    let top = root.target(&record.target);
    match above(path).map(|dir| top.join(dir)).find(|dir| dir.is_symlink()) {
        Some(link) => {
            let what =
                "is a link, and nothing is written through one that lies in a tree: move it away";
            Err(Error::conflict(link, what))
        }
        None => Ok(()),
    }
}

/// The directories between the top of the tree and the file at `path` in it, outermost first.
fn above(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

/// Makes the directories that a file is to lie in.
fn make_dirs(root: &Root, record: &Record, path: &str) -> Result<()> {
    for dir in above(path) {
        let dir = root.target(&record.target).join(dir);
        match DirBuilder::new().mode(DIR_MODE.into()).create(&dir) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
            made => made.map_err(|e| Error::io("create", &dir, e))?,
        }
        // Whatever the umask.
        fs::set_permissions(&dir, Permissions::from_mode(DIR_MODE.into()))
            .map_err(|e| Error::io("set the mode of", &dir, e))?;
        sync_dir(dir.parent().unwrap_or(&dir))?;
    }
    Ok(())
}

/// Removes the directories that the file was the last in.
fn tidy(root: &Root, record: &Record, path: &str) -> Result<()> {
    for dir in above(path).rev() {
        let dir = root.target(&record.target).join(dir);
        match fs::remove_dir(&dir) {
            Ok(()) => sync_dir(dir.parent().unwrap_or(&dir))?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            // Somebody has something in it, or it is no directory.
            Err(_) => break,
        }
    }
    Ok(())
}

/// Manifest and meta of `name` with `files` as they are to be.
fn listed(root: &Root, name: &str, files: &[Amended]) -> Result<(String, String)> {
    let text = |path: PathBuf| -> Result<String> {
        let bytes = read(&path)?.unwrap_or_default();
        String::from_utf8(bytes).map_err(|_| Error::invalid(path, "is not UTF-8: restore it"))
    };
    let (sums, metas) = (text(root.manifest(name))?, text(root.meta(name))?);
    if files.is_empty() {
        return Ok((sums, metas));
    }
    let changes = |path: &str| files.iter().any(|file| file.path == path);
    let damaged = |e: Unread| Error::invalid(root.manifest(name), e.to_string());
    let mut entries: Vec<_> = manifest::read(sums.as_bytes())
        .filter(|entry| !entry.as_ref().is_ok_and(|entry| changes(&entry.path)))
        .map(|entry| entry.map(|entry| (entry.path, entry.hash)))
        .collect::<Result<_, _>>()
        .map_err(damaged)?;
    let mut lines = meta::without(&metas, |path| changes(path));
    for file in files {
        let Some(bytes) = &file.bytes else { continue };
        entries.push((file.path.clone(), blake3::hash(bytes)));
        lines.push_str(&meta::line(&file.path, file.mode, bytes.len()));
    }
    let files = files.iter();
    let (put, gone): (Vec<_>, Vec<_>) = files.partition(|file| file.bytes.is_some());
    let dirs = |files: Vec<&Amended>| -> BTreeSet<String> {
        files.iter().flat_map(|file| above(&file.path)).map(str::to_owned).collect()
    };
    lines = meta::with_dirs(&lines, &dirs(put), DIR_MODE);
    lines = meta::without_empty(&lines, &dirs(gone));
    entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    Ok((manifest::write(entries.iter().map(|(path, hash)| (path.as_str(), *hash))), lines))
}

#[cfg(test)]
mod tests;
