use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::*;
use crate::Error;
use crate::monitor::Void;

mod foreign;

/// A filesystem other than the one of temporary files, on most systems.
const ELSEWHERE: &str = "/dev/shm";

fn tempdir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// Makes directories and files; a name that ends in a slash is a directory, a file holds its name.
fn grow(top: &Path, names: &[&str]) {
    for name in names {
        let path = top.join(name);
        if name.ends_with('/') {
            fs::create_dir_all(path).expect("create");
        } else {
            fs::create_dir_all(path.parent().expect("a parent")).expect("create");
            fs::write(path, name).expect("write");
        }
    }
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

fn staged(parent: &Path, files: &[&str]) -> Staging {
    let staging = Staging::new(parent, "centos6.8").expect("staging");
    grow(&staging.tree(), files);
    staging
}

#[test]
fn a_staging_directory_is_private_and_goes_with_its_owner() {
    let top = tempdir();
    let parent = top.path().join("staging");
    let staging = Staging::new(&parent, "centos6.8").expect("staging");
    let mode = fs::metadata(staging.path()).expect("there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o700);
    assert!(names(&parent)[0].starts_with("centos6.8-"));
    grow(&staging.tree(), &["a/b/c"]);
    // As a tree that was carried over may be.
    fs::set_permissions(staging.tree().join("a/b"), Permissions::from_mode(0o500)).expect("chmod");
    drop(staging);
    assert_eq!(names(&parent), [""; 0]);
}

#[test]
fn a_staging_directory_goes_when_its_owner_panics() {
    let top = tempdir();
    let parent = top.path().to_owned();
    let thread = std::thread::spawn(move || {
        let _staging = staged(&parent, &["a"]);
        std::panic::resume_unwind(Box::new("on purpose"));
    });
    thread.join().expect_err("a panic");
    assert_eq!(names(top.path()), [""; 0]);
}

#[test]
fn a_new_tree_appears_at_a_place_that_was_free() {
    let top = tempdir();
    let root = top.path().join("wwwroot");
    fs::create_dir(&root).expect("create");
    let staging = staged(top.path(), &["a", "b/c"]);
    let place = Place::beneath(&root, Path::new("yum/CentOS6.8")).expect("a place");
    let replaced = staging.publish(&place, Durability::Synced).expect("published");
    assert_eq!(replaced.old(), None);
    replaced.remove().expect("nothing is left");
    assert_eq!(names(&root.join("yum/CentOS6.8")), ["a", "b"]);
    let mode = fs::metadata(root.join("yum")).expect("there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o755);
    assert_eq!(names(top.path()), ["wwwroot"]);
}

#[test]
fn an_old_tree_is_exchanged_and_kept_until_it_is_let_go() {
    let top = tempdir();
    let live = top.path().join("live");
    grow(&live, &["old"]);
    let place = Place::at(&live).expect("a place");
    let replaced = staged(top.path(), &["new"]).publish(&place, Durability::Synced);
    let replaced = replaced.expect("published");
    assert_eq!(names(&live), ["new"]);
    assert_eq!(names(&replaced.old().expect("an old tree")), ["old"]);
    drop(replaced);
    assert_eq!(names(top.path()), ["live"]);
}

#[test]
fn a_publication_can_be_taken_back() {
    let top = tempdir();
    let live = top.path().join("live");
    let place = Place::at(&live).expect("a place");
    let replaced = staged(top.path(), &["new"]).publish(&place, Durability::None);
    replaced.expect("published").undo(&place).expect("undone");
    assert_eq!(names(top.path()), [""; 0]);

    grow(&live, &["old"]);
    let replaced = staged(top.path(), &["new"]).publish(&place, Durability::None);
    replaced.expect("published").undo(&place).expect("undone");
    assert_eq!(names(&live), ["old"]);
    assert_eq!(names(top.path()), ["live"]);
}

#[test]
fn a_single_file_is_published_and_exchanged_like_a_tree() {
    let top = tempdir();
    let place = Place::at(&top.path().join("win8pe.iso")).expect("a place");
    for content in ["first", "second"] {
        let staging = Staging::new(top.path(), "win8pe").expect("staging");
        fs::write(staging.tree(), content).expect("write");
        staging.publish(&place, Durability::None).expect("published").remove().expect("removed");
        assert_eq!(fs::read_to_string(place.path()).expect("there"), content);
    }
    assert_eq!(names(top.path()), ["win8pe.iso"]);
}

#[test]
fn what_is_no_tree_is_never_replaced_by_one() {
    let top = tempdir();
    grow(top.path(), &["file", "dir/", "elsewhere/x"]);
    symlink("elsewhere", top.path().join("link")).expect("create");
    symlink("nowhere", top.path().join("dangling")).expect("create");
    for name in ["file", "link", "dangling"] {
        let place = Place::at(&top.path().join(name)).expect("a place");
        let error = staged(top.path(), &["new"]).publish(&place, Durability::None);
        let error = error.expect_err(name);
        assert!(matches!(error, Error::Conflict { .. }), "{name}: {error}");
    }
    let staging = Staging::new(top.path(), "x").expect("staging");
    fs::write(staging.tree(), "").expect("write");
    let place = Place::at(&top.path().join("dir")).expect("a place");
    let error = staging.publish(&place, Durability::None).expect_err("a directory");
    assert!(matches!(error, Error::Conflict { .. }), "{error}");
    assert_eq!(names(top.path()), ["dangling", "dir", "elsewhere", "file", "link"]);
    assert_eq!(names(&top.path().join("elsewhere")), ["x"]);
}

#[test]
fn no_link_in_the_root_leads_a_place_out_of_it() {
    let top = tempdir();
    grow(top.path(), &["outside/", "root/inside/", "root/file"]);
    let root = top.path().join("root");
    symlink("../outside", root.join("up")).expect("create");
    symlink(top.path().join("outside"), root.join("absolute")).expect("create");
    symlink("nowhere", root.join("dangling")).expect("create");
    symlink("inside", root.join("within")).expect("create");
    for bad in ["up/x", "up/x/y", "absolute/x", "dangling/x", "file/x", "../outside/x", "/etc/x"] {
        let error = Place::beneath(&root, Path::new(bad)).expect_err(bad);
        assert!(matches!(error, Error::Conflict { .. }), "{bad}: {error}");
    }
    assert_eq!(names(&top.path().join("outside")), [""; 0]);

    let place = Place::beneath(&root, Path::new("within/x")).expect("a link that stays within");
    let published = staged(top.path(), &["a"]).publish(&place, Durability::None);
    published.expect("published").remove().expect("removed");
    assert_eq!(names(&root.join("inside/x")), ["a"]);
}

#[test]
fn staging_is_beside_a_target_on_another_filesystem() {
    let (here, Ok(there)) = (tempdir(), tempfile::tempdir_in(ELSEWHERE)) else {
        eprintln!("skipped: needs {ELSEWHERE}");
        return;
    };
    let device = |path: &Path| fs::metadata(path).expect("there").dev();
    if device(here.path()) == device(there.path()) {
        eprintln!("skipped: needs a filesystem of its own at {ELSEWHERE}");
        return;
    }
    let store = here.path().join("staging/not/yet/made");
    let same = Staging::near(&store, "n", &here.path().join("a/b/target")).expect("staging");
    assert_eq!(same.path().parent(), Some(&*store));

    let target = there.path().join("target");
    let staging = Staging::near(&store, "n", &target).expect("staging");
    assert_eq!(staging.path().parent(), Some(there.path()));
    let name = staging.path().file_name().and_then(OsStr::to_str).expect("UTF-8");
    assert!(name.starts_with(".target.partial-"), "{name}");
    let mode = fs::metadata(staging.path()).expect("there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o700);
    grow(&staging.tree(), &["a"]);
    let place = Place::at(&target).expect("a place");
    staging.publish(&place, Durability::Synced).expect("published").remove().expect("removed");
    assert_eq!(names(there.path()), ["target"]);
}

#[test]
fn an_extraction_fills_a_new_directory_or_an_empty_one() {
    let top = tempdir();
    grow(top.path(), &["empty/", "full/x", "file"]);
    for name in ["new", "empty"] {
        let dir = top.path().join(name);
        let extraction = Extraction::to(&dir).expect(name);
        grow(&extraction.tree(), &["a", "b/c", ".d"]);
        extraction.finish().expect(name);
        assert_eq!(names(&dir), [".d", "a", "b"], "{name}");
    }
    for name in ["full", "file", "missing/parent"] {
        let error = Extraction::to(&top.path().join(name)).expect_err(name);
        assert!(matches!(error, Error::Conflict { .. } | Error::Io { .. }), "{name}: {error}");
    }
    assert_eq!(names(top.path()), ["empty", "file", "full", "new"]);
}

#[test]
fn an_extraction_that_fails_leaves_nothing_behind() {
    let top = tempdir();
    grow(top.path(), &["empty/"]);
    for name in ["new", "empty"] {
        let extraction = Extraction::to(&top.path().join(name)).expect(name);
        grow(&extraction.tree(), &["a"]);
        drop(extraction);
    }
    assert_eq!(names(top.path()), ["empty"]);
    assert_eq!(names(&top.path().join("empty")), [""; 0]);
}

#[test]
fn what_a_killed_extraction_has_left_is_cleared_and_nothing_else_is() {
    let top = tempdir();
    let dir = top.path().join("dir");
    fs::create_dir(&dir).expect("create");
    let killed = Extraction::to(&dir).expect("an empty directory");
    grow(&killed.tree(), &["a"]);
    assert!(Extraction::to(&dir).is_err(), "it is at work");
    let left = names(&dir);
    // As a kill does: the lock goes, the files stay.
    killed.abandon();
    assert_eq!(names(&dir), left);
    let next = Extraction::to(&dir).expect("cleared");
    assert_ne!(names(&dir), left);
    grow(&next.tree(), &["b"]);
    next.finish().expect("filled");
    assert_eq!(names(&dir), ["b"]);
    for name in ["dir.partial-abcdef/x", "dir.partial-notes/", "dir.partial-abcde1"] {
        let other = tempdir();
        let dir = other.path().join("dir");
        grow(&dir, &[name]);
        assert!(Extraction::to(&dir).is_err(), "{name} is somebody's");
    }
}

#[test]
fn an_extraction_overwrites_nothing_that_came_into_being_meanwhile() {
    let top = tempdir();
    let dir = top.path().join("dir");
    grow(top.path(), &["dir/"]);
    let extraction = Extraction::to(&dir).expect("an empty directory");
    grow(&extraction.tree(), &["a", "b", "c"]);
    fs::write(dir.join("b"), "another's").expect("write");
    let error = extraction.finish().expect_err("in the way");
    assert_eq!(error.path(), Some(&*dir.join("b")));
    assert_eq!(names(&dir), ["b"]);
    assert_eq!(fs::read_to_string(dir.join("b")).expect("there"), "another's");

    let extraction = Extraction::to(&top.path().join("new")).expect("a new directory");
    grow(&extraction.tree(), &["a"]);
    fs::write(top.path().join("new"), "another's").expect("write");
    let error = extraction.finish().expect_err("in the way");
    assert!(matches!(error, Error::Conflict { .. }), "{error}");
    assert_eq!(names(top.path()), ["dir", "new"]);
}

#[test]
fn what_a_killed_run_left_is_cleared_by_its_prefix() {
    let top = tempdir();
    grow(top.path(), &["a-1/tree/x", "a-2", "b/x"]);
    assert_eq!(clear_stale(top.path(), OsStr::new("a-")).expect("cleared"), 2);
    assert_eq!(names(top.path()), ["b"]);
    assert_eq!(clear_stale(top.path(), OsStr::new("")).expect("cleared"), 1);
    let missing = top.path().join("missing");
    assert_eq!(clear_stale(&missing, OsStr::new("")).expect("nothing to do"), 0);
}

#[test]
fn removing_a_tree_follows_no_link() {
    let top = tempdir();
    grow(top.path(), &["keep/x", "tree/a"]);
    symlink("../keep", top.path().join("tree/link")).expect("create");
    remove_tree(&top.path().join("tree")).expect("removed");
    remove_tree(&top.path().join("tree")).expect("twice is fine");
    assert_eq!(names(&top.path().join("keep")), ["x"]);
}
