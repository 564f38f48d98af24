//! Files compressed with zisofs: the header and the table of blocks.

use crate::field::{Kind, Structure};
use crate::random::Random;
use crate::sectors::used;

/// First bytes of a compressed file.
pub const MAGIC: [u8; 8] = [0x37, 0xe4, 0x53, 0x96, 0xc9, 0xdb, 0xd6, 0x07];
/// Most pointers to blocks that count.
const POINTERS_MAX: usize = 64;

/// Those of an image; files begin with a sector.
pub fn structures(image: &[u8]) -> Vec<Structure> {
    used(image).into_iter().filter_map(|at| structure(image, at)).collect()
}

/// The one at a byte offset.
pub fn structure(image: &[u8], at: usize) -> Option<Structure> {
    let header = image.get(at..)?.get(..16).filter(|header| header.starts_with(&MAGIC))?;
    let size = u32::from_le_bytes(header[8..12].try_into().ok()?);
    let log2 = u32::from(header[13]).clamp(10, 31);
    let blocks = usize::try_from(size >> log2).ok()?.saturating_add(2).min(POINTERS_MAX);
    let mut fields = vec![(8, Kind::Little(4)), (12, Kind::Little(1)), (13, Kind::Little(1))];
    fields.extend((0..blocks).map(|index| (16 + index * 4, Kind::Little(4))));
    Some(Structure::new(at, 16 + blocks * 4, &fields))
}

/// A compressed file with what the directory says of it, as an input: the binary logarithm of its
/// block size, its expanded size, where the stored bytes are cut into two extents, those bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input<'a> {
    /// From 15 to 17 where it is sound.
    pub log2: u8,
    /// Bytes.
    pub size: u32,
    /// A byte offset in `stored`.
    pub split: usize,
    /// The file as it is stored.
    pub stored: &'a [u8],
}

/// Bytes of an input before the stored ones.
const HEAD: usize = 7;

impl<'a> Input<'a> {
    /// The file that an input stands for.
    pub fn of(data: &'a [u8]) -> Option<Self> {
        let (head, stored) = data.split_first_chunk::<HEAD>()?;
        let &[log2, a, b, c, d, low, high] = head;
        let split = u16::from_le_bytes([low, high]).into();
        Some(Self { log2, size: u32::from_le_bytes([a, b, c, d]), split, stored })
    }

    /// The input for a file.
    pub fn pack(self) -> Vec<u8> {
        let split = u16::try_from(self.split).unwrap_or(u16::MAX).to_le_bytes();
        [&[self.log2][..], &self.size.to_le_bytes(), &split, self.stored].concat()
    }
}

/// Changes the fields of an input's file, in header and directory alike; `None` where it is none, and
/// every third time: what is compressed has no fields.
pub fn mutate(data: &mut [u8], size: usize, seed: u32) -> Option<usize> {
    let mut random = Random::new(seed);
    let file = structure(data.get(..size)?, HEAD).filter(|_| random.below(3) > 0)?;
    for _ in 0..1 + random.below(3) {
        let field = random.pick(&file.fields)?;
        let other = random.pick(&file.fields)?.number(data).unwrap_or(0);
        field.change(data.get_mut(..size)?, other, &mut random);
    }
    // What contradicts the directory gets no further.
    if random.below(4) > 0 {
        data[0] = data[HEAD + 13];
        data.copy_within(HEAD + 8..HEAD + 12, 1);
    }
    Some(size)
}
