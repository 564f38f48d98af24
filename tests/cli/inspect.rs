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

/// A WIM that is nothing but its header and this XML.
fn wim(xml: &str) -> Vec<u8> {
    let xml: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut bytes = vec![0; 208];
    bytes[..8].copy_from_slice(b"MSWIM\0\0\0");
    bytes[44] = 1;
    bytes[72..80].copy_from_slice(&(xml.len() as u64).to_le_bytes());
    bytes[80..88].copy_from_slice(&208_u64.to_le_bytes());
    bytes.extend(xml);
    bytes
}

/// A Windows disc with this as its install.wim.
fn windows_disc(site: &Site, install_wim: Vec<u8>) {
    let mut tree = Tree::new();
    tree.put("sources/install.wim", Node::file(Content::bytes(install_wim)));
    let options = Options { rock_ridge: Some(RockRidge::default()), ..Options::default() };
    site.iso("w.iso", &tree, &options);
}

#[test]
fn the_names_of_editions_cannot_command_a_terminal() {
    let site = Site::new();
    let image = "<IMAGE INDEX=\"1\"><NAME>Windows \u{1b}[2J&#155;2J&#10;x</NAME></IMAGE>";
    windows_disc(&site, wim(&format!("<WIM>{image}</WIM>")));
    let ran = site.done(&["inspect", "w.iso"]);
    assert!(
        ran.stdout.contains("  editions     1 in sources/install.wim\n    1  Windows \\x1b[2J")
    );
    let command = |c: char| c.is_control() && c != '\n';
    assert!(!ran.stdout.contains(command), "{:?}", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line != "x"), "{}", ran.stdout);
    let name = &site.json(&["inspect", "w.iso"])["images"][0]["editions"][0]["name"];
    assert!(name.as_str().is_some_and(|name| name.starts_with("Windows \u{1b}[2J")), "{name}");
}

#[test]
fn a_wim_that_cannot_be_read_has_no_editions_and_one_warning() {
    let site = Site::new();
    windows_disc(&site, b"MSWIM".to_vec());
    let ran = site.done(&["inspect", "w.iso"]);
    assert!(ran.stdout.contains("  editions     not known\n"), "{}", ran.stdout);
    assert_eq!(ran.stderr.matches("too few for a WIM header").count(), 1, "{}", ran.stderr);
    let report = site.json(&["inspect", "w.iso"]);
    assert_eq!(report["images"][0]["editions"], serde_json::json!([]));
    assert_eq!(report["warnings"].as_array().map(Vec::len), Some(1), "{report}");
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
