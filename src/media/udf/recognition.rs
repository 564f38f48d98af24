//! The volume recognition sequence (ECMA-167 2/8.3): is there UDF on this image?

use crate::error::Result;
use crate::media::Image;

/// Where the sequence starts, in bytes.
const START: u64 = 32_768;
/// Length of a structure in bytes.
const STRUCTURE: u64 = 2048;
/// Most structures that are looked at; a bridge disc has about ten.
const STRUCTURES_MAX: u64 = 512;

/// Byte offset of the NSR descriptor (2/9.1, 3/9.1), if there is one on an image of sectors of
/// `sector_size` bytes: a structure takes 2048 bytes, or a whole sector where those are larger.
///
/// # Errors
/// If the image cannot be read.
pub(super) fn find_nsr(image: &Image, sector_size: u32) -> Result<Option<u64>> {
    let step = u64::from(sector_size).max(STRUCTURE);
    for index in 0..STRUCTURES_MAX {
        let at = START.saturating_add(step.saturating_mul(index));
        match identify(image, at)? {
            Structure::Nsr => return Ok(Some(at)),
            Structure::End => break,
            Structure::Other => {}
        }
        // Windows 10 puts them 2048 bytes apart on larger sectors nevertheless.
        let between = at.saturating_add(STRUCTURE);
        if step > STRUCTURE && identify(image, between)? == Structure::Nsr {
            return Ok(Some(between));
        }
    }
    Ok(None)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Structure {
    /// UDF's descriptors follow ECMA-167 part 3.
    Nsr,
    /// Of the sequence, but of no interest: ISO 9660's on a bridge disc, or the extended area's.
    Other,
    /// The end of the extended area, or of the sequence.
    End,
}

fn identify(image: &Image, at: u64) -> Result<Structure> {
    if at.saturating_add(STRUCTURE) > image.size() {
        return Ok(Structure::End);
    }
    let mut head = [0; 6];
    image.read_exact_at(at, &mut head)?;
    Ok(match head.split_first() {
        Some((_, b"NSR02" | b"NSR03")) => Structure::Nsr,
        Some((_, b"CD001" | b"BEA01" | b"BOOT2" | b"CDW02")) => Structure::Other,
        _ => Structure::End,
    })
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

    fn found(sector_size: u32, step: usize, names: &[&[u8; 5]]) -> Option<u64> {
        find_nsr(&image(step, names), sector_size).expect("a readable image")
    }

    #[test]
    fn udf_follows_the_descriptors_of_iso_9660_on_a_bridge_disc() {
        let bridge = [b"CD001", b"CD001", b"CD001", b"BEA01", b"NSR02", b"TEA01"];
        assert_eq!(found(2048, 2048, &bridge), Some(32_768 + 4 * 2048));
        assert_eq!(found(512, 2048, &bridge), Some(32_768 + 4 * 2048));
    }

    #[test]
    fn structures_take_a_whole_sector_of_4096_bytes() {
        let names = [b"BEA01", b"NSR03", b"TEA01"];
        assert_eq!(found(4096, 4096, &names), Some(32_768 + 4096));
        assert_eq!(found(2048, 4096, &names), None);
        assert_eq!(found(4096, 2048, &names), Some(32_768 + 2048));
    }

    #[test]
    fn the_search_ends_where_the_sequence_does() {
        assert_eq!(found(2048, 2048, &[b"CD001", b"CD001"]), None);
        assert_eq!(found(2048, 2048, &[b"BEA01", b"TEA01", b"NSR02"]), None);
        assert_eq!(found(2048, 2048, &[b"CD001", b"junk!", b"NSR02"]), None);
    }

    #[test]
    fn a_file_shorter_than_the_sequence_has_no_udf() {
        let short = Image::new("short", vec![0; 100]);
        assert_eq!(find_nsr(&short, 2048).expect("readable"), None);
    }
}
