//! The Rock Ridge Interchange Protocol (IEEE P1282): POSIX names, modes, times and links.

use super::susp::{End, Entry};
use super::symlink::Target;
use super::{field, time};
use crate::media::Timestamp;

/// First bytes of an `SP` entry's data (SUSP 5.3).
const CHECK_BYTES: [u8; 2] = [0xbe, 0xef];

/// Bits of the entries' flags.
mod flag {
    /// `NM`: the name goes on in the next `NM`. Joining them all comes to the same.
    pub(super) const NM_CONTINUE: u8 = 0x01;
    /// `NM`: the entry names `.` or `..` and holds no name of its own.
    pub(super) const NM_CURRENT_OR_PARENT: u8 = 0x06;
    /// `RR`: there is an `NM`.
    pub(super) const RR_NM: u8 = 0x08;
    /// `TF`: the first time stamp is that of the creation.
    pub(super) const TF_CREATION: u8 = 0x01;
    /// `TF`: there is the time of the last modification.
    pub(super) const TF_MODIFY: u8 = 0x02;
    /// `TF`: time stamps have 17 bytes.
    pub(super) const TF_LONG_FORM: u8 = 0x80;
}

/// What a compressed file expands to (`ZF`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Compressed {
    /// Binary logarithm of the block size.
    pub(super) block_log2: u8,
    /// Expanded size in bytes.
    pub(super) size: u32,
}

/// What a `ZF` entry says of the compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    /// The kind that Linux expands.
    Zisofs(Compressed),
    /// Another algorithm or block size.
    Unknown {
        /// Two letters.
        algorithm: [u8; 2],
        /// Binary logarithm of the block size.
        block_log2: u8,
    },
}

/// What the system use entries of one record say, taken one by one.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// `SP`: bytes to skip in the system use area of every other record.
    pub(super) skip: Option<u8>,
    /// `ER`: an extension is announced. Linux takes any for Rock Ridge, whatever its name.
    pub(super) announced: bool,
    /// Whether any entry is one of Rock Ridge's.
    pub(super) known: bool,
    /// `PX`: file type and permissions.
    pub(super) mode: Option<u32>,
    /// `TF`: time of the last modification.
    pub(super) modified: Option<Timestamp>,
    /// `SL`: target of a symbolic link.
    pub(super) target: Option<Target>,
    /// `CL`: logical block of the directory that belongs here.
    pub(super) child: Option<u32>,
    /// `RE`: the directory belongs elsewhere.
    pub(super) relocated: bool,
    /// `ZF`: how the content is compressed.
    pub(super) compression: Option<Compression>,
    name: Vec<u8>,
    /// An `RR` entry says that there is no `NM`; Linux then looks for no name any more.
    nameless: bool,
}

impl Fields {
    /// Takes one entry; unknown ones are passed over.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn take(&mut self, entry: Entry<'_>) -> Result<(), String> {
        let data = entry.data;
        let short = || {
            let [a, b] = entry.signature.map(char::from);
            format!("a {a}{b} entry with {} bytes of data", data.len())
        };
        match &entry.signature {
            b"SP" if data.starts_with(&CHECK_BYTES) => self.skip = field::u8_at(data, 2),
            b"ER" => self.announced = true,
            b"RR" => {
                self.known = true;
                if field::u8_at(data, 0).ok_or_else(short)? & flag::RR_NM == 0 {
                    self.nameless = true;
                }
            }
            b"PX" => {
                self.known = true;
                self.mode = Some(field::u32_at(data, 0).ok_or_else(short)?);
            }
            b"NM" => {
                self.known = true;
                self.take_name(field::u8_at(data, 0).ok_or_else(short)?, data);
            }
            b"TF" => {
                self.known = true;
                self.modified =
                    modified(field::u8_at(data, 0).ok_or_else(short)?, data).or(self.modified);
            }
            b"SL" => self.target.get_or_insert_default().take(data)?,
            b"CL" => self.child = Some(field::u32_at(data, 0).ok_or_else(short)?),
            b"RE" => self.relocated |= !self.nameless,
            b"ZF" => self.compression = Some(compression(data).ok_or_else(short)?),
            _ => {}
        }
        Ok(())
    }

    fn take_name(&mut self, flags: u8, data: &[u8]) {
        // Of "." and ".." the record itself tells; a host name (any other flag) is no file name.
        let ours = flags & !flag::NM_CONTINUE == 0 && flags & flag::NM_CURRENT_OR_PARENT == 0;
        if ours && !self.nameless {
            self.name.extend_from_slice(data.get(1..).unwrap_or_default());
        }
    }

    /// The name, where there is one. Entries that broke off give none, as in Linux: the record's
    /// own identifier then counts. Linux cuts names above 253 bytes, which is not followed here.
    pub(super) fn name(&self, end: End) -> Option<&[u8]> {
        let whole = end == End::Complete && !self.nameless && !self.name.is_empty();
        whole.then_some(self.name.as_slice())
    }
}

/// The time of the last modification in a `TF` entry (4.1.6).
fn modified(flags: u8, data: &[u8]) -> Option<Timestamp> {
    if flags & flag::TF_MODIFY == 0 {
        return None;
    }
    let long = flags & flag::TF_LONG_FORM != 0;
    let size = if long { 17 } else { 7 };
    let at = if flags & flag::TF_CREATION == 0 { 0 } else { size };
    let stamp = data.get(1..)?.get(at..)?;
    if long { time::long(stamp) } else { time::short(stamp) }
}

/// Reads a `ZF` entry: algorithm, header size, block size, expanded size.
fn compression(data: &[u8]) -> Option<Compression> {
    let algorithm = *data.first_chunk::<2>()?;
    let block_log2 = field::u8_at(data, 3)?;
    let size = field::u32_at(data, 4)?;
    let known = algorithm == *b"pz" && super::zisofs::BLOCK_LOG2.contains(&block_log2);
    Some(if known {
        Compression::Zisofs(Compressed { block_log2, size })
    } else {
        Compression::Unknown { algorithm, block_log2 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(entries: &[(&[u8; 2], &[u8])]) -> Fields {
        let mut fields = Fields::default();
        for &(signature, data) in entries {
            fields.take(Entry { signature: *signature, data }).expect("a good entry");
        }
        fields
    }

    fn name(entries: &[(&[u8; 2], &[u8])]) -> Option<String> {
        let fields = fields(entries);
        fields.name(End::Complete).map(|name| String::from_utf8(name.to_vec()).expect("UTF-8"))
    }

    #[test]
    fn a_name_is_joined_from_its_pieces() {
        assert_eq!(name(&[(b"NM", b"\0vmlinuz")]).as_deref(), Some("vmlinuz"));
        assert_eq!(name(&[(b"NM", b"\x01long"), (b"NM", b"\0er")]).as_deref(), Some("longer"));
        assert_eq!(name(&[]), None);
    }

    #[test]
    fn current_parent_and_host_are_no_names() {
        for flags in [b"\x02", b"\x04", b"\x20"] {
            assert_eq!(name(&[(b"NM", flags)]), None, "{flags:?}");
        }
        assert_eq!(name(&[(b"NM", b"\x02"), (b"NM", b"\0a")]).as_deref(), Some("a"));
    }

    #[test]
    fn entries_that_break_off_give_no_name() {
        assert_eq!(fields(&[(b"NM", b"\0a")]).name(End::Malformed), None);
    }

    #[test]
    fn an_rr_entry_without_the_name_bit_means_no_name() {
        assert_eq!(name(&[(b"RR", b"\x81"), (b"NM", b"\0a")]), None);
        assert_eq!(name(&[(b"RR", b"\x89"), (b"NM", b"\0a")]).as_deref(), Some("a"));
        assert!(!fields(&[(b"RR", b"\x81"), (b"RE", b"")]).relocated);
        assert!(fields(&[(b"RR", b"\x89"), (b"RE", b"")]).relocated);
    }

    #[test]
    fn a_mode_is_read_with_and_without_a_serial_number() {
        let mut data = [0; 40];
        data[..4].copy_from_slice(&0o100_644_u32.to_le_bytes());
        assert_eq!(fields(&[(b"PX", &data)]).mode, Some(0o100_644));
        assert_eq!(fields(&[(b"PX", &data[..32])]).mode, Some(0o100_644));
    }

    #[test]
    fn the_time_of_modification_comes_second_where_there_is_a_creation() {
        let [a, b] = [[100, 1, 1, 0, 0, 0, 0], [116, 5, 22, 6, 4, 59, 0]];
        let stamp = |flags, stamps: &[&[u8]]| {
            let data = [&[flags][..], &stamps.concat()].concat();
            fields(&[(b"TF", &data)]).modified.map(Timestamp::rfc3339)
        };
        assert_eq!(stamp(0x0e, &[&b, &a, &a]).as_deref(), Some("2016-05-22T06:04:59Z"));
        assert_eq!(stamp(0x03, &[&a, &b]).as_deref(), Some("2016-05-22T06:04:59Z"));
        assert_eq!(stamp(0x01, &[&a]), None);
        assert_eq!(stamp(0x03, &[&a]), None);
        let long = b"2016052206045900\0";
        assert_eq!(stamp(0x83, &[long, long]).as_deref(), Some("2016-05-22T06:04:59Z"));
        assert_eq!(stamp(0x82, &[long]).as_deref(), Some("2016-05-22T06:04:59Z"));
    }

    #[test]
    fn zisofs_is_told_from_other_compressions() {
        let zf = |data: &[u8]| fields(&[(b"ZF", data)]).compression;
        let known = Compression::Zisofs(Compressed { block_log2: 15, size: 0x0102 });
        assert_eq!(zf(b"pz\x04\x0f\x02\x01\0\0\0\0\x01\x02"), Some(known));
        let unknown = Compression::Unknown { algorithm: *b"PZ", block_log2: 15 };
        assert_eq!(zf(b"PZ\x04\x0f\x02\x01\0\0\0\0\x01\x02"), Some(unknown));
        let large = Compression::Unknown { algorithm: *b"pz", block_log2: 18 };
        assert_eq!(zf(b"pz\x04\x12\x02\x01\0\0\0\0\x01\x02"), Some(large));
    }

    #[test]
    fn the_sharing_protocol_needs_its_check_bytes() {
        assert_eq!(fields(&[(b"SP", b"\xbe\xef\x0e")]).skip, Some(14));
        assert_eq!(fields(&[(b"SP", b"\xbe\xee\x0e")]).skip, None);
    }

    #[test]
    fn an_entry_too_short_for_its_fields_is_refused() {
        for signature in [b"PX", b"NM", b"TF", b"SL", b"CL", b"ZF", b"RR"] {
            let mut fields = Fields::default();
            assert!(fields.take(Entry { signature: *signature, data: b"" }).is_err());
        }
    }
}
