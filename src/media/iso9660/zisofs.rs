//! zisofs: files stored in blocks that are compressed one by one.
//!
//! A compressed file begins with a header of 16 bytes (magic, expanded size, header size in words,
//! binary logarithm of the block size); a table of 32-bit byte offsets follows, one a block and one
//! for the end; then come the blocks as zlib streams. A block without any bytes is all zeros.

use std::ops::RangeInclusive;

use flate2::{Decompress, FlushDecompress, Status};

use super::field;
use crate::error::Result;
use crate::media::{Extent, Image};

/// Block sizes that are read, as binary logarithms.
pub const BLOCK_LOG2: RangeInclusive<u8> = 15..=17;
/// First bytes of a compressed file.
pub(super) const MAGIC: [u8; 8] = [0x37, 0xe4, 0x53, 0x96, 0xc9, 0xdb, 0xd6, 0x07];
/// Bytes of the header.
const HEADER: usize = 16;
/// What zlib adds at most to a block that does not shrink, and then some.
const OVERHEAD: u64 = 1024;

/// An open compressed file. Any thread may read from it.
#[derive(Debug)]
pub struct Zisofs {
    stored: Stored,
    size: u64,
    block_size: u64,
    /// Where each block starts in the stored bytes, and where the last one ends.
    pointers: Vec<u32>,
}

impl Zisofs {
    /// Opens the file that is stored in `extents` and expands to `size` bytes in blocks of
    /// 2^`block_log2`: reads its header and the table of its blocks, and checks both.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] at the header or the table if they contradict what the directory
    /// says or each other.
    pub fn open(image: &Image, extents: &[Extent], size: u64, block_log2: u8) -> Result<Self> {
        let stored = Stored::new(extents);
        let start = stored.offset(0);
        if !BLOCK_LOG2.contains(&block_log2) {
            let what = format!("zisofs blocks of 2^{block_log2} bytes: 2^15 to 2^17 are read");
            return Err(image.unsupported(start, what));
        }
        let block_size = 1_u64.checked_shl(block_log2.into()).unwrap_or(u64::MAX);
        if size == 0 {
            return Ok(Self { stored, size, block_size, pointers: Vec::new() });
        }
        if stored.len < field::to_u64(HEADER) {
            let what = format!("{} bytes are too few for a zisofs header", stored.len);
            return Err(image.corrupt(start, what));
        }
        let mut header = [0; HEADER];
        stored.read(image, 0, &mut header)?;
        let table = check_header(&header, size, block_log2).map_err(|w| image.corrupt(start, w))?;
        let pointers = read_table(image, &stored, table, size.div_ceil(block_size))?;
        Ok(Self { stored, size, block_size, pointers })
    }

    /// Reads expanded bytes at `offset` and fills `buf`, or as much of it as the file has. Each
    /// block that is touched is expanded once.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] at a block that does not expand to its size; as the image.
    pub fn read_at(&self, image: &Image, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let total = left.min(buf.len());
        let mut rest = buf.get_mut(..total).unwrap_or_default();
        let mut at = offset;
        let mut scratch = Scratch::default();
        while !rest.is_empty() {
            let block = at.checked_div(self.block_size).unwrap_or(0);
            let start = block.saturating_mul(self.block_size);
            let len = self.size.saturating_sub(start).min(self.block_size);
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            let into = usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
            let n = len.saturating_sub(into).min(rest.len());
            let Some((now, later)) = rest.split_at_mut_checked(n).filter(|_| n > 0) else { break };
            if n == len {
                self.expand(image, block, &mut scratch, now)?;
            } else {
                let mut whole = vec![0; len];
                self.expand(image, block, &mut scratch, &mut whole)?;
                let part = whole.get(into..into.saturating_add(n)).unwrap_or_default();
                now.copy_from_slice(part);
            }
            at = at.saturating_add(field::to_u64(n));
            rest = later;
        }
        Ok(total)
    }

    /// Expands one block into `out`, which has its exact size.
    fn expand(
        &self,
        image: &Image,
        block: u64,
        scratch: &mut Scratch,
        out: &mut [u8],
    ) -> Result<()> {
        let index = usize::try_from(block).unwrap_or(usize::MAX);
        let pointer = |index: usize| self.pointers.get(index).copied().unwrap_or(0);
        let start = u64::from(pointer(index));
        let len = u64::from(pointer(index.saturating_add(1))).saturating_sub(start);
        if len == 0 {
            out.fill(0);
            return Ok(());
        }
        let at = self.stored.offset(start);
        let fail = |what: String| image.corrupt(at, format!("zisofs block {block}: {what}"));
        if len > self.block_size.saturating_add(OVERHEAD) {
            return Err(fail(format!("{len} bytes for a block of {}", self.block_size)));
        }
        scratch.input.resize(usize::try_from(len).unwrap_or(usize::MAX), 0);
        self.stored.read(image, start, &mut scratch.input)?;
        inflate(&mut scratch.zlib, &scratch.input, out).map_err(fail)
    }
}

/// What one call of [`Zisofs::read_at`] uses again from block to block.
struct Scratch {
    input: Vec<u8>,
    zlib: Decompress,
}

impl Default for Scratch {
    fn default() -> Self {
        Self { input: Vec::new(), zlib: Decompress::new(true) }
    }
}

/// Checks a header; returns where the table starts in the stored bytes.
fn check_header(header: &[u8; HEADER], size: u64, block_log2: u8) -> Result<u64, String> {
    if !header.starts_with(&MAGIC) {
        return Err("no zisofs header, though the directory says that the file has one".into());
    }
    let stored_size = field::u32_at(header, 8).unwrap_or(0);
    if u64::from(stored_size) != size {
        return Err(format!(
            "the zisofs header says {stored_size} expanded bytes, the directory {size}"
        ));
    }
    let log2 = field::u8_at(header, 13).unwrap_or(0);
    if log2 != block_log2 {
        return Err(format!(
            "the zisofs header says blocks of 2^{log2} bytes, the directory 2^{block_log2}"
        ));
    }
    let words = field::u8_at(header, 12).unwrap_or(0);
    let table = u64::from(words).saturating_mul(4);
    if table < field::to_u64(HEADER) {
        return Err(format!("a zisofs header of {table} bytes"));
    }
    Ok(table)
}

/// Reads the table of `blocks` blocks: pointers that never go back and stay in the stored bytes.
fn read_table(image: &Image, stored: &Stored, table: u64, blocks: u64) -> Result<Vec<u32>> {
    let at = stored.offset(table);
    let count = blocks.saturating_add(1);
    let bytes = count.saturating_mul(4);
    let end = table.saturating_add(bytes);
    // This bounds the allocation: a table is as large as what is stored allows.
    if end > stored.len {
        let what = format!("a zisofs table of {bytes} bytes in a file of {}", stored.len);
        return Err(image.corrupt(at, what));
    }
    let mut raw = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX)];
    stored.read(image, table, &mut raw)?;
    let (words, _) = raw.as_chunks::<4>();
    let pointers: Vec<u32> = words.iter().map(|&word| u32::from_le_bytes(word)).collect();
    let mut before = end;
    for (index, &pointer) in pointers.iter().enumerate() {
        let pointer = u64::from(pointer);
        if pointer < before || pointer > stored.len {
            let at = stored.offset(table.saturating_add(field::to_u64(index).saturating_mul(4)));
            let what = format!(
                "zisofs block {index} starts at {pointer}, not between {before} and {}",
                stored.len
            );
            return Err(image.corrupt(at, what));
        }
        before = pointer;
    }
    Ok(pointers)
}

/// Expands a zlib stream that fills `out` exactly.
fn inflate(zlib: &mut Decompress, input: &[u8], out: &mut [u8]) -> Result<(), String> {
    zlib.reset(true);
    let len = field::to_u64(out.len());
    let mut status =
        zlib.decompress(input, out, FlushDecompress::Finish).map_err(|e| e.to_string())?;
    if zlib.total_out() != len {
        return Err(format!("expands to {} bytes instead of {len}", zlib.total_out()));
    }
    if status != Status::StreamEnd {
        // The output is full; whether the stream is over shows when there is room for more.
        let read = usize::try_from(zlib.total_in()).unwrap_or(usize::MAX);
        let rest = input.get(read..).unwrap_or_default();
        status =
            zlib.decompress(rest, &mut [0], FlushDecompress::Finish).map_err(|e| e.to_string())?;
    }
    if status != Status::StreamEnd || zlib.total_out() != len {
        return Err(format!("does not end after {len} expanded bytes"));
    }
    Ok(())
}

/// The stored bytes of a file.
#[derive(Debug)]
struct Stored {
    extents: Vec<Extent>,
    len: u64,
}

impl Stored {
    fn new(extents: &[Extent]) -> Self {
        let len = extents.iter().fold(0_u64, |sum, extent| sum.saturating_add(extent.len));
        Self { extents: extents.to_vec(), len }
    }

    /// Byte offset in the image of the stored byte `at`, for messages.
    fn offset(&self, at: u64) -> u64 {
        let mut at = at;
        for extent in &self.extents {
            if at < extent.len {
                return extent.offset.unwrap_or(0).saturating_add(at);
            }
            at = at.saturating_sub(extent.len);
        }
        let last = self.extents.last();
        last.map_or(0, |last| last.offset.unwrap_or(0).saturating_add(last.len))
    }

    /// Fills `buf` with the stored bytes from `at` on, which the caller knows to be there.
    fn read(&self, image: &Image, at: u64, buf: &mut [u8]) -> Result<()> {
        let mut at = at;
        let mut rest = buf;
        for extent in &self.extents {
            if at >= extent.len {
                at = at.saturating_sub(extent.len);
                continue;
            }
            let here = usize::try_from(extent.len.saturating_sub(at)).unwrap_or(usize::MAX);
            let (now, later) = rest.split_at_mut(here.min(rest.len()));
            match extent.offset {
                Some(start) => image.read_exact_at(start.saturating_add(at), now)?,
                None => now.fill(0),
            }
            rest = later;
            at = 0;
        }
        Ok(())
    }
}
