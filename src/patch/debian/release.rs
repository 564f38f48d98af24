//! `Release` of a suite made anew: the fields of the first disc, the sums of the files as they are
//! now (<https://wiki.debian.org/DebianRepository/Format>, "Release files").

use std::collections::BTreeMap;
use std::fmt::Write;

/// A file below the suite, as `Release` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Summed {
    /// Bytes in it.
    pub(super) size: u64,
    /// MD5 in hexadecimal digits.
    pub(super) md5: String,
    /// SHA-256.
    pub(super) sha256: String,
    /// SHA-512.
    pub(super) sha512: String,
}

/// A `Release` that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Release {
    /// Name and lines of each field that is no list of sums, in order.
    fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// The paths in its lists of sums.
    listed: Vec<Vec<u8>>,
    sha512: bool,
}

/// The lists of sums. SHA-1 has no use beside SHA-256, which apt wants: it is not written again.
const SUMS: [&[u8]; 4] = [b"MD5Sum", b"SHA1", b"SHA256", b"SHA512"];
/// Fields that hold words, of which a joined archive has all.
const UNITED: [&[u8]; 2] = [b"Components", b"Architectures"];
/// Says that indexes are there under their sums too, which they are on no disc.
const BY_HASH: &[u8] = b"Acquire-By-Hash";
/// Most files of one `Release`; that of a whole Debian release lists 6,000.
const LISTED_MAX: usize = 100_000;

impl Release {
    /// Reads a `Release`, or the text that an `InRelease` signs. Lines that are neither a field nor
    /// go on with one are passed over, as apt does.
    pub(super) fn parse(text: &[u8]) -> Self {
        let mut release = Self::default();
        let mut section = false;
        let mut seen = std::collections::HashSet::new();
        for line in signed(text).split_inclusive(|&b| b == b'\n') {
            let bare = line.trim_ascii_end();
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                if !section {
                    if let Some((_, lines)) = release.fields.last_mut() {
                        push(lines, bare);
                    }
                } else if let Some(path) = listed(bare)
                    && seen.len() < LISTED_MAX
                    && seen.insert(path)
                {
                    release.listed.push(path.to_vec());
                }
                continue;
            }
            section = false;
            let Some(colon) = bare.iter().position(|&b| b == b':') else { continue };
            let (name, _) = bare.split_at_checked(colon).unwrap_or_default();
            if SUMS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                section = true;
                release.sha512 |= name.eq_ignore_ascii_case(b"SHA512");
            } else {
                let mut lines = Vec::new();
                push(&mut lines, bare);
                release.fields.push((name.to_vec(), lines));
            }
        }
        release
    }

    /// The paths of its lists, each once.
    pub(super) fn listed(&self) -> &[Vec<u8>] {
        &self.listed
    }

    /// The words of `Components` and `Architectures`.
    fn words(&self, name: &[u8]) -> Vec<&[u8]> {
        let field = self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = field.and_then(|(name, lines)| lines.get(name.len().saturating_add(1)..));
        let words = value.unwrap_or_default().split(u8::is_ascii_whitespace);
        words.filter(|word| !word.is_empty()).collect()
    }

    /// Whether it has every component and architecture of the other.
    pub(super) fn covers(&self, other: &Self) -> bool {
        UNITED.iter().all(|name| {
            let own = self.words(name);
            other.words(name).iter().all(|word| own.contains(word))
        })
    }

    /// The text with the fields of this one, the components and architectures of `others` besides,
    /// and the sums of `files` by path.
    pub(super) fn made_anew(&self, others: &[Self], files: &BTreeMap<Vec<u8>, Summed>) -> Vec<u8> {
        let mut text = Vec::new();
        for (name, lines) in &self.fields {
            if name.eq_ignore_ascii_case(BY_HASH) {
                continue;
            }
            if !UNITED.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                text.extend_from_slice(lines);
                continue;
            }
            let mut words = self.words(name);
            for word in others.iter().flat_map(|other| other.words(name)) {
                if !words.contains(&word) {
                    words.push(word);
                }
            }
            text.extend_from_slice(name);
            text.extend_from_slice(b": ");
            text.extend_from_slice(&words.join(&b' '));
            text.push(b'\n');
        }
        section(&mut text, "MD5Sum", files, |sums| &sums.md5);
        section(&mut text, "SHA256", files, |sums| &sums.sha256);
        if self.sha512 {
            section(&mut text, "SHA512", files, |sums| &sums.sha512);
        }
        text
    }
}

fn push(lines: &mut Vec<u8>, line: &[u8]) {
    lines.extend_from_slice(line);
    lines.push(b'\n');
}

fn section(
    text: &mut Vec<u8>,
    name: &str,
    files: &BTreeMap<Vec<u8>, Summed>,
    sum: impl Fn(&Summed) -> &String,
) {
    let mut lines = format!("{name}:\n");
    for (path, sums) in files {
        // Paths are those of a `Release` and of a tree; one that is not UTF-8 is in neither.
        let Ok(path) = std::str::from_utf8(path) else { continue };
        let _ = writeln!(lines, " {} {:>8} {path}", sum(sums), sums.size);
    }
    text.extend_from_slice(lines.as_bytes());
}

/// The path of ` SUM SIZE PATH`.
fn listed(line: &[u8]) -> Option<&[u8]> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let path = words.nth(2)?;
    let stays = path.split(|&b| b == b'/').all(|name| !matches!(name, b"" | b"." | b".."));
    stays.then_some(path)
}

/// The text within a clear-signed one (RFC 9580, 7); any other as it is.
fn signed(text: &[u8]) -> &[u8] {
    const BEGIN: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
    const END: &[u8] = b"\n-----BEGIN PGP SIGNATURE-----";
    let Some(rest) = text.strip_prefix(BEGIN) else { return text };
    let find = |text: &[u8], part: &[u8]| text.windows(part.len()).position(|w| w == part);
    let headers = find(rest, b"\n\n").map_or(0, |at| at.saturating_add(2));
    let body = rest.get(headers..).unwrap_or_default();
    let end = find(body, END).map_or(body.len(), |at| at.saturating_add(1));
    body.get(..end).unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "Origin: Debian\nSuite: stable\nCodename: bookworm\nAcquire-By-Hash: yes\n\
        Components: main contrib\nArchitectures: amd64\nDescription: Debian 12.0\n and more\n\
        MD5Sum:\n aa 20 main/binary-amd64/Packages\n bb 7 main/binary-amd64/Packages.gz\n\
        SHA1:\n cc 20 main/binary-amd64/Packages\n\
        SHA256:\n dd 20 main/binary-amd64/Packages\n ee 1 ../../../etc/passwd\n ff 1 /etc/x\n\
        SHA512:\n dd 20 main/binary-amd64/Packages\n";

    fn summed() -> BTreeMap<Vec<u8>, Summed> {
        let (md5, sha256, sha512) = ("m".to_owned(), "s".to_owned(), "l".to_owned());
        let sums = Summed { size: 9, md5, sha256, sha512 };
        [(b"main/binary-amd64/Packages".to_vec(), sums)].into()
    }

    #[test]
    fn the_fields_stay_and_the_sums_are_those_of_the_files() {
        let first = Release::parse(FIRST.as_bytes());
        let other = Release::parse(
            b"Suite: other\nComponents: main non-free-firmware\nArchitectures: amd64\n",
        );
        let text = String::from_utf8(first.made_anew(&[other], &summed())).expect("UTF-8");
        assert_eq!(
            text,
            "Origin: Debian\nSuite: stable\nCodename: bookworm\n\
             Components: main contrib non-free-firmware\nArchitectures: amd64\n\
             Description: Debian 12.0\n and more\n\
             MD5Sum:\n m        9 main/binary-amd64/Packages\n\
             SHA256:\n s        9 main/binary-amd64/Packages\n\
             SHA512:\n l        9 main/binary-amd64/Packages\n"
        );
    }

    #[test]
    fn what_is_listed_is_listed_once_and_never_out_of_the_suite() {
        let release = Release::parse(FIRST.as_bytes());
        let plain: &[u8] = b"main/binary-amd64/Packages";
        assert_eq!(release.listed(), [plain, b"main/binary-amd64/Packages.gz"]);
    }

    #[test]
    fn a_signed_text_reads_as_what_it_signs() {
        let signed = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{FIRST}\
             -----BEGIN PGP SIGNATURE-----\n\niQ==: x\n-----END PGP SIGNATURE-----\n"
        );
        assert_eq!(Release::parse(signed.as_bytes()), Release::parse(FIRST.as_bytes()));
    }

    #[test]
    fn components_and_architectures_tell_whether_it_covers_another() {
        let first = Release::parse(FIRST.as_bytes());
        let covers = |text: &str| first.covers(&Release::parse(text.as_bytes()));
        assert!(covers("") && covers("Components: main\nArchitectures: amd64\n"));
        assert!(!covers("Components: main local\n") && !covers("Architectures: i386\n"));
    }

    #[test]
    fn made_anew_twice_it_is_the_same() {
        let once = Release::parse(FIRST.as_bytes()).made_anew(&[], &summed());
        assert_eq!(Release::parse(&once).made_anew(&[], &summed()), once);
    }
}
