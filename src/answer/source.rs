//! Where an answer file comes from: the administrator's own file, or a template.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where an answer file comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A file, published as it is.
    File(PathBuf),
    /// The template of this name; the family's own where there is none.
    Template(Option<String>),
}

impl Source {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Template(_) => None,
        }
    }

    /// The same; a relative path begins at `base`.
    #[must_use]
    pub fn below(self, base: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(base.join(path)),
            template @ Self::Template(_) => template,
        }
    }
}

/// `template`, `template:NAME`, or a path; `./template` is a file of that name.
impl From<OsString> for Source {
    fn from(text: OsString) -> Self {
        match text.to_str().and_then(|text| text.strip_prefix("template")) {
            Some("") => Self::Template(None),
            Some(rest) => match rest.strip_prefix(':') {
                Some(name) => Self::Template(Some(name.to_owned())),
                None => Self::File(text.into()),
            },
            None => Self::File(text.into()),
        }
    }
}

/// As it is written on the command line; a path that is not UTF-8 is lossy.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.write_str(&path.to_string_lossy()),
            Self::Template(None) => f.write_str("template"),
            Self::Template(Some(name)) => write!(f, "template:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_named_by_its_word_and_everything_else_is_a_path() {
        let source = |text: &str| Source::from(OsString::from(text));
        assert_eq!(source("template"), Source::Template(None));
        assert_eq!(source("template:min"), Source::Template(Some("min".into())));
        assert_eq!(source("./template"), Source::File("./template".into()));
        assert_eq!(source("templates.cfg"), Source::File("templates.cfg".into()));
        for text in ["template", "template:min", "./template", "/a/ks.cfg"] {
            assert_eq!(source(text).to_string(), text);
        }
    }

    #[test]
    fn only_a_relative_path_begins_at_the_base() {
        let below = |text: &str| Source::from(OsString::from(text)).below(Path::new("/data"));
        assert_eq!(below("ks.cfg").to_string(), "/data/ks.cfg");
        assert_eq!(below("/srv/ks.cfg").to_string(), "/srv/ks.cfg");
        assert_eq!(below("template:a").to_string(), "template:a");
    }
}
