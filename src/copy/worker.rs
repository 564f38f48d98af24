//! One thread of a copy.

use std::fs::File;
use std::num::NonZeroU64;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::direct::{self, Chunk};
use super::kernel::{self, Outcome};
use super::output::Last;
use super::queue::{Split, Task};
use super::subtrees::Subtrees;
use super::sums::Hashers;
use super::{Run, lock};
use crate::content::{Content, Reader};
use crate::dir::Dir;
use crate::error::{Error, Result};
use crate::media::{Extent, Image, printable};
use crate::plan::{Item, PlanId};

/// Bytes that pass through a thread at a time: few enough to stay in a core's own cache between the
/// read, the hash and the write. With 1 MiB the median of four copies was 1.8 times as long.
const BUFFER: usize = 128 << 10;
/// Fewest bytes of an extent that are worth sharing with the image.
const SHARED_MIN: u64 = 64 << 10;
/// Bytes that the kernel copies between two looks at whether to stop.
const KERNEL: u64 = 16 << 20;

static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// What one thread keeps from file to file.
pub(super) struct Worker<'w, 'r> {
    pub(super) run: &'w Run<'r>,
    buffer: Vec<u8>,
    /// What of a file goes past the page cache, and is not written yet.
    chunk: Chunk,
    /// Whether that can be.
    direct: bool,
    pub(super) last: Last,
    /// The directory of the older tree that was last used.
    pub(super) last_old: Option<(PathBuf, Dir)>,
    /// Whether the filesystem has refused to share the bytes of two files.
    pub(super) unshared: bool,
    /// By disc: what the kernel has refused to do with it.
    refused: Vec<Refused>,
    /// The size of the output's blocks in bytes, once that has mattered.
    block: Option<u64>,
}

/// What the kernel cannot do from a disc to the output.
#[derive(Debug, Clone, Copy, Default)]
struct Refused {
    copy: bool,
    share: bool,
}

/// A file that is being written, and what is being done with its bytes.
struct Out<'o> {
    id: PlanId,
    file: Option<&'o File>,
    reader: &'o Reader<'o>,
    cloned: bool,
    /// Whether its bytes go past the page cache.
    direct: bool,
}

impl<'w, 'r> Worker<'w, 'r> {
    pub(super) fn new(run: &'w Run<'r>) -> Self {
        let refused = vec![Refused::default(); run.plan.discs().len()];
        Self {
            run,
            buffer: vec![0; BUFFER],
            chunk: Chunk::new(rayon::current_num_threads()),
            direct: run.direct,
            last: Last::default(),
            last_old: None,
            unshared: false,
            refused,
            block: None,
        }
    }

    pub(super) fn run(mut self) -> Result<()> {
        while self.run.go_on()? {
            match self.run.queue.next() {
                None => break,
                Some(Task::File(id)) => self.file(id)?,
                Some(Task::Piece { id, index, pieces }) => {
                    let split = self.split(id, pieces)?;
                    self.piece(&split, index)?;
                }
            }
        }
        Ok(())
    }

    fn content(&self, id: PlanId) -> Result<&'r Content> {
        match self.run.plan.item(id) {
            Item::File(content) => Ok(content),
            Item::Dir | Item::Link(_) => Err(Error::conflict(self.run.path(id), "is no file")),
        }
    }

    /// Creates the file and finds its content; the whole image is cloned where that can be, or linked
    /// to where that is asked for: then there is no file to write to.
    fn open(&mut self, id: PlanId) -> Result<(Option<File>, Reader<'r>, bool)> {
        self.run.monitor.current(&printable(&self.run.plan.path(id)));
        let content = self.content(id)?;
        let reader = content.reader(self.run.plan.discs())?;
        let Some(output) = self.run.output else { return Ok((None, reader, false)) };
        if let Some((image, _)) = reader.as_extents().filter(|_| self.run.links(id)) {
            output.link_image(id, &mut self.last, image)?;
            self.run.linked.fetch_add(reader.len(), Ordering::Relaxed);
            return Ok((None, reader, true));
        }
        let file = output.create_file(id, &mut self.last)?;
        let image = match (content, reader.as_extents()) {
            (Content::Image { .. }, Some((image, _))) => image.file(),
            _ => None,
        };
        let cloned = image.is_some_and(|image| kernel::clone(image, &file));
        Ok((Some(file), reader, cloned))
    }

    fn file(&mut self, id: PlanId) -> Result<()> {
        if self.take_over(id)? {
            return Ok(());
        }
        let (file, reader, cloned) = self.open(id)?;
        let direct = self.begin_direct(file.as_ref(), &reader, cloned);
        let out = Out { id, file: file.as_ref(), reader: &reader, cloned, direct };
        let known = self.run.reuse.and_then(|reuse| reuse.hash(id).copied());
        let mut hasher = (self.run.hash && known.is_none()).then(|| {
            let sum = self.run.sums.and_then(|sums| sums.begin(id));
            Hashers { blake3: blake3::Hasher::new(), sum }
        });
        if !self.range(&out, 0..reader.len(), hasher.as_mut())? {
            return Ok(());
        }
        let hash = match hasher {
            Some(hasher) => Some(hasher.finish(self.run.plan, self.run.monitor)?),
            None => known,
        };
        if let Some(hash) = hash {
            self.run.set_hash(id, hash);
        }
        let Some(file) = file else { return Ok(()) };
        if ends_in_hole(&reader) {
            self.set_len(id, &file, reader.len())?;
        }
        self.finish(id, &file)
    }

    pub(super) fn finish(&self, id: PlanId, file: &File) -> Result<()> {
        self.run.output.map_or(Ok(()), |output| output.finish_file(id, file))
    }

    /// A large file, which the first thread that needs it opens for all.
    fn split(&mut self, id: PlanId, pieces: u64) -> Result<Arc<Split<'r>>> {
        let mut open = lock(&self.run.open);
        if let Some(split) = open.iter().find(|split| split.id == id) {
            return Ok(Arc::clone(split));
        }
        let (file, reader, cloned) = self.open(id)?;
        if let Some(file) = file.as_ref().filter(|_| !cloned) {
            self.set_len(id, file, reader.len())?;
        }
        let direct = self.begin_direct(file.as_ref(), &reader, cloned);
        let left = AtomicU64::new(pieces);
        let subtrees = Mutex::new(Subtrees::new(pieces));
        let split = Arc::new(Split { id, file, reader, cloned, direct, left, subtrees });
        open.push(Arc::clone(&split));
        Ok(split)
    }

    fn piece(&mut self, split: &Split<'r>, index: u64) -> Result<()> {
        let Split { id, file, reader, cloned, direct, left, subtrees } = split;
        let start = index.saturating_mul(self.run.piece);
        let range = start..start.saturating_add(self.run.piece).min(reader.len());
        let (cloned, direct) = (*cloned, *direct);
        let out = Out { id: *id, file: file.as_ref(), reader, cloned, direct };
        let known = self.run.reuse.and_then(|reuse| reuse.hash(*id).copied());
        let wanted = self.run.hash && known.is_none();
        let mut hasher = wanted.then(|| Hashers::from(Subtrees::hasher(start)));
        if !self.range(&out, range, hasher.as_mut())? {
            return Ok(());
        }
        if let Some(hasher) = hasher {
            lock(subtrees).add(index, &hasher.blake3);
        }
        // The last to finish sees what all others have done to the file and the subtrees.
        if left.fetch_sub(1, Ordering::AcqRel) > 1 {
            return Ok(());
        }
        lock(&self.run.open).retain(|open| open.id != *id);
        if self.run.hash
            && let Some(hash) = known.or_else(|| lock(subtrees).finish())
        {
            self.run.set_hash(*id, hash);
        }
        file.as_ref().map_or(Ok(()), |file| self.finish(*id, file))
    }

    /// Whether a file's bytes go past the page cache from now on.
    fn begin_direct(&self, file: Option<&File>, reader: &Reader<'_>, cloned: bool) -> bool {
        let worthwhile = self.direct && !cloned && reader.len() >= direct::SMALLEST;
        worthwhile && file.is_some_and(direct::begin)
    }

    fn set_len(&self, id: PlanId, file: &File, len: u64) -> Result<()> {
        file.set_len(len).map_err(|e| Error::io("set the size of", self.run.path(id), e))
    }

    /// Copies a range of a file, extent by extent. False if another thread has failed.
    fn range(
        &mut self,
        out: &Out<'_>,
        range: Range<u64>,
        mut hasher: Option<&mut Hashers<'_>>,
    ) -> Result<bool> {
        let mut at = range.start;
        while at < range.end {
            if !self.run.go_on()? {
                return Ok(false);
            }
            let left = range.end - at;
            let extent = out.reader.extent_at(at);
            let len = extent.map_or(left, |(_, extent)| extent.len.min(left));
            let done = match (extent, hasher.as_deref_mut()) {
                (_, None) if out.cloned => len,
                (Some((_, Extent { offset: None, .. })), None) => len,
                (Some((_, Extent { offset: None, .. })), Some(hasher)) => zeros(hasher, len),
                (Some((image, Extent { offset: Some(from), .. })), None) => {
                    match self.by_kernel(out, image, from, at, len)? {
                        0 => self.through_buffer(out, at, len, None)?,
                        done => done,
                    }
                }
                (Some((image, Extent { offset: Some(from), .. })), Some(hasher)) => {
                    match self.by_sharing(out, image, from, at, len) {
                        0 => self.through_buffer(out, at, len, Some(hasher))?,
                        shared => {
                            self.flush(out)?;
                            // Only read now, for the hash.
                            let out = Out { cloned: true, ..*out };
                            if !self.range(&out, at..at + shared, Some(hasher))? {
                                return Ok(false);
                            }
                            at += shared;
                            continue;
                        }
                    }
                }
                (_, hasher) => self.through_buffer(out, at, len, hasher)?,
            };
            self.run.monitor.advance(done);
            at += done;
        }
        self.flush(out)?;
        Ok(true)
    }

    /// Lets the kernel copy; 0 where it cannot.
    fn by_kernel(
        &mut self,
        out: &Out<'_>,
        image: &Image,
        from: u64,
        at: u64,
        len: u64,
    ) -> Result<u64> {
        let (Some(source), Some(file)) = (image.file(), out.file) else { return Ok(0) };
        let Some(refused) = self.refused(out.id).filter(|refused| !refused.copy) else {
            return Ok(0);
        };
        match kernel::copy(source, from, file, at, len.min(KERNEL)) {
            Ok(Outcome::Copied(n)) => {
                self.run.read.fetch_add(n, Ordering::Relaxed);
                self.wrote(n);
                Ok(n)
            }
            Ok(Outcome::Failed) => Ok(0),
            Ok(Outcome::Unable) => {
                refused.copy = true;
                Ok(0)
            }
            Err(e) => Err(Error::io("write", self.run.path(out.id), e)),
        }
    }

    /// Lets the output share bytes of the image: how many, whole blocks; 0 where that cannot be, or
    /// is not worth while.
    fn by_sharing(&mut self, out: &Out<'_>, image: &Image, from: u64, at: u64, len: u64) -> u64 {
        let (Some(source), Some(file)) = (image.file(), out.file) else { return 0 };
        if out.cloned || len < SHARED_MIN || self.refused(out.id).is_none_or(|r| r.share) {
            return 0;
        }
        // All files of a copy are on one filesystem.
        let block = *self.block.get_or_insert_with(|| kernel::block(file).unwrap_or(SHARED_MIN));
        let whole = NonZeroU64::new(len - len % block);
        let Some(whole) = whole.filter(|_| from.is_multiple_of(block) && at.is_multiple_of(block))
        else {
            return 0;
        };
        match kernel::share(source, from, file, at, whole) {
            Ok(()) => whole.get(),
            Err(_) => {
                if let Some(refused) = self.refused(out.id) {
                    refused.share = true;
                }
                0
            }
        }
    }

    /// What the kernel has refused to do from the disc that has a file.
    fn refused(&mut self, id: PlanId) -> Option<&mut Refused> {
        match self.run.plan.item(id) {
            Item::File(
                Content::Node { disc, .. }
                | Content::Image { disc }
                | Content::Archived { disc, .. },
            ) => self.refused.get_mut(*disc),
            _ => None,
        }
    }

    fn wrote(&self, bytes: u64) {
        if let Some(write_back) = self.run.write_back {
            write_back.wrote(bytes);
        }
    }

    /// Reads one buffer, hashes it and writes it; returns its length, at least 1.
    fn through_buffer(
        &mut self,
        out: &Out<'_>,
        at: u64,
        len: u64,
        hasher: Option<&mut Hashers<'_>>,
    ) -> Result<u64> {
        let most = usize::try_from(len).unwrap_or(usize::MAX).min(self.buffer.len());
        let direct = out.direct && !out.cloned;
        if direct && self.chunk.end().is_some_and(|end| end != at) {
            self.flush(out)?;
        }
        let buffer = if direct { self.chunk.room(at, most) } else { &mut self.buffer[..most] };
        let n = out.reader.read_at(at, buffer)?;
        let bytes = &buffer[..n];
        if bytes.is_empty() {
            let e = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
            return Err(Error::io("read the content of", self.run.path(out.id), e));
        }
        if let Some(hasher) = hasher {
            hasher.update(bytes);
        }
        if direct {
            if self.chunk.take(n) {
                self.flush(out)?;
            }
        } else if let Some(file) = out.file.filter(|_| !out.cloned) {
            file.write_all_at(bytes, at)
                .map_err(|e| Error::io("write", self.run.path(out.id), e))?;
            self.wrote(n as u64);
        }
        self.run.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n as u64)
    }

    /// Writes what waits to go past the page cache.
    fn flush(&mut self, out: &Out<'_>) -> Result<()> {
        let Some(file) = out.file.filter(|_| self.chunk.end().is_some()) else { return Ok(()) };
        let written = self.chunk.write(file);
        let written = written.map_err(|e| Error::io("write", self.run.path(out.id), e))?;
        self.direct &= !written.refused;
        self.wrote(written.cached);
        Ok(())
    }
}

/// Hashes up to `len` zeros; returns how many.
fn zeros(hasher: &mut Hashers<'_>, len: u64) -> u64 {
    let most = usize::try_from(len).unwrap_or(usize::MAX).min(ZEROS.len());
    hasher.update(&ZEROS[..most]);
    most as u64
}

/// Whether the last bytes are never written, so that the size must be set.
fn ends_in_hole(reader: &Reader<'_>) -> bool {
    let last = reader.as_extents().and_then(|(_, extents)| extents.last());
    last.is_some_and(|extent| extent.offset.is_none())
}
