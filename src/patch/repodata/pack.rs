//! Metadata packed as they were.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use liblzma::write::XzEncoder;
use ruzstd::encoding::{CompressionLevel, compress};

use crate::metadata::packed::Packing;

/// Most bytes of a packed file, which is held in memory. The largest real ones have 20 MB.
const PACKED_MAX: usize = 256 << 20;
/// What xz itself takes where nobody says.
const XZ_LEVEL: u32 = 6;

/// Packs `text`; the same text gives the same bytes.
///
/// # Errors
/// What reading gives; more bytes than [`PACKED_MAX`]; a packing that cannot be written here.
pub(super) fn pack(packing: Packing, mut text: impl Read) -> io::Result<Vec<u8>> {
    match packing {
        Packing::Plain => {
            let mut out = Bounded(Vec::new());
            io::copy(&mut text, &mut out)?;
            Ok(out.0)
        }
        Packing::Gzip => {
            let mut out = GzEncoder::new(Bounded(Vec::new()), Compression::default());
            io::copy(&mut text, &mut out)?;
            Ok(out.finish()?.0)
        }
        Packing::Xz => {
            let mut out = XzEncoder::new(Bounded(Vec::new()), XZ_LEVEL);
            io::copy(&mut text, &mut out)?;
            Ok(out.finish()?.0)
        }
        Packing::Zstd => {
            // Its encoder has no way to say that reading or writing has failed.
            let mut input = Quiet { input: text, left: PACKED_MAX, failed: None };
            let mut out = Vec::new();
            compress(&mut input, &mut out, CompressionLevel::Fastest);
            input.failed.map_or(Ok(out), Err)
        }
        Packing::Unknown(what) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("{what} cannot be written here"),
        )),
    }
}

fn too_long() -> io::Error {
    io::Error::other(format!("it has more than {} MiB", PACKED_MAX >> 20))
}

struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.0.len().saturating_add(buf.len()) > PACKED_MAX {
            return Err(too_long());
        }
        self.0.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Ends where reading fails, and keeps the error.
struct Quiet<R> {
    input: R,
    left: usize,
    failed: Option<io::Error>,
}

impl<R: Read> Read for Quiet<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.failed.is_some() {
            return Ok(0);
        }
        let read = loop {
            match self.input.read(buf) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let n = read.and_then(|n| {
            self.left = self.left.checked_sub(n).ok_or_else(too_long)?;
            Ok(n)
        });
        n.or_else(|error| {
            self.failed = Some(error);
            Ok(0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::packed::{Budget, unpack};
    use crate::monitor::Void;

    #[test]
    fn what_is_packed_unpacks_and_is_the_same_each_time() {
        let text = "<package/>\n".repeat(40_000);
        for packing in [Packing::Plain, Packing::Gzip, Packing::Xz, Packing::Zstd] {
            let packed = pack(packing, text.as_bytes()).expect("packed");
            assert_eq!(packed, pack(packing, text.as_bytes()).expect("packed"));
            assert_eq!(Packing::of(&packed), packing);
            let budget = Budget::default();
            let mut back = String::new();
            unpack(&packed[..], &budget, &Void)
                .and_then(|mut input| input.read_to_string(&mut back))
                .expect("unpacked");
            assert!(back == text, "{packing:?}");
        }
    }

    #[test]
    fn an_error_of_the_text_is_an_error_in_every_packing() {
        struct Broken(usize);
        impl Read for Broken {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                if self.0 > 3 { Err(io::Error::other("broken")) } else { Ok(buf.len()) }
            }
        }
        let all =
            [Packing::Plain, Packing::Gzip, Packing::Xz, Packing::Zstd, Packing::Unknown("bzip2")];
        for packing in all {
            assert!(pack(packing, Broken(0)).is_err(), "{packing:?}");
        }
    }
}
