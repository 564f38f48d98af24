//! `entry`: any number of entries on one tree.

use std::fs;

use pxe_import_fixtures::family::{centos, esxi, winpe};
use serde_json::Value;

use crate::listing::{assert_still, state};
use crate::site::{MENU, Site};

const TREE: &str = "wwwroot/yum/CentOS6.8";

/// A site with a CentOS import, `centos6.8`.
fn imported() -> Site {
    let site = Site::new();
    site.write("root/pxe-import.toml", "server = \"192.168.4.6\"\n");
    let discs = [site.disc(centos::dvd1), site.disc(centos::dvd2)];
    site.done(&["centos6.8", discs[0], discs[1]]);
    site.write("ks.cfg", "install\ntext\n");
    site
}

fn labels(site: &Site) -> Vec<String> {
    let report = site.json(&["entry", "list"]);
    let label = |entry: &Value| entry["label"].as_str().expect("text").to_owned();
    report["entries"].as_array().expect("a list").iter().map(label).collect()
}

#[test]
fn an_entry_gets_a_block_and_an_answer_file_of_its_own() {
    let site = imported();
    let report =
        site.json(&["entry", "add", "centos6.8", "web", "--answer", "ks.cfg", "--arg", "x=1"]);
    let entry = &report["entries"][0];
    assert_eq!(entry["label"], "web");
    assert_eq!(entry["tree"], "centos6.8");
    assert_eq!(entry["answer"], format!("{TREE}/ks-web.cfg"));
    assert_eq!(site.read(&format!("{TREE}/ks-web.cfg")), "install\ntext\n");
    let menu = site.read(MENU);
    let block = menu.split("# pxe-import begin web\n").nth(1).expect("a block");
    assert!(
        block.contains("ks=http://192.168.4.6/yum/CentOS6.8/ks-web.cfg ksdevice=bootif x=1\n"),
        "{menu}"
    );
    assert_eq!(labels(&site), ["centos6.8", "web"]);
    assert_eq!(site.json(&["check"])["imports"][0]["state"], "ok");
    let sums = site.read(".pxe-import/centos6.8.b3");
    assert!(sums.contains("  ks-web.cfg\n"), "{sums}");
}

#[test]
fn an_import_again_keeps_entries_and_their_answers() {
    let site = imported();
    site.done(&["entry", "add", "centos6.8", "web", "--answer", "ks.cfg"]);
    site.done(&["entry", "add", "centos6.8", "db", "--label", "Databases", "--arg", "y"]);
    fs::remove_file(site.path("ks.cfg")).expect("removed");
    let menu = site.read(MENU);
    let report = site.json(&[
        "centos6.8",
        centos::dvd1(pxe_import_fixtures::family::Size::Small).file_name,
        centos::dvd2(pxe_import_fixtures::family::Size::Small).file_name,
    ]);
    assert_eq!(report["warnings"].as_array().map(Vec::len), Some(1), "{report}");
    assert_eq!(report["warnings"][0]["code"], "media-urls");
    assert_eq!(site.read(MENU), menu);
    assert_eq!(labels(&site), ["centos6.8", "web", "db"]);
    assert_eq!(site.read(&format!("{TREE}/ks-web.cfg")), "install\ntext\n");
    site.done(&["check"]);
}

#[test]
fn an_answer_that_was_edited_where_it_is_served_stays_edited() {
    let site = imported();
    site.done(&["entry", "add", "centos6.8", "web", "--answer", "ks.cfg"]);
    site.write(&format!("root/{TREE}/ks-web.cfg"), "install\nmine\n");
    let size = pxe_import_fixtures::family::Size::Small;
    site.done(&["centos6.8", centos::dvd1(size).file_name, centos::dvd2(size).file_name]);
    assert_eq!(site.read(&format!("{TREE}/ks-web.cfg")), "install\nmine\n");
    assert!(!site.root(TREE).join("ks-web.cfg.pxe-save").exists());
    site.done(&["render"]);
    assert_eq!(site.read(&format!("{TREE}/ks-web.cfg")), "install\nmine\n");
}

#[test]
fn adding_again_replaces_and_removing_takes_block_and_answer() {
    let site = imported();
    let before = site.read(MENU);
    site.done(&["entry", "add", "centos6.8", "web", "--answer", "ks.cfg"]);
    site.done(&["entry", "add", "centos6.8", "web", "--arg", "z"]);
    assert!(!site.root(TREE).join("ks-web.cfg").exists());
    assert_eq!(site.read(MENU).matches("label web\n").count(), 1);
    assert!(site.read(MENU).contains(" z\n"));
    site.done(&["entry", "add", "centos6.8", "web", "--answer", "ks.cfg"]);
    let ran = site.done(&["entry", "remove", "web"]);
    assert!(ran.stdout.starts_with("removed the entry web\n"), "{}", ran.stdout);
    assert_eq!(site.read(MENU), before);
    assert!(!site.root(TREE).join("ks-web.cfg").exists());
    site.done(&["check"]);
}

#[test]
fn an_edited_answer_outlives_its_entry_unless_forced() {
    let site = imported();
    for force in [false, true] {
        site.done(&["entry", "add", "centos6.8", "web", "--answer", "ks.cfg"]);
        site.write(&format!("root/{TREE}/ks-web.cfg"), "mine\n");
        let ran = match force {
            false => site.done(&["entry", "remove", "web"]),
            true => site.done(&["entry", "remove", "web", "--force"]),
        };
        assert_eq!(site.root(TREE).join("ks-web.cfg").exists(), !force);
        assert_eq!(ran.stderr.contains("edited by hand"), !force, "{}", ran.stderr);
        let _ = fs::remove_file(site.root(TREE).join("ks-web.cfg"));
    }
}

#[test]
fn a_renamed_entry_keeps_its_place_and_its_answer() {
    let site = imported();
    site.done(&["entry", "add", "centos6.8", "web", "--answer", "ks.cfg", "--label", "Web"]);
    site.done(&["entry", "add", "centos6.8", "db"]);
    let before = site.read(MENU);
    site.done(&["entry", "rename", "web", "www"]);
    let wanted = before
        .replace("begin web", "begin www")
        .replace("end web", "end www")
        .replace("label web", "label www")
        .replace("ks-web.cfg", "ks-www.cfg");
    assert_eq!(site.read(MENU), wanted);
    assert!(!site.root(TREE).join("ks-web.cfg").exists());
    assert_eq!(site.read(&format!("{TREE}/ks-www.cfg")), "install\ntext\n");
    site.done(&["check"]);
}

#[test]
fn the_imports_own_entry_can_be_renamed_and_removed_for_good() {
    let site = imported();
    let size = pxe_import_fixtures::family::Size::Small;
    let import = ["centos6.8", centos::dvd1(size).file_name, centos::dvd2(size).file_name];
    site.done(&["entry", "rename", "centos6.8", "main"]);
    site.done(&import);
    assert_eq!(labels(&site), ["main"]);
    assert!(!site.read(MENU).contains("label centos6.8"));
    site.done(&["entry", "remove", "main"]);
    site.done(&import);
    assert_eq!(labels(&site), Vec::<String>::new());
    site.done(&["entry", "add", "centos6.8", "centos6.8"]);
    assert_eq!(labels(&site), ["centos6.8"]);
    site.done(&["check"]);
}

#[test]
fn removing_the_tree_takes_all_its_entries() {
    let site = imported();
    let before = site.read(MENU);
    let without = before.split("# pxe-import begin").next().expect("a head").to_owned();
    site.done(&["entry", "add", "centos6.8", "web", "--answer", "ks.cfg"]);
    site.done(&["remove", "centos6.8"]);
    assert!(!site.read(MENU).contains("pxe-import begin"), "{}", site.read(MENU));
    assert!(site.read(MENU).starts_with(&without));
    assert!(!site.root(TREE).exists());
}

#[test]
fn a_label_is_one_of_a_kind_in_the_menu() {
    let site = imported();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let before = state(&site.root(""));
    for (tree, label, what) in [
        ("centos6.8", "esxi5.5", "of the import esxi5.5"),
        ("centos6.8", "centos6.8", "the entry of the import itself"),
        ("centos6.8", "local", "is there already and is not ours"),
    ] {
        let error = site.fails(1, &["entry", "add", tree, label]);
        assert!(error.contains(what), "{label}: {error}");
    }
    for (args, what) in [
        (["entry", "add", "nosuch", "a"], "there are centos6.8, esxi5.5"),
        (["entry", "add", "centos6.8", "a b"], "cannot be used"),
        (["entry", "rename", "nosuch", "a"], "there are centos6.8, esxi5.5"),
    ] {
        let error = site.fails(2, &args);
        assert!(error.contains(what), "{args:?}: {error}");
    }
    let error = site.fails(1, &["entry", "rename", "esxi5.5", "centos6.8"]);
    assert!(error.contains("of the import centos6.8"), "{error}");
    assert_still(&site.root(""), &before);
    site.done(&["entry", "add", "centos6.8", "web"]);
    let again = site.fails(1, &["web", iso, "--dir", "esxi/other"]);
    assert!(again.contains("entry web of the import centos6.8"), "{again}");
}

#[test]
fn a_file_of_the_discs_or_of_yours_is_not_overwritten_by_an_answer() {
    let site = imported();
    site.write(&format!("root/{TREE}/ks-web.cfg"), "mine\n");
    let error = site.fails(1, &["entry", "add", "centos6.8", "web", "--answer", "ks.cfg"]);
    assert!(error.contains("none of ours"), "{error}");
    assert_eq!(site.read(&format!("{TREE}/ks-web.cfg")), "mine\n");
}

#[test]
fn an_edited_block_is_not_renamed_and_a_dry_run_writes_nothing() {
    let site = imported();
    site.done(&["entry", "add", "centos6.8", "web"]);
    let before = state(&site.root(""));
    site.done(&["--dry-run", "entry", "add", "centos6.8", "db", "--answer", "ks.cfg"]);
    site.done(&["--dry-run", "entry", "rename", "web", "www"]);
    site.done(&["--dry-run", "entry", "remove", "web"]);
    assert_still(&site.root(""), &before);
    let edited = site.read(MENU).replace("label web\n", "label web\n    # mine\n");
    site.write(&format!("root/{MENU}"), &edited);
    let error = site.fails(1, &["entry", "rename", "web", "www"]);
    assert!(error.contains("has been edited"), "{error}");
    assert_eq!(site.read(MENU), edited);
    assert_eq!(site.json(&["entry", "list"])["entries"][1]["menu"], "edited");
}

#[test]
fn an_image_that_is_booted_whole_takes_entries_without_answers() {
    let site = Site::new();
    site.write("root/pxe-import.toml", "server = \"192.168.4.6\"\n");
    let iso = site.disc(winpe::win8pe);
    site.done(&["win8pe", iso]);
    site.write("ks.cfg", "x\n");
    let error = site.fails(1, &["entry", "add", "win8pe", "b", "--answer", "ks.cfg"]);
    assert!(error.contains("booted whole"), "{error}");
    site.done(&["entry", "add", "win8pe", "b", "--label", "The same again"]);
    assert_eq!(labels(&site), ["win8pe", "b"]);
    site.done(&["check"]);
}

#[test]
fn a_kill_at_any_step_leaves_the_entry_whole_or_not_there() {
    let mut killed = 0;
    for n in 1..40 {
        let site = imported();
        let args = ["entry", "add", "centos6.8", "web", "--answer", "ks.cfg"];
        let Some(done) = site.killed_at(n, &args) else {
            println!("skipped: needs strace");
            return;
        };
        if done {
            break;
        }
        killed += 1;
        // Any command that writes finishes or drops what was begun.
        site.done(&["entry", "add", "centos6.8", "other"]);
        let there = labels(&site).contains(&"web".to_owned());
        assert_eq!(site.root(TREE).join("ks-web.cfg").exists(), there, "step {n}");
        assert_eq!(site.read(MENU).contains("label web\n"), there, "step {n}");
        site.done(&["check"]);
    }
    assert!(killed > 5, "{killed}");
}

#[test]
fn a_host_keeps_booting_an_entry_that_is_renamed() {
    let site = imported();
    site.done(&["entry", "add", "centos6.8", "web"]);
    site.done(&["host", "52:54:00:12:34:56", "web"]);
    let ran = site.done(&["entry", "rename", "web", "www"]);
    assert_eq!(ran.stderr, "");
    let hosts = site.json(&["host", "list"]);
    assert_eq!(hosts["hosts"][0]["label"], "www", "{hosts}");
    assert!(site.read("wwwroot/pxefiles/host/52-54-00-12-34-56.cfg").starts_with("default www\n"));
}

#[test]
fn an_entry_that_a_new_tree_cannot_boot_is_taken_out_of_the_menu() {
    let site = Site::new();
    site.write("root/pxe-import.toml", "server = \"192.168.4.6\"\n");
    let name = site.disc(centos::dvd1);
    site.done(&["centos6.8", name]);
    site.done(&["entry", "add", "centos6.8", "web"]);
    site.changed(name, centos::dvd1, |tree, _| {
        tree.remove("images/pxeboot/vmlinuz");
    });
    let ran = site.done(&["--no-media-check", "centos6.8", name]);
    assert!(ran.stderr.contains("warning: web: is dropped"), "{}", ran.stderr);
    assert!(!site.read(MENU).contains("begin web"), "{}", site.read(MENU));
    assert_eq!(labels(&site), ["centos6.8"]);
}

#[test]
fn a_templates_answer_that_was_edited_stays_edited_under_a_new_label_and_after_an_import_again() {
    let site = imported();
    site.done(&["entry", "add", "centos6.8", "web", "--answer", "template"]);
    let edited = site.read(&format!("{TREE}/ks-web.cfg")) + "# mine\n";
    site.write(&format!("root/{TREE}/ks-web.cfg"), &edited);
    let size = pxe_import_fixtures::family::Size::Small;
    site.done(&["centos6.8", centos::dvd1(size).file_name, centos::dvd2(size).file_name]);
    site.done(&["render"]);
    assert_eq!(site.read(&format!("{TREE}/ks-web.cfg")), edited);
    site.done(&["entry", "rename", "web", "www"]);
    site.done(&["render"]);
    assert_eq!(site.read(&format!("{TREE}/ks-www.cfg")), edited);
    site.done(&["render", "--force", &format!("{TREE}/ks-www.cfg")]);
    assert!(!site.read(&format!("{TREE}/ks-www.cfg")).contains("mine"));
}

#[test]
fn a_machine_boots_the_same_entry_under_its_new_label() {
    let site = imported();
    site.done(&["entry", "add", "centos6.8", "web"]);
    site.done(&["host", "52:54:00:ab:cd:56", "web"]);
    let config = "wwwroot/pxefiles/host/52-54-00-ab-cd-56.cfg";
    let before = site.read(config);
    let ran = site.done(&["entry", "rename", "web", "www"]);
    assert!(!ran.stderr.contains("has the menu again"), "{}", ran.stderr);
    assert_eq!(site.read(config), before.replace("web", "www"));
    assert_eq!(site.done(&["host", "list"]).stdout, "52-54-00-ab-cd-56  www\n");
}

#[test]
fn no_entry_takes_a_word_that_the_menu_itself_uses() {
    let site = imported();
    let before = state(&site.root(""));
    for label in ["public-netboot", "vesamenu.c32"] {
        let error = site.fails(2, &["entry", "add", "centos6.8", label]);
        assert!(error.contains("has a meaning of its own"), "{error}");
        site.fails(2, &["entry", "rename", "centos6.8", label]);
    }
    assert!(state(&site.root("")) == before);
}
