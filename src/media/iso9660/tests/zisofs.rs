use std::io::Write;

use crate::error::{Error, Result};
use crate::media::iso9660::field::to_u64;
use crate::media::iso9660::zisofs::{MAGIC, Zisofs};
use crate::media::{Extent, Image};

const BLOCK: usize = 1 << 15;

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).expect("small")
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).expect("in memory");
    encoder.finish().expect("in memory")
}

/// A compressed file; blocks of zeros are left out.
fn compress(data: &[u8]) -> Vec<u8> {
    let blocks: Vec<Vec<u8>> = data
        .chunks(BLOCK)
        .map(|b| if b.iter().all(|&c| c == 0) { Vec::new() } else { deflate(b) })
        .collect();
    let mut out = MAGIC.to_vec();
    out.extend(to_u32(data.len()).to_le_bytes());
    out.extend([4, 15, 0, 0]);
    let mut pointer = 16 + 4 * (to_u32(blocks.len()) + 1);
    for block in &blocks {
        out.extend(pointer.to_le_bytes());
        pointer += to_u32(block.len());
    }
    out.extend(pointer.to_le_bytes());
    out.extend(blocks.concat());
    out
}

fn pattern(len: usize) -> Vec<u8> {
    (0..251_u8).cycle().zip(0_usize..len).map(|(a, i)| a ^ (i / 7).to_le_bytes()[0]).collect()
}

/// Opens `stored`, cut into two extents with rubbish between them.
fn open(stored: &[u8], size: u64) -> (Image, Result<Zisofs>) {
    let half = stored.len() / 2;
    let bytes = [b"rubbish", &stored[..half], b"more", &stored[half..]].concat();
    let second = to_u64(7 + half + 4);
    let extents = [
        Extent { offset: Some(7), len: to_u64(half) },
        Extent { offset: Some(second), len: to_u64(stored.len() - half) },
    ];
    let image = Image::new("z.iso", bytes);
    let file = Zisofs::open(&image, &extents, size, 15);
    (image, file)
}

fn expanded(stored: &[u8], size: usize) -> Result<Vec<u8>> {
    let (image, file) = open(stored, to_u64(size));
    let mut buf = vec![0xaa; size + 10];
    let n = file?.read_at(&image, 0, &mut buf)?;
    buf.truncate(n);
    Ok(buf)
}

fn fault(result: Result<impl std::fmt::Debug>) -> (u64, String) {
    match result.expect_err("damaged") {
        Error::Corrupt { offset, what, .. } => (offset, what),
        other => panic!("{other}"),
    }
}

#[test]
fn a_file_expands_to_what_was_compressed() {
    for len in [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5000] {
        let data = pattern(len);
        assert_eq!(expanded(&compress(&data), len).expect("a good file"), data, "{len}");
    }
}

#[test]
fn a_block_without_bytes_is_zeros() {
    let mut data = pattern(3 * BLOCK);
    data[BLOCK..2 * BLOCK].fill(0);
    let stored = compress(&data);
    assert_eq!(expanded(&stored, data.len()).expect("a good file"), data);
    let zeros = vec![0; 2 * BLOCK];
    assert_eq!(compress(&zeros).len(), 16 + 12);
    assert_eq!(expanded(&compress(&zeros), zeros.len()).expect("a good file"), zeros);
}

#[test]
fn any_range_reads_as_the_whole_does() {
    let data = pattern(2 * BLOCK + 100);
    let (image, file) = open(&compress(&data), to_u64(data.len()));
    let file = file.expect("a good file");
    for (at, len) in [(0, 10), (BLOCK - 3, 7), (5, 2 * BLOCK), (2 * BLOCK, 100), (100, BLOCK)] {
        let mut buf = vec![0; len];
        assert_eq!(file.read_at(&image, to_u64(at), &mut buf).expect("a good file"), len);
        assert!(buf == data[at..at + len], "{len} bytes at {at}");
    }
    let mut buf = [0; 8];
    assert_eq!(file.read_at(&image, to_u64(data.len()) - 3, &mut buf).expect("the end"), 3);
    assert_eq!(file.read_at(&image, to_u64(data.len()), &mut buf).expect("beyond"), 0);
    assert_eq!(file.read_at(&image, u64::MAX, &mut buf).expect("beyond"), 0);
}

#[test]
fn a_file_without_the_magic_is_refused_at_its_first_byte() {
    let (offset, what) = fault(expanded(&pattern(5000), 5000));
    assert_eq!(offset, 7);
    assert!(what.starts_with("no zisofs header"), "{what}");
    assert!(fault(expanded(b"short", 5)).1.contains("too few"));
}

#[test]
fn a_header_that_contradicts_the_directory_is_refused() {
    let stored = compress(&pattern(5000));
    assert!(fault(expanded(&stored, 5001)).1.contains("5000 expanded bytes"));
    let mut other = stored.clone();
    other[13] = 16;
    assert!(fault(expanded(&other, 5000)).1.contains("2^16"));
    other[13] = 15;
    other[12] = 3;
    assert!(fault(expanded(&other, 5000)).1.contains("header of 12 bytes"));
}

#[test]
fn a_table_that_leaves_the_file_is_refused_before_it_is_allocated() {
    let mut stored = MAGIC.to_vec();
    stored.extend(u32::MAX.to_le_bytes());
    stored.extend([4, 15, 0, 0]);
    stored.resize(100, 0);
    let (_, file) = open(&stored, u32::MAX.into());
    assert!(fault(file).1.contains("table of 524292 bytes"));
}

#[test]
fn pointers_that_go_back_or_leave_the_file_are_refused() {
    let good = compress(&pattern(2 * BLOCK));
    for (index, value) in [(0, 0_u32), (1, 20), (2, 40), (2, u32::MAX)] {
        let mut bad = good.clone();
        bad[16 + 4 * index..20 + 4 * index].copy_from_slice(&value.to_le_bytes());
        let (offset, what) = fault(expanded(&bad, 2 * BLOCK));
        assert!(what.starts_with(&format!("zisofs block {index} starts at {value}")), "{what}");
        assert_eq!(offset, 7 + 16 + 4 * to_u64(index));
    }
}

#[test]
fn a_block_that_expands_to_another_size_is_refused() {
    let data = pattern(5000);
    for wrong in [&data[..4999], &[data.as_slice(), b"x"].concat()] {
        let mut stored = compress(wrong);
        stored[8..12].copy_from_slice(&5000_u32.to_le_bytes());
        let what = fault(expanded(&stored, 5000)).1;
        assert!(what.starts_with("zisofs block 0: "), "{what}");
    }
}

#[test]
fn a_block_with_a_flipped_bit_never_gives_other_bytes() {
    let data = pattern(5000);
    let good = compress(&data);
    let mut refused = 0;
    for at in 24..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        // A bit or two between the end of the stream and its checksum mean nothing.
        match expanded(&bad, 5000) {
            Ok(same) => assert!(same == data, "byte {at}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused >= good.len() - 24 - 2, "{refused} of {}", good.len() - 24);
}

#[test]
fn an_empty_file_needs_no_header() {
    assert_eq!(expanded(b"", 0).expect("empty"), b"");
}

#[test]
fn other_block_sizes_are_unsupported() {
    let image = Image::new("z.iso", Vec::new());
    for log2 in [0, 14, 18, 255] {
        let file = Zisofs::open(&image, &[], 1, log2);
        assert_eq!(file.expect_err("refused").kind(), "unsupported");
    }
}
