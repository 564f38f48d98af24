use super::*;
use crate::menu::Entry;
use crate::monitor::{Collect, Void};
use crate::site::next;
use crate::site::record::{MenuEntry, SCHEMA};

fn record() -> Record {
    let entry = Entry {
        label: "a".into(),
        title: "A".into(),
        kernel: "/yum/a/vmlinuz".into(),
        initrd: None,
        args: vec!["quiet".into()],
        bootif: false,
        efi: Default::default(),
    };
    let block = pxelinux::block(&entry).expect("a block").hash();
    Record {
        schema: SCHEMA,
        name: "a".into(),
        version: "0".into(),
        profile: "el".into(),
        product: None,
        target: "yum/a".into(),
        images: Vec::new(),
        options: Default::default(),
        entries: vec![MenuEntry { entry, block, before: Vec::new(), own: false, asked: None }],
        files: Vec::new(),
        verified: Vec::new(),
        server: None,
        published: crate::site::record::now(),
        media: false,
        no_main: false,
    }
}

/// The same with a second entry, `b`.
fn with_second() -> Record {
    let mut new = record();
    let entry = Entry { label: "b".into(), ..new.entries[0].entry.clone() };
    let block = pxelinux::block(&entry).expect("a block").hash();
    new.entries.push(MenuEntry { entry, block, before: Vec::new(), own: false, asked: None });
    new
}

/// A root with one import that has one file and one entry.
fn site() -> (tempfile::TempDir, Root, Record) {
    let dir = tempfile::tempdir().expect("a directory");
    let root = Root::new(dir.path());
    root.create().expect("made");
    let record = record();
    let tree = root.target(&record.target);
    fs::create_dir_all(&tree).expect("made");
    fs::write(tree.join("vmlinuz"), "k").expect("written");
    let sums = manifest::write([("vmlinuz", blake3::hash(b"k"))]);
    fs::write(root.manifest("a"), sums).expect("written");
    fs::write(root.meta("a"), meta::line("vmlinuz", 0o644, 1)).expect("written");
    record.write(&root).expect("written");
    let block = pxelinux::block(&record.entries[0].entry).expect("a block");
    fs::write(root.menu(), block.text()).expect("written");
    (dir, root, record)
}

fn file(bytes: Option<&str>, expect: &[&str]) -> Amended {
    let expect = expect.iter().map(|text| blake3::hash(text.as_bytes()).to_hex().to_string());
    let bytes = bytes.map(|text| text.as_bytes().to_vec());
    Amended { path: "ks-b.cfg".into(), bytes, mode: 0o640, expect: expect.collect() }
}

fn put(label: &str) -> Blocks {
    Blocks { put: vec![label.into()], ..Blocks::default() }
}

fn text(path: PathBuf) -> String {
    fs::read_to_string(path).expect("there")
}

/// All is as the change was to leave it.
fn is_done(root: &Root) {
    let ks = root.target("yum/a").join("ks-b.cfg");
    assert_eq!(text(ks.clone()), "text\n");
    assert_eq!(fs::metadata(ks).expect("there").permissions().mode() & 0o777, 0o640);
    assert!(text(root.menu()).contains("label a\n") && text(root.menu()).contains("label b\n"));
    assert_eq!(Record::read(root, "a").expect("readable").expect("there").entries.len(), 2);
    let sums = text(root.manifest("a"));
    let paths = manifest::read(sums.as_bytes()).map(|entry| entry.expect("whole").path);
    let paths: Vec<_> = paths.collect();
    assert_eq!(paths, ["ks-b.cfg", "vmlinuz"]);
    assert_eq!(meta::read(text(root.meta("a")).as_bytes()).flatten().count(), 2);
    assert!(!root.next("a").exists());
}

#[test]
fn files_menu_and_record_change_together() {
    let (_dir, root, old) = site();
    let files = [file(Some("text\n"), &[])];
    let begun = Amendment::begin(&root, &old, &with_second(), &files, put("b")).expect("begun");
    let changes = begun.finish(&Void).expect("finished");
    assert_eq!(changes, [("b".to_owned(), Change::Added)]);
    is_done(&root);
}

#[test]
fn a_kill_after_any_step_is_finished_by_the_next_run() {
    for step in 0..5 {
        let (_dir, root, old) = site();
        let files = [file(Some("text\n"), &[])];
        drop(Amendment::begin(&root, &old, &with_second(), &files, put("b")).expect("begun"));
        let (next, tree) = (root.next("a"), root.target("yum/a"));
        if step > 0 {
            fs::write(tree.join("ks-b.cfg"), "text\n").expect("written");
            fs::set_permissions(tree.join("ks-b.cfg"), Permissions::from_mode(0o640)).expect("set");
        }
        if step > 1 {
            let block = pxelinux::block(&with_second().entries[1].entry).expect("a block");
            let menu = text(root.menu()) + "\n" + block.text();
            fs::write(root.menu(), menu).expect("written");
        }
        let moved = [(META, root.meta("a")), (MANIFEST, root.manifest("a"))];
        for (from, to) in moved.iter().take(step.max(2) - 2) {
            fs::rename(next.join(from), to).expect("moved");
        }
        next::recover(&root).expect("recovered");
        is_done(&root);
    }
}

#[test]
fn a_change_that_was_not_written_down_whole_is_dropped() {
    let (_dir, root, old) = site();
    let files = [file(Some("text\n"), &[])];
    drop(Amendment::begin(&root, &old, &with_second(), &files, put("b")).expect("begun"));
    fs::remove_file(root.next("a").join(INTENT)).expect("removed");
    next::recover(&root).expect("recovered");
    assert_eq!(Record::read(&root, "a").expect("readable"), Some(old));
    assert!(!root.next("a").exists() && !root.target("yum/a").join("ks-b.cfg").exists());
}

#[test]
fn a_file_that_its_owner_has_edited_stays() {
    let (_dir, root, old) = site();
    let path = root.target("yum/a").join("ks-b.cfg");
    fs::write(&path, "mine\n").expect("written");
    for bytes in [Some("text\n"), None] {
        let files = [file(bytes, &["was\n"])];
        let begun = Amendment::begin(&root, &old, &old, &files, Blocks::default()).expect("begun");
        let monitor = Collect::default();
        begun.finish(&monitor).expect("finished");
        assert_eq!(text(path.clone()), "mine\n");
        assert_eq!(monitor.warnings()[0].code, "edited-file");
    }
    let files = [file(None, &["mine\n"])];
    let begun = Amendment::begin(&root, &old, &old, &files, Blocks::default()).expect("begun");
    begun.finish(&Void).expect("finished");
    assert!(!path.exists());
}

#[test]
fn another_tree_in_the_place_is_not_written_to() {
    let (_dir, root, old) = site();
    let files = [file(Some("text\n"), &[])];
    let begun = Amendment::begin(&root, &old, &old, &files, Blocks::default()).expect("begun");
    let tree = root.target("yum/a");
    fs::rename(&tree, root.target("yum/other")).expect("moved");
    fs::create_dir(&tree).expect("made");
    let error = begun.finish(&Void).expect_err("another").to_string();
    assert!(error.contains("has been changed meanwhile"), "{error}");
    assert_eq!(fs::read_dir(&tree).expect("there").count(), 0);
    assert!(!root.next("a").exists());
}

#[test]
fn a_renamed_block_stays_in_its_place() {
    let (_dir, root, old) = site();
    let menu = text(root.menu()) + "\nlabel foreign\n";
    fs::write(root.menu(), &menu).expect("written");
    let mut new = old.clone();
    new.entries[0].entry.label = "c".into();
    new.entries[0].block = pxelinux::block(&new.entries[0].entry).expect("a block").hash();
    let blocks = Blocks { renamed: vec![("a".into(), "c".into())], ..Blocks::default() };
    let begun = Amendment::begin(&root, &old, &new, &[], blocks).expect("begun");
    begun.finish(&Void).expect("finished");
    let wanted = menu.replace("begin a", "begin c").replace("end a", "end c");
    assert_eq!(text(root.menu()), wanted.replace("label a", "label c"));
}
