//! Checksums as metadata write them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};

use super::tree::Id;
use crate::metadata::checksum::{Kind, hex};
use crate::monitor::Monitor;

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
    Ok(hex(&hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Void;

    #[test]
    fn a_file_is_summed_whole() {
        let sum = digest(&mut &[b'x'; 100_000][..], Kind::Sha256, &Void).expect("no error");
        assert_eq!(sum, Kind::Sha256.of(&[b'x'; 100_000]));
    }
}
