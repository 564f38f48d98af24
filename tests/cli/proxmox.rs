//! Proxmox VE: the image is kept in the tree inside a cpio archive, which the installer has as a RAM disk.

use std::fs;
use std::process::{Command, Stdio};

use pxe_import_fixtures::family::proxmox;
use serde_json::Value;

use crate::site::{MENU, Site};

const ARCHIVE: &str = "wwwroot/proxmox/VE8.2/proxmox.cpio";

fn imported() -> (Site, Value) {
    let site = Site::new();
    let iso = site.disc(proxmox::ve_8_2);
    let report = site.json(&["--server", "192.168.4.6", "pve8", iso]);
    (site, report)
}

fn has(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    let there = command.status().is_ok_and(|status| status.success());
    if !there {
        eprintln!("skipped: needs {program}");
    }
    there
}

#[test]
fn the_archive_holds_the_image_byte_for_byte() {
    let (site, report) = imported();
    assert_eq!(report["warnings"], serde_json::json!([]));
    let image = fs::read(site.path("proxmox-ve_8.2-1.iso")).expect("written");
    for (program, list, extract) in [
        ("cpio", &["-it", "--quiet"][..], &["-i", "--quiet", "--to-stdout"][..]),
        ("bsdtar", &["-tf", "-"], &["-xOf", "-"]),
    ] {
        if !has(program) {
            continue;
        }
        let run = |args: &[&str]| {
            let archive = fs::File::open(site.root(ARCHIVE)).expect("there");
            let ran = Command::new(program).args(args).stdin(archive).output().expect("it runs");
            assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
            ran.stdout
        };
        assert_eq!(run(list), b"proxmox.iso\n", "{program}");
        assert!(run(extract) == image, "{program}");
    }
}

#[test]
fn the_entry_loads_it_before_the_discs_own_ram_disk() {
    let (site, report) = imported();
    let menu = site.read(MENU);
    let dir = "/proxmox/VE8.2";
    let block = format!(
        "label pve8\n    menu label Install Proxmox VE 8.2 (4.5 GiB RAM)\n    kernel {dir}/boot/linux26\n    \
         append initrd={dir}/proxmox.cpio,{dir}/boot/initrd.img ro ramdisk_size=16777216 rw quiet splash=silent\n"
    );
    assert!(menu.contains(&block), "{menu}");
    let archive = fs::metadata(site.root(ARCHIVE)).expect("there").len();
    assert_eq!(report["ram"], Value::from((4 << 30) + archive));
    assert_eq!(archive % 512, 0);
}

#[test]
fn the_archive_is_taken_over_by_the_next_import_and_damage_to_it_is_found() {
    let (site, _) = imported();
    let again = site.json(&["--server", "192.168.4.6", "pve8", "proxmox-ve_8.2-1.iso"]);
    assert_eq!(again["written"], 0, "{again:#}");
    let found = |site: &Site| -> Vec<String> {
        let ran = site.run(&["check", "--json"]);
        let report: Value = serde_json::from_str(&ran.stdout).expect("one document");
        let findings = report["findings"].as_array().expect("a list").iter();
        let of_archive = findings
            .filter(|one| one["path"].as_str().is_some_and(|path| path.ends_with("proxmox.cpio")));
        of_archive.map(|one| one["code"].as_str().expect("text").to_owned()).collect()
    };
    assert_eq!(found(&site), [""; 0]);
    let mut bytes = fs::read(site.root(ARCHIVE)).expect("there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    site.write(&format!("root/{ARCHIVE}"), bytes);
    assert_eq!(found(&site).len(), 1, "{:?}", found(&site));
    site.json(&["--server", "192.168.4.6", "pve8", "proxmox-ve_8.2-1.iso"]);
    assert_eq!(found(&site), [""; 0]);
}

#[test]
fn the_ways_to_boot_are_chosen_by_name() {
    let (site, _) = imported();
    site.done(&["entry", "add", "pve8", "serial", "--boot", "text"]);
    let menu = site.read(MENU);
    assert!(menu.contains("rw quiet splash=silent proxtui\n"), "{menu}");
    let error = site.fails(2, &["entry", "add", "pve8", "other", "--boot", "none"]);
    assert!(error.contains("text, auto"), "{error}");
}

#[test]
fn an_image_that_no_archive_can_hold_is_refused_before_anything_is_written() {
    let site = Site::new();
    let iso = site.disc(proxmox::ve_8_2);
    let file = fs::OpenOptions::new().write(true).open(site.path(iso)).expect("there");
    // A hole.
    file.set_len(4 << 30).expect("set");
    let error = site.fails(1, &["--server", "192.168.4.6", "pve8", iso]);
    assert!(error.contains("proxmox.iso") && error.contains("4 GiB"), "{error}");
    assert!(!site.root("wwwroot/proxmox").exists());
}

#[test]
fn two_images_are_no_set() {
    let site = Site::new();
    let iso = site.disc(proxmox::ve_8_2);
    fs::copy(site.path(iso), site.path("b.iso")).expect("copied");
    let error = site.fails(2, &["--server", "192.168.4.6", "pve8", iso, "b.iso"]);
    assert!(error.contains("by itself"), "{error}");
}
