//! Stanzas of several indexes in one (deb822(5)): each package once.

use std::collections::HashSet;

/// Fields that tell whether two stanzas are of one package; where there is no `Filename`, as in
/// `Sources` and in translations, only a stanza that is equal throughout is the same.
const KEY: [&[u8]; 4] = [b"Package", b"Version", b"Architecture", b"Filename"];

/// Most stanzas of one index; all of Debian has 70,000 packages.
pub(super) const STANZAS_MAX: usize = 1_000_000;

/// What several indexes make together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Joined {
    /// The stanzas of all, in order, an empty line after each.
    pub(super) text: Vec<u8>,
    /// How many there are.
    pub(super) stanzas: usize,
}

/// Puts the stanzas of `texts` after each other. Of those that are of one package the first stays.
/// `None` if there are more than `most`.
pub(super) fn join(texts: &[Vec<u8>], most: usize) -> Option<Joined> {
    let mut joined = Joined::default();
    let mut seen = HashSet::new();
    for stanza in texts.iter().flat_map(|text| Stanzas { rest: text }) {
        if !seen.insert(key(stanza)) {
            continue;
        }
        joined.text.extend_from_slice(stanza);
        joined.text.extend_from_slice(b"\n\n");
        joined.stanzas = joined.stanzas.saturating_add(1);
        if joined.stanzas > most {
            return None;
        }
    }
    Some(joined)
}

/// The stanzas of a text, without the line end of their last line.
struct Stanzas<'t> {
    rest: &'t [u8],
}

impl<'t> Iterator for Stanzas<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        let mut first: Option<&'t [u8]> = None;
        let mut len = 0_usize;
        loop {
            if self.rest.is_empty() {
                break;
            }
            let end = self.rest.iter().position(|&b| b == b'\n');
            let used = end.map_or(self.rest.len(), |end| end.saturating_add(1));
            let here = self.rest;
            let (line, rest) = here.split_at_checked(used)?;
            self.rest = rest;
            match (first, line.trim_ascii().is_empty()) {
                (None, true) => {}
                (Some(_), true) => break,
                (None, false) => (first, len) = (Some(here), used),
                (Some(_), false) => len = len.saturating_add(used),
            }
        }
        Some(first?.get(..len)?.trim_ascii_end())
    }
}

/// What a stanza is known by, in a size that does not depend on it.
fn key(stanza: &[u8]) -> [u8; 32] {
    let mut values = [None; KEY.len()];
    for line in stanza.split(|&b| b == b'\n').filter(|line| !line.starts_with(b" ")) {
        let Some(colon) = line.iter().position(|&b| b == b':') else { continue };
        let (name, value) = line.split_at_checked(colon).unwrap_or_default();
        let place = KEY.iter().position(|known| known.eq_ignore_ascii_case(name));
        if let Some(slot) = place.and_then(|place| values.get_mut(place)) {
            *slot = Some(value.strip_prefix(b":").unwrap_or(value).trim_ascii());
        }
    }
    let mut hasher = blake3::Hasher::new();
    if values.last().copied().flatten().is_none() {
        return hasher.update(stanza).finalize().into();
    }
    for value in values.into_iter().flatten() {
        hasher.update(value).update(b"\n");
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(texts: &[&str]) -> (String, usize) {
        let texts: Vec<_> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
        let Joined { text, stanzas } = join(&texts, STANZAS_MAX).expect("few");
        (String::from_utf8(text).expect("UTF-8"), stanzas)
    }

    #[test]
    fn the_stanzas_of_all_discs_stand_in_their_order() {
        let (text, count) = joined(&[
            "Package: a\nFilename: a.deb\nDescription: x\n more\n\nPackage: b\nFilename: b.deb\n\n",
            "",
            "\n\nPackage: c\nFilename: c.deb",
        ]);
        let expected = "Package: a\nFilename: a.deb\nDescription: x\n more\n\n\
                        Package: b\nFilename: b.deb\n\nPackage: c\nFilename: c.deb\n\n";
        assert_eq!((text.as_str(), count), (expected, 3));
    }

    #[test]
    fn a_package_that_two_discs_have_stands_once_as_on_the_first() {
        let (text, count) = joined(&[
            "Package: a\nVersion: 1\nArchitecture: all\nFilename: a.deb\nTag: x\n",
            "Package: a\nVersion: 1\nArchitecture: all\nFilename: a.deb\n\n\
             Package: a\nVersion: 2\nArchitecture: all\nFilename: a2.deb\n\n\
             Package: a\nVersion: 1\nArchitecture: all\nFilename: other/a.deb\n",
        ]);
        assert_eq!(count, 3);
        assert!(
            text.starts_with("Package: a\nVersion: 1\nArchitecture: all\nFilename: a.deb\nTag")
        );
    }

    #[test]
    fn what_names_no_file_is_the_same_only_where_it_is_equal() {
        let (_, count) = joined(&[
            "Package: a\nDescription-md5: 1\nDescription-de: x\n",
            "Package: a\nDescription-md5: 1\nDescription-de: x\n\n\
             Package: a\nDescription-md5: 2\nDescription-de: y\n",
        ]);
        assert_eq!(count, 2);
    }

    #[test]
    fn lines_may_end_as_on_windows_and_blank_ones_hold_blanks() {
        let (_, count) = joined(&["Filename: a\r\n\r\nFilename: b\r\n \t\nFilename: c\n\n\n\n"]);
        assert_eq!(count, 3);
    }

    #[test]
    fn more_stanzas_than_are_wanted_are_refused() {
        let texts = [b"A: 1\n\nB: 2\n".to_vec(), b"A: 1\n\nC: 3\n".to_vec()];
        assert_eq!(join(&texts, 3).expect("few").stanzas, 3);
        assert_eq!(join(&texts, 2), None);
    }

    #[test]
    fn joining_what_is_joined_changes_nothing() {
        let (once, _) = joined(&["A: 1\n\nB: 2\n", "C: 3\n"]);
        assert_eq!(joined(&[&once]).0, once);
        assert_eq!(joined(&[&once, &once]).0, once);
    }
}
