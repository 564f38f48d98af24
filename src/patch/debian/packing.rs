//! Indexes out of their packing and into it again, always to the same bytes.

use std::io::{self, BufReader, Read, Write};

use liblzma::stream::{Check, Stream};

use super::index::Form;
use crate::content::{Content, Reader};
use crate::error::{Error, Result};
use crate::media::{Disc, printable};
use crate::metadata::packed::{Budget, unpack};
use crate::monitor::Monitor;

/// Most bytes of one index; `Packages` of all of Debian has 50 MiB.
pub(super) const TEXT_MAX: u64 = 256 << 20;
/// How hard xz tries: its own default.
const XZ_PRESET: u32 = 6;

/// The text of an index of a disc, unpacked.
///
/// # Errors
/// [`Error::Corrupt`] where it cannot be unpacked or is larger than any index.
pub(super) fn text(
    discs: &[Disc],
    content: &Content,
    path: &[u8],
    budget: &Budget,
    monitor: &dyn Monitor,
) -> Result<Vec<u8>> {
    let stream = Bytes::new(content.reader(discs)?);
    let mut text = Vec::new();
    let unpacked = unpack(BufReader::new(stream), budget, monitor)
        .and_then(|input| input.take(TEXT_MAX.saturating_add(1)).read_to_end(&mut text));
    monitor.check()?;
    let long = u64::try_from(text.len()).unwrap_or(u64::MAX) > TEXT_MAX;
    let what = match unpacked {
        Ok(_) if !long => return Ok(text),
        Ok(_) => format!("it holds more than {} MiB", TEXT_MAX >> 20),
        Err(e) => e.to_string(),
    };
    Err(damaged(discs, content, path, &what))
}

/// An index that cannot be joined with those of the other discs, and why.
pub(super) fn damaged(discs: &[Disc], content: &Content, path: &[u8], what: &str) -> Error {
    let path = printable(path);
    let what = format!(
        "{path} cannot be read ({what}), so that the packages of the discs cannot be listed \
         together: fetch the image again, or import each disc by itself"
    );
    let Content::Node { disc, node } = content else { return Error::conflict(path, what) };
    match discs.get(*disc) {
        Some(disc) => {
            let first = disc.tree.extents(*node).find_map(|extent| extent.offset);
            disc.image.corrupt(first.unwrap_or(0), what)
        }
        None => Error::conflict(path, what),
    }
}

/// The text in a form; `None` for one that is not written.
///
/// # Errors
/// Those of the program that packs, which has no reason for any.
pub(super) fn pack(text: &[u8], form: Form) -> io::Result<Option<Vec<u8>>> {
    match form {
        Form::Plain => Ok(Some(text.to_vec())),
        Form::Gzip => {
            // Without a name and a time: the same bytes whenever it is done.
            let level = flate2::Compression::default();
            let mut encoder = flate2::GzBuilder::new().mtime(0).write(Vec::new(), level);
            encoder.write_all(text)?;
            encoder.finish().map(Some)
        }
        Form::Xz => {
            let stream = Stream::new_easy_encoder(XZ_PRESET, Check::Crc64)?;
            let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
            encoder.write_all(text)?;
            encoder.finish().map(Some)
        }
        Form::Zstd | Form::Bzip2 | Form::Lzma => Ok(None),
    }
}

/// The bytes of a file of a plan, one after the other.
pub(super) struct Bytes<'d> {
    reader: Reader<'d>,
    at: u64,
}

impl<'d> Bytes<'d> {
    /// From the first byte on.
    pub(super) fn new(reader: Reader<'d>) -> Self {
        Self { reader, at: 0 }
    }
}

impl Read for Bytes<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read_at(self.at, buf).map_err(|e| io::Error::other(e.chain()))?;
        self.at = self.at.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Void;

    fn content(bytes: &[u8]) -> Content {
        Content::Bytes(bytes.into())
    }

    #[test]
    fn what_is_packed_comes_back_and_is_the_same_every_time() {
        for form in [Form::Plain, Form::Gzip, Form::Xz] {
            let packed = pack(b"text", form).expect("packed").expect("a form that is written");
            assert_eq!(Some(&packed), pack(b"text", form).expect("packed").as_ref());
            let back = text(&[], &content(&packed), b"a", &Budget::default(), &Void);
            assert_eq!(back.expect("unpacked"), b"text");
        }
        assert_eq!(pack(b"text", Form::Zstd).expect("nothing to do"), None);
    }

    #[test]
    fn what_is_cut_off_is_told_with_its_path_and_what_to_do() {
        let mut packed = pack(&[b'x'; 1000], Form::Gzip).expect("packed").expect("written");
        packed.truncate(15);
        let error = text(&[], &content(&packed), b"dists/a/Packages.gz", &Budget::default(), &Void)
            .expect_err("damaged")
            .to_string();
        assert!(error.contains("dists/a/Packages.gz cannot be read"), "{error}");
        assert!(error.contains("fetch the image again"), "{error}");
    }
}
