//! A directory of a tree replaced by a link while the tree is written, carried over or removed: nothing of ours
//! may come to lie, change or vanish behind the link.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use pxe_import::content::Content;
use pxe_import::copy::{self, Options};
use pxe_import::monitor::Void;
use pxe_import::plan::{Item, Plan, PlanId};
use pxe_import::publish::{carry, foreign, remove_tree};

/// Rounds of each race.
const ROUNDS: usize = 20;
/// Directories of the tree, and files in each.
const DIRS: usize = 12;
const FILES: usize = 12;

/// Somewhere else, with a file and an empty directory that nobody may touch.
struct Outside {
    dir: tempfile::TempDir,
}

impl Outside {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        for n in 0..FILES {
            fs::write(dir.path().join(format!("f{n}")), "theirs").expect("written");
        }
        fs::create_dir(dir.path().join("sub")).expect("made");
        fs::set_permissions(dir.path().join("sub"), fs::Permissions::from_mode(0o555))
            .expect("set");
        Self { dir }
    }

    #[track_caller]
    fn assert_untouched(&self) {
        let names = fs::read_dir(self.dir.path()).expect("there").count();
        assert_eq!(names, FILES + 1, "something is new outside, or gone");
        for n in 0..FILES {
            let text = fs::read_to_string(self.dir.path().join(format!("f{n}")));
            assert_eq!(text.expect("still there"), "theirs");
        }
        let sub = self.dir.path().join("sub");
        assert_eq!(fs::metadata(&sub).expect("there").permissions().mode() & 0o777, 0o555);
        assert_eq!(fs::read_dir(&sub).expect("there").count(), 0);
    }
}

/// Does `work` on a directory `tree` again and again, while another thread puts links to the outside in the place of
/// the directories in it, and the directories back. How often it did so.
fn race(outside: &Outside, work: impl Fn(&Path, usize)) -> usize {
    let top = tempfile::tempdir().expect("a directory");
    let tree = top.path().join("tree");
    let (over, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
    let swap = || {
        let aside = top.path().join("aside");
        while !over.load(Ordering::Relaxed) {
            for n in 0..DIRS {
                let dir = tree.join(format!("d{n}/e"));
                if fs::rename(&dir, &aside).is_err() {
                    continue;
                }
                if symlink(outside.dir.path(), &dir).is_ok() {
                    swaps.fetch_add(1, Ordering::Relaxed);
                    std::thread::yield_now();
                    let _ = fs::remove_file(&dir);
                }
                if fs::rename(&aside, &dir).is_err() {
                    let _ = fs::remove_dir_all(&aside);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(swap);
        for round in 0..ROUNDS {
            work(&tree, round);
            outside.assert_untouched();
            let _ = remove_tree(&tree);
            outside.assert_untouched();
        }
        over.store(true, Ordering::Relaxed);
    });
    swaps.into_inner()
}

fn plan() -> Plan<'static> {
    let mut plan = Plan::new(&[]);
    let mut add = |parent, name: &str, item| {
        plan.add(parent, name.as_bytes(), item, 0o755, None).expect("a name")
    };
    for n in 0..DIRS {
        let dir = add(PlanId::ROOT, &format!("d{n}"), Item::Dir);
        let dir = add(dir, "e", Item::Dir);
        for n in 0..FILES {
            add(dir, &format!("f{n}"), Item::File(Content::Bytes((*b"ours").into())));
            add(dir, &format!("g{n}"), Item::File(Content::Bytes((*b"ours").into())));
        }
        let sub = add(dir, "sub", Item::Dir);
        add(sub, "f", Item::File(Content::Bytes((*b"ours").into())));
    }
    plan
}

#[test]
fn nothing_is_written_behind_a_link_that_takes_a_directorys_place_while_a_tree_is_copied() {
    let (outside, plan) = (Outside::new(), plan());
    let swaps = race(&outside, |tree, _| {
        // It may fail, and says so.
        let _ = copy::write(&plan, tree, Options { hash: true, ..Options::default() }, &Void);
    });
    assert!(swaps > 0, "no race at all");
}

#[test]
fn nothing_is_removed_or_unlocked_behind_a_link_that_takes_a_directorys_place() {
    let outside = Outside::new();
    let root = rustix::process::geteuid().is_root();
    let swaps = race(&outside, |tree, _| {
        fill(tree);
        if !root {
            // So that removing has to unlock first.
            for n in 0..DIRS {
                let dir = tree.join(format!("d{n}"));
                let _ = fs::set_permissions(dir, fs::Permissions::from_mode(0o500));
            }
        }
        let _ = remove_tree(tree);
    });
    assert!(swaps > 0, "no race at all");
}

#[test]
fn nothing_from_behind_a_link_is_carried_into_a_new_tree() {
    let outside = Outside::new();
    let swaps = race(&outside, |tree, _| {
        fill(tree);
        let new = tempfile::tempdir().expect("a directory");
        let Ok(found) = foreign(tree, |_| false, &Void) else { return };
        let _ = carry(tree, new.path(), &found, &Void);
        for path in files(new.path()) {
            let text = fs::read_to_string(&path).unwrap_or_default();
            assert_ne!(text, "theirs", "{} comes from outside", path.display());
        }
    });
    assert!(swaps > 0, "no race at all");
}

/// Writes the tree by way of the program's own copy, which goes through no link.
fn fill(tree: &Path) {
    let _ = copy::write(&plan(), tree, Options::default(), &Void);
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found
}
