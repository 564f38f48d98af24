//! What a manifest cannot say: links, modes, mtimes, directories, names that are not UTF-8. JSON lines.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsString;
use std::fs::Metadata;
use std::io::{self, BufRead};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::lines::{Unread, lines};
use crate::media::{Timestamp, TreePath};
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

/// What a path of a tree is. There are as many in memory as an import has files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// What it is.
    pub what: What,
    /// Permission bits.
    pub mode: u16,
    /// Seconds since 1970, where the medium says so.
    pub mtime: Option<i64>,
}

/// What a path is, and what each has of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A directory.
    Dir,
    /// A regular file.
    File {
        /// In bytes.
        size: u64,
    },
    /// A symbolic link.
    Link {
        /// Verbatim but for what is not UTF-8.
        target: Box<str>,
    },
}

/// A line as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    /// From the top of the tree; what is not UTF-8 is replaced. Empty for a target that is one file.
    path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
    /// `dir`, `file` or `link`.
    r#type: Type,
    /// Permission bits, written in octal.
    #[serde(with = "octal")]
    mode: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mtime: Option<i64>,
    /// Of a file, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Of a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
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
        let line = Line { path, path_hex, r#type: kind, mode, mtime, size, target };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// `text` without the lines of the files that `gone` says so of.
pub fn without(text: &str, gone: impl Fn(&str) -> bool) -> String {
    let is_gone = |line: &&str| {
        serde_json::from_str::<Line>(line).is_ok_and(|line| {
            line.path_hex.is_none() && line.r#type == Type::File && gone(&line.path)
        })
    };
    text.lines().filter(|line| !is_gone(line)).map(|line| format!("{line}\n")).collect()
}

/// The line of a file of `size` bytes whose time says nothing.
pub fn line(path: &str, mode: u16, size: usize) -> String {
    made(Type::File, path, mode, u64::try_from(size).ok())
}

fn made(kind: Type, path: &str, mode: u16, size: Option<u64>) -> String {
    let line = Line {
        path: path.to_owned(),
        path_hex: None,
        r#type: kind,
        mode,
        mtime: None,
        size,
        target: None,
    };
    serde_json::to_string(&line).unwrap_or_default() + "\n"
}

/// `text` with a line for each of `dirs` that has none, before the others.
pub fn with_dirs(text: &str, dirs: &BTreeSet<String>, mode: u16) -> String {
    let there: HashSet<String> =
        listed(text).filter(|line| dirs.contains(&line.path)).map(|line| line.path).collect();
    let mut out = String::new();
    for dir in dirs.iter().filter(|dir| !there.contains(*dir)) {
        out.push_str(&made(Type::Dir, dir, mode, None));
    }
    out + text
}

/// `text` without the lines of those of `dirs` that nothing is listed in.
pub fn without_empty(text: &str, dirs: &BTreeSet<String>) -> String {
    let mut empty = dirs.clone();
    for line in listed(text).filter(|line| !dirs.contains(&line.path)) {
        for (slash, _) in line.path.match_indices('/') {
            empty.remove(&line.path[..slash]);
        }
    }
    if empty.is_empty() {
        return text.to_owned();
    }
    let is_gone = |line: &&str| {
        let line = serde_json::from_str::<Line>(line);
        line.is_ok_and(|line| line.r#type == Type::Dir && empty.contains(&line.path))
    };
    text.lines().filter(|line| !is_gone(line)).map(|line| format!("{line}\n")).collect()
}

fn listed(text: &str) -> impl Iterator<Item = Line> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok())
}

/// What is written by [`write_plan`], one path after the other, as far as the first line that is damaged.
///
/// # Errors
/// [`Unread`] for that line, or where `from` cannot be read.
pub fn read(from: impl BufRead) -> impl Iterator<Item = Result<(PathBuf, Meta), Unread>> {
    lines(from, |line| parse(line).ok_or("it tells of no path of a tree"))
}

fn parse(line: &str) -> Option<(PathBuf, Meta)> {
    let line: Line = serde_json::from_str(line).ok()?;
    let path = match &line.path_hex {
        None => line.path.into_bytes(),
        Some(hex) => crate::lossy::unhex(hex)?,
    };
    if !path.is_empty() {
        TreePath::new(&*path).ok()?;
    }
    let what = match line.r#type {
        Type::Dir => What::Dir,
        Type::File => What::File { size: line.size? },
        Type::Link => What::Link { target: line.target?.into() },
    };
    let Line { mode, mtime, .. } = line;
    Some((PathBuf::from(OsString::from_vec(path)), Meta { what, mode, mtime }))
}

impl Meta {
    /// Which of the three it is.
    pub fn r#type(&self) -> Type {
        match self.what {
            What::Dir => Type::Dir,
            What::File { .. } => Type::File,
            What::Link { .. } => Type::Link,
        }
    }

    /// Of a file, in bytes.
    pub fn size(&self) -> Option<u64> {
        match self.what {
            What::File { size } => Some(size),
            What::Dir | What::Link { .. } => None,
        }
    }

    /// Whether a file on disk is no longer what was published, as far as size and mtime tell; `None`
    /// where only its bytes can, for the medium gave it no mtime.
    pub fn is_edited(&self, disk: &Metadata) -> Option<bool> {
        let Some(size) = self.size().filter(|_| disk.is_file()) else { return Some(false) };
        if size != disk.len() {
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
    use crate::lines::BadLine;
    use crate::path_map::PathMap;

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
        assert_eq!(text.iter().filter(|&&b| b == b'\n').count(), 3);
        let read: PathMap<Meta> = read(&*text).collect::<Result<_, _>>().expect("our own text");
        let path = |bytes: &[u8]| PathBuf::from(OsString::from_vec(bytes.to_vec()));
        let all: Vec<_> = read.iter().map(|(path, meta)| (path.to_owned(), meta.clone())).collect();
        let meta = |what, mode, mtime| Meta { what, mode, mtime };
        let expected = [
            (path(b"d\n"), meta(What::Dir, 0o755, None)),
            (path(b"d\n/f\xff"), meta(What::File { size: 3 }, 0o644, Some(7))),
            (path(b"d\n/l"), meta(What::Link { target: "../x".into() }, 0o777, None)),
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn a_damaged_line_is_named_and_ends_it() {
        for bad in [
            "{}",
            "",
            r#"{"path":"a","type":"file","mode":"0644"}"#,
            r#"{"path":"a","type":"link","mode":"0777"}"#,
            r#"{"path":"a//b","type":"dir","mode":"0755"}"#,
            r#"{"path":"../a","type":"dir","mode":"0755"}"#,
            r#"{"path":"a","path_hex":"2e2e","type":"dir","mode":"0755"}"#,
        ] {
            let good = line("a", 0o644, 3);
            let text = format!("{good}{bad}\n{good}");
            let mut all = read(text.as_bytes());
            assert!(all.next().expect("a line").is_ok(), "{bad}");
            let error = all.next().expect("another").expect_err(bad);
            assert!(matches!(error, Unread::Line(BadLine { line: 2, .. })), "{bad}: {error}");
            assert!(all.next().is_none(), "{bad}");
        }
        assert!(read(&b""[..]).next().is_none());
    }

    #[test]
    fn a_path_of_an_older_tree_is_small_for_there_are_half_a_million() {
        assert!(size_of::<(usize, Meta)>() <= 56, "{}", size_of::<(usize, Meta)>());
    }
}
