//! `list`: what has been imported, and how it stands with it.

use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use pxe_import::lock::{Lock, Wait};
use pxe_import::monitor::Void;
use pxe_import_fixtures::family::{centos, esxi};
use serde_json::Value;

use crate::listing::{assert_still, state};
use crate::site::Site;

/// The import of that name in the document.
fn import(document: &Value, name: &str) -> Value {
    let imports = document["imports"].as_array().expect("a list");
    imports.iter().find(|import| import["name"] == name).expect("listed").clone()
}

/// Sets the time of a file back, so that it is told from one that is written now.
fn age(site: &Site, name: &str) {
    let file = fs::File::options().write(true).open(site.path(name)).expect("open");
    file.set_modified(UNIX_EPOCH + Duration::from_secs(1_463_000_000)).expect("set");
}

#[test]
fn a_root_that_is_not_there_holds_no_imports() {
    let site = Site::new();
    assert_eq!(site.done(&["list"]).stdout, "no imports in root\n");
    let json = site.json(&["list"]);
    assert_eq!(json, serde_json::json!({ "schema": 1, "imports": [], "warnings": [] }));
    assert!(!site.root("").exists());
}

#[test]
fn an_import_is_listed_with_what_it_is_made_of() {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    age(&site, dvd1);
    site.done(&["--server", "a", "centos6.8", dvd1, dvd2]);
    let before = state(&site.root(""));
    let done = site.json(&["--server", "a", "--dry-run", "centos6.8", dvd1, dvd2]);
    let listed = import(&site.json(&["list"]), "centos6.8");
    for key in ["files", "bytes", "target", "name"] {
        assert_eq!(listed[key], done[key], "{key}");
    }
    assert_eq!(listed["state"], "ok");
    assert_eq!((&listed["held"], &listed["hint"]), (&false.into(), &Value::Null));
    assert_eq!(listed["product"]["name"], "CentOS 6.8");
    let image = &listed["images"][0];
    assert_eq!(image["path"], site.path(dvd1).to_str().expect("UTF-8"));
    assert_eq!(image["mtime"], "2016-05-11T20:53:20Z");
    assert_eq!((&image["state"], &listed["images"][1]["state"]), (&"ok".into(), &"ok".into()));
    let text = site.done(&["list"]).stdout;
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[1].starts_with("centos6.8  CentOS 6.8 x86_64  yum/CentOS6.8  "), "{text}");
    assert!(lines[1].ends_with("  ok"), "{text}");
    assert_still(&site.root(""), &before);
}

#[test]
fn an_import_whose_tree_or_lists_are_missing_is_incomplete() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    for gone in ["wwwroot/esxi/5.5", ".pxe-import/esxi5.5.b3", ".pxe-import/esxi5.5.meta"] {
        let fresh = Site::new();
        fresh.disc(esxi::esxi55);
        fresh.done(&["esxi5.5", iso]);
        fs::rename(fresh.root(gone), fresh.path("away")).expect("moved");
        let listed = import(&fresh.json(&["list"]), "esxi5.5");
        assert_eq!(listed["state"], "incomplete", "{gone}");
        assert!(listed["hint"].as_str().expect("a hint").contains(gone), "{listed}");
    }
    site.done(&["esxi5.5", iso]);
    site.write("root/.pxe-import/esxi5.5.next/tree.json", "{}");
    let listed = import(&site.json(&["list"]), "esxi5.5");
    assert_eq!(listed["state"], "incomplete");
    fs::remove_dir_all(site.root(".pxe-import/esxi5.5.next")).expect("removed");
    site.write("root/.pxe-import/esxi5.5.meta", "{}\n");
    let listed = import(&site.json(&["list"]), "esxi5.5");
    assert_eq!((&listed["state"], &listed["files"]), (&"incomplete".into(), &0.into()));
}

#[test]
fn a_link_in_the_place_of_a_tree_is_not_the_tree() {
    let site = Site::new();
    site.done(&["esxi5.5", site.disc(esxi::esxi55)]);
    fs::rename(site.root("wwwroot/esxi/5.5"), site.root("wwwroot/esxi/moved")).expect("moved");
    std::os::unix::fs::symlink("moved", site.root("wwwroot/esxi/5.5")).expect("linked");
    let listed = import(&site.json(&["list"]), "esxi5.5");
    assert_eq!(listed["state"], "incomplete");
    assert!(listed["hint"].as_str().expect("a hint").contains("is a link"), "{listed}");
}

#[test]
fn a_first_import_that_was_cut_short_is_listed() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    fs::create_dir(site.root(".pxe-import/esxi5.5.next")).expect("made");
    fs::rename(
        site.root(".pxe-import/esxi5.5.json"),
        site.root(".pxe-import/esxi5.5.next/record.json"),
    )
    .expect("moved");
    let listed = import(&site.json(&["list"]), "esxi5.5");
    assert_eq!(listed["state"], "incomplete");
    assert!(listed["hint"].as_str().expect("a hint").contains("was cut short"), "{listed}");
}

#[test]
fn an_image_that_has_changed_or_is_gone_is_told() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    age(&site, iso);
    site.done(&["esxi5.5", iso]);
    let mut bytes = fs::read(site.path(iso)).expect("there");
    // In its descriptors, with size and time as they were.
    bytes[32_768 + 700] ^= 1;
    site.write(iso, bytes);
    age(&site, iso);
    let listed = import(&site.json(&["list"]), "esxi5.5");
    assert_eq!(listed["state"], "changed-image");
    assert_eq!(listed["images"][0]["state"], "changed");
    assert!(site.done(&["list"]).stdout.contains("  changed image\n"));
    fs::remove_file(site.path(iso)).expect("removed");
    let listed = import(&site.json(&["list"]), "esxi5.5");
    assert_eq!(listed["state"], "missing-image");
    assert_eq!(listed["images"][0]["state"], "missing");
    assert!(site.done(&["list"]).stdout.contains("  ok (image missing)\n"));
}

#[test]
fn a_held_import_says_so() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    site.write("root/.pxe-import/esxi5.5.hold", "");
    assert_eq!(import(&site.json(&["list"]), "esxi5.5")["held"], true);
    assert!(site.done(&["list"]).stdout.ends_with("  ok, held\n"));
}

#[test]
fn a_record_that_cannot_be_read_does_not_hide_the_others() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    site.write("root/.pxe-import/newer.json", r#"{"schema": 99, "version": "9.9"}"#);
    site.write("root/.pxe-import/torn.json", r#"{"schema": 1, "na"#);
    let ran = site.done(&["list"]);
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("warning: newer: cannot be listed: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("use version 9.9 or later"), "{}", ran.stderr);
    assert!(ran.stderr.contains("warning: torn: cannot be listed: "), "{}", ran.stderr);
    let json = site.json(&["list"]);
    assert_eq!(json["imports"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["warnings"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["warnings"][0]["code"], "unreadable-record");
}

#[test]
fn list_waits_for_nobody() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let _held = Lock::acquire(&site.root(""), Wait::No, &Void).expect("free");
    site.done(&["--no-wait", "list"]);
}
