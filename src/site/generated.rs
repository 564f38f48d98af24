//! The site's own files that we generate, with the hashes that they had when they were written:
//! `.pxe-import/_site.json` (no NAME begins with an underscore).
//!
//! A file with a recorded hash may be replaced; one with any other hash has been edited, or was never
//! ours, and is kept. The new hash is recorded beside the old one before the file is written, so that a
//! kill between the two leaves no file that would be taken for an edited one.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use similar::TextDiff;

use super::atomic::write_atomic;
use super::root::Root;
use crate::error::{Error, Result};

/// The schema that is written.
const SCHEMA: u32 = 1;

/// How many earlier hashes of a file are kept.
const HASHES_KEPT: usize = 4;

/// A file to be generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFile {
    /// Relative to the root.
    pub path: PathBuf,
    /// What is to be in it.
    pub bytes: Vec<u8>,
    /// Permission bits of a new one.
    pub mode: u32,
    /// Where it was copied from, for what is no text of ours, and its version.
    pub origin: Option<Origin>,
}

/// Where a file that is no text of ours came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The path that it was copied from.
    pub path: String,
    /// What it says of its own version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was not there and is now.
    Added,
    /// It was ours and is new.
    Replaced,
    /// It is as it should be.
    Unchanged,
    /// It has been edited, or is not ours, and stays.
    Kept,
    /// It was ours, is needed no more, and is gone.
    Removed,
}

/// A file's outcome, and how its text changes or would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// What became of it.
    pub outcome: Outcome,
    /// Unified diff from what is there to what is wanted; empty where both are equal or no text.
    pub diff: String,
}

/// What is recorded of one file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Known {
    /// BLAKE3 in hexadecimal, the latest first.
    hashes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
}

/// What is recorded of the site's files.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Ledger {
    schema: u32,
    files: BTreeMap<String, Known>,
    /// Hashes of what is ours within files that are not ours as a whole, the latest first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parts: BTreeMap<String, Vec<String>>,
}

impl Ledger {
    /// Reads it; one that is not there is empty.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Invalid`] for a newer schema and for what is no ledger.
    pub fn read(root: &Root) -> Result<Self> {
        let path = file(root);
        let json = match fs::read(&path) {
            Ok(json) => json,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(Error::io("read", path, e)),
        };
        let ledger: Self = serde_json::from_slice(&json).map_err(|e| {
            Error::invalid(&path, format!("is no record of the site's files: {e}: restore it"))
        })?;
        if ledger.schema > SCHEMA {
            let what = format!("has schema {}, and this pxe-import knows {SCHEMA}", ledger.schema);
            return Err(Error::invalid(&path, what));
        }
        Ok(ledger)
    }

    /// The paths that are recorded, relative to the root.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(Path::new)
    }

    /// Where a file was copied from.
    pub fn origin(&self, path: &Path) -> Option<&Origin> {
        self.files.get(path.to_str()?)?.origin.as_ref()
    }

    /// Whether `bytes` are what we have written to `path`.
    pub fn is_ours(&self, path: &Path, bytes: &[u8]) -> bool {
        let known = path.to_str().and_then(|path| self.files.get(path));
        let hash = blake3::hash(bytes).to_hex();
        known.is_some_and(|known| known.hashes.iter().any(|there| there == hash.as_str()))
    }

    /// The hashes that the part `key` of a file has been written with, the latest first.
    pub fn part(&self, key: &str) -> Vec<&str> {
        self.parts.get(key).into_iter().flatten().map(String::as_str).collect()
    }

    /// Records the hash that the part `key` of a file is going to be written with.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn note_part(&mut self, root: &Root, key: &str, hash: &str) -> Result<()> {
        let hashes = self.parts.entry(key.to_owned()).or_default();
        if hashes.first().is_some_and(|newest| newest == hash) {
            return Ok(());
        }
        hashes.retain(|there| there != hash);
        hashes.insert(0, hash.to_owned());
        hashes.truncate(HASHES_KEPT);
        self.write(root)
    }

    /// What [`Ledger::put`] would do; writes nothing.
    ///
    /// # Errors
    /// [`Error::Io`] for a file that is there and cannot be read; [`Error::Conflict`] as [`Ledger::put`].
    pub fn compare(&self, root: &Root, wanted: &SiteFile, force: bool) -> Result<Put> {
        let path = root.path().join(&wanted.path);
        let there = read(&path)?;
        let outcome = match &there {
            None => Outcome::Added,
            Some(there) if *there == wanted.bytes => Outcome::Unchanged,
            Some(there) if force || self.is_ours(&wanted.path, there) => Outcome::Replaced,
            Some(_) => Outcome::Kept,
        };
        if matches!(outcome, Outcome::Added | Outcome::Replaced) && root.path().exists() {
            root.check_way(&path)?;
        }
        let diff = |there: Vec<u8>| diff(&wanted.path, &there, &wanted.bytes);
        Ok(Put { outcome, diff: there.map(diff).unwrap_or_default() })
    }

    /// Writes `wanted` unless an edited file is in its place and `force` is not given. Directories
    /// above it are made.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Conflict`] where it would be written through a link that leads out of the
    /// root.
    pub fn put(&mut self, root: &Root, wanted: &SiteFile, force: bool) -> Result<Put> {
        let put = self.compare(root, wanted, force)?;
        if put.outcome == Outcome::Kept {
            return Ok(put);
        }
        let hash = blake3::hash(&wanted.bytes).to_hex().to_string();
        let key = wanted.path.to_string_lossy().into_owned();
        let old = self.files.get(&key);
        let mut hashes = vec![hash];
        hashes.extend(old.into_iter().flat_map(|old| old.hashes.clone()));
        let newest = hashes[0].clone();
        let mut seen = std::collections::HashSet::new();
        hashes.retain(|hash| seen.insert(hash.clone()));
        hashes.truncate(HASHES_KEPT);
        let known = Known { hashes, origin: wanted.origin.clone() };
        let same = old
            .is_some_and(|old| old.hashes.first() == Some(&newest) && old.origin == known.origin);
        if !same {
            self.files.insert(key, known);
            self.write(root)?;
        }
        if put.outcome != Outcome::Unchanged {
            let path = root.path().join(&wanted.path);
            root.make_way(&wanted.path)?;
            write_atomic(&path, &wanted.bytes, wanted.mode)?;
        }
        Ok(put)
    }

    /// Removes a file of ours that is needed no more; an edited one stays, and is ours no more.
    ///
    /// # Errors
    /// As [`Ledger::put`].
    pub fn drop(&mut self, root: &Root, path: &Path) -> Result<Outcome> {
        let full = root.path().join(path);
        let outcome = match read(&full)? {
            None => Outcome::Unchanged,
            Some(there) if self.is_ours(path, &there) => {
                root.check_way(&full)?;
                fs::remove_file(&full).map_err(|e| Error::io("remove", &full, e))?;
                Outcome::Removed
            }
            Some(_) => Outcome::Kept,
        };
        if self.files.remove(&*path.to_string_lossy()).is_some() {
            self.write(root)?;
        }
        Ok(outcome)
    }

    fn write(&mut self, root: &Root) -> Result<()> {
        self.schema = SCHEMA;
        // Strings and string keys: nothing that JSON cannot hold.
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        write_atomic(&file(root), &json, 0o644)
    }
}

fn file(root: &Root) -> PathBuf {
    root.state().join("_site.json")
}

fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(e) => Err(Error::io("read", path, e)),
    }
}

/// Unified diff from what is at `path` to what is wanted; empty where one of them is no text.
pub(crate) fn diff(path: &Path, old: &[u8], new: &[u8]) -> String {
    let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else {
        return String::new();
    };
    let name = path.to_string_lossy();
    TextDiff::from_lines(old, new)
        .unified_diff()
        .header(&name, &format!("{name} (wanted)"))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path());
        root.create().expect("made");
        (dir, root)
    }

    fn text(text: &str) -> SiteFile {
        let path = "etc/dnsmasq.conf".into();
        SiteFile { path, bytes: text.as_bytes().to_vec(), mode: 0o644, origin: None }
    }

    #[test]
    fn our_file_is_replaced_and_an_edited_one_is_kept_until_forced() {
        let (_dir, root) = site();
        let mut ledger = Ledger::read(&root).expect("empty");
        assert_eq!(ledger.put(&root, &text("a\n"), false).expect("put").outcome, Outcome::Added);
        let mut ledger = Ledger::read(&root).expect("read");
        assert_eq!(
            ledger.put(&root, &text("a\n"), false).expect("put").outcome,
            Outcome::Unchanged
        );
        assert_eq!(ledger.put(&root, &text("b\n"), false).expect("put").outcome, Outcome::Replaced);
        let path = root.path().join("etc/dnsmasq.conf");
        fs::write(&path, "mine\n").expect("edited");
        let kept = ledger.put(&root, &text("c\n"), false).expect("kept");
        assert_eq!(kept.outcome, Outcome::Kept);
        assert!(kept.diff.contains("-mine\n+c\n"), "{}", kept.diff);
        assert_eq!(fs::read(&path).expect("there"), b"mine\n");
        assert_eq!(
            ledger.put(&root, &text("c\n"), true).expect("forced").outcome,
            Outcome::Replaced
        );
        assert_eq!(fs::read(&path).expect("there"), b"c\n");
    }

    #[test]
    fn a_kill_between_ledger_and_file_leaves_the_old_file_ours() {
        let (_dir, root) = site();
        let mut ledger = Ledger::read(&root).expect("empty");
        ledger.put(&root, &text("a\n"), false).expect("put");
        ledger.put(&root, &text("b\n"), false).expect("put");
        fs::write(root.path().join("etc/dnsmasq.conf"), "a\n").expect("as before the kill");
        let mut ledger = Ledger::read(&root).expect("read");
        assert_eq!(ledger.put(&root, &text("b\n"), false).expect("put").outcome, Outcome::Replaced);
    }

    #[test]
    fn what_is_needed_no_more_goes_and_what_was_edited_stays() {
        let (_dir, root) = site();
        let mut ledger = Ledger::read(&root).expect("empty");
        ledger.put(&root, &text("a\n"), false).expect("put");
        let path = Path::new("etc/dnsmasq.conf");
        assert_eq!(ledger.drop(&root, path).expect("dropped"), Outcome::Removed);
        assert!(!root.path().join(path).exists());
        ledger.put(&root, &text("a\n"), false).expect("put");
        fs::write(root.path().join(path), "mine\n").expect("edited");
        assert_eq!(ledger.drop(&root, path).expect("kept"), Outcome::Kept);
        assert!(root.path().join(path).exists());
        assert_eq!(ledger.paths().count(), 0);
    }
}
