//! Regular expressions of a profile.

use serde::Deserialize;

/// Most memory in bytes that a compiled expression may take.
const COMPILED_MAX: usize = 1 << 20;

/// A regular expression in the syntax of the `regex` crate, which has no backtracking: matching is
/// linear in the text whatever the expression. `^` and `$` stand for the ends of a line.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(regex::Regex);

impl Pattern {
    /// Compiles it.
    ///
    /// # Errors
    /// Why it is none, in one line.
    pub fn new(text: &str) -> Result<Self, String> {
        let compiled = regex::RegexBuilder::new(text)
            .multi_line(true)
            .crlf(true)
            .size_limit(COMPILED_MAX)
            .build();
        compiled.map(Self).map_err(|error| {
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default();
            format!("the pattern {text:?} is no regular expression: {}", reason.trim())
        })
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether there is a match anywhere.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The first match, with what its named groups hold; a group that took no part, or nothing but
    /// blanks, has no value.
    pub fn find<'t>(&self, text: &'t str) -> Option<Captured<'t>> {
        self.0.captures(text).map(Captured)
    }

    /// The names of its groups.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.0.capture_names().flatten()
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::new(&text)
    }
}

/// A match.
#[derive(Debug)]
pub struct Captured<'t>(regex::Captures<'t>);

impl<'t> Captured<'t> {
    /// What the group of that name holds.
    pub fn get(&self, group: &str) -> Option<&'t str> {
        self.0.name(group).map(|held| held.as_str().trim()).filter(|held| !held.is_empty())
    }

    /// The whole match.
    pub fn whole(&self) -> &'t str {
        self.0.get(0).map_or("", |held| held.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_groups_hold_words_and_lines_end_where_they_end() {
        let pattern = Pattern::new(r"^RELEASE='?(?<version>[0-9.]+)(?<arch>-x)?'?$").expect("one");
        let found = pattern.find("PRODUCT='pve'\r\nRELEASE='8.2'\r\n").expect("matches");
        assert_eq!((found.get("version"), found.get("arch")), (Some("8.2"), None));
        assert_eq!(found.whole(), "RELEASE='8.2'");
        assert_eq!(pattern.groups().collect::<Vec<_>>(), ["version", "arch"]);
        assert!(!pattern.is_match("XRELEASE='8.2'"));
    }

    #[test]
    fn what_is_no_expression_or_takes_too_much_memory_is_refused() {
        let error = Pattern::new("a(b").expect_err("open").clone();
        assert!(error.contains("\"a(b\"") && !error.contains('\n'), "{error}");
        assert!(Pattern::new(r"(?:\pL{500}){500}").is_err());
    }
}
