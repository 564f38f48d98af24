//! From directory records to a [`Tree`].

use std::collections::{HashSet, VecDeque};

use super::directory::{Record, Records};
use super::naming::Naming;
use super::rock_ridge::{Compression, Fields};
use super::volume::{Directory, Volume, permissions};
use super::{field, rock_ridge};
use crate::error::{Error, Result};
use crate::media::entry::Siblings;
use crate::media::path::{NameError, printable};
use crate::media::{Body, Entry, Extent, NodeId, Tree};
use crate::monitor::{Monitor, Warning};

/// Most sections of one file, as in Linux: 400 GiB in sections of 4 GiB.
const SECTIONS_MAX: usize = 100;
/// Warnings about single files before only their number is told.
const WARNINGS_MAX: usize = 20;

/// File types of a POSIX mode.
mod kind {
    pub(super) const MASK: u32 = 0o170_000;
    pub(super) const DIRECTORY: u32 = 0o040_000;
    pub(super) const LINK: u32 = 0o120_000;
    /// FIFO, character device, block device, socket.
    pub(super) const OTHERS: [u32; 4] = [0o010_000, 0o020_000, 0o060_000, 0o140_000];
}

/// Reads the tree below the directory at `root`, which the descriptor names at byte `at`.
///
/// # Errors
/// [`Error::Corrupt`] and [`Error::Unsupported`] at the record at fault.
pub(super) fn read(
    volume: &mut Volume<'_>,
    naming: Naming,
    (root, at): (u32, u64),
    monitor: &dyn Monitor,
) -> Result<Tree> {
    let directory = volume.directory(root, at)?;
    let mut tree = Tree::of_image(volume.image().size());
    tree.set_root(directory.mode, directory.mtime);
    let mut walk = Walk {
        volume,
        naming,
        monitor,
        tree,
        pending: VecDeque::new(),
        visited: HashSet::new(),
        warnings: 0,
    };
    walk.enqueue(NodeId::ROOT, directory, at)?;
    while let Some((node, directory, at)) = walk.pending.pop_front() {
        monitor.check()?;
        walk.read_directory(node, &directory, at)?;
    }
    Ok(walk.finish())
}

struct Walk<'a, 'i> {
    volume: &'a mut Volume<'i>,
    naming: Naming,
    monitor: &'a dyn Monitor,
    tree: Tree,
    /// Directories to be read, and at which byte each is named.
    pending: VecDeque<(NodeId, Directory, u64)>,
    /// Byte offsets of the directories so far.
    visited: HashSet<u64>,
    warnings: usize,
}

/// A file's first record and its extents, from one record or several.
struct File<'a> {
    first: Record<'a>,
    sections: usize,
    extents: Vec<Extent>,
}

impl Walk<'_, '_> {
    fn enqueue(&mut self, node: NodeId, directory: Directory, at: u64) -> Result<()> {
        if !self.visited.insert(directory.offset) {
            let what = format!(
                "directory '{}' lies at byte {:#x}, where another one lies: directories that \
                 contain each other have no end",
                printable(&self.tree.path(node)),
                directory.offset
            );
            return Err(self.volume.image().corrupt(at, what));
        }
        self.pending.push_back((node, directory, at));
        Ok(())
    }

    fn read_directory(&mut self, node: NodeId, directory: &Directory, at: u64) -> Result<()> {
        let bytes = self.volume.content(directory, at)?;
        let mut siblings = Siblings::default();
        let mut open: Option<File<'_>> = None;
        for record in Records::new(&bytes, field::to_usize(directory.size), directory.offset) {
            let record = record.map_err(|(at, what)| self.volume.image().corrupt(at, what))?;
            let mut file = match open.take() {
                Some(file) if file.first.identifier == record.identifier => file,
                Some(file) => return Err(self.unfinished(&file.first)),
                None => File { first: record, sections: 0, extents: Vec::new() },
            };
            self.add_section(&mut file, &record)?;
            if record.is_continued() {
                open = Some(file);
            } else {
                self.add(node, file, &mut siblings)?;
            }
        }
        open.map_or(Ok(()), |file| Err(self.unfinished(&file.first)))
    }

    fn unfinished(&self, first: &Record<'_>) -> Error {
        let what = format!(
            "the file '{}' is said to go on, but its next section does not follow",
            printable(first.identifier)
        );
        self.volume.image().corrupt(first.offset, what)
    }

    /// Adds the data of one record to its file.
    fn add_section(&self, file: &mut File<'_>, record: &Record<'_>) -> Result<()> {
        file.sections = file.sections.saturating_add(1);
        if file.sections > SECTIONS_MAX {
            let what = format!("a file of more than {SECTIONS_MAX} sections");
            return Err(self.volume.image().unsupported(record.offset, what));
        }
        let extent = Extent {
            offset: Some(self.volume.offset(record.data_block())),
            len: record.data_length.into(),
        };
        file.extents.push(extent);
        Ok(())
    }

    /// Adds what a record, or several of one file, stand for.
    fn add(&mut self, dir: NodeId, file: File<'_>, siblings: &mut Siblings) -> Result<()> {
        let record = file.first;
        if record.is_self() || record.is_parent() || record.is_associated() {
            return Ok(());
        }
        let (fields, end) = self.volume.fields(&record)?;
        if fields.relocated {
            return Ok(());
        }
        let name = match fields.name(end) {
            Some(name) => name.to_vec(),
            None => self.naming.name(record.identifier),
        };
        if !siblings.insert(&name) {
            let what = "two entries of one directory have this name; the first one is taken, as \
                        where the disc is mounted";
            self.warn(dir, &name, "duplicate-name", what);
            return Ok(());
        }
        let (entry, directory) = self.entry(dir, &name, file, fields)?;
        let node = self.tree.add(dir, &name, entry).map_err(|e| self.refuse(&record, &name, e))?;
        directory.map_or(Ok(()), |directory| self.enqueue(node, directory, record.offset))
    }

    fn refuse(&self, record: &Record<'_>, name: &[u8], error: NameError) -> Error {
        let image = self.volume.image();
        match error {
            NameError::Many | NameError::Large => {
                image.unsupported(record.offset, error.to_string())
            }
            _ => image.corrupt(record.offset, format!("{error}: '{}'", printable(name))),
        }
    }

    /// Says what a file is: an entry of the tree, and where a directory goes on.
    fn entry(
        &mut self,
        dir: NodeId,
        name: &[u8],
        file: File<'_>,
        fields: Fields,
    ) -> Result<(Entry, Option<Directory>)> {
        let record = file.first;
        let kind = fields.mode.map_or(0, |mode| mode & kind::MASK);
        // A relocated directory leaves a file in its place, which says where it went (RRIP 4.1.5).
        let block = match fields.child {
            Some(block) => Some(block),
            None if record.is_directory() || kind == kind::DIRECTORY => Some(record.data_block()),
            None => None,
        };
        if let Some(block) = block {
            let directory = self.volume.directory(block, record.offset)?;
            let Directory { mode, mtime, .. } = directory;
            return Ok((Entry { mode, mtime, body: Body::Dir }, Some(directory)));
        }
        let mode = fields.mode.map(permissions);
        let mtime = fields.modified.or_else(|| record.recorded());
        let body = if kind == kind::LINK || (kind == 0 && fields.target.is_some()) {
            let target = fields.target.unwrap_or_default().finish();
            Body::Link(target.map_err(|w| self.volume.image().corrupt(record.offset, w))?)
        } else if kind::OTHERS.contains(&kind) {
            Body::Other
        } else {
            self.body(dir, name, file, fields.compression)?
        };
        Ok((Entry { mode, mtime, body }, None))
    }

    /// The content of a regular file.
    fn body(
        &mut self,
        dir: NodeId,
        name: &[u8],
        file: File<'_>,
        compression: Option<Compression>,
    ) -> Result<Body> {
        let record = file.first;
        let image = self.volume.image();
        if record.interleave_gap_size != 0 {
            let what = "an interleaved file, which is not read: it is left empty, as where the \
                        disc is mounted";
            self.warn(dir, name, "interleaved-file", what);
            return Ok(Body::File(Vec::new()));
        }
        let mut extents = file.extents;
        // The location of no bytes means nothing, and some writers put anything there.
        extents.retain(|extent| extent.len > 0);
        for extent in &extents {
            let start = extent.offset.unwrap_or(0);
            if start.checked_add(extent.len).is_none_or(|end| end > image.size()) {
                let what = format!(
                    "the file '{}' has {} bytes at byte {start:#x}, which reach beyond the end of \
                     the image at byte {:#x}",
                    printable(name),
                    extent.len,
                    image.size()
                );
                return Err(image.corrupt(record.offset, what));
            }
        }
        match compression {
            None => Ok(Body::File(extents)),
            Some(Compression::Zisofs(rock_ridge::Compressed { block_log2, size })) => {
                Ok(Body::Zisofs { extents, size: size.into(), block_log2 })
            }
            Some(Compression::Unknown { algorithm, block_log2 }) => {
                let what = format!(
                    "the file '{}' is compressed as '{}' in blocks of 2^{block_log2} bytes",
                    printable(name),
                    printable(&algorithm)
                );
                Err(image.unsupported(record.offset, what))
            }
        }
    }

    fn warn(&mut self, dir: NodeId, name: &[u8], code: &'static str, message: &str) {
        self.warnings = self.warnings.saturating_add(1);
        if self.warnings <= WARNINGS_MAX {
            let mut path = self.tree.path(dir);
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(name);
            self.monitor.warn(Warning::new(code, printable(&path), message));
        }
    }

    fn finish(self) -> Tree {
        let more = self.warnings.saturating_sub(WARNINGS_MAX);
        if more > 0 {
            let image = self.volume.image().path().display().to_string();
            let what = format!("{more} more warnings of this kind about the files of this image");
            self.monitor.warn(Warning::new("more-warnings", image, what));
        }
        self.tree
    }
}
