//! What an administrator has put into an imported tree outlives the next import.

use std::fs;
use std::os::unix::fs::symlink;

use pxe_import_fixtures::family::{esxi, winpe};

use crate::listing::{assert_still, state};
use crate::site::Site;

const TREE: &str = "wwwroot/esxi/5.5";

#[test]
fn files_directories_and_links_of_the_administrators_survive() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    site.write(&format!("root/{TREE}/ks.cfg"), "by hand\n");
    site.chmod(&format!("root/{TREE}/ks.cfg"), 0o640);
    site.write(&format!("root/{TREE}/upgrade/notes/today.txt"), "by hand\n");
    symlink("ks.cfg", site.root(TREE).join("latest.cfg")).expect("a link");
    fs::create_dir(site.root(TREE).join("empty")).expect("made");
    let before = state(&site.root(""));

    let report = site.json(&["esxi5.5", iso]);
    assert_still(&site.root(""), &before);
    let warnings = report["warnings"].as_array().expect("a list");
    let of = |warning: &serde_json::Value| {
        (warning["code"].as_str().map(str::to_owned), warning["path"].as_str().map(str::to_owned))
    };
    let expected = ["ks.cfg", "latest.cfg", "upgrade/notes/today.txt"];
    let expected = expected.map(|path| (Some("foreign-file".to_owned()), Some(path.to_owned())));
    assert_eq!(warnings.iter().map(of).collect::<Vec<_>>(), expected);

    site.done(&["esxi5.5", iso]);
    assert_still(&site.root(""), &before);
}

#[test]
fn a_file_by_hand_where_the_new_disc_has_one_is_refused() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    site.write(&format!("root/{TREE}/ks.cfg"), "by hand\n");
    let before = state(&site.root(""));
    site.changed("newer.iso", esxi::esxi55, |tree, _| {
        tree.text("ks.cfg", "the vendor's\n");
    });
    let error = site.fails(1, &["esxi5.5", "newer.iso"]);
    assert!(error.contains(&format!("{TREE}/ks.cfg: was put there by hand")), "{error}");
    assert_still(&site.root(""), &before);
}

#[test]
fn a_file_that_left_the_disc_leaves_the_tree() {
    let site = Site::new();
    site.changed("older.iso", esxi::esxi55, |tree, _| {
        tree.text("upgrade/old.txt", "old\n");
    });
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", "older.iso"]);
    assert!(site.root(TREE).join("upgrade/old.txt").exists());
    let ran = site.done(&["esxi5.5", iso]);
    assert!(!site.root(TREE).join("upgrade/old.txt").exists());
    assert_eq!(ran.stderr, "");
}

#[test]
fn an_edited_file_of_the_discs_is_kept_beside_the_new_one() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let before = state(&site.root(""));
    site.write(&format!("root/{TREE}/boot.cfg"), "edited\n");
    fs::remove_file(site.root(TREE).join("s.v00")).expect("removed");
    let ran = site.done(&["esxi5.5", iso]);
    assert!(ran.stderr.starts_with("warning: boot.cfg: has been edited"), "{}", ran.stderr);
    assert_eq!(site.read(&format!("{TREE}/boot.cfg.pxe-save")), "edited\n");
    fs::remove_file(site.root(TREE).join("boot.cfg.pxe-save")).expect("removed");
    assert_still(&site.root(""), &before);
}

#[test]
fn a_link_in_the_place_of_a_file_of_the_discs_is_kept_and_not_followed() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    site.write("outside/boot.cfg", "theirs\n");
    let tree = site.root(TREE);
    fs::remove_file(tree.join("boot.cfg")).expect("removed");
    symlink("../../../../outside/boot.cfg", tree.join("boot.cfg")).expect("a link");
    fs::remove_dir_all(tree.join("upgrade")).expect("removed");
    symlink("../../../../outside", tree.join("upgrade")).expect("a link");
    site.write("outside/profile.xml", "theirs\n");
    let ran = site.done(&["esxi5.5", iso]);
    for name in ["boot.cfg", "upgrade"] {
        assert!(tree.join(format!("{name}.pxe-save")).is_symlink(), "{ran:?}");
        assert!(!tree.join(name).is_symlink(), "{name}");
    }
    assert!(!tree.join("upgrade/profile.xml.pxe-save").exists(), "{ran:?}");
    assert_eq!(fs::read(site.path("outside/boot.cfg")).expect("there"), b"theirs\n");
}

#[test]
fn a_single_image_that_was_edited_is_kept_beside_the_new_one() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    site.done(&["win8pe", iso]);
    site.write("root/wwwroot/windows/win8pe.iso", "another\n");
    let ran = site.done(&["win8pe", iso]);
    assert!(ran.stderr.contains("win8pe.iso: has been edited"), "{ran:?}");
    let target = site.root("wwwroot/windows/win8pe.iso");
    assert_eq!(fs::read(target).expect("read"), fs::read(site.path(iso)).expect("read"));
    assert_eq!(site.read("wwwroot/windows/win8pe.iso.pxe-save"), "another\n");
}

#[test]
fn an_edit_of_a_file_without_a_time_of_its_own_is_seen_by_its_bytes() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    // As the meta has it where the disc gives no time.
    let meta = site.read(".pxe-import/esxi5.5.meta");
    let lines = meta.lines().map(|line| {
        let mut value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        value.as_object_mut().expect("an object").remove("mtime");
        format!("{value}\n")
    });
    site.write("root/.pxe-import/esxi5.5.meta", lines.collect::<String>());
    let path = site.root(TREE).join("s.v00");
    let mut bytes = fs::read(&path).expect("there");
    bytes[0] ^= 1;
    fs::write(&path, &bytes).expect("written");
    site.done(&["esxi5.5", iso]);
    assert_eq!(fs::read(site.root(TREE).join("s.v00.pxe-save")).expect("kept"), bytes);
    let names = fs::read_dir(site.root(TREE)).expect("there");
    let saves =
        names.filter(|n| n.as_ref().expect("a name").path().to_string_lossy().contains("-save"));
    assert_eq!(saves.count(), 1);
}

#[test]
fn a_staging_directory_that_is_a_link_is_refused_and_what_it_leads_to_stays() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.write("scratch/theirs", "theirs\n");
    fs::create_dir_all(site.root(".pxe-import")).expect("made");
    symlink("../../scratch", site.root(".pxe-import/staging")).expect("a link");
    let error = site.fails(1, &["esxi5.5", iso]);
    assert!(error.contains("staging: is a link"), "{error}");
    assert!(site.path("scratch/theirs").exists());
}
