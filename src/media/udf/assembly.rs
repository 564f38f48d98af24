//! The partitions of a logical volume, put together from its maps and their descriptors.

use std::collections::BTreeMap;

use super::descriptor::{LogicalVolume, PartitionDescriptor};
use super::field::Address;
use super::map::Map;
use super::metadata;
use super::partition::{Partition, Partitions, Physical};
use super::runs::Budget;
use super::sector::Sectors;
use super::sparing;
use super::vat;
use super::volume::Volume;
use crate::error::{INCOMPLETE, Result};

/// The partitions, and the same again over the mirror of the metadata where there is one.
#[derive(Debug)]
pub(super) struct Assembly {
    /// What to read.
    pub(super) partitions: Partitions,
    /// What to read if that is damaged.
    pub(super) mirror: Option<Partitions>,
}

/// Puts the partitions together.
///
/// # Errors
/// [`crate::Error::Corrupt`] for a partition without descriptor, one that reaches beyond the end
/// of the image, and for damaged tables.
pub(super) fn assemble(
    sectors: &Sectors<'_>,
    logical: &LogicalVolume,
    descriptors: &BTreeMap<u16, PartitionDescriptor>,
    budget: &mut Budget,
) -> Result<Assembly> {
    let mut partitions =
        Partitions { block_size: sectors.size, image_size: sectors.image.size(), list: Vec::new() };
    // Virtual and metadata partitions lie in the others, which therefore come first.
    for map in &logical.maps {
        let partition = match map {
            Map::Physical { number } => {
                Partition::Physical(physical(sectors, logical, descriptors, *number)?)
            }
            Map::Sparable { number, packet_length, tables } => {
                let sparing = sparing::load(sectors, *packet_length, tables)?;
                let physical = physical(sectors, logical, descriptors, *number)?;
                Partition::Physical(Physical { sparing: Some(sparing), ..physical })
            }
            Map::Unknown(what) => Partition::Unsupported(what.clone()),
            Map::Virtual { .. } | Map::Metadata { .. } => {
                Partition::Unsupported("a partition inside itself".into())
            }
        };
        partitions.list.push(partition);
    }
    let mut mirror = None;
    for (index, map) in logical.maps.iter().enumerate() {
        let (Map::Virtual { number, .. } | Map::Metadata { number, .. }) = map else { continue };
        let Some(under) = underlying(logical, *number) else {
            let what = format!("logical volume descriptor: no map of partition {number} itself");
            return Err(sectors.image.corrupt(logical.offset, what));
        };
        let volume = Volume { image: sectors.image, partitions: &partitions };
        let (partition, copy) = match map {
            Map::Virtual { revision, .. } => {
                let Some(Partition::Physical(physical)) = partitions.list.get(usize::from(under))
                else {
                    continue;
                };
                let table = vat::load(volume, under, physical, *revision, budget)?;
                (Partition::Virtual { table, under }, None)
            }
            Map::Metadata { file, mirror, duplicate, .. } => {
                let at = [*file, *mirror].map(|block| Address { block, partition: under });
                let (content, copy) =
                    metadata::load_both(volume, at, *duplicate, logical.offset, budget)?;
                let partition = |content| Partition::Metadata { content };
                (partition(content), copy.map(partition))
            }
            _ => continue,
        };
        if let Some(copy) = copy {
            put(mirror.get_or_insert_with(|| partitions.clone()), index, copy);
        } else if let Some(mirror) = &mut mirror {
            put(mirror, index, partition.clone());
        }
        put(&mut partitions, index, partition);
    }
    Ok(Assembly { partitions, mirror })
}

fn put(partitions: &mut Partitions, index: usize, partition: Partition) {
    if let Some(slot) = partitions.list.get_mut(index) {
        *slot = partition;
    }
}

/// The partition reference of the type 1 or sparable map of partition `number`.
fn underlying(logical: &LogicalVolume, number: u16) -> Option<u16> {
    let index = logical.maps.iter().position(|map| {
        matches!(map, Map::Physical { number: n } | Map::Sparable { number: n, .. } if *n == number)
    })?;
    u16::try_from(index).ok()
}

fn physical(
    sectors: &Sectors<'_>,
    logical: &LogicalVolume,
    descriptors: &BTreeMap<u16, PartitionDescriptor>,
    number: u16,
) -> Result<Physical> {
    let image = sectors.image;
    let Some(descriptor) = descriptors.get(&number) else {
        let what = format!(
            "logical volume descriptor: partition {number} has no descriptor; it may be on another \
             disc of a set"
        );
        return Err(image.corrupt(logical.offset, what));
    };
    let start = sectors.offset(descriptor.start);
    let size = u64::from(sectors.size);
    let end = start.saturating_add(size.saturating_mul(descriptor.length.into()));
    // The partition of a write-once medium spans the medium, of which only the recorded part is
    // in the image.
    let write_once = logical
        .maps
        .iter()
        .any(|map| matches!(map, Map::Virtual { number: n, .. } if *n == number));
    if let Some(missing) = end.checked_sub(image.size()).filter(|&m| m > 0 && !write_once) {
        let what = format!(
            "the disc's partition goes on to byte {end:#x}, but the image ends at byte {:#x}: \
             {missing} bytes are missing, {INCOMPLETE}, fetch it again",
            image.size()
        );
        return Err(image.corrupt(descriptor.offset, what));
    }
    Ok(Physical { start, blocks: descriptor.length, sparing: None })
}
