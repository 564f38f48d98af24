//! Partition maps (ECMA-167 3/10.7, UDF 2.2.8 to 2.2.10): how a logical volume puts its partitions
//! together.

use super::field::{regid, slice, u8_at, u16_at, u32_at};

/// Most partition maps of a logical volume; real ones have one or two.
const MAPS_MAX: u32 = 64;

/// One partition map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Map {
    /// Type 1: blocks lie in the partition one after the other.
    Physical {
        /// Partition Number of the partition descriptor.
        number: u16,
    },
    /// `*UDF Virtual Partition`: a table of the last recorded blocks says where a block is.
    Virtual {
        /// The partition that holds the blocks.
        number: u16,
        /// The table has a header (from 2.00 on) or a trailer (1.50).
        revision: u16,
    },
    /// `*UDF Sparable Partition`: packets that went bad are replaced.
    Sparable {
        /// Partition Number of the partition descriptor.
        number: u16,
        /// Blocks in a packet.
        packet_length: u16,
        /// Sectors of the sparing tables, which are copies of each other.
        tables: Vec<u32>,
    },
    /// `*UDF Metadata Partition`: a file whose content is a partition.
    Metadata {
        /// The partition that holds the files.
        number: u16,
        /// Block of the metadata file's entry.
        file: u32,
        /// Block of the metadata mirror file's entry.
        mirror: u32,
        /// Whether the mirror has blocks of its own.
        duplicate: bool,
    },
    /// Something else, which is an error as soon as a block of it is asked for.
    Unknown(String),
}

/// Takes the `count` maps of a map table apart.
///
/// # Errors
/// What is wrong with the table.
pub(super) fn parse_table(table: &[u8], count: u32) -> Result<Vec<Map>, String> {
    if count > MAPS_MAX {
        return Err(format!("logical volume descriptor: {count} partition maps, above {MAPS_MAX}"));
    }
    let mut rest = table;
    let mut maps = Vec::new();
    for index in 0..count {
        let len = usize::from(u8_at(rest, 1));
        let map = slice(rest, 0, len);
        if len < 2 || map.len() < len {
            return Err(format!(
                "logical volume descriptor: partition map {index} has {len} bytes, {} are left",
                rest.len()
            ));
        }
        rest = rest.get(len..).unwrap_or_default();
        maps.push(parse(map).ok_or_else(|| {
            format!(
                "logical volume descriptor: partition map {index} of type {} is damaged",
                u8_at(map, 0)
            )
        })?);
    }
    Ok(maps)
}

fn parse(map: &[u8]) -> Option<Map> {
    match u8_at(map, 0) {
        1 if map.len() < 6 => None,
        1 => Some(Map::Physical { number: u16_at(map, 4) }),
        2 if map.len() < 64 => None,
        2 => parse_type_2(map),
        other => Some(Map::Unknown(format!("a partition map of type {other}"))),
    }
}

fn parse_type_2(map: &[u8]) -> Option<Map> {
    let number = u16_at(map, 38);
    Some(match regid(map, 4) {
        b"*UDF Virtual Partition" => Map::Virtual { number, revision: u16_at(map, 28) },
        b"*UDF Sparable Partition" => {
            let packet_length = u16_at(map, 40);
            let number_of_sparing_tables = u8_at(map, 42);
            if packet_length == 0 || number_of_sparing_tables > 4 {
                return None;
            }
            let (locations, _) = slice(map, 48, 16).as_chunks::<4>();
            let tables = locations
                .iter()
                .take(usize::from(number_of_sparing_tables))
                .map(|&location| u32::from_le_bytes(location))
                .collect();
            Map::Sparable { number, packet_length, tables }
        }
        b"*UDF Metadata Partition" => Map::Metadata {
            number,
            file: u32_at(map, 40),
            mirror: u32_at(map, 44),
            duplicate: u8_at(map, 58) & 1 != 0,
        },
        other => {
            let name = crate::media::printable(other);
            Map::Unknown(format!("a partition map of the type '{name}'"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_2(name: &[u8], fields: &[(usize, &[u8])]) -> Vec<u8> {
        let mut map = vec![0; 64];
        map[..2].copy_from_slice(&[2, 64]);
        map[5..5 + name.len()].copy_from_slice(name);
        for (at, field) in fields {
            map[*at..*at + field.len()].copy_from_slice(field);
        }
        map
    }

    #[test]
    fn each_kind_of_map_is_told_by_its_identifier() {
        let table = [
            vec![1, 6, 1, 0, 0, 0],
            type_2(b"*UDF Virtual Partition", &[(28, &[0x50, 1])]),
            type_2(
                b"*UDF Sparable Partition",
                &[(38, &[2]), (40, &[32, 0, 2]), (48, &[0, 1]), (52, &[0, 2]), (56, &[9])],
            ),
            type_2(b"*UDF Metadata Partition", &[(40, &[5]), (44, &[6]), (58, &[1])]),
            type_2(b"*Somebody", &[]),
        ]
        .concat();
        let expected = vec![
            Map::Physical { number: 0 },
            Map::Virtual { number: 0, revision: 0x150 },
            Map::Sparable { number: 2, packet_length: 32, tables: vec![256, 512] },
            Map::Metadata { number: 0, file: 5, mirror: 6, duplicate: true },
            Map::Unknown("a partition map of the type '*Somebody'".into()),
        ];
        assert_eq!(parse_table(&table, 5), Ok(expected));
    }

    #[test]
    fn a_map_that_is_cut_off_or_empty_is_refused() {
        for table in [&[1, 6, 1, 0, 0][..], &[1, 0], &[], &[1, 5, 1, 0, 0], &[2, 6, 0, 0, 0, 0]] {
            assert!(parse_table(table, 1).is_err(), "{table:?}");
        }
        assert!(parse_table(&[], u32::MAX).is_err());
    }

    #[test]
    fn packets_without_blocks_are_refused() {
        let table = type_2(b"*UDF Sparable Partition", &[]);
        assert!(parse_table(&table, 1).is_err());
    }
}
