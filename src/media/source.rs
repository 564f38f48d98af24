//! Where the bytes of an image come from.

use std::fmt;
use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::{FileExt, FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Bytes of logical sectors 16 to 256.
const DESCRIPTORS: Range<u64> = 32_768..526_336;

/// Random access to an image, shared by threads.
pub trait ReadAt: Send + Sync {
    /// Reads at `offset` (bytes); returns how many bytes were read, 0 at the end.
    ///
    /// # Errors
    /// Whatever the operating system says.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// Size in bytes.
    fn size(&self) -> u64;

    /// The open file, where there is one: lets the kernel copy.
    fn file(&self) -> Option<&File> {
        None
    }
}

/// An image in a file or on a block device.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    size: u64,
}

impl FileSource {
    /// Takes an open file; a block device's size is found by seeking.
    ///
    /// # Errors
    /// If the size cannot be found out.
    pub fn new(mut file: File) -> io::Result<Self> {
        let size = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, size })
    }
}

impl ReadAt for FileSource {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(buf, offset)
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn file(&self) -> Option<&File> {
        Some(&self.file)
    }
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.get(at..)).unwrap_or_default();
        let n = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        Ok(n)
    }

    fn size(&self) -> u64 {
        u64::try_from(self.len()).unwrap_or(u64::MAX)
    }
}

/// An image with its path, so that every error can name it.
pub struct Image {
    path: PathBuf,
    source: Box<dyn ReadAt>,
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image").field("path", &self.path).field("size", &self.size()).finish()
    }
}

impl Image {
    /// Opens a file or a block device.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be opened; [`Error::NotAnImage`] for a directory, a pipe, a terminal.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        // A pipe would wait for a writer, and no signal would end that.
        let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
        let file = File::options()
            .read(true)
            .custom_flags(nonblock)
            .open(path)
            .map_err(|e| Error::io("open", path, e))?;
        let kind = file.metadata().map_err(|e| Error::io("stat", path, e))?.file_type();
        if !kind.is_file() && !kind.is_block_device() {
            let what = match kind.is_dir() {
                true => "is a directory, not a disc image: give the .iso file itself",
                false => "is neither a file nor a drive: save the image to a file first",
            };
            return Err(Error::NotAnImage { image: path.to_owned(), what: what.into() });
        }
        let source = FileSource::new(file).map_err(|e| Error::io("find the size of", path, e))?;
        Ok(Self::new(path, source))
    }

    /// An image from any source; `path` is only for messages.
    pub fn new(path: impl Into<PathBuf>, source: impl ReadAt + 'static) -> Self {
        Self { path: path.into(), source: Box::new(source) }
    }

    /// Where the image is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.source.size()
    }

    /// BLAKE3 of the bytes in which both standards keep what describes the volume: logical sectors 16
    /// to 256 of 2048 bytes (ECMA-119 8.1, ECMA-167 2/8.3 and 3/8.4.2), as far as the image reaches. Of
    /// another image it differs, even where size and time are the same.
    ///
    /// # Errors
    /// As [`Image::read_exact_at`].
    pub fn descriptors(&self) -> Result<blake3::Hash> {
        let end = DESCRIPTORS.end.min(self.size());
        let mut hasher = blake3::Hasher::new();
        let mut buffer = [0; 32 << 10];
        let mut at = DESCRIPTORS.start;
        while at < end {
            let left = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
            let len = left.min(buffer.len());
            let bytes = buffer.get_mut(..len).unwrap_or_default();
            self.read_exact_at(at, bytes)?;
            hasher.update(bytes);
            at = at.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
        }
        Ok(hasher.finalize())
    }

    /// The open file behind it, where there is one.
    pub fn file(&self) -> Option<&File> {
        self.source.file()
    }

    /// Fills `buf` from byte `offset`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] at `offset` if the image ends before that, [`Error::Io`] if it cannot be
    /// read.
    pub fn read_exact_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
        let mut done = 0_usize;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(u64::try_from(done).unwrap_or(u64::MAX));
            match self.source.read_at(at, rest) {
                Ok(0) => {
                    return Err(self.corrupt(offset, format!(
                        "the image ends at byte {:#x}, inside {} bytes that its descriptors name: \
                         the file is truncated or damaged, fetch it again",
                        self.size(),
                        buf.len()
                    )));
                }
                Ok(n) => done = done.saturating_add(n),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Error::io("read", &self.path, e)),
            }
        }
        Ok(())
    }

    /// Reads `len` bytes at `offset`. The caller bounds `len`; nothing is allocated for bytes that
    /// lie beyond the end of the image.
    ///
    /// # Errors
    /// As [`Image::read_exact_at`].
    pub fn read_vec(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let end = offset.checked_add(u64::try_from(len).unwrap_or(u64::MAX));
        if end.is_none_or(|end| end > self.size()) {
            return Err(self.corrupt(
                offset,
                format!(
                    "{len} bytes here reach beyond the end of the image at byte {:#x}: the file is \
                 truncated or damaged, fetch it again",
                    self.size()
                ),
            ));
        }
        let mut buf = vec![0; len];
        self.read_exact_at(offset, &mut buf)?;
        Ok(buf)
    }

    /// An [`Error::Corrupt`] of this image.
    pub fn corrupt(&self, offset: u64, what: impl Into<String>) -> Error {
        Error::Corrupt { image: self.path.clone(), offset, what: what.into() }
    }

    /// An [`Error::Unsupported`] of this image.
    pub fn unsupported(&self, offset: u64, what: impl Into<String>) -> Error {
        Error::Unsupported { image: self.path.clone(), offset, what: what.into() }
    }

    /// An [`Error::NotAnImage`] of this file.
    pub fn not_an_image(&self, what: impl Into<String>) -> Error {
        Error::NotAnImage { image: self.path.clone(), what: what.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_refused_without_waiting_for_a_writer() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("pipe");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, mode).expect("a pipe");
        for path in [path.as_path(), Path::new("/dev/null")] {
            let error = Image::open(path).expect_err("no image").to_string();
            assert!(error.contains("is neither a file nor a drive"), "{error}");
        }
    }
}
