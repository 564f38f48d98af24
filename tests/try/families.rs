//! Families beyond the first four, and discs that no profile knows.

use std::fs;

use pxe_import_fixtures::Tree;
use pxe_import_fixtures::family::{Disc, Format, Size, proxmox, suse, xcp_ng};
use pxe_import_fixtures::iso9660::{Options, RockRidge};

use crate::site::{MENU, Site, has_ovmf};

/// A disc that no profile knows, with two initial ramdisks and an argument that looks for it.
fn unknown(_: Size) -> Disc {
    let mut tree = Tree::new();
    let label = "label live\nmenu label Live\nkernel vmlinuz\n\
                 append initrd=one.img,two.img root=live:CDLABEL=UNKNOWN quiet\n";
    tree.text("isolinux/isolinux.cfg", format!("default live\n{label}"));
    tree.random("isolinux/vmlinuz", 1000);
    tree.random("isolinux/one.img", 1000);
    tree.random("isolinux/two.img", 2000);
    tree.random("LiveOS/squashfs.img", 3000);
    let rock_ridge = Some(RockRidge::default());
    let format = Format::Iso9660(Options { rock_ridge, ..Options::default() });
    Disc { file_name: "unknown.iso", tree, format }
}

#[test]
fn a_guessed_entry_boots_with_all_its_initial_ramdisks() {
    let Some(site) = Site::new("192.168.4.6", &[("unknown", unknown)]) else { return };
    let args = "root=live:http://192.168.4.6/other/unknown/LiveOS/squashfs.img ip=dhcp quiet";
    let run = site.boots(&["unknown", "--until", r"initrd: \d+ bytes, sum"]);
    let stages = run["stages"].as_array().expect("a list");
    let fetched = |name: &str| {
        stages.iter().any(|stage| stage["path"].as_str().is_some_and(|path| path.ends_with(name)))
    };
    assert!(fetched("vmlinuz") && fetched("one.img") && fetched("two.img"), "{run:#}");
    assert!(site.run(&["check"]).status.success());
    let menu = fs::read_to_string(site.root(MENU)).expect("there");
    assert!(menu.contains(args), "{menu}");
    if has_ovmf() {
        site.boots(&["unknown", "--uefi", "--until", r"initrd: \d+ bytes, sum"]);
    }
}

#[test]
fn leap_boots_by_bios_and_uefi_with_the_trees_url() {
    let Some(site) = Site::new("192.168.4.6", &[("leap15.6", suse::leap_15_6)]) else { return };
    let told = "install=http://192.168.4.6/suse/openSUSE-Leap15.6 netsetup=dhcp BOOTIF=01-";
    site.boots(&["leap15.6", "--until", told]);
    if has_ovmf() {
        site.boots(&["leap15.6", "--uefi", "--until", told]);
    }
    fs::remove_file(site.root("wwwroot/suse/openSUSE-Leap15.6/boot/x86_64/loader/initrd"))
        .expect("there");
    let (_, why) = site.fails(&["leap15.6"]);
    assert!(why.contains("openSUSE-Leap15.6/boot/x86_64/loader/initrd is missing (404)"), "{why}");
}

#[test]
fn proxmox_has_both_of_its_ram_disks_by_bios_and_uefi() {
    let Some(site) = Site::new("192.168.4.6", &[("pve8", proxmox::ve_8_2)]) else { return };
    let size = |name: &str| {
        fs::metadata(site.root("wwwroot/proxmox/VE8.2").join(name)).expect("there").len()
    };
    let bytes = size("proxmox.cpio") + size("boot/initrd.img");
    // A loader may fill the end up.
    let loaded = (0..4).map(|more| (bytes + more).to_string()).collect::<Vec<_>>().join("|");
    let until = format!("initrd: ({loaded}) bytes, sum");
    site.boots(&["pve8", "--until", &until]);
    if has_ovmf() {
        site.boots(&["pve8", "--uefi", "--until", &until]);
    }
}

#[test]
fn xen_boots_by_syslinuxs_own_mboot_with_both_of_its_modules() {
    let Some(site) = Site::new("192.168.4.6", &[("xcp-ng8.3", xcp_ng::xcp_ng_8_3)]) else { return };
    site.boots(&["xcp-ng8.3", "--until", "module: .*install.img"]);
    fs::remove_file(site.root("wwwroot/xen/XCP-ng8.3.0/boot/vmlinuz")).expect("there");
    let (_, why) = site.fails(&["xcp-ng8.3"]);
    assert!(why.contains("/xen/XCP-ng8.3.0/boot/vmlinuz is missing (404)"), "{why}");
}
