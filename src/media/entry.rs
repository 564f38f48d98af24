//! One file, directory or link as a reader describes it.

use std::collections::HashSet;

use super::time::Timestamp;

/// A run of bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Where it starts in the image, in bytes; `None` for a hole, which reads as zeros.
    pub offset: Option<u64>,
    /// Length in bytes.
    pub len: u64,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A directory.
    Dir,
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A device node, FIFO or socket: listed, never created.
    Other,
}

/// A node as a reader describes it.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// Permission bits (07777), where the medium records them.
    pub mode: Option<u16>,
    /// Time of the last modification, where the medium records it.
    pub mtime: Option<Timestamp>,
    /// What it is and holds.
    pub body: Body,
}

/// What an [`Entry`] holds.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// A directory; its children are added under its [`super::NodeId`].
    #[default]
    Dir,
    /// A regular file: its extents in order. Their lengths add up to its size.
    File(Vec<Extent>),
    /// A file that is stored compressed by zisofs: `extents` hold the compressed stream, `size` is
    /// the size that it expands to, in bytes.
    Zisofs {
        /// The compressed stream with its header.
        extents: Vec<Extent>,
        /// Uncompressed size in bytes.
        size: u64,
        /// Binary logarithm of the block size (15 to 17).
        block_log2: u8,
    },
    /// A symbolic link with its target, verbatim.
    Link(Vec<u8>),
    /// Anything else.
    Other,
}

/// The sum of the extents' lengths.
pub(super) fn total(extents: &[Extent]) -> u64 {
    extents.iter().fold(0, |sum, extent| sum.saturating_add(extent.len))
}

/// Joins extents that follow each other in the image, and drops empty ones.
pub(super) fn coalesced(extents: Vec<Extent>) -> Vec<Extent> {
    let mut out: Vec<Extent> = Vec::with_capacity(extents.len());
    for extent in extents.into_iter().filter(|extent| extent.len > 0) {
        if let Some(last) = out.last_mut() {
            let joins = match (last.offset, extent.offset) {
                (None, None) => true,
                (Some(at), Some(next)) => at.checked_add(last.len) == Some(next),
                _ => false,
            };
            if joins && let Some(len) = last.len.checked_add(extent.len) {
                last.len = len;
                continue;
            }
        }
        out.push(extent);
    }
    out
}

/// The names of one directory so far: of two entries with one name the first is the one that a
/// mounted disc opens.
#[derive(Debug, Default)]
pub struct Siblings(HashSet<Box<[u8]>>);

impl Siblings {
    /// Whether `name` is new here.
    pub fn insert(&mut self, name: &[u8]) -> bool {
        !self.0.contains(name) && self.0.insert(name.into())
    }
}
