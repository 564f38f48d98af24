//! Writes that go to the disk from where they were read into, without a copy in the page cache.
//!
//! Who imports wants the bytes on the disk before anything is published, and nobody reads them
//! meanwhile: writing them past the page cache (`O_DIRECT`, open(2)) saves a copy of each, leaves in
//! memory what clients are fetching, and needs no write-back. Buffers, places and lengths must lie at
//! borders of the device's blocks, which [`ALIGN`] is a multiple of; a system that wants more says
//! so by `EINVAL`, and is written to through the page cache.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

/// A multiple of the blocks of nearly every device.
const ALIGN: usize = 4096;
/// Bytes that all threads together have room for, and those of one thread: a write is waited for, so that a
/// large one is worth more than one that fits into a core's cache.
const ROOM: usize = 16 << 20;
const CHUNK_MIN: usize = 256 << 10;
const CHUNK_MAX: usize = 4 << 20;
/// Files below this many bytes are better written back many at a time.
pub(super) const SMALLEST: u64 = 64 << 10;

/// Whether it is worth while on the filesystem of `dir`: one on a block device. Network filesystems make a
/// round trip of each write, and those that have their data in memory have no device.
pub(super) fn is_worthwhile(dir: &Path) -> bool {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let Ok(stat) = rustix::fs::stat(dir) else { return false };
    let (major, minor) = (rustix::fs::major(stat.st_dev), rustix::fs::minor(stat.st_dev));
    Path::new(&format!("/sys/dev/block/{major}:{minor}")).exists()
}

/// Makes what is written to an open file go past the page cache; false where that cannot be.
pub(super) fn begin(file: &File) -> bool {
    set(file, |flags| flags | OFlags::DIRECT).is_ok()
}

fn end(file: &File) -> io::Result<()> {
    set(file, |flags| flags - OFlags::DIRECT)
}

fn set(file: &File, to: impl FnOnce(OFlags) -> OFlags) -> io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(file)?;
    Ok(rustix::fs::fcntl_setfl(file, to(flags))?)
}

/// Bytes of one file, one after the other, that are to be written.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Most of them.
    size: usize,
    /// Empty until it is needed; a little more than `size`, of which the first may be left out.
    buffer: Vec<u8>,
    /// Where in the file they begin.
    start: u64,
    /// How many there are.
    len: usize,
}

/// How many bytes have been written, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// Through the page cache.
    pub(super) cached: u64,
    /// Whether the system refuses to go past it.
    pub(super) refused: bool,
}

impl Chunk {
    /// For one of so many threads.
    pub(super) fn new(threads: usize) -> Self {
        let share = ROOM.checked_div(threads).unwrap_or(ROOM).clamp(CHUNK_MIN, CHUNK_MAX);
        Self { size: share - share % ALIGN, buffer: Vec::new(), start: 0, len: 0 }
    }

    /// Where in the file the next byte belongs; `None` while there is none.
    pub(super) fn end(&self) -> Option<u64> {
        (self.len > 0).then(|| self.start.saturating_add(self.len as u64))
    }

    /// Room for up to `most` bytes more, at `at` in the file, which is [`Chunk::end`] if there is one.
    pub(super) fn room(&mut self, at: u64, most: usize) -> &mut [u8] {
        if self.len == 0 {
            self.start = at;
        }
        if self.buffer.is_empty() {
            self.buffer = vec![0; self.size + ALIGN];
        }
        let skew = self.skew();
        let room = self.buffer.get_mut(skew + self.len..skew + self.size).unwrap_or_default();
        let most = most.min(room.len());
        &mut room[..most]
    }

    /// Takes the first `n` bytes of what [`Chunk::room`] has given; whether it is full.
    pub(super) fn take(&mut self, n: usize) -> bool {
        self.len = (self.len + n).min(self.size);
        self.len == self.size
    }

    /// The first so many bytes of the buffer do not begin at a border.
    fn skew(&self) -> usize {
        self.buffer.as_ptr().align_offset(ALIGN).min(ALIGN)
    }

    /// Writes what there is to `file`, for which [`begin`] has been called, and forgets it. What does not
    /// end at a border goes through the page cache, and so does what follows it.
    ///
    /// # Errors
    /// As the system says.
    pub(super) fn write(&mut self, file: &File) -> io::Result<Written> {
        self.write_by(|bytes, at| file.write_all_at(bytes, at), || end(file))
    }

    fn write_by(
        &mut self,
        mut write: impl FnMut(&[u8], u64) -> io::Result<()>,
        end: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<Written> {
        let skew = self.skew();
        let bytes = self.buffer.get(skew..skew + self.len).unwrap_or_default();
        self.len = 0;
        let mut written = Written::default();
        let whole = match self.start.is_multiple_of(ALIGN as u64) {
            true => bytes.len() - bytes.len() % ALIGN,
            false => 0,
        };
        let (whole, rest) = bytes.split_at(whole);
        let cached = match write(whole, self.start) {
            Err(e) if Errno::from_io_error(&e) == Some(Errno::INVAL) => {
                written.refused = true;
                bytes
            }
            Err(e) => return Err(e),
            Ok(()) => rest,
        };
        if !cached.is_empty() {
            end()?;
            write(cached, self.start + (bytes.len() - cached.len()) as u64)?;
            written.cached = cached.len() as u64;
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Writes `bytes` at `at` of a file, read as far as `step` at a time; what was written how, and the file.
    fn written(threads: usize, at: u64, bytes: &[u8], step: usize) -> (Vec<Written>, Vec<u8>) {
        let file = tempfile::tempfile().expect("a file");
        begin(&file);
        let (mut chunk, mut all, mut place) = (Chunk::new(threads), Vec::new(), at);
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = chunk.room(place, step);
            let n = room.len().min(rest.len());
            room[..n].copy_from_slice(&rest[..n]);
            rest = &rest[n..];
            place += n as u64;
            if chunk.take(n) {
                all.push(chunk.write(&file).expect("written"));
            }
        }
        if chunk.end().is_some() {
            assert_eq!(chunk.end(), Some(at + bytes.len() as u64));
            all.push(chunk.write(&file).expect("written"));
        }
        assert_eq!(chunk.end(), None);
        let mut there =
            vec![0; usize::try_from(file.metadata().expect("open").len()).expect("small")];
        end(&file).expect("ended");
        file.read_exact_at(&mut there, 0).expect("read");
        (all, there)
    }

    #[test]
    fn what_does_not_end_at_a_border_goes_through_the_page_cache() {
        let bytes: Vec<u8> = (0..CHUNK_MAX + 5000).map(|n| (n % 251) as u8).collect();
        let (all, there) = written(1, 0, &bytes, 128 << 10);
        assert!(there == bytes);
        if all[0].refused {
            eprintln!("skipped: needs a temporary directory on a filesystem that takes O_DIRECT");
            return;
        }
        let last = Written { cached: 5000 % ALIGN as u64, refused: false };
        assert_eq!(all, [Written::default(), last]);
    }

    #[test]
    fn whole_blocks_go_past_the_page_cache_and_the_rest_after_them() {
        // Whether past the page cache, how many bytes, and where.
        let aligned = vec![(true, 8192, 4096), (false, 1808, 12_288)];
        for (start, expected) in [(4096, aligned), (4097, vec![(false, 10_000, 4097)])] {
            let mut chunk = Chunk::new(1);
            chunk.room(start, 10_000).fill(7);
            chunk.take(10_000);
            let (direct, mut there) = (std::cell::Cell::new(true), Vec::new());
            let write = |bytes: &[u8], at: u64| {
                there.extend((!bytes.is_empty()).then_some((direct.get(), bytes.len(), at)));
                Ok(())
            };
            let end = || {
                direct.set(false);
                Ok(())
            };
            let written = chunk.write_by(write, end).expect("written");
            let cached = expected.last().map_or(0, |&(_, len, _)| len as u64);
            assert_eq!(written, Written { cached, refused: false });
            assert_eq!(there, expected);
        }
    }

    #[test]
    fn many_threads_have_no_more_room_than_few() {
        let sizes = [1, 2, 4, 7, 64, 1000].map(|threads| Chunk::new(threads).size);
        assert_eq!(sizes[..3], [CHUNK_MAX; 3]);
        assert_eq!(sizes[4..], [CHUNK_MIN; 2]);
        assert!(sizes[3] * 7 <= ROOM && sizes[3] % ALIGN == 0);
    }

    #[test]
    fn a_system_that_refuses_gets_all_of_it_through_the_page_cache() {
        let mut chunk = Chunk::new(1);
        chunk.room(4096, 10_000).fill(7);
        chunk.take(10_000);
        let (direct, mut there) = (std::cell::Cell::new(true), Vec::new());
        let write = |bytes: &[u8], at: u64| match direct.get() {
            true => Err(Errno::INVAL.into()),
            false => {
                there.push((bytes.to_vec(), at));
                Ok(())
            }
        };
        let end = || {
            direct.set(false);
            Ok(())
        };
        let written = chunk.write_by(write, end).expect("written");
        assert_eq!(written, Written { cached: 10_000, refused: true });
        assert_eq!(there, [(vec![7; 10_000], 4096)]);
        assert_eq!(chunk.end(), None);
    }

    #[test]
    fn a_full_disk_is_no_refusal() {
        let mut chunk = Chunk::new(1);
        chunk.room(0, 4096);
        chunk.take(4096);
        let full = |_: &[u8], _| Err(Errno::NOSPC.into());
        let error = chunk.write_by(full, || Ok(())).expect_err("it is full");
        assert_eq!(Errno::from_io_error(&error), Some(Errno::NOSPC));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        #[test]
        fn every_byte_is_where_it_belongs(
            at in prop_oneof![Just(0), Just(4096), 0..10_000_u64],
            len in 0..1_000_000_usize,
            step in 1_000..400_000_usize,
        ) {
            let bytes: Vec<u8> = (0..len).map(|n| (n / 3 % 251) as u8).collect();
            let (_, there) = written(100, at, &bytes, step);
            let before = if len > 0 { usize::try_from(at).expect("small") } else { 0 };
            prop_assert!(there.len() == before + len && there[before..] == bytes);
        }
    }
}
