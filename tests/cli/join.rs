//! Which discs go together, and what becomes of paths that two of them have.

use pxe_import_fixtures::Tree;
use pxe_import_fixtures::family::{centos, esxi, ubuntu};
use pxe_import_fixtures::iso9660::{Options, RockRidge};

use crate::site::Site;

#[test]
fn discs_of_two_products_are_refused() {
    let site = Site::new();
    let (dvd1, server) = (site.disc(centos::dvd1), site.disc(ubuntu::server));
    let (esxi55, esxi70) = (site.disc(esxi::esxi55), site.disc(esxi::esxi70));
    for (first, second) in [(dvd1, server), (server, dvd1), (esxi55, esxi70), (dvd1, esxi55)] {
        let error = site.fails(1, &["--server", "a", "lab", first, second]);
        assert!(error.starts_with(&format!("error: {second}: ")), "{error}");
    }
    assert!(!site.root("").exists());
}

#[test]
fn a_second_disc_of_another_release_is_refused_by_its_volume_id() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.changed("other.iso", centos::dvd2, |_, options| {
        options.volume.volume_id = "CentOS_6.9_Final".into();
    });
    let error = site.fails(1, &["--server", "a", "centos6.8", dvd1, "other.iso"]);
    assert!(error.starts_with("error: other.iso: "), "{error}");
    assert!(!site.root("").exists());
}

#[test]
fn a_disc_that_does_not_say_what_it_is_becomes_a_tree_without_an_entry() {
    let site = Site::new();
    let mut tree = Tree::new();
    tree.text("hello.txt", "hello\n");
    site.iso("data.iso", &tree, &Options::default());
    let error = site.fails(2, &["--profile", "nonsense", "lab", "data.iso"]);
    assert!(error.contains("'nonsense'") && error.contains("esxi"), "{error}");
    assert!(!site.root("").exists());
    let ran = site.done(&["inspect", "data.iso"]);
    assert!(ran.stdout.contains("product      not known"), "{}", ran.stdout);
    let ran = site.done(&["lab", "data.iso"]);
    assert!(ran.stderr.starts_with("warning: other/lab: no menu entry: "), "{}", ran.stderr);
    assert_eq!(site.read("wwwroot/other/lab/hello.txt"), "hello\n");
}

/// Two discs with a path in common.
fn pair() -> Site {
    let site = Site::new();
    for (name, text) in [("a.iso", "first\n"), ("b.iso", "the second\n")] {
        let mut tree = Tree::new();
        tree.text("both.txt", text);
        tree.text("same.txt", "same\n");
        tree.text(format!("only-{name}.txt"), "one\n");
        let options = Options { rock_ridge: Some(RockRidge::default()), ..Options::default() };
        site.iso(name, &tree, &options);
    }
    site
}

#[test]
fn the_later_disc_wins_unless_told_otherwise() {
    let site = pair();
    for (policy, text, kept) in [
        (None, "the second\n", 1),
        (Some("later"), "the second\n", 1),
        (Some("first"), "first\n", 0),
    ] {
        let to = format!("to-{policy:?}");
        let mut line = vec!["extract", "a.iso", "b.iso", "--to", &to];
        line.extend(policy.iter().flat_map(|policy| ["--on-conflict", policy]));
        let report = site.json(&line);
        let there = std::fs::read_to_string(site.path(&to).join("both.txt")).expect("there");
        assert_eq!(there, text, "{policy:?}");
        let names = ["both.txt", "only-a.iso.txt", "only-b.iso.txt", "same.txt"];
        assert_eq!(site.names(&to), names);
        let conflicts = report["conflicts"].as_array().expect("a list");
        assert_eq!(conflicts.len(), 1, "equal files are no conflict: {conflicts:?}");
        assert_eq!(conflicts[0]["path"], "both.txt");
        assert_eq!(conflicts[0]["kept"], kept);
        assert_eq!(conflicts[0]["images"], serde_json::json!([0, 1]));
    }
}

#[test]
fn on_conflict_fail_names_the_path_and_writes_nothing() {
    let site = pair();
    let line = ["extract", "a.iso", "b.iso", "--to", "to", "--on-conflict", "fail"];
    let error = site.fails(1, &line);
    assert!(error.contains("both.txt"), "{error}");
    assert_eq!(site.names(""), ["a.iso", "b.iso"]);
}

#[test]
fn a_file_against_a_directory_is_refused_under_every_policy() {
    let site = pair();
    let mut tree = Tree::new();
    tree.text("both.txt/inside", "x\n");
    let options = Options { rock_ridge: Some(RockRidge::default()), ..Options::default() };
    site.iso("c.iso", &tree, &options);
    for policy in ["later", "first", "fail"] {
        let line = ["extract", "a.iso", "c.iso", "--to", "to", "--on-conflict", policy];
        let error = site.fails(1, &line);
        assert!(error.contains("both.txt"), "{policy}: {error}");
        assert!(!site.path("to").exists());
    }
}
