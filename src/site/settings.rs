//! The site's settings, `ROOT/pxe-import.toml`. Keys are the long options.

use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::media::{self, Media};
use super::root::Root;
use super::server::Server;
use crate::answer;
use crate::error::{Error, Result};
use crate::menu::entry::check_title;
use crate::menu::pxelinux::TIMEOUT_MAX;

/// What a site sets for all its imports.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The address that clients use.
    pub server: Option<Server>,
    /// The text above the menu.
    #[serde(deserialize_with = "title")]
    pub menu_title: String,
    /// Seconds until the menu boots its default; 0 to wait for ever.
    #[serde(deserialize_with = "timeout")]
    pub timeout: u32,
    /// Threads that copy; one a processor where not given.
    pub jobs: Option<NonZeroUsize>,
    /// What templates of answer files answer.
    pub answer: answer::Settings,
    /// The images that the site's imports are made of.
    #[serde(deserialize_with = "later")]
    pub media: Vec<Media>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server: None,
            menu_title: "Welcome to PXE server!".to_owned(),
            timeout: 30,
            jobs: None,
            answer: answer::Settings::default(),
            media: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the settings of `root`; a file that is not there sets nothing.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Invalid`] with the line for what is no TOML, an unknown key and a
    /// value that cannot be.
    pub fn load(root: &Root) -> Result<Self> {
        let path = root.settings();
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(Error::invalid(path, "is not UTF-8, as TOML must be"))
            }
            Err(error) => Err(Error::io("read", path, error)),
        }
    }

    /// The settings in `text`, which was read from `path`.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn parse(path: &Path, text: &str) -> Result<Self> {
        let settings: Self = toml::from_str(text).map_err(|error| {
            let line = line(text, error.span().unwrap_or_default().start);
            Error::invalid(path, format!("line {line}: {}", error.message().replace('\n', ", ")))
        })?;
        Ok(Self { media: media::read(path, text)?, ..settings })
    }

    /// The server's address.
    ///
    /// # Errors
    /// [`Server::missing`] for `purpose` where it is not set.
    pub fn server(&self, root: &Root, purpose: &str) -> Result<&Server> {
        self.server.as_ref().ok_or_else(|| Server::missing(root, purpose))
    }
}

/// The number of the line that holds the byte `at`.
pub(super) fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count().saturating_add(1)
}

/// Entries of `[[media]]` are read by [`media::read`], which knows the lines of their keys.
fn later<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Media>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| Vec::new())
}

fn title<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let title = String::deserialize(deserializer)?;
    check_title(&title).map_err(D::Error::custom)?;
    Ok(title)
}

fn timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let seconds = u32::deserialize(deserializer)?;
    if seconds > TIMEOUT_MAX / 10 {
        return Err(D::Error::custom(format!(
            "a menu timeout is at most {} seconds",
            TIMEOUT_MAX / 10
        )));
    }
    Ok(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings> {
        Settings::parse(Path::new("/data/pxe-import.toml"), text)
    }

    #[test]
    fn the_keys_are_the_long_options() {
        let settings = parse(
            "# ours\nserver = \"192.168.4.6\"\nmenu-title = \"Boot\"\ntimeout = 0\njobs = 4\n\n\
             [[media]]\nname = \"centos6.8\"\nimages = [\"/srv/*.iso\"]\narg = [\"quiet\"]\n",
        )
        .expect("valid");
        assert_eq!(settings.server.map(|s| s.to_string()).as_deref(), Some("http://192.168.4.6"));
        assert_eq!((settings.menu_title.as_str(), settings.timeout), ("Boot", 0));
        assert_eq!(settings.jobs, NonZeroUsize::new(4));
        assert_eq!(settings.media[0].name, "centos6.8");
    }

    #[test]
    fn faults_are_reported_with_their_line() {
        for (text, line, what) in [
            ("timeout = 3\n\nsever = \"a\"\n", 3, "unknown field `sever`"),
            ("server = \"https://a\"\n", 1, "cannot do https"),
            ("\nmenu-title = \"é\"\n", 2, "U+00E9"),
            ("\ntimeout = 3600\n", 2, "at most 3599 seconds"),
            ("timeout = \"3\"\n", 1, "invalid type"),
            ("jobs = 0\n", 1, "nonzero"),
            ("\n\nserver = \n", 3, ""),
            ("server = \"a\"\nserver = \"b\"\n", 2, "duplicate"),
            ("menu_title = \"a\"\n", 1, "unknown field `menu_title`"),
            ("\n[answer]\n\nlang = \"a\"\n", 4, "unknown field `lang`"),
            ("[answer]\ndisk = \"sda\"\n[answer.el]\ntimezone = \"a b\"\n", 4, "is no time zone"),
            ("[answer]\nroot-password-hash = \"x\"\n", 2, "no password hash"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
            let error = error.to_string();
            let start = format!("/data/pxe-import.toml: line {line}: ");
            assert!(error.starts_with(&start) && error.contains(what), "{text:?}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_sets_nothing() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path());
        let settings = Settings::load(&root).expect("defaults");
        assert_eq!(settings, Settings::default());
        assert!(settings.server(&root, "boot.cfg").is_err());
        fs::write(root.settings(), "server = \"boot\"\n").expect("written");
        let settings = Settings::load(&root).expect("read");
        assert_eq!(settings.server(&root, "boot.cfg").expect("set").host(), "boot");
        fs::write(root.settings(), b"\xff").expect("written");
        assert!(matches!(Settings::load(&root), Err(Error::Invalid { .. })));
    }
}
