//! The member of a Debian package that has its files (deb(5), ar(5)).

use std::io::{self, Read, Take};

/// What a package begins with.
pub(super) const MAGIC: &[u8] = b"!<arch>\n";
/// Bytes of a member's header.
const HEADER: usize = 60;
/// Most members in front of it; there are two.
const MEMBERS_MAX: usize = 16;

/// The member `data.tar`, compressed as it is; `input` stands behind [`MAGIC`].
///
/// # Errors
/// If there is none, or a header is none.
pub(super) fn data<R: Read>(mut input: R) -> io::Result<Take<R>> {
    for _ in 0..MEMBERS_MAX {
        let mut header = [0; HEADER];
        input.read_exact(&mut header)?;
        let (name, size) = member(&header).ok_or_else(|| io::Error::other("no ar header"))?;
        if name.starts_with(b"data.tar") {
            return Ok(input.take(size));
        }
        // A member ends on an even byte.
        let skipped = size.saturating_add(size & 1);
        io::copy(&mut input.by_ref().take(skipped), &mut io::sink())?;
    }
    Err(io::Error::other("it has no data.tar"))
}

fn member(header: &[u8; HEADER]) -> Option<(&[u8], u64)> {
    let digits = std::str::from_utf8(header.get(48..58)?).ok()?.trim_end();
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let size = digits.parse().ok().filter(|_| plain && header.ends_with(b"`\n"))?;
    Some((header.get(..16)?.trim_ascii_end(), size))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::netboot) fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for (name, bytes) in members {
            let len = bytes.len();
            let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{len:<10}`\n", 0, 0, 0, 644);
            out.extend_from_slice(header.as_bytes());
            out.extend_from_slice(bytes);
            out.resize(out.len().next_multiple_of(2), b'\n');
        }
        out
    }

    #[test]
    fn the_files_of_a_package_are_in_its_data_member() {
        let members: [(&str, &[u8]); 3] =
            [("debian-binary", b"2.0\n"), ("control.tar.xz", b"odd"), ("data.tar.xz", b"data")];
        let archive = archive(&members);
        let mut text = Vec::new();
        data(&archive[MAGIC.len()..]).expect("found").read_to_end(&mut text).expect("read");
        assert_eq!(text, b"data");
    }

    #[test]
    fn what_has_no_such_member_is_an_error() {
        for members in [&[][..], &[("a", &b"x"[..])], &[("a", &b""[..]); 40]] {
            assert!(data(&archive(members)[MAGIC.len()..]).is_err());
        }
        assert!(data(&[b'x'; 200][..]).is_err());
    }
}
