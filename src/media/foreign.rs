//! Files that are no disc images, by their first bytes.

use super::source::Image;
use crate::error::Result;

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

/// Says why a file without volume descriptors is not a disc image.
///
/// # Errors
/// Always [`crate::Error::NotAnImage`], or [`crate::Error::Io`] if the file cannot be read.
pub(super) fn refuse(image: &Image) -> Result<()> {
    if image.size() == 0 {
        return Err(image.not_an_image("is empty: fetch the image again"));
    }
    let len = usize::try_from(image.size().min(16)).unwrap_or(16);
    let head = image.read_vec(0, len)?;
    for (magic, format, command) in MAGIC {
        if head.starts_with(magic) {
            return Err(image.not_an_image(format!(
                "is compressed ({format}): expand it first, with {command} for instance"
            )));
        }
    }
    if head.starts_with(b"<!DOCTYPE")
        || head.starts_with(b"<html")
        || head.starts_with(b"<!doctype")
    {
        return Err(image.not_an_image(
            "is a web page, not a disc image: the download gave an error page, fetch it again",
        ));
    }
    if image.size() < 18 * 2048 {
        return Err(image.not_an_image(format!(
            "is no disc image: {} bytes end before the first volume descriptor at byte 0x8000",
            image.size()
        )));
    }
    Err(image.not_an_image(
        "is no disc image: neither an ISO 9660 nor a UDF volume descriptor at byte 0x8000",
    ))
}
