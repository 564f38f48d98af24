//! Little-endian fields of descriptors (ECMA-167 1/7.1).
//!
//! A field that lies outside of the bytes reads as zero: whoever takes fields from a descriptor has
//! checked its length first.

/// `N` bytes at `at`.
pub(super) fn bytes<const N: usize>(from: &[u8], at: usize) -> [u8; N] {
    slice(from, at, N).try_into().unwrap_or([0; N])
}

/// `len` bytes at `at`; none if they are not all there.
pub(super) fn slice(from: &[u8], at: usize, len: usize) -> &[u8] {
    at.checked_add(len).and_then(|end| from.get(at..end)).unwrap_or_default()
}

/// Uint8 (1/7.1.1).
pub(super) fn u8_at(from: &[u8], at: usize) -> u8 {
    from.get(at).copied().unwrap_or_default()
}

/// Uint16 (1/7.1.3).
pub(super) fn u16_at(from: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes(from, at))
}

/// Uint32 (1/7.1.5).
pub(super) fn u32_at(from: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes(from, at))
}

/// Uint64 (1/7.1.7).
pub(super) fn u64_at(from: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes(from, at))
}

/// A length of 32 bits as one of memory.
pub(super) fn usize_of(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// A length of memory as one of the image.
pub(super) fn u64_of(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// The identifier of a regid (1/7.4): 23 bytes after the flags, padded with zeros.
pub(super) fn regid(from: &[u8], at: usize) -> &[u8] {
    let identifier = slice(from, at.saturating_add(1), 23);
    let len = identifier.iter().position(|&b| b == 0).unwrap_or(identifier.len());
    identifier.get(..len).unwrap_or_default()
}

/// The identifier of a regid as text for people, without the star that marks it as not
/// registered; empty if it is no plain text.
pub(super) fn regid_text(from: &[u8], at: usize) -> String {
    let identifier = regid(from, at);
    if !identifier.iter().all(|b| (0x20..0x7f).contains(b)) {
        return String::new();
    }
    let text = String::from_utf8_lossy(identifier);
    text.strip_prefix('*').unwrap_or(&text).trim().to_owned()
}

/// Where a logical block is: its number and the partition reference that the number is of
/// (lb_addr, 4/7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Address {
    /// Logical block number.
    pub(super) block: u32,
    /// Partition reference number: an index into the logical volume's partition maps.
    pub(super) partition: u16,
}

impl Address {
    /// The six bytes at `at`.
    pub(super) fn at(from: &[u8], at: usize) -> Self {
        Self { block: u32_at(from, at), partition: u16_at(from, at.saturating_add(4)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_outside_of_the_bytes_is_zero() {
        assert_eq!(u32_at(&[1, 2, 3], 0), 0);
        assert_eq!(u16_at(&[1, 2, 3], usize::MAX), 0);
        assert_eq!(u16_at(&[1, 2, 3], 1), 0x0302);
    }

    #[test]
    fn an_identifier_that_is_no_text_is_empty() {
        let mut regid = [0; 32];
        regid[1..12].copy_from_slice(b"*Linux Fake");
        assert_eq!(regid_text(&regid, 0), "Linux Fake");
        regid[4] = 7;
        assert_eq!(regid_text(&regid, 0), "");
    }
}
