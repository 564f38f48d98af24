//! Where an answer file comes from: the administrator's own file, or a template.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

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

impl FromStr for Source {
    type Err = Infallible;

    /// `template`, `template:NAME`, or a path; `./template` is a file of that name.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix("template") {
            Some("") => Self::Template(None),
            Some(rest) if rest.starts_with(':') => Self::Template(Some(rest[1..].to_owned())),
            _ => Self::File(PathBuf::from(text)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_named_by_its_word_and_everything_else_is_a_path() {
        let source = |text: &str| text.parse::<Source>().expect("infallible");
        assert_eq!(source("template"), Source::Template(None));
        assert_eq!(source("template:min"), Source::Template(Some("min".into())));
        assert_eq!(source("./template"), Source::File("./template".into()));
        assert_eq!(source("templates.cfg"), Source::File("templates.cfg".into()));
    }
}
