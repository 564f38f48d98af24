//! CentOS 6.8: both DVDs in one tree.

use insta::assert_snapshot;
use pxe_import_fixtures::Tree;
use pxe_import_fixtures::family::{Size, centos};

use crate::listing::{assert_holds, assert_still, listing, state};
use crate::site::{MENU, Site};

const TREE: &str = "wwwroot/yum/CentOS6.8";

/// What the merge is to be: everything of both discs but TRANS.TBL, which serves readers without
/// long names.
fn both() -> Tree {
    let mut both = centos::dvd1(Size::Small).tree;
    for (path, node) in centos::dvd2(Size::Small).tree.walk() {
        if both.get(&path).is_none() {
            both.put(&path, node.clone());
        }
    }
    let tables: Vec<_> = both.walk().into_iter().map(|(path, _)| path).collect();
    for path in tables.iter().filter(|path| path.ends_with(b"TRANS.TBL")) {
        both.remove(path);
    }
    both
}

#[test]
fn both_dvds_become_one_tree_with_its_link_and_menu_entry() {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    let ran = site.done(&["--server", "192.168.4.6", "centos6.8", dvd1, dvd2]);

    assert_holds(&site.root(TREE), &both(), &[], &["isolinux/boot.cat"]);
    assert_snapshot!("root", listing(&site.root("")));
    assert_snapshot!("menu", site.read(MENU));
    let first = "imported CentOS 6.8 x86_64 to wwwroot/yum/CentOS6.8: 61 files, 0 links, ";
    assert!(ran.stdout.starts_with(first), "{}", ran.stdout);
    assert_eq!(ran.said(), "");
}

#[test]
fn a_second_import_changes_nothing() {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    let line = ["--server", "192.168.4.6", "centos6.8", dvd1, dvd2];
    site.done(&line);
    let (first, tree) = (state(&site.root("")), listing(&site.root(TREE)));
    let ran = site.done(&line);
    assert_still(&site.root(""), &first);
    assert_eq!(listing(&site.root(TREE)), tree);
    assert_eq!(ran.said(), "");
}

#[test]
fn the_order_of_the_dvds_does_not_matter() {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    site.done(&["--server", "192.168.4.6", "centos6.8", dvd1, dvd2]);
    let (menu, tree) = (site.read(MENU), listing(&site.root(TREE)));
    site.done(&["--server", "192.168.4.6", "centos6.8", dvd2, dvd1]);
    assert_holds(&site.root(TREE), &both(), &[], &["isolinux/boot.cat"]);
    assert_eq!(listing(&site.root(TREE)), tree);
    assert_eq!(site.read(MENU), menu);
}

#[test]
fn the_first_dvd_alone_will_do() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let report = site.json(&["--server", "192.168.4.6", "centos6.8", dvd1]);
    assert_eq!(report["target"], TREE);
    assert!(!site.root(TREE).join("Packages/perl-1.0-1.el6.x86_64.rpm").exists());
}

#[test]
fn what_the_first_dvd_owns_is_its_own_whatever_the_order() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.changed("other2.iso", centos::dvd2, |tree, _| {
        tree.text("repodata/repomd.xml", "of the second disc\n");
        tree.text("GPL", "another text\n");
    });
    let line = ["--server", "192.168.4.6", "centos6.8", dvd1, "other2.iso"];
    let report = site.json(&line);
    assert!(site.read(&format!("{TREE}/repodata/repomd.xml")).contains("<repomd"));
    assert_eq!(site.read(&format!("{TREE}/GPL")), "another text\n");
    let conflicts = report["conflicts"].as_array().expect("a list");
    let of = |path: &str| conflicts.iter().find(|c| c["path"] == path).expect("listed");
    assert_eq!((&of("GPL")["kept"], &of("GPL")["rule"]), (&1.into(), &"later".into()));
    assert_eq!(of("repodata/repomd.xml")["kept"], 0);
}
