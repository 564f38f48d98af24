//! Where an import goes, and what it never overwrites.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use pxe_import_fixtures::family::{centos, esxi, winpe};
use pxe_import_fixtures::iso9660::Options;
use pxe_import_fixtures::{Content, Node, Tree};

use crate::listing::{assert_still, listing, state};
use crate::site::{MENU, Site};

#[test]
fn a_directory_that_is_there_and_not_ours_is_refused() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.write("root/wwwroot/esxi/5.5/mine.txt", "by hand\n");
    let before = state(&site.root(""));
    for dry in [&["--dry-run"][..], &[]] {
        let error = site.fails(1, &[dry, &["esxi5.5", iso]].concat());
        assert!(error.starts_with("error: root/wwwroot/esxi/5.5: is there already"), "{error}");
        assert!(error.contains("--dir"), "{error}");
        assert_still(&site.root(""), &before);
    }
}

#[test]
fn the_target_of_another_name_is_refused() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let before = state(&site.root(""));
    let error = site.fails(1, &["esxi5", iso]);
    assert!(error.contains("esxi5.5") && error.contains("--dir"), "{error}");
    assert_still(&site.root(""), &before);
}

#[test]
fn a_target_within_that_of_another_name_is_refused_and_so_is_one_around_it() {
    let site = Site::new();
    let (iso, winpe) = (site.disc(esxi::esxi55), site.disc(winpe::win8pe));
    site.done(&["esxi5.5", iso]);
    let before = state(&site.root(""));
    for dir in ["esxi/5.5/sub.iso", "esxi/5.5", "esxi"] {
        site.fails(1, &["--dir", dir, "win8pe", winpe]);
        assert_still(&site.root(""), &before);
    }
}

#[test]
fn a_name_does_not_move_to_another_target() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let before = state(&site.root(""));
    let error = site.fails(1, &["--dir", "esxi/other", "esxi5.5", iso]);
    assert!(error.contains("--dir esxi/5.5"), "{error}");
    assert_still(&site.root(""), &before);
}

#[test]
fn a_directory_of_the_users_own_is_used_in_every_path() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.done(&["--server", "a", "--dir", "lab//rack7/./el6/", "centos6.8", dvd1]);
    assert!(site.root("wwwroot/lab/rack7/el6/.treeinfo").exists());
    assert_eq!(
        fs::read_link(site.root("wwwroot/pxefiles/lab")).expect("a link").as_os_str(),
        "../lab"
    );
    let menu = site.read(MENU);
    assert!(menu.contains("    kernel /lab/rack7/el6/images/pxeboot/vmlinuz\n"), "{menu}");
    assert!(menu.contains(" repo=http://a/lab/rack7/el6 "), "{menu}");
}

#[test]
fn another_architecture_has_a_directory_of_its_own() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.changed("i386.iso", centos::dvd1, to_i386);
    site.done(&["--server", "a", "centos6.8", dvd1]);
    site.done(&["--server", "a", "centos6.8-i386", "i386.iso"]);
    assert_eq!(site.names("root/wwwroot/yum"), ["CentOS6.8", "CentOS6.8-i386"]);
    let menu = site.read(MENU);
    assert!(menu.contains("    kernel /yum/CentOS6.8-i386/images/pxeboot/vmlinuz\n"), "{menu}");
    let error = site.fails(1, &["--server", "a", "lab", dvd1, "i386.iso"]);
    assert!(error.starts_with("error: i386.iso: ") && error.contains("i386"), "{error}");
}

fn to_i386(tree: &mut Tree, _: &mut Options) {
    for path in [".treeinfo", ".discinfo"] {
        let text = tree.get(path).and_then(Node::content).expect("a file").to_vec();
        let text = String::from_utf8(text).expect("text");
        tree.text(path, text.replace("x86_64", "i386"));
    }
}

#[test]
fn an_image_whose_path_is_not_utf8_is_imported_and_remembered() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let odd = OsStr::from_bytes(b"\xff \n.iso");
    fs::rename(site.path(iso), site.path(odd)).expect("renamed");
    let output = site.command(&["esxi5.5"]).arg(odd).output().expect("it runs");
    assert!(output.status.success());
    let record: serde_json::Value =
        serde_json::from_str(&site.read(".pxe-import/esxi5.5.json")).expect("a record");
    let hex = record["images"][0]["path_hex"].as_str().expect("the bytes");
    assert!(hex.ends_with("ff200a2e69736f"), "{hex}");
}

#[test]
fn a_directory_outside_the_web_root_is_refused() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    for dir in ["../x", "/x", "a/../../x", "..", ".", "", "pxefiles/x", "pxefiles", "a b", ".x"] {
        let error = site.fails(2, &["--dir", dir, "esxi5.5", iso]);
        assert!(error.contains("the target directory"), "{dir}: {error}");
    }
    assert!(!site.root("").exists());
}

#[test]
fn a_link_that_leads_out_of_the_root_is_not_followed() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    fs::create_dir_all(site.root("wwwroot")).expect("made");
    fs::create_dir(site.path("elsewhere")).expect("made");
    symlink("../../elsewhere", site.root("wwwroot/esxi")).expect("a link");
    let error = site.fails(1, &["esxi5.5", iso]);
    assert!(error.starts_with("error: root/wwwroot/esxi: "), "{error}");
    assert_eq!(site.names("elsewhere"), [""; 0]);
    assert!(!site.root(MENU).exists());
}

#[test]
fn an_absolute_link_in_pxefiles_that_leads_to_the_tree_is_accepted() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    fs::create_dir_all(site.root("wwwroot/pxefiles")).expect("made");
    symlink(site.root("wwwroot/esxi"), site.root("wwwroot/pxefiles/esxi")).expect("a link");
    site.done(&["esxi5.5", iso]);
    let link = fs::read_link(site.root("wwwroot/pxefiles/esxi")).expect("a link");
    assert_eq!(link, site.root("wwwroot/esxi"));
}

#[test]
fn what_is_in_the_place_of_the_link_is_refused_before_the_copy() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.write("root/wwwroot/pxefiles/esxi/mine.txt", "by hand\n");
    let before = state(&site.root(""));
    let error = site.fails(1, &["esxi5.5", iso]);
    assert!(error.contains("wwwroot/pxefiles/esxi"), "{error}");
    assert_still(&site.root(""), &before);
}

#[test]
fn a_root_that_cannot_be_written_to_is_named_with_the_way_out() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.write("closed/root/keep", "");
    site.chmod("closed/root", 0o555);
    if fs::write(site.path("closed/root/try"), "").is_ok() {
        eprintln!("skipped: needs an ordinary user");
        return;
    }
    let error = site.fails(1, &["--root", "closed/root", "esxi5.5", iso]);
    assert!(error.contains("--root DIR or PXE_IMPORT_ROOT"), "{error}");
    site.chmod("closed/root", 0o755);
}

#[test]
fn a_narrow_umask_does_not_hide_the_tree_from_the_web_server() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let wide = listing(&site.root("wwwroot"));
    let other = Site::new();
    let iso = other.disc(esxi::esxi55);
    let program = assert_cmd::cargo::cargo_bin!("pxe-import");
    let status = std::process::Command::new("sh")
        .args(["-c", "umask 077; exec \"$0\" --quiet --root root esxi5.5 \"$1\""])
        .args([program.as_os_str(), iso.as_ref()])
        .current_dir(other.path(""))
        .status()
        .expect("a shell");
    assert!(status.success());
    assert_eq!(listing(&other.root("wwwroot")), wide);
    assert_eq!(other.mode(""), 0o755);
}

#[test]
fn a_tree_that_does_not_fit_is_refused_before_the_copy() {
    let site = Site::new();
    // 7.4 TiB, all of it a hole in the image but nothing that the disc says to be one.
    site.changed("vast.iso", esxi::esxi55, |tree, _| {
        for number in 0..1900 {
            tree.put(format!("vast/{number}"), Node::file(Content::Zeros(4_294_965_248)));
        }
    });
    for line in [&["esxi5.5", "vast.iso"][..], &["extract", "vast.iso", "--to", "to"]] {
        let error = site.fails(1, line);
        assert!(error.contains("7.4 TiB are needed and ") && error.contains(" free"), "{error}");
    }
    site.assert_nothing_staged();
    assert!(!site.root("wwwroot/esxi/5.5").exists());
    assert_eq!(site.names(""), ["root", "vast.iso"]);
}
