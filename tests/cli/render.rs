//! `render`: everything generated, again, from settings and records.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use pxe_import::lock::{Lock, Wait};
use pxe_import::monitor::Void;
use pxe_import_fixtures::family::{centos, esxi};
use serde_json::json;

use crate::listing::{assert_still, state};
use crate::site::{MENU, Site};

fn site(server: &str) -> Site {
    let site = Site::new();
    address(&site, server);
    site.write("ks.cfg", "install\n");
    let discs = [site.disc(centos::dvd1), site.disc(centos::dvd2)];
    site.done(&["centos6.8", "--answer", "ks.cfg", discs[0], discs[1]]);
    site.done(&["entry", "add", "centos6.8", "web", "--arg", "x"]);
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    for image in [discs[0], discs[1], iso, "ks.cfg"] {
        fs::remove_file(site.path(image)).expect("removed");
    }
    site
}

fn address(site: &Site, server: &str) {
    site.write("root/pxe-import.toml", format!("server = \"{server}\"\n"));
}

#[test]
fn another_address_reaches_every_menu_without_media() {
    let site = site("192.168.4.6");
    let before = site.read(MENU);
    address(&site, "http://10.0.0.1:8080/boot");
    let shown = site.done(&["render", "--diff"]);
    assert!(shown.stdout.contains("http://10.0.0.1:8080/boot/yum"), "{}", shown.stdout);
    assert_eq!(site.read(MENU), before);
    let ran = site.done(&["render"]);
    assert!(ran.stdout.contains("wrote wwwroot/esxi/5.5/boot.cfg"), "{}", ran.stdout);
    let menu = site.read(MENU);
    assert_eq!(menu, before.replace("http://192.168.4.6/", "http://10.0.0.1:8080/boot/"));
    let cfg = site.read("wwwroot/esxi/5.5/boot.cfg");
    assert!(cfg.contains("prefix=http://10.0.0.1:8080/boot/esxi/5.5/\n"), "{cfg}");
    site.done(&["check"]);
    let still = state(&site.root("wwwroot"));
    assert_eq!(site.json(&["render"])["files"], json!([]));
    assert_still(&site.root("wwwroot"), &still);
    address(&site, "192.168.4.6");
    site.done(&["render"]);
    assert_eq!(site.read(MENU), before);
    site.done(&["check"]);
}

#[test]
fn what_was_edited_is_kept_and_named() {
    let site = site("192.168.4.6");
    let edited = site.read(MENU).replace("label web\n", "label web\n    # mine\n");
    site.write(&format!("root/{MENU}"), &edited);
    let cfg = "wwwroot/esxi/5.5/boot.cfg";
    site.write(&format!("root/{cfg}"), site.read(cfg) + "# mine\n");
    address(&site, "http://10.0.0.1/boot");
    let report = site.json(&["render"]);
    let codes: Vec<_> =
        report["warnings"].as_array().expect("a list").iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&json!("menu-block-edited")), "{codes:?}");
    assert!(codes.contains(&&json!("edited-boot-cfg")), "{codes:?}");
    assert!(site.read(MENU).contains("    # mine\n"));
    assert!(site.read(cfg).contains("prefix=/esxi/5.5/\n"));
    site.done(&["render", "--force", cfg]);
    assert!(site.read(cfg).contains("prefix=http://10.0.0.1/boot/esxi/5.5/\n"));
}

#[test]
fn a_server_that_an_import_was_given_stays_its_own() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["--server", "http://a/x", "esxi5.5", iso]);
    address(&site, "http://b/y");
    assert_eq!(site.json(&["render"])["files"], json!([]));
    assert!(site.read("wwwroot/esxi/5.5/boot.cfg").contains("prefix=http://a/x/esxi/5.5/\n"));
}

#[test]
fn the_menu_of_uefi_clients_is_shown_kept_and_forced_like_all_others() {
    let site = site("192.168.4.6");
    let uefi = "wwwroot/pxefiles/uefi.ipxe";
    let ours = site.read(uefi);
    site.write(&format!("root/{uefi}"), "#!ipxe\n# mine\n");
    let ran = site.done(&["render"]);
    assert!(ran.stderr.contains(&format!("--force {uefi}")), "{}", ran.stderr);
    assert_eq!(site.read(uefi), "#!ipxe\n# mine\n");
    site.done(&["render", "--force", uefi]);
    assert_eq!(site.read(uefi), ours);
    let ran = site.done(&["render", "--force", "wwwroot/nosuch"]);
    assert!(ran.stderr.contains("nothing was forced"), "{}", ran.stderr);
    address(&site, "10.0.0.1");
    let shown = site.done(&["render", "--diff"]);
    assert!(shown.stdout.contains("chain http://10.0.0.1/esxi"), "{}", shown.stdout);
    assert_eq!(site.read(uefi), ours);
}

#[test]
fn a_root_that_is_not_there_is_not_made() {
    let site = Site::new();
    site.fails(1, &["render"]);
    site.fails(1, &["render", "--diff"]);
    assert!(!site.root("").exists());
}

#[test]
fn a_script_for_uefi_clients_that_is_gone_comes_back_and_is_told_of() {
    let site = site("192.168.4.6");
    let path = "wwwroot/pxefiles/uefi.ipxe";
    let script = site.read(path);
    fs::remove_file(site.root(path)).expect("removed");
    let shown = site.json(&["render", "--diff"]);
    assert_eq!(shown["files"][0]["path"], path);
    assert!(!site.root(path).exists());
    assert_eq!(site.json(&["refresh"])["rendered"][0]["path"], path);
    assert_eq!(site.read(path), script);
}

#[test]
fn a_run_that_waited_goes_by_the_settings_as_they_are_then() {
    let site = site("192.168.4.6");
    for line in [&["render"][..], &["entry", "add", "centos6.8", "late"]] {
        let held = Lock::acquire(&site.root(""), Wait::No, &Void).expect("free");
        let mut process = site.process(line);
        let mut child =
            process.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it runs");
        let mut said = String::new();
        let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
        while !said.contains("waiting for another") {
            assert!(stderr.read_line(&mut said).expect("text") > 0, "{said}");
        }
        address(&site, "10.9.9.9");
        drop(held);
        assert!(child.wait().expect("it ends").success());
        assert!(site.read(MENU).contains("http://10.9.9.9/yum"), "{line:?}");
        address(&site, "192.168.4.6");
        site.done(&["render"]);
        assert!(!site.read(MENU).contains("10.9.9.9"), "{line:?}");
    }
}

#[test]
fn what_the_warning_of_an_edited_script_proposes_writes_it_anew() {
    let site = site("192.168.4.6");
    site.write("loaders/pxelinux.0", "PXELINUX 6.04 PXE ");
    site.done(&["init", "--loaders", "loaders"]);
    site.done(&["host", "52:54:00:ab:cd:56", "web"]);
    for path in ["wwwroot/pxefiles/uefi.ipxe", "wwwroot/pxefiles/host/52-54-00-ab-cd-56.ipxe"] {
        let ours = site.read(path);
        site.write(&format!("root/{path}"), format!("{ours}# mine\n"));
        let ran = site.done(&["render"]);
        assert!(ran.stderr.contains(&format!("--force {path}")), "{}", ran.stderr);
        assert!(site.read(path).ends_with("# mine\n"));
        let ran = site.done(&["render", "--force", path]);
        assert!(ran.stdout.contains(&format!("wrote {path}\n")), "{}", ran.stdout);
        assert_eq!(site.read(path), ours);
    }
}
