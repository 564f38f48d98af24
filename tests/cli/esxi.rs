//! ESXi: plain ISO 9660 read in lower case, boot.cfg patched.

use std::fs;

use insta::assert_snapshot;
use pxe_import_fixtures::Tree;
use pxe_import_fixtures::family::{Size, esxi};

use crate::listing::{assert_holds, assert_still, listing, state};
use crate::site::{MENU, Site};

const CONFIGS: [&str; 2] = ["boot.cfg", "efi/boot/boot.cfg"];
const ORIGINALS: [&str; 2] = ["boot.cfg.orig", "efi/boot/boot.cfg.orig"];
const UNKNOWN: [&str; 3] = ["boot.cfg", "efi/boot/boot.cfg", "boot.cat"];

/// The disc's boot.cfg.
fn original(tree: &Tree) -> Vec<u8> {
    tree.get("boot.cfg").and_then(|node| node.content()).expect("a file").to_vec()
}

#[test]
fn the_5_5_disc_becomes_a_tree_with_its_link_and_menu_entry() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let ran = site.done(&["esxi5.5", iso]);

    let disc = esxi::esxi55(Size::Small).tree;
    assert_holds(&site.root("wwwroot/esxi/5.5"), &disc, &ORIGINALS, &UNKNOWN);
    assert_snapshot!("5.5_root", listing(&site.root("")));
    assert_snapshot!("5.5_menu", site.read(MENU));
    assert_snapshot!("5.5_boot_cfg", site.read("wwwroot/esxi/5.5/boot.cfg"));
    assert_eq!(ran.stderr, "");
    for name in ORIGINALS {
        let kept = fs::read(site.root("wwwroot/esxi/5.5").join(name)).expect("kept");
        assert_eq!(kept, original(&disc), "{name}");
    }
    let [bios, uefi] = CONFIGS.map(|name| site.read(&format!("wwwroot/esxi/5.5/{name}")));
    assert_eq!(bios, uefi);
}

/// The usual way to do it by hand: the prefix as line 2, then the slashes of the kernel's line and
/// of the modules' line deleted.
#[test]
fn a_5_5_boot_cfg_is_what_three_seds_make_of_it() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let original = original(&esxi::esxi55(Size::Small).tree);
    let original = String::from_utf8(original).expect("ASCII");
    let mut expected: Vec<_> = original.lines().map(str::to_owned).collect();
    expected.insert(1, "prefix=/esxi/5.5/".into());
    expected[3] = "kernel=tboot.b00".into();
    expected[5] = expected[5].replace('/', "");
    let patched = site.read("wwwroot/esxi/5.5/boot.cfg");
    assert_eq!(patched.lines().collect::<Vec<_>>(), expected);
    assert!(patched.ends_with('\n'));
}

#[test]
fn a_7_0_disc_keeps_its_own_kernel_and_lets_go_of_the_cd() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi70);
    let ran = site.done(&["--server", "192.168.4.6", "esxi7.0", iso]);

    let disc = esxi::esxi70(Size::Small).tree;
    assert_holds(&site.root("wwwroot/esxi/7.0"), &disc, &ORIGINALS, &UNKNOWN);
    assert_snapshot!("7.0_menu", site.read(MENU));
    assert_snapshot!("7.0_boot_cfg", site.read("wwwroot/esxi/7.0/boot.cfg"));
    assert_snapshot!("7.0_tree", listing(&site.root("wwwroot/esxi/7.0")));
    assert_eq!(site.read("wwwroot/esxi/7.0/boot.cfg.orig").as_bytes(), original(&disc));
    let [bios, uefi] = CONFIGS.map(|name| site.read(&format!("wwwroot/esxi/7.0/{name}")));
    assert_eq!(bios, uefi);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_second_import_changes_nothing() {
    let site = Site::new();
    for (name, iso) in [("esxi5.5", site.disc(esxi::esxi55)), ("esxi7.0", site.disc(esxi::esxi70))]
    {
        site.done(&[name, iso]);
        let (first, tree) = (state(&site.root("")), listing(&site.root("wwwroot/esxi")));
        site.done(&[name, iso]);
        assert_still(&site.root(""), &first);
        assert_eq!(listing(&site.root("wwwroot/esxi")), tree, "{name}");
    }
}

#[test]
fn a_module_that_is_missing_or_empty_is_warned_of_even_when_quiet() {
    let site = Site::new();
    site.changed("bad.iso", esxi::esxi55, |tree, _| {
        tree.remove("s.v00");
        tree.text("k.b00", "");
    });
    let ran = site.done(&["--quiet", "esxi5.5", "bad.iso"]);
    assert_eq!(ran.stdout, "");
    let warnings: Vec<_> = ran.stderr.lines().collect();
    assert!(warnings.iter().all(|line| line.starts_with("warning: ")), "{}", ran.stderr);
    for name in ["s.v00", "k.b00"] {
        assert!(warnings.iter().any(|line| line.contains(name)), "{name}: {}", ran.stderr);
    }
}

#[test]
fn a_vendors_image_beside_the_plain_one_needs_a_directory_of_its_own() {
    let site = Site::new();
    let plain = site.disc(esxi::esxi55);
    site.changed("vendor.iso", esxi::esxi55, |tree, options| {
        options.volume.volume_id = "HPE-ESXI-5.5.0-U3".into();
        tree.text("vendor.txt", "drivers\n");
    });
    site.done(&["esxi5.5", plain]);
    site.done(&["--dir", "esxi/5.5-vendor", "esxi5.5hpe", "vendor.iso"]);
    assert!(site.read("wwwroot/esxi/5.5-vendor/boot.cfg").contains("prefix=/esxi/5.5-vendor/\n"));
    assert!(site.read("wwwroot/esxi/5.5/boot.cfg").contains("prefix=/esxi/5.5/\n"));
    assert!(!site.root("wwwroot/esxi/5.5/vendor.txt").exists());
}
