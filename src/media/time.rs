//! Points in time as media record them.

use std::num::NonZeroU32;

/// Seconds and nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Whole seconds; negative before 1970.
    pub seconds: i64,
    /// The nanoseconds and one: an `Option` of a time, of which a tree has one a node, is no larger.
    above: NonZeroU32,
}

impl Default for Timestamp {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl Timestamp {
    /// A point in time; `nanoseconds` above 999,999,999 are cut to that.
    pub const fn new(seconds: i64, nanoseconds: u32) -> Self {
        let most = 999_999_999;
        let nanoseconds = if nanoseconds > most { most } else { nanoseconds };
        Self { seconds, above: NonZeroU32::MIN.saturating_add(nanoseconds) }
    }

    /// 0 to 999,999,999.
    pub fn nanoseconds(self) -> u32 {
        self.above.get().saturating_sub(1)
    }

    /// From a civil date and time of day in the proleptic Gregorian calendar, `offset` minutes
    /// east of UTC. `None` where a field is out of range (year 1 to 9999).
    pub fn from_civil(
        (year, month, day): (i32, u8, u8),
        (hour, minute, second): (u8, u8, u8),
        offset: i16,
    ) -> Option<Self> {
        if !(1..=9999).contains(&year) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        if day == 0 || day > days_in_month(year, month)? {
            return None;
        }
        // Days from civil, counting years from March so that the leap day comes last.
        let y = i64::from(year).checked_sub(i64::from(month <= 2))?;
        let m = i64::from(month).checked_add(if month <= 2 { 9 } else { -3 })?;
        let of_year = m.checked_mul(153)?.checked_add(2)?.checked_div(5)?;
        let leap =
            y.div_euclid(4).checked_sub(y.div_euclid(100))?.checked_add(y.div_euclid(400))?;
        let days = y
            .checked_mul(365)?
            .checked_add(leap)?
            .checked_add(of_year)?
            .checked_add(i64::from(day))?
            .checked_sub(719_469)?;
        let minutes = days
            .checked_mul(24)?
            .checked_add(i64::from(hour))?
            .checked_mul(60)?
            .checked_add(i64::from(minute))?
            .checked_sub(i64::from(offset))?;
        Some(Self::new(minutes.checked_mul(60)?.checked_add(i64::from(second))?, 0))
    }

    /// As RFC 3339 in UTC, whole seconds: `2016-05-22T06:04:59Z`.
    pub fn rfc3339(self) -> String {
        let days = self.seconds.div_euclid(86_400);
        let of_day = self.seconds.rem_euclid(86_400);
        let (year, month, day) = civil(days);
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
            of_day.div_euclid(3600),
            of_day.rem_euclid(3600).div_euclid(60),
            of_day.rem_euclid(60)
        )
    }
}

fn days_in_month(year: i32, month: u8) -> Option<u8> {
    let leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    })
}

/// The civil date of a count of days since 1970-01-01.
#[expect(clippy::arithmetic_side_effects, reason = "days come from an i64 of seconds over 86,400")]
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let m = (5 * of_year + 2) / 153;
    let day = of_year - (153 * m + 2) / 5 + 1;
    let month = if m < 10 { m + 3 } else { m - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_epoch_is_the_first_of_january_1970() {
        assert_eq!(Timestamp::from_civil((1970, 1, 1), (0, 0, 0), 0), Some(Timestamp::new(0, 0)));
        assert_eq!(Timestamp::new(0, 0).rfc3339(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_zone_east_of_utc_is_earlier_in_utc() {
        let t = Timestamp::from_civil((2016, 5, 22), (8, 4, 59), 120).expect("a valid date");
        assert_eq!(t.rfc3339(), "2016-05-22T06:04:59Z");
        assert_eq!(t.seconds, 1_463_897_099);
    }

    #[test]
    fn leap_days_exist_in_2000_and_not_in_1900() {
        assert!(Timestamp::from_civil((2000, 2, 29), (0, 0, 0), 0).is_some());
        assert!(Timestamp::from_civil((1900, 2, 29), (0, 0, 0), 0).is_none());
    }

    #[test]
    fn every_month_boundary_survives_a_round_trip() {
        for year in [1583, 1900, 1969, 1970, 2000, 2024, 2155, 9999] {
            for month in 1..=12_u8 {
                let t = Timestamp::from_civil((year, month, 1), (23, 59, 59), 0).expect("valid");
                assert_eq!(t.rfc3339(), format!("{year:04}-{month:02}-01T23:59:59Z"));
            }
        }
    }
}
