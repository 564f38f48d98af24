//! Two discs joined: apt sees every package, and everything that vouches for them holds.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use pxe_import::http::{Overlay, Serving};
use pxe_import::sum::Algorithm;

use super::apt::{self, Apt, file_uri, said};
use super::pair::{NAMES, Pair, SUITE, has, image, run, sum};

fn unzipped(path: &Path) -> String {
    let mut text = String::new();
    let file = fs::File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    text
}

/// apt lists and fetches all of it.
fn sees_all(uri: &str) {
    let apt = Apt::new(uri, "[trusted=yes]", "main contrib");
    let out = apt.update();
    assert!(out.status.success(), "{}", said(&out));
    assert_eq!(apt.names(), NAMES);
    for name in NAMES {
        apt.download(name);
    }
    assert_eq!(fs::read_dir(apt.got()).expect("there").count(), NAMES.len());
}

#[test]
fn apt_lists_and_fetches_every_package_of_both_discs() {
    let Some(pair) = Pair::new().filter(|_| has(&apt::TOOLS)) else { return };
    pair.import(&["--no-menu"]);
    sees_all(&file_uri(&pair.tree()));
    let www = pair.root().join("wwwroot");
    let server = Serving::start(&www, "", Overlay::new()).expect("a server");
    sees_all(&format!("http://{}/apt/debian12", server.address()));
}

#[test]
fn without_joining_apt_loses_packages() {
    let Some(pair) = Pair::new().filter(|_| has(&apt::TOOLS)) else { return };
    let tree = pair.dir.path().join("extracted");
    let out = run(pair.command("extract").arg("--to").arg(&tree).args(&pair.images));
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let warned = report["warnings"].as_array().expect("a list");
    assert!(warned.iter().any(|one| one["code"] == "indexes-not-joined"), "{report}");
    let apt = Apt::new(&file_uri(&tree), "[trusted=yes]", "main contrib");
    let out = apt.update();
    assert!(out.status.success(), "{}", said(&out));
    assert_eq!(apt.names(), ["beta", "common", "delta", "gamma"]);
}

#[test]
fn every_sum_in_release_and_md5sum_txt_is_that_of_the_file() {
    let Some(pair) = Pair::new() else { return };
    pair.import(&["--no-menu"]);
    let tree = pair.tree();
    let list = fs::read_to_string(tree.join("md5sum.txt")).expect("a list");
    for line in list.lines() {
        let (md5, path) = line.split_once("  ./").expect("a line of md5sum");
        let bytes = fs::read(tree.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!(md5, sum(&bytes, Algorithm::Md5), "{path}");
    }
    for name in NAMES {
        assert_eq!(list.matches(&format!("/{name}_1.0-1_")).count(), 1, "{name}");
    }
    let release = fs::read_to_string(tree.join(SUITE).join("Release")).expect("a Release");
    assert!(release.contains("Components: main contrib\n"), "{release}");
    let (_, sha256) = release.split_once("SHA256:\n").expect("sums");
    let mut seen = 0;
    for line in sha256.lines().take_while(|line| line.starts_with(' ')) {
        let words: Vec<_> = line.split_whitespace().collect();
        let path = tree.join(SUITE).join(words[2]);
        let packed = format!("{}.gz", path.display());
        let bytes = fs::read(&path).unwrap_or_else(|_| unzipped(packed.as_ref()).into_bytes());
        assert_eq!(words[0], sum(&bytes, Algorithm::Sha256), "{line}");
        assert_eq!(words[1], bytes.len().to_string(), "{line}");
        seen += 1;
    }
    assert!(seen >= 12, "{release}");
}

#[test]
fn udebs_and_translations_are_joined_too_and_the_first_disc_stays_the_first() {
    let Some(pair) = Pair::new() else { return };
    let report = pair.import(&["--no-menu", "--on-conflict", "later"]);
    let suite = pair.tree().join(SUITE);
    let udebs = unzipped(&suite.join("main/debian-installer/binary-amd64/Packages.gz"));
    for name in ["ext4-modules", "nic-modules"] {
        assert!(udebs.contains(&format!("Package: {name}-6.1.0-37-amd64-di\n")), "{udebs}");
    }
    let german = unzipped(&suite.join("main/i18n/Translation-de.gz"));
    assert_eq!(german.matches("Package: ").count(), 6, "common stands once: {german}");
    let packages = unzipped(&suite.join("main/binary-amd64/Packages.gz"));
    assert_eq!(packages.matches("Package: common\n").count(), 1);
    let info = fs::read_to_string(pair.tree().join(".disk/info")).expect("there");
    assert!(info.contains("Binary-1"), "{info}");
    let rules: Vec<_> = report["conflicts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["path"].as_str().expect("text"), one["rule"].as_str().expect("text")))
        .collect();
    for expected in [
        (".disk/info", "first:.disk/"),
        ("README.txt", "later"),
        ("dists/bookworm/Release", "join:dists/"),
        ("dists/bookworm/main/binary-amd64/Packages.gz", "join:dists/"),
        ("md5sum.txt", "join:md5sum.txt"),
    ] {
        assert!(rules.contains(&expected), "{expected:?} in {rules:?}");
    }
    let warnings = report["warnings"].to_string();
    assert!(!warnings.contains("not-joined") && !warnings.contains("signature"), "{warnings}");
}

#[test]
fn check_finds_nothing_wrong_and_a_second_import_writes_nothing() {
    let Some(pair) = Pair::new() else { return };
    pair.import(&["--no-menu"]);
    let out = pair.command("check").output().expect("it runs");
    let checked: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let findings = checked["findings"].as_array().expect("a list");
    let about: Vec<_> =
        findings.iter().filter(|one| one.to_string().contains("debian12")).collect();
    assert!(about.is_empty(), "{about:#?}");
    let again = pair.import(&["--no-menu"]);
    assert_eq!(again["written"], 0, "{again}");
    assert_eq!(again["reused"], again["bytes"], "{again}");
}

#[test]
fn a_tree_made_by_hand_is_mended_by_adopt() {
    let Some(pair) = Pair::new().filter(|_| has(&["cp", "chmod"])) else { return };
    let tree = pair.tree();
    fs::create_dir_all(&tree).expect("made");
    for disc in ["disc1", "disc2"] {
        let from = pair.dir.path().join(disc).join(".");
        run(Command::new("cp").arg("-a").arg(from).arg(&tree));
    }
    let adopt = |more: &[&str]| {
        let mut command = pair.command("adopt");
        let out = command.args(more).args(["--no-menu", "debian12"]).args(&pair.images).output();
        let out = out.expect("it runs");
        let report: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
        (out.status.success(), report)
    };
    let (fine, report) = adopt(&[]);
    let differences = report["differences"].to_string();
    assert!(!fine && differences.contains("main/binary-amd64/Packages.gz"), "{report}");
    let (fine, report) = adopt(&["--repair"]);
    assert!(fine, "{report}");
    let packages = unzipped(&tree.join(SUITE).join("main/binary-amd64/Packages.gz"));
    assert!(packages.contains("Package: alpha\n") && packages.contains("Package: beta\n"));
}

#[test]
fn a_disc_of_another_architecture_or_release_is_refused() {
    let Some(pair) = Pair::new() else { return };
    let disc = pair.dir.path().join("disc2");
    for (from, to) in [("amd64", "i386"), ("12.9.0", "12.8.0")] {
        let info = fs::read_to_string(pair.dir.path().join("disc1/.disk/info")).expect("there");
        fs::write(disc.join(".disk/info"), info.replace(from, to)).expect("written");
        image(pair.dir.path(), &disc, 2);
        let mut command = pair.command("import");
        let out = command.args(["--no-menu", "debian12"]).args(&pair.images).output();
        let out = out.expect("it runs");
        assert_eq!(out.status.code(), Some(1), "{}", said(&out));
        assert!(said(&out).contains("does not belong to"), "{}", said(&out));
        assert!(!pair.tree().exists());
    }
}

#[test]
fn a_report_for_people_says_what_was_joined() {
    let Some(pair) = Pair::new() else { return };
    let mut command = Command::new(env!("CARGO_BIN_EXE_pxe-import"));
    command.arg("--root").arg(pair.root()).args(["--no-menu", "debian12"]).args(&pair.images);
    let text = String::from_utf8(run(&mut command).stdout).expect("UTF-8");
    let path = "dists/bookworm/main/binary-amd64/Packages.gz";
    for line in
        [format!("  differs: {path}: joined (join:dists/)\n"), format!("  patched: {path}\n")]
    {
        assert!(text.contains(&line), "{line:?} in {text}");
    }
}
