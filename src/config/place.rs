//! A path that every config can hold as it is.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::media::printable;

/// The absolute path of a root, without characters that dnsmasq, nginx, Samba or systemd would read
/// as something else; blanks are such only where the config can quote them, and all of these can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// Takes `path` if it is absolute and plain.
    ///
    /// # Errors
    /// [`Error::Usage`] with the character that is in the way.
    pub fn new(path: &Path) -> Result<Self> {
        let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str());
        let bad = |why: String| {
            Error::Usage(format!(
                "the root {} cannot stand in the daemons' configs: {why}; choose another one with \
                 --root, or name its place on the server with --deploy-root",
                printable(bytes)
            ))
        };
        let clean: PathBuf = path.components().collect();
        let text = clean.to_str().ok_or_else(|| bad("it is not UTF-8".into()))?;
        if !path.is_absolute() {
            return Err(bad("it is not absolute".into()));
        }
        if path.components().any(|part| part == std::path::Component::ParentDir) {
            return Err(bad("it holds '..'".into()));
        }
        let plain = |c: char| c.is_alphanumeric() || "/._-+@ ".contains(c);
        if let Some(c) = text.chars().find(|&c| !plain(c)) {
            return Err(bad(format!("it holds {c:?}")));
        }
        if text.split('/').any(|part| part.trim() != part) || text.contains("  ") {
            return Err(bad("it holds a blank that would be lost".into()));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// The path of `relative` below it.
    pub fn join(&self, relative: &str) -> String {
        format!("{self}/{relative}")
    }

    /// As [`Place::join`], in the double quotes that nginx and systemd understand, where it needs them.
    pub fn quoted(&self, relative: &str) -> String {
        let path = self.join(relative);
        if path.contains(' ') { format!("\"{path}\"") } else { path }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_is_taken_and_a_blank_quoted() {
        let place = Place::new("/srv/my pxe/".as_ref()).expect("plain");
        assert_eq!(place.join("wwwroot"), "/srv/my pxe/wwwroot");
        assert_eq!(place.quoted("wwwroot"), "\"/srv/my pxe/wwwroot\"");
        let place = Place::new("/data".as_ref()).expect("plain");
        assert_eq!(place.quoted("etc/nginx.conf"), "/data/etc/nginx.conf");
    }

    #[test]
    fn what_a_config_would_misread_is_refused_with_the_character() {
        for (path, why) in [
            ("/a$b", "'$'"),
            ("/a,b", "','"),
            ("/a%S", "'%'"),
            ("/a\nuser=root", "'\\n'"),
            ("/a;b", "';'"),
            ("/a#b", "'#'"),
            ("/a\"b", "'\"'"),
            ("a/b", "not absolute"),
            ("/a/../b", "'..'"),
            ("/a /b", "blank"),
        ] {
            let error = Place::new(path.as_ref()).expect_err(path);
            assert!(matches!(error, Error::Usage(_)), "{path}");
            assert!(error.to_string().contains(why), "{path}: {error}");
        }
    }
}
