//! Names from media, validated once, at the reader.

use std::fmt;

/// Longest name of one component in bytes (Linux's `NAME_MAX`).
pub const NAME_MAX: usize = 255;
/// Longest path in bytes (Linux's `PATH_MAX` less its NUL).
pub const PATH_MAX: usize = 4095;
/// Deepest nesting of directories that is read.
pub const DEPTH_MAX: usize = 255;

/// Why a name from an image cannot become a file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No bytes at all.
    #[error("an empty file name")]
    Empty,
    /// `.` or `..`.
    #[error("a file name that is '.' or '..'")]
    Dots,
    /// A slash or a NUL byte within.
    #[error("a file name that holds '/' or a NUL byte")]
    Separator,
    /// Above [`NAME_MAX`] bytes.
    #[error("a file name of {0} bytes, above the limit of {NAME_MAX}")]
    Long(usize),
    /// The path down to it is above [`PATH_MAX`] bytes.
    #[error("a path of {0} bytes, above the limit of {PATH_MAX}")]
    LongPath(usize),
    /// Nested deeper than [`DEPTH_MAX`].
    #[error("directories nested deeper than {DEPTH_MAX}")]
    Deep,
    /// More entries than [`super::tree::NODES_MAX`].
    #[error("more than {} files and directories", super::tree::NODES_MAX)]
    Many,
    /// The names, links, extents or paths of the tree need more memory than is granted.
    #[error(
        "names, links, extents or paths of more than {} MiB, or of {} times the image's size",
        super::tree::BYTES_MAX >> 20,
        super::tree::TIMES_MAX
    )]
    Large,
}

/// Checks one component of a path.
///
/// # Errors
/// [`NameError`] for a name that is empty, `.`, `..`, over-long or holds `/` or NUL.
pub fn check_name(name: &[u8]) -> Result<(), NameError> {
    match name {
        [] => Err(NameError::Empty),
        b"." | b".." => Err(NameError::Dots),
        _ if name.iter().any(|&b| b == b'/' || b == 0) => Err(NameError::Separator),
        _ if name.len() > NAME_MAX => Err(NameError::Long(name.len())),
        _ => Ok(()),
    }
}

/// A path inside a tree: relative, of valid components, not empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreePath(Vec<u8>);

impl TreePath {
    /// Takes `a/b/c`.
    ///
    /// # Errors
    /// [`NameError`] if a component is no file name or the whole is too long.
    pub fn new(path: impl Into<Vec<u8>>) -> Result<Self, NameError> {
        let path = path.into();
        if path.len() > PATH_MAX {
            return Err(NameError::LongPath(path.len()));
        }
        path.split(|&b| b == b'/').try_for_each(check_name)?;
        Ok(Self(path))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The components, outermost first.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|&b| b == b'/')
    }

    /// The last component.
    pub fn name(&self) -> &[u8] {
        self.components().next_back().unwrap_or_default()
    }

    /// As a path of the operating system.
    pub fn as_path(&self) -> &std::path::Path {
        use std::os::unix::ffi::OsStrExt;
        std::path::Path::new(std::ffi::OsStr::from_bytes(&self.0))
    }
}

/// With control characters and what is not UTF-8 escaped, fit for a terminal.
impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(&self.0), f)
    }
}

/// How many links are followed one after the other.
pub const LINKS_MAX: usize = 8;

/// Where a link at `path` leads, by names alone; `None` if that is out of the tree.
pub fn follow(path: &[u8], target: &[u8]) -> Option<Vec<u8>> {
    if target.starts_with(b"/") {
        return None;
    }
    let mut parts: Vec<&[u8]> = path.split(|&b| b == b'/').collect();
    parts.pop();
    for part in target.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

/// Whether a character shows nothing and turns the direction of the text after it (Unicode's `Bidi_Control`), so
/// that a terminal shows other words than there are.
pub fn turns_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Bytes from media as text for people: UTF-8 stays, control characters and stray bytes become
/// `\x..`, what turns the text's direction `\u{..}`.
pub fn printable(bytes: &[u8]) -> String {
    use fmt::Write;
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            } else if turns_text(c) {
                let _ = write!(out, "{}", c.escape_unicode());
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_leave_its_directory_is_refused() {
        assert_eq!(check_name(b""), Err(NameError::Empty));
        assert_eq!(check_name(b"."), Err(NameError::Dots));
        assert_eq!(check_name(b".."), Err(NameError::Dots));
        assert_eq!(check_name(b"a/b"), Err(NameError::Separator));
        assert_eq!(check_name(b"a\0"), Err(NameError::Separator));
        assert_eq!(check_name(&[b'a'; 256]), Err(NameError::Long(256)));
        assert_eq!(check_name(&[b'a'; 255]), Ok(()));
        assert_eq!(check_name(b"...\x80"), Ok(()));
    }

    #[test]
    fn a_path_is_relative_and_has_no_empty_component() {
        assert!(TreePath::new("a/b").is_ok());
        for bad in ["", "/a", "a/", "a//b", "a/../b"] {
            assert!(TreePath::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn control_characters_and_stray_bytes_are_escaped_for_people() {
        assert_eq!(printable(b"a\n\x1b[1m\xff\xc3\xa9"), "a\\x0a\\x1b[1m\\xffé");
        assert_eq!(printable("a\u{202e}b".as_bytes()), "a\\u{202e}b");
    }
}
