//! A path as it stands in a command line: names come from media, and people paste what they read.

use std::path::Path;

/// The path, quoted for a POSIX shell where it must be.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        return text.into_owned();
    }
    // An option begins with a hyphen, a path need not.
    let dot = if text.starts_with('-') { "./" } else { "" };
    format!("'{dot}{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_a_command() {
        for (path, expected) in [
            ("/data/wwwroot/yum/CentOS6.8", "/data/wwwroot/yum/CentOS6.8"),
            ("a b", "'a b'"),
            ("$(reboot)", "'$(reboot)'"),
            ("it's", "'it'\\''s'"),
            ("-rf", "'./-rf'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(Path::new(path)), expected);
        }
    }
}
