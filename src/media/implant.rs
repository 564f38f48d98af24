//! The MD5 that `implantisomd5` puts into a disc: Enterprise Linux, Fedora and their kin.
//!
//! It stands as text in the primary volume descriptor's application use field (ECMA-119, 8.4.32):
//! `ISO MD5SUM = ...;SKIPSECTORS = 15;` and more. It is the MD5 of the volume without its last
//! sectors, the field itself taken as blanks.

use std::ops::Range;

use super::source::Image;
use crate::error::Result;

/// Bytes of a logical sector, and what the tool takes for a block.
const SECTOR: u64 = 2048;
/// Where the primary volume descriptor is: logical sector 16.
const DESCRIPTOR: u64 = 16 * SECTOR;
/// Where in it the field stands (BP 884 to 1395).
const FIELD: Range<usize> = 883..1395;
/// The field in bytes of the image.
const BLANK: Range<u64> = DESCRIPTOR + 883..DESCRIPTOR + 1395;

/// An implanted sum and the bytes that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Implant {
    /// The MD5.
    pub md5: [u8; 16],
    /// The bytes end here, counted from the beginning of the image.
    pub end: u64,
    /// Of them, those that count as blanks.
    pub blank: Range<u64>,
}

/// Why what stands in the field is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImplantError {
    /// No sum.
    #[error("an MD5 of 32 hexadecimal digits is announced and not there")]
    Digits,
    /// No number of sectors.
    #[error("there is no number of sectors to skip")]
    Skip,
    /// A number of sectors that cannot be.
    #[error("{skip} sectors are to be skipped of a volume of {volume}, in an image of {image}")]
    Range {
        /// As the field says.
        skip: u64,
        /// As the descriptor says.
        volume: u64,
        /// Whole sectors of the file.
        image: u64,
    },
}

/// The sum implanted in `image`: `None` where there is none, as on most discs.
///
/// # Errors
/// [`crate::Error::Io`] if the image cannot be read; within, [`ImplantError`] for a field that is
/// damaged.
pub fn read(image: &Image) -> Result<Result<Option<Implant>, ImplantError>> {
    let end = DESCRIPTOR.saturating_add(SECTOR);
    if image.size() < end {
        return Ok(Ok(None));
    }
    let mut sector = [0; 2048];
    image.read_exact_at(DESCRIPTOR, &mut sector)?;
    Ok(parse(&sector, image.size()))
}

/// Reads a primary volume descriptor.
fn parse(sector: &[u8; 2048], size: u64) -> Result<Option<Implant>, ImplantError> {
    if !sector.starts_with(b"\x01CD001") {
        return Ok(None);
    }
    let field = String::from_utf8_lossy(sector.get(FIELD).unwrap_or_default());
    let Some(digits) = value(&field, "ISO MD5SUM = ") else { return Ok(None) };
    let md5 = match digits.parse() {
        Ok(crate::sum::Sum::Md5(md5)) => md5,
        _ => return Err(ImplantError::Digits),
    };
    let skip = value(&field, "SKIPSECTORS = ").and_then(|digits| digits.parse().ok());
    let skip: u64 = skip.ok_or(ImplantError::Skip)?;
    // Volume space size (8.4.8), the little-endian half.
    let volume = sector.get(80..).and_then(|rest| rest.first_chunk().copied());
    let volume = u64::from(volume.map_or(0, u32::from_le_bytes));
    let end = volume.checked_sub(skip).and_then(|sectors| sectors.checked_mul(SECTOR));
    match end.filter(|&end| end <= size && end >= BLANK.end) {
        Some(end) => Ok(Some(Implant { md5, end, blank: BLANK })),
        None => {
            let image = size.checked_div(SECTOR).unwrap_or(0);
            Err(ImplantError::Range { skip, volume, image })
        }
    }
}

/// What stands between `key` and the next semicolon.
fn value<'f>(field: &'f str, key: &str) -> Option<&'f str> {
    let (_, rest) = field.split_once(key)?;
    rest.split([';', '\0']).next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MD5: &str = "00112233445566778899aabbccddeeff";
    const VOLUME: u32 = 400;

    fn sector(field: &[u8]) -> [u8; 2048] {
        let mut sector = [0; 2048];
        sector[..6].copy_from_slice(b"\x01CD001");
        sector[80..84].copy_from_slice(&VOLUME.to_le_bytes());
        sector[FIELD].fill(b' ');
        sector[FIELD.start..][..field.len()].copy_from_slice(field);
        sector
    }

    fn of(field: &str) -> Result<Option<Implant>, ImplantError> {
        parse(&sector(field.as_bytes()), u64::from(VOLUME) * SECTOR)
    }

    #[test]
    fn the_sum_and_its_bytes_are_read() {
        let implant = of(&format!(
            "ISO MD5SUM = {MD5};SKIPSECTORS = 15;RHLISOSTATUS=0;FRAGMENT SUMS = 0123;\
             FRAGMENT COUNT = 20;THIS IS NOT THE SAME AS RUNNING MD5SUM ON THIS ISO!!"
        ));
        let implant = implant.expect("sound").expect("there");
        assert_eq!(implant.md5[..3], [0, 0x11, 0x22]);
        assert_eq!(implant.end, 385 * 2048);
        // As checkisomd5 blanks them.
        assert_eq!(implant.blank, 0x8373..0x8573);
    }

    #[test]
    fn a_disc_without_the_text_has_none() {
        assert_eq!(of(""), Ok(None));
        assert_eq!(of("sha256sum=0123"), Ok(None));
        let mut other = sector(format!("ISO MD5SUM = {MD5};SKIPSECTORS = 15").as_bytes());
        other[0] = 2;
        assert_eq!(parse(&other, 1 << 20), Ok(None));
    }

    #[test]
    fn what_cannot_be_is_an_error_and_no_panic() {
        for digits in ["", "xyz", "0123", &"0".repeat(64), &"z".repeat(32), &" ".repeat(400)] {
            let field = format!("ISO MD5SUM = {digits};SKIPSECTORS = 15;");
            assert_eq!(of(&field), Err(ImplantError::Digits), "{field}");
        }
        for skip in ["", "x", "-1", "99999999999999999999999"] {
            let field = format!("ISO MD5SUM = {MD5};SKIPSECTORS = {skip};");
            assert_eq!(of(&field), Err(ImplantError::Skip), "{field}");
        }
        assert_eq!(of(&format!("ISO MD5SUM = {MD5};")), Err(ImplantError::Skip));
        for skip in [401, 400, 384, u64::MAX] {
            let field = format!("ISO MD5SUM = {MD5};SKIPSECTORS = {skip};");
            let range = ImplantError::Range { skip, volume: 400, image: 400 };
            assert_eq!(of(&field), Err(range), "{field}");
        }
        // A volume that the image does not hold.
        let bytes = sector(format!("ISO MD5SUM = {MD5};SKIPSECTORS = 15;").as_bytes());
        assert!(matches!(parse(&bytes, 300 * SECTOR), Err(ImplantError::Range { .. })));
    }

    #[test]
    fn bytes_that_are_no_text_are_borne() {
        let mut bytes = sector(b"ISO MD5SUM = ");
        bytes[FIELD.start + 13..FIELD.end].fill(0xff);
        assert_eq!(parse(&bytes, 1 << 20), Err(ImplantError::Digits));
        bytes[FIELD].fill(0);
        assert_eq!(parse(&bytes, 1 << 20), Ok(None));
        assert_eq!(read(&Image::new("x.iso", vec![0; 34_815])).expect("readable"), Ok(None));
    }
}
