//! `Packages`: the files of a Debian archive, one paragraph each.

use std::io::{self, BufRead};

/// Longest line that is kept; of a longer one only the beginning counts, which no file name is.
const LINE_MAX: usize = 8192;

/// Where a package is said to be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Package {
    /// `Filename`, relative to the directory that holds `dists`.
    pub(super) filename: String,
    /// `Size` in bytes.
    pub(super) size: Option<u64>,
}

/// A `Packages` that is being read; never more of it is held than one line.
pub(super) struct Packages<R> {
    input: R,
    line: Vec<u8>,
}

impl<R: BufRead> Packages<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: Vec::new() }
    }

    /// The next package that names a file; `None` at the end.
    ///
    /// # Errors
    /// Those of reading.
    pub(super) fn next(&mut self) -> io::Result<Option<Package>> {
        let mut package = Package::default();
        while read_line(&mut self.input, &mut self.line)? {
            let line = self.line.trim_ascii_end();
            if line.is_empty() && !package.filename.is_empty() {
                return Ok(Some(package));
            }
            if line.is_empty() {
                package = Package::default();
            }
            let Some(colon) = line.iter().position(|&b| b == b':') else { continue };
            let (name, value) = line.split_at(colon);
            let value = value.strip_prefix(b":").unwrap_or_default().trim_ascii();
            if name.eq_ignore_ascii_case(b"Filename") {
                package.filename = String::from_utf8_lossy(value).into_owned();
            } else if name.eq_ignore_ascii_case(b"Size") {
                package.size = std::str::from_utf8(value).ok().and_then(|size| size.parse().ok());
            }
        }
        Ok((!package.filename.is_empty()).then_some(package))
    }
}

/// Reads a line, of which it keeps at most [`LINE_MAX`] bytes; `false` at the end.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let available = match input.fill_buf() {
            Ok([]) => return Ok(any),
            Ok(available) => available,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        any = true;
        let end = available.iter().position(|&b| b == b'\n');
        let used = end.map_or(available.len(), |end| end.saturating_add(1));
        let room = LINE_MAX.saturating_sub(line.len());
        line.extend(available.iter().take(used.min(room)));
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Package> {
        let mut packages = Packages::new(text.as_bytes());
        std::iter::from_fn(|| packages.next().expect("no error")).collect()
    }

    #[test]
    fn every_paragraph_that_names_a_file_is_a_package() {
        let found =
            all("Package: a\nFilename: pool/main/a/a_1_amd64.deb\nInstalled-Size: 7\nSize: 100\n\
             Description: x\n Filename: no\n\n\n\
             Package: virtual\nSize: 9\n\n\
             Package: b\nFILENAME: ./b.deb\nSize: many");
        let names: Vec<_> = found.iter().map(|p| (p.filename.as_str(), p.size)).collect();
        assert_eq!(names, [("pool/main/a/a_1_amd64.deb", Some(100)), ("./b.deb", None)]);
        assert!(all("").is_empty());
    }

    #[test]
    fn a_line_without_end_costs_no_memory() {
        let text = format!("Depends: {}\nFilename: a\n", "x".repeat(1 << 20));
        let mut packages = Packages::new(text.as_bytes());
        assert_eq!(packages.next().expect("no error").expect("one").filename, "a");
        assert!(packages.line.capacity() <= 2 * LINE_MAX);
    }
}
