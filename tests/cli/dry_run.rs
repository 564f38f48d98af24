//! `--dry-run`: says what would be done and writes nothing.

use insta::assert_snapshot;
use pxe_import_fixtures::family::{centos, esxi};

use crate::listing::{assert_still, state};
use crate::site::Site;

#[test]
fn a_dry_run_shows_the_plan_and_writes_nothing() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let ran = site.done(&["--dry-run", "esxi5.5", iso]);
    let (first, rest) = ran.stdout.split_once(" in ").expect("a time");
    assert_eq!(
        first,
        "would import VMware ESXi 5.5.0 x86_64 to wwwroot/esxi/5.5: 70 files, 0 links, 50.4 KiB"
    );
    assert_snapshot!("plan", rest.split_once('\n').expect("lines").1);
    assert_eq!(site.names(""), [iso]);
}

#[test]
fn a_dry_run_tells_the_same_as_the_import_does() {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    site.write("ks.cfg", "install\n");
    let line = ["--server", "a", "--answer", "ks.cfg", "centos6.8", dvd1, dvd2];
    let report = |more: &[&str]| {
        let mut report = site.json(&[&line[..], more].concat());
        for only_done in ["seconds", "read", "written"] {
            report[only_done].take();
        }
        report
    };
    let planned = report(&["--dry-run"]);
    assert!(!site.root("").exists());
    let mut done = report(&[]);
    // What only a run that reads everything can tell.
    assert_eq!(planned["verified"], serde_json::json!([]));
    assert_eq!(done["verified"].take().as_array().map(Vec::len), Some(2));
    done["verified"] = planned["verified"].clone();
    assert_eq!(done, planned);
    let before = state(&site.root(""));
    assert_eq!(report(&["--dry-run"]), planned);
    assert_still(&site.root(""), &before);
}

#[test]
fn a_dry_run_of_extract_makes_no_directory() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let ran = site.done(&["--dry-run", "extract", iso, "--to", "to"]);
    assert!(ran.stdout.starts_with("would extract to to: 68 files, "), "{}", ran.stdout);
    assert_eq!(site.names(""), [iso]);
}

#[test]
fn a_dry_run_refuses_what_the_run_would_refuse() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.write("to/mine.txt", "by hand\n");
    let run = site.fails(1, &["extract", iso, "--to", "to"]);
    assert_eq!(site.fails(1, &["--dry-run", "extract", iso, "--to", "to"]), run);
}
