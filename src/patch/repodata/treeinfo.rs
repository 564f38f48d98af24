//! Sums in `.treeinfo` of files that have been changed.

use crate::metadata::checksum::Kind;

/// The text with the sum of `content` for `path` in `[checksums]`; `None` where that says nothing
/// new. All else stays byte for byte.
pub(super) fn resummed(text: &[u8], path: &str, content: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let (mut here, mut changed) = (false, false);
    for line in text.split_inclusive(|&b| b == b'\n') {
        let bare = line.trim_ascii();
        if bare.starts_with(b"[") {
            here = bare == b"[checksums]";
        }
        match new_sum(bare, path, content).filter(|_| here) {
            Some((old, new)) if old != new => {
                changed = true;
                let at = line.windows(old.len()).rposition(|part| part == old.as_bytes())?;
                out.extend_from_slice(line.get(..at)?);
                out.extend_from_slice(new.as_bytes());
                out.extend_from_slice(line.get(at.checked_add(old.len())?..)?);
            }
            _ => out.extend_from_slice(line),
        }
    }
    changed.then_some(out)
}

/// The sum that the line has for `path`, and the right one.
fn new_sum<'t>(line: &'t [u8], path: &str, content: &[u8]) -> Option<(&'t str, String)> {
    let (key, value) = std::str::from_utf8(line).ok()?.split_once('=')?;
    let (kind, old) = value.trim().split_once(':')?;
    let kind = Kind::named(kind.trim()).filter(|_| key.trim() == path)?;
    let old = old.trim();
    (!old.is_empty()).then(|| (old, kind.of(content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_sum_changes_and_nothing_else() {
        let text = b"[general]\r\nrepodata/repomd.xml = sha256:00\r\n\xff\n[checksums]\n\
            images/install.img = sha256:00\nServer/repodata/repomd.xml = sha256:00\n\
            repodata/repomd.xml = sha256:00\r\n[tree]\nrepodata/repomd.xml = md5:00";
        let sum = Kind::Sha256.of(b"abc");
        let expected = String::from_utf8_lossy(text).replacen(
            "[checksums]\nimages/install.img = sha256:00\nServer/repodata/repomd.xml = sha256:00\n\
             repodata/repomd.xml = sha256:00",
            &format!(
                "[checksums]\nimages/install.img = sha256:00\nServer/repodata/repomd.xml = \
                 sha256:00\nrepodata/repomd.xml = sha256:{sum}"
            ),
            1,
        );
        let new = resummed(text, "repodata/repomd.xml", b"abc").expect("changed");
        assert_eq!(String::from_utf8_lossy(&new), expected);
        assert_eq!(resummed(&new, "repodata/repomd.xml", b"abc"), None, "a second time is none");
    }

    #[test]
    fn what_it_does_not_name_changes_nothing() {
        for text in
            ["", "[checksums]\na = sha256:", "[checksums]\na = crc:00\nb = md5:00", "a = md5:0"]
        {
            assert_eq!(resummed(text.as_bytes(), "a", b"abc"), None, "{text}");
        }
    }
}
