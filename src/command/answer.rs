//! An answer file: read from the administrator's home or made from a template, published at the top of
//! the tree, or in a directory there where it is one of several files.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::answer::{self, Choice, Request, Source, seed};
use crate::error::{Error, Result};
use crate::identify::AnswerKind;
use crate::media::path::check_name;
use crate::site::{self, Root};

/// Largest answer file in bytes: installers read them into memory.
const BYTES_MAX: u64 = 4 << 20;

/// An answer file to publish.
#[derive(Debug, Clone)]
pub(super) struct AnswerFile {
    /// Where it goes, from the top of the tree.
    pub name: String,
    /// What is in it.
    pub content: Arc<[u8]>,
    /// Its language.
    pub kind: AnswerKind,
}

impl AnswerFile {
    /// Reads the file, or makes it from the template: the site's own one of that name, if there is
    /// one, or a built-in one. The entry's label becomes its name then.
    ///
    /// # Errors
    /// As [`AnswerFile::read`] and [`answer::render()`].
    pub(super) fn make(root: &Root, source: &Source, request: &Request<'_>) -> Result<Self> {
        let template = match source {
            Source::File(path) => return Self::read(path),
            Source::Template(name) => name.as_deref(),
        };
        let request = Request { template, ..*request };
        let own = own_template(root, &request.product.profile, template)?;
        let own = own.as_ref().map(|(path, text)| (path.as_path(), text.as_str()));
        let content = answer::render(&request, own)?.into_bytes();
        let kind = AnswerKind::of(&content);
        let name = answer::file_name(request.label, kind)?;
        Ok(Self { name, content: content.into(), kind })
    }

    /// Reads it.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|name| check_name(name.as_bytes()).is_ok() && !name.contains(char::is_control))
            .ok_or_else(|| {
                let shown = crate::media::printable(path.as_os_str().as_bytes());
                Error::Usage(format!(
                    "{shown} is no name that an answer file can be published under"
                ))
            })?
            .to_owned();
        let mut content = Vec::new();
        let read = |e| Error::io("read the answer file", path, e);
        // Asked by its path: opening a pipe would wait for a writer.
        if !path.metadata().map_err(read)?.is_file() {
            return Err(Error::invalid(path, "is no file: give the answer file itself"));
        }
        File::open(path)
            .and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut content))
            .map_err(read)?;
        if content.is_empty() {
            return Err(Error::invalid(path, "is empty: an answer file has at least one line"));
        }
        if u64::try_from(content.len()).is_ok_and(|len| len > BYTES_MAX) {
            let what = format!("is above {} MiB: this is no answer file", BYTES_MAX >> 20);
            return Err(Error::invalid(path, what));
        }
        let kind = AnswerKind::of(&content);
        Ok(Self { name, content: content.into(), kind })
    }

    /// The file as the entry `label` publishes it; `only` is the language that the entry reads, where
    /// it reads no other: what looks like none is taken for user data where it reads that.
    ///
    /// # Errors
    /// [`Error::Invalid`] for user data that cloud-init does not know as such; as [`answer::file_name`].
    pub(super) fn placed(self, label: &str, only: Option<AnswerKind>) -> Result<Self> {
        let kind = match (self.kind, only) {
            // What has no mark of any language, and would be checked as user data.
            (AnswerKind::Kickstart, Some(AnswerKind::Autoinstall)) => AnswerKind::Autoinstall,
            (kind, _) => kind,
        };
        if kind != AnswerKind::Autoinstall {
            return Ok(Self { kind, ..self });
        }
        seed::check(&self.content).map_err(|what| Error::invalid(&*self.name, what))?;
        Ok(Self { name: answer::file_name(label, kind)?, kind, ..self })
    }

    /// The empty file that is published with it, if there is one, from the top of the tree.
    pub(super) fn beside(&self) -> Option<String> {
        seed::beside(&self.name)
    }
}

/// The site's own template, if it has one of that name: its path and its text.
///
/// # Errors
/// [`Error::Usage`] for a name that is none; [`Error::Io`]; [`Error::Invalid`] for one that is not
/// UTF-8 or too large.
pub(super) fn own_template(
    root: &Root,
    profile: &str,
    template: Option<&str>,
) -> Result<Option<(PathBuf, String)>> {
    if let Some(name) = template {
        check_template_name(name)?;
    }
    for name in Choice::new(profile, template).own {
        let path = root.path().join("templates").join(name);
        let read = |e| Error::io("read the template", &path, e);
        let meta = match path.metadata() {
            Ok(meta) => meta,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(read(e)),
        };
        if !meta.is_file() || meta.len() > BYTES_MAX {
            return Err(Error::invalid(path, "is no template: it is no file, or too large"));
        }
        let bytes = std::fs::read(&path).map_err(read)?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::invalid(&path, "is not UTF-8, as a template must be"))?;
        return Ok(Some((path, text)));
    }
    Ok(None)
}

fn check_template_name(name: &str) -> Result<()> {
    site::name::check_name(name).map_err(|_| {
        Error::Usage(format!(
            "{name:?} is no template's name: those are letters, digits, dots, underscores and hyphens"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_file_is_published_under_its_base_name() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("ks-min.cfg");
        std::fs::write(&path, "install\n").expect("write");
        let file = AnswerFile::read(&path).expect("readable");
        assert_eq!((&*file.name, file.beside()), ("ks-min.cfg", None));
        assert_eq!(file.kind, AnswerKind::Kickstart);
    }

    #[test]
    fn user_data_is_published_in_a_directory_of_its_label_and_must_be_known_as_such() {
        let of = |content: &str| AnswerFile {
            name: "my.yaml".into(),
            content: content.as_bytes().into(),
            kind: AnswerKind::of(content.as_bytes()),
        };
        let placed = of("#cloud-config\nautoinstall: {}\n").placed("web", None).expect("known");
        assert_eq!(placed.name, "answers/web/user-data");
        assert_eq!(placed.beside().as_deref(), Some("answers/web/meta-data"));
        let only = Some(AnswerKind::Autoinstall);
        for bad in ["autoinstall:\n  version: 1\n", "version: 1\n"] {
            let error = of(bad).placed("web", only).expect_err(bad).to_string();
            assert!(
                error.starts_with("my.yaml: does not begin with the line #cloud-config"),
                "{error}"
            );
        }
        let other = of("d-i a/b string c\n").placed("web", only).expect("of another language");
        assert_eq!((&*other.name, other.kind), ("my.yaml", AnswerKind::Preseed));
    }

    #[test]
    fn an_empty_or_a_missing_file_is_refused_by_its_path() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("ks.cfg");
        let error = AnswerFile::read(&path).expect_err("missing").to_string();
        assert!(
            error.starts_with("cannot read the answer file ") && error.contains("ks.cfg"),
            "{error}"
        );
        let error = AnswerFile::read(dir.path()).expect_err("a directory").to_string();
        assert!(error.contains("is no file"), "{error}");
        std::fs::write(&path, "").expect("write");
        assert!(AnswerFile::read(&path).expect_err("empty").to_string().contains("is empty"));
    }
}
