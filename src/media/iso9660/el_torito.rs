//! El Torito: which firmware the disc's boot catalogue addresses.

use super::descriptor::SECTOR;
use super::field;
use crate::error::Result;
use crate::media::{Bootable, Image};

/// Most sectors of a catalogue that are read.
const SECTORS_MAX: usize = 32;
/// Bytes of each entry of the catalogue.
const ENTRY: usize = 32;

/// First byte of an entry.
mod indicator {
    pub(super) const VALIDATION: u8 = 0x01;
    pub(super) const EXTENSION: u8 = 0x44;
    pub(super) const BOOTABLE: u8 = 0x88;
    pub(super) const HEADER: u8 = 0x90;
    pub(super) const LAST_HEADER: u8 = 0x91;
}

/// Platforms that a catalogue names.
mod platform {
    pub(super) const X86: u8 = 0;
    pub(super) const EFI: u8 = 0xef;
}

/// Reads the catalogue at `sector`. A catalogue that is damaged or lies beyond the end of the
/// image starts nothing, which is no fault of the files on the disc.
///
/// # Errors
/// [`crate::Error::Io`] if the image cannot be read.
pub(super) fn read(image: &Image, sector: u32) -> Result<Bootable> {
    let offset = u64::from(sector).saturating_mul(field::to_u64(SECTOR));
    let Some(left) = image.size().checked_sub(offset) else { return Ok(Bootable::default()) };
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    let most = SECTOR.saturating_mul(SECTORS_MAX);
    Ok(parse(&image.read_vec(offset, left.min(most))?))
}

/// Goes once through a catalogue.
fn parse(catalog: &[u8]) -> Bootable {
    let mut bootable = Bootable::default();
    let (entries, _) = catalog.as_chunks::<ENTRY>();
    let Some((validation, entries)) = entries.split_first().filter(|(first, _)| is_valid(first))
    else {
        return bootable;
    };
    let [_, mut platform, ..] = *validation;
    // The default entry stands behind the validation entry without a header of its own.
    let mut expected = 1_u16;
    let mut last = false;
    for entry in entries {
        let [first, second, ..] = *entry;
        match first {
            // A selection criteria extension belongs to the entry before it and is not counted.
            indicator::EXTENSION => {}
            _ if expected > 0 => {
                expected = expected.saturating_sub(1);
                if first == indicator::BOOTABLE {
                    bootable.bios |= platform == platform::X86;
                    bootable.uefi |= platform == platform::EFI;
                }
            }
            indicator::HEADER | indicator::LAST_HEADER if !last => {
                platform = second;
                expected = field::u16_at(entry, 2).unwrap_or(0);
                last = first == indicator::LAST_HEADER;
            }
            _ => break,
        }
    }
    bootable
}

/// Whether the first entry is a validation entry: its sixteen-bit words add up to zero.
fn is_valid(entry: &[u8; ENTRY]) -> bool {
    let (words, _) = entry.as_chunks::<2>();
    let sum = words.iter().fold(0_u16, |sum, &word| sum.wrapping_add(u16::from_le_bytes(word)));
    entry.first() == Some(&indicator::VALIDATION) && entry.ends_with(&[0x55, 0xaa]) && sum == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(first: &[u8]) -> Vec<u8> {
        let mut entry = first.to_vec();
        entry.resize(ENTRY, 0);
        entry
    }

    fn validation(platform: u8) -> Vec<u8> {
        let mut entry = entry(&[1, platform]);
        entry[30..].copy_from_slice(&[0x55, 0xaa]);
        let sum = 0xaa55_u16.wrapping_add(1).wrapping_add(u16::from(platform) << 8);
        entry[28..30].copy_from_slice(&sum.wrapping_neg().to_le_bytes());
        entry
    }

    fn of(entries: &[Vec<u8>]) -> (bool, bool) {
        let mut catalog = entries.concat();
        catalog.resize(SECTOR, 0);
        let Bootable { bios, uefi } = parse(&catalog);
        (bios, uefi)
    }

    #[test]
    fn the_default_entry_starts_the_platform_of_the_validation_entry() {
        assert_eq!(of(&[validation(0), entry(&[0x88])]), (true, false));
        assert_eq!(of(&[validation(0xef), entry(&[0x88])]), (false, true));
        assert_eq!(of(&[validation(0), entry(&[0x00])]), (false, false));
        assert_eq!(of(&[validation(1), entry(&[0x88])]), (false, false));
    }

    #[test]
    fn sections_name_further_platforms() {
        let default = [validation(0), entry(&[0x88])];
        let efi = [entry(&[0x91, 0xef, 1, 0]), entry(&[0x88])];
        assert_eq!(of(&[default.as_slice(), &efi].concat()), (true, true));
        let none = [entry(&[0x91, 0xef, 1, 0]), entry(&[0x00])];
        assert_eq!(of(&[default.as_slice(), &none].concat()), (true, false));
    }

    #[test]
    fn sections_follow_each_other_up_to_the_last() {
        let catalog = [
            validation(1),
            entry(&[0]),
            entry(&[0x90, 0, 2, 0]),
            entry(&[0]),
            entry(&[0x88]),
            entry(&[0x44]),
            entry(&[0x91, 1, 1, 0]),
            entry(&[0x88]),
            entry(&[0x91, 0xef, 1, 0]),
            entry(&[0x88]),
        ];
        assert_eq!(of(&catalog), (true, false));
    }

    #[test]
    fn a_wrong_checksum_or_key_starts_nothing() {
        let mut catalog = validation(0);
        catalog[4] = 1;
        assert_eq!(of(&[catalog, entry(&[0x88])]), (false, false));
        let mut catalog = validation(0);
        catalog[30] = 0;
        catalog[29] = catalog[29].wrapping_add(0x55);
        assert_eq!(of(&[catalog, entry(&[0x88])]), (false, false));
    }

    #[test]
    fn a_catalogue_beyond_the_end_starts_nothing() {
        let image = Image::new("a.iso", vec![0; 4 * SECTOR]);
        for sector in [3, 4, 5, u32::MAX] {
            assert_eq!(read(&image, sector).expect("no error"), Bootable::default());
        }
    }

    #[test]
    fn a_catalogue_full_of_headers_comes_to_an_end() {
        let header = entry(&[0x90, 0, 0xff, 0xff]);
        let catalog = [vec![validation(0), entry(&[0x88])], vec![header; 2046]].concat();
        assert_eq!(of(&catalog), (true, false));
    }
}
