//! What a manifest cannot say: links, modes, mtimes, directories, names that are not UTF-8. JSON lines.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
use std::fs::Metadata;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::media::Timestamp;
use crate::plan::{Item, Plan, PlanId};

/// One path of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// From the top of the tree; what is not UTF-8 is replaced. Empty for a target that is one file.
    pub path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
    /// `dir`, `file` or `link`.
    pub r#type: String,
    /// Permission bits in octal.
    pub mode: String,
    /// Seconds since 1970, where the medium says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtime: Option<i64>,
    /// Of a file, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Of a link, verbatim but for what is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// A line a path, in the order of the plan.
pub fn of_plan(plan: &Plan<'_>) -> String {
    let seconds = |Timestamp { seconds, .. }| seconds;
    of(plan, |id| (plan.mode(id), plan.mtime(id).map(seconds)))
}

/// As [`of_plan`], for a tree that was there before: with the modes and mtimes that `found` has by
/// [`PlanId::index`].
pub fn of_tree(plan: &Plan<'_>, found: &[Option<Metadata>]) -> String {
    of(plan, |id| match found.get(id.index()) {
        Some(Some(disk)) => {
            (u16::try_from(disk.mode() & 0o7777).unwrap_or_default(), Some(disk.mtime()))
        }
        _ => (plan.mode(id), None),
    })
}

fn of(plan: &Plan<'_>, look: impl Fn(PlanId) -> (u16, Option<i64>)) -> String {
    let top = (*plan.item(PlanId::ROOT) != Item::Dir).then_some(PlanId::ROOT);
    let mut out = String::new();
    for id in top.into_iter().chain(plan.iter()) {
        let (path, path_hex) = crate::lossy::json_path(&plan.path(id));
        let (kind, size, target) = match plan.item(id) {
            Item::Dir => ("dir", None, None),
            Item::File(_) => ("file", Some(plan.size(id)), None),
            Item::Link(target) => ("link", None, Some(crate::lossy::json_path(target).0)),
        };
        let (mode, mtime) = look(id);
        let meta = Meta {
            path,
            path_hex,
            r#type: kind.to_owned(),
            mode: format!("{mode:04o}"),
            mtime,
            size,
            target,
        };
        out.push_str(&serde_json::to_string(&meta).unwrap_or_default());
        out.push('\n');
    }
    out
}

/// `text` without the lines of the files that `gone` says so of.
pub fn without(text: &str, gone: impl Fn(&str) -> bool) -> String {
    let is_gone = |line: &&str| {
        serde_json::from_str::<Meta>(line)
            .is_ok_and(|meta| meta.path_hex.is_none() && meta.r#type == "file" && gone(&meta.path))
    };
    text.lines().filter(|line| !is_gone(line)).map(|line| format!("{line}\n")).collect()
}

/// The line of a file of `size` bytes whose time says nothing.
pub fn line(path: &str, mode: u16, size: usize) -> String {
    made("file", path, mode, u64::try_from(size).ok())
}

fn made(kind: &str, path: &str, mode: u16, size: Option<u64>) -> String {
    let meta = Meta {
        path: path.to_owned(),
        path_hex: None,
        r#type: kind.to_owned(),
        mode: format!("{mode:04o}"),
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
        out.push_str(&made("dir", dir, mode, None));
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
        !meta.as_ref().is_some_and(|meta| meta.r#type == "dir" && empty.contains(&*meta.path))
    };
    let lines = parsed.iter().filter(|(_, meta)| stays(meta));
    lines.map(|(line, _)| format!("{line}\n")).collect()
}

/// What a text of [`of_plan`] says, by path.
///
/// # Errors
/// The number of the first line that is no such line.
pub fn parse(text: &str) -> Result<HashMap<PathBuf, Meta>, usize> {
    (1_usize..)
        .zip(text.lines())
        .map(|(number, line)| {
            let meta: Meta = serde_json::from_str(line).map_err(|_| number)?;
            let path = match &meta.path_hex {
                None => PathBuf::from(&meta.path),
                Some(hex) => {
                    let bytes = crate::lossy::unhex(hex).ok_or(number)?;
                    PathBuf::from(OsString::from_vec(bytes))
                }
            };
            Ok((path, meta))
        })
        .collect()
}

impl Meta {
    /// Whether a file on disk is no longer what was published, as far as size and mtime tell; `None`
    /// where only its bytes can, for the medium gave it no mtime.
    pub fn is_edited(&self, disk: &Metadata) -> Option<bool> {
        if self.r#type != "file" || !disk.is_file() {
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
        let text = of_plan(&plan);
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
        assert_eq!(parse(""), Ok(HashMap::new()));
    }
}
