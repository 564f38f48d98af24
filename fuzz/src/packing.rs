//! Texts packed in the ways that metadata are, so that a mutation of the text is not one of its
//! checksum.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// `text` packed in the way that the low bits of `way` say: as it is (the input itself may be packed),
/// with gzip in one member, or in two.
pub fn pack(way: u8, text: &[u8]) -> Vec<u8> {
    let (first, second) = text.split_at(text.len() / 2);
    match way % 4 {
        1 => gzip(text),
        2 => [gzip(first), gzip(second)].concat(),
        _ => text.to_vec(),
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text).expect("a vector takes all");
    out.finish().expect("a vector takes all")
}
