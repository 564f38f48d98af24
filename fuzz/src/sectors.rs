//! Disc images as short inputs for a fuzzer.
//!
//! An image is mostly zeros: 32 KiB before the first descriptor, 128 KiB before a UDF anchor. As
//! input it is its sectors that are not zero, each behind its number, so that a mutation hits
//! something, and moves sectors about as well.

/// Bytes of a sector, the smallest that any disc has.
pub const SECTOR: usize = 512;
/// Sector numbers are taken modulo this: 1 MiB, which has room for every anchor.
pub const SECTORS: u16 = 2048;
const RECORD: usize = 2 + SECTOR;
/// To compare with: going through an image byte by byte would take most of the time.
const ZEROS: [u8; SECTOR] = [0; SECTOR];

/// The input for an image, whose size is a multiple of 512.
pub fn pack(image: &[u8]) -> Vec<u8> {
    let mut input = Vec::new();
    let sectors = image.chunks(SECTOR).zip(0..SECTORS);
    let last = image.len().div_ceil(SECTOR).saturating_sub(1);
    for (sector, number) in sectors {
        if usize::from(number) == last || !is_blank(sector) {
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

/// Byte offsets of the sectors that hold anything but zeros.
pub fn used(image: &[u8]) -> Vec<usize> {
    let sectors = (0..).step_by(SECTOR).zip(image.chunks(SECTOR));
    sectors.filter(|(_, sector)| !is_blank(sector)).map(|(at, _)| at).collect()
}

fn is_blank(sector: &[u8]) -> bool {
    ZEROS.get(..sector.len()) == Some(sector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_that_is_packed_and_unpacked_is_the_same() {
        let mut image = vec![0; 40 * SECTOR];
        image[17 * SECTOR + 3] = 7;
        assert_eq!(unpack(&pack(&image)), image);
        assert_eq!(pack(&image).len(), 2 * RECORD);
        assert_eq!(used(&image), [17 * SECTOR]);
    }
}
