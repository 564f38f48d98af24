//! The virtual allocation table of a write-once medium (UDF 2.2.11, 1.50: 2.2.10): where each
//! block of the virtual partition was recorded last.

use super::field::{Address, regid, slice, u16_at};
use super::icb::{FileEntry, file_type};
use super::partition::Physical;
use super::runs::Budget;
use super::stream::Stream;
use super::tag::identifier;
use super::volume::Volume;
use crate::error::Result;

/// The table's entry is in the last block recorded. Images of such media may have run-out, lead-out
/// and padding blocks behind it: this many are looked through.
const SEARCH_BLOCKS: u64 = 512;
/// Most bytes of a table; that of a full CD is a tenth of it at most.
const BYTES_MAX: u64 = 16 << 20;
/// Length of a 1.50 table's trailer.
const TRAILER: usize = 36;

/// Finds and reads the table; it lies in the partition `under`, which is `physical`.
///
/// # Errors
/// [`crate::Error::Corrupt`] if there is none, or a damaged one.
pub(super) fn load(
    volume: Volume<'_>,
    under: u16,
    physical: &Physical,
    revision: u16,
    budget: &mut Budget,
) -> Result<Vec<u32>> {
    let block_size = u64::from(volume.partitions.block_size).max(1);
    let count = volume.image.size().checked_div(block_size).unwrap_or_default();
    let first = physical.start.checked_div(block_size).unwrap_or_default();
    for back in 1..=SEARCH_BLOCKS {
        let Some(sector) = count.checked_sub(back).filter(|&sector| sector >= first) else { break };
        let Ok(block) = u32::try_from(sector.saturating_sub(first)) else { break };
        if block >= physical.blocks {
            continue;
        }
        let address = Address { block, partition: under };
        let offset = sector.saturating_mul(block_size);
        let Ok(found) = volume.try_descriptor(address, offset)? else { continue };
        if !matches!(found.tag.identifier, identifier::FILE_ENTRY | identifier::EXTENDED_FILE_ENTRY)
        {
            continue;
        }
        let entry = FileEntry::read(volume, address, offset, budget)?;
        let expected = if revision < 0x0200 {
            file_type::UNSPECIFIED
        } else {
            file_type::VIRTUAL_ALLOCATION_TABLE
        };
        if entry.file_type != expected {
            continue;
        }
        const WHAT: &str = "virtual allocation table";
        let stream = Stream::of(volume, &entry, budget)?;
        let content = stream.read(volume, offset, BYTES_MAX, WHAT, budget)?;
        if let Some(table) = parse(&content, revision) {
            return Ok(table);
        }
        if revision >= 0x0200 {
            return Err(volume.image.corrupt(offset, format!("{WHAT} with a damaged header")));
        }
    }
    Err(volume.image.corrupt(
        volume.image.size(),
        format!(
            "no virtual allocation table in the last {SEARCH_BLOCKS} blocks: the image of this \
             write-once disc is truncated or not closed, fetch it again"
        ),
    ))
}

/// The entries between the header (2.00) or before the trailer (1.50).
fn parse(content: &[u8], revision: u16) -> Option<Vec<u32>> {
    let entries = if revision < 0x0200 {
        let (entries, trailer) = content.split_at_checked(content.len().checked_sub(TRAILER)?)?;
        if regid(trailer, 0) != b"*UDF Virtual Alloc Tbl" {
            return None;
        }
        entries
    } else {
        let length_of_header = usize::from(u16_at(content, 0));
        if length_of_header < slice(content, 0, 152).len().max(1) {
            return None;
        }
        content.get(length_of_header..)?
    };
    Some(entries.as_chunks::<4>().0.iter().map(|&entry| u32::from_le_bytes(entry)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_1_50_ends_in_a_trailer() {
        let mut content = vec![7, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0];
        content.extend(b"*UDF Virtual Alloc Tbl\0\0\0\0\0\0\0\0\0\0\0\0\0");
        assert_eq!(content.len(), 8 + 36);
        assert_eq!(parse(&content, 0x0150), Some(vec![7, u32::MAX]));
        content[10] ^= 1;
        assert_eq!(parse(&content, 0x0150), None);
        assert_eq!(parse(&[0; 35], 0x0150), None);
    }

    #[test]
    fn a_table_of_2_00_begins_with_a_header() {
        let mut content = vec![0; 160];
        content[0] = 156;
        content.extend([9, 0, 0, 0]);
        assert_eq!(parse(&content, 0x0200), Some(vec![0, 9]));
        content[0] = 10;
        assert_eq!(parse(&content, 0x0200), None);
        content[1] = 10;
        assert_eq!(parse(&content, 0x0250), None);
        assert_eq!(parse(&[], 0x0200), None);
    }
}
