//! A published tree, looked into with bounds.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Most names of a directory that are listed.
const NAMES_MAX: usize = 1 << 16;

/// The first bytes of a file below `top`, no more than `limit`; `None` for what is no regular file
/// within.
pub(super) fn read(top: &Path, path: &str, limit: usize) -> Option<Vec<u8>> {
    let path = within(top, path)?;
    // A FIFO by an administrator's hand would never come to an end.
    if !path.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    File::open(path).ok()?.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The names in a directory below `top`, sorted; those that are not UTF-8 are left out.
pub(super) fn list(top: &Path, path: &str) -> Vec<String> {
    let Some(entries) = within(top, path).and_then(|path| fs::read_dir(path).ok()) else {
        return Vec::new();
    };
    let names = entries.flatten().take(NAMES_MAX);
    let mut names: Vec<_> =
        names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}

/// What `path` is in the end, unless a link leads it out of `top`.
fn within(top: &Path, path: &str) -> Option<PathBuf> {
    let top = top.canonicalize().ok()?;
    let path = top.join(path.trim_start_matches('/')).canonicalize().ok()?;
    path.starts_with(&top).then_some(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nothing_is_read_that_a_link_leads_out_to() {
        let dir = tempfile::tempdir().expect("a directory");
        let top = dir.path().join("tree");
        fs::create_dir(&top).expect("made");
        fs::write(dir.path().join("secret"), "s").expect("written");
        fs::write(top.join("a"), "abc").expect("written");
        symlink("a", top.join("b")).expect("linked");
        symlink("../secret", top.join("out")).expect("linked");
        assert_eq!(read(&top, "a", 2).as_deref(), Some(&b"ab"[..]));
        assert_eq!(read(&top, "b", 9).as_deref(), Some(&b"abc"[..]));
        assert_eq!(read(&top, "out", 9), None);
        assert_eq!(read(&top, "../secret", 9), None);
        assert_eq!(read(&top, "", 9), None);
        assert_eq!(list(&top, ""), ["a", "b", "out"]);
        assert_eq!(list(&top, ".."), [""; 0]);
    }
}
