//! Mutations of an image that is sound enough to be read: one field has another value, one
//! structure is another's copy, one sector lies elsewhere. What a checksum covers is mended.

use crate::field::{Field, Structure, put, sector};
use crate::random::Random;
use crate::sectors::{SECTOR, SECTORS, pack, unpack, used};
use crate::susp::SIGNATURES;
use crate::{iso9660, tags, udf, zisofs};

/// Most changes of one mutation.
const CHANGES_MAX: usize = 4;

/// Mutates the first `size` bytes of `data`, which are an image as [`pack`] has it. `None` where it
/// has nothing that is known, or would not fit: then any mutation of bytes is as good.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> Option<usize> {
    let mut random = Random::new(seed);
    // Bytes know no structure: what is between and around them changes in their way.
    if random.below(5) == 0 {
        return None;
    }
    let mut image = unpack(data.get(..size)?);
    change(&mut image, &mut random)?;
    tags::repair(&mut image);
    let input = pack(&image);
    let room = data.get_mut(..max_size)?.get_mut(..input.len())?;
    room.copy_from_slice(&input);
    Some(input.len())
}

/// Changes something of an image; `None` if nothing in it is known.
fn change(image: &mut Vec<u8>, random: &mut Random) -> Option<()> {
    let mut all = iso9660::structures(image);
    all.extend(udf::structures(image));
    all.extend(zisofs::structures(image));
    for _ in 0..1 + random.below(CHANGES_MAX) {
        let one = random.pick(&all)?.clone();
        match random.below(16) {
            0 => copy(image, &one, &all, random),
            1 => move_sector(image, one.at, random),
            2 => resize(image, random),
            3 => sign(image, &one, random),
            _ => one_field(image, &one, &all, random),
        }
    }
    Some(())
}

fn one_field(image: &mut [u8], one: &Structure, all: &[Structure], random: &mut Random) {
    let Some(&field) = random.pick(&one.fields) else { return };
    // The value of the same field elsewhere leads to something that is there.
    let same = |other: &&Field| other.kind == field.kind;
    let others: Vec<&Field> = match random.pick(all) {
        Some(other) => other.fields.iter().filter(same).collect(),
        None => Vec::new(),
    };
    let other = random.pick(&others).and_then(|other| other.number(image)).unwrap_or(0);
    field.change(image, other, random);
}

/// A structure in the place of another, which keeps its length.
fn copy(image: &mut [u8], to: &Structure, all: &[Structure], random: &mut Random) {
    let Some(from) = random.pick(all) else { return };
    let len = from.len.min(to.len);
    let Some(bytes) = image.get(from.at..from.at + len).map(<[u8]>::to_vec) else { return };
    put(image, to.at, &bytes);
}

/// A sector in the place of another one.
fn move_sector(image: &mut [u8], at: usize, random: &mut Random) {
    let bytes = image[sector(image, at)].to_vec();
    if let Some(&to) = random.pick(&used(image)) {
        put(image, to, &bytes);
    }
}

/// An image that is cut off, or goes on.
fn resize(image: &mut Vec<u8>, random: &mut Random) {
    let sectors = image.len() / SECTOR;
    let sectors = match random.below(3) {
        0 => random.below(sectors),
        1 => sectors.saturating_sub(1),
        _ => sectors + random.below(64),
    };
    image.resize(sectors.clamp(1, usize::from(SECTORS)) * SECTOR, 0);
}

/// Another signature for a system use entry.
fn sign(image: &mut [u8], one: &Structure, random: &mut Random) {
    let is_entry = image.get(one.at..one.at + 2);
    let is_entry = is_entry.is_some_and(|now| SIGNATURES.iter().any(|signature| *signature == now));
    if let Some(signature) = random.pick(&SIGNATURES).filter(|_| is_entry) {
        put(image, one.at, *signature);
    }
}

#[cfg(test)]
mod tests {
    use pxe_import_fixtures::{Tree, udf as fixture};

    use super::*;

    #[test]
    fn a_mutated_image_differs_and_its_tags_hold() {
        let mut tree = Tree::new();
        tree.text("a", "x");
        let options = fixture::Options { block_size: 512, ..fixture::Options::default() };
        let image = fixture::write(&tree, &options).image.to_vec();
        let input = pack(&image);
        let mut changed = 0;
        for seed in 0..300 {
            let mut data = input.clone();
            data.resize(1 << 16, 0);
            let max = data.len();
            let Some(len) = mutate(&mut data, input.len(), max, seed) else { continue };
            changed += usize::from(data[..len] != input);
            let mutated = unpack(&data[..len]);
            let mut repaired = mutated.clone();
            tags::repair(&mut repaired);
            assert!(repaired == mutated, "seed {seed}");
        }
        assert!(changed > 150, "{changed}");
    }

    #[test]
    fn the_same_seed_gives_the_same_mutation_and_rubbish_gives_none() {
        let mut data = vec![0x55; 4096];
        assert_eq!(mutate(&mut data, 2000, 4096, 3), None);
        assert_eq!(mutate(&mut [], 0, 0, 3), None);
    }
}
