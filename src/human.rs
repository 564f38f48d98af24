//! Numbers of bytes for people.

/// Bytes for people: `5.6 GiB`.
#[expect(clippy::cast_precision_loss, reason = "shown with one decimal place")]
pub fn human(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = "bytes";
    for next in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] {
        // What would be shown as 1024.0 is 1.0 of the next.
        if value < 1023.95 {
            break;
        }
        (value, unit) = (value / 1024.0, next);
    }
    if unit == "bytes" { format!("{bytes} bytes") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_the_largest_unit_that_leaves_one_digit() {
        let shown = human;
        assert_eq!(shown(0), "0 bytes");
        assert_eq!(shown(1023), "1023 bytes");
        assert_eq!(shown(1024), "1.0 KiB");
        assert_eq!(shown((1 << 20) - 1), "1.0 MiB");
        assert_eq!(shown(6_012_954_214), "5.6 GiB");
        assert_eq!(shown(u64::MAX), "16.0 EiB");
    }
}
