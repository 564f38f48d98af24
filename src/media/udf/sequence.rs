//! A volume descriptor sequence (ECMA-167 3/8.4.1): the prevailing descriptors of the volume.

use std::collections::BTreeMap;

use super::anchor::{Anchor, SectorExtent};
use super::descriptor::{LogicalVolume, PartitionDescriptor, PrimaryVolume, sequence_number};
use super::sector::{Descriptor, Sectors};
use super::tag::{TagError, identifier};
use crate::error::{Error, Result};

/// Most descriptors of a sequence; a real one has sixteen.
const DESCRIPTORS_MAX: u32 = 1024;
/// Most times that a sequence goes on elsewhere.
const POINTERS_MAX: u32 = 64;

/// What a sequence holds, as recorded.
#[derive(Debug, Default)]
struct Raw {
    primary: Option<Descriptor>,
    logical: Option<Descriptor>,
    partitions: BTreeMap<u16, Descriptor>,
    /// The bad tag that ended the sequence.
    damage: Option<Error>,
}

/// The descriptors of a volume.
#[derive(Debug)]
pub(super) struct Sequence {
    /// What the volume says of itself.
    pub(super) primary: PrimaryVolume,
    /// The logical volume.
    pub(super) logical: LogicalVolume,
    /// Its partitions by number.
    pub(super) partitions: BTreeMap<u16, PartitionDescriptor>,
}

/// The main sequence, or the reserve one if the main one is damaged; one that is damaged but whole
/// enough if both are.
///
/// # Errors
/// What is wrong with the main sequence, if neither will do.
pub(super) fn load(sectors: &Sectors<'_>, anchor: &Anchor) -> Result<Sequence> {
    let mut damaged = None;
    let mut first_error = None;
    for extent in [anchor.main, anchor.reserve] {
        let mut raw = match Raw::read(sectors, extent) {
            Ok(raw) => raw,
            Err(error @ Error::Io { .. }) => return Err(error),
            Err(error) => Raw { damage: Some(error), ..Raw::default() },
        };
        let damage = raw.damage.take();
        match (raw.finish(sectors, extent), damage) {
            (Ok(sequence), None) => return Ok(sequence),
            (Ok(sequence), Some(_)) => damaged = damaged.or(Some(sequence)),
            (Err(error), damage) => first_error = first_error.or(damage).or(Some(error)),
        }
    }
    match (damaged, first_error) {
        (Some(sequence), _) => Ok(sequence),
        (None, Some(error)) => Err(error),
        (None, None) => Err(sectors.corrupt(anchor.main.location, "no volume descriptors")),
    }
}

impl Raw {
    fn read(sectors: &Sectors<'_>, extent: SectorExtent) -> Result<Self> {
        let mut found = Self::default();
        let (mut sector, mut left) = span(sectors, extent);
        let mut pointers = 0_u32;
        for _ in 0..DESCRIPTORS_MAX {
            if left == 0 {
                break;
            }
            let descriptor = match sectors.descriptor(sector)? {
                Ok(descriptor) => descriptor,
                Err(TagError::Blank) => break,
                Err(fault) => {
                    let what = format!("volume descriptor sequence: {fault}");
                    found.damage = Some(sectors.corrupt(sector, what));
                    break;
                }
            };
            match descriptor.tag.identifier {
                identifier::PRIMARY_VOLUME => prevail(&mut found.primary, descriptor),
                identifier::LOGICAL_VOLUME => prevail(&mut found.logical, descriptor),
                identifier::PARTITION => {
                    let number = PartitionDescriptor::parse(&descriptor).number;
                    let mut slot = found.partitions.remove(&number);
                    prevail(&mut slot, descriptor);
                    found.partitions.extend(slot.map(|descriptor| (number, descriptor)));
                }
                identifier::VOLUME_POINTER => {
                    pointers = pointers.saturating_add(1);
                    if pointers > POINTERS_MAX {
                        let what = "volume descriptor sequence: too many pointers, or a loop";
                        return Err(sectors.corrupt(sector, what));
                    }
                    let next = SectorExtent::at(&descriptor.bytes, 20);
                    (sector, left) = span(sectors, next);
                    continue;
                }
                identifier::TERMINATING => break,
                _ => {}
            }
            left = left.saturating_sub(1);
            let Some(next) = sector.checked_add(1) else { break };
            sector = next;
        }
        Ok(found)
    }

    fn finish(self, sectors: &Sectors<'_>, extent: SectorExtent) -> Result<Sequence> {
        let missing = |what| {
            let what = format!("volume descriptor sequence without a {what} volume descriptor");
            sectors.corrupt(extent.location, what)
        };
        let primary = self.primary.ok_or_else(|| missing("primary"))?;
        let logical = self.logical.ok_or_else(|| missing("logical"))?;
        let partitions = self.partitions.into_iter();
        Ok(Sequence {
            primary: PrimaryVolume::parse(&primary),
            logical: LogicalVolume::parse(&logical)
                .map_err(|what| sectors.image.corrupt(logical.offset, what))?,
            partitions: partitions.map(|(n, d)| (n, PartitionDescriptor::parse(&d))).collect(),
        })
    }
}

/// First sector and count of sectors.
fn span(sectors: &Sectors<'_>, extent: SectorExtent) -> (u32, u32) {
    (extent.location, extent.length.checked_div(sectors.size).unwrap_or_default())
}

/// Of two descriptors of one thing the one with the higher number, and the later one of equals.
fn prevail(slot: &mut Option<Descriptor>, found: Descriptor) {
    if slot.as_ref().is_none_or(|held| sequence_number(held) <= sequence_number(&found)) {
        *slot = Some(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Image;
    use crate::media::udf::{field::usize_of, tag};

    const SIZE: usize = 512;

    struct Disc(Vec<u8>);

    impl Disc {
        fn new() -> Self {
            Self(vec![0; 128 * SIZE])
        }

        fn put(mut self, sector: u32, identifier: u16, fields: &[(usize, &[u8])]) -> Self {
            let at = usize_of(sector) * SIZE;
            let block = &mut self.0[at..at + SIZE];
            for (at, field) in fields {
                block[*at..*at + field.len()].copy_from_slice(field);
            }
            tag::seal(block, identifier, sector);
            self
        }

        fn volume(self, at: u32) -> Self {
            self.put(at, identifier::PRIMARY_VOLUME, &[])
                .put(at + 1, identifier::LOGICAL_VOLUME, &[(84, b"\x08one"), (211, &[4])])
                .put(at + 2, identifier::PARTITION, &[(188, &[60])])
                .put(at + 3, identifier::TERMINATING, &[])
        }

        fn load(self) -> Result<Sequence> {
            let image = Image::new("test", self.0);
            let sectors = Sectors { image: &image, size: 512 };
            let main = SectorExtent { length: 8 * 512, location: 16 };
            let reserve = SectorExtent { length: 8 * 512, location: 32 };
            load(&sectors, &Anchor { main, reserve })
        }
    }

    #[test]
    fn the_main_sequence_is_read() {
        let found = Disc::new().volume(16).load().expect("a whole sequence");
        assert_eq!(found.logical.identifier, "one");
        assert_eq!(found.partitions.get(&0).map(|p| p.start), Some(60));
    }

    #[test]
    fn the_reserve_sequence_stands_in_for_a_damaged_main_one() {
        let mut disc = Disc::new().volume(16).volume(32);
        disc.0[17 * SIZE + 100] ^= 1;
        let found = disc.load().expect("the reserve sequence");
        assert_eq!(found.logical.offset, 33 * 512);
    }

    #[test]
    fn the_bad_tag_is_named_when_both_sequences_are_damaged() {
        let mut disc = Disc::new().volume(16).volume(32);
        disc.0[17 * SIZE + 100] ^= 1;
        disc.0[33 * SIZE + 100] ^= 1;
        let error = disc.load().expect_err("no logical volume");
        assert_eq!(error.offset(), Some(17 * 512));
    }

    #[test]
    fn the_highest_sequence_number_prevails() {
        let logical = identifier::LOGICAL_VOLUME;
        let found = Disc::new()
            .put(16, identifier::PRIMARY_VOLUME, &[])
            .put(17, logical, &[(16, &[2]), (84, b"\x08new"), (211, &[4])])
            .put(18, logical, &[(16, &[1]), (84, b"\x08old"), (211, &[4])])
            .load()
            .expect("a whole sequence");
        assert_eq!(found.logical.identifier, "new");
    }

    #[test]
    fn a_pointer_leads_to_the_rest_of_the_sequence() {
        let pointer = [0, 16, 0, 0, 64, 0, 0, 0];
        let found = Disc::new()
            .put(16, identifier::VOLUME_POINTER, &[(20, &pointer)])
            .volume(64)
            .load()
            .expect("a whole sequence");
        assert_eq!(found.logical.offset, 65 * 512);
    }

    #[test]
    fn pointers_in_a_circle_are_refused() {
        let pointer = [0, 16, 0, 0, 16, 0, 0, 0];
        let error = Disc::new()
            .put(16, identifier::VOLUME_POINTER, &[(20, &pointer)])
            .load()
            .expect_err("a loop");
        assert!(error.to_string().contains("loop"), "{error}");
    }

    #[test]
    fn an_empty_sequence_is_refused() {
        assert_eq!(Disc::new().load().expect_err("nothing there").offset(), Some(16 * 512));
    }
}
