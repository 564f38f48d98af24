//! Fields of structures: where they are, how they are recorded, and values that a reader may
//! stumble over.

use crate::random::Random;
use crate::sectors::SECTOR;

/// How a field is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number of so many bytes, the least significant first.
    Little(usize),
    /// A number of so many bytes, the most significant first.
    Big(usize),
    /// A number of so many bytes in both orders (ECMA-119 7.2.3, 7.3.3).
    Both(usize),
    /// So many bytes of a name.
    Text(usize),
}

/// A field of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Byte offset.
    pub at: usize,
    /// How it is recorded.
    pub kind: Kind,
}

/// Something of the image that has fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// Byte offset.
    pub at: usize,
    /// Bytes.
    pub len: usize,
    /// What it consists of, as far as it counts.
    pub fields: Vec<Field>,
}

impl Structure {
    /// A structure by the offsets of its fields within it.
    pub fn new(at: usize, len: usize, fields: &[(usize, Kind)]) -> Self {
        let within = |&(offset, kind): &(usize, Kind)| Field { at: at + offset, kind };
        Self { at, len, fields: fields.iter().map(within).collect() }
    }
}

/// Names that are no names, or none that a tree may have, and parts of them.
const NAMES: [&[u8]; 17] = [
    b".",
    b"..",
    b"../x",
    b"/",
    b"a/b",
    b"\0",
    b"a\0b",
    b"a\nb",
    b"\x1b[2J",
    b"\xff\xfe",
    b"\xc3\x28",
    b"A",
    b"a",
    b".treeinfo",
    // Control characters and turned text in UTF-8.
    b"\xc2\x9b2J",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
];

impl Field {
    fn width(self) -> usize {
        match self.kind {
            Kind::Little(width) | Kind::Big(width) | Kind::Both(width) | Kind::Text(width) => width,
        }
    }

    /// The number in it; `None` for a text, and for a field beyond the image.
    pub fn number(self, image: &[u8]) -> Option<u64> {
        let bytes = image.get(self.at..self.at.checked_add(self.width())?)?;
        let join = |number: u64, byte: &u8| (number << 8) | u64::from(*byte);
        match self.kind {
            Kind::Little(_) | Kind::Both(_) => Some(bytes.iter().rev().fold(0, join)),
            Kind::Big(_) => Some(bytes.iter().fold(0, join)),
            Kind::Text(_) => None,
        }
    }

    /// Records `number`, as much of it as fits.
    pub fn record(self, image: &mut [u8], number: u64) {
        let width = self.width();
        let little = number.to_le_bytes();
        let (little, mut big) = (&little[..width.min(8)], little[..width.min(8)].to_vec());
        big.reverse();
        let bytes = match self.kind {
            Kind::Little(_) => little.to_vec(),
            Kind::Big(_) => big,
            Kind::Both(_) => [little, &big].concat(),
            Kind::Text(_) => return,
        };
        put(image, self.at, &bytes);
    }

    /// Puts something else into it; `other` is the number of another field.
    pub fn change(self, image: &mut [u8], other: u64, random: &mut Random) {
        let Some(old) = self.number(image) else { return self.rename(image, random) };
        let bits = u32::try_from(self.width().min(8) * 8).unwrap_or(64);
        let max = u64::MAX >> (64 - bits);
        let here = u64::try_from(self.at).unwrap_or(0);
        let size = u64::try_from(image.len()).unwrap_or(0);
        let bit = 1 << (random.number() % u64::from(bits));
        let values = [
            0,
            1,
            2,
            max,
            max - 1,
            max >> 1,
            (max >> 1) + 1,
            // The type of an extent (ECMA-167 4/14.14.1.1), and the largest of one.
            old ^ (1 << (bits - 2)),
            old ^ (1 << (bits - 1)),
            max >> 2,
            old.wrapping_add(1),
            old.wrapping_sub(1),
            old.wrapping_mul(2),
            old / 2,
            old ^ bit,
            old ^ bit,
            // Itself, by block and by byte, and the end of everything.
            here / 2048,
            here / 512,
            here,
            size,
            size / 2048,
            size / 512,
            other,
            other,
            other,
            other.wrapping_add(1),
            random.number(),
            random.number() % 256,
        ];
        let value = random.pick(&values).copied().unwrap_or(0);
        self.record(image, value);
    }

    /// Another name of the same length, with a bad part in it.
    fn rename(self, image: &mut [u8], random: &mut Random) {
        let Some(bad) = random.pick(&NAMES) else { return };
        let room = self.width().saturating_sub(bad.len());
        let at = self.at + random.below(room + 1);
        put(image, at, &bad[..bad.len().min(self.width())]);
    }
}

/// Writes `bytes` as far as there is an image.
pub fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    let from = image.len().min(at);
    let room = &mut image[from..];
    let len = room.len().min(bytes.len());
    room[..len].copy_from_slice(&bytes[..len]);
}

/// The sector that holds a byte, as a range of the image.
pub fn sector(image: &[u8], at: usize) -> std::ops::Range<usize> {
    let start = at / SECTOR * SECTOR;
    start.min(image.len())..(start + SECTOR).min(image.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_byte_orders_say_the_same_after_a_change() {
        let field = Field { at: 3, kind: Kind::Both(4) };
        let mut image = vec![0; 16];
        for seed in 0..200 {
            field.change(&mut image, 0x0102_0304, &mut Random::new(seed));
            let little = u32::from_le_bytes(image[3..7].try_into().expect("four bytes"));
            let big = u32::from_be_bytes(image[7..11].try_into().expect("four bytes"));
            assert_eq!(little, big);
            assert_eq!((&image[..3], &image[11..]), (&[0; 3][..], &[0; 5][..]));
        }
    }

    #[test]
    fn a_name_keeps_its_place() {
        let field = Field { at: 2, kind: Kind::Text(3) };
        for seed in 0..200 {
            let mut image = vec![b'x'; 8];
            field.change(&mut image, 0, &mut Random::new(seed));
            assert_eq!((&image[..2], &image[5..]), (&b"xx"[..], &b"xxx"[..]));
        }
        // Beyond the image there is nothing to be changed.
        Field { at: 7, kind: Kind::Both(4) }.change(&mut [0; 8], 0, &mut Random::new(1));
    }
}
