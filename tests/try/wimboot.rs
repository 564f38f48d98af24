//! wimboot is nobody's to give away: a stub kernel in its place tells what it was given.

use std::fs;
use std::path::Path;

use pxe_import_fixtures::Content;
use pxe_import_fixtures::family::windows;
use serde_json::Value;

use crate::site::{Site, has_ovmf, real_wim, stub};

const TREE: &str = "wwwroot/windows/w11";
/// What wimboot is given by BIOS, in order.
const FILES: [&str; 6] = [
    "bootmgr",
    "boot/bcd",
    "boot/boot.sdi",
    "sources/boot.wim",
    "pxe-import/w11/winpeshl.ini",
    "pxe-import/w11/startnet.cmd",
];

/// Windows 11 with a boot.wim that wimlib has written, and the stub for wimboot.
fn site() -> Option<Site> {
    let stub = stub()?;
    let site = Site::new("192.168.4.6", &[])?;
    let wimboot = site.root("wwwroot/pxefiles/wimboot");
    fs::write(wimboot, stub.vmlinuz().to_vec()).expect("written");
    let wim = real_wim(site.dir.path());
    site.import("w11", windows::windows_11, &["--boot", "setup"], |disc| {
        if let Some(wim) = &wim {
            assert!(disc.put("sources/boot.wim", Content::bytes(wim.clone())));
        }
    });
    Some(site)
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).expect("published").len()
}

/// Bytes of an archive of these files as Linux takes its RAM disk: header and name, and the content, each
/// filled up to four bytes (newc).
fn archived(top: &Path, files: &[&str]) -> u64 {
    let up = |bytes: u64| bytes.next_multiple_of(4);
    let one = |path: &&str| {
        let name = path.rsplit('/').next().expect("a name").len() + 1;
        up(110 + u64::try_from(name).expect("short")) + up(size(&top.join(path)))
    };
    files.iter().map(one).sum()
}

/// The sum that the stubs print: FNV-1a of 32 bits.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, &b| (sum ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

/// Each of the files was asked for, and fetched whole.
#[track_caller]
fn assert_whole(run: &Value, site: &Site, files: &[&str]) {
    let stages = run["stages"].as_array().expect("a list");
    for file in files {
        let path = format!("windows/w11/{file}");
        let stage =
            stages.iter().find(|one| one["path"].as_str().is_some_and(|p| p.ends_with(&path)));
        let stage = stage.unwrap_or_else(|| panic!("{path}: {run:#}"));
        assert_eq!(stage["bytes"], size(&site.root(TREE).join(file)), "{path}");
    }
}

#[test]
fn windows_setup_is_given_its_files_by_bios() {
    let Some(site) = site() else { return };
    let bytes = archived(&site.root(TREE), &FILES);
    let run = site.boots(&["w11", "--until", &format!("initrd: {bytes} bytes, sum")]);
    assert_whole(&run, &site, &FILES);
    fs::remove_file(site.root(TREE).join(FILES[5])).expect("there");
    let (_, why) = site.fails(&["w11"]);
    assert!(why.contains("startnet.cmd is missing (404)"), "{why}");
}

#[test]
fn windows_setup_is_given_its_files_by_uefi() {
    if !has_ovmf() {
        return;
    }
    let Some(site) = site() else { return };
    // The stub looks for one of them, by the name that wimboot would find it under.
    for (label, name) in [("wim", "boot.wim"), ("script", "startnet.cmd")] {
        let arg = format!("initrd={name}");
        let added = site.run(&["entry", "add", "w11", label, "--boot", "setup", "--arg", &arg]);
        assert!(added.status.success(), "{added:?}");
        let own = ["winpeshl.ini", "startnet.cmd"].map(|name| format!("pxe-import/{label}/{name}"));
        let shared = [&FILES[..4], &["efi/boot/bootx64.efi"]].concat();
        let files: Vec<_> = shared.into_iter().chain(own.iter().map(String::as_str)).collect();
        let file = files.iter().find(|path| path.ends_with(name)).expect("listed");
        let content = fs::read(site.root(TREE).join(file)).expect("published");
        let given = format!("initrd: {} bytes, sum {:08x}", content.len(), sum(&content));
        let run = site.boots(&[label, "--uefi", "--until", &given]);
        assert_whole(&run, &site, &files);
    }
}
