//! Lists of checksums: GNU lines, BSD lines, and either of them within a PGP clear-signed text.
//!
//! The forms are those of coreutils (`HASH  name`, `HASH *name`, a leading backslash where the name
//! is escaped) and of BSD's and OpenSSL's tools (`SHA256 (name) = HASH`); the frame is that of
//! RFC 9580, 7. Nobody checks the signature here: there is no key to check it with.

use crate::sum::{Algorithm, Sum, SumError};

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The file as the list has it, unescaped.
    pub name: Vec<u8>,
    /// Its sum, or what kind of sum cannot be computed.
    pub sum: Result<Sum, SumError>,
}

/// The lines that name a file; comments, blank lines, signatures and whatever else are passed over.
pub(super) fn parse(text: &[u8]) -> impl Iterator<Item = Line> + '_ {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut part = Part::Plain;
    text.split(|&byte| byte == b'\n').filter_map(move |line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // Blanks at a line's end are no part of a frame (RFC 9580, 7.2).
        part = match (part, line.trim_ascii_end()) {
            (_, b"-----BEGIN PGP SIGNED MESSAGE-----") => Part::Headers,
            (_, b"-----BEGIN PGP SIGNATURE-----") => Part::Signature,
            (Part::Headers, b"") => Part::Signed,
            (Part::Signature, b"-----END PGP SIGNATURE-----") => Part::Plain,
            _ => part,
        };
        match part {
            Part::Plain => parse_line(line),
            Part::Signed => parse_line(line.strip_prefix(b"- ").unwrap_or(line)),
            Part::Headers | Part::Signature => None,
        }
    })
}

/// Where in a clear-signed text a line stands.
#[derive(Debug, Clone, Copy)]
enum Part {
    Plain,
    Headers,
    Signed,
    Signature,
}

fn parse_line(line: &[u8]) -> Option<Line> {
    let line = line.trim_ascii_start();
    let (line, escaped) = match line.strip_prefix(b"\\") {
        Some(rest) => (rest, true),
        None => (line, false),
    };
    let (name, sum) = bsd(line).or_else(|| gnu(line))?;
    let name = if escaped { unescape(name)? } else { name.to_vec() };
    (!name.is_empty()).then_some(Line { name, sum })
}

/// `SHA256 (name) = HASH`, or without the blanks before the parenthesis and the equals sign.
fn bsd(line: &[u8]) -> Option<(&[u8], Result<Sum, SumError>)> {
    let open = line.iter().position(|&byte| byte == b'(')?;
    let (tag, rest) = line.split_at_checked(open)?;
    let tag = std::str::from_utf8(tag).ok()?;
    let tag = tag.strip_suffix(' ').unwrap_or(tag);
    // A name may hold a parenthesis, a sum none.
    let close = rest.iter().rposition(|&byte| byte == b')')?;
    let name = rest.get(1..close)?;
    let digits = rest.get(close..)?.strip_prefix(b")")?.trim_ascii_start();
    let digits = std::str::from_utf8(digits.strip_prefix(b"=")?).ok()?.trim();
    let algorithm = match tag {
        "MD5" => Algorithm::Md5,
        "SHA256" | "SHA2-256" => Algorithm::Sha256,
        "SHA512" | "SHA2-512" => Algorithm::Sha512,
        "SHA1" => return Some((name, Err(SumError::Unsupported("SHA-1")))),
        "SHA224" => return Some((name, Err(SumError::Unsupported("SHA-224")))),
        "SHA384" => return Some((name, Err(SumError::Unsupported("SHA-384")))),
        _ => return None,
    };
    let sum: Sum = digits.parse().ok()?;
    (sum.algorithm() == algorithm).then_some((name, Ok(sum)))
}

/// `HASH  name` and `HASH *name`; also with one blank alone.
fn gnu(line: &[u8]) -> Option<(&[u8], Result<Sum, SumError>)> {
    let end = line.iter().position(|byte| !byte.is_ascii_hexdigit())?;
    let (digits, rest) = line.split_at_checked(end)?;
    let sum = match std::str::from_utf8(digits).ok()?.parse() {
        Err(SumError::Malformed) => return None,
        sum => sum,
    };
    let rest = rest.strip_prefix(b" ")?;
    let name = rest.strip_prefix(b" ").or_else(|| rest.strip_prefix(b"*")).unwrap_or(rest);
    Some((name, sum))
}

/// Undoes the escapes of coreutils; `None` where there is one that it does not write.
fn unescape(name: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(&byte) = bytes.next() {
        out.push(match byte {
            b'\\' => match bytes.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn sum(digits: &str) -> Result<Sum, SumError> {
        digits.parse()
    }

    fn one(text: &str) -> Option<Line> {
        let mut lines = parse(text.as_bytes());
        let line = lines.next();
        assert_eq!(lines.next(), None, "{text}");
        line
    }

    fn named(name: &str) -> Option<Line> {
        Some(Line { name: name.into(), sum: sum(A) })
    }

    #[test]
    fn gnu_lines_are_read_in_text_and_binary_mode() {
        assert_eq!(one(&format!("{A}  a.iso\n")), named("a.iso"));
        assert_eq!(one(&format!("{A} *a.iso")), named("a.iso"));
        assert_eq!(one(&format!("{A} a.iso\r\n")), named("a.iso"));
        assert_eq!(
            one(&format!("{}   two blanks.iso", A.to_uppercase())),
            named(" two blanks.iso")
        );
        assert_eq!(one(&format!("\u{feff}{A}  ./d/a.iso")), named("./d/a.iso"));
        let md5 = "0123456789abcdef0123456789ABCDEF";
        let line = one(&format!("{md5}  ./pool/x.deb")).expect("a line");
        assert_eq!(line, Line { name: b"./pool/x.deb".to_vec(), sum: sum(md5) });
    }

    #[test]
    fn bsd_lines_are_read_with_and_without_blanks() {
        assert_eq!(one(&format!("SHA256 (a.iso) = {A}\n")), named("a.iso"));
        assert_eq!(one(&format!("SHA256(a.iso)= {A}\n")), named("a.iso"));
        assert_eq!(one(&format!("SHA2-256(a.iso)= {A}\n")), named("a.iso"));
        assert_eq!(one(&format!("SHA256 (a (1) = b.iso) = {A}")), named("a (1) = b.iso"));
        // The tag counts, and must fit the digits.
        assert_eq!(one(&format!("MD5 (a.iso) = {A}")), None);
        assert_eq!(one(&format!("BLAKE2s (a.iso) = {A}")), None);
    }

    #[test]
    fn escaped_names_are_unescaped_and_only_those() {
        assert_eq!(one(&format!("\\{A}  a\\\\b\\nc\\rd")), named("a\\b\nc\rd"));
        assert_eq!(one(&format!("\\SHA256 (a\\nb) = {A}")), named("a\nb"));
        assert_eq!(one(&format!("{A}  a\\nb")), named("a\\nb"));
        assert_eq!(one(&format!("\\{A}  a\\xb")), None);
        assert_eq!(one(&format!("\\{A}  a\\")), None);
    }

    #[test]
    fn a_clear_signed_text_is_read_without_its_signature() {
        let text = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# a.iso: 3151362048 bytes\n\
             SHA256 (a.iso) = {A}\n- \\{A}  x\\\\y\n-----BEGIN PGP SIGNATURE-----\n\n\
             {A}  signed.iso\n=AbCd\n-----END PGP SIGNATURE-----\n{A}  later.iso\n"
        );
        let names: Vec<_> = parse(text.as_bytes()).map(|line| line.name).collect();
        assert_eq!(names, [&b"a.iso"[..], b"x\\y", b"later.iso"]);
        let blanks = text.replace("-----\n", "----- \n").replace("\n\n", "\n \t\n");
        assert_eq!(parse(blanks.as_bytes()).count(), 3);
    }

    #[test]
    fn a_sum_that_is_not_computed_here_is_told() {
        let sha1 = "b".repeat(40);
        for text in [format!("{sha1}  a.iso"), format!("SHA1 (a.iso) = {sha1}")] {
            let line = one(&text).expect("a line");
            assert_eq!(line.sum, Err(SumError::Unsupported("SHA-1")), "{text}");
        }
    }

    #[test]
    fn what_is_no_line_of_a_list_is_passed_over() {
        let long = "f".repeat(100_000);
        for text in [
            "",
            "\n\n",
            "# comment",
            "Hash: SHA256",
            "<html>",
            "(",
            ")",
            "=",
            "\\",
            "(a) = b",
            "\0",
            "SHA256 (",
            "SHA256 )( = ",
            "SHA256 (a)",
            "SHA256 () = ",
            A,
            &format!("{A} "),
            &format!("{A}  "),
            &format!("{A}\ta"),
            &format!("{A}x  a"),
            &format!("SHA256 () = {A}"),
            &format!("{long}  a"),
            &long,
        ] {
            assert_eq!(one(text), None, "{text:.80}");
        }
        assert_eq!(parse(&[0xff; 1000]).count(), 0);
    }
}
