//! OSTA compressed Unicode: names in directories and fixed-length strings (UDF 2.1.1, 2.1.3).

use super::tag;

/// Why bytes are no compressed Unicode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Cs0Error {
    /// Neither 8 nor 16 bits a character.
    #[error("a name with the unknown compression id {0}")]
    CompressionId(u8),
    /// Half a character at the end.
    #[error("a name of 16-bit characters with {0} bytes")]
    Odd(usize),
}

/// A file name in UTF-8: the compression id, then its characters. An empty one is empty.
///
/// Surrogates without a partner, which UTF-8 cannot hold, are shown as Linux shows them: as `_`,
/// with the CRC of the recorded name before the extension.
///
/// # Errors
/// For another compression id than 8 and 16, and for half a character.
pub(super) fn file_name(cs0: &[u8]) -> Result<Vec<u8>, Cs0Error> {
    let Some((&id, text)) = cs0.split_first() else { return Ok(Vec::new()) };
    let units = units(id, text)?;
    let name: Option<String> = decode(&units).collect();
    Ok(name.map_or_else(|| mangled(&units, text), String::into_bytes))
}

/// A dstring (ECMA-167 1/7.2.12): its last byte is the length. For people, so that what is wrong
/// with it is left out, and blanks at the end are gone.
pub(super) fn dstring(field: &[u8]) -> String {
    let Some((&len, text)) = field.split_last() else { return String::new() };
    let text = text.get(..usize::from(len)).unwrap_or(text);
    let Some((&id, text)) = text.split_first() else { return String::new() };
    let whole = if id == 16 { text.len() & !1 } else { text.len() };
    let units = units(id, text.get(..whole).unwrap_or_default()).unwrap_or_default();
    let text = String::from_utf16_lossy(&units);
    text.trim_end_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

/// The characters as units of UTF-16.
fn units(id: u8, text: &[u8]) -> Result<Vec<u16>, Cs0Error> {
    match id {
        8 => Ok(text.iter().map(|&b| u16::from(b)).collect()),
        16 => {
            let (pairs, rest) = text.as_chunks::<2>();
            if !rest.is_empty() {
                return Err(Cs0Error::Odd(text.len()));
            }
            Ok(pairs.iter().map(|&pair| u16::from_be_bytes(pair)).collect())
        }
        _ => Err(Cs0Error::CompressionId(id)),
    }
}

/// The characters of UTF-16; `None` for a surrogate without its partner, and for one together with
/// what stands in its partner's place.
fn decode(units: &[u16]) -> impl Iterator<Item = Option<char>> + '_ {
    let mut rest = units.iter().copied();
    std::iter::from_fn(move || {
        let unit = rest.next()?;
        Some(match unit {
            0xd800..=0xdbff => {
                rest.next().and_then(|low| char::decode_utf16([unit, low]).next()?.ok())
            }
            _ => char::from_u32(unit.into()),
        })
    })
}

/// A name that holds stray surrogates: each run of them as one `_`, then `#` and the CRC of the
/// recorded characters, then the extension if it is of at most four units.
fn mangled(units: &[u16], recorded: &[u8]) -> Vec<u8> {
    const DOT: u16 = 0x2e;
    let dot = units.iter().rposition(|&unit| unit == DOT).filter(|&dot| {
        let after = units.len().saturating_sub(dot).saturating_sub(1);
        (1..=4).contains(&after)
    });
    let (base, extension) = units.split_at(dot.unwrap_or(units.len()));
    let shown = |units: &[u16]| {
        let mut text = String::new();
        let mut stray = false;
        for c in decode(units) {
            match c {
                Some(c) => text.push(c),
                None if stray => {}
                None => text.push('_'),
            }
            stray = c.is_none();
        }
        text
    };
    format!("{}#{:04X}{}", shown(base), tag::crc(recorded), shown(extension)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        let mut cs0 = vec![16];
        cs0.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        cs0
    }

    #[test]
    fn eight_bit_characters_are_the_first_256_of_unicode() {
        assert_eq!(file_name(b"\x08na\xefve"), Ok("naïve".into()));
        assert_eq!(file_name(b"\x08\x80"), Ok("\u{80}".into()));
    }

    #[test]
    fn sixteen_bit_characters_are_utf_16_with_its_surrogates() {
        assert_eq!(file_name(&utf16("日本🦀.txt")), Ok("日本🦀.txt".into()));
        assert_eq!(file_name(&[16]), Ok(Vec::new()));
        assert_eq!(file_name(&[]), Ok(Vec::new()));
    }

    #[test]
    fn other_compression_ids_and_half_characters_are_refused() {
        assert_eq!(file_name(&[254, 0]), Err(Cs0Error::CompressionId(254)));
        assert_eq!(file_name(&[16, 0, 65, 0]), Err(Cs0Error::Odd(3)));
    }

    #[test]
    fn stray_surrogates_become_one_underscore_and_a_crc() {
        let cs0 = [16, 0, 65, 0xdc, 0, 0xd8, 0, 0, 66, 0, 0x2e, 0, 67];
        let crc = tag::crc(&cs0[1..]);
        assert_eq!(file_name(&cs0), Ok(format!("A_#{crc:04X}.C").into_bytes()));
    }

    #[test]
    fn a_dstring_ends_where_its_last_byte_says() {
        let mut field = [0; 32];
        field[..6].copy_from_slice(b"\x08label");
        field[31] = 6;
        assert_eq!(dstring(&field), "label");
        field[31] = 4;
        assert_eq!(dstring(&field), "lab");
        field[31] = 0;
        assert_eq!(dstring(&field), "");
        field[31] = 255;
        assert_eq!(dstring(&field), "label");
    }

    #[test]
    fn a_dstring_of_another_compression_id_is_empty() {
        assert_eq!(dstring(&[9, 65, 66, 3]), "");
        assert_eq!(dstring(&[]), "");
    }
}
