//! Names as text for JSON: what is not UTF-8 is replaced, with the bytes beside it in hexadecimal.

use std::fmt::Write;

/// A name from media or from disk as JSON has it: lossy text, and the bytes beside it where they are
/// not UTF-8.
pub fn json_path(path: &[u8]) -> (String, Option<String>) {
    match std::str::from_utf8(path) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (String::from_utf8_lossy(path).into_owned(), Some(hex(path))),
    }
}

/// Bytes as hexadecimal digits in lower case.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The bytes of hexadecimal digits; `None` for anything else.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits?;
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_utf8_has_its_bytes_beside_it() {
        assert_eq!(json_path(b"caf\xc3\xa9"), ("café".into(), None));
        assert_eq!(json_path(b"a\xff"), ("a\u{fffd}".into(), Some("61ff".into())));
    }

    #[test]
    fn digits_come_back_as_bytes_and_nothing_else_does() {
        assert_eq!(unhex(&hex(b"a\xff\0")).as_deref(), Some(&b"a\xff\0"[..]));
        for bad in ["6", "6g", "+f", "é0", "61f"] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
    }
}
