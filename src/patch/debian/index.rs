//! Which files below a suite are indexes that can be joined, and in which forms they are there.

/// How an index is stored, by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// gzip.
    Gzip,
    /// xz.
    Xz,
    /// Zstandard, which is read and not written.
    Zstd,
    /// bzip2, which is not even read.
    Bzip2,
    /// LZMA alone, likewise.
    Lzma,
}

impl Form {
    /// All of them, in the order in which they are preferred for reading.
    pub(super) const ALL: [Self; 6] =
        [Self::Plain, Self::Gzip, Self::Xz, Self::Zstd, Self::Bzip2, Self::Lzma];

    /// What stands behind the plain name.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => ".gz",
            Self::Xz => ".xz",
            Self::Zstd => ".zst",
            Self::Bzip2 => ".bz2",
            Self::Lzma => ".lzma",
        }
    }

    /// Whether an index in this form is written again.
    pub(super) fn is_written(self) -> bool {
        matches!(self, Self::Plain | Self::Gzip | Self::Xz)
    }

    /// Whether there is a reader for it.
    pub(super) fn is_read(self) -> bool {
        !matches!(self, Self::Bzip2 | Self::Lzma)
    }
}

/// A path without the end that says how it is stored.
pub(super) fn split(path: &[u8]) -> (&[u8], Form) {
    let packed = Form::ALL.into_iter().filter(|form| *form != Form::Plain);
    let of = |form: Form| Some((path.strip_suffix(form.suffix().as_bytes())?, form));
    packed.filter_map(of).next().unwrap_or((path, Form::Plain))
}

/// What an index lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Packages, binary or source: without them they cannot be installed.
    Packages,
    /// Translated descriptions.
    Translation,
}

/// What the index of this plain path lists: `main/binary-amd64/Packages`,
/// `main/debian-installer/binary-amd64/Packages`, `main/source/Sources`,
/// `main/i18n/Translation-de`. `None` for any other file.
pub(super) fn kind(stem: &[u8]) -> Option<Kind> {
    let mut names = stem.rsplit(|&b| b == b'/');
    let (name, dir) = (names.next()?, names.next()?);
    // There is a component before it.
    names.next()?;
    match name {
        b"Packages" if dir.starts_with(b"binary-") => Some(Kind::Packages),
        b"Sources" if dir == b"source" => Some(Kind::Packages),
        _ if dir == b"i18n" && name.starts_with(b"Translation-") => Some(Kind::Translation),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_known_in_all_its_forms() {
        for form in Form::ALL {
            let path = format!("main/binary-amd64/Packages{}", form.suffix());
            let (stem, found) = split(path.as_bytes());
            assert_eq!((stem, found), (&b"main/binary-amd64/Packages"[..], form));
            assert_eq!(kind(stem), Some(Kind::Packages));
        }
        for path in ["main/debian-installer/binary-arm64/Packages", "contrib/source/Sources"] {
            assert_eq!(kind(path.as_bytes()), Some(Kind::Packages), "{path}");
        }
        assert_eq!(kind(b"main/i18n/Translation-pt_BR"), Some(Kind::Translation));
    }

    #[test]
    fn no_other_file_is_an_index() {
        for path in [
            "Packages",
            "binary-amd64/Packages",
            "main/binary-amd64/Release",
            "main/binary-amd64/Packages.diff/Index",
            "main/binary-amd64/by-hash/SHA256/00ff",
            "main/Contents-amd64",
            "main/i18n/Index",
            "main/source/Packages",
        ] {
            assert_eq!(kind(split(path.as_bytes()).0), None, "{path}");
        }
    }
}
