//! References in metadata: where in the tree they lead.

use crate::media::path::PATH_MAX;

/// Most characters of a reference that are shown.
const SHOWN_MAX: usize = 200;

/// What a reference means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Href {
    /// A path from the top of the tree, without `.`, `..` and empty components; the top is empty.
    Inside(String),
    /// A URL of its own: somewhere else.
    Elsewhere,
    /// A path that leads out of the tree, or none at all.
    Outside,
}

/// Resolves `href` as a client does, who appends it to the URL of the directory `dir`: by its
/// text, links aside.
pub(crate) fn resolve(dir: &str, href: &str) -> Href {
    if href.contains("://") {
        return Href::Elsewhere;
    }
    if href.is_empty() || href.starts_with('/') || href.contains('\0') {
        return Href::Outside;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').chain(href.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Href::Outside;
                }
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    if path.len() > PATH_MAX { Href::Outside } else { Href::Inside(path) }
}

/// A reference as a message shows it: printable, and no longer than a line.
pub(crate) fn shown(href: &str) -> String {
    let start: String = href.chars().take(SHOWN_MAX).collect();
    let more = if start.len() < href.len() { "..." } else { "" };
    format!("{:?}{more}", start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(path: &str) -> Href {
        Href::Inside(path.into())
    }

    #[test]
    fn a_reference_stays_inside_or_is_refused() {
        assert_eq!(resolve("BaseOS", "Packages/a.rpm"), inside("BaseOS/Packages/a.rpm"));
        assert_eq!(resolve("", "./pool//a.deb"), inside("pool/a.deb"));
        assert_eq!(resolve("Server", "../Packages/a.rpm"), inside("Packages/a.rpm"));
        assert_eq!(resolve("", "."), inside(""));
        assert_eq!(resolve("a", ".."), inside(""));
        for out in ["..", "../x", "a/../../x", "/etc/passwd", "", "a\0b"] {
            assert_eq!(resolve("", out), Href::Outside, "{out:?}");
        }
        assert_eq!(resolve("a/b", "../../../x"), Href::Outside);
        assert_eq!(resolve("", &"a/".repeat(5000)), Href::Outside);
    }

    #[test]
    fn a_url_is_elsewhere() {
        assert_eq!(resolve("", "http://mirror/a.rpm"), Href::Elsewhere);
        assert_eq!(resolve("", "media://1463897099.73#1"), Href::Elsewhere);
    }

    #[test]
    fn a_message_shows_no_more_than_a_line() {
        assert_eq!(shown("a\n\u{1b}"), r#""a\n\u{1b}""#);
        assert_eq!(shown(&"\u{e9}".repeat(1 << 20)).chars().count(), SHOWN_MAX + 5);
    }
}
