//! The files that entries bring along: published with them, made again, and taken away with them.

use std::fs;
use std::io;

use super::amending::{Amends, published};
use crate::error::{Error, Result};
use crate::identify::companion::{DIR, Made};
use crate::monitor::{Monitor, Warning};
use crate::site::Root;
use crate::site::record::Record;

/// Those of an import again: one that its owner has edited stays as it is.
pub(super) fn kept(
    root: &Root,
    target: &str,
    old: Option<&Record>,
    made: Vec<Made>,
    monitor: &dyn Monitor,
) -> Result<Vec<Made>> {
    let keep = |file: Made| {
        let path = published(target, &file.path);
        match read(root, &path)? {
            Some(live) if old.is_some_and(|old| is_edited(old, &path, &live)) => {
                warn(&path, monitor);
                Ok(Made { bytes: live, ..file })
            }
            _ => Ok(file),
        }
    };
    made.into_iter().map(keep).collect()
}

/// Brings those of the entry `label` to what they are to be; edited ones stay, unless `forces` them by
/// their paths from the root.
///
/// # Errors
/// [`Error::Conflict`] for a file of that path that is none of ours.
pub(super) fn amend(
    amends: &mut Amends,
    root: &Root,
    label: &str,
    made: Vec<Made>,
    forces: impl Fn(&str) -> bool,
    monitor: &dyn Monitor,
) -> Result<()> {
    let target = amends.record.target.clone();
    for path in of_label(&amends.record, label) {
        if !made.iter().any(|file| file.path == path) {
            drop(amends, root, &path, forces(&published(&target, &path)))?;
        }
    }
    for file in made {
        let path = published(&target, &file.path);
        let live = read(root, &path)?;
        let is_ours = amends.record.files.iter().any(|there| there.path == path);
        let force = forces(&path);
        match live {
            Some(live) if live == file.bytes && is_ours => {
                if is_edited(&amends.record, &path, &live) {
                    put(amends, file, None);
                }
            }
            Some(_) if !is_ours && !force => {
                let what =
                    "is there already and is none of ours: move it away, or choose another label";
                return Err(Error::conflict(root.path().join(path), what));
            }
            Some(live) if is_edited(&amends.record, &path, &live) && !force => warn(&path, monitor),
            live => put(amends, file, live.filter(|_| force)),
        }
    }
    Ok(())
}

/// Those of an entry that gets another label go with it, edited ones as they are.
pub(super) fn rename(
    amends: &mut Amends,
    root: &Root,
    label: &str,
    new: &str,
    made: Vec<Made>,
) -> Result<()> {
    let target = amends.record.target.clone();
    let mut left = of_label(&amends.record, label);
    for file in made {
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        let before = format!("{DIR}/{label}/{name}");
        left.retain(|path| *path != before);
        let path = published(&target, &before);
        let known = amends.record.files.iter().find(|there| there.path == path).cloned();
        let edited = read(root, &path)?.filter(|live| is_edited(&amends.record, &path, live));
        drop(amends, root, &before, true)?;
        let path = format!("{DIR}/{new}/{name}");
        let was_edited = edited.is_some();
        put(amends, Made { path, bytes: edited.unwrap_or(file.bytes) }, None);
        // What its owner has edited stays edited under its new name.
        if let (true, Some(known), Some(put)) = (was_edited, known, amends.record.files.last_mut())
        {
            put.blake3 = known.blake3;
        }
    }
    left.iter().try_for_each(|path| drop(amends, root, path, false))
}

/// Takes those of an entry away; edited ones only where `force` says so.
pub(super) fn remove(amends: &mut Amends, root: &Root, label: &str, force: bool) -> Result<()> {
    let paths = of_label(&amends.record, label);
    paths.iter().try_for_each(|path| drop(amends, root, path, force))
}

/// Those that are recorded for an entry, from the top of the tree.
fn of_label(record: &Record, label: &str) -> Vec<String> {
    let (top, dir) = (published(&record.target, ""), format!("{DIR}/{label}/"));
    let paths = record.files.iter().filter_map(|file| file.path.strip_prefix(&top));
    paths.filter(|path| path.starts_with(&dir)).map(str::to_owned).collect()
}

fn put(amends: &mut Amends, file: Made, also: Option<Vec<u8>>) {
    amends.put_file(&file.path, file.bytes, 0o644);
    if let (Some(live), Some(put)) = (also, amends.files.last_mut()) {
        put.expect.push(hash(&live));
    }
}

fn drop(amends: &mut Amends, root: &Root, path: &str, force: bool) -> Result<()> {
    let live = read(root, &published(&amends.record.target, path))?;
    amends.drop_file(path, live.map(|live| hash(&live)).filter(|_| force));
    Ok(())
}

fn is_edited(record: &Record, path: &str, live: &[u8]) -> bool {
    let recorded = record.files.iter().find(|file| file.path == path);
    recorded.is_some_and(|recorded| recorded.blake3 != hash(live))
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn warn(path: &str, monitor: &dyn Monitor) {
    let message = format!(
        "has been edited since it was made, and is kept as it is; 'pxe-import render --force {path}' \
         makes it anew"
    );
    monitor.warn(Warning::new("edited-companion", path, message));
}

/// The file at `path` from the root, where it is there.
fn read(root: &Root, path: &str) -> Result<Option<Vec<u8>>> {
    let path = root.path().join(path);
    match fs::read(&path) {
        Ok(live) => Ok(Some(live)),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(e) => Err(Error::io("read", path, e)),
    }
}
