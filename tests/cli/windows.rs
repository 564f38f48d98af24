//! WinPE, kept whole, and the Windows DVD, extracted.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use pxe_import_fixtures::family::winpe;

use crate::listing::{listing, state};
use crate::site::{MENU, Site};

const TARGET: &str = "wwwroot/windows/win8pe.iso";

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
    assert_eq!(state(&site.root("")), first);
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
