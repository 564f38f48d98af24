//! The two forms in which ECMA-119 writes a date.

use crate::media::Timestamp;

/// Quarters of an hour beyond which an offset from UTC is noise (13 hours, as in Linux).
const OFFSET_MAX: i8 = 52;

/// The 7-byte form of directory records and short `TF` entries (9.1.5): years since 1900, month,
/// day, hour, minute, second, offset. `None` where it is not recorded (all zero) or no date.
pub(super) fn short(bytes: &[u8]) -> Option<Timestamp> {
    let &[year, month, day, hour, minute, second, offset] = bytes.first_chunk::<7>()?;
    let year = i32::from(year).checked_add(1900)?;
    civil((year, month, day), (hour, minute, second), offset)
}

/// The 17-byte form of volume descriptors and long `TF` entries (8.4.26.1): sixteen digits down to
/// hundredths of a second, then the offset.
pub(super) fn long(bytes: &[u8]) -> Option<Timestamp> {
    let bytes = bytes.first_chunk::<17>()?;
    let year = u16::from(digits(bytes, 0)?).checked_mul(100)?.checked_add(digits(bytes, 2)?.into());
    let date = (i32::from(year?), digits(bytes, 4)?, digits(bytes, 6)?);
    let time = (digits(bytes, 8)?, digits(bytes, 10)?, digits(bytes, 12)?);
    let hundredths = u32::from(digits(bytes, 14)?);
    let whole = civil(date, time, bytes.last().copied()?)?;
    Some(Timestamp::new(whole.seconds, hundredths.checked_mul(10_000_000)?))
}

fn civil(date: (i32, u8, u8), time: (u8, u8, u8), offset: u8) -> Option<Timestamp> {
    let quarters = i8::from_le_bytes([offset]);
    // Linux takes an impossible offset for none at all, rather than the date for impossible.
    let sane = (-OFFSET_MAX..=OFFSET_MAX).contains(&quarters);
    let minutes = if sane { i16::from(quarters).checked_mul(15)? } else { 0 };
    Timestamp::from_civil(date, time, minutes)
}

/// Two decimal digits at `at`.
fn digits(bytes: &[u8], at: usize) -> Option<u8> {
    let &[tens, ones] = bytes.get(at..)?.first_chunk::<2>()?;
    let digit = |c: u8| c.is_ascii_digit().then(|| c.saturating_sub(b'0'));
    digit(tens)?.checked_mul(10)?.checked_add(digit(ones)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(time: Option<Timestamp>) -> Option<String> {
        time.map(Timestamp::rfc3339)
    }

    #[test]
    fn the_short_form_counts_years_from_1900_and_quarters_of_an_hour() {
        let utc = short(&[116, 5, 22, 6, 4, 59, 0]);
        assert_eq!(text(utc).as_deref(), Some("2016-05-22T06:04:59Z"));
        let east = short(&[116, 5, 22, 8, 4, 59, 8]);
        assert_eq!(east, utc);
        let west = short(&[116, 5, 21, 23, 4, 59, 0u8.wrapping_sub(28)]);
        assert_eq!(west, utc);
    }

    #[test]
    fn an_impossible_offset_is_taken_for_none() {
        assert_eq!(short(&[116, 5, 22, 6, 4, 59, 100]), short(&[116, 5, 22, 6, 4, 59, 0]));
        assert_eq!(short(&[116, 5, 22, 6, 4, 59, 0x80]), short(&[116, 5, 22, 6, 4, 59, 0]));
    }

    #[test]
    fn a_date_that_is_not_recorded_is_none() {
        assert_eq!(short(&[0; 7]), None);
        assert_eq!(short(&[116, 13, 1, 0, 0, 0, 0]), None);
        assert_eq!(short(&[116, 5, 22]), None);
        assert_eq!(long(b"0000000000000000\0"), None);
    }

    #[test]
    fn the_long_form_has_hundredths_of_a_second() {
        let time = long(b"2016052208045942\x08").expect("a date");
        assert_eq!(time.rfc3339(), "2016-05-22T06:04:59Z");
        assert_eq!(time.nanoseconds(), 420_000_000);
    }

    #[test]
    fn the_long_form_takes_digits_only() {
        assert_eq!(long(b"2016 52208045942\x08"), None);
        assert_eq!(long(b"201605220804594\x08"), None);
    }
}
