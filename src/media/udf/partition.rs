//! From logical blocks to bytes of the image, through the partition maps (ECMA-167 3/10.7).

use std::collections::BTreeMap;

use super::field::{Address, u64_of};
use super::runs::Runs;
use super::stream::Stream;

/// A block of a virtual partition that is not in use.
const UNUSED: u32 = u32::MAX;

/// Why a block has no place in the image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum MapError {
    /// The logical volume has no such partition map.
    #[error("partition reference {0}, which the logical volume has no map for")]
    NoPartition(u16),
    /// The partition's map does not know the block.
    #[error("block {block} of partition {partition}, which its map has no place for")]
    Unmapped { block: u64, partition: u16 },
    /// Further than the image goes.
    #[error(
        "an extent to byte {end:#x}, beyond the end of the image at byte {size:#x}: the file is \
         truncated or damaged, fetch it again"
    )]
    BeyondImage { end: u64, size: u64 },
    /// More pieces than are granted.
    #[error("more extents than can belong to a real disc")]
    Pieces,
    /// A partition map that is not read here.
    #[error("{0}")]
    Unsupported(String),
}

/// Blocks of a type 1 or sparable partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Physical {
    /// Byte offset of block 0 in the image.
    pub(super) start: u64,
    /// Length in blocks.
    pub(super) blocks: u32,
    /// Which packets are elsewhere.
    pub(super) sparing: Option<Sparing>,
}

/// Packets of a sparable partition that were replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sparing {
    /// Blocks in a packet, not 0.
    pub(super) packet_length: u32,
    /// First block of a packet, and the sector of its replacement.
    pub(super) replaced: BTreeMap<u32, u32>,
}

/// One partition of the logical volume, ready to be asked for blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Partition {
    /// In one run, packets that went bad aside.
    Physical(Physical),
    /// A table of where each block is in the physical partition `under`.
    Virtual { table: Vec<u32>, under: u16 },
    /// The content of the metadata file.
    Metadata { content: Stream },
    /// Not read here.
    Unsupported(String),
}

/// The partitions of a logical volume by partition reference number.
#[derive(Debug, Clone)]
pub(super) struct Partitions {
    /// Size of a block in bytes.
    pub(super) block_size: u32,
    /// Size of the image in bytes.
    pub(super) image_size: u64,
    /// The partitions.
    pub(super) list: Vec<Partition>,
}

impl Partitions {
    fn get(&self, reference: u16) -> Result<&Partition, MapError> {
        self.list.get(usize::from(reference)).ok_or(MapError::NoPartition(reference))
    }

    /// Length of a partition in blocks.
    pub(super) fn blocks(&self, reference: u16) -> u64 {
        match self.get(reference) {
            Ok(Partition::Physical(physical)) => physical.blocks.into(),
            Ok(Partition::Virtual { table, .. }) => u64_of(table.len()),
            Ok(Partition::Metadata { content }) => {
                content.len().div_ceil(u64::from(self.block_size).max(1))
            }
            _ => 0,
        }
    }

    /// Adds where `len` bytes from block `address` on lie in the image.
    ///
    /// # Errors
    /// [`MapError`] if some of them have no place in it.
    pub(super) fn map(
        &self,
        address: Address,
        len: u64,
        runs: &mut Runs<'_>,
    ) -> Result<(), MapError> {
        match self.get(address.partition)? {
            Partition::Physical(physical) => {
                self.map_physical(physical, address.block.into(), len, runs)
            }
            Partition::Virtual { table, under } => {
                let Partition::Physical(physical) = self.get(*under)? else {
                    return Err(MapError::NoPartition(*under));
                };
                self.map_virtual(table, physical, address, len, runs)
            }
            Partition::Metadata { content } => self.map_metadata(content, address, len, runs),
            Partition::Unsupported(what) => Err(MapError::Unsupported(what.clone())),
        }
    }

    fn bytes(&self, blocks: u64) -> u64 {
        u64::from(self.block_size).saturating_mul(blocks)
    }

    fn map_physical(
        &self,
        partition: &Physical,
        mut block: u64,
        mut len: u64,
        runs: &mut Runs<'_>,
    ) -> Result<(), MapError> {
        while len > 0 {
            let (start, run) = match partition.sparing.as_ref().map(|s| s.find(block)) {
                Some(Spared::Elsewhere { sector, blocks }) => {
                    (self.bytes(sector), self.bytes(blocks))
                }
                Some(Spared::InPlace { blocks: Some(blocks) }) => {
                    (partition.start.saturating_add(self.bytes(block)), self.bytes(blocks))
                }
                Some(Spared::InPlace { blocks: None }) | None => {
                    (partition.start.saturating_add(self.bytes(block)), len)
                }
            };
            let run = run.min(len);
            let end = start.saturating_add(run);
            if end > self.image_size {
                return Err(MapError::BeyondImage { end, size: self.image_size });
            }
            runs.push(Some(start), run)?;
            len = len.saturating_sub(run);
            let blocks = run.div_ceil(u64::from(self.block_size).max(1));
            block = block.saturating_add(blocks);
        }
        Ok(())
    }

    fn map_virtual(
        &self,
        table: &[u32],
        under: &Physical,
        address: Address,
        mut len: u64,
        runs: &mut Runs<'_>,
    ) -> Result<(), MapError> {
        let mut block = u64::from(address.block);
        while len > 0 {
            let entry = usize::try_from(block).ok().and_then(|block| table.get(block).copied());
            let Some(place) = entry.filter(|&place| place != UNUSED) else {
                return Err(MapError::Unmapped { block, partition: address.partition });
            };
            let run = len.min(self.block_size.into());
            self.map_physical(under, place.into(), run, runs)?;
            len = len.saturating_sub(run);
            block = block.saturating_add(1);
        }
        Ok(())
    }

    fn map_metadata(
        &self,
        content: &Stream,
        address: Address,
        mut len: u64,
        runs: &mut Runs<'_>,
    ) -> Result<(), MapError> {
        for extent in content.extents_from(self.bytes(address.block.into())) {
            let Some(start) = extent.offset else { break };
            let run = len.min(extent.len);
            runs.push(Some(start), run)?;
            len = len.saturating_sub(run);
            if len == 0 {
                return Ok(());
            }
        }
        Err(MapError::Unmapped { block: address.block.into(), partition: address.partition })
    }
}

/// Where a block of a sparable partition is.
enum Spared {
    /// In a replacement packet, of which `blocks` follow.
    Elsewhere { sector: u64, blocks: u64 },
    /// Where it would be anyway, as the next `blocks` are; `None` for all the rest.
    InPlace { blocks: Option<u64> },
}

impl Sparing {
    fn find(&self, block: u64) -> Spared {
        let packet_length = u64::from(self.packet_length).max(1);
        let into = block.checked_rem(packet_length).unwrap_or_default();
        let packet = block.saturating_sub(into);
        let key = u32::try_from(packet).unwrap_or(u32::MAX);
        if let Some(&sector) = self.replaced.get(&key) {
            return Spared::Elsewhere {
                sector: u64::from(sector).saturating_add(into),
                blocks: packet_length.saturating_sub(into),
            };
        }
        let next = self.replaced.range(key..).next();
        Spared::InPlace {
            blocks: next.map(|(&next, _)| u64::from(next).saturating_sub(block).max(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Extent;
    use crate::media::udf::runs::Budget;

    const BLOCK: u64 = 512;

    fn physical(sparing: Option<Sparing>) -> Partition {
        Partition::Physical(Physical { start: 100 * BLOCK, blocks: 50, sparing })
    }

    fn partitions(list: Vec<Partition>) -> Partitions {
        Partitions { block_size: 512, image_size: 1000 * BLOCK, list }
    }

    /// The runs in blocks: first, count.
    fn map(
        list: Vec<Partition>,
        partition: u16,
        block: u32,
        blocks: u64,
    ) -> Result<Vec<(u64, u64)>, MapError> {
        let mut budget = Budget::new(1 << 20);
        let mut runs = Runs::new(&mut budget);
        let address = Address { block, partition };
        partitions(list).map(address, blocks * BLOCK, &mut runs)?;
        let in_blocks = |e: Extent| (e.offset.expect("recorded") / BLOCK, e.len / BLOCK);
        Ok(runs.into_extents().into_iter().map(in_blocks).collect())
    }

    #[test]
    fn blocks_of_a_physical_partition_are_one_run() {
        assert_eq!(map(vec![physical(None)], 0, 7, 3), Ok(vec![(107, 3)]));
        assert_eq!(map(vec![physical(None)], 1, 7, 3), Err(MapError::NoPartition(1)));
    }

    #[test]
    fn an_extent_beyond_the_end_of_the_image_is_refused() {
        let expected = MapError::BeyondImage { end: 1001 * BLOCK, size: 1000 * BLOCK };
        assert_eq!(map(vec![physical(None)], 0, 899, 2), Err(expected));
        assert!(map(vec![physical(None)], 0, u32::MAX, u64::MAX / BLOCK).is_err());
    }

    #[test]
    fn replaced_packets_are_taken_from_elsewhere() {
        let replaced = BTreeMap::from([(8, 500), (16, 504)]);
        let partition = || physical(Some(Sparing { packet_length: 4, replaced: replaced.clone() }));
        assert_eq!(
            map(vec![partition()], 0, 6, 15),
            Ok(vec![(106, 2), (500, 4), (112, 4), (504, 4), (120, 1)])
        );
        assert_eq!(map(vec![partition()], 0, 10, 1), Ok(vec![(502, 1)]));
        assert_eq!(map(vec![partition()], 0, 30, 10), Ok(vec![(130, 10)]));
    }

    #[test]
    fn each_block_of_a_virtual_partition_has_its_own_place() {
        let table = vec![5, UNUSED, 30, 31];
        let list = || vec![physical(None), Partition::Virtual { table: table.clone(), under: 0 }];
        assert_eq!(map(list(), 1, 0, 1), Ok(vec![(105, 1)]));
        assert_eq!(map(list(), 1, 2, 2), Ok(vec![(130, 2)]));
        for block in [1, 3] {
            let expected = MapError::Unmapped { block: block.max(4 * (block / 3)), partition: 1 };
            let block = u32::try_from(block).expect("small");
            assert_eq!(map(list(), 1, block, 2), Err(expected));
        }
    }

    #[test]
    fn a_metadata_partition_is_the_content_of_a_file() {
        let content = Stream::new(vec![
            Extent { offset: Some(200 * BLOCK), len: 4 * BLOCK },
            Extent { offset: Some(300 * BLOCK), len: 4 * BLOCK },
            Extent { offset: None, len: 4 * BLOCK },
        ]);
        let list = || vec![physical(None), Partition::Metadata { content: content.clone() }];
        assert_eq!(map(list(), 1, 2, 4), Ok(vec![(202, 2), (300, 2)]));
        assert_eq!(map(list(), 1, 4, 1), Ok(vec![(300, 1)]));
        assert!(map(list(), 1, 7, 2).is_err());
        assert!(map(list(), 1, 12, 1).is_err());
        assert_eq!(partitions(list()).blocks(1), 12);
    }
}
