//! UDF images byte by byte, of 1 MiB in blocks of 2048 bytes.

use crc::{CRC_16_XMODEM, Crc};

pub(crate) const BLOCK: usize = 2048;
const SECTORS: usize = 512;
/// Sector at which the partition begins.
const START: usize = 32;
/// Blocks of the partition; the last sector is behind it.
pub(crate) const BLOCKS: u32 = 479;
/// The block of the partition in which the anchor lies.
pub(crate) const ANCHOR: u32 = 256 - START as u32;
/// Block of the top directory's entry.
pub(crate) const ROOT: u32 = 1;

pub(crate) const FILE: u8 = 5;
pub(crate) const DIRECTORY: u8 = 4;
/// Type bits of an allocation descriptor's length.
pub(crate) const NOT_RECORDED: u32 = 2 << 30;
pub(crate) const CONTINUATION: u32 = 3 << 30;

static CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);

/// Makes `bytes` the descriptor of the type `identifier` in block `location`; its CRC covers all of them.
pub(crate) fn seal(bytes: &mut [u8], identifier: u16, location: u32) {
    bytes[..2].copy_from_slice(&identifier.to_le_bytes());
    bytes[2..4].copy_from_slice(&[2, 0]);
    let length = u16::try_from(bytes.len() - 16).expect("below 64 KiB");
    let crc = CRC.checksum(&bytes[16..]);
    bytes[8..10].copy_from_slice(&crc.to_le_bytes());
    bytes[10..12].copy_from_slice(&length.to_le_bytes());
    bytes[12..16].copy_from_slice(&location.to_le_bytes());
    bytes[4] = 0;
    bytes[4] = bytes[..16].iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
}

/// A descriptor of one block with these fields.
pub(crate) fn descriptor(identifier: u16, location: u32, fields: &[(usize, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0; BLOCK];
    for (at, field) in fields {
        bytes[*at..at + field.len()].copy_from_slice(field);
    }
    seal(&mut bytes, identifier, location);
    bytes
}

/// Short allocation descriptors: length with its type bits, block.
pub(crate) fn short(extents: &[(u32, u32)]) -> Vec<u8> {
    extents
        .iter()
        .flat_map(|(len, block)| [len.to_le_bytes(), block.to_le_bytes()].concat())
        .collect()
}

/// A file entry (ECMA-167 4/14.9) of the given strategy.
pub(crate) fn file_entry(block: u32, kind: u8, size: u64, area: &[u8], strategy: u16) -> Vec<u8> {
    descriptor(
        261,
        block,
        &[
            (20, &strategy.to_le_bytes()),
            (27, &[kind]),
            (44, &0x14a5_u32.to_le_bytes()),
            (56, &size.to_le_bytes()),
            (172, &(area.len() as u32).to_le_bytes()),
            (176, area),
        ],
    )
}

/// A file identifier descriptor (4/14.4) of the entry in block `icb`.
pub(crate) fn fid(name: &[u8], icb: u32) -> Vec<u8> {
    let name = [b"\x08", name].concat();
    let mut bytes = vec![0; (38 + name.len()).next_multiple_of(4)];
    bytes[16] = 1;
    bytes[19] = name.len() as u8;
    bytes[20..24].copy_from_slice(&2048_u32.to_le_bytes());
    bytes[24..28].copy_from_slice(&icb.to_le_bytes());
    bytes[38..38 + name.len()].copy_from_slice(&name);
    seal(&mut bytes, 257, 0);
    bytes
}

pub(crate) struct Udf(pub(crate) Vec<u8>);

impl Udf {
    /// With one physical partition and a file set of which the top directory is in block [`ROOT`].
    pub(crate) fn new() -> Self {
        Self::with_maps(&[vec![1, 6, 1, 0, 0, 0]])
    }

    pub(crate) fn with_maps(maps: &[Vec<u8>]) -> Self {
        let mut udf = Self(vec![0; SECTORS * BLOCK]);
        for (sector, identifier) in (16..).zip([b"BEA01", b"NSR02", b"TEA01"]) {
            udf.sector(sector, &[&[0][..], identifier, &[1]].concat());
        }
        let table = maps.concat();
        let logical = descriptor(
            6,
            21,
            &[
                (84, b"\x08limits"),
                (211, &[7]),
                (212, &(BLOCK as u32).to_le_bytes()),
                (217, b"*OSTA UDF Compliant"),
                (248, &2048_u32.to_le_bytes()),
                (264, &(table.len() as u32).to_le_bytes()),
                (268, &(maps.len() as u32).to_le_bytes()),
                (440, &table),
            ],
        );
        udf.sector(20, &descriptor(1, 20, &[]));
        udf.sector(21, &logical);
        let partition = [(START as u32).to_le_bytes(), BLOCKS.to_le_bytes()].concat();
        udf.sector(22, &descriptor(5, 22, &[(25, b"+NSR02"), (188, &partition)]));
        udf.sector(23, &descriptor(8, 23, &[]));
        let sequence = [8192_u32.to_le_bytes(), 20_u32.to_le_bytes()].concat();
        let anchor = descriptor(2, 256, &[(16, &sequence), (24, &sequence)]);
        udf.sector(256, &anchor);
        udf.put(
            0,
            &descriptor(256, 0, &[(400, &2048_u32.to_le_bytes()), (404, &ROOT.to_le_bytes())]),
        );
        udf
    }

    pub(crate) fn sector(&mut self, sector: usize, bytes: &[u8]) {
        self.0[sector * BLOCK..][..bytes.len()].copy_from_slice(bytes);
    }

    /// Writes at a block of the partition.
    pub(crate) fn put(&mut self, block: u32, bytes: &[u8]) {
        self.sector(START + block as usize, bytes);
    }

    /// A directory whose entry is in `block`, with its content from `at` on.
    pub(crate) fn directory(&mut self, block: u32, at: u32, content: &[u8]) {
        let area = short(&[(content.len() as u32, at)]);
        self.put(block, &file_entry(block, DIRECTORY, content.len() as u64, &area, 4));
        self.put(at, content);
    }

    /// As many of the identifiers as fit into the blocks before the anchor, as the top directory.
    pub(crate) fn full(&mut self, at: u32, identifier: impl Fn(usize) -> Vec<u8>) {
        let most = (ANCHOR - at) as usize * BLOCK;
        let mut content = Vec::new();
        for n in 0.. {
            let next = identifier(n);
            if content.len() + next.len() > most {
                break;
            }
            content.extend(next);
        }
        self.directory(ROOT, at, &content);
    }
}
