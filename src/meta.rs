//! What a manifest cannot say: links, modes, mtimes, directories, names that are not UTF-8. JSON lines.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::OsString;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::media::Timestamp;
use crate::plan::{Item, Plan, PlanId};

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// A directory.
    Dir,
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
}

impl Type {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dir => "dir",
            Self::File => "file",
            Self::Link => "link",
        }
    }
}

/// One path of a tree. There are as many in memory as an import has files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// From the top of the tree; what is not UTF-8 is replaced. Empty for a target that is one file, and where
    /// [`parse`] gives the path beside it.
    pub path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<Box<str>>,
    /// `dir`, `file` or `link`.
    pub r#type: Type,
    /// Permission bits, written in octal.
    #[serde(with = "octal")]
    pub mode: u16,
    /// Seconds since 1970, where the medium says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtime: Option<i64>,
    /// Of a file, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Of a link, verbatim but for what is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Box<str>>,
}

mod octal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(mode: &u16, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{mode:04o}"))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<u16, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        u16::from_str_radix(&text, 8).map_err(D::Error::custom)
    }
}

/// Writes a line a path, in the order of the plan.
///
/// # Errors
/// As `out`.
pub fn write_plan(out: &mut dyn io::Write, plan: &Plan<'_>) -> io::Result<()> {
    let seconds = |Timestamp { seconds, .. }| seconds;
    write(out, plan, |id| (plan.mode(id), plan.mtime(id).map(seconds)))
}

/// As [`write_plan`], for a tree that was there before: with the modes and mtimes that `found` has by
/// [`PlanId::index`].
///
/// # Errors
/// As `out`.
pub fn write_tree(
    out: &mut dyn io::Write,
    plan: &Plan<'_>,
    found: &[Option<Metadata>],
) -> io::Result<()> {
    write(out, plan, |id| match found.get(id.index()) {
        Some(Some(disk)) => {
            (u16::try_from(disk.mode() & 0o7777).unwrap_or_default(), Some(disk.mtime()))
        }
        _ => (plan.mode(id), None),
    })
}

fn write(
    out: &mut dyn io::Write,
    plan: &Plan<'_>,
    look: impl Fn(PlanId) -> (u16, Option<i64>),
) -> io::Result<()> {
    let top = (*plan.item(PlanId::ROOT) != Item::Dir).then_some(PlanId::ROOT);
    for id in top.into_iter().chain(plan.iter()) {
        let (path, path_hex) = crate::lossy::json_path(&plan.path(id));
        let (kind, size, target) = match plan.item(id) {
            Item::Dir => (Type::Dir, None, None),
            Item::File(_) => (Type::File, Some(plan.size(id)), None),
            Item::Link(target) => (Type::Link, None, Some(crate::lossy::json_path(target).0)),
        };
        let (mode, mtime) = look(id);
        let (path_hex, target) = (path_hex.map(String::into_boxed_str), target.map(Into::into));
        let meta = Meta { path, path_hex, r#type: kind, mode, mtime, size, target };
        serde_json::to_writer(&mut *out, &meta)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// `text` without the lines of the files that `gone` says so of.
pub fn without(text: &str, gone: impl Fn(&str) -> bool) -> String {
    let is_gone = |line: &&str| {
        serde_json::from_str::<Meta>(line).is_ok_and(|meta| {
            meta.path_hex.is_none() && meta.r#type == Type::File && gone(&meta.path)
        })
    };
    text.lines().filter(|line| !is_gone(line)).map(|line| format!("{line}\n")).collect()
}

/// The line of a file of `size` bytes whose time says nothing.
pub fn line(path: &str, mode: u16, size: usize) -> String {
    made(Type::File, path, mode, u64::try_from(size).ok())
}

fn made(kind: Type, path: &str, mode: u16, size: Option<u64>) -> String {
    let meta = Meta {
        path: path.to_owned(),
        path_hex: None,
        r#type: kind,
        mode,
        mtime: None,
        size,
        target: None,
    };
    serde_json::to_string(&meta).unwrap_or_default() + "\n"
}

/// `text` with a line for each of `dirs` that has none, before the others.
pub fn with_dirs(text: &str, dirs: &BTreeSet<String>, mode: u16) -> String {
    let metas = text.lines().filter_map(|line| serde_json::from_str::<Meta>(line).ok());
    let there: HashSet<String> = metas.map(|meta| meta.path).collect();
    let mut out = String::new();
    for dir in dirs.iter().filter(|dir| !there.contains(*dir)) {
        out.push_str(&made(Type::Dir, dir, mode, None));
    }
    out + text
}

/// `text` without the lines of those of `dirs` that nothing is listed in.
pub fn without_empty(text: &str, dirs: &BTreeSet<String>) -> String {
    if dirs.is_empty() {
        return text.to_owned();
    }
    let parsed: Vec<(&str, Option<Meta>)> =
        text.lines().map(|line| (line, serde_json::from_str(line).ok())).collect();
    let used = |dir: &str| {
        let within = |path: &str| path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'));
        let holds = |meta: &Meta| within(&meta.path) && !dirs.contains(&meta.path);
        parsed.iter().filter_map(|(_, meta)| meta.as_ref()).any(holds)
    };
    let empty: HashSet<&str> = dirs.iter().map(String::as_str).filter(|dir| !used(dir)).collect();
    let stays = |meta: &Option<Meta>| {
        !meta.as_ref().is_some_and(|meta| meta.r#type == Type::Dir && empty.contains(&*meta.path))
    };
    let lines = parsed.iter().filter(|(_, meta)| stays(meta));
    lines.map(|(line, _)| format!("{line}\n")).collect()
}

/// What a text of [`write_plan`] says, by path.
///
/// # Errors
/// The number of a line that is damaged, from 1.
pub fn parse(text: &str) -> Result<BTreeMap<PathBuf, Meta>, usize> {
    lines(text).collect()
}

/// The same, one line after the other.
pub fn lines(text: &str) -> impl Iterator<Item = Result<(PathBuf, Meta), usize>> + '_ {
    (1_usize..).zip(text.lines()).map(|(number, line)| {
        let mut meta: Meta = serde_json::from_str(line).map_err(|_| number)?;
        let mut path = std::mem::take(&mut meta.path);
        path.shrink_to_fit();
        let path = match &meta.path_hex {
            None => PathBuf::from(path),
            Some(hex) => {
                let bytes = crate::lossy::unhex(hex).ok_or(number)?;
                PathBuf::from(OsString::from_vec(bytes))
            }
        };
        Ok((path, meta))
    })
}

impl Meta {
    /// Whether a file on disk is no longer what was published, as far as size and mtime tell; `None`
    /// where only its bytes can, for the medium gave it no mtime.
    pub fn is_edited(&self, disk: &Metadata) -> Option<bool> {
        if self.r#type != Type::File || !disk.is_file() {
            return Some(false);
        }
        if self.size != Some(disk.len()) {
            return Some(true);
        }
        self.reliable_mtime().map(|mtime| mtime != disk.mtime())
    }

    /// The mtime, if every filesystem can keep it: not all can where 32 bits cannot.
    pub fn reliable_mtime(&self) -> Option<i64> {
        self.mtime.filter(|&mtime| i32::try_from(mtime).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;

    #[test]
    fn every_path_of_a_plan_comes_back() {
        let mut plan = Plan::new(&[]);
        let dir = plan.add(PlanId::ROOT, b"d\n", Item::Dir, 0o755, None).expect("a name");
        let content = Content::Bytes((*b"abc").into());
        plan.add(dir, b"f\xff", Item::File(content), 0o644, Some(Timestamp::new(7, 0)))
            .expect("a name");
        plan.add(dir, b"l", Item::Link((*b"../x").into()), 0o777, None).expect("a name");
        let mut text = Vec::new();
        write_plan(&mut text, &plan).expect("in memory");
        let text = String::from_utf8(text).expect("JSON");
        assert_eq!(text.lines().count(), 3);
        let expected = [&b"d\n"[..], b"d\n/f\xff", b"d\n/l"];
        let expected = expected.map(|path| PathBuf::from(OsString::from_vec(path.to_vec())));
        let parsed = parse(&text).expect("our own text");
        assert_eq!(parsed.len(), 3);
        assert!(expected.iter().all(|path| parsed.contains_key(path)));
        assert_eq!(parsed[&expected[1]].size, Some(3));
        assert_eq!(parsed[&expected[1]].mtime, Some(7));
    }

    #[test]
    fn a_damaged_line_is_named() {
        assert_eq!(parse("{}\n"), Err(1));
        assert_eq!(parse(""), Ok(BTreeMap::new()));
    }
}
