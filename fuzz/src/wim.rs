//! Windows images that are nothing but a header and XML.

/// Bytes of the header.
const HEADER: usize = 208;

/// A sound image with this XML.
pub fn with_xml(xml: &str) -> Vec<u8> {
    let mut bytes = vec![0; HEADER];
    bytes[..8].copy_from_slice(b"MSWIM\0\0\0");
    bytes[44..48].copy_from_slice(&1_u32.to_le_bytes());
    let text: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let number = |n: usize| u64::try_from(n).unwrap_or(0).to_le_bytes();
    bytes[72..80].copy_from_slice(&number(text.len()));
    bytes[80..88].copy_from_slice(&number(HEADER));
    bytes.extend(text);
    bytes
}
