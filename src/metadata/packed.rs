//! Metadata as they are stored: compressed by one of several programs, told by their first bytes.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::{CONCATENATED, Stream};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::human::human;
use crate::monitor::Monitor;

/// Most bytes that are taken out of one file.
const UNPACKED_MAX: u64 = 1 << 30;
/// Most bytes that are taken out of all files of a tree. A list of files may name one small file a
/// million times over, under as many names.
const TREE_MAX: u64 = 8 << 30;
/// How many times the size of its images that may be: gzip makes a megabyte a gigabyte, and the lists of a
/// sound disc are a small part of it.
const TIMES_MAX: u64 = 16;
/// What may be taken out of the lists of however small images, in bytes.
const TREE_MIN: u64 = 16 << 20;
/// What looking for one package counts for, in bytes: fewer than any real paragraph about one has.
const LOOK: u64 = 256;
/// Most memory for a dictionary; `xz -9` needs 65 MiB.
const MEMORY_MAX: u64 = 128 << 20;

/// How much may still be taken out of the files of a tree.
#[derive(Debug)]
pub(crate) struct Budget {
    left: Cell<u64>,
    most: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: Cell::new(TREE_MAX), most: TREE_MAX }
    }
}

impl Budget {
    /// For the lists of images of `size` bytes together.
    pub(crate) fn of_images(size: u64) -> Self {
        let most = size.saturating_mul(TIMES_MAX).clamp(TREE_MIN, TREE_MAX);
        Self { left: Cell::new(most), most }
    }

    /// Counts a look for a package.
    ///
    /// # Errors
    /// If there is nothing left.
    pub(crate) fn look(&self) -> io::Result<()> {
        self.spend(LOOK)
    }

    fn spend(&self, bytes: u64) -> io::Result<()> {
        match self.left.get().checked_sub(bytes) {
            Some(left) => self.left.set(left),
            None => {
                self.left.set(0);
                let what = format!("the tree's lists unpack to more than {}", human(self.most));
                return Err(io::Error::other(what));
            }
        }
        Ok(())
    }
}

/// What a file is compressed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Not at all.
    Plain,
    /// gzip.
    Gzip,
    /// xz.
    Xz,
    /// Zstandard.
    Zstd,
    /// bzip2, lzma or zchunk, which are not read here.
    Unknown(&'static str),
}

impl Packing {
    /// By the first bytes.
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            // A frame, and one to be skipped.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', ..] => Self::Unknown("bzip2"),
            [0x5d, 0, 0, ..] => Self::Unknown("lzma"),
            [0, b'Z', b'C', b'K', b'1', ..] => Self::Unknown("zchunk"),
            _ => Self::Plain,
        }
    }
}

/// What is in `input`, to at most [`UNPACKED_MAX`] bytes and what `budget` leaves; beyond, and when
/// the monitor wants a stop, reading is an error.
///
/// # Errors
/// If the beginning cannot be read, or what compresses it is unknown.
pub(crate) fn unpack<'r>(
    mut input: impl BufRead + 'r,
    budget: &'r Budget,
    monitor: &'r dyn Monitor,
) -> io::Result<impl BufRead + 'r> {
    let inner: Box<dyn Read + 'r> = match Packing::of(input.fill_buf()?) {
        Packing::Plain => Box::new(input),
        Packing::Gzip => Box::new(MultiGzDecoder::new(input)),
        Packing::Xz => {
            let stream = Stream::new_stream_decoder(MEMORY_MAX, CONCATENATED)?;
            Box::new(XzDecoder::new_stream(input, stream))
        }
        // It bounds its window itself, to 100 MB.
        Packing::Zstd => Box::new(Zstd { input, frame: FrameDecoder::new(), open: false }),
        Packing::Unknown(what) => {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("it is compressed with {what}"),
            ));
        }
    };
    let metered = Metered { inner, left: UNPACKED_MAX, budget, monitor };
    Ok(BufReader::with_capacity(1 << 16, metered))
}

struct Metered<'r> {
    inner: Box<dyn Read + 'r>,
    left: u64,
    budget: &'r Budget,
    monitor: &'r dyn Monitor,
}

impl Read for Metered<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.monitor.check().map_err(|e| io::Error::other(e.to_string()))?;
        let n = self.inner.read(buf)?;
        let taken = u64::try_from(n).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(taken).ok_or_else(|| {
            io::Error::other(format!("it unpacks to more than {} MiB", UNPACKED_MAX >> 20))
        })?;
        self.budget.spend(taken)?;
        Ok(n)
    }
}

/// Zstandard frames one after the other, those to be skipped left out (RFC 8878, 3.1).
struct Zstd<R> {
    input: R,
    frame: FrameDecoder,
    /// Whether a frame has begun and not all of it been given.
    open: bool,
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            if self.open && self.frame.can_collect() > 0 {
                return self.frame.read(buf);
            }
            if self.open && !self.frame.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.frame.decode_blocks(&mut self.input, one).map_err(io::Error::other)?;
                continue;
            }
            self.open = false;
            if self.input.fill_buf()?.is_empty() {
                return Ok(0);
            }
            match self.frame.reset(&mut self.input) {
                Ok(()) => self.open = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = self.input.by_ref().take(length.into());
                    io::copy(&mut skipped, &mut io::sink())?;
                }
                Err(e) => return Err(io::Error::other(e)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Void;
    use std::io::Write;

    fn unpacked(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        unpack(bytes, &Budget::default(), &Void)?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).expect("a vector takes all");
        encoder.finish().expect("a vector takes all")
    }

    #[test]
    fn every_packing_gives_back_the_text() {
        assert_eq!(unpacked(b"text").expect("plain"), "text");
        assert_eq!(unpacked(b"").expect("empty"), "");
        let twice = [gzip(b"te"), gzip(b"xt")].concat();
        assert_eq!(unpacked(&twice).expect("gzip"), "text");
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
        xz.write_all(b"text").expect("a vector takes all");
        assert_eq!(unpacked(&xz.finish().expect("done")).expect("xz"), "text");
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let zstd = ruzstd::encoding::compress_to_vec(&b"text"[..], level);
        assert_eq!(unpacked(&zstd).expect("zstd"), "text");
        let skip = b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec();
        let frames = [skip.clone(), zstd.clone(), skip, zstd].concat();
        assert_eq!(unpacked(&frames).expect("zstd"), "texttext");
    }

    #[test]
    fn what_is_cut_or_unknown_is_an_error() {
        let whole = gzip(&[b'x'; 10_000]);
        assert!(unpacked(&whole[..whole.len() - 9]).is_err());
        let error = unpacked(b"BZh91AY").expect_err("unknown");
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("bzip2"), "{error}");
    }

    #[test]
    fn a_flipped_byte_anywhere_is_no_panic() {
        let text: Vec<u8> =
            (0..900_u32).flat_map(|n| n.wrapping_mul(n).to_string().into_bytes()).collect();
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
        xz.write_all(&text).expect("a vector takes all");
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let zstd = ruzstd::encoding::compress_to_vec(&text[..], level);
        for whole in [gzip(&text), xz.finish().expect("done"), zstd] {
            let as_it_is = unpacked(&whole).expect("whole");
            assert_eq!(as_it_is.as_bytes(), text);
            let mut harmless = 0;
            for at in 0..whole.len() {
                let mut bytes = whole.clone();
                bytes[at] ^= 0xa5;
                harmless += usize::from(unpacked(&bytes).is_ok_and(|text| text == as_it_is));
            }
            assert!(harmless < whole.len() / 4, "most flips do damage");
        }
    }

    #[test]
    fn a_bomb_is_cut_short() {
        let cut = |left, budget| {
            let budget = &Budget { left: Cell::new(budget), most: 3 << 30 };
            let inner = Box::new(io::repeat(b'x'));
            let mut metered = Metered { inner, left, budget, monitor: &Void };
            assert!(metered.read(&mut [0; 9]).is_ok());
            metered.read(&mut [0; 1]).expect_err("nothing is left").to_string()
        };
        assert!(cut(9, 100).contains("MiB"));
        assert!(cut(100, 9).contains("GiB"));
    }

    #[test]
    fn many_small_bombs_are_cut_short_like_a_large_one() {
        let budget = Budget { left: Cell::new(10_000), most: 10_000 };
        let bomb = gzip(&[b'x'; 4000]);
        let take = || unpack(&bomb[..], &budget, &Void)?.read_to_end(&mut Vec::new());
        assert_eq!(take().expect("the first"), 4000);
        assert_eq!(take().expect("the second"), 4000);
        assert!(take().is_err() && take().is_err());
        assert!(budget.look().is_err(), "what is spent stays spent");
    }
}
