//! Directory records (ECMA-119, 9.1).

use super::descriptor::SECTOR;
use super::{field, time};
use crate::media::Timestamp;

/// Bytes of a record before its identifier.
const FIXED: usize = 33;
/// The shortest record: one byte of identifier.
const SHORTEST: usize = 34;

/// Bits of the file flags (9.1.6).
mod flag {
    pub(super) const DIRECTORY: u8 = 0x02;
    pub(super) const ASSOCIATED: u8 = 0x04;
    pub(super) const MULTI_EXTENT: u8 = 0x80;
}

/// One directory record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// Byte offset of the record in the image.
    pub(super) offset: u64,
    /// First logical block of the extended attribute record, or of the data where there is none.
    pub(super) extent: u32,
    /// Logical blocks of the extended attribute record, before the data.
    pub(super) extended_attribute_record_length: u8,
    /// Bytes of the data.
    pub(super) data_length: u32,
    /// Bytes of the recording date.
    recording_date: [u8; 7],
    flags: u8,
    /// Logical blocks between the units of an interleaved file.
    pub(super) interleave_gap_size: u8,
    /// The name as it stands in the record.
    pub(super) identifier: &'a [u8],
    /// What other standards keep behind the name.
    pub(super) system_use: &'a [u8],
}

impl<'a> Record<'a> {
    /// Reads the record that `bytes` begins with, which lies at byte `offset` of the image.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(bytes: &'a [u8], offset: u64) -> Result<Self, String> {
        let len = usize::from(field::u8_at(bytes, 0).unwrap_or(0));
        if len < SHORTEST {
            return Err(format!("directory record length {len} is below {SHORTEST}"));
        }
        let cut = || format!("a directory record of {len} bytes reaches beyond its directory");
        let bytes = bytes.get(..len).ok_or_else(cut)?;
        let identifier_len = usize::from(field::u8_at(bytes, 32).ok_or_else(cut)?);
        let identifier_end = FIXED.saturating_add(identifier_len);
        let identifier = bytes.get(FIXED..identifier_end).ok_or_else(|| {
            format!("a name of {identifier_len} bytes in a directory record of {len}")
        })?;
        // The system use area starts at an even offset.
        let system_use = identifier_end.saturating_add(identifier_end & 1);
        let date = bytes.get(18..).and_then(|bytes| bytes.first_chunk()).ok_or_else(cut)?;
        Ok(Self {
            offset,
            extent: field::u32_at(bytes, 2).ok_or_else(cut)?,
            extended_attribute_record_length: field::u8_at(bytes, 1).ok_or_else(cut)?,
            data_length: field::u32_at(bytes, 10).ok_or_else(cut)?,
            recording_date: *date,
            flags: field::u8_at(bytes, 25).ok_or_else(cut)?,
            interleave_gap_size: field::u8_at(bytes, 27).ok_or_else(cut)?,
            identifier,
            system_use: bytes.get(system_use..).unwrap_or_default(),
        })
    }

    /// First logical block of the data.
    pub(super) fn data_block(&self) -> u32 {
        self.extent.saturating_add(self.extended_attribute_record_length.into())
    }

    /// When the data was recorded; Linux shows it as the time of the last modification.
    pub(super) fn recorded(&self) -> Option<Timestamp> {
        time::short(&self.recording_date)
    }

    /// Whether it describes a directory.
    pub(super) fn is_directory(&self) -> bool {
        self.flags & flag::DIRECTORY != 0
    }

    /// Whether it is a companion of another file (a resource fork), which a mounted disc hides.
    /// Records with the "existence" bit are shown: that bit asks for discretion, not secrecy.
    pub(super) fn is_associated(&self) -> bool {
        self.flags & flag::ASSOCIATED != 0
    }

    /// Whether the next record goes on with the same file.
    pub(super) fn is_continued(&self) -> bool {
        self.flags & flag::MULTI_EXTENT != 0
    }

    /// Whether it is the directory's own record (`.`).
    pub(super) fn is_self(&self) -> bool {
        self.identifier == [0]
    }

    /// Whether it is the record of the directory above (`..`).
    pub(super) fn is_parent(&self) -> bool {
        self.identifier == [1]
    }
}

/// The records of a directory.
#[derive(Debug)]
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    size: usize,
    at: usize,
    offset: u64,
}

impl<'a> Records<'a> {
    /// Takes the bytes of a directory that starts at byte `offset` of the image. `size` is its
    /// length; `bytes` may go on to the end of the last sector, for Linux reads a record there
    /// that only begins within the directory.
    pub(super) fn new(bytes: &'a [u8], size: usize, offset: u64) -> Self {
        Self { bytes, size: size.min(bytes.len()), at: 0, offset }
    }
}

impl<'a> Iterator for Records<'a> {
    /// A record, or what is wrong at which byte of the image; nothing comes after that.
    type Item = Result<Record<'a>, (u64, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.size {
            let rest = self.bytes.get(self.at..)?;
            let len = usize::from(field::u8_at(rest, 0)?);
            if len == 0 {
                // No record fits into the rest of the sector (6.8.1.1).
                let next = self.at.saturating_add(1).checked_next_multiple_of(SECTOR);
                self.at = next.unwrap_or(self.size);
                continue;
            }
            let offset = self.offset.saturating_add(field::to_u64(self.at));
            let record = Record::parse(rest, offset).map_err(|what| (offset, what));
            // A record across two sectors breaks the standard; Linux reads it, and so do we.
            self.at = match record {
                Ok(_) => self.at.saturating_add(len),
                Err(_) => self.size,
            };
            return Some(record);
        }
        None
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A record of a file that holds `len` bytes at `extent`, both endians filled in.
    pub(crate) fn record(
        name: &[u8],
        flags: u8,
        extent: u32,
        len: u32,
        system_use: &[u8],
    ) -> Vec<u8> {
        let mut bytes = vec![0; FIXED];
        bytes[2..6].copy_from_slice(&extent.to_le_bytes());
        bytes[6..10].copy_from_slice(&extent.to_be_bytes());
        bytes[10..14].copy_from_slice(&len.to_le_bytes());
        bytes[14..18].copy_from_slice(&len.to_be_bytes());
        bytes[18..25].copy_from_slice(&[116, 5, 22, 6, 4, 59, 0]);
        bytes[25] = flags;
        bytes[28] = 1;
        bytes[31] = 1;
        bytes[32] = u8::try_from(name.len()).expect("a short name");
        bytes.extend_from_slice(name);
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        bytes.extend_from_slice(system_use);
        bytes[0] = u8::try_from(bytes.len()).expect("a short record");
        bytes
    }

    fn names(bytes: &[u8]) -> Vec<Vec<u8>> {
        let records = Records::new(bytes, bytes.len(), 0);
        records.map(|r| r.expect("a record").identifier.to_vec()).collect()
    }

    #[test]
    fn a_record_gives_its_fields_as_they_stand() {
        let mut bytes = record(b"A.;1", 0x02, 20, 300, b"RRxx");
        bytes[1] = 3;
        bytes[27] = 9;
        let record = Record::parse(&bytes, 77).expect("a record");
        assert_eq!(record.identifier, b"A.;1");
        assert_eq!(record.system_use, b"RRxx");
        assert_eq!((record.data_block(), record.data_length), (23, 300));
        assert_eq!(record.interleave_gap_size, 9);
        assert!(record.is_directory() && !record.is_associated() && !record.is_continued());
        assert_eq!(record.offset, 77);
        assert_eq!(record.recorded().expect("a date").rfc3339(), "2016-05-22T06:04:59Z");
    }

    #[test]
    fn a_name_of_even_length_is_followed_by_a_pad_byte() {
        let bytes = record(b"AB", 0, 0, 0, b"XY");
        assert_eq!(bytes.len(), 33 + 2 + 1 + 2);
        assert_eq!(Record::parse(&bytes, 0).expect("a record").system_use, b"XY");
    }

    #[test]
    fn a_record_below_34_bytes_is_refused() {
        let mut bytes = record(b"A", 0, 0, 0, b"");
        for len in 0..34 {
            bytes[0] = len;
            let what = Record::parse(&bytes, 0).expect_err("too short");
            assert_eq!(what, format!("directory record length {len} is below 34"));
        }
    }

    #[test]
    fn a_name_that_leaves_its_record_is_refused() {
        let mut bytes = record(b"A", 0, 0, 0, b"");
        bytes[32] = 2;
        let what = Record::parse(&bytes, 0).expect_err("too long");
        assert_eq!(what, "a name of 2 bytes in a directory record of 34");
    }

    #[test]
    fn a_zero_length_leads_to_the_next_sector() {
        let mut bytes = record(b"A", 0, 0, 0, b"");
        bytes.resize(SECTOR, 0);
        bytes.extend(record(b"B", 0, 0, 0, b""));
        bytes.resize(3 * SECTOR, 0);
        assert_eq!(names(&bytes), [b"A", b"B"]);
    }

    #[test]
    fn a_record_across_two_sectors_is_read() {
        let mut bytes = Vec::new();
        while bytes.len() < SECTOR {
            bytes.extend(record(b"A", 0, 0, 0, b""));
        }
        assert!(bytes.len() > SECTOR);
        let count = bytes.len() / 34;
        assert_eq!(names(&bytes).len(), count);
    }

    #[test]
    fn a_record_is_named_by_its_byte_and_ends_the_directory_when_it_is_broken() {
        let mut bytes = record(b"A", 0, 0, 0, b"");
        bytes.extend([12, 0, 0]);
        bytes.resize(SECTOR, 0);
        let found: Vec<_> = Records::new(&bytes, SECTOR, 0x1000).collect();
        assert_eq!(found.len(), 2);
        let (offset, what) = found[1].as_ref().expect_err("broken");
        assert_eq!(*offset, 0x1000 + 34);
        assert!(what.contains("length 12"), "{what}");
    }

    #[test]
    fn a_record_beyond_the_end_of_the_directory_is_refused() {
        let bytes = record(b"A", 0, 0, 0, b"");
        let mut records = Records::new(&bytes[..33], 33, 0);
        assert!(records.next().is_some_and(|r| r.is_err()));
        assert!(records.next().is_none());
    }
}
