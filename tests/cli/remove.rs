//! `remove`: an import goes, what its administrator has put there stays.

use std::fs;
use std::os::unix::fs::symlink;

use pxe_import_fixtures::family::{centos, esxi, winpe};

use crate::listing::{State, assert_still, state};
use crate::site::{MENU, Site};

const TREE: &str = "wwwroot/esxi/5.5";

/// A site with ESXi imported.
fn imported() -> Site {
    let site = Site::new();
    site.done(&["esxi5.5", site.disc(esxi::esxi55)]);
    site
}

/// What there is of the import in its site.
fn assert_gone(site: &Site) {
    assert_eq!(site.names("root/.pxe-import"), ["lock", "staging"]);
    site.assert_nothing_staged();
    assert_eq!(site.names("root/wwwroot"), ["pxefiles"]);
    assert_eq!(site.names("root/wwwroot/pxefiles"), ["pxelinux.cfg"]);
    assert!(!site.read(MENU).contains("esxi"), "{}", site.read(MENU));
}

#[test]
fn nothing_of_an_import_is_left_and_twice_is_fine() {
    let site = imported();
    let files = state(&site.root(TREE)).len();
    let report = site.json(&["remove", "esxi5.5"]);
    assert_gone(&site);
    assert_eq!(report["schema"], 1);
    assert_eq!(report["target"], TREE);
    assert!(report["files"].as_u64().expect("a number") > 50 && files > 50, "{report}");
    assert_eq!(report["kept"], serde_json::json!([]));
    assert_eq!(report["menu"][0]["label"], "esxi5.5");
    assert_eq!(report["menu"][0]["removed"], true);
    assert_eq!(report["held"], false);
    assert_eq!(report["warnings"], serde_json::json!([]));

    let ran = site.done(&["remove", "esxi5.5"]);
    assert_eq!(ran.stdout, "nothing to remove: there is no import esxi5.5\n");
    assert!(ran.stderr.contains("'pxe-import list'"), "{}", ran.stderr);
    assert_gone(&site);
    // And it comes back as it was.
    site.done(&["esxi5.5", site.disc(esxi::esxi55)]);
    assert!(site.read(MENU).contains("\nlabel esxi5.5\n"));
}

#[test]
fn removing_from_no_root_makes_none() {
    let site = Site::new();
    site.done(&["remove", "esxi5.5"]);
    assert!(!site.root("").exists());
    site.fails(2, &["remove", "../esxi5.5"]);
}

#[test]
fn a_dry_run_says_what_would_go_and_changes_nothing() {
    let site = imported();
    site.write(&format!("root/{TREE}/ks.cfg"), "by hand\n");
    let before = state(&site.root(""));
    let ran = site.done(&["remove", "esxi5.5", "--dry-run"]);
    assert!(ran.stdout.starts_with("would remove esxi5.5 from wwwroot/esxi/5.5: "), "{ran:?}");
    assert!(ran.stdout.contains("  kept:    ks.cfg (foreign)\n"), "{ran:?}");
    assert_still(&site.root(""), &before);
}

#[test]
fn foreign_and_edited_files_stay_where_they_are_and_force_takes_them() {
    let site = imported();
    site.write(&format!("root/{TREE}/ks.cfg"), "by hand\n");
    site.chmod(&format!("root/{TREE}/ks.cfg"), 0o640);
    site.write(&format!("root/{TREE}/upgrade/notes/today.txt"), "by hand\n");
    symlink("ks.cfg", site.root(TREE).join("latest.cfg")).expect("a link");
    site.write(&format!("root/{TREE}/boot.cfg"), "edited\n");
    let report = site.json(&["remove", "esxi5.5"]);
    let kept: Vec<_> = report["kept"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|kept| format!("{} {}", kept["path"], kept["reason"]).replace('"', ""))
        .collect();
    let expected = [
        "boot.cfg edited",
        "ks.cfg foreign",
        "latest.cfg foreign",
        "upgrade/notes/today.txt foreign",
    ];
    assert_eq!(kept, expected);
    let mut there: Vec<_> = state(&site.root(TREE)).into_keys().collect();
    there.retain(|path| !path.is_empty());
    let left =
        ["boot.cfg", "ks.cfg", "latest.cfg", "upgrade", "upgrade/notes", "upgrade/notes/today.txt"];
    assert_eq!(there, left);
    assert_eq!(site.read(&format!("{TREE}/boot.cfg")), "edited\n");
    assert_eq!(site.mode(&format!("{TREE}/ks.cfg")), 0o640);
    assert_eq!(site.names("root/.pxe-import"), ["lock", "staging"]);
    assert!(site.root("wwwroot/pxefiles/esxi").is_symlink(), "the directory is still there");
    site.assert_nothing_staged();

    // What is there now is nobody's import.
    let error = site.fails(1, &["esxi5.5", site.disc(esxi::esxi55)]);
    assert!(error.contains("was not imported by this program"), "{error}");

    let site = imported();
    site.write(&format!("root/{TREE}/ks.cfg"), "by hand\n");
    site.write(&format!("root/{TREE}/boot.cfg"), "edited\n");
    let report = site.json(&["remove", "esxi5.5", "--force"]);
    assert_eq!(report["kept"], serde_json::json!([]));
    assert_gone(&site);
}

#[test]
fn a_single_file_goes_unless_it_was_edited() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    site.done(&["win8pe", iso]);
    site.json(&["remove", "win8pe"]);
    assert_eq!(site.names("root/wwwroot"), ["pxefiles"]);
    site.done(&["win8pe", iso]);
    site.write("root/wwwroot/windows/win8pe.iso", "another\n");
    let report = site.json(&["remove", "win8pe"]);
    assert_eq!(report["kept"][0]["path"], "windows/win8pe.iso");
    assert_eq!(site.read("wwwroot/windows/win8pe.iso"), "another\n");
    assert_eq!(site.names("root/.pxe-import"), ["lock", "staging"]);
}

#[test]
fn an_edited_block_stays_and_leads_nowhere_unless_forced() {
    for force in [false, true] {
        let site = imported();
        let edited = site.read(MENU).replace("/esxi/5.5/mboot.c32", "/mine.c32");
        site.write(&format!("root/{MENU}"), &edited);
        let mut line = vec!["remove", "esxi5.5"];
        line.extend(force.then_some("--force"));
        let ran = site.done(&line);
        assert_eq!(site.read(MENU).contains("/mine.c32"), !force);
        assert_eq!(ran.stderr.contains("leads nowhere now"), !force, "{}", ran.stderr);
        assert!(!site.root(TREE).exists());
    }
}

#[test]
fn a_label_of_the_administrators_that_leads_into_the_tree_is_named() {
    let site = imported();
    let own = format!("{}\nlabel mine\nkernel /esxi/5.5/mboot.c32\n", site.read(MENU));
    site.write(&format!("root/{MENU}"), &own);
    let ran = site.done(&["remove", "esxi5.5"]);
    assert!(ran.stderr.contains("your label mine leads into the tree"), "{}", ran.stderr);
    assert!(site.read(MENU).ends_with("label mine\nkernel /esxi/5.5/mboot.c32\n"));
}

#[test]
fn what_another_import_needs_stays() {
    let site = imported();
    site.done(&["esxi7.0", site.disc(esxi::esxi70)]);
    let before = state(&site.root("wwwroot/esxi/7.0"));
    site.done(&["remove", "esxi5.5"]);
    assert_still(&site.root("wwwroot/esxi/7.0"), &before);
    assert!(site.root("wwwroot/pxefiles/esxi").is_symlink());
    assert!(site.read(MENU).contains("\nlabel esxi7.0\n"));
    site.done(&["remove", "esxi7.0"]);
    assert_gone(&site);
}

#[test]
fn a_link_of_the_administrators_stays() {
    let site = Site::new();
    fs::create_dir_all(site.root("wwwroot/pxefiles")).expect("made");
    fs::create_dir_all(site.root("wwwroot/esxi")).expect("made");
    let to = site.root("wwwroot/esxi").canonicalize().expect("there");
    symlink(to, site.root("wwwroot/pxefiles/esxi")).expect("a link");
    site.done(&["esxi5.5", site.disc(esxi::esxi55)]);
    site.done(&["remove", "esxi5.5"]);
    assert!(site.root("wwwroot/pxefiles/esxi").is_symlink());
    assert!(!site.root(TREE).exists());
}

#[test]
fn what_the_settings_name_is_removed_with_a_hold_only() {
    let site = imported();
    let settings = "# ours\n[[media]]\nimages = [\"a.iso\"]\nname = \"esxi5.5\"\n";
    site.write("root/pxe-import.toml", settings);
    let before = state(&site.root(""));
    let error = site.fails(1, &["remove", "esxi5.5"]);
    assert!(error.contains("pxe-import.toml: line 4: "), "{error}");
    assert!(error.contains("--hold"), "{error}");
    assert_still(&site.root(""), &before);
    let report = site.json(&["remove", "esxi5.5", "--hold"]);
    assert_eq!(report["held"], true);
    assert_eq!(site.names("root/.pxe-import"), ["esxi5.5.hold", "lock", "staging"]);
    // The hold stands: twice is fine.
    let ran = site.done(&["remove", "esxi5.5"]);
    assert!(ran.stdout.ends_with("; refresh leaves it alone\n"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_tree_that_was_deleted_by_hand_leaves_entry_and_record_to_remove() {
    let site = imported();
    fs::remove_dir_all(site.root("wwwroot/esxi")).expect("removed");
    let report = site.json(&["remove", "esxi5.5"]);
    assert_eq!(report["files"], 0);
    assert_gone(&site);
}

#[test]
fn a_link_in_the_place_of_the_tree_is_never_followed() {
    let site = imported();
    fs::rename(site.root(TREE), site.path("elsewhere")).expect("moved");
    symlink(site.path("elsewhere").canonicalize().expect("there"), site.root(TREE))
        .expect("a link");
    let (elsewhere, before) = (state(&site.path("elsewhere")), state(&site.root("")));
    for line in [&["remove", "esxi5.5"][..], &["remove", "esxi5.5", "--force"]] {
        let error = site.fails(1, line);
        assert!(error.contains("esxi/5.5: is a link"), "{error}");
        assert_still(&site.root(""), &before);
    }
    // A link above it that leads out of the root is none to follow, either.
    fs::remove_file(site.root(TREE)).expect("removed");
    fs::remove_dir(site.root("wwwroot/esxi")).expect("empty");
    fs::create_dir(site.path("out")).expect("made");
    fs::rename(site.path("elsewhere"), site.path("out/5.5")).expect("moved");
    symlink(site.path("out").canonicalize().expect("there"), site.root("wwwroot/esxi"))
        .expect("a link");
    let error = site.fails(1, &["remove", "esxi5.5", "--force"]);
    assert!(error.contains("leads out of"), "{error}");
    assert_still(&site.path("out/5.5"), &elsewhere);
}

#[test]
fn without_its_meta_a_tree_is_removed_by_force_only() {
    let site = imported();
    fs::remove_file(site.root(".pxe-import/esxi5.5.meta")).expect("removed");
    let before = state(&site.root(""));
    let error = site.fails(1, &["remove", "esxi5.5"]);
    assert!(error.contains("--force"), "{error}");
    assert_still(&site.root(""), &before);
    site.done(&["remove", "esxi5.5", "--force"]);
    assert_gone(&site);
}

#[test]
fn a_kill_at_any_step_is_finished_by_the_next_run() {
    let site = Site::new();
    let iso = site.disc(centos::dvd1);
    let other = site.disc(esxi::esxi55);
    let import = ["--server", "a", "--dir", "yum/x", "x", iso];
    for foreign in [false, true] {
        for n in (1..20).chain((20..).step_by(31)) {
            site.done(&import);
            let tree = state(&site.root("wwwroot/yum/x"));
            if foreign {
                site.write("root/wwwroot/yum/x/Packages/ks.cfg", "by hand\n");
            }
            let Some(done) = site.killed_at(n, &["remove", "x"]) else {
                eprintln!("skipped: needs strace");
                return;
            };
            // Whole with its record, or gone; and no entry leads into a tree that is gone.
            let live = site.root("wwwroot/yum/x");
            let now = if live.exists() { state(&live) } else { State::new() };
            let whole = tree.iter().all(|(path, what)| now.get(path) == Some(what));
            let entry = site.read(MENU).contains("label x\n");
            assert!(whole || !entry, "{n}: the entry leads nowhere");
            if foreign {
                assert!(site.root("wwwroot/yum/x/Packages/ks.cfg").exists(), "{n}");
            }
            if whole && !done {
                assert!(site.root(".pxe-import/x.json").exists(), "{n}");
            }
            // Any run that writes finishes it, if it was begun.
            let begun = site.root(".pxe-import/x.next/remove.json").exists();
            site.done(&["esxi5.5", other]);
            if begun {
                assert!(!site.root(".pxe-import/x.json").exists(), "{n}");
            }
            site.done(&["remove", "x"]);
            site.assert_nothing_staged();
            assert!(!site.root(".pxe-import/x.next").exists(), "{n}");
            assert_eq!(site.root("wwwroot/yum/x").exists(), foreign, "{n}");
            if foreign {
                assert_eq!(site.read("wwwroot/yum/x/Packages/ks.cfg"), "by hand\n");
                assert_eq!(state(&site.root("wwwroot/yum/x")).len(), 2, "{n}");
                fs::remove_dir_all(site.root("wwwroot/yum")).expect("removed");
            } else {
                assert_eq!(site.names("root/wwwroot/pxefiles"), ["esxi", "pxelinux.cfg"], "{n}");
            }
            if done {
                assert!(n > 10, "it was killed now and then");
                break;
            }
        }
    }
}

#[test]
fn a_pipe_in_the_tree_is_refused_before_the_menu_is_touched() {
    let site = imported();
    let pipe = site.root(TREE).join("pipe");
    let mode = rustix::fs::Mode::from_raw_mode(0o644);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).expect("made");
    let before = state(&site.root(""));
    let error = site.fails(1, &["remove", "esxi5.5"]);
    assert!(error.contains("pipe: is neither file, directory nor link"), "{error}");
    assert_still(&site.root(""), &before);
    site.done(&["remove", "esxi5.5", "--force"]);
    assert_gone(&site);
}
