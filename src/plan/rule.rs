//! A profile's rules for merging discs: which names are never copied, which the first disc owns,
//! which are made anew of all discs.

use std::fmt;
use std::str::FromStr;

use crate::media::Kind;
use crate::media::path::check_name;

/// Which paths of a tree a rule speaks of. Letter case (ASCII) does not matter.
///
/// - `images/pxeboot/` is that directory and everything below it;
/// - `.treeinfo` is that path, whatever it is, and, where it is a directory, everything below;
/// - `**/TRANS.TBL` is that name at any depth, the top included; `**/NAME/` a directory only.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    text: String,
    /// The directory that the path lies in; `None` for any.
    parent: Option<String>,
    name: String,
    dir_only: bool,
}

/// Why a text is no [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("merge pattern {text:?}: {what}")]
pub struct PatternError {
    text: String,
    what: String,
}

impl Pattern {
    /// Whether a node named `name` in the directory `parent` (its path, empty for the top) is
    /// where this pattern begins. What lies below such a node is the caller's to know.
    pub(super) fn matches(&self, parent: &[u8], name: &[u8], kind: Kind) -> bool {
        name.eq_ignore_ascii_case(self.name.as_bytes())
            && (!self.dir_only || kind == Kind::Dir)
            && self.parent.as_ref().is_none_or(|here| parent.eq_ignore_ascii_case(here.as_bytes()))
    }

    /// The one path that it stands for, and whether that must be a directory; `None` for a name
    /// at any depth.
    pub(super) fn path(&self) -> Option<(String, bool)> {
        let path = match self.parent.as_deref()? {
            "" => self.name.clone(),
            parent => format!("{parent}/{}", self.name),
        };
        Some((path, self.dir_only))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let refuse = |what: String| PatternError { text: text.to_owned(), what };
        let (rest, anywhere) = match text.strip_prefix("**/") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (path, dir_only) = match rest.strip_suffix('/') {
            Some(path) => (path, true),
            None => (rest, false),
        };
        if text.starts_with('/') {
            return Err(refuse(
                "paths are relative to the top of the disc: no slash at the start".into(),
            ));
        }
        if text.is_empty() {
            return Err(refuse(
                "is empty: give a path, a directory with a slash, or **/NAME".into(),
            ));
        }
        if path.contains(['*', '?', '[']) {
            let what = "wildcards are not known, but for a leading **/ before one name";
            return Err(refuse(what.into()));
        }
        for name in path.split('/') {
            check_name(name.as_bytes()).map_err(|e| refuse(format!("holds {e}")))?;
        }
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        if anywhere && !parent.is_empty() {
            return Err(refuse("**/ stands before one name, not before a path".into()));
        }
        Ok(Self {
            text: text.to_owned(),
            parent: (!anywhere).then(|| parent.to_owned()),
            name: name.to_owned(),
            dir_only,
        })
    }
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        text.parse()
    }
}

/// What a profile says about merging its discs.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Never copied, from no disc: artefacts of the medium such as `**/TRANS.TBL`.
    pub drop: Vec<Pattern>,
    /// Owned by one disc: by the first that has what the first of these names, else by the first that
    /// has it. Its version stays on a difference, and another disc adds nothing below such a
    /// directory. Repository data that lacks what it names, or names
    /// what it lacks, is worse than none.
    pub first: Vec<Pattern>,
    /// Made anew from what all discs have, once they are merged: the indexes of a Debian archive.
    /// A difference is no conflict there, and until then the first version stands in.
    pub join: Vec<Pattern>,
}

impl Rules {
    /// Reads patterns from text, for a profile or a test.
    ///
    /// # Errors
    /// [`PatternError`], naming the pattern at fault.
    pub fn new(drop: &[&str], first: &[&str]) -> Result<Self, PatternError> {
        let read =
            |texts: &[&str]| texts.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>();
        Ok(Self { drop: read(drop)?, first: read(first)?, join: Vec::new() })
    }

    /// The same rules with these besides.
    ///
    /// # Errors
    /// [`PatternError`], naming the pattern at fault.
    pub fn joining(mut self, join: &[&str]) -> Result<Self, PatternError> {
        for text in join {
            self.join.push(text.parse()?);
        }
        Ok(self)
    }

    pub(super) fn drops(&self, parent: &[u8], name: &[u8], kind: Kind) -> bool {
        self.drop.iter().any(|pattern| pattern.matches(parent, name, kind))
    }

    /// Index in `first` of the rule that begins at this node.
    pub(super) fn owned(&self, parent: &[u8], name: &[u8], kind: Kind) -> Option<usize> {
        self.first.iter().position(|pattern| pattern.matches(parent, name, kind))
    }

    /// Index in `join` of the rule that begins at this node.
    pub(super) fn joined(&self, parent: &[u8], name: &[u8], kind: Kind) -> Option<usize> {
        self.join.iter().position(|pattern| pattern.matches(parent, name, kind))
    }

    /// What decided, as conflicts tell it: by the indices of `first`, and those of `join` after them.
    pub(super) fn names(&self) -> Vec<String> {
        let first = self.first.iter().map(|pattern| format!("first:{pattern}"));
        first.chain(self.join.iter().map(|pattern| format!("join:{pattern}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        text.parse().expect("a pattern")
    }

    #[test]
    fn a_directory_pattern_begins_at_that_directory_only() {
        let p = pattern("images/");
        assert!(p.matches(b"", b"images", Kind::Dir));
        assert!(p.matches(b"", b"IMAGES", Kind::Dir));
        assert!(!p.matches(b"", b"images", Kind::File));
        assert!(!p.matches(b"a", b"images", Kind::Dir));
        assert!(!p.matches(b"", b"images2", Kind::Dir));
    }

    #[test]
    fn a_path_pattern_is_that_path_whatever_it_is() {
        let p = pattern("a/b/c");
        assert!(p.matches(b"a/b", b"c", Kind::File));
        assert!(p.matches(b"A/b", b"C", Kind::Link));
        assert!(!p.matches(b"a", b"c", Kind::File));
        assert_eq!(p.path(), Some(("a/b/c".into(), false)));
    }

    #[test]
    fn a_name_pattern_matches_at_any_depth() {
        let p = pattern("**/TRANS.TBL");
        assert!(p.matches(b"", b"TRANS.TBL", Kind::File));
        assert!(p.matches(b"Packages/a", b"trans.tbl", Kind::File));
        assert!(!p.matches(b"", b"TRANS.TBL2", Kind::File));
        assert_eq!(p.path(), None);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_text() {
        for (text, part) in [
            ("", "is empty"),
            ("/images/", "relative"),
            ("/", "relative"),
            ("a//b", "an empty file name"),
            ("**/", "an empty file name"),
            ("a/../b", "'.' or '..'"),
            ("*.rpm", "wildcards"),
            ("a/**/b", "wildcards"),
            ("**/a/b", "one name"),
            ("a\0", "NUL"),
        ] {
            let error = text.parse::<Pattern>().expect_err(text).to_string();
            assert!(error.contains(part), "{text:?}: {error}");
            assert!(error.contains(&format!("{text:?}")), "{text:?}: {error}");
        }
    }

    #[test]
    fn rules_are_read_from_a_profile() {
        let rules: Rules =
            toml::from_str("drop = [\"**/TRANS.TBL\"]\nfirst = [\"images/\"]").expect("rules");
        assert_eq!(Ok(rules), Rules::new(&["**/TRANS.TBL"], &["images/"]));
        let error = toml::from_str::<Rules>("drop = [\"a*\"]").expect_err("a wildcard");
        assert!(error.to_string().contains("merge pattern \"a*\""), "{error}");
        assert!(toml::from_str::<Rules>("keep = []").is_err());
        let rules: Rules = toml::from_str("join = [\"dists/\"]").expect("rules");
        assert_eq!(Ok(rules), Rules::default().joining(&["dists/"]));
        assert!(Rules::default().joining(&["a*"]).is_err());
    }
}
