//! `--rewrite-media-urls`: repodata that were made for discs.

use std::fs;

use pxe_import_fixtures::family::centos;
use serde_json::Value;

use crate::listing::{assert_still, listing, state};
use crate::refresh::{one, settings};
use crate::site::Site;

const TREE: &str = "wwwroot/yum/CentOS6.8";
const OPTION: &str = "--rewrite-media-urls";

/// A site with both discs, and a command line that imports them.
fn both() -> (Site, [&'static str; 5]) {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    (site, ["--server", "a", "centos6.8", dvd1, dvd2])
}

/// Codes of what `check` finds in the tree.
fn found(site: &Site) -> Vec<String> {
    let report = site.json(&["check", "centos6.8"]);
    let findings = report["findings"].as_array().expect("a list");
    let code = |one: &Value| one["code"].as_str().expect("text").to_owned();
    findings.iter().map(code).filter(|code| code.starts_with("repodata")).collect()
}

#[test]
fn the_metadata_are_mended_and_prove_whole() {
    let (site, line) = both();
    site.done(&line);
    assert_eq!(found(&site), ["repodata-media-base"]);
    let before = site.names(&format!("root/{TREE}/repodata"));
    let report = site.json(&[&[OPTION][..], &line].concat());
    assert_eq!(found(&site), [""; 0]);
    let after = site.names(&format!("root/{TREE}/repodata"));
    let added: Vec<_> = after.iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(added.len(), 1, "{after:?}");
    assert!(added[0].ends_with("-primary.xml.gz"));
    assert_eq!(after.len(), before.len() - 1, "primary.sqlite is gone: {after:?}");

    let patched = report["patched"].as_array().expect("a list");
    let told: Vec<_> = patched.iter().map(|one| one["note"].as_str().unwrap_or_default()).collect();
    let left_out = "left out, as it says media:// and yum would take it before primary.xml";
    assert_eq!(told, ["media:// taken from the places of 24 packages", left_out, ""]);
    assert_eq!(patched[0]["path"], format!("repodata/{}", added[0]));
    assert_eq!(patched[2]["path"], "repodata/repomd.xml");
    let diff = patched[2]["diff"].as_str().expect("text");
    assert!(diff.contains(&format!("+    <location href=\"repodata/{}\"/>", added[0])), "{diff}");
    assert_eq!(report["warnings"], serde_json::json!([]));
}

#[test]
fn a_second_import_changes_nothing_and_the_first_disc_may_come_last() {
    let (site, line) = both();
    let line = [&[OPTION][..], &line].concat();
    site.done(&line);
    let (first, tree) = (state(&site.root("")), listing(&site.root(TREE)));
    site.done(&line);
    assert_still(&site.root(""), &first);
    let [.., dvd1, dvd2] = line[..] else { panic!("{line:?}") };
    site.done(&[OPTION, "--server", "a", "centos6.8", dvd2, dvd1]);
    assert_eq!(listing(&site.root(TREE)), tree);
}

#[test]
fn a_dry_run_tells_it_and_writes_nothing() {
    let (site, line) = both();
    let ran = site.done(&[&[OPTION, "--dry-run"][..], &line].concat());
    assert!(ran.stdout.contains("primary.xml.gz (media:// taken from the places of 24 packages)"));
    assert!(ran.stdout.contains("  patched: repodata/repomd.xml\n"), "{}", ran.stdout);
    assert!(!site.path("root").exists());
}

#[test]
fn the_settings_can_ask_for_it_and_a_change_of_mind_is_an_import() {
    let (site, _) = both();
    let media = "[[media]]\nname = \"centos6.8\"\nimages = [\"../*DVD*.iso\"]\n";
    settings(&site, media);
    assert_eq!(one(&site, &[]).0, "imported");
    assert_eq!(one(&site, &[]).0, "unchanged");
    settings(&site, &format!("{media}rewrite-media-urls = true\n"));
    let (action, reason) = one(&site, &[]);
    assert_eq!(
        (action.as_str(), reason.as_str()),
        ("re-imported", "other options (rewrite-media-urls)")
    );
    assert_eq!(found(&site), [""; 0]);
    assert_eq!(one(&site, &[]).0, "unchanged");
}

#[test]
fn adopt_warns_too_and_mends_where_it_repairs() {
    let (site, line) = both();
    site.done(&line);
    let tree = site.root(TREE);
    let away = site.path("away");
    fs::rename(&tree, &away).expect("moved");
    fs::remove_dir_all(site.path("root")).expect("removed");
    fs::create_dir_all(tree.parent().expect("above")).expect("made");
    fs::rename(&away, &tree).expect("moved");
    let adopt = [&["adopt"][..], &line].concat();
    let ran = site.done(&[&adopt[..], &["--dry-run"]].concat());
    assert!(ran.stderr.contains(OPTION), "{}", ran.stderr);
    let ran = site.done(&[&adopt[..], &["--repair", OPTION]].concat());
    assert!(!ran.stderr.contains("gives the packages' places"), "{}", ran.stderr);
    assert_eq!(found(&site), [""; 0]);
}

#[test]
fn a_repository_that_cannot_be_mended_is_an_error_that_publishes_nothing() {
    let (site, line) = both();
    site.changed("cut.iso", centos::dvd1, |tree, _| {
        let repomd = tree.get("repodata/repomd.xml").and_then(|node| node.content());
        let mut cut = repomd.expect("there").to_vec();
        cut.truncate(300);
        tree.text("repodata/repomd.xml", cut);
    });
    let error = site.fails(1, &[OPTION, "--server", "a", "centos6.8", "cut.iso", line[4]]);
    let start = "error: repodata/repomd.xml: cannot be rid of media://: ";
    assert!(error.starts_with(start) && error.contains(OPTION), "{error}");
    assert!(!site.root(TREE).exists());
}
