use std::collections::BTreeMap;

use super::*;
use crate::menu::{Entry, pxelinux};
use crate::monitor::{Collect, Void};
use crate::site::next::recover;
use crate::site::record::{MenuEntry, SCHEMA, now};

/// An import of one file `f`, with its entry and link.
fn site() -> (tempfile::TempDir, Root, Record) {
    let dir = tempfile::tempdir().expect("a directory");
    let root = Root::new(dir.path());
    root.create().expect("made");
    let entry = Entry {
        label: "a".into(),
        title: "A".into(),
        kernel: "/yum/a/f".into(),
        initrd: None,
        args: Vec::new(),
        bootif: false,
        efi: Default::default(),
    };
    let block = pxelinux::block(&entry).expect("a block");
    fs::write(root.menu(), format!("default x\n\n{}", block.text())).expect("written");
    fs::create_dir_all(root.target("yum/a")).expect("made");
    fs::write(root.target("yum/a/f"), "abc").expect("written");
    super::super::link::ensure(&root, "yum/a").expect("linked");
    let record = Record {
        schema: SCHEMA,
        name: "a".into(),
        version: "0".into(),
        profile: "el".into(),
        product: None,
        target: "yum/a".into(),
        images: Vec::new(),
        options: BTreeMap::new(),
        entries: vec![MenuEntry {
            entry,
            block: block.hash(),
            before: Vec::new(),
            own: false,
            asked: None,
        }],
        files: Vec::new(),
        verified: Vec::new(),
        server: None,
        media: false,
        no_main: false,
        published: now(),
    };
    record.write(&root).expect("written");
    let mtime = fs::metadata(root.target("yum/a/f")).expect("there").mtime();
    let meta = format!(
        "{{\"path\":\"f\",\"type\":\"file\",\"mode\":\"0644\",\"size\":3,\"mtime\":{mtime}}}\n"
    );
    fs::write(root.meta("a"), meta).expect("written");
    fs::write(root.manifest("a"), "").expect("written");
    (dir, root, record)
}

fn assert_gone(root: &Root) {
    assert_eq!(fs::read_to_string(root.menu()).expect("there"), "default x\n");
    assert!(!root.wwwroot().join("yum").exists());
    assert!(!root.pxefiles().join("yum").is_symlink());
    for path in [root.record("a"), root.manifest("a"), root.meta("a"), root.next("a")] {
        assert!(!path.exists(), "{}", path.display());
    }
    assert_eq!(fs::read_dir(root.staging()).expect("there").count(), 0);
}

#[test]
fn an_intent_alone_is_carried_out_by_whoever_finds_it() {
    let (_dir, root, record) = site();
    Removal::begin(&root, &record, false).expect("begun");
    assert_eq!(cut_short(&root, "a").expect("read").as_deref(), Some("yum/a"));
    recover(&root).expect("recovered");
    assert_gone(&root);
    assert_eq!(cut_short(&root, "a").expect("read"), None);
}

#[test]
fn a_tree_that_is_out_of_the_way_already_is_no_hindrance() {
    let (_dir, root, record) = site();
    Removal::begin(&root, &record, false).expect("begun");
    let staged = root.staging().join("a-x");
    fs::create_dir(&staged).expect("made");
    fs::rename(root.target("yum/a"), staged.join("old")).expect("renamed");
    recover(&root).expect("recovered");
    assert_gone(&root);
}

#[test]
fn another_tree_in_its_place_is_not_removed() {
    let (_dir, root, record) = site();
    Removal::begin(&root, &record, true).expect("begun");
    fs::rename(root.target("yum/a"), root.target("yum/b")).expect("renamed");
    fs::create_dir(root.target("yum/a")).expect("made");
    fs::write(root.target("yum/a/mine"), "").expect("written");
    recover(&root).expect("recovered");
    assert!(root.target("yum/a/mine").exists());
    assert!(root.target("yum/b/f").exists());
    assert_eq!(Record::read(&root, "a").expect("readable"), None);
    assert!(root.pxefiles().join("yum").is_symlink(), "there is something behind it");
}

#[test]
fn what_is_by_hand_comes_back_after_a_kill_between_two_renames() {
    let (_dir, root, record) = site();
    fs::write(root.target("yum/a/ks.cfg"), "mine").expect("written");
    Removal::begin(&root, &record, false).expect("begun");
    let staged = root.staging().join("a-x");
    fs::create_dir_all(staged.join("tree")).expect("made");
    fs::rename(root.target("yum/a"), staged.join("old")).expect("renamed");
    recover(&root).expect("recovered");
    assert_eq!(fs::read_to_string(root.target("yum/a/ks.cfg")).expect("there"), "mine");
    assert!(!root.target("yum/a/f").exists());
    assert_eq!(Record::read(&root, "a").expect("readable"), None);
    assert_eq!(fs::read_dir(root.staging()).expect("there").count(), 0);
}

#[test]
fn a_removal_that_fails_leaves_an_import_and_no_intent() {
    let (_dir, root, record) = site();
    fs::write(root.menu(), "# pxe-import begin a\n").expect("written");
    let removal = Removal::begin(&root, &record, false).expect("begun");
    let error = removal.finish(&Void).expect_err("a damaged menu");
    assert_eq!(error.kind(), "invalid");
    assert!(!root.next("a").exists());
    assert_eq!(Record::read(&root, "a").expect("readable"), Some(record));
    assert!(root.target("yum/a/f").exists());
}

#[test]
fn a_block_that_was_edited_stays_unless_forced() {
    let (_dir, root, record) = site();
    let text = fs::read_to_string(root.menu()).expect("there").replace("label A", "label B");
    fs::write(root.menu(), &text).expect("written");
    let monitor = Collect::default();
    let removal = Removal::begin(&root, &record, false).expect("begun");
    let blocks = removal.finish(&monitor).expect("finished");
    assert_eq!(blocks, [Block { label: "a".into(), removed: false }]);
    assert_eq!(fs::read_to_string(root.menu()).expect("there"), text);
    assert_eq!(monitor.warnings()[0].code, "menu-block-edited");
}

#[test]
fn an_intent_that_leads_out_of_the_web_root_is_none() {
    let (_dir, root, record) = site();
    Removal::begin(&root, &record, true).expect("begun");
    let intent = root.next("a").join(INTENT);
    let text = fs::read_to_string(&intent).expect("there").replace("yum/a", "../yum");
    fs::write(&intent, text).expect("written");
    recover(&root).expect("recovered");
    assert!(root.target("yum/a/f").exists());
    assert!(Record::read(&root, "a").expect("readable").is_some());
}

#[test]
fn an_intent_of_another_tree_than_the_record_has_now_takes_no_tree() {
    let (_dir, root, record) = site();
    fs::write(root.target("yum/a/mine"), "by hand").expect("written");
    Removal::begin(&root, &record, false).expect("begun");
    Record { target: "yum/b".into(), ..record }.write(&root).expect("edited");
    recover(&root).expect("recovered");
    assert!(root.target("yum/a/mine").exists());
    assert!(root.target("yum/a/f").exists());
}
