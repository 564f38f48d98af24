//! Volumes put together by hand, of blocks of 512 bytes.

use super::super::directory::tests::fid;
use super::super::field::{Address, u64_of, usize_of};
use super::super::icb::file_type;
use super::super::tag::{self, identifier};
use crate::media::Image;

pub(super) const BLOCK: u64 = 512;
/// First sector of the partition.
pub(super) const START: u32 = 300;
pub(super) const SECTORS: u32 = 1000;

pub(super) type Fields<'f> = &'f [(usize, &'f [u8])];

/// A volume in the making: descriptors at 100 to 103, file set in block 0 of partition reference
/// `reference`, the root directory's entry in block 1.
pub(super) struct Volume {
    pub(super) bytes: Vec<u8>,
    pub(super) maps: Vec<Vec<u8>>,
    pub(super) reference: u16,
}

pub(super) fn address(block: u32, partition: u16) -> Address {
    Address { block, partition }
}

pub(super) fn short_ad(length: u32, block: u32) -> Vec<u8> {
    [length.to_le_bytes(), block.to_le_bytes()].concat()
}

pub(super) fn long_ad(length: u32, block: u32, partition: u16) -> Vec<u8> {
    let mut ad = short_ad(length, block);
    ad.extend(partition.to_le_bytes());
    ad.extend([0; 6]);
    ad
}

pub(super) fn type_2(name: &[u8], fields: Fields<'_>) -> Vec<u8> {
    let mut map = vec![0; 64];
    map[..2].copy_from_slice(&[2, 64]);
    map[5..5 + name.len()].copy_from_slice(name);
    for (at, field) in fields {
        map[*at..*at + field.len()].copy_from_slice(field);
    }
    map
}

impl Volume {
    pub(super) fn new() -> Self {
        let mut bytes = vec![0; usize_of(SECTORS) * 512];
        bytes[32_769..32_774].copy_from_slice(b"BEA01");
        bytes[34_817..34_822].copy_from_slice(b"NSR03");
        Self { bytes, maps: vec![vec![1, 6, 1, 0, 0, 0]], reference: 0 }
    }

    /// A descriptor in a sector, which its tag calls `location`.
    pub(super) fn put(&mut self, sector: u32, location: u32, identifier: u16, fields: Fields<'_>) {
        let at = usize_of(sector) * 512;
        let block = &mut self.bytes[at..at + 512];
        for (at, field) in fields {
            block[*at..*at + field.len()].copy_from_slice(field);
        }
        tag::seal(block, identifier, location);
    }

    /// A file entry whose allocation descriptors (form 0 to 2) or data (3) are `allocation`.
    pub(super) fn entry(
        &mut self,
        sector: u32,
        location: u32,
        file_type: u8,
        form: u8,
        len: u64,
        allocation: &[u8],
    ) {
        let count = u32::try_from(allocation.len()).expect("short").to_le_bytes();
        self.put(
            sector,
            location,
            identifier::FILE_ENTRY,
            &[
                (20, &[4]),
                (27, &[file_type]),
                (34, &[form]),
                (56, &len.to_le_bytes()),
                (172, &count),
                (176, allocation),
            ],
        );
    }

    /// A file entry in a block of the partition.
    pub(super) fn file(
        &mut self,
        block: u32,
        file_type: u8,
        form: u8,
        len: u64,
        allocation: &[u8],
    ) {
        self.entry(START + block, block, file_type, form, len, allocation);
    }

    /// A directory embedded in its entry in a block of the partition.
    pub(super) fn directory(&mut self, block: u32, entries: &[Vec<u8>]) {
        let content = entries.concat();
        let len = u64_of(content.len());
        self.file(block, file_type::DIRECTORY, 3, len, &content);
    }

    pub(super) fn image(mut self) -> Image {
        let table = self.maps.concat();
        let count = u32::try_from(self.maps.len()).expect("few").to_le_bytes();
        let table_length = u32::try_from(table.len()).expect("short").to_le_bytes();
        let file_set = long_ad(512, 0, self.reference);
        self.put(256, 256, identifier::ANCHOR, &[(16, &short_ad(16 * 512, 100))]);
        self.put(100, 100, identifier::PRIMARY_VOLUME, &[]);
        self.put(
            101,
            101,
            identifier::LOGICAL_VOLUME,
            &[
                (84, b"\x08TEST"),
                (84 + 127, &[5]),
                (212, &512_u32.to_le_bytes()),
                (248, &file_set),
                (264, &table_length),
                (268, &count),
            ],
        );
        let mut logical = self.bytes[101 * 512..102 * 512].to_vec();
        logical.truncate(440);
        logical.extend(table);
        logical.resize(512, 0);
        tag::seal(&mut logical, identifier::LOGICAL_VOLUME, 101);
        self.bytes[101 * 512..102 * 512].copy_from_slice(&logical);
        self.put(
            102,
            102,
            identifier::PARTITION,
            &[(188, &START.to_le_bytes()), (192, &(SECTORS - START).to_le_bytes())],
        );
        self.put(103, 103, identifier::TERMINATING, &[]);
        Image::new("test.iso", self.bytes)
    }

    /// With a file set descriptor in the first block of the partition.
    pub(super) fn with_file_set(mut self) -> Self {
        let reference = self.reference;
        self.put(START, 0, identifier::FILE_SET, &[(400, &long_ad(512, 1, reference))]);
        self
    }
}

/// A volume whose root directory has these files, each an entry in the block named.
pub(super) fn with_root(files: &[(&str, u32)]) -> Volume {
    let mut volume = Volume::new().with_file_set();
    let name = |name: &str| [b"\x08", name.as_bytes()].concat();
    let fids: Vec<_> =
        files.iter().map(|(text, block)| fid(0, &name(text), address(*block, 0))).collect();
    volume.directory(1, &fids);
    volume
}
