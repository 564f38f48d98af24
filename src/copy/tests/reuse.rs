//! Copies that find some of their files in an older tree.

use std::fs::OpenOptions;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::*;

const MTIME: i64 = 1_000_000_000;

/// A disc of these files (name, first byte, length), all of one time.
fn disc_of(dir: &Path, files: &[(&str, u64, u64)]) -> Vec<Disc> {
    let mut tree = Tree::new();
    let sub = tree.add(NodeId::ROOT, b"sub", Entry::default()).expect("a name");
    for &(name, offset, len) in files {
        let mtime = Some(Timestamp::new(MTIME, 5));
        let entry = Entry { mtime, ..extents(&[(Some(offset), len)]) };
        let (parent, name) = match name.strip_prefix("sub/") {
            Some(name) => (sub, name),
            None => (NodeId::ROOT, name),
        };
        tree.add(parent, name.as_bytes(), entry).expect("a name");
    }
    vec![disc(file_source(dir, &bytes(1 << 20)), tree)]
}

/// The tree at `top` as the copy of `plan` has left it.
fn old_of(plan: &Plan<'_>, copied: &Copied, top: &Path) -> Old {
    let all = plan.iter().filter_map(|id| {
        let hash = copied.hashes[id.index()]?;
        let path = PathBuf::from(OsStr::from_bytes(&plan.path(id)));
        Some((path, OldFile { hash, size: plan.size(id), mtime: MTIME }))
    });
    Old::new(top, all.collect())
}

/// Writes `first` to `a`, then lets `between` do something to it, then writes `second` to `b` with `a` as
/// the older tree; returns both directories and what the second copy said.
fn twice(
    first: &[(&str, u64, u64)],
    second: &[(&str, u64, u64)],
    piece: u64,
    between: impl FnOnce(&Path),
) -> (tempfile::TempDir, Copied) {
    let top = tempfile::tempdir().expect("a directory");
    let (a, b) = (top.path().join("a"), top.path().join("b"));
    let discs = disc_of(top.path(), first);
    let plan = plan_of(&discs);
    let copied = write_pieces(&plan, &a, HASHED, piece, &Void).expect("written");
    assert_eq!((copied.reused, copied.read), (0, copied.bytes));
    let old = old_of(&plan, &copied, &a);
    between(&a);
    let discs = disc_of(top.path(), second);
    let plan = plan_of(&discs);
    let reuse = examine_pieces(&plan, &old, HASHED, piece, &Void).expect("read");
    let options = Options { reuse: Some(&reuse), ..HASHED };
    let copied = write_pieces(&plan, &b, options, piece, &Void).expect("written");
    for &(name, offset, len) in second {
        let expected = &bytes(1 << 20)[offset as usize..][..len as usize];
        assert!(fs::read(b.join(name)).expect("there") == expected, "{name}");
        let id = plan.find(name.as_bytes()).expect("planned");
        assert_eq!(copied.hashes[id.index()], Some(blake3::hash(expected)), "{name}");
        let meta = fs::metadata(b.join(name)).expect("there");
        assert_eq!((meta.mtime(), meta.mode() & 0o7777), (MTIME, 0o644), "{name}");
    }
    (top, copied)
}

fn inode(top: &tempfile::TempDir, path: &str) -> u64 {
    fs::metadata(top.path().join(path)).expect("there").ino()
}

const FILES: [(&str, u64, u64); 3] = [("one", 0, 100_000), ("sub/two", 9, 3000), ("three", 5, 10)];

#[test]
fn a_tree_that_has_not_changed_is_taken_over_file_by_file() {
    for piece in [PIECE, 4096] {
        let (top, copied) = twice(&FILES, &FILES, piece, |_| {});
        assert_eq!((copied.reused, copied.bytes, copied.read), (103_010, 103_010, 103_010));
        for (name, ..) in FILES {
            assert_eq!(inode(&top, &format!("a/{name}")), inode(&top, &format!("b/{name}")));
        }
    }
}

#[test]
fn only_what_is_different_is_written() {
    for piece in [PIECE, 4096] {
        let new = [("one", 1, 100_000), ("sub/two", 9, 3000), ("three", 5, 11)];
        let (top, copied) = twice(&FILES, &new, piece, |_| {});
        assert_eq!((copied.reused, copied.bytes), (3000, 103_011));
        // `one` has the size of an old file, and was read twice to find that it is another.
        assert_eq!(copied.read, 2 * 100_000 + 3000 + 11);
        assert_eq!(inode(&top, "a/sub/two"), inode(&top, "b/sub/two"));
        assert_ne!(inode(&top, "a/one"), inode(&top, "b/one"));
    }
}

#[test]
fn a_file_that_has_moved_is_found_by_its_bytes() {
    let (top, copied) = twice(&FILES, &[("sub/moved", 0, 100_000), ("x", 9, 3000)], PIECE, |_| {});
    assert_eq!(copied.reused, 103_000);
    assert_eq!(inode(&top, "a/one"), inode(&top, "b/sub/moved"));
}

#[test]
fn a_file_that_no_longer_looks_as_it_was_written_is_written_anew() {
    let touch = |path: &Path, seconds: u64| {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        OpenOptions::new().write(true).open(path).expect("open").set_modified(time).expect("set");
    };
    let spoil: [fn(&Path); 4] = [
        |path| fs::write(path, "edited").expect("written"),
        |path| fs::remove_file(path).expect("removed"),
        |path| fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("set"),
        |path| {
            fs::remove_file(path).expect("removed");
            symlink("../one", path).expect("linked");
        },
    ];
    for (index, spoil) in spoil.into_iter().enumerate() {
        let (_, copied) = twice(&FILES, &FILES, PIECE, |a| spoil(&a.join("sub/two")));
        // Where bytes can be shared, the mode alone is no reason to write them.
        assert!(copied.reused == 100_010 || index == 2, "{index}: {}", copied.reused);
    }
    let (_, copied) = twice(&FILES, &FILES, PIECE, |a| touch(&a.join("one"), 7));
    assert_eq!(copied.reused, 3010);
    // A directory of the old tree that leads elsewhere now.
    let (_, copied) = twice(&FILES, &FILES, PIECE, |a| {
        fs::rename(a.join("sub"), a.join("elsewhere")).expect("renamed");
        symlink("elsewhere", a.join("sub")).expect("linked");
    });
    assert_eq!(copied.reused, 100_010);
}

#[test]
fn many_files_of_the_same_bytes_find_their_own_names() {
    let names: Vec<String> = (0..50).map(|n| format!("f{n}")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), 3, 500)).collect();
    let (top, copied) = twice(&files, &files, PIECE, |_| {});
    assert_eq!(copied.reused, copied.bytes);
    for name in &names {
        assert_eq!(inode(&top, &format!("a/{name}")), inode(&top, &format!("b/{name}")));
    }
}
