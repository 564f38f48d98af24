//! `inspect`: what is on a disc, for people and for programs.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;
use pxe_import_fixtures::family::{centos, esxi, ubuntu, windows, winpe};
use pxe_import_fixtures::iso9660::{Options, RockRidge};
use pxe_import_fixtures::{Content, Node, Tree};

use crate::site::Site;

/// All discs of the families.
fn discs(site: &Site) -> Vec<&'static str> {
    vec![
        site.disc(centos::dvd1),
        site.disc(centos::dvd2),
        site.disc(ubuntu::server),
        site.disc(esxi::esxi55),
        site.disc(esxi::esxi70),
        site.disc(winpe::win8pe),
        site.disc(windows::server_2008_r2),
    ]
}

/// A disc of every type of entry, and of a name that is not UTF-8.
fn odd() -> Site {
    let site = Site::new();
    let mut tree = Tree::new();
    tree.text("dir/file.txt", "eleven bytes");
    tree.text("dir/caf\u{e9}.txt", "");
    tree.put(&b"dir/\xff\x1b[2J"[..], Node::file(Content::bytes("x")));
    tree.link("link", "dir/file.txt");
    tree.put("device", Node::new(0o600, pxe_import_fixtures::Body::Fifo));
    let options = Options { rock_ridge: Some(RockRidge::default()), ..Options::default() };
    site.iso("odd.iso", &tree, &options);
    site
}

#[test]
fn every_family_is_named() {
    let site = Site::new();
    let discs = discs(&site);
    let line = [&["inspect"][..], &discs].concat();
    let ran = site.done(&line);
    assert_snapshot!("text", ran.stdout);
    assert_eq!(ran.stderr, "");
    assert_snapshot!("json", site.done(&[&line[..], &["--json"]].concat()).stdout);
    assert_eq!(site.names("").len(), discs.len(), "it writes nothing");
}

#[test]
fn every_path_is_listed_with_files() {
    let site = odd();
    let ran = site.done(&["inspect", "--files", "odd.iso"]);
    assert_snapshot!("files_text", ran.stdout);
    assert!(!ran.stdout.contains('\x1b'), "names cannot command a terminal");
    assert_snapshot!("files_json", site.done(&["inspect", "--files", "odd.iso", "--json"]).stdout);
}

#[test]
fn a_disc_may_be_read_only_and_in_a_directory_that_is() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    fs::create_dir(site.path("closed")).expect("made");
    fs::rename(site.path(iso), site.path("closed/a.iso")).expect("moved");
    site.chmod("closed/a.iso", 0o444);
    site.chmod("closed", 0o555);
    site.done(&["inspect", "closed/a.iso"]);
    site.done(&["esxi5.5", "closed/a.iso"]);
    assert_eq!(site.mode("wwwroot/esxi/5.5/boot.cfg"), 0o644);
    fs::set_permissions(site.path("closed"), fs::Permissions::from_mode(0o755)).expect("set");
}

#[test]
fn one_bad_disc_among_good_ones_is_a_failure() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.write("notes.txt", "no image\n");
    let error = site.fails(1, &["inspect", iso, "notes.txt"]);
    assert!(error.starts_with("error: notes.txt: "), "{error}");
}
