//! Signals in the middle of a copy: nothing half-done is visible, and the next run clears up.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use pxe_import_fixtures::family::esxi;
use rustix::process::{Pid, Signal, kill_process};

use crate::listing::{assert_still, state};
use crate::site::Site;

const SLOW: &str = "slow.iso";

/// Far longer than any of these runs takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// A site with a disc of so many files that there is time to interrupt the copy.
fn site() -> Site {
    let site = Site::new();
    site.changed(SLOW, esxi::esxi55, |tree, _| {
        for number in 0..4_000 {
            tree.text(format!("upgrade/{:03}/{number:05}.txt", number / 100), "some text\n");
        }
    });
    site
}

/// Whether the signal may be ignored by what this process starts, as in a shell's background job.
fn is_ignored(signal: Signal) -> bool {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let digits = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("a line");
    let mask = u64::from_str_radix(digits.trim(), 16).expect("hexadecimal");
    let ignored = mask & (1 << (signal.as_raw() - 1)) != 0;
    if ignored {
        eprintln!("skipped: needs {signal:?} not to be ignored");
    }
    ignored
}

/// How many files are below `dir`, a few at most; 0 if it is not there.
fn files(dir: &Path) -> usize {
    let Ok(entries) = fs::read_dir(dir) else { return 0 };
    let mut found = 0;
    for entry in entries.flatten() {
        found += match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&entry.path()),
            _ => 1,
        };
        if found > 20 {
            break;
        }
    }
    found
}

/// Runs the program until there are files below `staging`, then sends it the signal.
fn interrupt(site: &Site, line: &[&str], signal: Signal, staging: &Path) -> (ExitStatus, String) {
    let mut child =
        site.process(line).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs");
    let begun = Instant::now();
    while files(staging) <= 20 {
        assert!(begun.elapsed() < PATIENCE, "nothing is staged");
        assert!(child.try_wait().expect("a child").is_none(), "it ended before it staged");
        std::thread::sleep(Duration::from_millis(1));
    }
    kill_process(Pid::from_child(&child), signal).expect("sent");
    (wait(&mut child), said(&mut child))
}

fn wait(child: &mut Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        assert!(begun.elapsed() < PATIENCE, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn said(child: &mut Child) -> String {
    std::io::read_to_string(child.stderr.take().expect("a pipe")).expect("UTF-8")
}

#[test]
fn a_signal_ends_the_first_import_without_a_trace() {
    let site = site();
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        if is_ignored(signal) {
            continue;
        }
        let staging = site.root(".pxe-import/staging");
        let (status, said) = interrupt(&site, &["esxi5.5", SLOW], signal, &staging);
        assert_eq!(status.code(), Some(code), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.starts_with("error: interrupted by signal "), "{said}");
        site.assert_nothing_staged();
        assert!(!site.root("wwwroot/esxi/5.5").exists());
        assert!(!site.root("wwwroot/pxefiles/pxelinux.cfg/default").exists());
        assert!(!site.root(".pxe-import/esxi5.5.json").exists());
    }
}

#[test]
fn a_signal_in_a_second_import_leaves_the_old_tree_and_menu() {
    if is_ignored(Signal::INT) {
        return;
    }
    let site = site();
    site.done(&["esxi5.5", site.disc(esxi::esxi55)]);
    let before = state(&site.root(""));
    let staging = site.root(".pxe-import/staging");
    let (status, _) = interrupt(&site, &["esxi5.5", SLOW], Signal::INT, &staging);
    assert_eq!(status.code(), Some(130));
    assert_still(&site.root(""), &before);
}

#[test]
fn what_a_killed_run_leaves_is_cleared_by_the_next() {
    let site = site();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let before = state(&site.root("wwwroot"));
    let staging = site.root(".pxe-import/staging");
    let (status, _) = interrupt(&site, &["esxi5.5", SLOW], Signal::KILL, &staging);
    assert_eq!(status.signal(), Some(9));
    assert_eq!(site.names("root/.pxe-import/staging").len(), 1, "nobody could clear it");
    assert_still(&site.root("wwwroot"), &before);

    site.done(&["esxi5.5", iso]);
    site.assert_nothing_staged();
    assert_still(&site.root("wwwroot"), &before);
}

#[test]
fn a_signal_ends_a_refresh_which_says_what_it_has_done() {
    if is_ignored(Signal::TERM) {
        return;
    }
    let site = site();
    site.disc(esxi::esxi55);
    let media = |name: &str, image: &str| {
        format!("[[media]]\nname = \"{name}\"\nimages = [\"../{image}\"]\ndir = \"esxi/{name}\"\n")
    };
    let entries =
        [media("first", "VMware*.iso"), media("second", SLOW), media("third", "VMware*.iso")];
    site.write("root/pxe-import.toml", entries.concat());
    let line = ["--quiet", "refresh", "--settle", "0s"];
    let mut process = site.process(&line);
    let mut child = process.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs");
    let begun = Instant::now();
    let first = site.root(".pxe-import/first.json");
    while !(first.exists() && files(&site.root(".pxe-import/staging")) > 20) {
        assert!(begun.elapsed() < PATIENCE, "nothing is staged");
        assert!(child.try_wait().expect("a child").is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(1));
    }
    kill_process(Pid::from_child(&child), Signal::TERM).expect("sent");
    let status = wait(&mut child);
    let said = said(&mut child);
    assert_eq!(status.code(), Some(143), "{said}");
    assert!(said.contains("warning: done before the signal came: first\n"), "{said}");
    site.assert_nothing_staged();
    assert_eq!(site.names("root/wwwroot/esxi"), ["first"]);
}

/// Where the web root is another filesystem, trees are staged beside their target.
#[test]
fn what_a_killed_run_leaves_beside_the_target_is_cleared_by_the_next() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    site.write("root/wwwroot/esxi/.5.5.partial-aBcDeF/tree/boot.cfg", "half of it\n");
    site.done(&["esxi5.5", iso]);
    assert_eq!(site.names("root/wwwroot/esxi"), ["5.5"]);
}

#[test]
fn a_signal_ends_an_extraction_without_a_trace() {
    if is_ignored(Signal::INT) {
        return;
    }
    let site = site();
    fs::create_dir(site.path("empty")).expect("made");
    for to in ["new", "empty"] {
        let line = ["extract", SLOW, "--to", to];
        // Beside the new directory; within the empty one, which may be a mount point.
        let staging = if to == "new" { site.path("") } else { site.path("empty") };
        let (status, said) = interrupt(&site, &line, Signal::INT, &staging);
        assert_eq!(status.code(), Some(130), "{said}");
        assert_eq!(site.names(""), ["empty", SLOW]);
        assert_eq!(site.names("empty"), [""; 0]);
    }
}
