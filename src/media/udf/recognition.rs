//! The volume recognition sequence (ECMA-167 2/8.3): is there UDF on this image?

use crate::error::Result;
use crate::media::Image;

/// Where the sequence starts, in bytes.
const START: u64 = 32_768;
/// Most structures that are looked at; a bridge disc has about ten.
const STRUCTURES_MAX: u64 = 512;

/// Byte offset of the NSR descriptor, if the image has one (2/9.1, 3/9.1).
///
/// # Errors
/// If the image cannot be read.
pub(super) fn find_nsr(image: &Image) -> Result<Option<u64>> {
    // A structure takes 2048 bytes, or a whole sector where those are larger; some writers put
    // them 2048 bytes apart on sectors of 4096 bytes nevertheless.
    for step in [2048_u64, 4096] {
        for index in 0..STRUCTURES_MAX {
            let at = START.saturating_add(step.saturating_mul(index));
            if at.saturating_add(2048) > image.size() {
                break;
            }
            let mut head = [0; 6];
            image.read_exact_at(at, &mut head)?;
            match head.split_first() {
                Some((_, b"NSR02" | b"NSR03")) => return Ok(Some(at)),
                // ISO 9660's descriptors come first on a bridge disc.
                Some((_, b"CD001" | b"BEA01" | b"BOOT2" | b"CDW02")) => {}
                _ => break,
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(step: usize, names: &[&[u8; 5]]) -> Image {
        let mut bytes = vec![0; 32_768 + 16 * 4096];
        for (index, name) in names.iter().enumerate() {
            let at = 32_768 + step * index;
            bytes[at + 1..at + 6].copy_from_slice(*name);
        }
        Image::new("test.iso", bytes)
    }

    fn found(step: usize, names: &[&[u8; 5]]) -> Option<u64> {
        find_nsr(&image(step, names)).expect("a readable image")
    }

    #[test]
    fn udf_follows_the_descriptors_of_iso_9660_on_a_bridge_disc() {
        let bridge = [b"CD001", b"CD001", b"CD001", b"BEA01", b"NSR02", b"TEA01"];
        assert_eq!(found(2048, &bridge), Some(32_768 + 4 * 2048));
    }

    #[test]
    fn structures_take_a_whole_sector_of_4096_bytes() {
        assert_eq!(found(4096, &[b"BEA01", b"NSR03", b"TEA01"]), Some(32_768 + 4096));
    }

    #[test]
    fn the_search_ends_where_the_sequence_does() {
        assert_eq!(found(2048, &[b"CD001", b"CD001"]), None);
        assert_eq!(found(2048, &[b"BEA01", b"TEA01", b"TEA01", b"NSR02"]), None);
        assert_eq!(found(2048, &[b"CD001", b"junk!", b"junk!", b"NSR02"]), None);
    }

    #[test]
    fn a_file_shorter_than_the_sequence_has_no_udf() {
        assert_eq!(find_nsr(&Image::new("short", vec![0; 100])).expect("readable"), None);
    }
}
