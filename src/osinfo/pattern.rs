//! Patterns of the database: regular expressions of GLib's kind (PCRE), which may fit anywhere.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

/// Longest pattern in bytes.
const TEXT_MAX: usize = 4096;
/// Most bytes that a compiled pattern may take.
const COMPILED_MAX: usize = 1 << 20;

/// A pattern; compiled when a text is met that has what any fitting text must have.
#[derive(Debug)]
pub(super) struct Pattern {
    text: String,
    /// What stands in every text that fits; may be empty.
    literal: String,
    /// `None` where it cannot be compiled: it asks for what the crate `regex` does not do (a look
    /// ahead), and then fits nothing.
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(text: String) -> Self {
        let literal = literal(&text);
        Self { text, literal, regex: OnceLock::new() }
    }

    pub(super) fn fits(&self, text: &str) -> bool {
        text.contains(&self.literal)
            && self
                .regex
                .get_or_init(|| self.compile())
                .as_ref()
                .is_some_and(|regex| regex.is_match(text.as_bytes()))
    }

    fn compile(&self) -> Option<Regex> {
        if self.text.len() > TEXT_MAX {
            return None;
        }
        RegexBuilder::new(&self.text).unicode(false).size_limit(COMPILED_MAX).build().ok()
    }
}

/// The longest run of plain characters that every text has that fits; none where the pattern has
/// alternatives or options.
fn literal(pattern: &str) -> String {
    if pattern.contains("(?") {
        return String::new();
    }
    let (mut best, mut run) = (String::new(), String::new());
    let mut depth = 0_usize;
    let mut chars = pattern.chars().peekable();
    let mut end = |run: &mut String| {
        let run = std::mem::take(run);
        if run.len() > best.len() {
            best = run;
        }
    };
    while let Some(c) = chars.next() {
        let plain = match c {
            '|' if depth == 0 => return String::new(),
            '\\' => chars.next().filter(|c| c.is_ascii_punctuation()),
            '[' => {
                class(&mut chars);
                None
            }
            '(' => {
                depth = depth.saturating_add(1);
                None
            }
            ')' => {
                depth = depth.saturating_sub(1);
                None
            }
            '^' | '$' | '.' | '|' | '?' | '*' | '+' | '{' | '}' => None,
            c => Some(c),
        };
        // What a quantifier follows may be missing, even after `+`: another one may follow that.
        let optional = matches!(chars.peek(), Some('?' | '*' | '+' | '{'));
        match plain.filter(|_| depth == 0 && !optional) {
            Some(c) => run.push(c),
            None => end(&mut run),
        }
        if c == '{' {
            // A count, not text.
            chars.by_ref().find(|&c| c == '}');
        }
    }
    end(&mut run);
    best
}

/// Passes over a class to behind its end.
fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    chars.next_if_eq(&'^');
    chars.next_if_eq(&']');
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            // A class within, by name.
            '[' => drop(chars.by_ref().find(|&c| c == ']')),
            ']' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_literal_is_in_every_text_that_fits() {
        for (pattern, expected) in [
            ("CentOS_6.8_Final", "CentOS_6"),
            ("^Fedora-S-dvd-x86_64-36$", "Fedora-S-dvd-x86_64-36"),
            (".*RHEL-9-([2-9]|[1-9][0-9])(-[0-9])?.*x86_64.*", "RHEL-9-"),
            ("(J_)?CEDN?A_X86FRE_", "A_X86FRE_"),
            ("ALT Education 10\\.0(\\.\\d+)* aarch64", "ALT Education 10.0"),
            ("a|bcd", ""),
            ("(?i)abc", ""),
            ("ab{2}cd", "cd"),
            ("x[a]bc]+def", "def"),
            ("\\{+*", ""),
            ("[[:alpha:]x]yz", "yz"),
            ("\\d\\w\\.", "."),
        ] {
            assert_eq!(literal(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_fits_anywhere_and_one_that_cannot_be_compiled_nowhere() {
        let fits = |pattern: &str, text: &str| Pattern::new(pattern.to_owned()).fits(text);
        assert!(fits("6.8", "CentOS_6.8_Final"));
        assert!(!fits("^6.8", "CentOS_6.8_Final"));
        assert!(fits("", "x"));
        assert!(!fits("(?=x)x", "x"));
        assert!(!fits("(", "("));
        assert!(!fits("(?:a{1000}){1000}", "a"));
        assert!(!fits(&"a".repeat(5000), &"a".repeat(5000)));
    }

    proptest::proptest! {
        #[test]
        fn no_text_that_fits_lacks_the_literal(pattern in "[ab.|()\\[\\]?*+{}^$\\\\1]{0,12}", text in "[ab.1]{0,12}") {
            let own = Pattern::new(pattern.clone());
            if let Some(regex) = own.compile() {
                proptest::prop_assert_eq!(own.fits(&text), regex.is_match(text.as_bytes()), "{}", own.literal);
            }
        }
    }
}
