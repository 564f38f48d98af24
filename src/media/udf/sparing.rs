//! Sparing tables (UDF 2.2.12): which packets of a rewritable medium were replaced.

use std::collections::BTreeMap;

use super::field::{regid, slice, u16_at, usize_of};
use super::partition::Sparing;
use super::sector::Sectors;
use super::tag::identifier;
use crate::error::Result;

/// From here on an Original Location means that the replacement packet is free or defective.
const NOT_IN_USE: u32 = 0xffff_fff0;

/// Reads the first of the copies in `tables` (sectors) that holds.
///
/// # Errors
/// What is wrong with the last copy, if none holds. Without the table, replaced packets would
/// read as what they held before they went bad.
pub(super) fn load(sectors: &Sectors<'_>, packet_length: u16, tables: &[u32]) -> Result<Sparing> {
    let packet_length = u32::from(packet_length).max(1);
    let mut error = None;
    for &sector in tables {
        let found = match sectors.descriptor(sector)? {
            Ok(found) => found
                .tag
                .expect(identifier::SPARING_TABLE)
                .map_err(|fault| fault.to_string())
                .and_then(|()| parse(&found.bytes, packet_length)),
            Err(fault) => Err(fault.to_string()),
        };
        match found {
            Ok(replaced) => return Ok(Sparing { packet_length, replaced }),
            Err(what) => error = Some(sectors.corrupt(sector, format!("sparing table: {what}"))),
        }
    }
    error.map_or_else(|| Ok(Sparing { packet_length, replaced: BTreeMap::new() }), Err)
}

/// First block of each replaced packet, and the sector of its replacement.
fn parse(table: &[u8], packet_length: u32) -> Result<BTreeMap<u32, u32>, String> {
    if regid(table, 16) != b"*UDF Sparing Table" {
        return Err("another identifier than '*UDF Sparing Table'".into());
    }
    let reallocation_table_length = u16_at(table, 48);
    let len = usize_of(u32::from(reallocation_table_length)).saturating_mul(8);
    let entries = slice(table, 56, len);
    if entries.len() < len {
        return Err(format!("{reallocation_table_length} entries are more than it holds"));
    }
    let mut replaced = BTreeMap::new();
    for entry in entries.as_chunks::<8>().0 {
        let original = super::field::u32_at(entry, 0);
        let mapped = super::field::u32_at(entry, 4);
        if original < NOT_IN_USE && original.checked_rem(packet_length) == Some(0) {
            replaced.entry(original).or_insert(mapped);
        }
    }
    Ok(replaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Image;
    use crate::media::udf::tag;

    fn table(sector: u32, entries: &[(u32, u32)]) -> Vec<u8> {
        let mut block = vec![0; 512];
        block[17..35].copy_from_slice(b"*UDF Sparing Table");
        block[48] = u8::try_from(entries.len()).expect("few");
        for (index, (original, mapped)) in entries.iter().enumerate() {
            let at = 56 + 8 * index;
            block[at..at + 4].copy_from_slice(&original.to_le_bytes());
            block[at + 4..at + 8].copy_from_slice(&mapped.to_le_bytes());
        }
        tag::seal(&mut block, identifier::SPARING_TABLE, sector);
        block
    }

    fn load_from(blocks: &[Vec<u8>]) -> Result<Sparing> {
        let image = Image::new("test", blocks.concat());
        let tables: Vec<u32> = (0..u32::try_from(blocks.len()).expect("few")).collect();
        load(&Sectors { image: &image, size: 512 }, 32, &tables)
    }

    #[test]
    fn free_and_defective_replacements_are_left_out() {
        let entries = [(64, 700), (u32::MAX, 732), (0xffff_fff0, 764), (65, 800)];
        let found = load_from(&[table(0, &entries)]).expect("good");
        assert_eq!(found.replaced, BTreeMap::from([(64, 700)]));
        assert_eq!(found.packet_length, 32);
    }

    #[test]
    fn a_copy_stands_in_for_a_damaged_table() {
        let mut bad = table(0, &[(64, 1)]);
        bad[70] ^= 1;
        let found = load_from(&[bad.clone(), table(1, &[(64, 700)])]).expect("the copy");
        assert_eq!(found.replaced, BTreeMap::from([(64, 700)]));
        assert_eq!(load_from(&[bad]).expect_err("no copy").offset(), Some(0));
    }

    #[test]
    fn a_table_that_is_cut_off_is_refused() {
        let mut bad = table(0, &[]);
        bad[48] = 58;
        tag::seal(&mut bad, identifier::SPARING_TABLE, 0);
        assert!(load_from(&[bad]).is_err());
        assert!(load_from(&[]).expect("no table at all").replaced.is_empty());
    }
}
