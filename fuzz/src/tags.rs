//! Descriptor tags of UDF (ECMA-167 3/7.2, 4/7.2), found by their looks and made to hold again.

use pxe_import_fixtures::udf::repair_tags;

use crate::sectors::{SECTOR, used};

/// Byte offsets of everything that looks like a descriptor.
pub fn find(image: &[u8]) -> Vec<usize> {
    let mut tags = Vec::new();
    for start in used(image) {
        let places = (start..start + SECTOR).step_by(4);
        tags.extend(places.filter(|&at| {
            let tag = image.get(at..at + 16);
            tag.is_some_and(|tag| looks_like_a_tag(tag, at == start))
        }));
    }
    tags
}

/// Makes the checksum and CRC of everything hold that looks like a descriptor, else no change to
/// one gets past them.
pub fn repair(image: &mut [u8]) {
    let tags = find(image);
    repair_tags(image, &tags);
}

/// A tag by its identifier, version and reserved byte. Only file identifiers begin within a sector.
fn looks_like_a_tag(bytes: &[u8], aligned: bool) -> bool {
    let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let identifier = match word(0) {
        257 => true,
        1..=9 | 256..=266 => aligned,
        _ => false,
    };
    identifier && matches!(word(2), 2 | 3) && bytes[5] == 0
}
