//! The tree, from the root directory down.

use std::collections::HashSet;

use super::directory::{self, FileIdentifier};
use super::dstring;
use super::field::Address;
use super::icb::{FileEntry, file_type};
use super::runs::Budget;
use super::stream::Stream;
use super::symlink;
use super::volume::Volume;
use crate::error::Result;
use crate::media::entry::Siblings;
use crate::media::path::{check_name, printable};
use crate::media::{Body, Entry, NodeId, Tree};
use crate::monitor::{Monitor, Warning};

/// Most bytes of one directory.
const DIRECTORY_MAX: u64 = 64 << 20;
/// Most warnings of one kind; a damaged disc could have hundreds of thousands.
const WARNINGS_MAX: usize = 16;

/// A directory that is still to be read.
struct Open {
    node: NodeId,
    entry: FileEntry,
}

/// Reads one volume.
struct Walk<'a> {
    volume: Volume<'a>,
    monitor: &'a dyn Monitor,
    tree: Tree,
    budget: Budget,
    /// Byte offsets of the entries of the directories so far.
    directories: HashSet<u64>,
    open: Vec<Open>,
    duplicates: usize,
    unreadable_names: usize,
}

/// Reads the tree below the directory at `root`; `named_at` is the byte offset of the file set
/// descriptor.
///
/// # Errors
/// [`crate::Error::Corrupt`] and [`crate::Error::Unsupported`] with the byte offset of what is
/// wrong.
pub(super) fn read(
    volume: Volume<'_>,
    root: Address,
    named_at: u64,
    monitor: &dyn Monitor,
) -> Result<Tree> {
    let mut budget = Budget::new(volume.image.size());
    let entry = FileEntry::read(volume, root, named_at, &mut budget)?;
    if entry.file_type != file_type::DIRECTORY {
        let what = format!("root directory: file type {} is no directory's", entry.file_type);
        return Err(volume.image.corrupt(entry.offset, what));
    }
    let mut tree = Tree::of_image(volume.image.size());
    tree.set_root(Some(entry.mode), entry.modification_time);
    let mut walk = Walk {
        volume,
        monitor,
        tree,
        budget,
        directories: HashSet::from([entry.offset]),
        open: vec![Open { node: NodeId::ROOT, entry }],
        duplicates: 0,
        unreadable_names: 0,
    };
    while let Some(directory) = walk.open.pop() {
        monitor.check()?;
        walk.directory(&directory)?;
    }
    Ok(walk.tree)
}

impl Walk<'_> {
    fn directory(&mut self, directory: &Open) -> Result<()> {
        let image = self.volume.image;
        let at = directory.entry.offset;
        let stream = Stream::of(self.volume, &directory.entry, &mut self.budget)?;
        if !self.budget.list(stream.len()) {
            let what = "the directories are larger together than the image: they overlap";
            return Err(image.corrupt(at, what));
        }
        let content = stream.read(self.volume, at, DIRECTORY_MAX, "directory", &mut self.budget)?;
        let mut siblings = Siblings::default();
        let first_open = self.open.len();
        for found in directory::entries(&content) {
            let found = found
                .map_err(|(position, what)| image.corrupt(stream.offset_of(position), what))?;
            if !found.is_shown() {
                continue;
            }
            let offset = stream.offset_of(found.position);
            let Some(name) = self.name(directory.node, &found) else { continue };
            check_name(&name).map_err(|fault| image.corrupt(offset, fault.to_string()))?;
            if siblings.insert(&name) {
                self.node(directory.node, &name, found.icb, offset)?;
            } else {
                self.warn_of_duplicate(directory.node, &name);
            }
        }
        // The first subdirectory is read first.
        self.open.get_mut(first_open..).unwrap_or_default().reverse();
        Ok(())
    }

    /// A name in UTF-8; none for one that Linux does not show either.
    fn name(&mut self, directory: NodeId, found: &FileIdentifier<'_>) -> Option<Vec<u8>> {
        let fault = match dstring::file_name(found.name) {
            Ok(name) => return Some(name),
            Err(fault) => fault,
        };
        self.unreadable_names = self.unreadable_names.saturating_add(1);
        if self.unreadable_names <= WARNINGS_MAX {
            let message = format!("{fault}: Linux does not show such a file, it is left out");
            let path = printable(&self.tree.path(directory));
            self.monitor.warn(Warning::new("unreadable-name", path, message));
        }
        None
    }

    fn warn_of_duplicate(&mut self, directory: NodeId, name: &[u8]) {
        self.duplicates = self.duplicates.saturating_add(1);
        if self.duplicates <= WARNINGS_MAX {
            let mut path = self.tree.path(directory);
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend(name);
            let message = "is there twice in its directory; the first one is taken";
            self.monitor.warn(Warning::new("duplicate-name", printable(&path), message));
        }
    }

    /// Adds what the entry at `icb` describes; `offset` is that of the directory entry.
    fn node(&mut self, parent: NodeId, name: &[u8], icb: Address, offset: u64) -> Result<()> {
        let image = self.volume.image;
        let entry = FileEntry::read(self.volume, icb, offset, &mut self.budget)?;
        let mut mode = entry.mode;
        let body = match entry.file_type {
            file_type::DIRECTORY => {
                if !self.directories.insert(entry.offset) {
                    let what = format!(
                        "directory '{}' has been met before: directories in a loop",
                        printable(name)
                    );
                    return Err(image.corrupt(offset, what));
                }
                Body::Dir
            }
            file_type::UNSPECIFIED
            | file_type::REGULAR
            | file_type::REAL_TIME
            | file_type::VIRTUAL_ALLOCATION_TABLE => {
                Body::File(Stream::of(self.volume, &entry, &mut self.budget)?.into_extents())
            }
            file_type::SYMBOLIC_LINK => {
                mode = 0o777;
                let stream = Stream::of(self.volume, &entry, &mut self.budget)?;
                let max = symlink::RECORDED_MAX;
                let what = "symbolic link";
                let data = stream.read(self.volume, entry.offset, max, what, &mut self.budget)?;
                let target =
                    symlink::target(&data).map_err(|what| image.corrupt(entry.offset, what))?;
                Body::Link(target)
            }
            _ => Body::Other,
        };
        let is_dir = matches!(body, Body::Dir);
        let node = Entry { mode: Some(mode), mtime: entry.modification_time, body };
        let node = self
            .tree
            .add(parent, name, node)
            .map_err(|fault| image.corrupt(offset, fault.to_string()))?;
        if is_dir {
            self.open.push(Open { node, entry });
        }
        Ok(())
    }
}
