//! `--json`: one document with the keys that programs rely on.

use insta::assert_snapshot;
use pxe_import_fixtures::family::{centos, esxi, ubuntu};
use serde_json::Value;

use crate::site::Site;

/// The document as text, without what differs from run to run.
fn shown(mut report: Value) -> String {
    let seconds = report["seconds"].take();
    assert!(seconds.as_f64().is_some_and(|seconds| seconds > 0.0), "{seconds}");
    report["seconds"] = "(some)".into();
    serde_json::to_string_pretty(&report).expect("text")
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> =
        value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

const DONE: [&str; 17] = [
    "answer",
    "bytes",
    "conflicts",
    "files",
    "links",
    "menu",
    "name",
    "patched",
    "ram",
    "read",
    "reused",
    "schema",
    "seconds",
    "target",
    "verified",
    "warnings",
    "written",
];

#[test]
fn an_import_tells_all_that_it_did() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.changed("DVD2.iso", centos::dvd2, |tree, _| {
        tree.text("EULA", "another text\n");
    });
    site.write("ks.cfg", "install\n");
    let line = ["--server", "192.168.4.6", "--answer", "ks.cfg", "centos6.8", dvd1, "DVD2.iso"];
    let report = site.json(&line);
    assert_eq!(keys(&report), DONE);
    assert_snapshot!("import", shown(report));
}

#[test]
fn a_patch_is_told_with_its_difference() {
    let site = Site::new();
    let report = site.json(&["esxi5.5", site.disc(esxi::esxi55)]);
    assert_eq!(keys(&report), DONE);
    let patched = report["patched"].as_array().expect("a list");
    let paths: Vec<_> = patched.iter().map(|patch| patch["path"].as_str()).collect();
    assert_eq!(paths, [Some("boot.cfg"), Some("efi/boot/boot.cfg")]);
    for patch in patched {
        assert_eq!(keys(patch), ["diff", "note", "path"]);
        let diff = patch["diff"].as_str().expect("text");
        assert!(diff.contains("\n-kernel=/tboot.b00\n+kernel=tboot.b00\n"), "{diff}");
    }
}

#[test]
fn extract_has_the_same_keys() {
    let site = Site::new();
    let report = site.json(&["extract", site.disc(ubuntu::server), "--to", "tree"]);
    assert_eq!(keys(&report), DONE);
    assert_snapshot!("extract", shown(report));
    let report = site.json(&["--dry-run", "extract", site.disc(ubuntu::server), "--to", "other"]);
    assert_eq!(keys(&report), DONE);
}

#[test]
fn a_failure_is_a_document_too() {
    let site = Site::new();
    site.write("notes.txt", "no image\n".repeat(10_000));
    site.write("root/wwwroot/esxi/5.5/mine.txt", "by hand\n");
    let iso = site.disc(esxi::esxi55);
    for (line, code, kind, path) in [
        (&["inspect", "notes.txt"][..], 1, "not-an-image", Some("notes.txt")),
        (&["inspect", "missing.iso"], 1, "io", Some("missing.iso")),
        (&["esxi5.5", iso], 1, "conflict", Some("root/wwwroot/esxi/5.5")),
        (&["lab", iso, "--server", ""], 2, "usage", None),
        (&["inspcet"], 2, "usage", None),
    ] {
        let ran = site.run(&[line, &["--json"]].concat());
        assert_eq!(ran.code, Some(code), "{line:?}");
        let failure: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
        assert_eq!(keys(&failure), ["error", "schema"]);
        let error = &failure["error"];
        assert_eq!(keys(error), ["kind", "message", "offset", "path"]);
        assert_eq!((&error["kind"], &error["path"]), (&kind.into(), &path.into()), "{line:?}");
        assert_eq!(error["offset"], Value::Null);
        let message = error["message"].as_str().expect("text");
        assert!(ran.stderr.starts_with(&format!("error: {message}")), "{}", ran.stderr);
    }
}

#[test]
fn warnings_stand_in_the_document_and_on_standard_error() {
    let site = Site::new();
    site.changed("bad.iso", esxi::esxi55, |tree, _| {
        tree.text("k.b00", "");
    });
    let ran = site.done(&["esxi5.5", "bad.iso", "--json"]);
    let report: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    let warnings = report["warnings"].as_array().expect("a list");
    assert_eq!(ran.stderr.lines().count(), warnings.len());
    for (warning, line) in warnings.iter().zip(ran.stderr.lines()) {
        assert_eq!(keys(warning), ["code", "message", "path"]);
        assert!(line.contains(warning["message"].as_str().expect("text")), "{line}");
    }
    assert!(!warnings.is_empty());
}
