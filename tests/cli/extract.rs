//! `extract`: merge and copy only.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use pxe_import_fixtures::Tree;
use pxe_import_fixtures::family::{Size, centos, ubuntu};
use pxe_import_fixtures::iso9660::{Options, RockRidge};

use crate::listing::{assert_holds, assert_still, listing, state};
use crate::site::Site;

#[test]
fn a_new_directory_gets_the_whole_disc() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    let ran = site.done(&["extract", iso, "--to", "tree"]);
    let tree = ubuntu::server(Size::Small).tree;
    assert_holds(&site.path("tree"), &tree, &[], &["isolinux/boot.cat"]);
    assert_eq!(site.names(""), ["tree", iso]);
    assert!(ran.stdout.starts_with("extracted to tree: 62 files, 3 links, 64.3 KiB in "));
    assert_eq!(ran.stderr, "");
}

#[test]
fn an_empty_directory_is_filled_and_stays_what_it_is() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    fs::create_dir(site.path("tree")).expect("made");
    site.chmod("tree", 0o750);
    site.done(&["extract", iso, "--to", "tree/"]);
    let tree = ubuntu::server(Size::Small).tree;
    assert_holds(&site.path("tree"), &tree, &[], &["isolinux/boot.cat"]);
    let mode = fs::metadata(site.path("tree")).expect("there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o750);
    assert_eq!(site.names(""), ["tree", iso]);
}

#[test]
fn nothing_of_a_product_is_known_to_it() {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    site.done(&["extract", dvd1, dvd2, "--to", "tree"]);
    let table = fs::read(site.path("tree/Packages/TRANS.TBL")).expect("there");
    let second = centos::dvd2(Size::Small).tree;
    let content = second.get("Packages/TRANS.TBL").and_then(|node| node.content()).expect("there");
    assert_eq!(table, content.to_vec(), "the later disc wins");
    assert!(!site.root("").exists());
}

#[test]
fn a_directory_that_is_not_empty_is_refused_untouched() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    site.write("tree/mine.txt", "by hand\n");
    let before = state(&site.path("tree"));
    let error = site.fails(1, &["extract", iso, "--to", "tree"]);
    assert!(error.starts_with("error: tree: is not empty"), "{error}");
    assert_still(&site.path("tree"), &before);
    site.write("file", "x");
    let error = site.fails(1, &["extract", iso, "--to", "file"]);
    assert!(error.starts_with("error: file: is no directory"), "{error}");
    let error = site.fails(1, &["extract", iso, "--to", "missing/tree"]);
    assert!(error.contains("missing"), "{error}");
    assert_eq!(site.names(""), ["file", "tree", iso]);
}

/// Modes that a disc may have, and what a web root makes of them.
#[test]
fn modes_and_times_are_those_of_a_web_root() {
    let site = Site::new();
    let mut tree = Tree::new();
    for (path, mode) in [
        ("bin/run", 0o755),
        ("bin/owner", 0o700),
        ("bin/setuid", 0o4755),
        ("bin/setgid", 0o2711),
        ("doc/text", 0o444),
        ("doc/private", 0o600),
        ("doc/none", 0o000),
        ("doc/wide", 0o666),
        ("pool/a.rpm", 0o755),
        ("pool/a.deb", 0o755),
        ("pool/a.udeb", 0o755),
    ] {
        tree.text(path, path).mode = mode;
    }
    tree.link("link", "doc/text");
    tree.put("closed/file", pxe_import_fixtures::Node::dir()).mode = 0o500;
    let mut times = 0..;
    tree.each(|node| node.mtime = 1_000_000_000 + times.next().expect("endless"));
    let options = Options { rock_ridge: Some(RockRidge::default()), ..Options::default() };
    site.iso("a.iso", &tree, &options);
    site.done(&["extract", "a.iso", "--to", "tree"]);
    insta::assert_snapshot!("modes", listing(&site.path("tree")));
}

#[test]
fn a_link_that_leads_outside_is_left_out_with_a_warning() {
    let site = Site::new();
    let mut tree = Tree::new();
    tree.text("a/b", "x\n");
    tree.link("a/up", "../a/b");
    tree.link("self", ".");
    tree.link("out", "../../etc/passwd");
    tree.link("a/out", "../../x");
    tree.link("absolute", "/etc/passwd");
    let options = Options { rock_ridge: Some(RockRidge::default()), ..Options::default() };
    site.iso("a.iso", &tree, &options);
    let ran = site.done(&["extract", "a.iso", "--to", "tree"]);
    assert_eq!(site.names("tree"), ["a", "self"]);
    assert_eq!(site.names("tree/a"), ["b", "up"]);
    let warned: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(warned.len(), 3, "{}", ran.stderr);
    assert!(warned.iter().all(|line| line.starts_with("warning: ")), "{}", ran.stderr);
}
