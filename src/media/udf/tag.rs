//! The descriptor tag that every descriptor begins with (ECMA-167 3/7.2, 4/7.2).

use super::field::{slice, u8_at, u16_at, u32_at};

/// Length of a tag in bytes.
pub(super) const LEN: usize = 16;

/// Tag identifiers (3/7.2.1, 4/7.2.1; 0 is OSTA's, for sparing tables).
pub(super) mod identifier {
    pub(in super::super) const SPARING_TABLE: u16 = 0;
    pub(in super::super) const PRIMARY_VOLUME: u16 = 1;
    pub(in super::super) const ANCHOR: u16 = 2;
    pub(in super::super) const VOLUME_POINTER: u16 = 3;
    pub(in super::super) const PARTITION: u16 = 5;
    pub(in super::super) const LOGICAL_VOLUME: u16 = 6;
    pub(in super::super) const TERMINATING: u16 = 8;
    pub(in super::super) const FILE_SET: u16 = 256;
    pub(in super::super) const FILE_IDENTIFIER: u16 = 257;
    pub(in super::super) const ALLOCATION_EXTENT: u16 = 258;
    pub(in super::super) const INDIRECT_ENTRY: u16 = 259;
    pub(in super::super) const FILE_ENTRY: u16 = 261;
    pub(in super::super) const EXTENDED_FILE_ENTRY: u16 = 266;
}

/// Width 16, polynomial 0x1021, initial value 0 (3/7.2.6).
static CRC: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_XMODEM);

/// The CRC of a descriptor's bytes.
pub(super) fn crc(bytes: &[u8]) -> u16 {
    CRC.checksum(bytes)
}

/// The fields of a tag, as recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) identifier: u16,
    pub(super) descriptor_version: u16,
    pub(super) checksum: u8,
    pub(super) descriptor_crc: u16,
    pub(super) descriptor_crc_length: u16,
    pub(super) location: u32,
}

/// Why a tag does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum TagError {
    /// Not even a tag's bytes.
    #[error("no room for a descriptor tag")]
    Short,
    /// Nothing but zeros.
    #[error("no descriptor: the block is blank")]
    Blank,
    /// 3/7.2.3.
    #[error("descriptor tag checksum is {recorded:#04x}, its bytes sum up to {computed:#04x}")]
    Checksum { recorded: u8, computed: u8 },
    /// 3/7.2.2: 2 or 3.
    #[error("descriptor version {0} is neither 2 nor 3")]
    Version(u16),
    /// 3/7.2.8.
    #[error("descriptor tag says that it is of block {recorded}, not {expected}")]
    Location { recorded: u32, expected: u32 },
    /// 3/7.2.7.
    #[error("descriptor CRC covers {0} bytes, more than there are")]
    CrcLength(u16),
    /// 3/7.2.6.
    #[error("descriptor CRC is {recorded:#06x}, its bytes give {computed:#06x}")]
    Crc { recorded: u16, computed: u16 },
    /// 3/7.2.1.
    #[error("descriptor of type {recorded} where type {expected} belongs")]
    Identifier { recorded: u16, expected: u16 },
}

impl Tag {
    /// The tag's fields, unchecked.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        Self {
            identifier: u16_at(bytes, 0),
            descriptor_version: u16_at(bytes, 2),
            checksum: u8_at(bytes, 4),
            descriptor_crc: u16_at(bytes, 8),
            descriptor_crc_length: u16_at(bytes, 10),
            location: u32_at(bytes, 12),
        }
    }

    /// Length in bytes of the tag and all that its CRC covers.
    pub(super) fn covered(self) -> usize {
        LEN.saturating_add(usize::from(self.descriptor_crc_length))
    }

    /// Checks the descriptor that `bytes` begin with; `location` is the block number that its tag
    /// must hold, where that is known.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(super) fn check(bytes: &[u8], location: Option<u32>) -> Result<Self, TagError> {
        let raw = slice(bytes, 0, LEN);
        if raw.is_empty() {
            return Err(TagError::Short);
        }
        if raw.iter().all(|&b| b == 0) {
            return Err(TagError::Blank);
        }
        let tag = Self::parse(raw);
        let computed = raw.iter().fold(0_u8, |sum, &b| sum.wrapping_add(b));
        let computed = computed.wrapping_sub(tag.checksum);
        if computed != tag.checksum {
            return Err(TagError::Checksum { recorded: tag.checksum, computed });
        }
        if !matches!(tag.descriptor_version, 2 | 3) {
            return Err(TagError::Version(tag.descriptor_version));
        }
        if let Some(expected) = location.filter(|&expected| expected != tag.location) {
            return Err(TagError::Location { recorded: tag.location, expected });
        }
        let Some(body) = bytes.get(LEN..tag.covered()) else {
            return Err(TagError::CrcLength(tag.descriptor_crc_length));
        };
        let computed = crc(body);
        if computed != tag.descriptor_crc {
            return Err(TagError::Crc { recorded: tag.descriptor_crc, computed });
        }
        Ok(tag)
    }

    /// Makes sure that the descriptor is of the type `expected`.
    ///
    /// # Errors
    /// If it is of another.
    pub(super) fn expect(self, expected: u16) -> Result<(), TagError> {
        if self.identifier == expected {
            return Ok(());
        }
        Err(TagError::Identifier { recorded: self.identifier, expected })
    }
}

/// For tests: writes a valid tag over the first bytes, its CRC covering all the rest.
#[cfg(test)]
pub(super) fn seal(bytes: &mut [u8], identifier: u16, location: u32) {
    let len = u16::try_from(bytes.len() - LEN).expect("a short descriptor");
    let crc = crc(&bytes[LEN..]);
    bytes[..LEN].fill(0);
    bytes[0..2].copy_from_slice(&identifier.to_le_bytes());
    bytes[2..4].copy_from_slice(&2_u16.to_le_bytes());
    bytes[8..10].copy_from_slice(&crc.to_le_bytes());
    bytes[10..12].copy_from_slice(&len.to_le_bytes());
    bytes[12..16].copy_from_slice(&location.to_le_bytes());
    bytes[4] = bytes[..LEN].iter().fold(0, |sum: u8, &b| sum.wrapping_add(b));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The terminating descriptor of sector 37 with a CRC over 496 zeros, as mkudffs writes it but
    /// for the block size.
    const TERMINATING: [u8; 16] = [8, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0xf0, 1, 37, 0, 0, 0];

    fn terminating() -> Vec<u8> {
        let mut block = vec![0; 512];
        block[..16].copy_from_slice(&TERMINATING);
        block
    }

    #[test]
    fn the_crc_is_the_one_of_the_standard() {
        // The example of ECMA-167 annex: 0x70 0x6A 0x77 gives 0x3299.
        assert_eq!(crc(&[0x70, 0x6a, 0x77]), 0x3299);
    }

    #[test]
    fn a_good_tag_holds() {
        let mut block = terminating();
        block[4] = block[..16].iter().fold(0, |s: u8, &b| s.wrapping_add(b)).wrapping_sub(0x20);
        let tag = Tag::check(&block, Some(37)).expect("a good tag");
        assert_eq!((tag.identifier, tag.location, tag.covered()), (8, 37, 512));
        assert_eq!(tag.expect(identifier::TERMINATING), Ok(()));
        let expected = TagError::Identifier { recorded: 8, expected: 2 };
        assert_eq!(tag.expect(identifier::ANCHOR), Err(expected));
    }

    #[test]
    fn every_flipped_bit_of_a_tag_is_noticed() {
        let mut block = vec![7; 64];
        seal(&mut block, identifier::FILE_ENTRY, 9);
        assert!(Tag::check(&block, Some(9)).is_ok());
        for byte in (0..5).chain(6..64) {
            block[byte] ^= 0x10;
            assert!(Tag::check(&block, Some(9)).is_err(), "byte {byte}");
            block[byte] ^= 0x10;
        }
    }

    #[test]
    fn a_blank_block_has_no_tag() {
        assert_eq!(Tag::check(&[0; 512], None), Err(TagError::Blank));
        assert_eq!(Tag::check(&[0; 15], None), Err(TagError::Short));
    }

    #[test]
    fn the_location_is_compared_where_it_is_known() {
        let mut block = vec![0; 32];
        seal(&mut block, identifier::ANCHOR, 256);
        assert!(Tag::check(&block, None).is_ok());
        let wrong = TagError::Location { recorded: 256, expected: 257 };
        assert_eq!(Tag::check(&block, Some(257)), Err(wrong));
    }

    #[test]
    fn a_crc_over_more_bytes_than_there_are_does_not_hold() {
        let mut block = vec![0; 32];
        seal(&mut block, identifier::ANCHOR, 256);
        assert_eq!(Tag::check(&block[..31], None), Err(TagError::CrcLength(16)));
    }
}
