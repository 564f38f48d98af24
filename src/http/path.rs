//! From a request's path to a file in the web root.

use std::path::{Path, PathBuf};

/// The path of a request below the web root, in one form: percent-encoding undone, several slashes
/// taken for one, none at the ends. `base` is the path of the web root on the server: empty, or `/a/b`.
/// `None` for what lies outside of it, for `..`, and for what is not UTF-8.
pub fn web_path(path: &str, base: &str) -> Option<String> {
    let decoded = decode(path)?;
    let mut names = decoded.split('/').filter(|name| !matches!(*name, "" | "."));
    for name in base.split('/').filter(|name| !name.is_empty()) {
        if names.next() != Some(decode(name)?.as_str()) {
            return None;
        }
    }
    let names: Vec<_> = names.collect();
    (!names.iter().any(|name| *name == ".." || name.contains('\0'))).then(|| names.join("/"))
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
        let value = digit()?.checked_mul(16)?.checked_add(digit()?)?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The regular file at `path` ([`web_path`]) of the web root `www`, which is given without links; `None`
/// if there is none, or it lies outside.
pub(super) fn find(www: &Path, path: &str) -> Option<PathBuf> {
    let file = www.join(path).canonicalize().ok()?;
    (file.starts_with(www) && file.is_file()).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_form_whatever_its_slashes() {
        for asked in ["/a/b", "//a///b/", "/a/./b", "/%61/b"] {
            assert_eq!(web_path(asked, "").as_deref(), Some("a/b"), "{asked}");
        }
        assert_eq!(web_path("/boot/x/a", "/boot/x").as_deref(), Some("a"));
        assert_eq!(web_path("/boot//x//a", "/boot/x").as_deref(), Some("a"));
        assert_eq!(web_path("/", "").as_deref(), Some(""));
    }

    #[test]
    fn what_lies_outside_is_no_path() {
        for asked in ["/../a", "/a/../../b", "/%2e%2e/a", "/a%00", "/%ff", "/%4"] {
            assert_eq!(web_path(asked, ""), None, "{asked}");
        }
        assert_eq!(web_path("/a", "/boot"), None);
        assert_eq!(web_path("/boots/a", "/boot"), None);
    }

    #[test]
    fn a_link_is_followed_within_the_web_root_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        let www = dir.path().canonicalize().expect("there").join("www");
        std::fs::create_dir_all(www.join("yum")).expect("made");
        std::fs::write(www.join("yum/a"), "a").expect("written");
        std::fs::write(dir.path().join("secret"), "s").expect("written");
        std::os::unix::fs::symlink("yum", www.join("link")).expect("linked");
        std::os::unix::fs::symlink("../secret", www.join("out")).expect("linked");
        assert_eq!(find(&www, "link/a"), Some(www.join("yum/a")));
        assert_eq!(find(&www, "out"), None);
        assert_eq!(find(&www, "yum"), None, "a directory");
        assert_eq!(find(&www, "none"), None);
    }
}
