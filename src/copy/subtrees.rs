//! The BLAKE3 hash of a file whose pieces are hashed apart, in any order.
//!
//! BLAKE3 is a binary tree over chunks of 1 KiB. A piece whose size is a power of two chunks and
//! whose offset is a multiple of that is a whole subtree (the last one may be short), so the
//! pieces are the leaves of a smaller tree of the same shape: the left side of every node holds
//! the largest power of two of leaves that leaves something for the right.

use std::collections::HashMap;

use blake3::Hasher;
use blake3::hazmat::{
    ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root,
};

/// The subtrees of a file of two pieces or more. Neighbours are merged as soon as both are there,
/// so that few are held however many pieces there are.
#[derive(Debug)]
pub(crate) struct Subtrees {
    pieces: u64,
    /// By level (0 for a piece) and index on that level.
    done: HashMap<(u32, u64), ChainingValue>,
}

impl Subtrees {
    /// For a file of `pieces` pieces, at least two.
    pub(crate) fn new(pieces: u64) -> Self {
        Self { pieces, done: HashMap::new() }
    }

    /// A hasher for the piece that begins `offset` bytes into the file, to be handed to
    /// [`Subtrees::add`] when it has had all bytes of the piece.
    pub(crate) fn hasher(offset: u64) -> Hasher {
        let mut hasher = Hasher::new();
        hasher.set_input_offset(offset);
        hasher
    }

    /// Takes the finished piece number `index`.
    pub(crate) fn add(&mut self, index: u64, hasher: &Hasher) {
        let (mut level, mut index, mut value) = (0, index, hasher.finalize_non_root());
        // The root is merged by another function, in `finish`.
        while !self.is_root(level + 1) {
            let Some(other) = self.done.remove(&(level, index ^ 1)) else { break };
            let (left, right) = if index & 1 == 0 { (&value, &other) } else { (&other, &value) };
            value = merge_subtrees_non_root(left, right, Mode::Hash);
            (level, index) = (level + 1, index >> 1);
        }
        self.done.insert((level, index), value);
    }

    /// Whether one subtree of `level` holds all pieces.
    fn is_root(&self, level: u32) -> bool {
        1_u64.checked_shl(level).is_none_or(|width| width >= self.pieces)
    }

    /// The hash, once all pieces are there.
    pub(crate) fn finish(&mut self) -> Option<blake3::Hash> {
        let mut rest: Vec<_> = self.done.drain().collect();
        rest.sort_unstable_by_key(|&((level, index), _)| index << level);
        let mut rest = rest.into_iter().map(|(_, value)| value);
        let (first, last) = (rest.next()?, rest.next_back()?);
        let right =
            rest.rfold(last, |right, left| merge_subtrees_non_root(&left, &right, Mode::Hash));
        Some(merge_subtrees_root(&first, &right, Mode::Hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn in_pieces(bytes: &[u8], piece: usize, order: &[usize]) -> blake3::Hash {
        let pieces: Vec<_> = bytes.chunks(piece).collect();
        let mut subtrees = Subtrees::new(pieces.len() as u64);
        for &index in order {
            let mut hasher = Subtrees::hasher((index * piece) as u64);
            hasher.update(pieces[index]);
            subtrees.add(index as u64, &hasher);
        }
        subtrees.finish().expect("two pieces or more")
    }

    #[test]
    fn pieces_hash_as_the_whole_at_every_edge() {
        let bytes: Vec<u8> = (0..40 * 1024_u32).map(|i| (i % 251) as u8).collect();
        for pieces in 2..=35 {
            for len in [1024 * (pieces - 1) + 1, 1024 * pieces - 1, 1024 * pieces] {
                let forwards: Vec<_> = (0..pieces).collect();
                let backwards: Vec<_> = (0..pieces).rev().collect();
                let bytes = &bytes[..len];
                assert_eq!(in_pieces(bytes, 1024, &forwards), blake3::hash(bytes), "{len}");
                assert_eq!(in_pieces(bytes, 1024, &backwards), blake3::hash(bytes), "{len}");
            }
        }
    }

    #[test]
    fn few_subtrees_are_held_however_many_pieces_there_are() {
        let mut subtrees = Subtrees::new(10_000);
        for index in 0..10_000 {
            let mut hasher = Subtrees::hasher(index * 1024);
            hasher.update(&[0; 1024]);
            subtrees.add(index, &hasher);
            assert!(subtrees.done.len() <= 15, "{}", subtrees.done.len());
        }
    }

    fn shuffled() -> impl Strategy<Value = (usize, usize, Vec<usize>)> {
        (0..3_u32, 1..100_000_usize).prop_flat_map(|(log2, len)| {
            let piece = 1024 << log2;
            let len = len.max(piece + 1);
            let order: Vec<_> = (0..len.div_ceil(piece)).collect();
            (Just(piece), Just(len), Just(order).prop_shuffle())
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        #[test]
        fn pieces_hash_as_the_whole_in_any_order((piece, len, order) in shuffled()) {
            let bytes: Vec<u8> = (0..len).map(|i| (i / 7) as u8).collect();
            prop_assert_eq!(in_pieces(&bytes, piece, &order), blake3::hash(&bytes));
        }
    }
}
