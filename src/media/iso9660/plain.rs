//! Names of the plain hierarchies.

/// A name as Linux shows it by default (`map=normal`): lower case, `;1` dropped, together with a
/// dot before it; any other `;` becomes a dot. NUL bytes at the end are padding. A slash or a NUL
/// byte within stays, for the tree to refuse: Linux would show another name than the disc has.
pub(super) fn mapped(identifier: &[u8]) -> Vec<u8> {
    // A version counts only at the very end of the field, which a NUL byte hides.
    let name = match identifier {
        [.., 0] => unpadded(identifier),
        _ => unversioned(identifier),
    };
    name.iter()
        .map(|&c| match c {
            b';' => b'.',
            _ => c.to_ascii_lowercase(),
        })
        .collect()
}

fn unpadded(mut identifier: &[u8]) -> &[u8] {
    while let [rest @ .., 0] = identifier {
        identifier = rest;
    }
    identifier
}

/// A name without `;1` or `.;1` at its end, otherwise verbatim: the names of an enhanced volume
/// descriptor are in the case that their author chose.
pub(super) fn unversioned(identifier: &[u8]) -> &[u8] {
    match identifier {
        [name @ .., b'.', b';', b'1'] | [name @ .., b';', b'1'] => name,
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(identifier: &[u8]) -> String {
        String::from_utf8(mapped(identifier)).expect("ASCII")
    }

    #[test]
    fn names_are_lower_case_without_version_one() {
        assert_eq!(text(b"TBOOT.B00;1"), "tboot.b00");
        assert_eq!(text(b"EMPTY.;1"), "empty");
        assert_eq!(text(b"DIR"), "dir");
    }

    #[test]
    fn a_final_dot_without_a_version_stays() {
        assert_eq!(text(b"EMPTY."), "empty.");
    }

    #[test]
    fn other_versions_become_part_of_the_name() {
        assert_eq!(text(b"FILE.TXT;2"), "file.txt.2");
        assert_eq!(text(b"FILE.;2"), "file..2");
        assert_eq!(text(b"A;B;1"), "a.b");
        assert_eq!(text(b"A;12"), "a.12");
    }

    #[test]
    fn nul_bytes_at_the_end_are_padding() {
        assert_eq!(text(b"AB\0\0"), "ab");
        assert_eq!(text(b"AB;1\0"), "ab.1");
    }

    #[test]
    fn bytes_outside_ascii_stay_as_they_are() {
        assert_eq!(mapped(b"\xc4B;1"), b"\xc4b");
    }

    #[test]
    fn enhanced_names_keep_their_case() {
        assert_eq!(unversioned(b"ReadMe.txt;1"), b"ReadMe.txt");
        assert_eq!(unversioned(b"ReadMe."), b"ReadMe.");
        assert_eq!(unversioned(b"a;2"), b"a;2");
    }
    #[test]
    fn a_slash_or_a_nul_byte_within_is_left_for_the_tree_to_refuse() {
        assert_eq!(text(b"A/B.TXT;1"), "a/b.txt");
        assert_eq!(text(b"AB\0CD;1"), "ab\0cd");
    }
}
