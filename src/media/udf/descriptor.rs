//! Volume descriptors (ECMA-167 3/10) and the file set descriptor (4/14.1).

use super::dstring::dstring;
use super::field::{Address, bytes, regid_text, slice, u16_at, u32_at, usize_of};
use super::map::{self, Map};
use super::sector::Descriptor;

/// Primary volume descriptor (3/10.1), as far as it is told to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PrimaryVolume {
    /// Volume Identifier.
    pub(super) volume_identifier: String,
    /// Application Identifier, if it is text.
    pub(super) application_identifier: String,
    /// Implementation Identifier, if it is text.
    pub(super) implementation_identifier: String,
}

impl PrimaryVolume {
    /// Takes the fields.
    pub(super) fn parse(descriptor: &Descriptor) -> Self {
        let from = &descriptor.bytes;
        Self {
            volume_identifier: dstring(slice(from, 24, 32)),
            application_identifier: regid_text(from, 344),
            implementation_identifier: regid_text(from, 388),
        }
    }
}

/// Logical volume descriptor (3/10.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogicalVolume {
    /// Byte offset of its tag in the image.
    pub(super) offset: u64,
    /// Logical Volume Identifier.
    pub(super) identifier: String,
    /// Logical Block Size in bytes.
    pub(super) block_size: u32,
    /// The file set descriptor, from Logical Volume Contents Use (4/3.1).
    pub(super) file_set: Address,
    /// Partition Maps; a partition reference number is an index into these.
    pub(super) maps: Vec<Map>,
}

impl LogicalVolume {
    /// Takes the fields and the partition maps.
    ///
    /// # Errors
    /// What is wrong with the partition maps.
    pub(super) fn parse(descriptor: &Descriptor) -> Result<Self, String> {
        let from = &descriptor.bytes;
        let map_table_length = usize_of(u32_at(from, 264));
        let table = slice(from, 440, map_table_length);
        if table.len() < map_table_length {
            return Err(format!(
                "logical volume descriptor: {map_table_length} bytes of partition maps are more \
                 than it holds"
            ));
        }
        Ok(Self {
            offset: descriptor.offset,
            identifier: dstring(slice(from, 84, 128)),
            block_size: u32_at(from, 212),
            file_set: Address::at(from, 252),
            maps: map::parse_table(table, u32_at(from, 268))?,
        })
    }
}

/// Partition descriptor (3/10.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PartitionDescriptor {
    /// Byte offset of its tag in the image.
    pub(super) offset: u64,
    /// Partition Number, which partition maps refer to.
    pub(super) number: u16,
    /// Partition Starting Location, a sector.
    pub(super) start: u32,
    /// Partition Length in sectors.
    pub(super) length: u32,
}

impl PartitionDescriptor {
    /// Takes the fields.
    pub(super) fn parse(descriptor: &Descriptor) -> Self {
        let from = &descriptor.bytes;
        Self {
            offset: descriptor.offset,
            number: u16_at(from, 22),
            start: u32_at(from, 188),
            length: u32_at(from, 192),
        }
    }
}

/// Volume Descriptor Sequence Number (3/10.1.2): of two descriptors of one thing, the one with the
/// higher number prevails.
pub(super) fn sequence_number(descriptor: &Descriptor) -> u32 {
    u32::from_le_bytes(bytes(&descriptor.bytes, 16))
}

/// Root Directory ICB of a file set descriptor (4/14.1.12).
pub(super) fn root_directory(file_set: &Descriptor) -> Address {
    Address::at(&file_set.bytes, 404)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::udf::tag::{self, identifier};

    fn descriptor(identifier: u16, fields: &[(usize, &[u8])]) -> Descriptor {
        let mut bytes = vec![0; 1024];
        for (at, field) in fields {
            bytes[*at..*at + field.len()].copy_from_slice(field);
        }
        tag::seal(&mut bytes, identifier, 33);
        let tag = tag::Tag::check(&bytes, Some(33)).expect("sealed");
        Descriptor { tag, bytes, offset: 33 * 2048 }
    }

    #[test]
    fn a_logical_volume_names_its_file_set_and_its_partitions() {
        let found = LogicalVolume::parse(&descriptor(
            identifier::LOGICAL_VOLUME,
            &[
                (84, b"\x08WIN"),
                (84 + 127, &[4]),
                (212, &[0, 8]),
                (248, &[0, 8, 0, 0, 7, 0, 0, 0, 1, 0]),
                (264, &[6]),
                (268, &[1]),
                (440, &[1, 6, 1, 0, 3, 0]),
            ],
        ));
        let expected = LogicalVolume {
            offset: 33 * 2048,
            identifier: "WIN".into(),
            block_size: 2048,
            file_set: Address { block: 7, partition: 1 },
            maps: vec![Map::Physical { number: 3 }],
        };
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn partition_maps_that_do_not_fit_are_refused() {
        let found = descriptor(identifier::LOGICAL_VOLUME, &[(264, &[255, 255]), (268, &[1])]);
        assert!(LogicalVolume::parse(&found).is_err());
    }

    #[test]
    fn a_partition_has_a_number_a_start_and_a_length() {
        let fields: [(usize, &[u8]); 4] =
            [(16, &[9]), (22, &[3]), (188, &[1, 1]), (192, &[0, 0, 1])];
        let descriptor = descriptor(identifier::PARTITION, &fields);
        let expected =
            PartitionDescriptor { offset: 33 * 2048, number: 3, start: 257, length: 65_536 };
        assert_eq!(PartitionDescriptor::parse(&descriptor), expected);
        assert_eq!(sequence_number(&descriptor), 9);
    }
}
