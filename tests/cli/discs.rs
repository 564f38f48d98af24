//! Sets of discs of Enterprise Linux, in whatever order, and parts of sets.

use std::fmt::Write;

use pxe_import_fixtures::Tree;
use pxe_import_fixtures::family::centos;
use pxe_import_fixtures::iso9660::{Joliet, Options, RockRidge, Volume};

use crate::listing::listing;
use crate::site::Site;

const TREE: &str = "wwwroot/yum/CentOS5.11";
/// Packages by the number of their disc.
const PACKAGES: [&str; 6] = ["bash", "dbus", "gcc", "httpd", "mysql", "zsh"];
const NAMES: [&str; 6] = ["cd1.iso", "cd2.iso", "cd3.iso", "cd4.iso", "cd5.iso", "cd6.iso"];

/// Six CDs as CentOS 5 has them: each says its number, the first describes all of them.
fn six(site: &Site) {
    for (number, (package, name)) in (1..).zip(PACKAGES.iter().zip(NAMES)) {
        let mut tree = Tree::new();
        tree.text(format!("CentOS/{package}-1.0-1.el5.x86_64.rpm"), format!("{package}\n"));
        tree.text(".discinfo", format!("1411394569.87\nFinal\nx86_64\n{number}\nCentOS/base\n"));
        tree.text("EULA", "The same on each disc.\n");
        tree.text("TRANS.TBL", format!("F of disc {number}\n"));
        tree.text("CentOS/TRANS.TBL", format!("F of disc {number}\n"));
        if number == 1 {
            first(&mut tree);
        }
        let options = Options {
            volume: Volume { volume_id: "CentOS_5.11_Final".into(), ..Volume::default() },
            rock_ridge: Some(RockRidge::default()),
            joliet: Some(Joliet::default()),
            ..Options::default()
        };
        site.iso(name, &tree, &options);
    }
}

fn first(tree: &mut Tree) {
    tree.text(
        ".treeinfo",
        "[general]\nfamily = CentOS\ntotaldiscs = 6\nversion = 5.11\ndiscnum = 1\n\
         packagedir = CentOS\narch = x86_64\n[images-x86_64]\nkernel = images/pxeboot/vmlinuz\n\
         initrd = images/pxeboot/initrd.img\n[stage2]\nmainimage = images/stage2.img\n",
    );
    for path in ["images/pxeboot/vmlinuz", "images/pxeboot/initrd.img", "images/stage2.img"] {
        tree.text(path, "x");
    }
    let mut primary = String::from("<metadata>\n");
    for (number, package) in (1..).zip(PACKAGES) {
        let len = package.len() + 1;
        let _ = writeln!(
            primary,
            "<package><size package=\"{len}\"/><location xml:base=\"media://1411394569.87#{number}\" \
             href=\"CentOS/{package}-1.0-1.el5.x86_64.rpm\"/></package>"
        );
    }
    primary.push_str("</metadata>\n");
    tree.text("repodata/primary.xml", primary);
    tree.text(
        "repodata/repomd.xml",
        "<repomd><data type=\"primary\"><checksum type=\"sha\">0</checksum>\
         <location href=\"repodata/primary.xml\"/></data></repomd>\n",
    );
}

fn import<'a>(discs: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let start = ["--server", "a", "--rewrite-media-urls", "centos5.11"];
    start.into_iter().chain(discs).collect()
}

#[test]
fn six_cds_become_one_tree_that_the_first_describes_in_whatever_order() {
    let site = Site::new();
    six(&site);
    let ran = site.done(&import(NAMES));
    assert_eq!(ran.stderr, "");
    for package in PACKAGES {
        let path = format!("{TREE}/CentOS/{package}-1.0-1.el5.x86_64.rpm");
        assert_eq!(site.read(&path), format!("{package}\n"));
    }
    let discinfo = "1411394569.87\nFinal\nx86_64\n1\nCentOS/base\n";
    assert_eq!(site.read(&format!("{TREE}/.discinfo")), discinfo);
    assert!(!site.root(TREE).join("CentOS/TRANS.TBL").exists());
    let primary = site.read(&format!("{TREE}/repodata/primary.xml"));
    assert_eq!(primary.matches("<location href=\"CentOS/").count(), 6, "{primary}");

    // SHA-1 is what EL 5 has, and what the check compares.
    let report = site.json(&["check", "centos5.11"]);
    let findings = report["findings"].as_array().expect("a list");
    let of_tree = |one: &&serde_json::Value| {
        one["code"].as_str().is_some_and(|c| c.starts_with("repodata") || c.starts_with("package"))
    };
    assert_eq!(findings.iter().find(of_tree), None);

    let tree = listing(&site.root(TREE));
    for order in [[5, 4, 3, 2, 1, 0], [1, 0, 3, 2, 5, 4]] {
        site.done(&import(order.map(|at| NAMES[at])));
        assert_eq!(listing(&site.root(TREE)), tree, "{order:?}");
        assert_eq!(site.read(&format!("{TREE}/.discinfo")), discinfo);
    }
}

#[test]
fn a_set_that_lacks_discs_is_imported_and_they_are_named() {
    let site = Site::new();
    six(&site);
    let ran = site.done(&import(["cd1.iso", "cd2.iso", "cd3.iso", "cd5.iso"]));
    assert_eq!(
        ran.stderr,
        "warning: repodata/repomd.xml: 2 of the 6 packages that it lists are not on the images \
         (discs 4, 6 of the set): import all discs of the set in one command\n"
    );
    assert!(site.root(TREE).join("CentOS/mysql-1.0-1.el5.x86_64.rpm").exists());
}

#[test]
fn a_later_disc_alone_says_that_the_first_is_needed() {
    let site = Site::new();
    six(&site);
    let dvd2 = site.disc(centos::dvd2);
    for line in [&["centos6.8", dvd2][..], &["centos5.11", "cd3.iso", "cd4.iso"]] {
        let error = site.fails(1, &[&["--server", "a"], line].concat());
        assert_eq!(
            error.trim_end(),
            format!(
                "error: {}: it has packages and does not say of which release: it is a later disc \
                 of a set, so name the set's first disc as well, in one command",
                line[1]
            )
        );
    }
    assert!(!site.root("").exists());
}
