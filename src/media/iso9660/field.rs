//! Numbers as volume descriptors and directory records hold them (ECMA-119, 7.1 to 7.3).
//!
//! A both-byte-order field (7.2.3, 7.3.3) begins with its little-endian half. That half alone is
//! read, as Linux does: where the halves disagree a mounted disc follows the first one too.

/// One byte.
pub(super) fn u8_at(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

/// A 16-bit number, least significant byte first.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}

/// A 32-bit number, least significant byte first.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

/// A length in memory.
pub(super) fn to_usize(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// A length of something in memory, in bytes of the image.
pub(super) fn to_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_little_endian_half_of_a_both_endian_field_counts() {
        let disagreeing = [1, 2, 0, 0, 9, 9, 9, 9];
        assert_eq!(u32_at(&disagreeing, 0), Some(0x201));
        assert_eq!(u16_at(&disagreeing, 0), Some(0x201));
    }

    #[test]
    fn a_number_that_reaches_beyond_the_end_is_none() {
        assert_eq!(u32_at(&[0; 7], 4), None);
        assert_eq!(u16_at(&[0; 7], usize::MAX), None);
        assert_eq!(u8_at(&[], 0), None);
    }
}
