//! `refresh`: what is new or has changed is imported, everything else is left alone.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use pxe_import_fixtures::family::{centos, esxi};
use serde_json::Value;

use crate::listing::{assert_still, state};
use crate::site::{MENU, Site};

pub(crate) const TREE: &str = "wwwroot/esxi/5.5";
pub(crate) const ESXI: &str = "[[media]]\nname = \"esxi5.5\"\nimages = [\"../*5.5*.iso\"]\n";

/// A site whose settings are `text`.
pub(crate) fn site(text: &str) -> Site {
    let site = Site::new();
    settings(&site, text);
    site
}

pub(crate) fn settings(site: &Site, text: &str) {
    site.write("root/pxe-import.toml", format!("server = \"a\"\n{text}"));
}

/// Sets the time of a file to so many seconds from now.
pub(crate) fn set_age(site: &Site, name: &str, age: i64) {
    let by = Duration::from_secs(age.unsigned_abs());
    let now = SystemTime::now();
    let time = if age < 0 { now + by } else { now - by };
    let file = fs::File::options().write(true).open(site.path(name)).expect("open");
    file.set_modified(time).expect("set");
}

/// What `refresh` does about the only entry, and why.
#[track_caller]
pub(crate) fn one(site: &Site, args: &[&str]) -> (String, String) {
    let document = site.json(&[&["refresh", "--settle", "0s"], args].concat());
    let imports = document["imports"].as_array().expect("a list");
    assert_eq!(imports.len(), 1, "{document}");
    let text = |key: &str| imports[0][key].as_str().expect("text").to_owned();
    (text("action"), text("reason"))
}

/// Everything that tells of a write, of every path from `top` down.
pub(crate) fn stamps(top: &Path) -> BTreeMap<PathBuf, [i64; 7]> {
    let mut found = BTreeMap::new();
    let mut open = vec![top.to_owned()];
    while let Some(path) = open.pop() {
        let meta = fs::symlink_metadata(&path).expect("there");
        if meta.is_dir() {
            let entries = fs::read_dir(&path).expect("a directory");
            open.extend(entries.map(|entry| entry.expect("readable").path()));
        }
        let stamp = [
            i64::try_from(meta.ino()).expect("fits"),
            i64::try_from(meta.size()).expect("fits"),
            i64::from(meta.mode()),
            meta.mtime(),
            meta.mtime_nsec(),
            meta.ctime(),
            meta.ctime_nsec(),
        ];
        found.insert(path, stamp);
    }
    found
}

#[test]
fn what_is_new_is_imported_and_then_left_alone() {
    let site = site(ESXI);
    site.disc(esxi::esxi55);
    assert_eq!(one(&site, &[]), ("imported".into(), "new".into()));
    assert!(site.root(TREE).join("boot.cfg").exists());
    assert!(site.read(MENU).contains("\nlabel esxi5.5\n"));
    assert!(site.read(".pxe-import/esxi5.5.json").contains("\"media\": true"));
    assert_eq!(one(&site, &[]), ("unchanged".into(), String::new()));
    let text = site.done(&["refresh"]).stdout;
    assert_eq!(text, "esxi5.5  unchanged\n");
}

#[test]
fn ten_imports_that_have_not_changed_are_left_without_a_write() {
    let entry = |n| {
        format!("[[media]]\nname = \"lab{n}\"\nimages = [\"../*.iso\"]\ndir = \"esxi/lab{n}\"\n")
    };
    let site = site(&(0..10).map(entry).collect::<String>());
    site.disc(esxi::esxi55);
    let first = site.json(&["refresh", "--settle", "0s"]);
    let all = |document: &Value, action: &str| {
        let imports = document["imports"].as_array().expect("a list");
        assert_eq!(imports.len(), 10);
        assert!(imports.iter().all(|import| import["action"] == action), "{document}");
    };
    all(&first, "imported");
    fs::remove_file(site.root(".pxe-import/lock")).expect("removed");
    let before = stamps(&site.root(""));
    assert!(before.len() > 700);
    all(&site.json(&["refresh", "--settle", "0s"]), "unchanged");
    site.done(&["refresh", "--prune"]);
    assert_eq!(stamps(&site.root("")), before);
}

#[test]
fn an_image_that_changed_in_size_time_or_descriptors_is_imported_again() {
    let site = site(ESXI);
    let iso = site.disc(esxi::esxi55);
    set_age(&site, iso, 1000);
    one(&site, &[]);
    let modified = fs::metadata(site.path(iso)).and_then(|meta| meta.modified()).expect("a time");
    let as_before = |name: &str| {
        let file = fs::File::options().write(true).open(site.path(name)).expect("open");
        file.set_modified(modified).expect("set");
    };
    let again = |why: &str| {
        let (action, reason) = one(&site, &[]);
        assert_eq!(action, "re-imported");
        assert!(reason.contains(iso) && reason.ends_with(why), "{reason}");
        assert_eq!(one(&site, &[]).0, "unchanged");
    };

    let mut bytes = fs::read(site.path(iso)).expect("there");
    bytes.extend([0; 2048]);
    site.write(iso, &bytes);
    as_before(iso);
    again("its size has changed");

    bytes[32_768 + 700] ^= 1;
    site.write(iso, &bytes);
    as_before(iso);
    again("it holds another volume");

    // The same bytes in another file.
    site.write("other", &bytes);
    as_before("other");
    fs::rename(site.path("other"), site.path(iso)).expect("renamed");
    assert_eq!(one(&site, &[]).0, "unchanged");

    set_age(&site, iso, 500);
    again("it has been written to");
}

#[test]
fn what_changed_on_the_disc_is_served() {
    let site = site(ESXI);
    let iso = site.disc(esxi::esxi55);
    set_age(&site, iso, 1000);
    one(&site, &[]);
    site.changed(iso, esxi::esxi55, |tree, _| {
        tree.text("new.v00", "new");
    });
    assert_eq!(one(&site, &[]).0, "re-imported");
    assert_eq!(site.read(&format!("{TREE}/new.v00")), "new");
}

#[test]
fn another_list_of_images_is_imported() {
    let media = |images: &str| {
        format!("[[media]]\nname = \"centos6.8\"\nimages = [\"../CentOS-6.8-{images}\"]\n")
    };
    let site = site(&media("x86_64-bin-DVD1.iso"));
    let (_, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    one(&site, &[]);
    settings(&site, &media("*DVD*.iso"));
    assert_eq!(one(&site, &[]), ("re-imported".into(), "other images".into()));
    let record: Value =
        serde_json::from_str(&site.read(".pxe-import/centos6.8.json")).expect("JSON");
    let images = record["images"].as_array().expect("a list");
    assert_eq!(images.len(), 2);
    assert!(images[1]["path"].as_str().expect("a path").ends_with(dvd2), "{record}");
    assert_eq!(one(&site, &[]).0, "unchanged");
}

#[test]
fn another_option_or_answer_is_imported() {
    let site = site(&format!("{ESXI}answer = \"ks.cfg\"\n"));
    site.disc(esxi::esxi55);
    site.write("root/ks.cfg", "accepteula\n");
    let json = site.json(&["refresh", "--settle", "0s"]);
    assert_eq!(json["imports"][0]["action"], "imported");
    assert_eq!(json["warnings"][0]["code"], "answer-is-public");
    assert_eq!(json["imports"][0]["report"]["warnings"], json["warnings"]);
    assert_eq!(one(&site, &[]).0, "unchanged");

    site.write("root/ks.cfg", "accepteulb\n");
    let (action, reason) = one(&site, &[]);
    assert_eq!(action, "re-imported");
    assert!(reason.ends_with("root/ks.cfg has changed"), "{reason}");
    assert_eq!(site.read(&format!("{TREE}/ks.cfg")), "accepteulb\n");
    assert_eq!(one(&site, &[]).0, "unchanged");

    settings(&site, &format!("{ESXI}answer = \"ks.cfg\"\narg = [\"debug\"]\nlabel = \"L\"\n"));
    assert_eq!(one(&site, &[]), ("re-imported".into(), "other options (arg, label)".into()));
    assert!(site.read(MENU).contains("menu label L\n"));
    assert_eq!(one(&site, &[]).0, "unchanged");

    // However the root is spelt.
    let root = site.root("");
    let root = root.to_str().expect("UTF-8");
    assert_eq!(one(&site, &["--root", root]).0, "unchanged");
    std::os::unix::fs::symlink("root", site.path("alias")).expect("made");
    assert_eq!(one(&site, &["--root", "alias"]), ("unchanged".into(), String::new()));
}

#[test]
fn a_server_that_is_told_of_later_is_rendered_without_media() {
    let site = Site::new();
    site.write("root/pxe-import.toml", ESXI);
    site.disc(esxi::esxi55);
    assert_eq!(one(&site, &[]).0, "imported");
    assert_eq!(one(&site, &[]).0, "unchanged");
    site.write("root/pxe-import.toml", format!("server = \"http://a/sub\"\n{ESXI}"));
    let cfg = format!("{TREE}/boot.cfg");
    assert!(site.read(&cfg).contains("prefix=/esxi/5.5/"), "{}", site.read(&cfg));
    let report = site.json(&["refresh"]);
    assert_eq!(report["imports"][0]["action"], "unchanged");
    let files: Vec<_> =
        report["rendered"].as_array().expect("a list").iter().map(|one| &one["path"]).collect();
    let uefi = "wwwroot/pxefiles/uefi.ipxe";
    assert_eq!(files, [&cfg, &format!("{TREE}/efi/boot/boot.cfg"), uefi]);
    assert!(site.read(&cfg).contains("prefix=http://a/sub/esxi/5.5/"), "{}", site.read(&cfg));
    site.done(&["check"]);
    let before = state(&site.root(""));
    assert_eq!(site.json(&["refresh"])["rendered"], serde_json::json!([]));
    assert_still(&site.root(""), &before);
}

#[test]
fn a_tree_that_is_gone_is_imported_again() {
    let site = site(ESXI);
    site.disc(esxi::esxi55);
    one(&site, &[]);
    fs::remove_dir_all(site.root(TREE)).expect("removed");
    assert_eq!(one(&site, &[]), ("re-imported".into(), format!("{TREE} is gone")));
    assert!(site.root(TREE).join("boot.cfg").exists());
}

/// Three entries, the second of which fails.
fn three() -> Site {
    let site = site(
        "[[media]]\nname = \"centos6.8\"\nimages = [\"../CentOS*.iso\"]\n\
         [[media]]\nname = \"broken\"\nimages = [\"../broken.iso\"]\n\
         [[media]]\nname = \"esxi5.5\"\nimages = [\"../VMware*.iso\"]\n",
    );
    site.disc(centos::dvd1);
    site.disc(esxi::esxi55);
    site.write("broken.iso", vec![0; 1 << 20]);
    site
}

#[test]
fn one_failure_does_not_stop_the_others() {
    let site = three();
    let ran = site.run(&["refresh", "--settle", "0s", "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(json["schema"], 1);
    assert!(json["seconds"].is_f64() && json["warnings"].is_array());
    let imports = json["imports"].as_array().expect("a list");
    let of = |key: &str| imports.iter().map(|one| one[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("name"), ["centos6.8", "broken", "esxi5.5"]);
    assert_eq!(of("action"), ["imported", "failed", "imported"]);
    assert_eq!(imports[0]["error"], Value::Null);
    assert_eq!(imports[0]["report"]["target"], "wwwroot/yum/CentOS6.8");
    assert_eq!(imports[1]["report"], Value::Null);
    assert_eq!(imports[1]["error"]["kind"], "not-an-image");
    assert!(imports[1]["error"]["path"].as_str().expect("a path").ends_with("broken.iso"));
    site.assert_nothing_staged();

    let quiet = site.run(&["--quiet", "refresh", "--settle", "0s"]);
    assert_eq!((quiet.code, quiet.stdout), (Some(1), String::new()));
    let lines: Vec<_> = quiet.stderr.lines().collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("error: broken: ") && lines[0].contains("broken.iso"));
}

#[test]
fn only_what_is_named_is_refreshed() {
    let site = three();
    assert_eq!(one(&site, &["esxi5.5"]), ("imported".into(), "new".into()));
    assert!(!site.root("wwwroot/yum").exists());
    let error = site.fails(2, &["refresh", "esxi5.5", "nobody"]);
    assert!(error.contains("no [[media]] entry of pxe-import.toml is named 'nobody'"), "{error}");
}

#[test]
fn a_pattern_that_matches_nothing_is_a_failure() {
    let site = site(ESXI);
    let before = stamps(&site.root(""));
    let ran = site.run(&["refresh"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("\"../*5.5*.iso\" matches nothing"), "{}", ran.stdout);
    assert_eq!(stamps(&site.root("")), before);
}

#[test]
fn quiet_tells_news_only() {
    let site = site(ESXI);
    let iso = site.disc(esxi::esxi55);
    let quiet = || site.done(&["--quiet", "refresh", "--settle", "0s"]);
    let ran = quiet();
    assert_eq!(ran.stdout, "");
    assert_eq!(
        ran.stderr.lines().collect::<Vec<_>>(),
        ["imported esxi5.5: new: 70 files, 50.4 KiB in wwwroot/esxi/5.5"]
    );
    let ran = quiet();
    assert_eq!((ran.stdout, ran.stderr), (String::new(), String::new()));
    set_age(&site, iso, 500);
    assert!(quiet().stderr.starts_with("re-imported esxi5.5: "));
    site.write("root/.pxe-import/esxi5.5.hold", "");
    let ran = quiet();
    assert_eq!((ran.stdout, ran.stderr), (String::new(), String::new()));
}

#[test]
fn a_held_import_is_left_alone_until_it_is_imported_by_hand() {
    let site = site(ESXI);
    let iso = site.disc(esxi::esxi55);
    site.write("root/.pxe-import/esxi5.5.hold", "");
    let text = site.done(&["refresh", "--settle", "0s"]).stdout;
    assert!(text.starts_with("esxi5.5  held  "), "{text}");
    assert!(!site.root(TREE).exists());
    site.done(&["--dry-run", "esxi5.5", iso]);
    assert!(site.root(".pxe-import/esxi5.5.hold").exists());
    site.done(&["esxi5.5", iso]);
    assert!(!site.root(".pxe-import/esxi5.5.hold").exists());
    assert_eq!(one(&site, &[]).0, "unchanged");
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let site = site(ESXI);
    let iso = site.disc(esxi::esxi55);
    let before = stamps(&site.root(""));
    let line = ["--dry-run", "refresh", "--settle", "0s"];
    let text = site.done(&line).stdout;
    assert!(text.starts_with("esxi5.5  would import  new: 70 files, "), "{text}");
    assert_eq!(stamps(&site.root("")), before);
    one(&site, &[]);
    set_age(&site, iso, 500);
    let before = stamps(&site.root(""));
    assert!(site.done(&line).stdout.starts_with("esxi5.5  would re-import  "));
    assert_eq!(stamps(&site.root("")), before);
}

#[test]
fn settings_without_media_give_nothing_to_do() {
    let site = Site::new();
    fs::create_dir(site.root("")).expect("made");
    let text = site.done(&["refresh"]).stdout;
    assert_eq!(text, "nothing to refresh: there is no [[media]] in root/pxe-import.toml\n");
    assert_eq!(fs::read_dir(site.root("")).expect("a directory").count(), 0);
}

#[test]
fn what_a_kill_has_left_is_finished_although_nothing_has_changed() {
    let site = site(ESXI);
    site.disc(esxi::esxi55);
    one(&site, &[]);
    let whole = state(&site.root(""));
    // Of an import that never came to its exchange.
    site.write("root/.pxe-import/esxi5.5.next/record.json", site.read(".pxe-import/esxi5.5.json"));
    assert_eq!(one(&site, &["--dry-run"]).0, "unchanged");
    assert!(site.root(".pxe-import/esxi5.5.next").exists());
    assert_eq!(one(&site, &[]).0, "unchanged");
    assert_still(&site.root(""), &whole);
}

#[test]
fn an_image_that_two_patterns_spell_differently_is_given_once() {
    let images = "[\"../*5.5*.iso\", \"../iso/../*5.5*.iso\"]";
    let site = site(&format!("[[media]]\nname = \"esxi5.5\"\nimages = {images}\n"));
    site.disc(esxi::esxi55);
    fs::create_dir(site.path("iso")).expect("made");
    assert_eq!(one(&site, &[]).0, "imported");
    assert_eq!(one(&site, &[]).0, "unchanged");
}
