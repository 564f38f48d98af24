//! `host`: what a machine boots without a menu.

use insta::assert_snapshot;
use pxe_import_fixtures::family::{esxi, ubuntu, winpe};
use serde_json::json;

use crate::site::{MENU, Site};

const SCRIPT: &str = "wwwroot/pxefiles/host/52-54-00-ab-cd-56.ipxe";
const CONFIG: &str = "wwwroot/pxefiles/host/52-54-00-ab-cd-56.cfg";

fn site() -> Site {
    let site = Site::new();
    site.write("root/pxe-import.toml", "server = \"192.168.4.6\"\n");
    site.done(&["ubuntu16.04", site.disc(ubuntu::server)]);
    site
}

#[test]
fn a_machine_boots_its_entry_by_bios_and_by_uefi() {
    let site = site();
    let ran = site.done(&["host", "52:54:00:AB:CD:56", "ubuntu16.04"]);
    assert_eq!(ran.stdout, "52-54-00-ab-cd-56 boots ubuntu16.04 without a menu\n");
    assert_snapshot!("script", site.read(SCRIPT));
    assert_snapshot!("config", site.read(CONFIG));
    assert_eq!(site.mode(SCRIPT), 0o644);
    let listed = site.json(&["host", "list"]);
    let line = json!([{ "mac": "52-54-00-ab-cd-56", "label": "ubuntu16.04", "known": true }]);
    assert_eq!(listed["hosts"], line);
    assert_eq!((&listed["schema"], &listed["action"]), (&json!(1), &json!("list")));
}

#[test]
fn memdisk_is_left_to_pxelinux() {
    let site = site();
    site.done(&["win8pe", site.disc(winpe::win8pe)]);
    site.done(&["host", "5254.00ab.cd56", "win8pe"]);
    assert!(site.read(CONFIG).contains("    kernel memdisk\n"), "{}", site.read(CONFIG));
    let script = site.read(SCRIPT);
    assert!(script.contains("\n:efi\necho win8pe boots by BIOS only.\n"), "{script}");
}

#[test]
fn an_unknown_label_names_those_that_there_are_and_no_address_is_made_up() {
    let site = site();
    let error = site.fails(2, &["host", "52:54:00:ab:cd:56", "ubuntu"]);
    assert!(error.contains("there is no entry 'ubuntu'; there are ubuntu16.04"), "{error}");
    let error = site.fails(2, &["host", "52:54:00:ab:cd", "ubuntu16.04"]);
    assert!(error.contains("52:54:00:12:34:56"), "{error}");
    assert!(!site.root("wwwroot/pxefiles/host").exists());
    site.done(&["host", "52:54:00:ab:cd:56", "ubuntu16.04", "--dry-run"]);
    assert!(!site.root("wwwroot/pxefiles/host").exists());
}

#[test]
fn a_machine_gets_its_menu_back_and_twice_is_a_warning() {
    let site = site();
    site.done(&["host", "52:54:00:ab:cd:56", "ubuntu16.04"]);
    site.done(&["host", "remove", "52:54:00:ab:cd:56", "--dry-run"]);
    assert!(site.root(SCRIPT).exists());
    let ran = site.done(&["host", "remove", "52-54-00-AB-CD-56"]);
    assert_eq!(ran.stdout, "52-54-00-ab-cd-56 has the menu again\n");
    assert!(!site.root(SCRIPT).exists() && !site.root(CONFIG).exists());
    let again = site.done(&["host", "remove", "52:54:00:ab:cd:56"]);
    assert_eq!(again.stdout, "");
    assert!(again.stderr.starts_with("warning: "), "{}", again.stderr);
    assert_eq!(site.done(&["host", "list"]).stdout, "every machine has the menu\n");
}

#[test]
fn a_script_made_by_hand_is_neither_replaced_nor_removed() {
    let site = site();
    site.write(&format!("root/{SCRIPT}"), "#!ipxe\nshell\n");
    for args in [
        &["host", "52:54:00:ab:cd:56", "ubuntu16.04"][..],
        &["host", "remove", "52:54:00:ab:cd:56"],
    ] {
        let error = site.fails(1, args);
        assert!(error.contains("by hand"), "{error}");
    }
    assert_eq!(site.read(SCRIPT), "#!ipxe\nshell\n");
    let listed = site.done(&["host", "list"]).stdout;
    assert_eq!(listed, "52-54-00-ab-cd-56  a script made by hand\n");
}

#[test]
fn a_machine_whose_entry_goes_is_told_of_and_has_the_menu_until_it_comes_back() {
    let site = site();
    let iso = site.disc(ubuntu::server);
    site.done(&["esxi5.5", site.disc(esxi::esxi55)]);
    site.done(&["host", "52:54:00:ab:cd:56", "ubuntu16.04"]);
    let script = site.read(SCRIPT);
    let ran = site.done(&["remove", "ubuntu16.04"]);
    assert!(
        ran.stderr.contains("52-54-00-ab-cd-56") && ran.stderr.contains("ubuntu16.04"),
        "{}",
        ran.stderr
    );
    assert!(
        site.read(SCRIPT).contains("no entry of this server any more"),
        "{}",
        site.read(SCRIPT)
    );
    assert!(!site.root(CONFIG).exists());
    let check = site.run(&["check", "--quick"]);
    assert!(
        check.stdout.contains("boots ubuntu16.04, which is no entry any more"),
        "{}",
        check.stdout
    );
    assert_eq!(
        site.done(&["host", "list"]).stdout,
        "52-54-00-ab-cd-56  ubuntu16.04 (no entry any more)\n"
    );
    site.done(&["ubuntu16.04", iso]);
    assert_eq!(site.read(SCRIPT), script);
    assert!(site.root(CONFIG).exists());
}

#[test]
fn a_block_edited_by_hand_is_what_the_machine_boots_by_bios() {
    let site = site();
    let menu = site.read(MENU).replace("    menu label", "    # ours\n    menu label");
    site.write(&format!("root/{MENU}"), menu);
    site.done(&["host", "52:54:00:ab:cd:56", "ubuntu16.04"]);
    assert!(site.read(CONFIG).contains("    # ours\n"), "{}", site.read(CONFIG));
}
