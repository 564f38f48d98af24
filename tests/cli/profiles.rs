//! The kinds of discs that are known, and those that an administrator adds.

use std::fs;
use std::path::Path;

use pxe_import_fixtures::Tree;
use pxe_import_fixtures::iso9660::{Options, RockRidge};

use crate::site::{MENU, Site};

const TOP: &str = env!("CARGO_MANIFEST_DIR");

/// The profile in docs/profiles.md.
fn example() -> String {
    let text = fs::read_to_string(Path::new(TOP).join("docs/profiles.md")).expect("docs");
    let (_, rest) = text.split_once("```toml\n").expect("an example");
    rest.split_once("```").expect("its end").0.to_owned()
}

/// A disc of that profile's.
fn disc(site: &Site, name: &str, complete: bool) {
    let mut tree = Tree::new();
    let mut put = |path: &str, text: &str| {
        tree.text(path, text);
    };
    put("ten/release", "Plan Ten 3.1 for amd64\n");
    put("ten/kernel", "kernel");
    put("ten/initrd", "initrd");
    if complete {
        put("ten/base.squashfs", "base");
    }
    let options = Options { rock_ridge: Some(RockRidge::default()), ..Options::default() };
    site.iso(name, &tree, &options);
}

#[test]
fn the_documented_profile_imports_its_discs_as_documented() {
    let site = Site::new();
    disc(&site, "ten.iso", true);
    let error = site.run(&["inspect", "ten.iso"]).stdout;
    assert!(error.contains("not known"), "{error}");
    site.write("root/profiles/planten.toml", example());
    let done = site.done(&["--server", "192.168.4.6", "planten3.1", "ten.iso"]);
    assert_eq!(done.stderr, "");
    let docs = fs::read_to_string(Path::new(TOP).join("docs/profiles.md")).expect("docs");
    let menu = site.read(MENU);
    let from = menu.find("label planten3.1").expect("the entry");
    let lines: Vec<_> = menu[from..].lines().take(5).map(|line| format!("    {line}")).collect();
    assert!(docs.contains(&lines.join("\n")), "{lines:#?}");
    let check = site.done(&["check"]);
    assert!(!check.stdout.contains("incomplete"), "{}", check.stdout);
}

#[test]
fn what_an_installation_needs_is_missed_by_import_and_check() {
    let site = Site::new();
    disc(&site, "ten.iso", false);
    site.write("root/profiles/planten.toml", example());
    let done = site.done(&["--server", "192.168.4.6", "planten3.1", "ten.iso"]);
    assert!(
        done.stderr.contains("ten/base.squashfs: the installer's second stage"),
        "{}",
        done.stderr
    );
    let check = site.done(&["check"]);
    assert!(check.stdout.contains("second stage is missing"), "{}", check.stdout);
}

#[test]
fn inspect_explains_what_it_says() {
    let site = Site::new();
    disc(&site, "ten.iso", true);
    site.write("root/profiles/planten.toml", example());
    let said = site.done(&["inspect", "--explain", "ten.iso"]).stdout;
    assert!(
        said.contains("because      it has the markers of the profile planten: ten/release"),
        "{said}"
    );
    assert!(said.contains("ten/release gives product Plan Ten, version 3.1, arch amd64"), "{said}");
    let json = site.json(&["inspect", "--explain", "ten.iso"]);
    assert_eq!(json["images"][0]["why"].as_array().map(Vec::len), Some(2), "{json}");
}

#[test]
fn a_wrong_profile_is_told_with_file_line_and_reason_and_nothing_is_imported() {
    let site = Site::new();
    disc(&site, "ten.iso", true);
    let wrong = example().replace("must = true", "must = maybe");
    site.write("root/profiles/planten.toml", &wrong);
    for args in [&["profiles"][..], &["inspect", "ten.iso"], &["planten3.1", "ten.iso"]] {
        let error = site.fails(1, args);
        assert!(error.contains("root/profiles/planten.toml: line 11: "), "{error}");
    }
    assert!(!site.root("wwwroot").exists());
    let wrong = example().replace("{major.minor}", "{release}");
    site.write("root/profiles/planten.toml", &wrong);
    let error = site.fails(1, &["profiles"]);
    assert!(error.contains("planten.toml: line 3: ") && error.contains("{release}"), "{error}");
    site.write("root/pxe-import.toml", "");
    let check = site.run(&["check"]);
    assert_eq!(check.code, Some(1), "{check:?}");
    assert!(check.stdout.contains("{release}"), "{}", check.stdout);
}

#[test]
fn a_changed_profile_takes_the_place_of_the_built_in_one_and_the_users_that_of_none() {
    let site = Site::new();
    let el = site.done(&["profiles", "el"]).stdout;
    assert!(el.contains("name = \"el\"") && el.contains("[[entry]]"), "{el}");
    let mine = el.replace("yum/{brand}{version}", "mirror/{brand}-{version}");
    assert_ne!(mine, el);
    site.write("root/profiles/el.toml", &mine);
    let iso = site.disc(pxe_import_fixtures::family::centos::dvd1);
    site.done(&["--server", "192.168.4.6", "centos6.8", iso]);
    assert!(site.root("wwwroot/mirror/CentOS-6.8/.treeinfo").exists());

    site.write("config/pxe-import/profiles/mine.toml", example());
    let config = site.path("config");
    let mut command = site.command(&["profiles"]);
    let listed = command.env("XDG_CONFIG_HOME", &config).output().expect("it runs");
    let listed = String::from_utf8(listed.stdout).expect("text");
    assert!(listed.starts_with("planten "), "{listed}");
    assert!(listed.contains("mine.toml") && listed.contains("root/profiles/el.toml"), "{listed}");
}

#[test]
fn every_profile_can_be_listed_shown_and_read_back() {
    let site = Site::new();
    let json = site.json(&["profiles"]);
    let profiles = json["profiles"].as_array().expect("a list");
    assert!(profiles.len() >= 7);
    for profile in profiles {
        let name = profile["name"].as_str().expect("a name");
        let shown = site.done(&["profiles", name]).stdout;
        site.write(&format!("root/profiles/{name}.toml"), &shown);
        assert!(profile["file"].is_null() && profile["text"].is_null());
    }
    let again = site.json(&["profiles"]);
    assert!(again["profiles"][0]["file"].as_str().is_some_and(|file| file.ends_with(".toml")));
    let error = site.fails(2, &["profiles", "plan9"]);
    assert!(error.contains("there is no profile 'plan9'"), "{error}");
}

/// The text between the marks in README.md.
fn in_readme() -> String {
    let text = fs::read_to_string(Path::new(TOP).join("README.md")).expect("README.md");
    let (_, rest) = text.split_once("<!-- profiles --table -->\n").expect("the table's begin");
    rest.split_once("<!-- end -->").expect("the table's end").0.to_owned()
}

#[test]
fn the_table_in_the_readme_is_what_the_command_prints() {
    let table = Site::new().done(&["profiles", "--table"]).stdout;
    assert_eq!(in_readme(), table, "scripts/table writes it anew");
}

#[test]
fn every_row_of_the_table_names_a_test_that_is_there() {
    let json = Site::new().json(&["profiles", "--table"]);
    let rows = json["supported"].as_array().expect("rows");
    assert!(rows.len() > 10);
    for row in rows {
        let test = row["test"].as_str().expect("a test");
        let (target, path) = test.split_once(' ').expect("TARGET MODULE::NAME");
        let name = path.rsplit("::").next().expect("a name");
        let places = match target {
            "lib" => vec![Path::new(TOP).join("src")],
            target => {
                let tests = Path::new(TOP).join("tests");
                vec![tests.join(target), tests.join(format!("{target}.rs"))]
            }
        };
        let line = format!("fn {name}(");
        assert!(places.iter().any(|place| holds(place, &line)), "{test}: no such test");
    }
}

/// Whether a file at or below `place` has the text.
fn holds(place: &Path, text: &str) -> bool {
    if place.is_dir() {
        let entries = fs::read_dir(place).expect("a directory");
        return entries.into_iter().any(|entry| holds(&entry.expect("an entry").path(), text));
    }
    fs::read_to_string(place).is_ok_and(|there| there.contains(text))
}

#[test]
fn an_import_whose_profile_is_gone_says_so_and_is_made_by_no_other() {
    let site = Site::new();
    disc(&site, "ten.iso", true);
    site.write("root/profiles/planten.toml", example());
    site.done(&["--server", "192.168.4.6", "planten3.1", "ten.iso"]);
    fs::remove_file(site.path("root/profiles/planten.toml")).expect("removed");
    // Another one that has a family of that name, and another menu text.
    let other =
        example().replacen("\"planten\"", "\"other\"", 1).replace("Install {name}", "Other");
    site.write("root/profiles/other.toml", other);
    let done = site.done(&["render"]);
    let told = "was made by the profile \"planten\", which is not there: put its file back into";
    assert!(done.stderr.contains(told), "{}", done.stderr);
    assert!(!site.read(MENU).contains("Other"), "{}", site.read(MENU));
    let check = site.done(&["check"]);
    assert!(check.stdout.contains("\"planten\", which is not there"), "{}", check.stdout);
    site.done(&["list"]);
    site.done(&["remove", "planten3.1"]);
}
