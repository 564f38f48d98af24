//! A tree on the disk as a value: as text to look at, and as contents to compare.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use pxe_import::media::Timestamp;
use pxe_import_fixtures::{Body, Tree};

/// One line for each path below `top`: type, mode, size, time, name, target.
pub(crate) fn listing(top: &Path) -> String {
    let mut lines = String::new();
    for path in paths(top) {
        let meta = fs::symlink_metadata(top.join(&path)).expect("there");
        let mode = meta.mode() & 0o7777;
        let time = time(&meta);
        let line = match meta.file_type() {
            kind if kind.is_dir() => format!("d {mode:04o} {:>6} {time} {path}/", "-"),
            // A record holds the absolute paths of the images, which differ in length.
            kind if kind.is_file() && is_record(&path) => {
                format!("f {mode:04o} {:>6} {time} {path}", "any")
            }
            kind if kind.is_file() => format!("f {mode:04o} {:>6} {time} {path}", meta.len()),
            kind if kind.is_symlink() => {
                let target = fs::read_link(top.join(&path)).expect("a link");
                format!("l ---- {:>6} {time} {path} -> {}", "-", target.display())
            }
            kind => panic!("{path} is {kind:?}"),
        };
        lines.push_str(&line);
        lines.push('\n');
    }
    lines
}

/// The time of the last modification, or `new` for what was made just now.
fn time(meta: &fs::Metadata) -> String {
    let modified = meta.modified().expect("a time");
    if SystemTime::now().duration_since(modified).is_ok_and(|age| age < Duration::from_secs(3600)) {
        return format!("{:<20}", "new");
    }
    Timestamp::new(meta.mtime(), u32::try_from(meta.mtime_nsec()).expect("below 10^9")).rfc3339()
}

/// Every path below `top`, directories before what they hold.
fn paths(top: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(top.join(&dir)).expect("a directory") {
            let entry = entry.expect("readable");
            let name = entry.file_name().into_string().expect("UTF-8");
            let path = if dir.is_empty() { name } else { format!("{dir}/{name}") };
            if entry.file_type().expect("known").is_dir() {
                open.push(path.clone());
            }
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What [`state`] has seen.
pub(crate) type State = BTreeMap<String, (u32, Vec<u8>)>;

/// Checks that `top` is as it was, and else says which paths are not.
#[track_caller]
pub(crate) fn assert_still(top: &Path, before: &State) {
    let now = state(top);
    let all: BTreeSet<_> = before.keys().chain(now.keys()).collect();
    let changed: Vec<_> = all.into_iter().filter(|&p| before.get(p) != now.get(p)).collect();
    assert!(changed.is_empty(), "changed: {changed:?}");
}

/// Everything below `top`, to be compared with a later look: modes, contents, links. Of a record,
/// the time of its publication is left out.
pub(crate) fn state(top: &Path) -> State {
    let look = |path: String| {
        let full = top.join(&path);
        let meta = fs::symlink_metadata(&full).expect("there");
        let content = match meta.file_type() {
            kind if kind.is_symlink() => {
                fs::read_link(&full).expect("a link").as_os_str().as_bytes().to_vec()
            }
            kind if kind.is_file() => fs::read(&full).expect("a file"),
            _ => Vec::new(),
        };
        let content = if is_record(&path) { without_time(&content) } else { content };
        (path, (meta.mode(), content))
    };
    paths(top).into_iter().map(look).collect()
}

fn is_record(path: &str) -> bool {
    path.starts_with(".pxe-import/") && path.ends_with(".json") && !path.ends_with("/_site.json")
}

fn without_time(record: &[u8]) -> Vec<u8> {
    let mut record: serde_json::Value = serde_json::from_slice(record).expect("a record");
    let removed = record.as_object_mut().expect("an object").remove("published");
    assert!(removed.is_some(), "a record says when it was published");
    record.to_string().into_bytes()
}

/// Checks that `top` holds just what `tree` describes, and `more` besides; what is at `unknown` is
/// there with a content of its own.
#[track_caller]
pub(crate) fn assert_holds(top: &Path, tree: &Tree, more: &[&str], unknown: &[&str]) {
    let mut expected: Vec<_> = more.iter().map(|&path| path.to_owned()).collect();
    for (path, node) in tree.walk() {
        let path = String::from_utf8(path).expect("UTF-8");
        let full = top.join(&path);
        match &node.body {
            Body::Dir(_) => assert!(full.is_dir(), "{path}"),
            Body::File(_) if unknown.contains(&&*path) => assert!(full.is_file(), "{path}"),
            Body::File(content) => {
                let there = fs::read(&full).unwrap_or_else(|error| panic!("{path}: {error}"));
                assert!(there == content.to_vec(), "{path} differs");
            }
            Body::Link(target) => {
                let there = fs::read_link(&full).unwrap_or_else(|e| panic!("{path}: {e}"));
                assert_eq!(there.as_os_str().as_bytes(), target, "{path}");
            }
            Body::Device { .. } | Body::Fifo => continue,
        }
        expected.push(path);
    }
    expected.sort();
    assert_eq!(paths(top), expected);
}
