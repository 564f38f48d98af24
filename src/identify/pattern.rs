//! Regular expressions of a profile.

use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};
use serde::Deserialize;

/// Most memory in bytes that a compiled expression may take.
const COMPILED_MAX: usize = 1 << 18;

/// A regular expression in the syntax of the `regex` crate for ASCII: `\w` and `\d` mean no other letters
/// and digits, which would take a hundred times as long to compile. There is no backtracking: matching is
/// linear in the text whatever the expression. `^` and `$` stand for the ends of a line. It is compiled
/// when it is first needed.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "String")]
pub struct Pattern {
    text: String,
    regex: OnceLock<Result<Regex, String>>,
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { text, regex: OnceLock::new() }
    }
}

impl Pattern {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn regex(&self) -> Result<&Regex, &str> {
        self.regex.get_or_init(|| compile(&self.text)).as_ref().map_err(String::as_str)
    }

    /// Compiles it; its groups may be named as `groups` says.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn check(&self, groups: &[&str]) -> Result<(), String> {
        let regex = self.regex()?;
        match regex.capture_names().flatten().find(|name| !groups.contains(name)) {
            Some(name) => Err(format!(
                "the pattern {:?} has a group {name:?}; there are {}",
                self.text,
                groups.join(", ")
            )),
            None => Ok(()),
        }
    }

    /// The first match, with what its named groups hold.
    pub fn find<'t>(&self, text: &'t str) -> Option<Captured<'t>> {
        self.regex().ok()?.captures(text.as_bytes()).map(Captured)
    }
}

fn compile(text: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(text);
    builder.multi_line(true).crlf(true).unicode(false).size_limit(COMPILED_MAX);
    builder.build().map_err(|error| {
        // The last line says what is wrong, those before it draw it.
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
        format!("the pattern {text:?} is not valid: {reason}")
    })
}

/// A match.
#[derive(Debug)]
pub struct Captured<'t>(Captures<'t>);

impl<'t> Captured<'t> {
    /// What the group of that name holds, without blanks around it; `None` for one that took no part or
    /// holds nothing.
    pub fn get(&self, group: &str) -> Option<&'t str> {
        let held = std::str::from_utf8(self.0.name(group)?.as_bytes()).ok()?.trim();
        (!held.is_empty()).then_some(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        text.to_owned().into()
    }

    #[test]
    fn named_groups_hold_words_and_lines_end_where_they_end() {
        let pattern = pattern(r"^RELEASE='?(?<version>[0-9.]+)(?<arch>-x)?'?$");
        let found = pattern.find("PRODUCT='pve'\r\nRELEASE='8.2'\r\n").expect("matches");
        assert_eq!((found.get("version"), found.get("arch")), (Some("8.2"), None));
        assert!(pattern.find("XRELEASE='8.2'").is_none());
        assert_eq!(pattern.check(&["version", "arch"]), Ok(()));
        let error = pattern.check(&["version"]).expect_err("a group");
        assert!(error.contains("\"arch\"; there are version"), "{error}");
    }

    #[test]
    fn what_is_no_expression_or_takes_too_much_memory_is_refused() {
        let error = pattern("a(b").check(&[]).expect_err("open");
        assert!(error.contains("\"a(b\"") && !error.contains('\n'), "{error}");
        assert!(pattern("a(b").find("ab").is_none());
        assert!(pattern(r"(?:[a-z]{500}){500}").check(&[]).is_err());
    }
}
