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
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerKind {
    /// Kickstart: Enterprise Linux, ESXi, and Ubuntu's kickseed.
    Kickstart,
    /// Preseed: debian-installer.
    Preseed,
    /// Autoinstall: Ubuntu's live installer, as user data of cloud-init.
    Autoinstall,
    /// AutoYaST's profile: SUSE up to 15.
    Autoyast,
    /// Agama's profile, JSON or Jsonnet: SUSE from 16 on.
    Agama,
    /// The answer file of XenServer's and XCP-ng's installer.
    Xenserver,
    /// Windows Setup's, `unattend.xml`.
    Unattend,
}

impl AnswerKind {
    /// Tells the language by content, whatever the file's name: preseed lines begin with the name
    /// of what they answer for, autoinstall is YAML with a key of that name or headed as user data,
    /// XML is told by its outermost element, and JSON by its brace.
    pub fn of(content: &[u8]) -> Self {
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let lines = || content.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_end);
        let preseeds = |line: &[u8]| {
            [&b"d-i"[..], b"ubiquity"].iter().any(|owner| {
                line.trim_ascii_start()
                    .strip_prefix(*owner)
                    .is_some_and(|rest| rest.starts_with(b" ") || rest.starts_with(b"\t"))
            })
        };
        let begin = content.trim_ascii_start();
        let is_autoinstall = |line: &[u8]| line.starts_with(b"autoinstall:");
        if begin.starts_with(b"#cloud-config") || lines().any(is_autoinstall) {
            return Self::Autoinstall;
        }
        if begin.starts_with(b"<") {
            return match outermost(begin) {
                b"profile" => Self::Autoyast,
                b"unattend" => Self::Unattend,
                b"installation" | b"restore" => Self::Xenserver,
                _ => Self::Kickstart,
            };
        }
        if lines().map(<[u8]>::trim_ascii_start).find(|line| is_jsonnet(line)) == Some(b"{")
            || begin.starts_with(b"{")
        {
            return Self::Agama;
        }
        if lines().any(preseeds) { Self::Preseed } else { Self::Kickstart }
    }
}

/// What is neither a comment nor a definition of Jsonnet.
fn is_jsonnet(line: &[u8]) -> bool {
    !line.is_empty() && !line.starts_with(b"//") && !line.starts_with(b"local ")
}

/// The name of the first element of an XML text.
fn outermost(text: &[u8]) -> &[u8] {
    let name = |tag: &[u8]| tag.first().is_some_and(u8::is_ascii_alphabetic);
    let element = text.split(|&b| b == b'<').find(|tag| name(tag)).unwrap_or_default();
    let end = element.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(element.len());
    element.get(..end).unwrap_or_default()
}

impl std::fmt::Display for AnswerKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Kickstart => "kickstart",
            Self::Preseed => "preseed",
            Self::Autoinstall => "autoinstall",
            Self::Autoyast => "AutoYaST",
            Self::Agama => "Agama",
            Self::Xenserver => "XenServer's",
            Self::Unattend => "unattend.xml",
        })
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

    #[test]
    fn the_content_tells_the_newer_languages_too() {
        let of = AnswerKind::of;
        assert_eq!(of(b"#cloud-config\nautoinstall:\n  version: 1\n"), AnswerKind::Autoinstall);
        assert_eq!(of(b"# site\nautoinstall:\n  version: 1\n"), AnswerKind::Autoinstall);
        let yast =
            b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!DOCTYPE profile>\n<profile xmlns=\"x\">";
        assert_eq!(of(yast), AnswerKind::Autoyast);
        assert_eq!(of(b"<installation srtype=\"ext\">"), AnswerKind::Xenserver);
        let unattend = b"<?xml version=\"1.0\"?>\r\n<unattend xmlns=\"urn:schemas-microsoft-com\">";
        assert_eq!(of(unattend), AnswerKind::Unattend);
        assert_eq!(of(b"{ \"product\": {} }"), AnswerKind::Agama);
        assert_eq!(of(b"// site\nlocal x = 1;\n{\n  product: {}\n}"), AnswerKind::Agama);
        assert_eq!(of(b"%pre\n{\n}\n"), AnswerKind::Kickstart);
        assert_eq!(of(b"<"), AnswerKind::Kickstart);
    }
}
