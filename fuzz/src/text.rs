//! Inputs that are several texts, and what must hold of texts that are made of them.

use pxe_import::media::turns_text;

/// What parts the texts of an input: no text has it by itself.
pub const SEPARATOR: &[u8] = b"\n%%\n";

/// `N` texts of an input, in order; those that it has not are empty, and the last has all the rest.
pub fn parts<const N: usize>(mut data: &[u8]) -> [&[u8]; N] {
    let mut parts = [&[][..]; N];
    for (number, part) in parts.iter_mut().enumerate() {
        let end = data.windows(SEPARATOR.len()).position(|window| window == SEPARATOR);
        match end.filter(|_| number + 1 < N) {
            Some(end) => {
                *part = &data[..end];
                data = &data[end + SEPARATOR.len()..];
            }
            None => *part = std::mem::take(&mut data),
        }
    }
    parts
}

/// Makes sure that `text` can stand in a line of a menu or of a report.
///
/// # Panics
/// If a control character is in it, or one that turns the text.
pub fn assert_line(text: &str) {
    let bad = text.chars().find(|&c| c.is_control() || turns_text(c));
    assert!(bad.is_none(), "{bad:?} in {text:?}");
}

/// Makes sure that a file has nothing but lines of printable ASCII.
///
/// # Panics
/// If it has anything else.
pub fn assert_plain(name: &str, text: &[u8]) {
    let plain = |b: &u8| b.is_ascii_graphic() || matches!(b, b' ' | b'\n' | b'\t');
    assert!(text.iter().all(plain), "{name}: {:?}", String::from_utf8_lossy(text));
}

/// Makes sure that a report is text of lines, which do nothing to a terminal.
///
/// # Panics
/// If it is no UTF-8, or a character is in it that commands a terminal or turns its text.
pub fn assert_text(name: &str, report: &[u8]) {
    let text = std::str::from_utf8(report).expect("a report in UTF-8");
    let bad = text.chars().find(|c| (c.is_control() && *c != '\n') || turns_text(*c));
    assert!(bad.is_none(), "{name} has {bad:?}: {text:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_parted_and_the_last_has_the_rest() {
        assert_eq!(parts::<3>(b"a\n%%\nb"), [&b"a"[..], b"b", b""]);
        assert_eq!(parts::<2>(b"a\n%%\nb\n%%\nc"), [&b"a"[..], b"b\n%%\nc"]);
        assert_eq!(parts::<2>(b"\n%%\n"), [&b""[..], b""]);
    }
}
