//! Directories: a row of file identifier descriptors (ECMA-167 4/14.4).

use super::field::{Address, slice, u8_at, u16_at};
use super::tag::{Tag, identifier};

/// Length of a descriptor before Implementation Use.
const HEAD: usize = 38;

/// One entry of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileIdentifier<'d> {
    /// Where it begins in the directory's content.
    pub(super) position: usize,
    /// File Identifier: compressed Unicode.
    pub(super) name: &'d [u8],
    /// Where the file entry is.
    pub(super) icb: Address,
    file_characteristics: u8,
}

impl FileIdentifier<'_> {
    /// Whether a mounted disc shows it: not deleted, not hidden, not the way to the parent
    /// (4/14.4.3).
    pub(super) fn is_shown(&self) -> bool {
        self.file_characteristics & (0x01 | 0x04 | 0x08) == 0
    }
}

/// The entries in a directory's `content`, in order. After an error, which comes with its position
/// in the content, there are no more.
pub(super) fn entries(
    content: &[u8],
) -> impl Iterator<Item = Result<FileIdentifier<'_>, (usize, String)>> {
    let mut position = 0_usize;
    std::iter::from_fn(move || {
        let rest = content.get(position..).filter(|rest| !rest.is_empty())?;
        Some(match parse(rest, position) {
            Ok((entry, len)) => {
                position = position.saturating_add(len);
                Ok(entry)
            }
            Err(what) => {
                let at = position;
                position = content.len();
                Err((at, format!("directory entry: {what}")))
            }
        })
    })
}

/// The entry that `rest` begins with, and its length.
fn parse(rest: &[u8], position: usize) -> Result<(FileIdentifier<'_>, usize), String> {
    if rest.len() < HEAD {
        return Err(format!("{} bytes are left of the directory, not {HEAD}", rest.len()));
    }
    let name_len = usize::from(u8_at(rest, 19));
    let implementation_use = usize::from(u16_at(rest, 36));
    let name_at = implementation_use.saturating_add(HEAD);
    let len = name_at.saturating_add(name_len).next_multiple_of(4);
    // Its CRC covers no more than the descriptor: with 64 KiB each, a directory of 1 MiB would take seconds.
    let own = rest.get(..len).unwrap_or(rest);
    let tag = Tag::check(own, None).map_err(|fault| fault.to_string())?;
    tag.expect(identifier::FILE_IDENTIFIER).map_err(|fault| fault.to_string())?;
    if len > rest.len() {
        return Err(format!("{len} bytes, but the directory ends after {}", rest.len()));
    }
    let entry = FileIdentifier {
        position,
        name: slice(rest, name_at, name_len),
        icb: Address::at(rest, 24),
        file_characteristics: u8_at(rest, 18),
    };
    Ok((entry, len))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::media::udf::tag;

    /// A file identifier descriptor.
    pub(in super::super) fn fid(characteristics: u8, name: &[u8], icb: Address) -> Vec<u8> {
        let mut fid = vec![0; (HEAD + name.len()).next_multiple_of(4)];
        fid[18] = characteristics;
        fid[19] = u8::try_from(name.len()).expect("short");
        fid[24..28].copy_from_slice(&icb.block.to_le_bytes());
        fid[28..30].copy_from_slice(&icb.partition.to_le_bytes());
        fid[HEAD..HEAD + name.len()].copy_from_slice(name);
        tag::seal(&mut fid, identifier::FILE_IDENTIFIER, 0);
        fid
    }

    #[test]
    fn a_crc_over_more_than_its_descriptor_is_refused() {
        let mut two = [fid(0, b"\x08name", ICB), fid(2, b"\x08x", ICB)].concat();
        tag::seal(&mut two, identifier::FILE_IDENTIFIER, 0);
        let fault = entries(&two).next().expect("one").expect_err("too much");
        assert!(fault.1.contains("descriptor CRC covers 68 bytes"), "{fault:?}");
    }

    const ICB: Address = Address { block: 5, partition: 1 };

    #[test]
    fn entries_follow_each_other_in_steps_of_four_bytes() {
        let content = [fid(8, b"", ICB), fid(0, b"\x08name", ICB), fid(2, b"\x08x", ICB)].concat();
        let found: Vec<_> = entries(&content).collect::<Result<_, _>>().expect("good");
        let names: Vec<_> = found.iter().map(|e| (e.position, e.name, e.is_shown())).collect();
        assert_eq!(names, [(0, &b""[..], false), (40, b"\x08name", true), (84, b"\x08x", true)]);
        assert!(found.iter().all(|entry| entry.icb == ICB));
    }

    #[test]
    fn implementation_use_comes_before_the_name() {
        let mut fid = fid(0, b"\x08\x08\x08\x08\x08abc", ICB);
        fid[19] = 4;
        fid[36] = 4;
        tag::seal(&mut fid, identifier::FILE_IDENTIFIER, 0);
        let found = entries(&fid).next().expect("one").expect("good");
        assert_eq!(found.name, b"\x08abc");
    }

    #[test]
    fn deleted_hidden_and_parent_entries_are_not_shown() {
        for characteristics in [1, 4, 8, 5, 0x0d] {
            let content = fid(characteristics, b"\x08a", ICB);
            assert!(!entries(&content).next().expect("one").expect("good").is_shown());
        }
    }

    #[test]
    fn a_damaged_entry_ends_the_directory_with_its_position() {
        let mut content = [fid(0, b"\x08a", ICB), fid(0, b"\x08b", ICB)].concat();
        content[40 + 39] ^= 1;
        let found: Vec<_> = entries(&content).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].as_ref().expect_err("a bad CRC").0, 40);
    }

    #[test]
    fn an_entry_that_reaches_beyond_its_directory_is_refused() {
        let whole = fid(0, b"\x08abcdef", ICB);
        for len in 1..whole.len() {
            assert!(entries(&whole[..len]).next().expect("one").is_err(), "{len}");
        }
        let mut longer = fid(0, b"\x08a", ICB);
        longer[19] = 200;
        tag::seal(&mut longer, identifier::FILE_IDENTIFIER, 0);
        assert!(entries(&longer).next().expect("one").is_err());
        assert_eq!(entries(&[]).count(), 0);
    }
}
