//! File entries and the hierarchy that leads to them (ECMA-167 4/14.6 to 4/14.9, 4/14.17).

use super::allocation::Form;
use super::field::{Address, slice, u8_at, u16_at, u32_at, u64_at, u64_of, usize_of};
use super::runs::Budget;
use super::sector::Descriptor;
use super::tag::identifier;
use super::time::timestamp;
use super::volume::Volume;
use crate::error::Result;
use crate::media::Timestamp;

/// Most times that an entry of strategy 4096 has been replaced by a later one.
const INDIRECTIONS_MAX: u32 = 1024;

/// File types (4/14.6.6, UDF 2.2.13 and 2.2.14).
pub(super) mod file_type {
    pub(in super::super) const UNSPECIFIED: u8 = 0;
    pub(in super::super) const DIRECTORY: u8 = 4;
    pub(in super::super) const REGULAR: u8 = 5;
    pub(in super::super) const SYMBOLIC_LINK: u8 = 12;
    pub(in super::super) const VIRTUAL_ALLOCATION_TABLE: u8 = 248;
    pub(in super::super) const REAL_TIME: u8 = 249;
    pub(in super::super) const METADATA: u8 = 250;
    pub(in super::super) const METADATA_MIRROR: u8 = 251;
}

/// A file entry or extended file entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileEntry {
    /// Byte offset of its tag in the image.
    pub(super) offset: u64,
    /// Where it is.
    pub(super) address: Address,
    /// File Type of the ICB tag.
    pub(super) file_type: u8,
    /// Permission bits as of a mode.
    pub(super) mode: u16,
    /// Information Length: the file's size in bytes.
    pub(super) information_length: u64,
    /// Modification Date and Time, where it is a time.
    pub(super) modification_time: Option<Timestamp>,
    /// How its extents are recorded.
    pub(super) form: Form,
    /// The allocation descriptors, or the data itself.
    pub(super) allocation: Vec<u8>,
    /// Byte offset of `allocation` in the image.
    pub(super) allocation_offset: u64,
}

impl FileEntry {
    /// Reads the entry at `address`, following entries of strategy 4096 to the latest one.
    /// `named_at` is the byte offset of what refers to it.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] and [`crate::Error::Unsupported`] with the byte offset.
    pub(super) fn read(
        volume: Volume<'_>,
        mut address: Address,
        mut named_at: u64,
        budget: &mut Budget,
    ) -> Result<Self> {
        for _ in 0..INDIRECTIONS_MAX {
            let (found, offset) = match volume.try_descriptor(address, named_at)? {
                Ok(found) => {
                    let offset = found.offset;
                    (found, offset)
                }
                Err((fault, offset)) => {
                    return Err(volume.image.corrupt(offset, format!("file entry: {fault}")));
                }
            };
            let entry = match u16_at(&found.bytes, 20) {
                4 => None,
                4096 => {
                    if !budget.take(u64::from(volume.partitions.block_size).saturating_mul(2)) {
                        return Err(volume.spent(offset));
                    }
                    successor(volume, address, offset)?
                }
                other => {
                    let what = format!("file entry: ICB strategy type {other}");
                    return Err(volume.image.unsupported(offset, what));
                }
            };
            let Some((next, at)) = entry else {
                return Self::parse(&found, address)
                    .map_err(|what| volume.image.corrupt(offset, format!("file entry: {what}")));
            };
            (address, named_at) = (next, at);
        }
        Err(volume.image.corrupt(named_at, "file entry: replaced too many times, or a loop"))
    }

    /// Takes the fields.
    ///
    /// # Errors
    /// What is wrong with them.
    fn parse(descriptor: &Descriptor, address: Address) -> Result<Self, String> {
        let from = &descriptor.bytes;
        // Where Modification Date and Time, the two lengths and what they measure lie.
        let (modification, lengths, head) = match descriptor.tag.identifier {
            identifier::FILE_ENTRY => (84, 168, 176),
            identifier::EXTENDED_FILE_ENTRY => (92, 208, 216),
            other => return Err(format!("descriptor of type {other} where 261 or 266 belongs")),
        };
        let length_of_extended_attributes = usize_of(u32_at(from, lengths));
        let length_of_allocation_descriptors = usize_of(u32_at(from, lengths.saturating_add(4)));
        let start = length_of_extended_attributes.saturating_add(head);
        let allocation = slice(from, start, length_of_allocation_descriptors);
        if allocation.len() < length_of_allocation_descriptors || start > from.len() {
            return Err(format!(
                "{length_of_extended_attributes} bytes of extended attributes and \
                 {length_of_allocation_descriptors} of allocation descriptors do not fit in its \
                 block"
            ));
        }
        let flags = u16_at(from, 34);
        let form = Form::of_flags(flags)
            .ok_or_else(|| format!("allocation descriptors of the reserved type {}", flags & 7))?;
        let information_length = u64_at(from, 56);
        if i64::try_from(information_length).is_err() {
            return Err(format!("an information length of {information_length} bytes"));
        }
        if form == Form::InIcb && information_length != u64_of(allocation.len()) {
            return Err(format!(
                "an information length of {information_length} bytes, of which {} are embedded",
                allocation.len()
            ));
        }
        Ok(Self {
            offset: descriptor.offset,
            address,
            file_type: u8_at(from, 27),
            mode: mode(u32_at(from, 44), flags),
            information_length,
            modification_time: timestamp(from, modification),
            form,
            allocation: allocation.to_vec(),
            allocation_offset: descriptor.offset.saturating_add(u64_of(start)),
        })
    }
}

/// The entry that the indirect entry in the block after `address` leads to, if there is one.
fn successor(
    volume: Volume<'_>,
    address: Address,
    named_at: u64,
) -> Result<Option<(Address, u64)>> {
    let Some(block) = address.block.checked_add(1) else { return Ok(None) };
    let after = Address { block, ..address };
    // The last entry of an ICB has nothing behind it, not even a block perhaps.
    if u64::from(block) >= volume.partitions.blocks(address.partition) {
        return Ok(None);
    }
    let Ok(found) = volume.try_descriptor(after, named_at)? else { return Ok(None) };
    let length = u32_at(&found.bytes, 36);
    if found.tag.identifier != identifier::INDIRECT_ENTRY || length == 0 {
        return Ok(None);
    }
    Ok(Some((Address::at(&found.bytes, 40), found.offset)))
}

/// A mode's bits from Permissions (4/14.9.5: five bits for each of other, group and owner) and the
/// flags of the ICB tag.
fn mode(permissions: u32, flags: u16) -> u16 {
    let bits = |shift: u32| {
        u16::try_from(permissions.checked_shr(shift).unwrap_or_default() & 7).unwrap_or_default()
    };
    let special = ((flags & 0x0040) << 5) | ((flags & 0x0080) << 3) | ((flags & 0x0100) << 1);
    special | (bits(10) << 6) | (bits(5) << 3) | bits(0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::media::udf::tag;

    /// A file entry of one block with these fields over a regular file's.
    pub(in super::super) fn entry(location: u32, fields: &[(usize, &[u8])]) -> Vec<u8> {
        let mut block = vec![0; 512];
        block[20] = 4;
        block[27] = file_type::REGULAR;
        for (at, field) in fields {
            block[*at..*at + field.len()].copy_from_slice(field);
        }
        tag::seal(&mut block, identifier::FILE_ENTRY, location);
        block
    }

    fn parse(block: Vec<u8>) -> Result<FileEntry, String> {
        let tag = tag::Tag::check(&block, None).expect("a good tag");
        let descriptor = Descriptor { tag, bytes: block, offset: 5120 };
        FileEntry::parse(&descriptor, Address { block: 10, partition: 0 })
    }

    #[test]
    fn a_file_entry_and_an_extended_one_say_the_same() {
        let time = [0, 0x10, 0xe0, 7, 5, 22, 8, 4, 59, 0, 0, 0];
        let shared: [(usize, &[u8]); 3] =
            [(34, &[1, 0]), (44, &[0x85, 0x14]), (56, &[3, 0, 0, 0, 1])];
        let plain: [(usize, &[u8]); 4] =
            [(84, &time), (168, &[8]), (172, &[16]), (184, b"descriptors here")];
        let extended: [(usize, &[u8]); 4] =
            [(92, &time), (208, &[8]), (212, &[16]), (224, b"descriptors here")];
        let mut block = entry(10, &[&shared[..], &extended].concat());
        tag::seal(&mut block, identifier::EXTENDED_FILE_ENTRY, 10);
        let extended = parse(block).expect("good");
        let plain = parse(entry(10, &[&shared[..], &plain].concat())).expect("good");
        assert_eq!(plain.allocation_offset, 5120 + 184);
        assert_eq!(extended.allocation_offset, 5120 + 224);
        assert_eq!(plain.information_length, (1 << 32) + 3);
        assert_eq!(plain.mode, 0o545);
        assert_eq!(plain.modification_time.map(|t| t.seconds), Some(1_463_904_299));
        assert_eq!(plain, FileEntry { allocation_offset: 5120 + 184, ..extended });
    }

    #[test]
    fn embedded_data_is_as_long_as_the_file() {
        let good: [(usize, &[u8]); 3] = [(34, &[3]), (56, &[5]), (172, &[5])];
        assert_eq!(parse(entry(10, &good)).expect("good").allocation, [0; 5]);
        let bad: [(usize, &[u8]); 3] = [(34, &[3]), (56, &[6]), (172, &[5])];
        assert!(parse(entry(10, &bad)).is_err());
    }

    #[test]
    fn lengths_beyond_the_block_are_refused() {
        for at in [168, 172] {
            assert!(parse(entry(10, &[(at, &[0x51, 1])])).is_err());
            assert!(parse(entry(10, &[(at, &[0xff; 4])])).is_err());
        }
        assert!(parse(entry(10, &[(168, &[0x50, 1])])).is_ok());
        assert!(parse(entry(10, &[(34, &[4])])).is_err());
        assert!(parse(entry(10, &[(56, &[0xff; 8])])).is_err());
    }

    #[test]
    fn permissions_and_flags_make_up_a_mode() {
        assert_eq!(mode(0x7fff, 0), 0o777);
        assert_eq!(mode(0x0421, 0), 0o111);
        assert_eq!(mode(0, 0x0040), 0o4000);
        assert_eq!(mode(0, 0x0080), 0o2000);
        assert_eq!(mode(0, 0x0100), 0o1000);
        assert_eq!(mode(0x6318, 0), 0);
    }
}
