//! `refresh --prune`: what refresh has made goes when nobody asks for it any more.

use std::fs;

use pxe_import_fixtures::family::esxi;
use serde_json::Value;

use crate::refresh::{ESXI, TREE, one, settings, site};
use crate::site::{MENU, Site};

/// Which imports `--prune` would remove.
fn pruned(site: &Site) -> Vec<Value> {
    let document = site.json(&["--dry-run", "refresh", "--settle", "0s", "--prune"]);
    let imports = document["imports"].as_array().expect("a list");
    let gone = imports.iter().filter(|import| import["action"] == "pruned");
    gone.map(|import| import["name"].clone()).collect()
}

#[test]
fn only_what_refresh_has_made_is_pruned() {
    let site = site(ESXI);
    let iso = site.disc(esxi::esxi55);
    site.done(&["byhand", iso, "--dir", "esxi/byhand"]);
    one(&site, &[]);
    assert_eq!(pruned(&site), [""; 0]);
    settings(&site, "");
    assert_eq!(pruned(&site), ["esxi5.5"]);
    site.write("root/.pxe-import/esxi5.5.hold", "");
    assert_eq!(pruned(&site), [""; 0], "held");
    site.done(&["esxi5.5", iso]);
    assert_eq!(pruned(&site), [""; 0], "imported by hand since");
    // Refreshed since, but still somebody's own.
    settings(&site, &format!("{ESXI}arg = [\"debug\"]\n"));
    assert_eq!(one(&site, &[]).0, "re-imported");
    settings(&site, "");
    assert_eq!(pruned(&site), [""; 0], "imported by hand once");
}

#[test]
fn images_that_are_only_not_mounted_prune_nothing() {
    let site = site("[[media]]\nname = \"esxi5.5\"\nimages = [\"../iso/*.iso\"]\n");
    let iso = site.disc(esxi::esxi55);
    fs::create_dir(site.path("iso")).expect("made");
    fs::rename(site.path(iso), site.path("iso").join(iso)).expect("moved");
    one(&site, &[]);
    let line = ["--dry-run", "refresh", "--settle", "0s", "--prune"];
    fs::rename(site.path("iso"), site.path("away")).expect("moved");
    assert_eq!(site.run(&line).code, Some(1), "no directory");
    fs::create_dir(site.path("iso")).expect("made");
    assert_eq!(site.run(&line).code, Some(1), "an empty directory");
    site.write("iso/README", "other things");
    assert_eq!(pruned(&site), ["esxi5.5"]);
}

#[test]
fn without_settings_nothing_is_pruned() {
    let site = site(ESXI);
    site.disc(esxi::esxi55);
    one(&site, &[]);
    fs::remove_file(site.root("pxe-import.toml")).expect("removed");
    let error = site.fails(1, &["refresh", "--prune"]);
    assert!(error.contains("leave out --prune"), "{error}");
    assert!(site.root(TREE).exists());
}

#[test]
fn what_is_pruned_is_gone() {
    let site = site(ESXI);
    site.disc(esxi::esxi55);
    one(&site, &[]);
    settings(&site, "");
    let ran = site.done(&["--quiet", "refresh", "--prune"]);
    assert!(ran.stderr.starts_with("pruned esxi5.5: "), "{}", ran.stderr);
    assert!(!site.root(TREE).exists() && !site.root(".pxe-import/esxi5.5.json").exists());
    assert!(!site.read(MENU).contains("esxi5.5"));
}

#[test]
fn what_has_no_images_any_more_is_gone_although_an_entry_names_it() {
    let site = site(ESXI);
    let iso = site.disc(esxi::esxi55);
    one(&site, &[]);
    fs::remove_file(site.path(iso)).expect("removed");
    assert_eq!(one(&site, &["--prune"]).0, "pruned");
    assert!(!site.root(TREE).exists());
    assert!(!site.root(".pxe-import/esxi5.5.hold").exists());
    site.disc(esxi::esxi55);
    assert_eq!(one(&site, &[]).0, "imported");
}
