//! The worst of UDF.

use crate::Case;
use crate::iso::name;
use crate::udf::{
    ANCHOR, BLOCK, BLOCKS, CONTINUATION, DIRECTORY, FILE, NOT_RECORDED, ROOT, Udf, descriptor, fid,
    file_entry, seal, short,
};

/// Block of the one file's entry.
const ONE: u32 = 2;
/// First block behind the entries.
const FREE: u32 = 4;
/// Most bytes of one extent that are whole blocks.
const LONGEST: u32 = (1 << 30) - BLOCK as u32;

pub(crate) const CASES: &[Case] = &[
    Case::new("udf: as many identifiers as fit", "", || vec![names(short(&[]), 0)]),
    Case::new("udf: one extent under all names", "read the same bytes again", || {
        vec![names(short(&[(400 * 2048, 0)]), 400 * 2048)]
    }),
    Case::new("udf: a hole", "are holes", || {
        let all = vec![(NOT_RECORDED | LONGEST, 0); 200];
        vec![names(short(&all), 200 * u64::from(LONGEST))]
    }),
    Case::new(
        "udf: identifiers whose checksums cover 64 KiB each",
        "descriptor CRC covers",
        || vec![covering()],
    ),
    Case::new("udf: directories that overlap", "they overlap", || vec![overlapping()]),
    Case::new("udf: directories in a circle", "directories in a loop", || vec![circle()]),
    Case::new("udf: a directory read over and over", "they overlap", || vec![repeated()]),
    Case::new("udf: as many extents as fit", "reads the same bytes again", || vec![extents(1)]),
    Case::new("udf: these under all names", "16 times the image's size", || vec![extents(5000)]),
    Case::new("udf: allocation descriptors in a circle", "or a loop", || vec![areas_in_a_circle()]),
    Case::new("udf: entries that were replaced in a circle", "or a loop", || {
        vec![replaced(8, 1, true)]
    }),
    Case::new("udf: entries that were replaced, for each name", "again and again", || {
        vec![replaced(100, 5000, false)]
    }),
    Case::new("udf: a table for each of many virtual partitions", "again and again", || {
        vec![tables()]
    }),
    Case::new("udf: replaced packets of one block", "16 times the image's size", || vec![spared()]),
    Case::new("udf: a metadata file in pieces", "", || vec![metadata()]),
    Case::new("udf: devices", "is a device node", || vec![devices()]),
    Case::new("udf: a sequence of pointers to itself", "too many pointers, or a loop", || {
        vec![pointers()]
    }),
];

/// Three letters for each number.
fn many(n: usize) -> Vec<u8> {
    fid(&name(n), ONE)
}

/// One file under as many names as fit.
fn names(area: Vec<u8>, size: u64) -> Vec<u8> {
    let mut udf = Udf::new();
    udf.put(ONE, &file_entry(ONE, FILE, size, &area, 4));
    udf.full(FREE, many);
    udf.0
}

/// Each identifier's CRC covers the 64 KiB behind it.
fn covering() -> Vec<u8> {
    let mut udf = Udf::new();
    udf.put(ONE, &file_entry(ONE, FILE, 0, b"", 4));
    udf.full(FREE, many);
    let at = (32 + FREE as usize) * BLOCK;
    let len = many(0).len();
    let count = (ANCHOR - FREE) as usize * BLOCK / len;
    let end = at + count * len;
    // From the back on, for each covers those behind it. The first hundred will do: it takes as long to make as it
    // would take to read.
    for n in (0..100).rev() {
        let from = at + n * len;
        let to = end.min(from + 16 + 65_520);
        seal(&mut udf.0[from..to], 257, 0);
    }
    udf.0
}

/// Directories of the same content each.
fn overlapping() -> Vec<u8> {
    let mut udf = Udf::new();
    let content: Vec<u8> = (5..200).flat_map(|block| fid(&name(block as usize), block)).collect();
    udf.put(ONE, &file_entry(ONE, FILE, 0, b"", 4));
    let files: Vec<u8> = (0..5000).flat_map(many).collect();
    let area = short(&[(files.len() as u32, ANCHOR + 1)]);
    udf.directory(ROOT, 201, &content);
    udf.put(ANCHOR + 1, &files);
    for block in 5..200 {
        udf.put(block, &file_entry(block, DIRECTORY, files.len() as u64, &area, 4));
    }
    udf.0
}

fn circle() -> Vec<u8> {
    let mut udf = Udf::new();
    udf.directory(ROOT, 3, &fid(b"down", ONE));
    udf.directory(ONE, 4, &fid(b"up", ROOT));
    udf.0
}

/// A directory that is made of the same block many times.
fn repeated() -> Vec<u8> {
    let mut udf = Udf::new();
    let mut block: Vec<u8> = (0..45).flat_map(many).collect();
    block.extend(fid(&[b'x'; 27], ONE));
    assert_eq!(block.len(), BLOCK);
    // An entry has room for 233 descriptors; the others follow it.
    let head = short(&[(CONTINUATION | 2048, 5)]);
    let area: Vec<_> = (0..230).map(|_| (BLOCK as u32, FREE)).collect();
    let mut left = 600_u32;
    for block in 5.. {
        let here = left.min(area.len() as u32);
        left -= here;
        let mut area = area[..here as usize].to_vec();
        area.extend((left > 0).then_some((CONTINUATION | 2048, block + 1)));
        let area = short(&area);
        let len = (area.len() as u32).to_le_bytes();
        udf.put(block, &descriptor(258, block, &[(20, &len), (24, &area)]));
        if left == 0 {
            break;
        }
    }
    udf.put(ROOT, &file_entry(ROOT, DIRECTORY, 600 * BLOCK as u64, &head, 4));
    udf.put(FREE, &block);
    udf.0
}

/// A file of as many extents as fit, each of one block, no two of which can be joined, under `count` names.
fn extents(count: usize) -> Vec<u8> {
    let mut udf = Udf::new();
    let content: Vec<u8> = (0..count).flat_map(many).collect();
    udf.directory(ROOT, FREE, &content);
    let first = FREE + content.len().div_ceil(BLOCK) as u32;
    let pair = [(2048, 1), (2048, 3)];
    let mut blocks: Vec<u32> = (first..BLOCKS).filter(|&block| block != ANCHOR).collect();
    let per = (BLOCK - 24) / 8 - 1;
    let size = blocks.len() as u64 * per as u64 * 2048;
    let head = short(&[(CONTINUATION | 2048, blocks[0])]);
    udf.put(ONE, &file_entry(ONE, FILE, size, &head, 4));
    while !blocks.is_empty() {
        let block = blocks.remove(0);
        let mut area: Vec<_> = pair.iter().copied().cycle().take(per).collect();
        area.extend(blocks.first().map(|&next| (CONTINUATION | 2048, next)));
        let area = short(&area);
        let len = (area.len() as u32).to_le_bytes();
        udf.put(block, &descriptor(258, block, &[(20, &len), (24, &area)]));
    }
    udf.0
}

fn areas_in_a_circle() -> Vec<u8> {
    let mut udf = Udf::new();
    udf.directory(ROOT, 3, &many(0));
    udf.put(ONE, &file_entry(ONE, FILE, 1 << 20, &short(&[(CONTINUATION | 2048, FREE)]), 4));
    for (block, next) in [(FREE, FREE + 1), (FREE + 1, FREE)] {
        let area = short(&[(2048, 0), (CONTINUATION | 2048, next)]);
        udf.put(block, &descriptor(258, block, &[(20, &[16]), (24, &area)]));
    }
    udf.0
}

/// Entries of strategy 4096, each followed by an indirect entry that leads to the next; under `count` names.
fn replaced(chain: u32, count: usize, round: bool) -> Vec<u8> {
    let mut udf = Udf::new();
    let first = ANCHOR + 2;
    let content: Vec<u8> = (0..count).flat_map(|n| fid(&name(n), first)).collect();
    udf.directory(ROOT, FREE, &content);
    for n in 0..chain {
        let block = first + 2 * n;
        udf.put(block, &file_entry(block, FILE, 0, b"", 4096));
        let next = match (n + 1 < chain, round) {
            (true, _) => block + 2,
            (false, true) => first,
            (false, false) => continue,
        };
        let fields: [(usize, &[u8]); 3] = [
            (20, &4096_u16.to_le_bytes()),
            (36, &2048_u32.to_le_bytes()),
            (40, &next.to_le_bytes()),
        ];
        udf.put(block + 1, &descriptor(259, block + 1, &fields));
    }
    udf.0
}

/// A type 2 partition map (UDF 2.2.8) with further fields.
fn map(identifier: &[u8], fields: &[(usize, &[u8])]) -> Vec<u8> {
    let mut map = vec![0; 64];
    map[..2].copy_from_slice(&[2, 64]);
    map[5..5 + identifier.len()].copy_from_slice(identifier);
    map[28..30].copy_from_slice(&[0x50, 0x01]);
    map[36..38].copy_from_slice(&[1, 0]);
    for (at, field) in fields {
        map[*at..at + field.len()].copy_from_slice(field);
    }
    map
}

/// Virtual partitions whose tables are looked for in the last blocks, all of which hold entries of large files that
/// are none.
fn tables() -> Vec<u8> {
    let mut maps = vec![vec![1, 6, 1, 0, 0, 0]];
    maps.extend((0..24).map(|_| map(b"*UDF Virtual Partition", &[])));
    let mut udf = Udf::with_maps(&maps);
    udf.directory(ROOT, 3, b"");
    let most = (16 << 20) / (400 * BLOCK as u32);
    let area = short(&vec![(400 * BLOCK as u32, 0); most as usize]);
    let size = u64::from(most) * 400 * BLOCK as u64;
    for block in FREE..BLOCKS {
        if block != ANCHOR {
            udf.put(block, &file_entry(block, 0, size, &area, 4));
        }
    }
    udf.0
}

/// A partition all of whose packets were replaced, each of one block.
fn spared() -> Vec<u8> {
    let table = 480_u32;
    let map = map(
        b"*UDF Sparable Partition",
        &[(40, &[1, 0]), (42, &[1]), (44, &2048_u32.to_le_bytes()), (48, &table.to_le_bytes())],
    );
    let mut udf = Udf::with_maps(&[map]);
    udf.put(ONE, &file_entry(ONE, FILE, 220 * 400 * 2048, &short(&[(400 * 2048, 0); 220]), 4));
    udf.full(FREE, |n| fid(&name(n % 500), ONE));
    let mut sparing = vec![0; 56];
    sparing[17..35].copy_from_slice(b"*UDF Sparing Table");
    let entries: Vec<u32> = (230..440).collect();
    sparing[48..50].copy_from_slice(&(entries.len() as u16).to_le_bytes());
    for entry in entries {
        sparing.extend([entry.to_le_bytes(), (500 - entry / 10).to_le_bytes()].concat());
    }
    sparing.resize(BLOCK, 0);
    seal(&mut sparing, 0, table);
    udf.sector(table as usize, &sparing);
    udf.0
}

/// Files in a metadata partition whose file is in as many pieces as there are blocks.
fn metadata() -> Vec<u8> {
    let maps = [
        vec![1, 6, 1, 0, 0, 0],
        map(
            b"*UDF Metadata Partition",
            &[(28, &[0x50, 2]), (40, &2_u32.to_le_bytes()), (44, &[0xff; 8])],
        ),
    ];
    let mut udf = Udf::with_maps(&maps);
    let backwards: Vec<_> = (0..200).map(|n| (2048, 400 - 2 * n)).collect();
    udf.put(ONE, &file_entry(ONE, 250, 200 * 2048, &short(&backwards), 4));
    udf.full(FREE, many);
    udf.0
}

fn devices() -> Vec<u8> {
    let mut udf = Udf::new();
    for (block, kind) in [(2, 6), (3, 7), (210, 9), (211, 10)] {
        udf.put(block, &file_entry(block, kind, 0, b"", 4));
    }
    let mut content = Vec::new();
    for n in 0..4000 {
        content.extend(fid(&name(n), [2, 3, 210, 211][n % 4]));
    }
    udf.directory(ROOT, FREE, &content);
    udf.0
}

/// Volume descriptor pointers (ECMA-167 3/10.3) that lead to each other.
fn pointers() -> Vec<u8> {
    let mut udf = Udf(names(Vec::new(), 0));
    let next = [8192_u32.to_le_bytes(), 20_u32.to_le_bytes()].concat();
    udf.sector(20, &descriptor(3, 20, &[(20, &next)]));
    udf.0
}
