//! Anchor volume descriptor pointers (ECMA-167 3/8.4.2, 3/10.2): where the descriptions of the
//! volume are.

use super::field::u32_at;
use super::sector::{Descriptor, Sectors};
use super::tag::{TagError, identifier};
use crate::error::{Error, Result};

/// A run of sectors (extent_ad, 3/7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SectorExtent {
    /// Length in bytes.
    pub(super) length: u32,
    /// First sector.
    pub(super) location: u32,
}

impl SectorExtent {
    /// The eight bytes at `at`.
    pub(super) fn at(from: &[u8], at: usize) -> Self {
        Self { length: u32_at(from, at), location: u32_at(from, at.saturating_add(4)) }
    }
}

/// An anchor volume descriptor pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchor {
    /// The main volume descriptor sequence.
    pub(super) main: SectorExtent,
    /// The same again, elsewhere.
    pub(super) reserve: SectorExtent,
}

impl Anchor {
    fn parse(descriptor: &Descriptor) -> Self {
        let bytes = &descriptor.bytes;
        Self { main: SectorExtent::at(bytes, 16), reserve: SectorExtent::at(bytes, 24) }
    }
}

/// The sectors where an anchor may be: 256, the last one, the one 256 before the last; then where
/// the last one is when a drive has counted lead-out or run-out blocks; 512 on an open disc.
fn candidates(count: u64) -> Vec<u32> {
    let last = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
    let mut sectors = vec![256];
    for back in [0, 1, 2, 150, 152] {
        for sector in [Some(back), Some(256_u32.saturating_add(back))] {
            sectors.extend(sector.and_then(|back| last.checked_sub(back)));
        }
    }
    sectors.push(512);
    sectors.retain(|&sector| u64::from(sector) < count);
    sectors
}

/// Every anchor that there is, in the order in which they count, and what is wrong with those
/// that would be one but for their tag.
///
/// # Errors
/// If the image cannot be read.
pub(super) fn find(sectors: &Sectors<'_>) -> Result<(Vec<Anchor>, Option<Error>)> {
    let mut anchors = Vec::new();
    let mut damage = None;
    for sector in candidates(sectors.count()) {
        match sectors.descriptor(sector)? {
            Ok(found) if found.tag.identifier == identifier::ANCHOR => {
                let anchor = Anchor::parse(&found);
                if !anchors.contains(&anchor) {
                    anchors.push(anchor);
                }
            }
            Err(fault @ (TagError::Crc { .. } | TagError::CrcLength(_))) => {
                let what = format!("anchor volume descriptor pointer: {fault}");
                damage.get_or_insert_with(|| sectors.corrupt(sector, what));
            }
            _ => {}
        }
    }
    Ok((anchors, damage))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Image;
    use crate::media::udf::{field::usize_of, tag};

    fn image(sectors: u32, anchors: &[u32]) -> Image {
        let mut bytes = vec![0; usize_of(sectors) * 512];
        for &sector in anchors {
            let at = usize_of(sector) * 512;
            let block = &mut bytes[at..at + 512];
            block[16..24].copy_from_slice(&[0, 16, 0, 0, 32, 0, 0, 0]);
            block[24..32].copy_from_slice(&[0, 16, 0, 0, 48, 0, 0, 0]);
            tag::seal(block, identifier::ANCHOR, sector);
        }
        Image::new("test", bytes)
    }

    fn found(image: &Image) -> (Vec<Anchor>, Option<Error>) {
        find(&Sectors { image, size: 512 }).expect("readable")
    }

    #[test]
    fn an_anchor_is_found_at_each_of_its_places() {
        let expected = Anchor {
            main: SectorExtent { length: 4096, location: 32 },
            reserve: SectorExtent { length: 4096, location: 48 },
        };
        for place in [256, 899, 899 - 256, 898, 897, 749, 747, 512] {
            assert_eq!(found(&image(900, &[place])).0, [expected], "sector {place}");
        }
        assert_eq!(found(&image(900, &[300])).0, []);
    }

    #[test]
    fn a_small_image_has_fewer_places() {
        assert!(candidates(0).is_empty());
        assert_eq!(candidates(100), [99, 98, 97]);
        assert!(candidates(300).contains(&43));
    }

    #[test]
    fn a_damaged_anchor_is_remembered() {
        let mut bytes = vec![0; 300 * 512];
        tag::seal(&mut bytes[256 * 512..257 * 512], identifier::ANCHOR, 256);
        bytes[256 * 512 + 20] ^= 1;
        let (anchors, damage) = found(&Image::new("test", bytes));
        assert_eq!(anchors, []);
        assert_eq!(damage.expect("a damaged anchor").offset(), Some(256 * 512));
    }
}
