//! What a disc holds.

use std::fmt;

use crate::media::turns_text;

/// Longest word taken from a disc.
const WORD_MAX: usize = 40;
/// Longest name for people taken from a disc.
const LINE_MAX: usize = 80;

/// What a disc holds: one release of a system for one architecture.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Product {
    /// A stable short name: `centos`, `ubuntu`, `esxi`, `windows`, `winpe`.
    pub family: String,
    /// For people: `CentOS 6.8`.
    pub name: String,
    /// The release, as exactly as the disc says it: `6.8`, `16.04.4`, `5.5.0`.
    pub version: Option<String>,
    /// The architecture in the system's own word: `x86_64`, `i386`, `amd64`.
    pub arch: Option<String>,
    /// What sets the disc apart from the full one: `minimal`, `netinstall`, a vendor; `None` for
    /// the full disc.
    pub variant: Option<String>,
    /// The profile that knows it.
    pub profile: String,
}

impl Product {
    /// Whether two discs belong to one set: all that tells products apart is equal. An
    /// architecture has several names; an unknown one differs from none.
    pub fn same(&self, other: &Self) -> bool {
        let arch = match (&self.arch, &other.arch) {
            (Some(a), Some(b)) => same_arch(a, b),
            _ => true,
        };
        arch && self.family == other.family
            && self.version == other.version
            && self.variant == other.variant
            && self.profile == other.profile
    }
}

/// `CentOS 6.9 i386 minimal`.
impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for more in [&self.arch, &self.variant].into_iter().flatten() {
            write!(f, " {more}")?;
        }
        Ok(())
    }
}

/// The kernel's name of an architecture: `amd64` and `x64` are `x86_64`.
pub fn kernel_arch(arch: &str) -> &str {
    match arch {
        "amd64" | "x64" | "em64t" => "x86_64",
        "i486" | "i586" | "i686" | "x86" | "ia32" => "i386",
        "arm64" => "aarch64",
        "ppc64el" => "ppc64le",
        other => other,
    }
}

/// Debian's name of an architecture: `x86_64` is `amd64`.
pub fn debian_arch(arch: &str) -> &str {
    match kernel_arch(arch) {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "ppc64le" => "ppc64el",
        other => other,
    }
}

/// Whether two names mean one architecture.
pub fn same_arch(a: &str, b: &str) -> bool {
    kernel_arch(a) == kernel_arch(b)
}

/// The numbers of a version: 6 and 8 of `6.8`; stops at the first that is none.
pub fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

/// A word from a disc that may become part of a path: letters, digits, `.`, `_`, `-` and `+`,
/// beginning with a letter or digit.
pub(super) fn word(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = text.len() <= WORD_MAX
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c))
        && !text.contains("..");
    fits.then(|| text.to_owned())
}

/// A [`word`] in lower case, blanks made hyphens.
pub(super) fn slug(text: &str) -> Option<String> {
    word(&text.split_whitespace().collect::<Vec<_>>().join("-").to_ascii_lowercase())
}

/// A line for people: one blank between words, no control characters nor such as turn the text, not too long.
pub(super) fn line(text: &str) -> Option<String> {
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c.is_control() || turns_text(c))
        .filter(|w| !w.is_empty())
        .collect();
    let line: String = words.join(" ").chars().take(LINE_MAX).collect();
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_leave_a_directory_is_no_word() {
        assert_eq!(word(" 6.8 "), Some("6.8".into()));
        for bad in ["", "..", "../etc", "6..8", "a/b", "-x", ".hidden", "a b", "6.8\u{e9}"] {
            assert_eq!(word(bad), None, "{bad:?}");
        }
        assert_eq!(word(&"9".repeat(41)), None);
    }

    #[test]
    fn the_json_keys_are_those_of_inspect() {
        let product = Product {
            family: "centos".into(),
            name: "CentOS 6.8".into(),
            version: Some("6.8".into()),
            arch: Some("x86_64".into()),
            variant: None,
            profile: "el".into(),
        };
        let json = serde_json::to_string(&product).expect("serialisable");
        assert_eq!(
            json,
            r#"{"family":"centos","name":"CentOS 6.8","version":"6.8","arch":"x86_64","variant":null,"profile":"el"}"#
        );
    }

    #[test]
    fn amd64_is_x86_64_and_a_name_for_people_has_no_control_characters() {
        assert!(same_arch("amd64", "x86_64"));
        assert!(!same_arch("i386", "x86_64"));
        assert_eq!(line(" Windows\u{1b} 7\n PRO "), Some("Windows 7 PRO".into()));
        assert_eq!(line("Windows \u{202e}7"), Some("Windows 7".into()));
    }
}
