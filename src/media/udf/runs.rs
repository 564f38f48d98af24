//! Byte extents while they are being gathered: joined, and bounded.

use super::partition::MapError;
use crate::media::Extent;

/// Most extents of one file, after those that follow each other have been joined.
const EXTENTS_MAX: usize = 1 << 20;

/// What may still be spent on one volume: a hostile one could have the same tables read for ever. A small
/// image is granted less than a large one.
#[derive(Debug)]
pub(super) struct Budget {
    /// Bytes of directories alone: no two of them share any.
    listed: u64,
    /// Bytes of directories, links, tables and allocation descriptors.
    bytes: u64,
    /// Pieces that extents are cut into by partition maps, and holes.
    pieces: u64,
}

impl Budget {
    /// Most bytes of a volume's structures, file entries (one a file) left out.
    pub(super) const BYTES: u64 = 256 << 20;
    /// How many times an image's own size that may be: tables of files with several names are read again
    /// for each name.
    pub(super) const TIMES: u64 = 16;
    /// Most pieces of all files together.
    const PIECES: u64 = 1 << 24;
    /// The shortest allocation descriptor, in bytes.
    const PIECE: u64 = 8;

    /// What is granted to one volume in an image of `size` bytes.
    pub(super) fn new(size: u64) -> Self {
        let bytes = size.saturating_mul(Self::TIMES).min(Self::BYTES);
        let pieces = bytes.checked_div(Self::PIECE).unwrap_or_default().min(Self::PIECES);
        Self { listed: size, bytes, pieces }
    }

    /// Takes the `count` bytes of a directory; false if the directories are larger together than the image.
    pub(super) fn list(&mut self, count: u64) -> bool {
        let left = self.listed.checked_sub(count);
        self.listed = left.unwrap_or_default();
        left.is_some()
    }

    /// Takes `count` bytes; false if they are not there.
    pub(super) fn take(&mut self, count: u64) -> bool {
        let left = self.bytes.checked_sub(count);
        self.bytes = left.unwrap_or_default();
        left.is_some()
    }
}

/// The extents of one file, in order.
#[derive(Debug)]
pub(super) struct Runs<'b> {
    extents: Vec<Extent>,
    len: u64,
    budget: &'b mut Budget,
}

impl<'b> Runs<'b> {
    /// None yet.
    pub(super) fn new(budget: &'b mut Budget) -> Self {
        Self { extents: Vec::new(), len: 0, budget }
    }

    /// Adds `len` bytes at `offset` of the image, or a hole.
    ///
    /// # Errors
    /// [`MapError::Pieces`] if there are too many.
    pub(super) fn push(&mut self, offset: Option<u64>, len: u64) -> Result<(), MapError> {
        self.budget.pieces = self.budget.pieces.checked_sub(1).ok_or(MapError::Pieces)?;
        self.len = self.len.saturating_add(len);
        if let Some(last) = self.extents.last_mut() {
            let follows = match (last.offset, offset) {
                (Some(at), Some(next)) => at.checked_add(last.len) == Some(next),
                (None, None) => true,
                _ => false,
            };
            if follows && let Some(joined) = last.len.checked_add(len) {
                last.len = joined;
                return Ok(());
            }
        }
        if self.extents.len() >= EXTENTS_MAX {
            return Err(MapError::Pieces);
        }
        self.extents.push(Extent { offset, len });
        Ok(())
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The budget that the pieces are taken from.
    pub(super) fn budget(&mut self) -> &mut Budget {
        self.budget
    }

    /// The extents.
    pub(super) fn into_extents(self) -> Vec<Extent> {
        self.extents
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_follow_each_other_become_one() {
        let mut budget = Budget::new(1 << 20);
        let mut runs = Runs::new(&mut budget);
        for (offset, len) in [(Some(0), 5), (Some(5), 5), (None, 1), (None, 1), (Some(12), 1)] {
            runs.push(offset, len).expect("few");
        }
        assert_eq!(runs.len(), 13);
        let expected = [
            Extent { offset: Some(0), len: 10 },
            Extent { offset: None, len: 2 },
            Extent { offset: Some(12), len: 1 },
        ];
        assert_eq!(runs.into_extents(), expected);
    }

    #[test]
    fn pieces_run_out_even_where_they_join() {
        let mut budget = Budget { listed: 0, bytes: 0, pieces: 2 };
        let mut runs = Runs::new(&mut budget);
        assert_eq!(runs.push(None, 1), Ok(()));
        assert_eq!(runs.push(None, 1), Ok(()));
        assert_eq!(runs.push(None, 1), Err(MapError::Pieces));
    }

    #[test]
    fn bytes_run_out() {
        let mut budget = Budget { listed: 5, bytes: 10, pieces: 0 };
        assert!(budget.take(10));
        assert!(!budget.take(1));
        assert!(budget.list(5));
        assert!(!budget.list(1));
    }

    #[test]
    fn a_small_image_is_granted_less_than_a_large_one() {
        let Budget { listed, bytes, pieces } = Budget::new(1 << 20);
        assert_eq!((listed, bytes, pieces), (1 << 20, 16 << 20, 2 << 20));
        let Budget { bytes, pieces, .. } = Budget::new(u64::MAX);
        assert_eq!((bytes, pieces), (Budget::BYTES, Budget::PIECES));
    }
}
