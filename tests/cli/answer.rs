//! Answer files: published at the top of the tree, named in the entry.

use pxe_import_fixtures::family::{centos, esxi, ubuntu};

use crate::site::{MENU, Site};

const KICKSTART: &str = "install\nurl --url http://192.168.4.6/yum/CentOS6.8\nrootpw secret\n";
const PRESEED: &str = "# ours\nd-i debian-installer/locale string en_US\n";

/// The menu's `append` line of the one import.
#[track_caller]
fn append(site: &Site) -> String {
    let menu = site.read(MENU);
    let lines: Vec<_> = menu.lines().filter_map(|l| l.strip_prefix("    append ")).collect();
    assert_eq!(lines.len(), 1, "{menu}");
    lines[0].to_owned()
}

#[test]
fn a_private_kickstart_is_published_for_everybody_and_that_is_warned_of() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("home/ks.cfg", KICKSTART);
    site.chmod("home/ks.cfg", 0o600);
    let ran = site.done(&["--server", "192.168.4.6", "--answer", "home/ks.cfg", "centos6.8", dvd1]);

    assert_eq!(site.read("wwwroot/yum/CentOS6.8/ks.cfg"), KICKSTART);
    assert_eq!(site.mode("wwwroot/yum/CentOS6.8/ks.cfg"), 0o644);
    assert_eq!(ran.said().lines().count(), 1, "{}", ran.said());
    assert!(ran.said().starts_with("warning: ks.cfg: is published for the whole network to read"));
    assert!(ran.stderr.contains("--answer-mode 0640"), "{}", ran.stderr);
    let url = "http://192.168.4.6/yum/CentOS6.8/ks.cfg";
    assert!(ran.stdout.contains(&format!("answers: {url}\n")), "{}", ran.stdout);
    let expected =
        format!("initrd=/yum/CentOS6.8/images/pxeboot/initrd.img ks={url} ksdevice=bootif");
    assert_eq!(append(&site), expected);
    assert!(site.read(MENU).contains("    IPAPPEND 2\n"));
}

#[test]
fn a_narrower_mode_is_not_warned_of() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("ks.cfg", KICKSTART);
    let answer = ["--answer", "ks.cfg", "--answer-mode", "0640"];
    let ran = site.done(&[&["--server", "a", "centos6.8", dvd1][..], &answer].concat());
    assert_eq!(site.mode("wwwroot/yum/CentOS6.8/ks.cfg"), 0o640);
    assert_eq!(ran.said(), "");
}

#[test]
fn a_mode_that_is_no_files_mode_is_a_usage_error() {
    let site = Site::new();
    site.write("ks.cfg", KICKSTART);
    for mode in ["0755", "4644", "644x", "0044", "-1"] {
        let ran = site.run(&["--answer", "ks.cfg", "--answer-mode", mode, "centos6.8", "a.iso"]);
        assert_eq!(ran.code, Some(2), "{mode}: {}", ran.stderr);
    }
    let ran = site.run(&["--answer-mode", "0640", "centos6.8", "a.iso"]);
    assert_eq!(ran.code, Some(2), "a mode without a file: {}", ran.stderr);
}

#[test]
fn a_kickstart_for_ubuntu_is_its_ks_argument() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    site.write("ks.cfg", "lang en_US\nrootpw --disabled\n");
    site.done(&["--server", "192.168.4.6", "--answer", "ks.cfg", "ubuntu16.04", iso]);
    let append = append(&site);
    assert!(append.contains(" ks=http://192.168.4.6/apt/ubuntu16.04/ks.cfg "), "{append}");
    assert!(append.contains(
        " live-installer/net-image=http://192.168.4.6/apt/ubuntu16.04/install/filesystem.squashfs"
    ));
}

#[test]
fn a_preseed_for_ubuntu_is_its_url_argument() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    site.write("ours.seed", PRESEED);
    site.done(&["--server", "192.168.4.6", "--answer", "ours.seed", "ubuntu16.04", iso]);
    let append = append(&site);
    assert!(append.contains(" auto=true priority=critical "), "{append}");
    assert!(append.contains(" url=http://192.168.4.6/apt/ubuntu16.04/ours.seed "), "{append}");
    assert!(!append.contains(" ks="), "{append}");
}

#[test]
fn a_kickstart_for_esxi_stands_behind_boot_cfg() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.write("ks.cfg", "vmaccepteula\ninstall --firstdisk\n");
    site.done(&["--server", "192.168.4.6", "--answer", "ks.cfg", "esxi5.5", iso]);
    assert_eq!(append(&site), "-c /esxi/5.5/boot.cfg ks=http://192.168.4.6/esxi/5.5/ks.cfg");
}

#[test]
fn a_name_that_the_disc_has_is_refused() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("GPL", KICKSTART);
    let error = site.fails(1, &["--server", "a", "--answer", "GPL", "centos6.8", dvd1]);
    assert!(error.contains("GPL"), "{error}");
    assert!(!site.root("").exists());
}

#[test]
fn a_missing_answer_file_is_named() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let error = site.fails(1, &["--server", "a", "--answer", "no.cfg", "centos6.8", dvd1]);
    assert!(error.contains("no.cfg") && error.contains("No such file"), "{error}");
    assert!(!site.root("").exists());
}

#[test]
fn a_later_import_with_another_answer_takes_the_old_one_away() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("old.cfg", KICKSTART);
    site.write("new.cfg", KICKSTART);
    let line = ["--server", "a", "centos6.8", dvd1, "--answer-mode", "0640", "--answer"];
    site.done(&[&line[..], &["old.cfg"]].concat());
    let ran = site.done(&[&line[..], &["new.cfg"]].concat());
    assert!(site.root("wwwroot/yum/CentOS6.8/new.cfg").exists());
    assert!(!site.root("wwwroot/yum/CentOS6.8/old.cfg").exists(), "{}", ran.stderr);
    assert!(append(&site).contains(" ks=http://a/yum/CentOS6.8/new.cfg "));
}

#[test]
fn the_record_keeps_neither_the_answers_text_nor_its_secrets() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("ks.cfg", KICKSTART);
    site.done(&["--server", "a", "--answer", "ks.cfg", "centos6.8", dvd1]);
    for name in site.names("root/.pxe-import") {
        let path = site.root(".pxe-import").join(name);
        let text = std::fs::read(&path).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&text).contains("secret"), "{}", path.display());
    }
}
