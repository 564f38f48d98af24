//! Kinds of checksums as metadata name them.

use std::fmt::Write;

use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Sha224, Sha256, Sha384, Sha512};

/// A kind of checksum that can be computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// MD5.
    Md5,
    /// SHA-1, which EL 5 relies on and calls `sha`.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Kind {
    /// By the name in `<checksum type=...>` or in `Release`, letter case aside.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "md5" | "md5sum" => Self::Md5,
            "sha" | "sha1" => Self::Sha1,
            "sha224" => Self::Sha224,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// What computes it.
    pub(crate) fn hasher(self) -> Box<dyn DynDigest> {
        match self {
            Self::Md5 => Box::new(Md5::default()),
            Self::Sha1 => Box::new(Sha1::default()),
            Self::Sha224 => Box::new(Sha224::default()),
            Self::Sha256 => Box::new(Sha256::default()),
            Self::Sha384 => Box::new(Sha384::default()),
            Self::Sha512 => Box::new(Sha512::default()),
        }
    }

    /// The sum of `bytes`, as metadata write it.
    pub(crate) fn of(self, bytes: &[u8]) -> String {
        let mut hasher = self.hasher();
        hasher.update(bytes);
        hex(&hasher.finalize())
    }
}

/// A sum as metadata write it: lower-case hexadecimal digits.
pub(crate) fn hex(sum: &[u8]) -> String {
    sum.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_of_abc_are_those_of_the_standards() {
        let sum = |name| Kind::named(name).expect("known").of(b"abc");
        assert_eq!(sum("MD5Sum"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(sum("sha"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert!(sum("sha224").starts_with("23097d223405d822"));
        assert!(sum("SHA256").starts_with("ba7816bf8f01cfea"));
        assert!(sum("sha384").starts_with("cb00753f45a35e8b"));
        assert!(sum("sha512").starts_with("ddaf35a193617aba"));
        assert_eq!(Kind::named("crc32"), None);
    }
}
