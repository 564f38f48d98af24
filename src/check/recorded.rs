//! What an import's state files say about its tree.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use blake3::Hash;

use super::finding::Findings;
use crate::lines::Unread;
use crate::manifest;
use crate::meta::{self, Meta, Type};
use crate::path_map::PathMap;
use crate::site::known::anew;
use crate::site::{Record, Root, next};

/// Largest state file that is read, in bytes: some hundred for each of 500,000 paths.
const STATE_MAX: u64 = 1 << 30;
/// What is said of a file that the system does not give out.
const DENIED: &str = "cannot be read";

/// What one path was when it was imported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Expected {
    /// As the meta file has it.
    pub meta: Option<Meta>,
    /// Of a file that the manifest can name.
    pub hash: Option<Hash>,
}

/// An import as it was when it was made.
#[derive(Debug)]
pub struct Recorded {
    /// The record.
    pub record: Record,
    /// The record's bytes: another import of the NAME makes others.
    json: Vec<u8>,
    /// By path from the top of the tree, which is empty for a target that is one file.
    pub(super) paths: PathMap<Expected>,
}

impl Recorded {
    /// Reads record, manifest and meta of `name`; `None` if there is no record that can be used.
    /// Where a publication was cut short after its tree had become the live one, its files count.
    pub fn read(root: &Root, name: &str, findings: &mut Findings) -> Option<Self> {
        let again = format!("import {name} again");
        // A record that cannot be read is reported below.
        let from = next::is_live(root, name).unwrap_or(false).then(|| root.next(name));
        // What is not in there has been taken over already.
        let open = |staged: &str, path: PathBuf| match &from {
            Some(dir) => match open(&dir.join(staged), STATE_MAX) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => open(&path, STATE_MAX),
                opened => opened,
            },
            None => open(&path, STATE_MAX),
        };
        let place = format!(".pxe-import/{name}.json");
        let json =
            match open(next::RECORD, root.record(name)).and_then(|file| whole(file, STATE_MAX)) {
                Ok(json) => json,
                Err(e) => {
                    let message = format!("{DENIED}: {e}");
                    let mend = mend(&message, &again);
                    findings.fault("record-unreadable", place, message, mend);
                    return None;
                }
            };
        let record = match Record::parse(&root.record(name), name, &json) {
            Ok(record) => record,
            Err(error) => {
                let what = plain(&error);
                let (message, mend) = what.rsplit_once(": ").unwrap_or((&what, "restore it"));
                // One of a newer version is not damaged.
                let mend = match mend {
                    "restore it" => format!("restore it, or {}", anew(name)),
                    other => other.to_owned(),
                };
                findings.fault("record-damaged", place, message, mend);
                return None;
            }
        };
        let mut paths: PathMap<Expected> = PathMap::new();
        let place = format!(".pxe-import/{name}.meta");
        let expected = |(path, meta)| (path, Expected { meta: Some(meta), hash: None });
        match read(open(next::META, root.meta(name)), |file| {
            meta::read(file).map(|line| line.map(expected)).collect()
        }) {
            Ok(metas) => paths = metas,
            Err(why) => {
                let message = format!("{why}: links, modes and times cannot be checked");
                findings.fault("meta-damaged", place, message, mend(&why, &anew(name)));
            }
        }
        let place = format!(".pxe-import/{name}.b3");
        let hash = |entry: manifest::Entry| (entry.path, entry.hash);
        match read(open(next::MANIFEST, root.manifest(name)), |file| {
            manifest::read(file).map(|entry| entry.map(hash)).collect()
        }) {
            Ok(hashes) => add(&record, &mut paths, &hashes, &place, &again, findings),
            Err(why) => {
                let message = format!("{why}: the files' bytes cannot be checked");
                findings.fault("manifest-damaged", place, message, mend(&why, &again));
            }
        }
        Some(Self { record, json, paths })
    }

    /// Whether another import has taken its place since.
    pub fn is_stale(&self, root: &Root) -> bool {
        let live = next::is_live(root, &self.record.name).unwrap_or(false);
        let path = match live {
            true => root.next(&self.record.name).join(next::RECORD),
            false => root.record(&self.record.name),
        };
        regular(&path, STATE_MAX).map_or(true, |json| json != self.json)
    }

    /// How many files and bytes it has.
    pub fn totals(&self) -> (u64, u64) {
        let files = self.paths.values().filter(|one| match &one.meta {
            Some(meta) => meta.r#type() == Type::File,
            None => one.hash.is_some(),
        });
        files.fold((0, 0), |(files, bytes), one| {
            let size = one.meta.as_ref().and_then(Meta::size).unwrap_or(0);
            (files + 1, bytes + size)
        })
    }
}

/// Puts the manifest's hashes to the paths that the meta file has told.
fn add(
    record: &Record,
    paths: &mut PathMap<Expected>,
    hashes: &PathMap<Hash>,
    place: &str,
    again: &str,
    findings: &mut Findings,
) {
    let no_meta = paths.is_empty();
    let file = record.target.rsplit('/').next().unwrap_or_default();
    let single = hashes.len() == 1
        && hashes.contains(Path::new(file))
        && (no_meta || paths.contains(Path::new("")));
    let mut unknown = Vec::new();
    for (path, &hash) in hashes.iter() {
        let path = if single { Path::new("") } else { path };
        match paths.get_mut(path) {
            Some(one) => one.hash = Some(hash),
            None => unknown.push((path, Expected { meta: None, hash: Some(hash) })),
        }
    }
    let unknown_count = unknown.len();
    paths.extend(unknown);
    let file = |one: &Expected| one.meta.as_ref().is_some_and(|meta| meta.r#type() == Type::File);
    let lacks = |(path, one): &(&Path, &Expected)| {
        let name = path.as_os_str().as_encoded_bytes();
        one.hash.is_none() && file(one) && manifest::fits(name).is_some()
    };
    let lacking = paths.iter().filter(lacks).count();
    if lacking > 0 {
        let message = format!("lacks {lacking} of the import's files");
        findings.fault("manifest-damaged", place, message, again);
    }
    if unknown_count > 0 && !no_meta {
        let message =
            format!("names {unknown_count} files that the import's meta file does not know");
        findings.fault("manifest-damaged", place, message, again);
    }
}

/// How a state file is mended that has this to be said of it.
fn mend(why: &str, again: &str) -> String {
    match why.starts_with(DENIED) {
        true => format!("run check as its owner, or {again}"),
        false => again.to_owned(),
    }
}

/// What `parse` makes of a state file, or what is to be said of that.
fn read<T>(
    file: io::Result<File>,
    parse: impl FnOnce(BufReader<File>) -> Result<T, Unread>,
) -> Result<T, String> {
    let read = file.map_err(Unread::Io).and_then(|file| parse(BufReader::new(file)));
    read.map_err(|error| match error {
        Unread::Io(e) if e.kind() == io::ErrorKind::NotFound => "is missing".to_owned(),
        Unread::Io(e) => format!("{DENIED}: {e}"),
        Unread::Line(bad) => bad.to_string(),
    })
}

/// What an error says, without the path that the finding has anyway.
pub(super) fn plain(error: &crate::error::Error) -> String {
    match error {
        crate::error::Error::Invalid { what, .. } | crate::error::Error::Conflict { what, .. } => {
            what.clone()
        }
        other => other.chain(),
    }
}

/// The bytes of a regular file, links followed; never waits for a pipe.
///
/// # Errors
/// What the system says; [`io::ErrorKind::InvalidInput`] for what is no file,
/// [`io::ErrorKind::FileTooLarge`] for more than `max` bytes.
pub(super) fn regular(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    whole(open(path, max)?, max)
}

/// Opens a regular file that has at most `max` bytes.
fn open(path: &Path, max: u64) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    let file: File = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    if meta.len() > max {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too large"));
    }
    Ok(file)
}

fn whole(file: File, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > max) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too large"));
    }
    Ok(bytes)
}
