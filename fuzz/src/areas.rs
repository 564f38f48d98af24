//! System use areas as an input, and the disc around them.

use crate::field::{Field, Kind, put};
use crate::random::Random;
use crate::susp::{SIGNATURES, entries};

const BLOCK: usize = 2048;
/// Most bytes of an area in a record, whose own length has one byte.
const AREA_MAX: usize = 218;
/// Blocks of the top directory, of where entries may go on, of another directory, of a file.
const TOP: u32 = 18;
const MORE: [u32; 2] = [19, 20];
const OTHER: u32 = 21;
const FILE: u32 = 22;
const BLOCKS: usize = 24;

/// The areas of the top directory, a file, and a directory; and what is in the blocks where their
/// entries may go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Areas(pub [Vec<u8>; 4]);

impl Areas {
    /// Those of an input: three behind their lengths, and the rest.
    pub fn of(mut data: &[u8]) -> Self {
        let mut areas = Self::default();
        for area in &mut areas.0[..3] {
            let Some((&len, rest)) = data.split_first() else { return areas };
            let (bytes, rest) = rest.split_at(usize::from(len).min(AREA_MAX).min(rest.len()));
            (*area, data) = (bytes.to_vec(), rest);
        }
        areas.0[3] = data[..data.len().min(BLOCK * MORE.len())].to_vec();
        areas
    }

    /// The input for them.
    pub fn pack(&self) -> Vec<u8> {
        let mut input = Vec::new();
        for area in &self.0[..3] {
            let area = &area[..area.len().min(AREA_MAX)];
            input.push(u8::try_from(area.len()).unwrap_or(u8::MAX));
            input.extend_from_slice(area);
        }
        input.extend_from_slice(&self.0[3]);
        input
    }
}

/// A disc that is sound but for the areas of an input.
pub fn disc(data: &[u8]) -> Vec<u8> {
    let Areas([top, file, other, more]) = Areas::of(data);
    let block = |number: u32| usize::try_from(number).unwrap_or(0) * BLOCK;
    let mut image = vec![0; BLOCKS * BLOCK];
    put(&mut image, 16 * BLOCK, b"\x01CD001\x01");
    put(&mut image, 17 * BLOCK, b"\xffCD001\x01");
    let number = |at: usize, width, number, image: &mut Vec<u8>| {
        Field { at: 16 * BLOCK + at, kind: Kind::Both(width) }.record(image, number);
    };
    number(80, 4, u64::try_from(BLOCKS).unwrap_or(0), &mut image);
    number(128, 2, u64::try_from(BLOCK).unwrap_or(0), &mut image);
    put(&mut image, 16 * BLOCK + 156, &record(b"\0", TOP, true, &[]));
    let records = [
        record(b"\0", TOP, true, &top),
        record(b"\x01", TOP, true, &[]),
        record(b"F.;1", FILE, false, &file),
        record(b"D", OTHER, true, &other),
    ];
    put(&mut image, block(TOP), &records.concat());
    put(&mut image, block(MORE[0]), &more);
    let records = [record(b"\0", OTHER, true, &other), record(b"\x01", TOP, true, &[])];
    put(&mut image, block(OTHER), &records.concat());
    put(&mut image, block(FILE), b"the file\n");
    image
}

/// A directory record of one block, with its system use area.
fn record(name: &[u8], extent: u32, is_directory: bool, area: &[u8]) -> Vec<u8> {
    let before = 33 + name.len() + (33 + name.len()) % 2;
    let mut record = vec![0; before + area.len() + area.len() % 2];
    record[0] = u8::try_from(record.len()).unwrap_or(u8::MAX);
    Field { at: 2, kind: Kind::Both(4) }.record(&mut record, extent.into());
    Field { at: 10, kind: Kind::Both(4) }.record(&mut record, if is_directory { 2048 } else { 9 });
    record[25] = if is_directory { 2 } else { 0 };
    Field { at: 28, kind: Kind::Both(2) }.record(&mut record, 1);
    record[32] = u8::try_from(name.len()).unwrap_or(0);
    put(&mut record, 33, name);
    put(&mut record, before, area);
    record
}

/// Mutates an input by its entries: one field has another value, one entry is another's copy, there are
/// more or fewer of them. `None` where there are none, and every fourth time, for what is no entry at all.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> Option<usize> {
    let mut random = Random::new(seed);
    if random.below(4) == 0 {
        return None;
    }
    let mut areas = Areas::of(data.get(..size)?);
    for _ in 0..1 + random.below(3) {
        let (from, to) = (random.below(areas.0.len()), random.below(areas.0.len()));
        let whole = |area: &[u8]| entries(area, (0, area.len()), BLOCK).0;
        let one = random.pick(&whole(&areas.0[from])).cloned();
        let Some(one) = one else { continue };
        let bytes = areas.0[from][one.at..one.at + one.len].to_vec();
        let area = &mut areas.0[to];
        let at = random.pick(&whole(area)).map_or(0, |entry| entry.at);
        match random.below(8) {
            0 => drop(area.splice(at..at, bytes)),
            1 => drop(areas.0[from].drain(one.at..one.at + one.len)),
            2 => {
                let signature = random.pick(&SIGNATURES)?;
                put(&mut areas.0[from], one.at, *signature);
            }
            _ => {
                let Some(field) = random.pick(&one.fields) else { continue };
                let other = random.pick(&[MORE[0], MORE[1], TOP, OTHER, FILE]).copied();
                field.change(&mut areas.0[from], other.unwrap_or(0).into(), &mut random);
            }
        }
    }
    let input = areas.pack();
    data.get_mut(..max_size)?.get_mut(..input.len())?.copy_from_slice(&input);
    Some(input.len())
}

#[cfg(test)]
mod tests {
    use pxe_import::media::{Disc, Hierarchy, Image};
    use pxe_import::monitor::Void;

    use super::*;

    #[test]
    fn an_input_is_a_disc_with_its_entries() {
        let sp = b"SP\x07\x01\xbe\xef\0ER\x08\x01\0\0\0\x01".to_vec();
        let areas = Areas([sp, b"NM\x09\x01\0name".to_vec(), Vec::new(), Vec::new()]);
        assert_eq!(Areas::of(&areas.pack()), areas);
        let image = Image::new("x.iso", disc(&areas.pack()));
        let disc = Disc::read(image, Some(Hierarchy::RockRidge), &Void).expect("a sound disc");
        let file = disc.tree.find(b"name").expect("by its name");
        assert_eq!(disc.content(file, 100).expect("readable"), b"the file\n");
        assert!(disc.tree.find(b"d").is_some());
    }

    #[test]
    fn a_mutated_input_is_one_still() {
        let input =
            Areas([vec![0; 4], b"NM\x06\x01\0aPX\x04\x01".to_vec(), Vec::new(), vec![1; 9]]);
        let input = input.pack();
        let mut changed = 0;
        for seed in 0..200 {
            let mut data = input.clone();
            data.resize(600, 0);
            let Some(len) = mutate(&mut data, input.len(), 600, seed) else { continue };
            changed += usize::from(data[..len] != input);
            assert_eq!(Areas::of(&data[..len]).pack(), data[..len]);
        }
        assert!(changed > 20, "{changed}");
    }
}
