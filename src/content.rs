//! The bytes of an output file, wherever they come from.

use std::sync::Arc;

use crate::cpio::Frame;
use crate::error::Result;
use crate::media::iso9660::zisofs::Zisofs;
use crate::media::{Disc, Extent, Image, Kind, NodeId};

/// What an output file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A file of a disc.
    Node {
        /// Index of the disc.
        disc: usize,
        /// The file.
        node: NodeId,
    },
    /// A whole image, byte for byte.
    Image {
        /// Index of the disc.
        disc: usize,
    },
    /// A whole image as the one file of a cpio archive.
    Archived {
        /// Index of the disc.
        disc: usize,
        /// What is around it.
        frame: Arc<Frame>,
    },
    /// Bytes of our own: a patched or generated file.
    Bytes(Arc<[u8]>),
}

impl Content {
    /// Opens the content.
    ///
    /// # Errors
    /// If a compressed file's header is damaged.
    pub fn reader<'a>(&'a self, discs: &'a [Disc]) -> Result<Reader<'a>> {
        let disc = |index: usize| discs.get(index);
        match self {
            Self::Node { disc: index, node } => match disc(*index) {
                Some(disc) => Reader::of_node(disc, *node),
                None => Ok(Reader::of_bytes(&[])),
            },
            Self::Image { disc: index } => Ok(match disc(*index) {
                Some(disc) => {
                    let extent = Extent { offset: Some(0), len: disc.image.size() };
                    Reader::of_extents(&disc.image, vec![extent])
                }
                None => Reader::of_bytes(&[]),
            }),
            Self::Archived { disc: index, frame } => Ok(match disc(*index) {
                Some(disc) => Reader::of_archive(&disc.image, frame),
                None => Reader::of_bytes(&[]),
            }),
            Self::Bytes(bytes) => Ok(Reader::of_bytes(bytes)),
        }
    }

    /// Size in bytes.
    pub fn len(&self, discs: &[Disc]) -> u64 {
        match self {
            Self::Node { disc, node } => discs.get(*disc).map_or(0, |d| d.tree.size(*node)),
            Self::Image { disc } => discs.get(*disc).map_or(0, |d| d.image.size()),
            Self::Archived { disc, frame } => {
                discs.get(*disc).map_or(0, |d| Reader::of_archive(&d.image, frame).len())
            }
            Self::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        }
    }
}

/// An open [`Content`]; any thread may read from it.
#[derive(Debug)]
pub struct Reader<'a> {
    len: u64,
    source: Source<'a>,
}

#[derive(Debug)]
enum Source<'a> {
    Extents { image: &'a Image, extents: Vec<Extent>, ends: Vec<u64> },
    Zisofs { image: &'a Image, file: Zisofs },
    Archive { image: &'a Image, frame: &'a Frame },
    Bytes(&'a [u8]),
}

impl<'a> Reader<'a> {
    /// A file of a disc; anything but a regular file reads as empty.
    ///
    /// # Errors
    /// If a compressed file's header is damaged.
    pub fn of_node(disc: &'a Disc, node: NodeId) -> Result<Self> {
        let tree = &disc.tree;
        if tree.kind(node) != Kind::File {
            return Ok(Self::of_bytes(&[]));
        }
        let extents: Vec<_> = tree.extents(node).collect();
        match tree.zisofs(node) {
            Some(block_log2) => {
                let len = tree.size(node);
                let file = Zisofs::open(&disc.image, &extents, len, block_log2)?;
                Ok(Self { len, source: Source::Zisofs { image: &disc.image, file } })
            }
            None => Ok(Self::of_extents(&disc.image, extents)),
        }
    }

    fn of_extents(image: &'a Image, extents: Vec<Extent>) -> Self {
        let ends: Vec<u64> = extents
            .iter()
            .scan(0_u64, |end, extent| {
                *end = end.saturating_add(extent.len);
                Some(*end)
            })
            .collect();
        let len = ends.last().copied().unwrap_or(0);
        Self { len, source: Source::Extents { image, extents, ends } }
    }

    fn of_archive(image: &'a Image, frame: &'a Frame) -> Self {
        let around = frame.head.len().saturating_add(frame.tail.len());
        let len = image.size().saturating_add(u64::try_from(around).unwrap_or(u64::MAX));
        Self { len, source: Source::Archive { image, frame } }
    }

    fn of_bytes(bytes: &'a [u8]) -> Self {
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self { len, source: Source::Bytes(bytes) }
    }

    /// Size in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The image and the extents in it, where the bytes lie there as they are: the kernel can copy
    /// them.
    pub fn as_extents(&self) -> Option<(&'a Image, &[Extent])> {
        match &self.source {
            Source::Extents { image, extents, .. } => Some((image, extents)),
            _ => None,
        }
    }

    /// What is left, from byte `offset` of the file on, of the extent that holds it; `None` at the
    /// end, and where the bytes do not lie in an image as they are.
    pub fn extent_at(&self, offset: u64) -> Option<(&'a Image, Extent)> {
        let (image, extents, ends) = match &self.source {
            Source::Extents { image, extents, ends } => (image, extents, ends),
            Source::Archive { image, frame } => {
                let head = u64::try_from(frame.head.len()).unwrap_or(u64::MAX);
                let at = offset.checked_sub(head)?;
                let len = image.size().checked_sub(at).filter(|len| *len > 0)?;
                return Some((image, Extent { offset: Some(at), len }));
            }
            _ => return None,
        };
        let index = ends.partition_point(|&end| end <= offset);
        let (extent, end) = (extents.get(index)?, ends.get(index)?);
        let len = end.checked_sub(offset)?;
        let skipped = extent.len.checked_sub(len)?;
        let offset = extent.offset.map(|at| at.saturating_add(skipped));
        Some((image, Extent { offset, len }))
    }

    /// Reads at `offset`; fewer bytes than asked for at the end of an extent, none at the end of
    /// the file.
    ///
    /// # Errors
    /// As the image; a compressed block that does not expand.
    pub fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let rest = self.len.saturating_sub(offset);
        let most = usize::try_from(rest).unwrap_or(usize::MAX).min(buf.len());
        let buf = buf.get_mut(..most).unwrap_or_default();
        if buf.is_empty() {
            return Ok(0);
        }
        match &self.source {
            Source::Bytes(bytes) => {
                let at = usize::try_from(offset).unwrap_or(usize::MAX);
                let from = bytes.get(at..at.saturating_add(buf.len())).unwrap_or_default();
                buf.copy_from_slice(from);
                Ok(buf.len())
            }
            Source::Zisofs { image, file } => file.read_at(image, offset, buf),
            Source::Archive { image, frame } => {
                if let Some((_, Extent { offset: Some(from), len })) = self.extent_at(offset) {
                    let n = usize::try_from(len).unwrap_or(usize::MAX).min(buf.len());
                    let buf = buf.get_mut(..n).unwrap_or_default();
                    image.read_exact_at(from, buf)?;
                    return Ok(n);
                }
                let head = u64::try_from(frame.head.len()).unwrap_or(u64::MAX);
                let (part, at) = match offset < head {
                    true => (&frame.head, offset),
                    false => {
                        (&frame.tail, offset.saturating_sub(head).saturating_sub(image.size()))
                    }
                };
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                let rest = part.get(at..).unwrap_or_default();
                let n = rest.len().min(buf.len());
                let (buf, rest) = (buf.get_mut(..n), rest.get(..n));
                if let (Some(buf), Some(rest)) = (buf, rest) {
                    buf.copy_from_slice(rest);
                }
                Ok(n)
            }
            Source::Extents { image, extents, ends } => {
                let index = ends.partition_point(|&end| end <= offset);
                let (Some(extent), Some(end)) = (extents.get(index), ends.get(index)) else {
                    return Ok(0);
                };
                let left = end.saturating_sub(offset);
                let n = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
                let buf = buf.get_mut(..n).unwrap_or_default();
                match extent.offset {
                    Some(start) => {
                        let into = extent.len.saturating_sub(left);
                        image.read_exact_at(start.saturating_add(into), buf)?;
                    }
                    None => buf.fill(0),
                }
                Ok(n)
            }
        }
    }

    /// Fills `buf` from `offset`; what lies beyond the end of the file stays as it is.
    ///
    /// # Errors
    /// As [`Reader::read_at`].
    pub fn read_exact_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(u64::try_from(done).unwrap_or(u64::MAX));
            match self.read_at(at, rest)? {
                0 => break,
                n => done = done.saturating_add(n),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Image;

    #[test]
    fn an_archive_reads_the_same_from_every_byte_on() {
        let frame = Frame::new("a", 5).expect("small");
        let image = Image::new("a.iso", b"12345".to_vec());
        let reader = Reader::of_archive(&image, &frame);
        let all = [&frame.head[..], b"12345", &frame.tail].concat();
        assert_eq!(reader.len(), 512);
        for at in 0..=all.len() {
            let mut buf = vec![0; all.len() - at];
            reader.read_exact_at(at as u64, &mut buf).expect("readable");
            assert_eq!(buf, all[at..], "{at}");
        }
        let head = frame.head.len() as u64;
        let extent = |at| reader.extent_at(at).map(|(_, extent)| (extent.offset, extent.len));
        assert_eq!(extent(head - 1), None);
        assert_eq!(extent(head + 2), Some((Some(2), 3)));
        assert_eq!(extent(head + 5), None);
        assert_eq!(reader.read_at(512, &mut [0; 4]).expect("the end"), 0);
    }
}
