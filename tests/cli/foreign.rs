//! What an administrator has put into an imported tree outlives the next import.

use std::fs;
use std::os::unix::fs::symlink;

use pxe_import_fixtures::family::esxi;

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
