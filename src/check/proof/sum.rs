//! Checksums as metadata write them.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};

use md5::Md5;
use sha2::digest::DynDigest;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::tree::Id;
use crate::monitor::Monitor;

/// A kind of checksum that can be computed here. SHA-1 (`sha`, `sha1`), which only trees before
/// EL 6 rely on, is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// MD5.
    Md5,
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
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "md5" | "md5sum" => Self::Md5,
            "sha224" => Self::Sha224,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    fn hasher(self) -> Box<dyn DynDigest> {
        match self {
            Self::Md5 => Box::new(Md5::default()),
            Self::Sha224 => Box::new(Sha224::default()),
            Self::Sha256 => Box::new(Sha256::default()),
            Self::Sha384 => Box::new(Sha384::default()),
            Self::Sha512 => Box::new(Sha512::default()),
        }
    }
}

/// The sums of files, each computed once however often metadata name the file.
#[derive(Debug, Default)]
pub(super) struct Sums(HashMap<(Id, Kind), String>);

impl Sums {
    /// The sum of the file `id` in lower-case hexadecimal digits.
    pub(super) fn of(
        &mut self,
        id: Id,
        kind: Kind,
        file: &mut File,
        monitor: &dyn Monitor,
    ) -> io::Result<String> {
        if let Some(known) = self.0.get(&(id, kind)) {
            return Ok(known.clone());
        }
        let sum = digest(file, kind, monitor)?;
        self.0.insert((id, kind), sum.clone());
        Ok(sum)
    }
}

/// Stops with an error, which the caller tells apart by asking the monitor itself.
fn digest(input: &mut dyn Read, kind: Kind, monitor: &dyn Monitor) -> io::Result<String> {
    let mut hasher = kind.hasher();
    let mut buf = vec![0; 1 << 16];
    loop {
        monitor.check().map_err(|e| io::Error::other(e.to_string()))?;
        let n = match input.read(&mut buf) {
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        let Some(read) = buf.get(..n).filter(|read| !read.is_empty()) else { break };
        hasher.update(read);
    }
    Ok(hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Void;

    #[test]
    fn the_sums_of_abc_are_those_of_the_standards() {
        let sum = |name| {
            let kind = Kind::named(name).expect("known");
            digest(&mut &b"abc"[..], kind, &Void).expect("no error")
        };
        assert_eq!(sum("MD5Sum"), "900150983cd24fb0d6963f7d28e17f72");
        assert!(sum("sha224").starts_with("23097d223405d822"));
        assert!(sum("SHA256").starts_with("ba7816bf8f01cfea"));
        assert!(sum("sha384").starts_with("cb00753f45a35e8b"));
        assert!(sum("sha512").starts_with("ddaf35a193617aba"));
        assert_eq!(Kind::named("sha"), None);
    }
}
