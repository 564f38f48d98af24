//! `uefi.ipxe`: made from the records after every change.

use std::fs;
use std::os::unix::fs::MetadataExt;

use insta::assert_snapshot;
use pxe_import_fixtures::family::{centos, esxi, ubuntu, winpe};
use serde_json::Value;

use crate::site::{MENU, Site};

const UEFI: &str = "wwwroot/pxefiles/uefi.ipxe";

/// A root as `init` leaves it, as far as this is concerned.
fn begun() -> Site {
    let site = Site::new();
    site.write("root/pxe-import.toml", "server = \"192.168.4.6\"\nmenu-title = \"PXE\"\n");
    site.write("root/pxeboot/menu.ipxe", "#!ipxe\n");
    site
}

fn codes(report: &Value) -> Vec<&str> {
    let warnings = report["warnings"].as_array().expect("a list").iter();
    warnings.map(|warning| warning["code"].as_str().expect("text")).collect()
}

/// Codes and paths of what `check` finds.
fn found(site: &Site) -> Vec<(String, String)> {
    let ran = site.run(&["check", "--quick", "--json"]);
    let report: Value = serde_json::from_str(&ran.stdout).expect("one document");
    let findings = report["findings"].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings.map(|one| (text(&one["code"]), text(&one["path"]))).collect()
}

#[test]
fn each_family_gets_what_its_kernel_can_do() {
    let site = begun();
    site.done(&["ubuntu16.04", site.disc(ubuntu::server)]);
    site.done(&["esxi5.5", site.disc(esxi::esxi55)]);
    let report = site.json(&["win8pe", site.disc(winpe::win8pe)]);
    assert_eq!(codes(&report), ["bios-only"]);
    let script = site.read(UEFI);
    site.changed("el6.iso", centos::dvd1, |_, _| {});
    site.done(&["centos6.8", "el6.iso"]);
    assert_snapshot!("families", site.read(UEFI));
    assert_ne!(site.read(UEFI), script);
    let found = found(&site);
    assert!(!found.iter().any(|(_, path)| path.contains("pxefiles/")), "{found:?}");
}

#[test]
fn the_order_is_that_of_pxelinux_and_nothing_changed_writes_nothing() {
    let site = begun();
    let (ubuntu, esxi) = (site.disc(ubuntu::server), site.disc(esxi::esxi55));
    site.done(&["ubuntu16.04", ubuntu]);
    site.done(&["esxi5.5", esxi]);
    let items = || -> Vec<String> {
        let script = site.read(UEFI);
        let words = script.lines().filter_map(|line| line.split_once("item entry-"));
        words.map(|(_, rest)| rest.split(' ').next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(items(), ["ubuntu16.04", "esxi5.5"]);
    let inode = || fs::metadata(site.root(UEFI)).expect("there").ino();
    let before = inode();
    site.done(&["esxi5.5", esxi]);
    assert_eq!(inode(), before);

    let menu = site.read(MENU);
    let block = |label: &str| {
        let start = menu.find(&format!("# pxe-import begin {label}\n")).expect("there");
        let end = format!("# pxe-import end {label}\n");
        menu[start..menu.find(&end).expect("there") + end.len()].to_owned()
    };
    let (first, second) = (block("ubuntu16.04"), block("esxi5.5"));
    let nested = format!("menu begin VMware\n{second}menu end\n{first}");
    let moved = menu.replace(&second, "").replace(&first, &nested);
    site.write(&format!("root/{MENU}"), moved);
    assert!(found(&site).contains(&("not-rendered".into(), UEFI.into())), "{:?}", found(&site));
    site.done(&["esxi5.5", esxi]);
    assert_eq!(items(), ["esxi5.5", "ubuntu16.04"]);
}

#[test]
fn an_entry_that_is_removed_is_gone_and_an_edited_script_is_kept() {
    let site = begun();
    let (ubuntu, esxi) = (site.disc(ubuntu::server), site.disc(esxi::esxi55));
    site.done(&["ubuntu16.04", ubuntu]);
    site.done(&["esxi5.5", esxi]);
    site.done(&["remove", "ubuntu16.04"]);
    let script = site.read(UEFI);
    assert!(!script.contains("ubuntu") && script.contains("item entry-esxi5.5 "), "{script}");

    let edited = script.replace("PXE", "Mine");
    site.write(&format!("root/{UEFI}"), &edited);
    let report = site.json(&["ubuntu16.04", ubuntu]);
    assert_eq!(codes(&report), ["edited-file"]);
    assert_eq!(site.read(UEFI), edited);
    assert!(found(&site).contains(&("edited-file".into(), UEFI.into())), "{:?}", found(&site));
}

#[test]
fn labels_of_ones_own_are_named_as_bios_only_and_the_site_has_its_script() {
    let site = begun();
    site.write(
        &format!("root/{MENU}"),
        "default vesamenu.c32\nlabel memtest\n kernel /memtest\nlabel local\n localboot 0xffff\n",
    );
    site.write("root/wwwroot/pxefiles/site.ipxe", "#!ipxe\n");
    let report = site.json(&["esxi5.5", site.disc(esxi::esxi55)]);
    let message = report["warnings"][0]["message"].as_str().expect("text");
    assert!(message.ends_with("no entries of pxe-import's: memtest"), "{message}");
    let chain = "chain --autofree http://192.168.4.6/pxefiles/site.ipxe ||\n";
    assert!(site.read(UEFI).contains(chain), "{}", site.read(UEFI));
}

#[test]
fn without_an_address_there_is_no_script_and_a_root_by_hand_hears_nothing_of_it() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    assert_eq!(site.done(&["esxi5.5", iso]).stderr, "");
    assert!(!site.root(UEFI).exists());
    site.write("root/pxeboot/menu.ipxe", "#!ipxe\n");
    assert_eq!(codes(&site.json(&["esxi5.5", iso])), ["uefi-no-server"]);
    site.done(&["--server", "192.168.4.7", "esxi5.5", iso]);
    assert!(site.read(UEFI).contains("chain http://192.168.4.7/esxi/5.5/efi/boot/bootx64.efi -c"));
}

#[test]
fn what_the_script_names_must_be_there() {
    let site = begun();
    site.done(&["esxi5.5", site.disc(esxi::esxi55)]);
    let gone = "wwwroot/esxi/5.5/efi/boot/bootx64.efi";
    fs::remove_file(site.root(gone)).expect("removed");
    let found = found(&site);
    assert!(found.contains(&("path-missing".into(), gone.into())), "{found:?}");
}

#[test]
fn another_address_in_the_settings_is_told_of_every_file_that_has_the_old_one() {
    let site = begun();
    site.write("ks.cfg", "url --url http://192.168.4.6/yum\n");
    let iso = site.disc(esxi::esxi55);
    site.done(&["--answer", "ks.cfg", "esxi5.5", iso]);
    site.done(&["host", "52:54:00:12:34:56", "esxi5.5"]);
    site.write("root/pxe-import.toml", "server = \"192.168.4.7\"\n");
    let found = found(&site);
    let old: Vec<_> =
        found.iter().filter(|(code, _)| code == "old-address").map(|f| &*f.1).collect();
    let expected = [
        "wwwroot/esxi/5.5/ks.cfg",
        "wwwroot/pxefiles/host/52-54-00-12-34-56.cfg",
        "wwwroot/pxefiles/host/52-54-00-12-34-56.ipxe",
        "wwwroot/pxefiles/pxelinux.cfg/default",
        UEFI,
    ];
    assert_eq!(old, expected);
}
