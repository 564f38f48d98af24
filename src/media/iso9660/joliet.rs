//! Names of the Joliet hierarchy: UCS-2, big-endian.

/// A name in UTF-8 as Linux shows it: without `;1` and without dots at its end. Surrogate pairs
/// become one character; half a pair is left out. NULs at the end are padding; one within stays, for
/// the tree to refuse.
pub(super) fn name(identifier: &[u8]) -> Vec<u8> {
    let (units, _) = identifier.as_chunks::<2>();
    let padding = units.iter().rev().take_while(|&&unit| unit == [0, 0]).count();
    let units = units.iter().take(units.len().saturating_sub(padding));
    let units = units.map(|&unit| u16::from_be_bytes(unit));
    let text: String = char::decode_utf16(units).filter_map(Result::ok).collect();
    let mut name = text.into_bytes();
    if name.len() > 2 && name.ends_with(b";1") {
        name.truncate(name.len().saturating_sub(2));
    }
    // A first dot is never taken: a name of dots alone is left as ".", which no tree accepts.
    while name.len() >= 2 && name.ends_with(b".") {
        name.pop();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(units: &[u16]) -> String {
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        String::from_utf8(name(&bytes)).expect("UTF-8")
    }

    fn of_text(text: &str) -> String {
        of(&text.encode_utf16().collect::<Vec<_>>())
    }

    #[test]
    fn case_stays_and_version_one_goes() {
        assert_eq!(of_text("ReadMe.txt;1"), "ReadMe.txt");
        assert_eq!(of_text("ReadMe.txt;2"), "ReadMe.txt;2");
        assert_eq!(of_text("ReadMe"), "ReadMe");
        assert_eq!(of_text(";1"), ";1");
    }

    #[test]
    fn dots_at_the_end_go() {
        assert_eq!(of_text("name..;1"), "name");
        assert_eq!(of_text(".hidden"), ".hidden");
        assert_eq!(of_text("..."), ".");
    }

    #[test]
    fn characters_outside_ascii_become_utf_8() {
        assert_eq!(of_text("Ünïcödé 漢字.txt;1"), "Ünïcödé 漢字.txt");
    }

    #[test]
    fn a_surrogate_pair_is_one_character_and_half_a_pair_none() {
        assert_eq!(of_text("😀.txt"), "😀.txt");
        assert_eq!(of(&[0xd83d, u16::from(b'a')]), "a");
        assert_eq!(of(&[0xde00, 98, 0xd83d]), "b");
    }

    #[test]
    fn nuls_at_the_end_are_padding_and_an_odd_byte_is_ignored() {
        assert_eq!(of(&[97, 0, 98]), "a\0b");
        assert_eq!(of(&[97, 0, 0]), "a");
        assert_eq!(name(b"\0a\0"), b"a");
        assert_eq!(name(b""), b"");
    }
}
