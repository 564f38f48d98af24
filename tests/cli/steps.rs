//! SIGKILL and failures at the steps of what changes entries: menus, hosts and answers agree afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pxe_import_fixtures::family::{centos, ubuntu};

use crate::faults::{calls, has_strace, points, traced};
use crate::site::Site;

const MAC: &str = "52:54:00:ab:cd:56";
const SCRIPT: &str = "wwwroot/pxefiles/host/52-54-00-ab-cd-56.ipxe";
const UEFI: &str = "wwwroot/pxefiles/uefi.ipxe";
/// Steps of these commands; what a file is written by is among them.
const STEPS: [&str; 6] = ["renameat", "rename", "fsync", "unlink", "unlinkat", "chmod"];

/// An import that UEFI clients boot, with a second entry, its answer file and a host of its own.
fn site() -> Site {
    let site = Site::new();
    site.write("root/pxe-import.toml", "server = \"192.168.4.6\"\n");
    site.done(&["ubuntu16.04", site.disc(ubuntu::server)]);
    site.write("ks.cfg", "text\n");
    site.done(&["entry", "add", "ubuntu16.04", "web", "--answer", "ks.cfg"]);
    site.done(&["host", MAC, "web"]);
    site
}

fn copy(site: &Site, from: &str, to: &str) {
    let _ = fs::remove_dir_all(site.path(to));
    let copied = Command::new("cp").args(["-a", from, to]).current_dir(site.path("")).status();
    assert!(copied.expect("cp").success());
}

/// Every file that is served, with its bytes.
fn served(site: &Site) -> BTreeMap<PathBuf, Vec<u8>> {
    fn add(dir: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(dir).expect("a directory") {
            let path = entry.expect("readable").path();
            match fs::symlink_metadata(&path).expect("there").is_dir() {
                true => add(&path, found),
                false => drop(found.insert(path.clone(), fs::read(&path).unwrap_or_default())),
            }
        }
    }
    let mut found = BTreeMap::new();
    add(&site.root("wwwroot"), &mut found);
    found
}

#[test]
fn entries_that_are_killed_in_the_middle_are_as_before_or_done_for_every_client() {
    if !has_strace() {
        return;
    }
    let site = site();
    copy(&site, "root", "before");
    let lines: [&[&str]; 3] = [
        &["entry", "remove", "web"],
        &["entry", "rename", "web", "www"],
        &["entry", "add", "ubuntu16.04", "db", "--answer", "ks.cfg"],
    ];
    let mut tally = (0, 0);
    for line in lines {
        copy(&site, "before", "root");
        let old = served(&site);
        site.done(line);
        let new = served(&site);
        assert!(old != new, "{line:?}");
        for call in STEPS {
            copy(&site, "before", "root");
            for point in points(calls(&site, call, line)) {
                copy(&site, "before", "root");
                let fault = format!("inject={call}:signal=KILL:when={point}");
                let ran = traced(&site, &["-e", &fault], line);
                assert_eq!(ran.code, None, "{line:?} {fault}");
                // Nobody else has to change an entry for it: refresh does what is left.
                site.done(&["refresh"]);
                let now = served(&site);
                assert!(now == old || now == new, "{line:?} {fault}: {:?}", now.keys());
                let done = usize::from(now == new);
                tally = (tally.0 + done, tally.1 + 1 - done);
            }
        }
    }
    println!("{tally:?}");
    assert!(tally.0 > 10 && tally.1 > 10, "{tally:?}");
}

#[test]
fn an_import_that_is_killed_behind_its_tree_is_in_the_menu_of_uefi_clients_after_a_refresh() {
    if !has_strace() {
        return;
    }
    let site = site();
    let iso = site.disc(centos::dvd1);
    let line = ["--profile", "el", "--dir", "yum/x", "centos", iso, "--no-media-check"];
    copy(&site, "root", "before");
    site.done(&line);
    let after = |site: &Site| (site.root(".pxe-import/centos.json").exists(), site.read(UEFI));
    let new = after(&site);
    copy(&site, "before", "root");
    let old = after(&site);
    for point in points(calls(&site, "unlinkat", &line)) {
        copy(&site, "before", "root");
        traced(&site, &["-e", &format!("inject=unlinkat:signal=KILL:when={point}")], &line);
        site.done(&["refresh"]);
        let now = after(&site);
        assert!(now == old || now == new, "{point}: {} {}", now.0, now.1);
    }
}

#[test]
fn a_change_that_fails_in_the_middle_says_that_it_is_begun() {
    if !has_strace() {
        return;
    }
    let site = site();
    // The last file that is written before the record: the menu.
    let menu = site.root("wwwroot/pxefiles/pxelinux.cfg");
    let path = menu.to_str().expect("UTF-8");
    let fault = ["-P", path, "-e", "inject=fsync:error=EIO"];
    let ran = traced(&site, &fault, &["entry", "remove", "web"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("the next command that writes does the rest"), "{}", ran.stderr);
    site.done(&["render"]);
    assert!(!site.done(&["entry", "list"]).stdout.contains("web"));
    assert!(site.read(SCRIPT).contains("no entry of this server any more"));
}
