//! What is said where: `--quiet`, broken pipes, help, colour.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use pxe_import_fixtures::Tree;
use pxe_import_fixtures::family::{esxi, winpe};
use pxe_import_fixtures::iso9660::{Options, RockRidge};

use crate::site::Site;

#[test]
fn quiet_says_nothing() {
    let site = Site::new();
    let (iso, winpe) = (site.disc(esxi::esxi55), site.disc(winpe::win8pe));
    for line in [
        &["-q", "esxi5.5", iso][..],
        &["win8pe", winpe, "--quiet"],
        &["--quiet", "extract", iso, "--to", "tree"],
        &["-q", "--dry-run", "esxi5.5", iso],
    ] {
        let ran = site.done(line);
        assert_eq!((&*ran.stdout, &*ran.stderr), ("", ""), "{line:?}");
    }
    assert!(site.path("tree/boot.cfg").exists());
}

#[test]
fn quiet_does_not_hide_an_error() {
    let site = Site::new();
    let error = site.fails(1, &["-q", "esxi5.5", "missing.iso"]);
    assert_eq!(error, "error: cannot open missing.iso: No such file or directory (os error 2)");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let site = Site::new();
    let mut tree = Tree::new();
    for number in 0..4000 {
        tree.text(format!("{number:04}-with-a-name-that-fills-the-pipe.txt"), "");
    }
    let options = Options { rock_ridge: Some(RockRidge::default()), ..Options::default() };
    site.iso("large.iso", &tree, &options);
    for more in [&[][..], &["--json"]] {
        let line = [&["inspect", "--files", "large.iso"], more].concat();
        let mut child = site
            .process(&line)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut first = String::new();
        // Like `head -1`: one line is read, then the pipe is closed.
        let mut out = BufReader::with_capacity(64, child.stdout.take().expect("a pipe"));
        out.read_line(&mut first).expect("a line");
        drop(out);
        let mut said = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("UTF-8");
        let status = child.wait().expect("it ends");
        assert!(!first.is_empty());
        assert_eq!((status.code(), &*said), (Some(0), ""), "{line:?}");
    }
}

#[test]
fn help_is_short_and_long_and_goes_to_standard_output() {
    let site = Site::new();
    let [short, long] = ["-h", "--help"].map(|option| site.done(&[option]));
    assert!(short.stdout.lines().count() < long.stdout.lines().count());
    for ran in [&short, &long, &site.done(&["help"])] {
        assert!(ran.stdout.contains("pxe-import [OPTIONS] NAME ISO..."), "{}", ran.stdout);
        assert_eq!(ran.stderr, "");
    }
    for command in ["import", "inspect", "extract", "generate"] {
        assert!(long.stdout.contains(&format!("\n  {command} ")), "{command}");
        let ran = site.done(&["help", command]);
        assert!(ran.stdout.contains(&format!("Usage: pxe-import {command}")), "{}", ran.stdout);
    }
    let version = site.done(&["--version"]);
    assert_eq!(version.stdout, format!("pxe-import {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_usage_error_is_exit_status_2() {
    let site = Site::new();
    for line in [
        &[][..],
        &["import"],
        &["import", "lab"],
        &["inspect"],
        &["extract", "a.iso"],
        &["lab", "a.iso", "--nonsense"],
        &["lab", "a.iso", "--jobs", "0"],
        &["lab", "a.iso", "--on-conflict", "never"],
        &["inspect", "a.iso", "--to", "x"],
        &["generate"],
        &["generate", "completions", "cmd"],
    ] {
        let ran = site.run(line);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{line:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("--help") || ran.stderr.contains("Usage:"), "{}", ran.stderr);
    }
}

#[test]
fn no_escape_sequence_is_written_to_what_is_no_terminal() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.changed("bad.iso", esxi::esxi55, |tree, _| {
        tree.text("k.b00", "");
    });
    for line in
        [&["inspect", iso][..], &["esxi5.5", "bad.iso"], &["nonsense"], &["--help"], &["inspect"]]
    {
        let ran = site.run(line);
        assert!(!ran.stdout.contains('\x1b') && !ran.stderr.contains('\x1b'), "{line:?}");
    }
}
