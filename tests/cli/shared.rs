//! Several imports, one root.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use pxe_import::lock::{Lock, Wait};
use pxe_import::monitor::Void;
use pxe_import_fixtures::family::{centos, esxi, ubuntu, windows, winpe};

use crate::listing::state;
use crate::site::{MENU, Ran, Site};

#[test]
fn imports_at_the_same_time_all_succeed() {
    let site = Site::new();
    let lines = [
        ["esxi5.5", site.disc(esxi::esxi55)],
        ["esxi7.0", site.disc(esxi::esxi70)],
        ["win8pe", site.disc(winpe::win8pe)],
        ["ubuntu16.04", site.disc(ubuntu::server)],
        ["centos6.8", site.disc(centos::dvd1)],
        ["windows2008", site.disc(windows::server_2008_r2)],
        ["pe-again", "Win8PE64-网络版.iso"],
        ["pe-third", "Win8PE64-网络版.iso"],
    ];
    let children = lines.map(|line| {
        let mut process = site.process(&line);
        process.args(["--server", "a"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        process.spawn().expect("it runs")
    });
    for (child, line) in children.into_iter().zip(lines) {
        let ran: Ran = child.wait_with_output().expect("it ends").into();
        assert_eq!(ran.code, Some(0), "{line:?}: {}", ran.stderr);
    }
    let menu = site.read(MENU);
    for [name, _] in lines {
        // Without wimboot a Windows DVD has no entry.
        let labels = usize::from(name != "windows2008");
        assert_eq!(menu.matches(&format!("\nlabel {name}\n")).count(), labels, "{menu}");
        assert!(site.root(format!(".pxe-import/{name}.json")).exists(), "{name}");
    }
    assert_eq!(menu.matches("label local").count(), 1);
    assert_eq!(site.names("root/wwwroot"), ["apt", "esxi", "pxefiles", "windows", "yum"]);
    site.assert_nothing_staged();
}

#[test]
fn eight_imports_of_one_name_at_the_same_time_give_one_import() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let children: Vec<_> = (0..8)
        .map(|_| {
            let mut process = site.process(&["esxi5.5", iso]);
            process.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")
        })
        .collect();
    for child in children {
        let ran: Ran = child.wait_with_output().expect("it ends").into();
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    assert_eq!(site.read(MENU).matches("\nlabel esxi5.5\n").count(), 1);
    site.assert_nothing_staged();
    let alone = Site::new();
    alone.done(&["esxi5.5", alone.disc(esxi::esxi55)]);
    assert!(state(&alone.root("wwwroot")) == state(&site.root("wwwroot")));
}

#[test]
fn no_wait_fails_at_once_while_another_run_holds_the_root() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    fs::create_dir(site.root("")).expect("made");
    let held = Lock::acquire(&site.root(""), Wait::No, &Void).expect("free");
    let error = site.fails(1, &["--no-wait", "esxi5.5", iso]);
    assert!(error.contains("another pxe-import is at work in this root"), "{error}");
    assert!(!site.root("wwwroot/esxi").exists());
    // What writes nothing below the root has nothing to wait for.
    site.done(&["--no-wait", "--dry-run", "esxi5.5", iso]);
    site.done(&["--no-wait", "extract", iso, "--to", "tree"]);
    drop(held);
    site.done(&["--no-wait", "esxi5.5", iso]);
}

#[test]
fn a_run_waits_for_the_other_and_says_so() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    fs::create_dir(site.root("")).expect("made");
    let held = Lock::acquire(&site.root(""), Wait::No, &Void).expect("free");
    let mut process = site.process(&["esxi5.5", iso]);
    let mut child = process.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    std::thread::sleep(Duration::from_millis(500));
    assert!(child.try_wait().expect("a child").is_none(), "it did not wait");
    assert!(!site.root("wwwroot/esxi").exists());
    drop(held);
    let ran: Ran = child.wait_with_output().expect("it ends").into();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("waiting for another pxe-import"), "{}", ran.stderr);
    assert!(site.root("wwwroot/esxi/5.5/boot.cfg").exists());
}

#[test]
fn an_entry_that_was_added_while_an_import_waited_is_not_lost() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    // What the record is going to be, made in a copy of the root.
    let mut copy = std::process::Command::new("cp");
    let copied = copy.args(["-a", "root", "copy"]).current_dir(site.path("")).status();
    assert!(copied.expect("cp").success());
    site.done(&["--root", "copy", "entry", "add", "esxi5.5", "other"]);
    let record = fs::read(site.path("copy/.pxe-import/esxi5.5.json")).expect("there");

    let held = Lock::acquire(&site.root(""), Wait::No, &Void).expect("free");
    let mut process = site.process(&["esxi5.5", iso]);
    let mut child = process.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    std::thread::sleep(Duration::from_millis(500));
    assert!(child.try_wait().expect("a child").is_none(), "it did not wait");
    site.write("root/.pxe-import/esxi5.5.json", &record);
    drop(held);
    let ran: Ran = child.wait_with_output().expect("it ends").into();
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("changed by another run meanwhile"), "{}", ran.stderr);
    site.done(&["esxi5.5", iso]);
    assert!(site.read(MENU).contains("label other\n"));
}
