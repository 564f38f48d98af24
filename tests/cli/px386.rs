//! ESXi under BIOS: pxelinux 3.86 itself, the bridge to it, or neither.

use std::fs;

use pxe_import_fixtures::family::esxi;

use crate::site::{MENU, Site};

const CONFIG: &str = "wwwroot/px386/pxelinux.cfg/esxi5.5";

/// A root with a main loader of this version.
fn site(version: &str) -> (Site, &'static str) {
    let site = Site::new();
    site.write("root/pxe-import.toml", "server = \"192.168.4.6\"\n");
    site.write("root/wwwroot/pxefiles/pxelinux.0", format!("PXELINUX {version} PXE"));
    let iso = site.disc(esxi::esxi55);
    (site, iso)
}

const PLAIN: &str = "    kernel /esxi/5.5/mboot.c32\n    append -c /esxi/5.5/boot.cfg\n";
const BRIDGE: &str = "    kernel pxechn.c32\n    append http://192.168.4.6/px386/pxelinux.0 -p \
                      http://192.168.4.6/px386/ -c pxelinux.cfg/esxi5.5\n";

#[test]
fn the_tutorials_loader_boots_it_by_itself() {
    let (site, iso) = site("3.86");
    assert_eq!(site.done(&["esxi5.5", iso]).stderr, "");
    assert!(site.read(MENU).contains(PLAIN), "{}", site.read(MENU));
}

#[test]
fn a_newer_loader_alone_leaves_it_to_uefi() {
    let (site, iso) = site("6.04");
    let report = site.json(&["esxi5.5", iso]);
    assert_eq!(report["warnings"][0]["code"], "esxi-uefi-only");
    assert!(site.read(MENU).contains(PLAIN), "{}", site.read(MENU));
}

#[test]
fn a_newer_loader_is_bridged_to_3_86_and_back_again() {
    let (site, iso) = site("6.04");
    site.write("root/wwwroot/px386/pxelinux.0", "PXELINUX 3.86 PXE");
    let ran = site.done(&["--arg", "debug", "esxi5.5", iso]);
    assert_eq!(ran.stderr, "");
    assert!(site.read(MENU).contains(BRIDGE), "{}", site.read(MENU));
    let expected = format!("default esxi5.5\nprompt 0\n\nlabel esxi5.5\n{PLAIN}");
    assert_eq!(site.read(CONFIG), expected.replace("boot.cfg\n", "boot.cfg debug\n"));
    assert!(site.root("wwwroot/px386/esxi/5.5/mboot.c32").exists());
    assert_eq!(
        fs::read_link(site.root("wwwroot/px386/esxi")).expect("a link"),
        std::path::Path::new("../esxi")
    );
    let uefi = site.read("wwwroot/pxefiles/uefi.ipxe");
    assert!(
        uefi.contains("bootx64.efi -c http://192.168.4.6/esxi/5.5/boot.cfg debug || "),
        "{uefi}"
    );

    let found = |site: &Site| site.run(&["check", "--quick"]).stdout;
    assert!(!found(&site).contains("px386"), "{}", found(&site));
    fs::remove_file(site.root("wwwroot/px386/esxi")).expect("removed");
    assert!(found(&site).contains("px386/esxi"), "{}", found(&site));
    site.done(&["--arg", "debug", "esxi5.5", iso]);
    assert!(site.root("wwwroot/px386/esxi/5.5").exists(), "the link is made again");
    fs::remove_file(site.root(CONFIG)).expect("removed");
    assert!(found(&site).contains(CONFIG), "{}", found(&site));

    fs::remove_dir_all(site.root("wwwroot/px386")).expect("removed");
    site.done(&["esxi5.5", iso]);
    assert!(site.read(MENU).contains(PLAIN), "{}", site.read(MENU));
    assert!(!site.root("wwwroot/px386").exists());
}

#[test]
fn what_the_bridge_needs_goes_with_the_import() {
    let (site, iso) = site("6.04");
    site.write("root/wwwroot/px386/pxelinux.0", "PXELINUX 3.86 PXE");
    site.write("root/wwwroot/px386/pxelinux.cfg/mine", "prompt 0\n");
    site.done(&["esxi5.5", iso]);
    site.done(&["remove", "esxi5.5"]);
    assert_eq!(site.names("root/wwwroot/px386/pxelinux.cfg"), ["mine"]);
    assert_eq!(site.names("root/wwwroot/px386"), ["pxelinux.0", "pxelinux.cfg"]);
}

#[test]
fn another_link_in_the_way_is_told_before_anything_is_copied() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    fs::create_dir_all(site.root("wwwroot/px386")).expect("made");
    std::os::unix::fs::symlink("/elsewhere", site.root("wwwroot/px386/esxi")).expect("linked");
    let ran = site.run(&["--server", "a", "--dry-run", "esxi5.5", iso]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("px386/esxi"), "{}", ran.stderr);
}
