use super::*;
use std::collections::BTreeMap;

fn record() -> Record {
    Record {
        schema: crate::site::record::SCHEMA,
        name: "a".into(),
        version: "0".into(),
        profile: "el".into(),
        product: None,
        target: "yum/a".into(),
        images: Vec::new(),
        options: BTreeMap::new(),
        entries: Vec::new(),
        files: Vec::new(),
        verified: Vec::new(),
        server: None,
        published: crate::site::record::now(),
        media: false,
        no_main: false,
    }
}

/// A root with a staged tree and its next record.
fn site() -> (tempfile::TempDir, Root) {
    let dir = tempfile::tempdir().expect("a directory");
    let root = Root::new(dir.path());
    root.create().expect("made");
    let tree = root.staging().join("tree");
    fs::create_dir(&tree).expect("create");
    Next::prepare(
        &root,
        &record(),
        &|out| out.write_all(b"sums"),
        &|out| out.write_all(b"meta"),
        &tree,
    )
    .expect("prepared");
    (dir, root)
}

fn publish(root: &Root) {
    fs::create_dir_all(root.wwwroot().join("yum")).expect("create");
    fs::rename(root.staging().join("tree"), root.target("yum/a")).expect("rename");
}

#[test]
fn a_kill_after_the_exchange_is_rolled_forward() {
    let (_dir, root) = site();
    publish(&root);
    recover(&root).expect("recovered");
    assert_eq!(Record::read(&root, "a").expect("readable").expect("there").target, "yum/a");
    assert_eq!(fs::read_to_string(root.manifest("a")).expect("there"), "sums");
    assert_eq!(fs::read_to_string(root.meta("a")).expect("there"), "meta");
    assert!(!root.next("a").exists());
}

#[test]
fn a_kill_in_the_middle_of_taking_over_is_rolled_forward() {
    let (_dir, root) = site();
    publish(&root);
    fs::rename(root.next("a").join(META), root.meta("a")).expect("rename");
    fs::rename(root.next("a").join(MANIFEST), root.manifest("a")).expect("rename");
    recover(&root).expect("recovered");
    assert!(Record::read(&root, "a").expect("readable").is_some());
    assert!(!root.next("a").exists());
}

#[test]
fn a_kill_before_the_exchange_is_dropped() {
    let (_dir, root) = site();
    fs::create_dir_all(root.target("yum/a")).expect("somebody else's directory");
    recover(&root).expect("recovered");
    assert!(Record::read(&root, "a").expect("readable").is_none());
    assert!(!root.next("a").exists());
}

#[test]
fn a_next_that_was_never_finished_is_dropped() {
    let (_dir, root) = site();
    fs::remove_file(root.next("a").join(TREE)).expect("remove");
    publish(&root);
    recover(&root).expect("recovered");
    assert!(Record::read(&root, "a").expect("readable").is_none());
    assert!(!root.next("a").exists());
}

/// A live tree by hand with the administrator's menu, and the record that is to be.
fn by_hand() -> (tempfile::TempDir, Root, String, Record) {
    let dir = tempfile::tempdir().expect("a directory");
    let root = Root::new(dir.path());
    root.create().expect("made");
    fs::create_dir_all(root.target("yum/a")).expect("made");
    let menu = "label mine\n  kernel /yum/a/vmlinuz\n  append quiet\n".to_owned();
    fs::write(root.menu(), &menu).expect("written");
    let entry = crate::menu::Entry {
        label: "a".into(),
        title: "Mine".into(),
        kernel: "/yum/a/vmlinuz".into(),
        initrd: None,
        args: vec!["quiet".into()],
        bootif: false,
        efi: Default::default(),
    };
    let block = pxelinux::block(&entry).expect("a block").hash();
    let entries = vec![MenuEntry { entry, block, before: Vec::new(), own: false, asked: None }];
    (dir, root, menu, Record { entries, ..record() })
}

#[test]
fn a_killed_adoption_gets_its_link_and_takes_over_the_label() {
    let (_dir, root, menu, record) = by_hand();
    let own = takeover::find(&root.menu(), menu.as_bytes(), "a", "yum/a").expect("read");
    let label = Some(own[0].hash.as_str());
    Next::adopt(
        &root,
        &record,
        &|out| out.write_all(b"sums"),
        &|out| out.write_all(b"meta"),
        &root.target("yum/a"),
        label,
    )
    .expect("prepared");
    recover(&root).expect("recovered");
    assert_eq!(Record::read(&root, "a").expect("readable"), Some(record));
    let text = fs::read_to_string(root.menu()).expect("there");
    assert!(text.starts_with("# pxe-import begin a\nlabel a\n"), "{text}");
    assert!(!text.contains("mine"), "{text}");
    assert!(root.pxefiles().join("yum").is_symlink());
    assert!(!root.next("a").exists());
}

#[test]
fn a_label_that_was_edited_after_the_kill_stays() {
    let (_dir, root, menu, record) = by_hand();
    let live = root.target("yum/a");
    Next::adopt(
        &root,
        &record,
        &|out| out.write_all(b"sums"),
        &|out| out.write_all(b"meta"),
        &live,
        Some("another"),
    )
    .expect("prepared");
    recover(&root).expect("recovered");
    assert!(Record::read(&root, "a").expect("readable").is_some());
    assert_eq!(fs::read_to_string(root.menu()).expect("there"), menu);
}

#[test]
fn a_killed_adoption_of_another_tree_is_dropped() {
    let (_dir, root, menu, record) = by_hand();
    let other = root.target("yum/b");
    fs::create_dir(&other).expect("made");
    Next::adopt(
        &root,
        &record,
        &|out| out.write_all(b"sums"),
        &|out| out.write_all(b"meta"),
        &other,
        None,
    )
    .expect("prepared");
    recover(&root).expect("recovered");
    assert_eq!(Record::read(&root, "a").expect("readable"), None);
    assert_eq!(fs::read_to_string(root.menu()).expect("there"), menu);
}

#[test]
fn a_device_that_has_another_number_after_a_power_cut_is_the_same() {
    let (_dir, root) = site();
    publish(&root);
    let path = root.next("a").join(TREE);
    let text = fs::read_to_string(&path).expect("there");
    let mut tree: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    if tree["birth"].is_null() {
        println!("skipped: needs a filesystem with times of birth");
        return;
    }
    tree["device"] = serde_json::json!([4095, 1]);
    fs::write(&path, tree.to_string()).expect("written");
    recover(&root).expect("recovered");
    assert!(Record::read(&root, "a").expect("readable").is_some());
}
