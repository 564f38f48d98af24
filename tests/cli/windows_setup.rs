//! Windows Setup by itself (`--boot setup`), and Windows PE for UEFI clients (`--boot wimboot`).

use std::fs;

use insta::assert_snapshot;
use pxe_import_fixtures::Content;
use pxe_import_fixtures::Node;
use pxe_import_fixtures::family::{windows, winpe};
use serde_json::Value;

use crate::listing::{assert_still, listing, state};
use crate::site::{MENU, Site};

const UEFI: &str = "wwwroot/pxefiles/uefi.ipxe";
const TREE: &str = "wwwroot/windows/w11";
const SCRIPT: &str = "wwwroot/windows/w11/pxe-import/w11/startnet.cmd";
const UNATTEND: &str =
    "<?xml version=\"1.0\"?>\r\n<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"/>\r\n";

/// A root as `init` leaves it, as far as this is concerned, with what stands in for wimboot.
fn begun() -> Site {
    let site = Site::new();
    settings(&site, "192.168.4.6", "");
    site.write("root/pxeboot/menu.ipxe", "#!ipxe\n");
    let mut wimboot = vec![0; 0x80];
    wimboot[..2].copy_from_slice(b"MZ");
    wimboot[0x3c] = 0x40;
    wimboot[0x40..0x46].copy_from_slice(b"PE\0\0\x64\x86");
    site.write("root/wwwroot/pxefiles/wimboot", wimboot);
    site.write("unattend.xml", UNATTEND);
    site
}

fn settings(site: &Site, server: &str, more: &str) {
    let text = format!("server = \"{server}\"\nmenu-title = \"PXE\"\n{more}");
    site.write("root/pxe-import.toml", text);
}

/// One of Windows 11 that is set up by itself.
fn set_up(more: &[&str]) -> Site {
    let site = begun();
    let iso = site.disc(windows::windows_11);
    site.done(&[&["w11", "--boot", "setup", iso], more].concat());
    site
}

fn codes(report: &Value) -> Vec<&str> {
    let warnings = report["warnings"].as_array().expect("a list").iter();
    warnings.map(|warning| warning["code"].as_str().expect("text")).collect()
}

/// Codes and paths of what `check` finds.
fn found(site: &Site) -> Vec<(String, String)> {
    let ran = site.run(&["check", "--json"]);
    let report: Value = serde_json::from_str(&ran.stdout).expect("one document");
    let findings = report["findings"].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings.map(|one| (text(&one["code"]), text(&one["path"]))).collect()
}

/// The script's line that begins so, without its quotation mark.
fn said(site: &Site, name: &str, begin: &str) -> String {
    let script = site.read(name);
    let begin = format!("set \"{begin}=");
    let line = script.lines().find_map(|line| line.strip_prefix(&begin)).expect("a line");
    line.trim_end_matches('\r').trim_end_matches('"').to_owned()
}

#[test]
fn a_client_disc_is_set_up_from_the_share_by_bios_and_uefi() {
    let site = begun();
    let iso = site.disc(windows::windows_11);
    let report = site.json(&["w11", "--boot", "setup", "--answer", "unattend.xml", iso]);
    assert_eq!(codes(&report), ["answer-is-public"]);
    assert_eq!(
        report["ram"],
        512 * 1024 * 1024
            + fs::metadata(site.root(TREE).join("sources/boot.wim")).expect("there").len()
    );
    let menu = site.read(MENU);
    let start = menu.find("# pxe-import begin").expect("a block");
    assert_snapshot!("block", &menu[start..menu.find("# pxe-import end").expect("a block")]);
    let script = site.read(UEFI);
    let from = script.find("\n:w11").expect("an entry");
    assert_snapshot!("commands", &script[from..script.find("\n:failed").expect("an end")]);
    assert_snapshot!("startnet", site.read(SCRIPT).replace("\r\n", "\n"));
    let shell = site.read(&SCRIPT.replace("startnet.cmd", "winpeshl.ini"));
    assert!(shell.starts_with("[LaunchApps]\r\n%SYSTEMROOT%\\System32\\cmd.exe, /k "), "{shell}");
    assert_eq!(site.read(&format!("{TREE}/unattend.xml")), UNATTEND);
    let found = found(&site);
    let ours = |path: &str| path.contains("w11") || path.contains("uefi.ipxe");
    assert!(!found.iter().any(|(_, path)| ours(path)), "{found:?}");
    fs::remove_file(site.root("wwwroot/pxefiles/wimboot")).expect("there");
    let found = self::found(&site);
    assert!(found.iter().any(|(_, path)| path.contains("wimboot")), "{found:?}");
}

#[test]
fn the_script_has_the_line_ends_of_windows_and_ascii_alone() {
    let site = set_up(&["--answer", "unattend.xml"]);
    for name in ["startnet.cmd", "winpeshl.ini"] {
        let text = fs::read(site.root(SCRIPT).with_file_name(name)).expect("there");
        let ends = text.split(|&b| b == b'\n').filter(|line| !line.is_empty());
        assert!(ends.clone().all(|line| line.ends_with(b"\r")), "{name}");
        assert!(text.is_ascii() && ends.count() > 1, "{name}");
    }
}

#[test]
fn the_script_names_share_tree_and_answer() {
    let site = set_up(&[]);
    let said = |begin: &str| said(&site, SCRIPT, begin);
    assert_eq!(said("share"), r"\\192.168.4.6\public");
    assert_eq!(said("tree"), r"\\192.168.4.6\public\w11");
    assert_eq!((said("answer").as_str(), said("user").as_str()), ("", ""));

    settings(&site, "http://[fd00::6]:8080/boot", "smb-user = \"install\"\n");
    site.write("50% & more^.xml", UNATTEND);
    let iso = site.disc(windows::server_2008_r2);
    site.done(&[
        "srv",
        "--boot",
        "setup",
        "--answer",
        "50% & more^.xml",
        "--dir",
        "windows/a/srv",
        iso,
    ]);
    let said =
        |begin: &str| self::said(&site, "wwwroot/windows/a/srv/pxe-import/srv/startnet.cmd", begin);
    assert_eq!(said("share"), r"\\fd00--6.ipv6-literal.net\public");
    assert_eq!(said("tree"), r"\\fd00--6.ipv6-literal.net\public\a\srv");
    assert_eq!((said("answer").as_str(), said("user").as_str()), ("50%% & more^.xml", "install"));
}

#[test]
fn another_address_reaches_the_script_and_an_edited_one_is_kept() {
    let site = set_up(&["--answer", "unattend.xml"]);
    let before = site.read(SCRIPT);
    settings(&site, "10.0.0.1", "");
    let shown = site.done(&["render", "--diff"]);
    assert!(shown.stdout.contains("10.0.0.1\\public\\w11"), "{}", shown.stdout);
    assert_eq!(site.read(SCRIPT), before);
    site.done(&["render"]);
    assert_eq!(site.read(SCRIPT), before.replace("192.168.4.6", "10.0.0.1"));
    let still = state(&site.root("wwwroot"));
    assert_eq!(site.json(&["render"])["files"], serde_json::json!([]));
    assert_still(&site.root("wwwroot"), &still);

    settings(&site, "10.0.0.1", "smb-user = \"install\"\n");
    site.done(&["render"]);
    assert_eq!(said(&site, SCRIPT, "user"), "install");
    settings(&site, "10.0.0.1", "");
    site.done(&["render"]);

    let mine = site.read(SCRIPT).replace("attempts=20", "attempts=90");
    site.write(&format!("root/{SCRIPT}"), &mine);
    settings(&site, "10.0.0.2", "");
    let ran = site.done(&["render"]);
    assert!(ran.stderr.contains(SCRIPT) && ran.stderr.contains("--force"), "{}", ran.stderr);
    assert_eq!(site.read(SCRIPT), mine);
    assert!(found(&site).iter().any(|(_, path)| path == SCRIPT), "{:?}", found(&site));
    // An import again keeps it, and says so.
    let iso = site.disc(windows::windows_11);
    let report = site.json(&["w11", "--boot", "setup", "--answer", "unattend.xml", iso]);
    assert!(codes(&report).contains(&"edited-companion"), "{report}");
    assert_eq!(site.read(SCRIPT), mine);
    site.done(&["render", "--force", SCRIPT]);
    assert_eq!(site.read(SCRIPT), before.replace("192.168.4.6", "10.0.0.2"));
    assert!(!found(&site).iter().any(|(_, path)| path == SCRIPT), "{:?}", found(&site));
}

#[test]
fn an_entry_is_added_renamed_and_removed_with_files_of_its_own() {
    let site = begun();
    let iso = site.disc(windows::windows_11);
    site.done(&["w11", iso]);
    let (plain, tree) = (site.read(MENU), listing(&site.root(TREE)));
    site.done(&["entry", "add", "w11", "kiosk", "--boot", "setup", "--answer", "unattend.xml"]);
    let script = |label: &str| format!("{TREE}/pxe-import/{label}/startnet.cmd");
    assert_eq!(said(&site, &script("kiosk"), "answer"), "unattend-kiosk.xml");
    assert!(site.read(MENU).contains("/pxe-import/kiosk/winpeshl.ini"), "{}", site.read(MENU));
    site.done(&["entry", "add", "w11", "bare", "--boot", "setup"]);
    assert_eq!(said(&site, &script("bare"), "answer"), "");
    let nothing_is_wrong = |site: &Site| {
        let found = found(site);
        assert!(!found.iter().any(|(_, path)| path.contains("w11/")), "{found:?}");
    };
    nothing_is_wrong(&site);

    site.done(&["entry", "rename", "kiosk", "lobby"]);
    assert_eq!(said(&site, &script("lobby"), "answer"), "unattend-lobby.xml");
    assert!(!site.root(script("kiosk")).parent().expect("above").exists());
    nothing_is_wrong(&site);

    // An import again has them all, and finds nothing of the administrator's.
    let report = site.json(&["w11", iso]);
    assert_eq!(codes(&report), [""; 0], "{report}");
    assert_eq!(said(&site, &script("lobby"), "answer"), "unattend-lobby.xml");
    nothing_is_wrong(&site);

    site.done(&["entry", "add", "w11", "bare"]);
    assert!(!site.root(script("bare")).exists());
    site.done(&["entry", "remove", "bare"]);
    site.done(&["entry", "remove", "lobby"]);
    assert_eq!(site.read(MENU), plain);
    assert_eq!(listing(&site.root(TREE)), tree);
    nothing_is_wrong(&site);
    site.done(&["remove", "w11"]);
    assert!(!site.root(TREE).exists());
}

#[test]
fn what_windows_could_not_open_is_refused_before_anything_is_written() {
    let site = begun();
    let iso = site.disc(windows::windows_11);
    let error = site.fails(2, &["w11", "--boot", "setup", "--dir", "iso/w11", iso]);
    assert!(error.contains("--dir windows/NAME"), "{error}");
    let error = site.fails(2, &["w11.", "--boot", "setup", iso]);
    assert!(error.contains("Windows cannot open \"w11.\""), "{error}");
    site.write("\u{e4}.xml", UNATTEND);
    let error = site.fails(2, &["w11", "--boot", "setup", "--answer", "\u{e4}.xml", iso]);
    assert!(error.contains("the answer file"), "{error}");
    fs::remove_file(site.root("pxe-import.toml")).expect("there");
    let error = site.fails(2, &["w11", "--boot", "setup", iso]);
    assert!(error.contains("--server"), "{error}");
    let error = site.fails(2, &["w11", "--boot", "x", iso]);
    assert!(error.contains("--boot can be setup"), "{error}");
    assert!(!site.root("wwwroot/windows").exists());
}

#[test]
fn a_file_of_the_discs_own_is_never_replaced() {
    let site = begun();
    site.changed("odd.iso", winpe::win8pe, |tree, _| {
        tree.put("sources/install.wim", Node::file(Content::bytes("MSWIM")));
        tree.put("pxe-import/w11/startnet.cmd", Node::file(Content::bytes("rem mine\r\n")));
    });
    let error = site.fails(1, &["w11", "--boot", "setup", "odd.iso"]);
    assert!(error.contains("the disc has that path already"), "{error}");
}

#[test]
fn another_language_of_answers_is_not_handed_to_setup() {
    let site = begun();
    let iso = site.disc(windows::windows_11);
    let ran = site.done(&["plain", "--answer", "unattend.xml", iso]);
    assert!(ran.stderr.contains("but with --boot setup"), "{}", ran.stderr);
    site.write("ks.cfg", "install\n");
    let report = site.json(&["w11", "--boot", "setup", "--answer", "ks.cfg", iso]);
    assert!(codes(&report).contains(&"answer-kind"), "{report}");
    assert_eq!(said(&site, SCRIPT, "answer"), "");
    let report = site.json(&[
        "w11",
        "--boot",
        "setup",
        "--answer",
        "unattend.xml",
        "--answer-mode",
        "0640",
        iso,
    ]);
    assert_eq!(codes(&report), ["answer-on-share"]);
    assert_eq!(site.mode(&format!("{TREE}/unattend.xml")), 0o640);
}

#[test]
fn a_wimboot_that_is_too_old_is_told_of() {
    let site = begun();
    site.write(
        "root/wwwroot/pxefiles/wimboot",
        "wimboot v2.5.2 -- Windows Imaging Format bootloader",
    );
    let iso = site.disc(windows::windows_11);
    let report = site.json(&["w11", "--boot", "setup", iso]);
    assert!(codes(&report).contains(&"old-wimboot"), "{report}");
}

#[test]
fn a_damaged_install_image_still_imports() {
    let site = begun();
    site.changed("hurt.iso", windows::windows_11, |tree, _| {
        tree.put("sources/install.wim", Node::file(Content::bytes("MSWIM\0\0\0 and no more")));
    });
    let report = site.json(&["w11", "--boot", "setup", "hurt.iso"]);
    assert_eq!(codes(&report), ["wim-unreadable"]);
    // What set-up itself is tells the architecture.
    let record: Value = serde_json::from_str(&site.read(".pxe-import/w11.json")).expect("a record");
    let product = &record["product"];
    assert_eq!((&product["name"], &product["arch"]), (&"Windows".into(), &"x86_64".into()));
    assert!(site.root(SCRIPT).exists());
}

#[test]
fn windows_pe_is_extracted_for_uefi_clients_where_that_is_asked_for() {
    let site = begun();
    let iso = site.disc(winpe::win8pe);
    let report = site.json(&["pe", iso]);
    assert_eq!(codes(&report), ["uefi-by-other-way", "bios-only"]);
    let said = report["warnings"][0]["message"].as_str().expect("text");
    assert!(said.contains("--boot wimboot"), "{said}");
    let report = site.json(&["pe64", "--boot", "wimboot", iso]);
    assert_eq!(codes(&report), [""; 0]);
    assert_eq!(report["target"], "wwwroot/windows/pe64");
    let boot = fs::metadata(site.root("wwwroot/windows/pe64/sources/boot.wim")).expect("there");
    assert_eq!(report["ram"], 512 * 1024 * 1024 + boot.len());
    let script = site.read(UEFI);
    let from = script.find("\n:pe64").expect("an entry");
    assert_snapshot!("winpe_commands", &script[from..script.find("\n:failed").expect("an end")]);
    assert!(!site.root("wwwroot/windows/pe64/pxe-import").exists());
}

#[test]
fn a_tree_by_hand_is_taken_over_with_the_files_that_set_up_needs() {
    let site = begun();
    let iso = site.disc(windows::windows_11);
    fs::create_dir_all(site.root("wwwroot/windows")).expect("made");
    site.done(&["extract", iso, "--to", &format!("root/{TREE}")]);
    let adopt = ["adopt", "w11", "--dir", "windows/w11", "--boot", "setup", "--repair", iso];
    let report = site.json(&adopt);
    assert!(site.root(SCRIPT).exists(), "{report:#}");
    assert_eq!(said(&site, SCRIPT, "tree"), r"\\192.168.4.6\public\w11");
}

/// Killed at each of its steps; the next command that writes does the rest, or nothing of it has been.
#[test]
fn files_of_an_entry_come_and_go_whole_whenever_that_is_cut_short() {
    let site = begun();
    site.done(&["w11", site.disc(windows::windows_11)]);
    let plain = listing(&site.root(TREE));
    site.done(&["entry", "add", "w11", "kiosk", "--boot", "setup"]);
    let full = listing(&site.root(TREE));
    site.done(&["entry", "remove", "kiosk"]);
    let commands: [&[&str]; 2] =
        [&["entry", "add", "w11", "kiosk", "--boot", "setup"], &["entry", "remove", "kiosk"]];
    for (command, [before, after]) in commands.into_iter().zip([[&plain, &full], [&full, &plain]]) {
        for n in 1.. {
            let Some(done) = site.killed_at(n, command) else {
                println!("skipped: needs strace");
                return;
            };
            site.done(&["render"]);
            let tree = listing(&site.root(TREE));
            assert!(tree == *before || tree == *after, "killed at {n}: {tree}");
            if done {
                break;
            }
            if tree == *after {
                // Back to where it began.
                let back = if *after == full { commands[1] } else { commands[0] };
                site.done(back);
            }
        }
        assert_eq!(listing(&site.root(TREE)), *after);
    }
}
