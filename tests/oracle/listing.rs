//! What Linux shows of one mount: as `scripts/kernel-view` prints it, and as it is stored here.
//!
//! A stored line is `TYPE MODE MTIME [SIZE MD5] PATH [-> TARGET]` with MTIME in whole seconds, without
//! what depends on the file system's own bookkeeping: the size of a directory, a link's mode.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::view::{Attributes, AttributesOf, View, What};

/// One mount of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listing {
    /// The kernel refuses it.
    Refused,
    /// Stored lines, and what the kernel or the tools complained of.
    Tree { lines: BTreeSet<String>, remarks: Vec<String> },
    /// A tree of so many paths that only its [`digest`] is stored.
    Condensed { count: usize, digest: String },
}

impl Listing {
    /// From the text that `scripts/kernel-view` writes.
    ///
    /// # Panics
    /// If it is not such a text.
    pub(crate) fn of_text(text: &[u8]) -> Self {
        let (mut lines, mut remarks) = (BTreeSet::new(), Vec::new());
        for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            match line.strip_prefix(b"# ") {
                Some(b"not mounted") => return Self::Refused,
                Some(remark) => {
                    let remark = escaped(remark);
                    if !remarks.contains(&remark) {
                        remarks.push(remark);
                    }
                }
                None => {
                    lines.insert(stored(line).unwrap_or_else(|| {
                        panic!("no line of a listing: {}", line.escape_ascii());
                    }));
                }
            }
        }
        Self::Tree { lines, remarks }
    }

    /// Why nothing is shown.
    pub(crate) fn refusal(&self) -> Option<String> {
        match self {
            Self::Refused => Some("it is not mounted".into()),
            Self::Tree { remarks, .. } => {
                remarks.iter().find(|remark| remark.starts_with("no end in ")).cloned()
            }
            Self::Condensed { .. } => None,
        }
    }

    /// What is shown.
    ///
    /// # Panics
    /// If a stored line is not such a line.
    pub(crate) fn view(&self) -> Option<(View, AttributesOf)> {
        let Self::Tree { lines, .. } = self else { return None };
        let (mut view, mut attributes) = (View::new(), AttributesOf::new());
        for line in lines {
            let read = read(line).unwrap_or_else(|| panic!("no stored line: {line}"));
            let (path, what, of) = read;
            attributes.insert(path.clone(), of);
            // The top directory is in every view.
            if !path.is_empty() {
                view.entry(path).or_insert(what);
            }
        }
        Some((view, attributes))
    }
}

/// The SHA-256 of a tree: paths, types, targets, sizes, content and times.
pub(crate) fn digest(view: &View, attributes: &AttributesOf) -> String {
    let mut sum = Sha256::new();
    for (path, of) in attributes {
        let time = of.mtime.unwrap_or_default();
        // The top directory is in no view.
        let what = view.get(path).unwrap_or(&What::Dir);
        sum.update(format!("{} {time} {what:?}\n", path.escape_ascii()));
    }
    sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `TYPE MODE SIZE MTIME PATH ...` as it is stored.
fn stored(line: &[u8]) -> Option<String> {
    let mut fields = line.splitn(5, |&byte| byte == b' ');
    let mut text = || std::str::from_utf8(fields.next()?).ok();
    let (kind, mode, size, mtime) = (text()?, text()?, text()?, text()?);
    let rest = fields.next()?;
    let mtime = mtime.split('.').next()?;
    Some(match kind {
        "f" => {
            let (path, md5) = rest.rsplit_once_space()?;
            format!("f {mode} {mtime} {size} {} {}", String::from_utf8_lossy(md5), path_of(path))
        }
        "l" => format!("l - {mtime} {}", path_of(rest)),
        "d" | "o" => format!("{kind} {mode} {mtime} {}", path_of(rest)),
        _ => return None,
    })
}

trait RSplit {
    fn rsplit_once_space(&self) -> Option<(&[u8], &[u8])>;
}

impl RSplit for [u8] {
    fn rsplit_once_space(&self) -> Option<(&[u8], &[u8])> {
        let at = self.iter().rposition(|&byte| byte == b' ')?;
        Some((&self[..at], &self[at + 1..]))
    }
}

/// Without the `./` that `find` begins with.
fn path_of(path: &[u8]) -> String {
    escaped(path.strip_prefix(b"./").unwrap_or(path))
}

fn read(line: &str) -> Option<(Vec<u8>, What, Attributes)> {
    let (kind, rest) = line.split_once(' ')?;
    let (mode, rest) = rest.split_once(' ')?;
    let (mtime, rest) = rest.split_once(' ')?;
    let mode = if mode == "-" { None } else { Some(u16::from_str_radix(mode, 8).ok()?) };
    let attributes = Attributes { mode, mtime: Some(mtime.parse().ok()?) };
    let (path, what) = match kind {
        "d" => (rest, What::Dir),
        "o" => (rest, What::Other),
        "l" => match rest.split_once(" -> ") {
            Some((path, target)) => (path, What::Link(unescaped(target)?)),
            None => (rest, What::Unreadable("no target".into())),
        },
        "f" => {
            let (size, rest) = rest.split_once(' ')?;
            let (md5, path) = rest.split_once(' ')?;
            let what = if md5 == "unreadable" {
                What::Unreadable("input/output error".into())
            } else {
                What::File { size: size.parse().ok()?, md5: sum(md5)? }
            };
            (path, what)
        }
        _ => return None,
    };
    let path = if path == "." { Vec::new() } else { unescaped(path)? };
    Some((path, what, attributes))
}

fn sum(digits: &str) -> Option<[u8; 16]> {
    let mut sum = [0; 16];
    if digits.len() != 32 {
        return None;
    }
    for (at, byte) in sum.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(sum)
}

/// Printable characters as they are, all other bytes as `\xNN` and the like; of a long run of one letter
/// the first, and the number of those that follow: `A\{253}`.
pub(crate) fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\\' || c.is_control() {
                let mut buffer = [0; 4];
                text += &c.encode_utf8(&mut buffer).as_bytes().escape_ascii().to_string();
            } else {
                text.push(c);
            }
        }
        text += &chunk.invalid().escape_ascii().to_string();
    }
    let text: Vec<_> = text.chars().collect();
    let runs = text.chunk_by(|a, b| a == b).map(|run| match run {
        [c, rest @ ..] if rest.len() > 16 && c.is_ascii_alphanumeric() => {
            format!("{c}\\{{{}}}", rest.len())
        }
        run => run.iter().collect(),
    });
    runs.collect()
}

fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut parts = text.split('\\');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    while let Some(part) = parts.next() {
        let (byte, len) = match part.as_bytes().first() {
            // Two backslashes leave an empty part between them.
            None => {
                bytes.push(b'\\');
                bytes.extend_from_slice(parts.next()?.as_bytes());
                continue;
            }
            Some(b'x') => (u8::from_str_radix(part.get(1..3)?, 16).ok()?, 3),
            Some(b'{') => {
                let (count, rest) = part[1..].split_once('}')?;
                let last = *bytes.last()?;
                bytes.extend(std::iter::repeat_n(last, count.parse().ok()?));
                bytes.extend_from_slice(rest.as_bytes());
                continue;
            }
            Some(b't') => (b'\t', 1),
            Some(b'n') => (b'\n', 1),
            Some(b'r') => (b'\r', 1),
            Some(_) => return None,
        };
        bytes.push(byte);
        bytes.extend_from_slice(part.get(len..)?.as_bytes());
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_stored_and_read_back() {
        let text = b"d 755 2048 1327371336.000000000 .\n\
            f 4755 3 981173106.250000000 ./a b d32239bcb673463ab874e80d47fae504\n\
            f 644 3 -5.000000000 ./\xff\\\xc3\xbc unreadable\n\
            l 777 2 0.000000000 ./l -> ../x\n\
            o 666 0 0.000000000 ./null\n\
            d 755 0 7.000000000 ./nnnnnnnnnnnnnnnnnnnnnnn{x}\n\
            # find: ./y: Input/output error\n";
        let listing = Listing::of_text(text);
        let Listing::Tree { lines, remarks } = &listing else { panic!("mounted") };
        let expected = [
            "d 755 1327371336 .",
            r"d 755 7 n\{22}{x}",
            "f 4755 981173106 3 d32239bcb673463ab874e80d47fae504 a b",
            r"f 644 -5 3 unreadable \xff\\ü",
            "l - 0 l -> ../x",
            "o 666 0 null",
        ];
        assert_eq!(lines.iter().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
        assert_eq!(remarks, &["find: ./y: Input/output error"]);
        let (view, attributes) = listing.view().expect("mounted");
        assert_eq!(view.len(), 5);
        assert_eq!(view[&b"nnnnnnnnnnnnnnnnnnnnnnn{x}"[..]], What::Dir);
        assert_eq!(view[&b"l"[..]], What::Link(b"../x".to_vec()));
        assert!(matches!(view[&b"\xff\\\xc3\xbc"[..]], What::Unreadable(_)));
        assert_eq!(attributes[&b""[..]].mode, Some(0o755));
        assert_eq!(
            attributes[&b"a b"[..]],
            Attributes { mode: Some(0o4755), mtime: Some(981_173_106) }
        );
        assert_eq!(attributes[&b"l"[..]].mode, None);
    }

    #[test]
    fn a_refusal_holds_no_tree() {
        assert_eq!(Listing::of_text(b"# not mounted\n# why\n"), Listing::Refused);
    }
}
