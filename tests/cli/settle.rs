//! `refresh` leaves images alone that somebody is still writing to.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use pxe_import::lock::{Lock, Wait};
use pxe_import::monitor::Void;
use pxe_import_fixtures::family::esxi;

use crate::refresh::{ESXI, TREE, set_age, site, stamps};

#[test]
fn an_image_that_was_just_written_waits() {
    let site = site(ESXI);
    let iso = site.disc(esxi::esxi55);
    for age in [0, -30] {
        set_age(&site, iso, age);
        let before = stamps(&site.root(""));
        let json = site.json(&["refresh"]);
        assert_eq!(json["imports"][0]["action"], "waits");
        let reason = json["imports"][0]["reason"].as_str().expect("text");
        assert!(reason.ends_with("was written to less than 60 s ago"), "{reason}");
        assert_eq!(stamps(&site.root("")), before);
        let quiet = site.done(&["--quiet", "refresh"]);
        assert_eq!((quiet.stdout, quiet.stderr), (String::new(), String::new()));
    }
    // A clock that was wrong is no reason to wait until it is right.
    set_age(&site, iso, -100_000);
    assert_eq!(site.json(&["refresh"])["imports"][0]["action"], "imported");
    // What has not changed has nothing to wait for.
    let json = site.json(&["refresh", "--settle", "2d"]);
    assert_eq!(json["imports"][0]["action"], "unchanged");
}

#[test]
fn a_download_that_was_cut_short_waits_for_the_rest() {
    let site = site(ESXI);
    let iso = site.disc(esxi::esxi55);
    let file = fs::File::options().write(true).open(site.path(iso)).expect("open");
    file.set_len(file.metadata().expect("there").len() / 2).expect("cut");
    assert_eq!(site.json(&["refresh"])["imports"][0]["action"], "waits");
    set_age(&site, iso, 100);
    let ran = site.done(&["refresh"]);
    assert!(ran.stdout.starts_with("esxi5.5  waits  "), "{}", ran.stdout);
    assert!(ran.stdout.contains("the download is incomplete"), "{}", ran.stdout);
    assert_eq!(site.done(&["--quiet", "refresh"]).stderr, "");
    // Nobody is fetching it any more: that is news, and not only to those who look.
    set_age(&site, iso, 100_000);
    let quiet = site.done(&["--quiet", "refresh"]).stderr;
    assert!(quiet.contains("the download is incomplete"), "{quiet}");
    assert!(!site.root(TREE).exists());
}

#[test]
fn an_image_that_grows_during_the_run_waits() {
    let site = site(ESXI);
    let iso = site.disc(esxi::esxi55);
    set_age(&site, iso, 1000);
    let held = Lock::acquire(&site.root(""), Wait::No, &Void).expect("free");
    let mut process = site.process(&["refresh"]);
    let mut child = process.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    // It has looked at the images before it waits.
    let mut said = String::new();
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    stderr.read_line(&mut said).expect("a line");
    assert!(said.contains("waiting for another pxe-import"), "{said}");
    let mut file = fs::File::options().append(true).open(site.path(iso)).expect("open");
    file.write_all(&[0; 2048]).expect("written");
    drop(held);
    let status = child.wait().expect("it ends");
    let mut out = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("text");
    assert!(status.success(), "{out}");
    assert!(out.starts_with("esxi5.5  waits  "), "{out}");
    assert!(out.ends_with(" is still being written to\n"), "{out}");
    assert!(!site.root(TREE).exists());
}
