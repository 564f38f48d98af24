//! Answer files: what an installer is told beforehand.

/// An answer file as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Where a client fetches it.
    pub url: String,
    /// Its language.
    pub kind: AnswerKind,
}

/// The language of an answer file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    /// Kickstart: Enterprise Linux, ESXi, and Ubuntu's kickseed.
    Kickstart,
    /// Preseed: debian-installer.
    Preseed,
}

impl AnswerKind {
    /// Tells the language by content, whatever the file's name: preseed lines begin with the name
    /// of what they answer for.
    pub fn of(content: &[u8]) -> Self {
        let preseeds = |line: &[u8]| {
            [&b"d-i"[..], b"ubiquity"].iter().any(|owner| {
                line.trim_ascii_start()
                    .strip_prefix(*owner)
                    .is_some_and(|rest| rest.starts_with(b" ") || rest.starts_with(b"\t"))
            })
        };
        if content.split(|&b| b == b'\n').any(preseeds) { Self::Preseed } else { Self::Kickstart }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_tells_preseed_from_kickstart() {
        let preseed = b"# site\r\nd-i\tdebian-installer/locale string en_US\r\n";
        assert_eq!(AnswerKind::of(preseed), AnswerKind::Preseed);
        assert_eq!(AnswerKind::of(b"ubiquity a/b string c"), AnswerKind::Preseed);
        let kickstart = b"install\nurl --url=http://s/d-i \n#d-i x\nd-interface x\n";
        assert_eq!(AnswerKind::of(kickstart), AnswerKind::Kickstart);
        assert_eq!(AnswerKind::of(b""), AnswerKind::Kickstart);
    }
}
