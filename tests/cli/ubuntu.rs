//! Ubuntu 16.04 server: Rock Ridge, links, the network installer.

use insta::assert_snapshot;
use pxe_import_fixtures::family::{Size, ubuntu};

use crate::listing::{assert_holds, assert_still, listing, state};
use crate::site::{MENU, Site};

const TREE: &str = "wwwroot/apt/ubuntu16.04";

#[test]
fn the_server_disc_becomes_a_tree_with_its_link_and_menu_entry() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    let ran = site.done(&["--server", "192.168.4.6", "ubuntu16.04", iso]);

    let tree = ubuntu::server(Size::Small).tree;
    assert_holds(&site.root(TREE), &tree, &[], &["isolinux/boot.cat"]);
    assert_snapshot!("root", listing(&site.root("")));
    assert_snapshot!("menu", site.read(MENU));
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_second_import_changes_nothing() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    let line = ["--server", "192.168.4.6", "ubuntu16.04", iso];
    site.done(&line);
    let (first, tree) = (state(&site.root("")), listing(&site.root(TREE)));
    site.done(&line);
    assert_still(&site.root(""), &first);
    assert_eq!(listing(&site.root(TREE)), tree);
}

#[test]
fn without_the_squashfs_the_entry_names_none() {
    let site = Site::new();
    site.changed("small.iso", ubuntu::server, |tree, _| {
        tree.remove("install/filesystem.squashfs");
    });
    site.done(&["--server", "192.168.4.6", "ubuntu16.04", "small.iso"]);
    let menu = site.read(MENU);
    assert!(!menu.contains("live-installer"), "{menu}");
    assert!(menu.contains("mirror/http/directory=/apt/ubuntu16.04 --- quiet\n"), "{menu}");
}
