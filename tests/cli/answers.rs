//! `pxe-import answer`.

use pxe_import_fixtures::family::{centos, esxi, winpe};

use crate::site::Site;

const HASH: &str = "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.";

#[test]
fn a_familys_answer_file_is_made_without_discs_and_without_a_root() {
    let site = Site::new();
    for (family, line) in [
        ("centos6.8", "url --url=http://192.168.4.6/yum/CentOS6.8\n"),
        ("CentOS-7.9", "url --url=http://192.168.4.6/yum/CentOS7.9\n"),
        ("el7", "bootloader --location=mbr --boot-drive=sda\n"),
        ("centos", "baseurl=http://192.168.4.6/yum/centos/AppStream\n"),
        ("rhel9.4", "baseurl=http://192.168.4.6/yum/RHEL9.4/BaseOS\n"),
        ("fedora40", "baseurl=http://192.168.4.6/yum/Fedora40\n"),
        ("ubuntu16.04", "url --url http://192.168.4.6/apt/ubuntu16.04\n"),
        ("debian12", "d-i mirror/http/directory string /apt/debian12\n"),
        ("esxi5.5", "install --firstdisk --preservevmfs\n"),
    ] {
        let args = ["answer", family, "--server", "192.168.4.6", "--root-password-hash", HASH];
        let ran = site.done(&args);
        assert!(ran.stdout.contains(line), "{family}: {}", ran.stdout);
        assert!(ran.stdout.contains(HASH), "{}", ran.stdout);
        assert_eq!(ran.stderr, "", "{family}");
    }
    let args = ["answer", "ubuntu16.04", "--server", "a", "--template", "preseed"];
    let ran = site.done(&args);
    assert!(ran.stdout.contains("d-i passwd/root-password-crypted password !\n"), "{}", ran.stdout);
    assert!(ran.stderr.contains("root's account is locked"), "{}", ran.stderr);
    assert!(!site.root("").exists());
}

#[test]
fn an_imports_answer_file_is_printed_as_it_is_published() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let line = ["--server", "a", "centos6.8", dvd1, "--answer"];
    site.done(&[&line[..], &["template", "--root-password-hash", HASH]].concat());
    let published = site.read("wwwroot/yum/CentOS6.8/ks-centos6.8.cfg");
    let ran = site.done(&["answer", "centos6.8"]);
    assert_eq!((ran.stdout, ran.stderr.as_str()), (published, ""));
    site.write("ours.cfg", "install\n# ours\n");
    site.done(&[&line[..], &["ours.cfg"]].concat());
    assert_eq!(site.done(&["answer", "centos6.8"]).stdout, "install\n# ours\n");
    let ran = site.done(&["answer", "centos6.8", "--template", "ks", "--root-password-hash", HASH]);
    assert!(ran.stdout.contains("url --url=http://a/yum/CentOS6.8\n"), "{}", ran.stdout);
}

#[test]
fn an_import_without_one_shows_what_would_be_made() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["--server", "192.168.4.6", "hosts", iso]);
    let ran = site.done(&["answer", "hosts", "--root-password-hash", HASH, "--wipe"]);
    assert!(ran.stdout.starts_with("# VMware ESXi 5.5"), "{}", ran.stdout);
    assert!(ran.stdout.contains("--overwritevmfs\n"), "{}", ran.stdout);
    let error = site.fails(2, &["answer", "hosts"]);
    assert!(error.contains("without a password"), "{error}");
}

#[test]
fn the_template_itself_is_printed_the_sites_own_before_the_built_in_one() {
    let site = Site::new();
    let ran = site.done(&["answer", "el7", "--source"]);
    assert!(ran.stdout.contains("url --url={{ tree }}\n"), "{}", ran.stdout);
    let ran = site.done(&["answer", "ubuntu", "--source", "--template", "preseed"]);
    assert!(ran.stdout.contains("d-i mirror/http/hostname string {{ server.host }}"));
    site.write("root/templates/ks-el", "{# ours #}\n");
    assert_eq!(site.done(&["answer", "el7", "--source"]).stdout, "{# ours #}\n");
}

#[test]
fn what_is_printed_can_be_made_ones_own_and_gives_the_same() {
    let site = Site::new();
    for (family, name) in [("centos6.8", "ks-el"), ("debian12", "preseed-debian")] {
        let line = ["answer", family, "--server", "a", "--root-password-hash", HASH];
        let built_in = site.done(&line).stdout;
        let source = site.done(&["answer", family, "--source"]).stdout;
        site.write(&format!("root/templates/{name}"), source);
        assert_eq!(site.done(&line).stdout, built_in);
    }
}

#[test]
fn what_is_neither_an_import_nor_a_family_and_what_has_no_template_is_a_usage_error() {
    let site = Site::new();
    let error = site.fails(2, &["answer", "gentoo"]);
    assert!(error.contains("'gentoo' is neither an import nor a family"), "{error}");
    assert!(error.contains("centos, ") && error.contains("ubuntu"), "{error}");
    assert!(!error.contains("windows"), "{error}");
    let error = site.fails(2, &["answer", "centos6.8"]);
    assert!(error.contains("server address is needed"), "{error}");
    for family in ["windows", "winpe"] {
        let error = site.fails(2, &["answer", family, "--server", "a"]);
        assert!(error.contains("there are ks-el, ks-ubuntu"), "{error}");
    }
    let iso = site.disc(winpe::win8pe);
    site.done(&["win8pe", iso]);
    let error = site.fails(2, &["answer", "win8pe", "--server", "a"]);
    assert!(error.contains("there is no template for"), "{error}");
}
