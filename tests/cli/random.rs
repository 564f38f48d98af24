//! What holds for any discs: an import checks clean, importing again changes nothing, and a refresh
//! after a change gives what a first import of the changed discs gives.

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use pxe_import_fixtures::Tree;
use pxe_import_fixtures::family::centos;

use crate::listing::{State, assert_still, state};
use crate::site::Site;

/// Content by path.
type Files = BTreeMap<String, Vec<u8>>;

const DISCS: [&str; 2] = ["a-1.iso", "a-2.iso"];

/// Files of few names, so that two discs often have the same.
fn files() -> impl Strategy<Value = Files> {
    let path = (0..3_u8, 0..4_u8).prop_map(|(dir, file)| format!("extra/d{dir}/f{file}"));
    let content = (any::<u8>(), 0..3000_usize).prop_map(|(byte, len)| vec![byte; len]);
    proptest::collection::btree_map(path, content, 0..10)
}

/// A file that comes, goes or becomes another, on one of the discs.
fn change() -> impl Strategy<Value = (usize, String, Option<Vec<u8>>)> {
    let path = (0..3_u8, 0..4_u8).prop_map(|(dir, file)| format!("extra/d{dir}/f{file}"));
    let content = proptest::option::of((0..3000_usize).prop_map(|len| vec![b'!'; len]));
    (0..2_usize, path, content)
}

fn write(site: &Site, discs: &[Files; 2]) {
    let put = |tree: &mut Tree, files: &Files| {
        for (path, content) in files {
            tree.text(path, content);
        }
    };
    site.changed(DISCS[0], centos::dvd1, |tree, _| put(tree, &discs[0]));
    site.changed(DISCS[1], centos::dvd2, |tree, _| put(tree, &discs[1]));
}

fn served(site: &Site) -> State {
    state(&site.root("wwwroot"))
}

/// The command line of all imports here.
const IMPORT: [&str; 6] = ["--quiet", "--server", "192.168.4.6", "centos6.8", DISCS[0], DISCS[1]];

fn assert_clean(site: &Site) {
    let report = site.json(&["check", "centos6.8"]);
    let worse = |finding: &&serde_json::Value| finding["severity"] != "note";
    let findings = report["findings"].as_array().expect("a list");
    let worse: Vec<_> = findings.iter().filter(worse).collect();
    assert!(worse.is_empty(), "{worse:?}");
}

#[test]
fn imports_are_clean_repeatable_and_refreshed_to_what_a_first_import_gives() {
    let cases = (files(), files(), change());
    let mut runner =
        TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    let run =
        |(one, two, (disc, path, content)): (Files, Files, (usize, String, Option<Vec<u8>>))| {
            let mut discs = [one, two];
            let site = Site::new();
            write(&site, &discs);
            site.done(&IMPORT);
            assert_clean(&site);
            let before = state(&site.root(""));
            site.done(&IMPORT);
            assert_still(&site.root(""), &before);

            match content {
                Some(content) => discs[disc].insert(path, content),
                None => discs[disc].remove(&path),
            };
            for name in DISCS {
                fs::remove_file(site.path(name)).expect("removed");
            }
            write(&site, &discs);
            let images = site.path("a-*.iso");
            let media = format!(
                "[[media]]\nname = \"centos6.8\"\nserver = \"192.168.4.6\"\nimages = [{images:?}]\n"
            );
            site.write("root/pxe-import.toml", media);
            site.done(&["--quiet", "refresh", "--settle", "0s"]);
            assert_clean(&site);

            let fresh = Site::new();
            write(&fresh, &discs);
            fresh.done(&IMPORT);
            assert!(
                served(&fresh) == served(&site),
                "the refresh gives another tree than an import"
            );
            Ok(())
        };
    runner.run(&cases, run).unwrap_or_else(|error| panic!("{error}"));
}
