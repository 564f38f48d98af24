//! `--hierarchy`: a disc shows itself in more than one way.

use pxe_import_fixtures::family::{centos, esxi, winpe};

use crate::site::Site;

/// The paths that `inspect --files` lists in this hierarchy.
fn paths(site: &Site, iso: &str, hierarchy: &str) -> Vec<String> {
    let report = site.json(&["inspect", "--files", "--hierarchy", hierarchy, iso]);
    assert_eq!(report["images"][0]["hierarchy"], hierarchy);
    let entries = report["images"][0]["entries"].as_array().expect("a list");
    entries.iter().map(|entry| entry["path"].as_str().expect("a path").to_owned()).collect()
}

#[test]
fn one_disc_has_its_names_in_three_hierarchies() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let report = site.json(&["inspect", dvd1]);
    assert_eq!(report["images"][0]["hierarchy"], "rock-ridge");
    let [rock_ridge, joliet, plain] =
        ["rock-ridge", "joliet", "iso9660"].map(|hierarchy| paths(&site, dvd1, hierarchy));
    let has = |paths: &[String], path: &str| paths.iter().any(|p| p == path);
    assert_eq!(rock_ridge, joliet);
    assert_eq!(rock_ridge.len(), plain.len());
    assert!(has(&rock_ridge, "Packages/abrt-1.0-1.el6.x86_64.rpm"));
    assert!(!has(&plain, "Packages/abrt-1.0-1.el6.x86_64.rpm"));
    assert!(plain.iter().all(|path| *path == path.to_lowercase()), "{plain:?}");
    assert!(has(&plain, "images/pxeboot/vmlinuz"), "{plain:?}");
}

#[test]
fn a_hierarchy_that_the_disc_lacks_is_an_error_not_a_fall_back() {
    let site = Site::new();
    let (iso, winpe) = (site.disc(esxi::esxi55), site.disc(winpe::win8pe));
    for (iso, hierarchy) in
        [(iso, "rock-ridge"), (iso, "joliet"), (iso, "udf"), (winpe, "rock-ridge")]
    {
        let error = site.fails(1, &["inspect", "--hierarchy", hierarchy, iso]);
        assert!(error.contains(iso), "{hierarchy}: {error}");
        site.fails(1, &["extract", "--hierarchy", hierarchy, iso, "--to", "to"]);
        assert!(!site.path("to").exists());
    }
    let ran = site.run(&["inspect", "--hierarchy", "ext4", iso]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("rock-ridge"), "{}", ran.stderr);
}

#[test]
fn the_chosen_hierarchy_is_what_is_extracted() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    site.done(&["extract", "--hierarchy", "joliet", iso, "--to", "joliet"]);
    site.done(&["extract", "--hierarchy", "iso9660", iso, "--to", "plain"]);
    let font = "boot/fonts/wgl4_boot.ttf";
    assert!(site.path("joliet").join(font).exists());
    assert!(!site.path("plain").join(font).exists(), "level 1 names are shorter");
    assert_eq!(site.names("plain/boot/fonts").len(), 1);
}
