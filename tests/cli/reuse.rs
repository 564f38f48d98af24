//! Importing again writes what differs, and nothing else.

use std::fs;
use std::os::unix::fs::MetadataExt;

use pxe_import_fixtures::family::{centos, esxi, winpe};

use crate::listing::{assert_still, state};
use crate::site::Site;

const TREE: &str = "wwwroot/yum/CentOS6.8";

fn inode(site: &Site, path: &str) -> u64 {
    fs::metadata(site.root(path)).expect("there").ino()
}

fn bytes(report: &serde_json::Value) -> [u64; 4] {
    ["bytes", "read", "reused", "written"].map(|key| report[key].as_u64().expect("a number"))
}

#[test]
fn an_unchanged_import_writes_no_file_of_the_discs() {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    let line = ["--server", "192.168.4.6", "centos6.8", dvd1, dvd2];
    let [all, read, reused, written] = bytes(&site.json(&line));
    assert_eq!((read, reused, written), (all, 0, all));
    let (before, kernel) =
        (state(&site.root("")), inode(&site, &format!("{TREE}/isolinux/vmlinuz")));
    assert_eq!(bytes(&site.json(&line)), [all, all, all, 0]);
    assert_still(&site.root(""), &before);
    assert_eq!(inode(&site, &format!("{TREE}/isolinux/vmlinuz")), kernel);
    let said = site.done(&line).stdout;
    assert!(said.contains("reused: ") && said.contains(" read, 0 bytes written\n"), "{said}");
}

#[test]
fn one_package_that_changes_is_all_that_is_written() {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    let line = |dvd2| ["--server", "192.168.4.6", "centos6.8", dvd1, dvd2];
    site.done(&line(dvd2));
    site.changed("newer.iso", centos::dvd2, |tree, _| {
        tree.text("Packages/zsh-4.3.11-5.el6.x86_64.rpm", "a package that is new\n");
    });
    let [all, _, reused, written] = bytes(&site.json(&line("newer.iso")));
    assert_eq!((reused, written), (all - 22, 22));
    // And it is what a first import of the same discs gives.
    let (there, elsewhere) = (state(&site.root(TREE)), Site::new());
    for name in [dvd1, "newer.iso"] {
        fs::copy(site.path(name), elsewhere.path(name)).expect("copied");
    }
    elsewhere.done(&line("newer.iso"));
    assert_eq!(state(&elsewhere.root(TREE)), there);
}

#[test]
fn no_reuse_writes_everything_and_mends_what_looks_right_and_is_not() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let before = state(&site.root(""));
    // A disk that has lost some bytes keeps size and time.
    let path = site.root("wwwroot/esxi/5.5/s.v00");
    let time = fs::metadata(&path).expect("there").modified().expect("a time");
    let mut rotten = fs::read(&path).expect("there");
    rotten[0] ^= 1;
    fs::write(&path, rotten).expect("written");
    fs::File::options().write(true).open(&path).and_then(|f| f.set_modified(time)).expect("set");
    let [all, _, reused, written] = bytes(&site.json(&["esxi5.5", iso, "--no-reuse"]));
    assert_eq!((reused, written), (0, all));
    assert_still(&site.root(""), &before);
}

#[test]
fn an_image_that_is_kept_whole_is_taken_over_too() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    site.done(&["win8pe", iso]);
    let there = inode(&site, "wwwroot/windows/win8pe.iso");
    let [all, _, reused, written] = bytes(&site.json(&["win8pe", iso]));
    assert_eq!((reused, written), (all, 0));
    assert_eq!(inode(&site, "wwwroot/windows/win8pe.iso"), there);
}
