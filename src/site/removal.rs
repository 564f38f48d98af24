//! A removal in progress: written down before anything goes, so that whoever finds it finishes it.
//!
//! The entries go first, so that no menu names a tree that is gone; then the tree, in one step; then
//! the record; then what nobody needs any more. A kill leaves the intent, and every step can be taken
//! twice.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::atomic::{sync_dir, write_atomic};
use super::next::{Identity, clear, read};
use super::record::{Record, owner_of};
use super::root::Root;
use super::settings::Settings;
use super::survey::{Survey, survey};
use crate::error::{Error, Result};
use crate::menu::{Change, Edit, edit, takeover};
use crate::monitor::{Monitor, Warning};
use crate::publish::{Durability, Foreign, Place, Replaced, Staging, carry, clear_stale};

const INTENT: &str = "remove.json";

/// What is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Intent {
    /// Below the web root.
    target: String,
    /// Whether files of the administrator's go as well.
    force: bool,
    /// The tree, if there is one: another in its place is not ours to remove.
    tree: Option<Identity>,
}

/// A removal that has been written down.
#[derive(Debug)]
pub struct Removal<'r> {
    root: &'r Root,
    name: String,
    intent: Intent,
}

/// What became of a block of the import's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Which entry.
    pub label: String,
    /// Whether it is gone; else somebody has edited it, and it stays.
    pub removed: bool,
}

impl<'r> Removal<'r> {
    /// Writes down that the import of `record` is to go. The caller holds the lock.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn begin(root: &'r Root, record: &Record, force: bool) -> Result<Self> {
        let tree = Identity::of(&root.target(&record.target))?;
        let intent = Intent { target: record.target.clone(), force, tree };
        let dir = root.next(&record.name);
        clear(&dir)?;
        DirBuilder::new().mode(0o755).create(&dir).map_err(|e| Error::io("create", &dir, e))?;
        let json = serde_json::to_vec(&intent).unwrap_or_default();
        write_atomic(&dir.join(INTENT), &json, 0o644)?;
        sync_dir(&root.state())?;
        Ok(Self { root, name: record.name.clone(), intent })
    }

    /// The removal of `name` that a killed run has left.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn pending(root: &'r Root, name: &str) -> Result<Option<Self>> {
        let json = read(&root.next(name).join(INTENT))?;
        let intent: Option<Intent> = json.and_then(|json| serde_json::from_slice(&json).ok());
        // It is going to be removed: nothing is taken on trust.
        let clean = |intent: &Intent| {
            super::name::target(&intent.target).is_ok_and(|clean| clean == intent.target)
        };
        Ok(intent.filter(clean).map(|intent| Self { root, name: name.to_owned(), intent }))
    }

    /// Does what is left of it. What becomes of the menu's blocks is returned.
    ///
    /// # Errors
    /// Whatever stands in the way. While the tree is there, the intent is dropped then, and the
    /// import stays one; later, the next run goes on.
    pub fn finish(&self, monitor: &dyn Monitor) -> Result<Vec<Block>> {
        let dir = self.root.next(&self.name);
        let (blocks, old) = match self.take_away(monitor) {
            Ok(taken) => taken,
            Err(error) => {
                let _ = clear(&dir);
                return Err(error);
            }
        };
        // The record goes first: without it, the others say nothing.
        let (root, name) = (self.root, &self.name);
        for path in [root.record(name), root.manifest(name), root.meta(name)] {
            match fs::remove_file(&path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", path, e));
                }
                _ => {}
            }
        }
        sync_dir(&root.state())?;
        if let Some(Err(error)) = old.map(Replaced::remove) {
            let message =
                format!("its tree is out of the web root and could not be deleted: {error}");
            monitor.warn(Warning::new("old-tree-left", &self.intent.target, message));
        }
        self.clear_up()?;
        super::uefi::follow(root, &Settings::load(root).unwrap_or_default(), monitor);
        clear(&dir)?;
        Ok(blocks)
    }

    /// Entries and tree, which is in no one's way then, and is yet to be deleted.
    fn take_away(&self, monitor: &dyn Monitor) -> Result<(Vec<Block>, Option<Replaced>)> {
        let Some(record) = Record::read(self.root, &self.name)? else {
            return Ok((Vec::new(), None));
        };
        let mut blocks = Vec::new();
        let apply = |path: &Path, text: &[u8]| {
            let (edit, made) = withdrawn(&record, path, text, self.intent.force)?;
            blocks = made;
            Ok(edit)
        };
        super::menu::update(self.root, &Settings::default(), apply, monitor)?;

        let path = self.root.target(&self.intent.target);
        self.put_back(&path)?;
        // The survey is that of the record's tree: it says nothing of another.
        let other = record.target != self.intent.target;
        if other || self.intent.tree.is_none() || Identity::of(&path)? != self.intent.tree {
            return Ok((blocks, None));
        }
        let survey = survey(self.root, &record, self.intent.force, monitor)?;
        let relative = Path::new("wwwroot").join(&self.intent.target);
        let place = Place::beneath(self.root.path(), &relative)?;
        Ok((blocks, self.take_tree(&place, &survey, monitor)?))
    }

    fn take_tree(
        &self,
        place: &Place,
        survey: &Survey,
        monitor: &dyn Monitor,
    ) -> Result<Option<Replaced>> {
        let near = || Staging::near(&self.root.staging(), &self.name, place.path());
        if survey.kept.is_empty() {
            return near()?.withdraw(place).map(Some);
        }
        // A single file that has been edited: there is nothing else to remove.
        if survey.kept.iter().any(|kept| kept.path.as_os_str().is_empty()) {
            return Ok(None);
        }
        let staging = near()?;
        let (live, tree) = (place.path(), staging.tree());
        let mode = fs::symlink_metadata(live).map_err(|e| Error::io("stat", live, e))?.mode();
        fs::create_dir(&tree).map_err(|e| Error::io("create", &tree, e))?;
        let kept: Vec<_> = survey
            .kept
            .iter()
            .map(|kept| Foreign { path: kept.path.clone(), dir: kept.dir })
            .collect();
        carry(live, &tree, &kept, monitor)?;
        fs::set_permissions(&tree, Permissions::from_mode(mode & 0o7777))
            .map_err(|e| Error::io("set the mode of", &tree, e))?;
        staging.publish(place, Durability::Synced).map(Some)
    }

    /// Puts a tree back that was on its way out when a run was killed between two renames, on a
    /// filesystem that cannot exchange: what is to be kept is still in it.
    fn put_back(&self, path: &Path) -> Result<()> {
        if self.intent.tree.is_none() || fs::symlink_metadata(path).is_ok() {
            return Ok(());
        }
        for staging in staged(self.root, path) {
            let old = staging.join("old");
            if staging.join("tree").exists() && Identity::of(&old)? == self.intent.tree {
                return fs::rename(&old, path).map_err(|e| Error::io("put back", path, e));
            }
        }
        Ok(())
    }

    /// What nobody needs any more: staged trees, empty directories above the tree, the link.
    fn clear_up(&self) -> Result<()> {
        let root = self.root;
        let path = root.target(&self.intent.target);
        // What cannot be deleted is in nobody's way; the next import says so again.
        let _ = clear_stale(&root.staging(), "".as_ref());
        if let Some(above) = path.parent() {
            let _ = clear_stale(above, &Staging::prefix_beside(&path));
        }
        let records = root.records()?;
        let menu = read(&root.menu())?.unwrap_or_default();
        let first = self.intent.target.split('/').next().unwrap_or_default();
        let above = Path::new(&self.intent.target).ancestors().skip(1);
        for dir in above.filter_map(Path::to_str).filter(|dir| !dir.is_empty()) {
            let used = owner_of(&records, dir).is_some() || takeover::mentions(&menu, dir);
            if used || !fs::symlink_metadata(root.target(dir)).is_ok_and(|there| there.is_dir()) {
                continue;
            }
            Place::beneath(root.path(), &Path::new("wwwroot").join(dir))?.remove_if_empty()?;
        }
        let link = root.pxefiles().join(first);
        let ours = fs::read_link(&link).is_ok_and(|to| to == Path::new("..").join(first));
        let gone = fs::symlink_metadata(root.wwwroot().join(first)).is_err();
        if ours && gone && !takeover::mentions(&menu, first) && owner_of(&records, first).is_none()
        {
            fs::remove_file(&link).map_err(|e| Error::io("remove", &link, e))?;
            sync_dir(&root.pxefiles())?;
        }
        Ok(())
    }
}

/// The target of the import `name` where its removal was cut short.
///
/// # Errors
/// [`Error::Io`].
pub fn cut_short(root: &Root, name: &str) -> Result<Option<String>> {
    Ok(Removal::pending(root, name)?.map(|removal| removal.intent.target))
}

/// The staging directories there are for a tree at `path`.
fn staged(root: &Root, path: &Path) -> Vec<PathBuf> {
    let list = |dir: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).into_iter().flatten();
        entries.flatten().map(|entry| entry.path()).collect()
    };
    let mut found = list(&root.staging());
    let prefix = Staging::prefix_beside(path);
    let beside = path.parent().map(list).unwrap_or_default();
    found.extend(beside.into_iter().filter(|dir| {
        dir.file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(prefix.as_encoded_bytes()))
    }));
    found
}

/// The menu's text without the blocks of the import. Labels of the administrator's that lead into
/// its tree are warned of.
///
/// # Errors
/// As [`edit::withdraw`].
pub fn withdrawn(
    record: &Record,
    path: &Path,
    text: &[u8],
    force: bool,
) -> Result<(Edit, Vec<Block>)> {
    let mut done = Edit { text: text.to_owned(), change: Change::Unchanged, warnings: Vec::new() };
    let mut blocks = Vec::new();
    for entry in &record.entries {
        let label = &entry.entry.label;
        let edit = edit::withdraw(path, &done.text, label, &record.blocks(label), force)?;
        done.warnings.extend(edit.warnings);
        done.text = edit.text;
        match edit.change {
            Change::Removed => blocks.push(Block { label: label.clone(), removed: true }),
            Change::Kept { .. } => blocks.push(Block { label: label.clone(), removed: false }),
            _ => {}
        }
    }
    for (label, line) in takeover::leading(path, &done.text, &record.target)? {
        let message = format!(
            "line {line}: your label {label} leads into the tree that is removed, and nowhere now: \
             delete it"
        );
        done.warnings.push(Warning::new("label-leads-nowhere", path.to_string_lossy(), message));
    }
    Ok((done, blocks))
}

#[cfg(test)]
mod tests;
