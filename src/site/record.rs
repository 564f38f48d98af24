//! What is known about an import: `.pxe-import/NAME.json`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::asked::{Asked, AskedAnswer};
use super::atomic::write_atomic;
use super::name::{check_name, target};
use super::root::Root;
use super::server::Server;
use crate::answer::Account;
use crate::error::{Error, Result};
use crate::identify::Product;
use crate::lossy::{hex, unhex};
use crate::media::Timestamp;
use crate::menu::Entry;
use crate::menu::entry::PUBLIC_NETBOOT;
use crate::verify::Verified;

/// The schema that is written.
pub const SCHEMA: u32 = 1;

/// One import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`SCHEMA`] at the time of writing.
    pub schema: u32,
    /// The NAME.
    pub name: String,
    /// Version of the program that wrote it.
    pub version: String,
    /// Name of the profile.
    pub profile: String,
    /// What the discs say they are.
    #[serde(default)]
    pub product: Option<Product>,
    /// The tree or file, relative to the web root.
    pub target: String,
    /// The images, in the order given.
    #[serde(default)]
    pub images: Vec<Image>,
    /// The options given, by their long names; one value or several.
    #[serde(default)]
    pub options: BTreeMap<String, Vec<String>>,
    /// The menu entries.
    #[serde(default)]
    pub entries: Vec<MenuEntry>,
    /// Files that were generated or brought along, not copied from a disc.
    #[serde(default)]
    pub files: Vec<Generated>,
    /// What was proven of the images' bytes while they were copied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified: Vec<Verified>,
    /// The address that clients use, wherever it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// When it was published, RFC 3339 in UTC.
    pub published: String,
    /// Whether it was the settings' `[[media]]` that first asked for it: what was imported by hand
    /// is never pruned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub media: bool,
    /// Whether the import's own entry was taken away by hand: no import again brings it back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_main: bool,
}

/// An image as it was when it was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    path: String,
    /// The path's bytes in hexadecimal where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Last modification, RFC 3339 in UTC, whole seconds.
    pub mtime: String,
    /// Its volume identifier.
    pub volume_id: String,
    /// BLAKE3 of its descriptors in hexadecimal ([`crate::media::Image::descriptors`]); `None` in
    /// records that are older than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub descriptors: Option<String>,
}

/// A menu entry with the hash that its block had when it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuEntry {
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
    /// [`crate::menu::Block::hash`].
    pub block: String,
    /// Hashes that the block had before, the latest first: a kill may have left one of them in the
    /// menu, and that is no edit of the administrator's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// Whether it was taken over from the administrator: their words stay theirs on every import
    /// that says nothing else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// What it was asked to be; `None` for the import's own entry in records that are older than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
}

impl MenuEntry {
    /// What the template of its answer file was told of root's account.
    pub fn account(&self) -> Option<&Account> {
        Some(&self.asked.as_ref()?.answer.as_ref()?.account)
    }

    /// Whether it is the entry that the import itself made; the others were added to its tree.
    pub fn is_main(&self) -> bool {
        self.asked.as_ref().is_none_or(|asked| asked.main)
    }
}

/// A file with the hash that it had when it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// Relative to the root.
    pub path: String,
    /// BLAKE3 in hexadecimal.
    pub blake3: String,
}

impl Image {
    /// An image at `path`.
    pub fn new(
        path: &Path,
        size: u64,
        mtime: Timestamp,
        volume_id: impl Into<String>,
        descriptors: Option<blake3::Hash>,
    ) -> Self {
        let bytes = path.as_os_str().as_bytes();
        Self {
            path: path.to_string_lossy().into_owned(),
            path_hex: path.to_str().is_none().then(|| hex(bytes)),
            size,
            mtime: mtime.rfc3339(),
            volume_id: volume_id.into(),
            descriptors: descriptors.map(|hash| hash.to_hex().to_string()),
        }
    }

    /// Where it was.
    pub fn path(&self) -> PathBuf {
        let bytes = self.path_hex.as_deref().and_then(unhex);
        bytes.map_or_else(|| PathBuf::from(&self.path), |b| OsString::from_vec(b).into())
    }
}

impl Record {
    /// The record of `name` under `root`, if there is one.
    ///
    /// # Errors
    /// [`Error::Io`]; as [`Record::parse`].
    pub fn read(root: &Root, name: &str) -> Result<Option<Self>> {
        check_name(name)?;
        let path = root.record(name);
        match fs::read(&path) {
            Ok(json) => Self::parse(&path, name, &json).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", path, error)),
        }
    }

    /// The record of `name` in `json`, which was read from `path`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a newer schema, and for what is no record or that of another name:
    /// its target is going to be written to, so nothing is taken on trust.
    pub fn parse(path: &Path, name: &str, json: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            schema: u32,
            version: Option<String>,
        }
        let damaged = |why: String| {
            Error::invalid(path, format!("is not a record of an import: {why}: restore it"))
        };
        let version: Version = serde_json::from_slice(json).map_err(|e| damaged(e.to_string()))?;
        if version.schema > SCHEMA {
            return Err(Error::invalid(
                path,
                format!(
                    "has schema {}, and this pxe-import ({}) knows {SCHEMA}: use version {} or \
                     later",
                    version.schema,
                    env!("CARGO_PKG_VERSION"),
                    version.version.as_deref().unwrap_or("that wrote it"),
                ),
            ));
        }
        let record: Self = serde_json::from_slice(json).map_err(|e| damaged(e.to_string()))?;
        if record.name != name {
            return Err(damaged(format!("it speaks of {:?}", record.name)));
        }
        match target(&record.target) {
            Ok(clean) if clean == record.target => Ok(record),
            Ok(_) => Err(damaged(format!("the target {:?} is no clean path", record.target))),
            Err(error) => Err(damaged(error.to_string())),
        }
    }

    /// As written: JSON for people to read, with a line end.
    pub fn to_json(&self) -> Vec<u8> {
        // Strings, integers and string keys: nothing that JSON cannot hold.
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// Permission bits of the file: what an answer file keeps from other users is in the record, too.
    pub fn mode(&self) -> u32 {
        let asked = self.entries.iter().filter_map(|entry| entry.asked.as_ref()?.answer.as_ref());
        let secret = |answer: &AskedAnswer| {
            answer.account.password_hash.is_some() && answer.mode & 0o004 == 0
        };
        if asked.into_iter().any(secret) { 0o600 } else { 0o644 }
    }

    /// Writes the record, whole or not at all.
    ///
    /// # Errors
    /// As [`write_atomic`].
    pub fn write(&self, root: &Root) -> Result<()> {
        check_name(&self.name)?;
        write_atomic(&root.record(&self.name), &self.to_json(), self.mode())
    }

    /// The entry of `label`, if it was taken over from the administrator.
    pub fn own(&self, label: &str) -> Option<&Entry> {
        let found = self.entries.iter().find(|e| e.entry.label == label);
        found.filter(|found| found.own).map(|found| &found.entry)
    }

    /// The URL of the web root that this import was given for itself.
    pub fn given(&self) -> Option<String> {
        let address = self.options.get("server")?.first()?;
        address.parse::<Server>().ok().map(|server| server.to_string())
    }

    /// The import's own entry.
    pub fn main(&self) -> Option<&MenuEntry> {
        self.entries.iter().find(|entry| entry.is_main())
    }

    /// The entry of `label`.
    pub fn entry(&self, label: &str) -> Option<&MenuEntry> {
        self.entries.iter().find(|entry| entry.entry.label == label)
    }

    /// The hashes that we have written the block of `label` with, the latest first.
    pub fn blocks<'r>(&'r self, label: &str) -> Vec<&'r str> {
        let found = self.entries.iter().find(|e| e.entry.label == label);
        let hashes = |entry: &'r MenuEntry| {
            let MenuEntry { block, before, .. } = entry;
            std::iter::once(block).chain(before).map(String::as_str).collect()
        };
        found.map(hashes).unwrap_or_default()
    }
}

impl Root {
    /// All records, by name.
    ///
    /// # Errors
    /// [`Error::Io`]; as [`Record::parse`].
    pub fn records(&self) -> Result<Vec<Record>> {
        let state = self.state();
        let read = |error| Error::io("read", &state, error);
        let entries = match fs::read_dir(&state) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(read(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(read)?.file_name();
            let name = name.to_str().and_then(|name| name.strip_suffix(".json"));
            names.extend(name.filter(|name| check_name(name).is_ok()).map(str::to_owned));
        }
        names.sort();
        // One that vanishes meanwhile is none.
        names.iter().filter_map(|name| Record::read(self, name).transpose()).collect()
    }
}

/// The record whose target is `target`, lies in it or holds it.
pub fn owner_of<'r>(
    records: impl IntoIterator<Item = &'r Record>,
    target: &str,
) -> Option<&'r Record> {
    let overlaps = |other: &str| is_within(other, target) || is_within(target, other);
    records.into_iter().find(|record| overlaps(&record.target))
}

/// Checks that `name` may have `target`, as far as other imports are concerned.
///
/// # Errors
/// [`Error::Conflict`] on the target's path where it belongs to another NAME, or one of the two
/// would lie in the other.
pub fn claim(root: &Root, records: &[Record], name: &str, target: &str) -> Result<()> {
    let others = records.iter().filter(|record| record.name != name);
    let Some(owner) = owner_of(others, target) else { return Ok(()) };
    let how = if owner.target == target {
        format!("belongs to the import {}", owner.name)
    } else {
        format!(
            "and the tree of the import {} ({}) would lie one in the other",
            owner.name, owner.target
        )
    };
    Err(Error::conflict(
        root.target(target),
        format!("{how}: choose another place with --dir, or import as {}", owner.name),
    ))
}

/// Checks that `name` may have an entry of `label`, as far as other imports and the menu's own words are
/// concerned.
///
/// # Errors
/// [`Error::Conflict`] on the menu where another import has an entry of that label; [`Error::Usage`]
/// for the label of the public boot service, and for the name of a module: the menu begins with
/// `default vesamenu.c32`, and pxelinux looks for a label of that name first.
pub fn claim_label(root: &Root, records: &[Record], name: &str, label: &str) -> Result<()> {
    if label == PUBLIC_NETBOOT || label.to_ascii_lowercase().ends_with(".c32") {
        let what =
            format!("the label {label:?} has a meaning of its own in the menu: choose another");
        return Err(Error::Usage(what));
    }
    let other = records.iter().find(|record| record.name != name && record.entry(label).is_some());
    other.map_or(Ok(()), |other| {
        let what = format!(
            "has an entry {label} of the import {}: give that another label with 'pxe-import entry \
             rename {label} NEW', or choose another one here",
            other.name
        );
        Err(Error::conflict(root.menu(), what))
    })
}

fn is_within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The present time as records have it, RFC 3339 in UTC.
pub fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::new(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), 0).rfc3339()
}

#[cfg(test)]
mod tests;
