//! Every way in which a tree can differ from its record.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;

use super::*;
use crate::check::finding::{Finding, Severity};

/// A walk that can be changed.
struct Tree {
    seen: BTreeMap<PathBuf, Seen>,
    failed: BTreeMap<PathBuf, io::Error>,
}

impl From<Tree> for Walk {
    fn from(Tree { seen, failed }: Tree) -> Self {
        Self { seen: seen.into_iter().collect(), failed }
    }
}

fn expected() -> PathMap<Expected> {
    let hash = Some(blake3::hash(b"abc"));
    let one = |what, mode, hash| {
        let meta = Meta { what, mode, mtime: Some(7) };
        Expected { meta: Some(meta), hash }
    };
    let file = || What::File { size: 3 };
    let all = [
        ("d", one(What::Dir, 0o755, None)),
        ("d/f", one(file(), 0o644, hash)),
        ("d/g", one(file(), 0o644, None)),
        ("d.x", one(file(), 0o644, hash)),
        ("l", one(What::Link { target: "d/f".into() }, 0o777, None)),
    ];
    all.into_iter().collect()
}

fn link(to: &str) -> Kind {
    Kind::Link(OsStr::new(to).into())
}

fn seen(kind: Kind, mode: u32) -> Seen {
    Seen { kind, size: 3, mtime: 7, mode }
}

fn walk() -> Tree {
    let seen = [
        ("", seen(Kind::Dir, 0o755)),
        ("d", seen(Kind::Dir, 0o755)),
        ("d/f", seen(Kind::File, 0o644)),
        ("d/g", seen(Kind::File, 0o644)),
        ("d.x", seen(Kind::File, 0o644)),
        ("l", seen(link("d/f"), 0o777)),
    ];
    Tree { seen: seen.map(|(path, one)| (path.into(), one)).into(), failed: BTreeMap::new() }
}

/// What is found after a change, and how many files are left to be read.
fn found(quick: bool, change: impl FnOnce(&mut Tree)) -> (Vec<Finding>, usize) {
    let mut walk = walk();
    change(&mut walk);
    let mut findings = Findings::default();
    let files = Files { root: Path::new("/data"), label: "wwwroot/t", name: "n", quick };
    let jobs = files.compare(&expected(), &walk.into(), &mut findings).len();
    (findings.into_sorted(), jobs)
}

#[track_caller]
fn one(change: impl FnOnce(&mut Tree)) -> (Severity, &'static str, String) {
    let (findings, _) = found(false, change);
    assert_eq!(findings.len(), 1, "{findings:?}");
    let Finding { severity, code, path, .. } = findings.into_iter().next().expect("one");
    (severity, code, path)
}

fn at<'w>(walk: &'w mut Tree, path: &str) -> &'w mut Seen {
    walk.seen.get_mut(Path::new(path)).expect("there")
}

#[test]
fn a_tree_as_it_was_gives_nothing_and_its_files_are_read_unless_quick() {
    assert_eq!(found(false, |_| ()), (Vec::new(), 2));
    assert_eq!(found(true, |_| ()), (Vec::new(), 0));
}

#[test]
fn what_is_missing_is_told_once_with_all_that_was_in_it() {
    let gone = one(|walk| walk.seen.retain(|path, _| !path.starts_with("d")));
    assert_eq!(gone, (Severity::Fault, "file-missing", "wwwroot/t/d".into()));
    let (findings, jobs) = found(false, |walk| walk.seen.retain(|path, _| !path.starts_with("d")));
    assert_eq!(findings[0].message, "is missing, with the 2 in it");
    assert_eq!(jobs, 1);
    let (findings, _) = found(false, |walk| walk.seen.clear());
    assert_eq!(findings.len(), 3, "{findings:?}");
}

#[test]
fn another_kind_is_a_fault_and_what_was_below_is_not_told_again() {
    let changed = one(|walk| {
        walk.seen.retain(|path, _| !path.starts_with("d") || path == Path::new("d"));
        *at(walk, "d") = seen(link("/etc"), 0o777);
    });
    assert_eq!(changed, (Severity::Fault, "type-changed", "wwwroot/t/d".into()));
    let pipe = one(|walk| *at(walk, "d/f") = seen(Kind::Other, 0o644));
    assert_eq!(pipe, (Severity::Fault, "type-changed", "wwwroot/t/d/f".into()));
}

#[test]
fn another_size_and_another_link_are_faults() {
    let size = one(|walk| at(walk, "d/f").size = 4);
    assert_eq!(size, (Severity::Fault, "file-changed", "wwwroot/t/d/f".into()));
    let link = one(|walk| *at(walk, "l") = seen(link("x"), 0o777));
    assert_eq!(link, (Severity::Fault, "link-changed", "wwwroot/t/l".into()));
}

#[test]
fn a_link_out_of_the_tree_is_told_with_what_a_web_server_does() {
    for target in ["/etc/passwd", "../x"] {
        let mut expected = expected();
        let one = expected.get_mut(Path::new("l")).and_then(|one| one.meta.as_mut());
        one.expect("the link").what = What::Link { target: target.into() };
        let mut walk = walk();
        at(&mut walk, "l").kind = link(target);
        let mut findings = Findings::default();
        let files = Files { root: Path::new("/data"), label: "wwwroot/t", name: "n", quick: true };
        files.compare(&expected, &walk.into(), &mut findings);
        let findings = findings.into_sorted();
        let [Finding { severity, code, message, .. }] = &findings[..] else {
            panic!("{findings:?}")
        };
        assert_eq!((*severity, *code), (Severity::Warning, "link-outside"));
        let said = format!("leads out of the tree, to {target}: a web server that follows links");
        assert!(message.starts_with(&said), "{message}");
    }
}

#[test]
fn another_time_is_a_warning_where_the_bytes_are_not_read() {
    let (findings, jobs) = found(false, |walk| at(walk, "d/f").mtime = 8);
    assert_eq!((findings.len(), jobs), (0, 2));
    let (findings, _) = found(true, |walk| at(walk, "d/f").mtime = 8);
    assert_eq!((findings[0].severity, findings[0].code), (Severity::Warning, "file-touched"));
    let unnamed = one(|walk| at(walk, "d/g").mtime = 8);
    assert_eq!(unnamed, (Severity::Warning, "file-touched", "wwwroot/t/d/g".into()));
}

#[test]
fn a_mode_that_hides_a_directory_is_a_fault_a_file_a_warning_and_another_a_note() {
    let hidden = one(|walk| at(walk, "d/f").mode = 0o600);
    assert_eq!(hidden, (Severity::Warning, "mode-changed", "wwwroot/t/d/f".into()));
    let closed = one(|walk| at(walk, "d").mode = 0o750);
    assert_eq!(closed, (Severity::Fault, "mode-changed", "wwwroot/t/d".into()));
    let other = one(|walk| at(walk, "d/f").mode = 0o664);
    assert_eq!(other, (Severity::Note, "mode-changed", "wwwroot/t/d/f".into()));
}

#[test]
fn foreign_things_are_notes_and_capped() {
    let foreign = one(|walk| {
        walk.seen.insert("ks.cfg".into(), seen(Kind::File, 0o600));
    });
    assert_eq!(foreign, (Severity::Note, "foreign-file", "wwwroot/t/ks.cfg".into()));
    let dir = one(|walk| {
        walk.seen.insert("mine".into(), seen(Kind::Dir, 0o755));
        walk.seen.insert("mine/a".into(), seen(Kind::File, 0o600));
    });
    assert_eq!(dir.2, "wwwroot/t/mine");
    let (findings, _) = found(false, |walk| {
        for n in 0..30 {
            walk.seen.insert(format!("x{n}").into(), seen(Kind::File, 0o644));
        }
    });
    assert_eq!(findings.len(), 21);
    assert_eq!(findings[20].message, "and 10 more of this kind");
}

#[test]
fn a_directory_that_cannot_be_read_is_one_fault() {
    let failed = one(|walk| {
        walk.seen.retain(|path, _| !path.starts_with("d") || path == Path::new("d"));
        let denied = std::io::ErrorKind::PermissionDenied.into();
        walk.failed.insert("d".into(), denied);
    });
    assert_eq!(failed, (Severity::Fault, "dir-unreadable", "wwwroot/t/d".into()));
}
