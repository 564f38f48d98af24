//! Timestamps (ECMA-167 1/7.3).

use super::field::{u8_at, u16_at};
use crate::media::Timestamp;

/// The timestamp in the 12 bytes at `at`; `None` where a field is out of range.
pub(super) fn timestamp(from: &[u8], at: usize) -> Option<Timestamp> {
    let byte = |index: usize| u8_at(from, at.saturating_add(index));
    let type_and_time_zone = u16_at(from, at);
    let year = i16::from_le_bytes([byte(2), byte(3)]);
    let (date, time) = ((i32::from(year), byte(4), byte(5)), (byte(6), byte(7), byte(8)));
    let time = Timestamp::from_civil(date, time, minutes_east(type_and_time_zone))?;
    // Some writers leave rubbish in the parts of a second.
    let parts = [byte(9), byte(10), byte(11)];
    let nanoseconds = if parts.iter().all(|&part| part < 100) {
        parts.iter().fold(0_u32, |sum, &part| sum.saturating_mul(100).saturating_add(part.into()))
    } else {
        0
    };
    Some(Timestamp::new(time.seconds, nanoseconds.saturating_mul(1000)))
}

/// Minutes east of UTC: a signed number of 12 bits, valid for type 1 alone; -2047 stands for a zone
/// that is not specified and, as everything beyond a day, is taken as UTC.
fn minutes_east(type_and_time_zone: u16) -> i16 {
    if type_and_time_zone >> 12 != 1 {
        return 0;
    }
    let zone = i16::try_from(type_and_time_zone & 0x0fff).unwrap_or_default();
    let minutes = if zone < 0x800 { zone } else { zone.saturating_sub(0x1000) };
    if (-1440..=1440).contains(&minutes) { minutes } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(zone: u16, parts: [u8; 3]) -> Vec<u8> {
        let mut bytes = zone.to_le_bytes().to_vec();
        bytes.extend(2016_u16.to_le_bytes());
        bytes.extend([5, 22, 8, 4, 59]);
        bytes.extend(parts);
        bytes
    }

    fn read(zone: u16) -> String {
        timestamp(&stamp(zone, [0; 3]), 0).expect("a valid time").rfc3339()
    }

    #[test]
    fn the_zone_is_a_signed_number_of_minutes() {
        assert_eq!(read(0x1000), "2016-05-22T08:04:59Z");
        assert_eq!(read(0x1000 | 120), "2016-05-22T06:04:59Z");
        assert_eq!(read(0x1000 | (0x1000 - 300)), "2016-05-22T13:04:59Z");
    }

    #[test]
    fn a_zone_that_is_not_specified_is_utc() {
        assert_eq!(read(0x1000 | (0x1000 - 2047)), "2016-05-22T08:04:59Z");
        assert_eq!(read(120), "2016-05-22T08:04:59Z");
    }

    #[test]
    fn parts_of_a_second_go_down_to_microseconds() {
        let read = |parts| timestamp(&stamp(0x1000, parts), 0).expect("valid").nanoseconds();
        assert_eq!(read([12, 34, 56]), 123_456_000);
        assert_eq!(read([12, 100, 56]), 0);
    }

    #[test]
    fn a_month_that_does_not_exist_is_no_time() {
        let mut bytes = stamp(0x1000, [0; 3]);
        bytes[4] = 13;
        assert_eq!(timestamp(&bytes, 0), None);
        assert_eq!(timestamp(&[0; 12], 0), None);
    }
}
