//! A tree on disk against what was imported: what is there, of which kind, size, time and mode.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::capped::Capped;
use super::disk::{Kind, Seen, Walk};
use super::finding::Findings;
use super::recorded::Expected;
use super::shell::quoted;
use crate::media::path::follow;
use crate::meta::{Meta, What};
use crate::path_map::PathMap;

/// Of one import's tree.
pub(super) struct Files<'a> {
    /// The root, for command lines.
    pub root: &'a Path,
    /// Where the tree is, relative to the root.
    pub label: &'a str,
    /// The NAME.
    pub name: &'a str,
    /// Whether no file is going to be read.
    pub quick: bool,
}

/// A file whose bytes are to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job<'e> {
    /// From the top of the tree.
    pub path: &'e Path,
    /// What its hash is to be.
    pub hash: &'e blake3::Hash,
    /// Bytes.
    pub size: u64,
    /// Whether its time of modification is another one than recorded.
    pub touched: bool,
}

impl Files<'_> {
    /// The path of `path` in the tree, for findings.
    pub(super) fn place(&self, path: &Path) -> String {
        place(self.label, path)
    }

    /// Compares all but bytes; returns the files whose bytes are left to compare.
    pub(super) fn compare<'e>(
        &self,
        expected: &'e PathMap<Expected>,
        walk: &Walk,
        findings: &mut Findings,
    ) -> Vec<Job<'e>> {
        let mut jobs = Vec::new();
        let mut notes = Capped::new(self.label);
        // The directory whose absence is told already, and how much was in it.
        let mut gone: Option<(&Path, usize)> = None;
        for (path, one) in expected.iter() {
            if let Some((dir, count)) = &mut gone {
                if path.starts_with(*dir) {
                    *count += 1;
                    continue;
                }
                let (dir, count) = (*dir, *count);
                self.gone(dir, count, expected, walk, findings);
                gone = None;
            }
            let failed = walk.failed.contains_key(path);
            let wanted = one.meta.as_ref().map_or("file", |meta| meta.r#type().word());
            let seen = walk.seen.get(path).filter(|seen| wanted == seen.kind.word());
            match seen {
                Some(seen) if !failed => {
                    jobs.extend(self.one(path, one, seen, findings, &mut notes));
                }
                _ => gone = Some((path, 0)),
            }
        }
        if let Some((dir, count)) = gone {
            self.gone(dir, count, expected, walk, findings);
        }
        for (path, seen) in walk.seen.iter().filter(|(path, _)| !path.as_os_str().is_empty()) {
            if expected.holds(path) {
                continue;
            }
            let parent = path.parent().unwrap_or(Path::new(""));
            if parent.as_os_str().is_empty() || expected.holds(parent) {
                match seen.kind {
                    Kind::Other => {
                        let message = "is neither file, directory nor link: the next import will be \
                                       refused, as it would be lost";
                        let place = self.place(path);
                        notes.warning("foreign-special", place, message, "move it away", findings);
                    }
                    _ => {
                        let message = "is none of the import's files";
                        notes.note("foreign-file", self.place(path), message, findings);
                    }
                }
            }
        }
        notes.finish(findings);
        jobs
    }

    /// Something of the import that is not there, or is something else; `count` more were in it.
    fn gone(
        &self,
        path: &Path,
        count: usize,
        expected: &PathMap<Expected>,
        walk: &Walk,
        findings: &mut Findings,
    ) {
        let place = self.place(path);
        let again = format!("import {} again", self.name);
        let with = if count == 0 { String::new() } else { format!(", with the {count} in it") };
        if let Some(error) = walk.failed.get(path) {
            let message = format!("cannot be looked at{with}: {error}");
            return findings.fault("dir-unreadable", place, message, "run check as its owner");
        }
        let meta = expected.get(path).and_then(|one| one.meta.as_ref());
        let wanted = meta.map_or("file", |meta| meta.r#type().word());
        match walk.seen.get(path) {
            None => findings.fault("file-missing", place, format!("is missing{with}"), again),
            Some(seen) => {
                let message = format!(
                    "is a {} where a {} was imported{with}",
                    seen.kind.shown(),
                    if wanted == "dir" { "directory" } else { wanted },
                );
                findings.fault("type-changed", place, message, format!("remove it, then {again}"));
            }
        }
    }

    /// Something that is there and of the right kind.
    fn one<'e>(
        &self,
        path: &'e Path,
        one: &'e Expected,
        seen: &Seen,
        findings: &mut Findings,
        notes: &mut Capped,
    ) -> Option<Job<'e>> {
        let again = format!("import {} again", self.name);
        if let (Kind::Link(to), Some(Meta { what: What::Link { target }, .. })) =
            (&seen.kind, &one.meta)
        {
            // What is not UTF-8 was replaced in the meta file, too.
            let to = to.to_string_lossy();
            if to != **target {
                let message = format!("leads to {to}, and to {target} when it was imported");
                findings.fault("link-changed", self.place(path), message, again);
            } else if follow(path.as_os_str().as_bytes(), to.as_bytes()).is_none() {
                let message = format!(
                    "leads out of the tree, to {to}: a web server that follows links, as nginx does with \
                     init's config, hands out what is there; Samba does not"
                );
                let mend = format!("{again} without --keep-unsafe-links, unless that is meant");
                notes.warning("link-outside", self.place(path), &message, &mend, findings);
            }
            return None;
        }
        if let Some(meta) = &one.meta {
            self.mode(path, meta, seen, findings, notes);
        }
        if seen.kind != Kind::File {
            return None;
        }
        let size = one.meta.as_ref().and_then(Meta::size);
        if let Some(size) = size.filter(|&size| size != seen.size) {
            let message = format!("has {} bytes, and had {size} when it was imported", seen.size);
            findings.fault("file-changed", self.place(path), message, self.mend(path));
            return None;
        }
        // Not every filesystem can keep a time that 32 bits cannot.
        let mtime = one.meta.as_ref().and_then(|meta| meta.mtime);
        let mtime = mtime.filter(|&mtime| i32::try_from(mtime).is_ok());
        let touched = mtime.is_some_and(|mtime| mtime != seen.mtime);
        match &one.hash {
            Some(hash) if !self.quick => Some(Job { path, hash, size: seen.size, touched }),
            _ if touched => {
                let message = "has been written to since it was imported: its bytes may differ";
                let mend = match one.hash {
                    Some(_) => "check it without --quick, which reads it".to_owned(),
                    None => again,
                };
                notes.warning("file-touched", self.place(path), message, &mend, findings);
                None
            }
            _ => None,
        }
    }

    fn mode(
        &self,
        path: &Path,
        meta: &Meta,
        seen: &Seen,
        findings: &mut Findings,
        notes: &mut Capped,
    ) {
        let mode = u32::from(meta.mode);
        if mode == seen.mode {
            return;
        }
        let place = self.place(path);
        let message = format!("has mode {:04o}, and had {mode:04o} when imported", seen.mode);
        let needed = if seen.kind == Kind::Dir { 0o005 } else { 0o004 };
        if mode & needed & !seen.mode == 0 {
            return notes.note("mode-changed", place, &message, findings);
        }
        let message = format!("{message}: the web server may not be able to read it");
        let mend = format!("chmod {mode:04o} {}", quoted(&self.root.join(&place)));
        // Behind a directory may be anything that clients ask for.
        match seen.kind {
            Kind::Dir => notes.fault("mode-changed", place, &message, &mend, findings),
            _ => notes.warning("mode-changed", place, &message, &mend, findings),
        }
    }

    /// How a file is mended that an import sees, by size or time, to have been edited.
    pub(super) fn mend(&self, path: &Path) -> String {
        // A target that is one file has no room for another version beside it.
        let kept = match path.as_os_str().is_empty() {
            true => "",
            false => ", which keeps this one beside it as FILE.pxe-save",
        };
        format!("import {} again{kept}", self.name)
    }
}

/// The path of `path` in the tree at `label`; what is not UTF-8 is replaced.
pub(super) fn place(label: &str, path: &Path) -> String {
    if path.as_os_str().is_empty() {
        return label.to_owned();
    }
    format!("{label}/{}", path.to_string_lossy())
}

impl Kind {
    /// As the meta file names it.
    fn word(&self) -> &'static str {
        match self {
            Self::Dir => "dir",
            Self::File => "file",
            Self::Link(_) => "link",
            Self::Other => "other",
        }
    }

    fn shown(&self) -> &'static str {
        match self {
            Self::Dir => "directory",
            Self::File => "file",
            Self::Link(_) => "link",
            Self::Other => "pipe, socket or device",
        }
    }
}

#[cfg(test)]
mod tests;
