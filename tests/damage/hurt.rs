//! What is done to an image. It is the same on every run.

use pxe_import_fixtures::udf;

use crate::images::Sound;

/// The smallest sector of any format here.
const SECTOR: usize = 512;

/// SplitMix64, seeded with a name and a number.
struct Random(u64);

impl Random {
    fn new(name: &str, number: usize) -> Self {
        let seed = name.bytes().fold(number as u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// Lengths to cut the image at: anywhere, at the borders of sectors, and just before the end.
pub(crate) fn cuts(sound: &Sound, count: usize) -> Vec<usize> {
    let mut random = Random::new(sound.name, count);
    let len = sound.image.len();
    let mut cuts = vec![len.saturating_sub(1), len.saturating_sub(2048), 0x8000 + 100];
    while cuts.len() < count {
        let at = random.below(len);
        cuts.push(if random.below(2) == 0 { at } else { at / 2048 * 2048 });
    }
    cuts.retain(|&at| at < len);
    cuts
}

/// The image with some bytes changed where descriptors, directories and entries lie, and the checksums
/// of UDF made to hold again in two cases of three.
pub(crate) fn flipped(sound: &Sound, number: usize) -> Vec<u8> {
    let mut random = Random::new(sound.name, number);
    let mut image = sound.image.clone();
    let places = structures(&image);
    for _ in 0..=random.below(12) {
        // Fields and names more often than what is zero and stays so.
        let place = places[random.below(places.len())];
        let near = &mut image[place..][..16];
        let used: Vec<usize> = (0..near.len()).filter(|&at| near[at] != 0).collect();
        let at = match used.len() {
            len if len > 0 && random.below(4) > 0 => used[random.below(len)],
            _ => random.below(near.len()),
        };
        near[at] = match random.below(4) {
            0 => near[at] ^ (1 << random.below(8)),
            1 => [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            2 => near[at].wrapping_add(1),
            _ => random.below(256) as u8,
        };
    }
    if !number.is_multiple_of(3) {
        udf::repair_tags(&mut image, &sound.tags);
    }
    image
}

/// Where bytes of structures lie, in groups of 16: in sectors that hold more zeros than the content of
/// files does, and not zeros alone.
fn structures(image: &[u8]) -> Vec<usize> {
    let zeros = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == 0).count();
    let sectors = image.chunks_exact(SECTOR).enumerate();
    sectors
        .filter(|(_, sector)| (SECTOR / 8..SECTOR).contains(&zeros(sector)))
        .flat_map(|(n, sector)| sector.chunks(16).zip((n * SECTOR..).step_by(16)))
        .filter(|(group, _)| zeros(group) < group.len())
        .map(|(_, place)| place)
        .collect()
}
