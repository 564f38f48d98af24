//! Disc images as short inputs for a fuzzer.
//!
//! An image is mostly zeros: 32 KiB before the first descriptor, 128 KiB before a UDF anchor. As
//! input it is its sectors that are not zero, each behind its number, so that a mutation hits
//! something, and moves sectors about as well.

#![forbid(unsafe_code)]

use pxe_import::media::{Disc, Hierarchy, Image, Kind};
use pxe_import::monitor::Void;
use pxe_import_fixtures::udf::repair_tags;

const SECTOR: usize = 512;
/// Sector numbers are taken modulo this: 1 MiB, which has room for every anchor.
const SECTORS: u16 = 2048;
const RECORD: usize = 2 + SECTOR;

/// The input for an image, whose size is a multiple of 512.
pub fn pack(image: &[u8]) -> Vec<u8> {
    let mut input = Vec::new();
    let sectors = image.chunks(SECTOR).zip(0..SECTORS);
    let last = image.len().div_ceil(SECTOR).saturating_sub(1);
    for (sector, number) in sectors {
        if usize::from(number) == last || sector.iter().any(|&byte| byte != 0) {
            input.extend_from_slice(&number.to_le_bytes());
            input.extend_from_slice(sector);
        }
    }
    input
}

/// The image that an input stands for. The last record may be short.
pub fn unpack(input: &[u8]) -> Vec<u8> {
    let mut image = Vec::new();
    for record in input.chunks(RECORD) {
        let [low, high, sector @ ..] = record else { break };
        let number = u16::from_le_bytes([*low, *high]) % SECTORS;
        let at = usize::from(number) * SECTOR;
        if image.len() < at + SECTOR {
            image.resize(at + SECTOR, 0);
        }
        image[at..at + sector.len()].copy_from_slice(sector);
    }
    image
}

/// Makes the checksum and CRC of everything hold that looks like a UDF descriptor, else no change
/// to one gets past them.
pub fn repair(image: &mut [u8]) {
    let mut tags = Vec::new();
    for start in (0..image.len()).step_by(SECTOR) {
        // Most sectors are zeros, and looking through them would take most of the time.
        if image[start..].iter().take(SECTOR).all(|&byte| byte == 0) {
            continue;
        }
        let places = (start..start + SECTOR).step_by(4);
        tags.extend(places.filter(|&at| {
            let tag = image.get(at..at + 16);
            tag.is_some_and(|tag| looks_like_a_tag(tag, at == start))
        }));
    }
    repair_tags(image, &tags);
}

/// A tag by its identifier, version and reserved byte (ECMA-167 3/7.2, 4/7.2). Only file identifiers
/// begin within a sector.
fn looks_like_a_tag(bytes: &[u8], aligned: bool) -> bool {
    let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let identifier = match word(0) {
        257 => true,
        1..=9 | 256..=266 => aligned,
        _ => false,
    };
    identifier && matches!(word(2), 2 | 3) && bytes[5] == 0
}

/// Reads `image` as `hierarchy`, and the start of each of its first files.
pub fn read(image: Vec<u8>, hierarchy: Option<Hierarchy>) {
    let Ok(disc) = Disc::read(Image::new("fuzz.iso", image), hierarchy, &Void) else { return };
    for id in disc.tree.iter() {
        assert!(disc.tree.tree_path(id).is_some(), "an unsafe path came through");
        if disc.tree.kind(id) == Kind::File && id.index() < 100 {
            // Damaged content is an error; the point is that it is no panic.
            let _ = disc.content(id, 1 << 16);
        }
    }
}
