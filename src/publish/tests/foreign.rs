use super::*;

/// The live tree: what the old import put there, and what an administrator did.
const OLD: [&str; 5] = ["RPMS", "RPMS/a.rpm", "images", "images/gone.img", "repodata"];

fn live(top: &Path) -> PathBuf {
    let live = top.join("live");
    grow(&live, &["RPMS/a.rpm", "images/gone.img", "repodata/"]);
    live
}

fn found(live: &Path) -> Vec<Foreign> {
    let known = |path: &Path| OLD.iter().any(|old| Path::new(old) == path);
    super::foreign(live, known, &Void).expect("readable")
}

fn age(path: &Path) {
    let file = File::open(path).expect("open");
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).expect("mtime");
}

#[test]
fn what_no_import_has_put_there_is_found() {
    let top = tempdir();
    let live = live(top.path());
    assert_eq!(found(&live), []);
    grow(&live, &["ks.cfg", "RPMS/local.rpm", "own/deep/file", "own/empty/"]);
    symlink("/etc", live.join("own/link")).expect("create");
    let found = found(&live);
    let paths: Vec<_> = found.iter().map(|found| found.path.to_str().expect("UTF-8")).collect();
    assert_eq!(
        paths,
        ["RPMS/local.rpm", "ks.cfg", "own", "own/deep", "own/deep/file", "own/empty", "own/link"]
    );
    assert_eq!(found.iter().filter(|found| found.dir).count(), 3);
}

#[test]
fn a_target_that_is_a_file_or_missing_holds_nothing_foreign() {
    let top = tempdir();
    grow(top.path(), &["file"]);
    assert_eq!(found(&top.path().join("file")), []);
    assert_eq!(found(&top.path().join("missing")), []);
}

#[test]
fn foreign_files_are_carried_with_modes_and_mtimes() {
    let top = tempdir();
    let live = live(top.path());
    grow(&live, &["ks.cfg", "images/own.img", "own/deep/file", "own/empty/"]);
    symlink("../ks.cfg", live.join("own/link")).expect("create");
    let mode = |path: &str, mode| {
        fs::set_permissions(live.join(path), Permissions::from_mode(mode)).expect("chmod");
    };
    mode("ks.cfg", 0o640);
    mode("own/deep", 0o750);
    mode("own/empty", 0o2775);
    for path in ["ks.cfg", "own/deep", "own/empty", "images"] {
        age(&live.join(path));
    }
    let staging = staged(top.path(), &["RPMS/a.rpm", "repodata/"]);
    carry(&live, &staging.tree(), &found(&live), &Void).expect("carried");

    let tree = staging.tree();
    let meta = |path: &str| fs::symlink_metadata(tree.join(path)).expect(path);
    let mode = |path: &str| meta(path).permissions().mode() & 0o7777;
    assert_eq!((mode("ks.cfg"), mode("own/deep"), mode("own/empty")), (0o640, 0o750, 0o2775));
    // The new disc has no images/ any more: it comes back for what is in it.
    for path in ["ks.cfg", "own/deep", "own/empty", "images"] {
        assert_eq!(meta(path).mtime(), 1_000_000_000, "{path}");
    }
    assert_eq!(names(&tree.join("images")), ["own.img"]);
    assert_eq!(fs::read_to_string(tree.join("own/deep/file")).expect("there"), "own/deep/file");
    assert_eq!(fs::read_link(tree.join("own/link")).expect("a link"), Path::new("../ks.cfg"));
    assert_eq!(meta("ks.cfg").ino(), fs::metadata(live.join("ks.cfg")).expect("there").ino());
    assert_eq!(names(&live), ["RPMS", "images", "ks.cfg", "own", "repodata"]);
}

#[test]
fn foreign_files_are_copied_where_no_hard_link_can_be() {
    let (here, Ok(there)) = (tempdir(), tempfile::tempdir_in(ELSEWHERE)) else {
        eprintln!("skipped: needs {ELSEWHERE}");
        return;
    };
    let live = live(here.path());
    grow(&live, &["ks.cfg"]);
    fs::set_permissions(live.join("ks.cfg"), Permissions::from_mode(0o606)).expect("chmod");
    age(&live.join("ks.cfg"));
    carry(&live, there.path(), &found(&live), &Void).expect("carried");
    let copy = there.path().join("ks.cfg");
    let meta = fs::metadata(&copy).expect("there");
    assert_eq!(meta.permissions().mode() & 0o7777, 0o606);
    assert_eq!(meta.mtime(), 1_000_000_000);
    assert_eq!(fs::read_to_string(copy).expect("there"), "ks.cfg");
}

#[test]
fn a_foreign_file_that_the_new_tree_has_too_is_named() {
    let top = tempdir();
    let outside = top.path().join("outside");
    fs::create_dir(&outside).expect("create");
    let cases: [(&[&str], &[&str], &str); 4] = [
        (&["ks.cfg"], &["ks.cfg"], "ks.cfg"),
        (&["own/file"], &["own"], "own"),
        (&["own"], &["own/file"], "own"),
        (&["linked/file"], &[], "linked"),
    ];
    for (index, (by_hand, new, named)) in cases.into_iter().enumerate() {
        let live = live(&top.path().join(index.to_string()));
        grow(&live, by_hand);
        let staging = staged(top.path(), &[new, &["repodata/"]].concat());
        symlink(&outside, staging.tree().join("linked")).expect("create");
        let error = carry(&live, &staging.tree(), &found(&live), &Void).expect_err(named);
        assert!(matches!(error, Error::Conflict { .. }), "{named}: {error}");
        assert_eq!(error.path(), Some(&*live.join(named)));
    }
    assert_eq!(names(&outside), [""; 0]);
}

#[test]
fn a_foreign_directory_that_the_new_tree_has_too_is_no_conflict() {
    let top = tempdir();
    let live = live(top.path());
    grow(&live, &["own/mine"]);
    let staging = staged(top.path(), &["own/theirs"]);
    carry(&live, &staging.tree(), &found(&live), &Void).expect("carried");
    assert_eq!(names(&staging.tree().join("own")), ["mine", "theirs"]);
}

#[test]
fn a_foreign_socket_is_refused_before_it_is_lost() {
    let top = tempdir();
    let live = live(top.path());
    let _socket = std::os::unix::net::UnixListener::bind(live.join("s")).expect("bound");
    let staging = staged(top.path(), &["a"]);
    let error = carry(&live, &staging.tree(), &found(&live), &Void).expect_err("a socket");
    assert!(matches!(error, Error::Conflict { .. }), "{error}");
}
