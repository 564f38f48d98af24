//! `Release`: which index files a Debian archive has, with their sizes and sums.

use crate::metadata::checksum::Kind;

/// A file that a `Release` lists.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// From the directory of the `Release`.
    pub(super) path: String,
    /// Bytes in it.
    pub(super) size: u64,
    /// Its sum in hexadecimal digits.
    pub(super) sum: String,
}

/// Sections in the order in which they are preferred, with what their sums are; those of SHA-1
/// only tell names and sizes.
const SECTIONS: [(&str, Option<Kind>); 4] = [
    ("sha256", Some(Kind::Sha256)),
    ("sha512", Some(Kind::Sha512)),
    ("md5sum", Some(Kind::Md5)),
    ("sha1", None),
];

/// Takes the lines of the best section; none where there is no such section. A clear-signed
/// `InRelease` reads the same.
pub(super) fn parse(text: &str) -> (Option<Kind>, Vec<Listed>) {
    for (section, kind) in SECTIONS {
        let listed = lines(text, section);
        if !listed.is_empty() {
            return (kind, listed);
        }
    }
    (None, Vec::new())
}

fn lines(text: &str, section: &str) -> Vec<Listed> {
    let mut inside = false;
    let mut listed = Vec::new();
    for line in text.lines() {
        if !line.starts_with([' ', '\t']) {
            let name = line.split_once(':').map(|(name, _)| name);
            inside = name.is_some_and(|name| name.eq_ignore_ascii_case(section));
        } else if inside {
            listed.extend(one(line));
        }
    }
    listed
}

/// ` SUM SIZE PATH`; anything else is passed over, as apt does.
fn one(line: &str) -> Option<Listed> {
    let mut words = line.split_whitespace();
    let (sum, size, path) = (words.next()?, words.next()?, words.next()?);
    let size = size.parse().ok()?;
    Some(Listed { path: path.to_owned(), size, sum: sum.to_ascii_lowercase() })
}

/// The name of an index without what says how it is compressed: `main/binary-amd64/Packages`.
/// `None` for what is no list of packages.
pub(super) fn packages(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    let rest = name.strip_prefix("Packages")?;
    let known = rest.is_empty() || FORMS.contains(&rest);
    known.then(|| path.strip_suffix(rest)).flatten()
}

/// The endings of the forms in which an index may be there; the first that is there is read.
pub(super) const FORMS: [&str; 6] = ["", ".gz", ".xz", ".zst", ".bz2", ".lzma"];

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASE: &str = "Origin: Ubuntu\nSuite: xenial\nMD5Sum:\n aa 20 main/binary-amd64/Packages.gz\n\
        SHA1:\n bb 20 main/binary-amd64/Packages.gz\n\
        SHA256:\n CC               20 main/binary-amd64/Packages.gz\n nonsense\n\
        \x20dd 97 main/binary-amd64/Release\nDescription: x\n";

    #[test]
    fn the_best_sums_are_taken() {
        let (kind, listed) = parse(RELEASE);
        assert_eq!(kind, Some(Kind::Sha256));
        let gz = "main/binary-amd64/Packages.gz".to_owned();
        assert_eq!(listed[0], Listed { path: gz, size: 20, sum: "cc".into() });
        assert_eq!(listed.len(), 2);
        let (kind, listed) = parse(&RELEASE.replace("SHA256", "Other"));
        assert_eq!((kind, listed[0].sum.as_str()), (Some(Kind::Md5), "aa"));
        assert_eq!(parse("Codename: x\nSHA256:\n"), (None, Vec::new()));
    }

    #[test]
    fn a_signed_one_reads_the_same() {
        let signed = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{RELEASE}\
            -----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"
        );
        assert_eq!(parse(&signed), parse(RELEASE));
    }

    #[test]
    fn an_index_is_known_in_all_its_forms() {
        for form in FORMS {
            let path = format!("main/binary-amd64/Packages{form}");
            assert_eq!(packages(&path), Some("main/binary-amd64/Packages"), "{path}");
        }
        assert_eq!(packages("main/binary-amd64/Packages.diff/Index"), None);
        assert_eq!(packages("main/binary-amd64/Packages.old"), None);
        assert_eq!(packages("main/Contents-amd64.gz"), None);
    }
}
