//! Byte extents while they are being gathered: joined, and bounded.

use super::partition::MapError;
use crate::media::Extent;

/// Most extents of one file, after those that follow each other have been joined.
const EXTENTS_MAX: usize = 1 << 20;

/// What may still be spent on one volume: a hostile one could have the same tables read for ever.
#[derive(Debug)]
pub(super) struct Budget {
    /// Bytes of directories, links, tables and allocation descriptors.
    bytes: u64,
    /// Pieces that extents are cut into by partition maps, and holes.
    pieces: u64,
}

impl Budget {
    /// Most bytes of a volume's structures, file entries (one a file) left out.
    pub(super) const BYTES: u64 = 256 << 20;
    /// Most pieces of all files together.
    const PIECES: u64 = 1 << 24;

    /// All that one volume is granted.
    pub(super) fn new() -> Self {
        Self { bytes: Self::BYTES, pieces: Self::PIECES }
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
        let mut budget = Budget::new();
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
        let mut budget = Budget { bytes: 0, pieces: 2 };
        let mut runs = Runs::new(&mut budget);
        assert_eq!(runs.push(None, 1), Ok(()));
        assert_eq!(runs.push(None, 1), Ok(()));
        assert_eq!(runs.push(None, 1), Err(MapError::Pieces));
    }

    #[test]
    fn bytes_run_out() {
        let mut budget = Budget { bytes: 10, pieces: 0 };
        assert!(budget.take(10));
        assert!(!budget.take(1));
    }
}
