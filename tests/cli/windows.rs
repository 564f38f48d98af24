//! WinPE, kept whole, and the Windows DVD, extracted.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use pxe_import_fixtures::family::{Size, windows, winpe};
use pxe_import_fixtures::{Content, Node};

use crate::listing::{assert_holds, assert_still, listing, state};
use crate::site::{MENU, Site};

const TARGET: &str = "wwwroot/windows/win8pe.iso";
const TREE: &str = "wwwroot/windows/windows_server_2008_x64";

#[test]
fn a_winpe_image_is_kept_whole_under_its_ascii_name() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    assert!(!iso.is_ascii());
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_463_897_099);
    fs::File::options()
        .write(true)
        .open(site.path(iso))
        .and_then(|file| file.set_modified(time))
        .expect("a time");
    let ran = site.done(&["win8pe", iso]);

    let (ours, theirs) = (site.root(TARGET), site.path(iso));
    assert!(fs::read(&ours).expect("published") == fs::read(&theirs).expect("there"));
    assert_ne!(
        fs::metadata(&ours).expect("published").ino(),
        fs::metadata(&theirs).expect("there").ino(),
        "a hard link would change with the user's file"
    );
    assert_snapshot!("winpe_root", listing(&site.root("")));
    assert_snapshot!("winpe_menu", site.read(MENU));
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_second_import_of_winpe_changes_nothing() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    site.done(&["win8pe", iso]);
    let first = state(&site.root(""));
    let modified = || fs::metadata(site.root(TARGET)).and_then(|m| m.modified()).expect("a time");
    let before = modified();
    site.done(&["win8pe", iso]);
    assert_eq!(modified(), before);
    assert_still(&site.root(""), &first);
}

#[test]
fn an_answer_file_has_no_place_beside_a_whole_image() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    site.write("unattend.xml", "<unattend/>\n");
    let error = site.fails(2, &["--server", "a", "--answer", "unattend.xml", "win8pe", iso]);
    assert!(error.contains("--answer"), "{error}");
    assert!(!site.root("").exists());
}

#[test]
fn the_udf_side_of_the_dvd_becomes_a_tree_without_an_entry() {
    let site = Site::new();
    let iso = site.disc(windows::server_2008_r2);
    let ran = site.done(&["windows_server_2008_x64", iso]);

    assert_holds(&site.root(TREE), &windows::server_2008_r2(Size::Small).tree, &[], &[]);
    assert_snapshot!("dvd_root", listing(&site.root("")));
    assert!(!site.root(MENU).exists());
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("no menu entry: ") && ran.stderr.contains("wimboot"));
    let report = site.json(&["windows_server_2008_x64", iso]);
    assert_eq!(report["menu"], serde_json::json!([]));
}

#[test]
fn a_second_import_of_the_dvd_changes_nothing() {
    let site = Site::new();
    let iso = site.disc(windows::server_2008_r2);
    site.done(&["windows_server_2008_x64", iso]);
    let (first, tree) = (state(&site.root("")), listing(&site.root(TREE)));
    site.done(&["windows_server_2008_x64", iso]);
    assert_still(&site.root(""), &first);
    assert_eq!(listing(&site.root(TREE)), tree);
}

#[test]
fn an_image_above_4_gib_has_its_whole_size() {
    let site = Site::new();
    let size = 4_509_715_660;
    site.changed("large.iso", windows::server_2008_r2, |tree, _| {
        tree.put("sources/install.wim", Node::file(Content::Zeros(size)));
    });
    let report = site.json(&["inspect", "--files", "large.iso"]);
    let entries = report["images"][0]["entries"].as_array().expect("a list");
    let wim = entries.iter().find(|entry| entry["path"] == "sources/install.wim");
    assert_eq!(wim.expect("listed")["size"], size);
}

#[test]
fn the_other_side_of_the_dvd_is_a_readme() {
    let site = Site::new();
    let iso = site.disc(windows::server_2008_r2);
    site.done(&["extract", "--hierarchy", "iso9660", iso, "--to", "tree"]);
    assert_eq!(site.names("tree"), ["readme.txt"]);
}
