//! Files that are no disc images, by their first bytes.

use super::source::Image;
use crate::error::{Error, Result};

/// Sixteen sectors of 2,048 bytes are the system area (ECMA-119, 6.2.1).
const FIRST_DESCRIPTOR: u64 = 0x8000;

const PAGE: [&[u8]; 2] = [b"<!doctype html", b"<html"];

/// What each sector of a CD begins with where it is dumped whole (ECMA-130, 14.1).
const SYNC: &[u8] = b"\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0";

/// First bytes, what such a file is, and how to get at the image within.
const MAGIC: [(&[u8], &str, &str); 8] = [
    (b"\xfd7zXZ\0", "xz", "unxz"),
    (b"\x1f\x8b", "gzip", "gunzip"),
    (b"BZh", "bzip2", "bunzip2"),
    (b"\x28\xb5\x2f\xfd", "zstd", "unzstd"),
    (b"\x04\x22\x4d\x18", "lz4", "unlz4"),
    (b"PK\x03\x04", "zip", "unzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "7z x"),
    (b"Rar!\x1a\x07", "rar", "unrar x"),
];

/// Why a file without volume descriptors is not a disc image.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read.
pub(super) fn explain(image: &Image) -> Result<Error> {
    if image.size() == 0 {
        return Ok(image.not_an_image("is empty: fetch the image again"));
    }
    let len = usize::try_from(image.size().min(16)).unwrap_or(16);
    let head = image.read_vec(0, len)?;
    if let Some((_, format, command)) = MAGIC.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Ok(image.not_an_image(format!(
            "is compressed ({format}): expand it first, with {command} for instance"
        )));
    }
    if head.starts_with(SYNC) {
        return Ok(image.not_an_image(
            "is a raw dump of a CD, sectors of 2352 bytes: take the data out of them first, with bchunk for \
             instance",
        ));
    }
    if PAGE.iter().any(|page| head.to_ascii_lowercase().starts_with(page)) {
        return Ok(image.not_an_image(
            "is a web page, not a disc image: the download gave an error page, fetch it again",
        ));
    }
    if image.size() <= FIRST_DESCRIPTOR {
        return Ok(image.not_an_image(format!(
            "is no disc image: it ends after {} bytes, before the first volume descriptor at byte \
             {FIRST_DESCRIPTOR:#x}",
            image.size()
        )));
    }
    Ok(image.not_an_image(format!(
        "is no disc image: neither an ISO 9660 nor a UDF volume descriptor at byte \
         {FIRST_DESCRIPTOR:#x}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(bytes: &[u8]) -> String {
        explain(&Image::new("a.iso", bytes.to_vec())).expect("readable").to_string()
    }

    #[test]
    fn what_is_no_image_is_called_by_its_name() {
        assert!(why(b"").contains("is empty"));
        assert!(why(b"\xfd7zXZ\0\0\x04").contains("compressed (xz): expand it first, with unxz"));
        let sector = b"\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\x02\0\x01";
        assert!(why(sector).contains("is a raw dump of a CD"));
        assert!(why(b"<!DOCTYPE html><html>404").contains("web page"));
        assert!(why(b"hello").contains("ends after 5 bytes"));
        assert!(why(&[0; 40_000]).contains("neither an ISO 9660 nor a UDF"));
    }
}
