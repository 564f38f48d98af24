//! The address that clients use, in every form and from both places.

use pxe_import_fixtures::family::{centos, esxi, ubuntu};

use crate::site::{MENU, Site};

#[test]
fn without_an_address_the_error_says_both_ways_to_give_it() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let error = site.fails(2, &["centos6.8", dvd1]);
    assert!(error.contains("--server ADDRESS"), "{error}");
    assert!(error.contains("server = \"ADDRESS\" into root/pxe-import.toml"), "{error}");
    assert!(!site.root("").exists());
}

#[test]
fn without_an_address_an_answer_file_is_refused() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.write("ks.cfg", "vmaccepteula\n");
    let error = site.fails(2, &["--answer", "ks.cfg", "esxi5.5", iso]);
    assert!(error.contains("--server ADDRESS"), "{error}");
    assert!(!site.root("").exists());
}

#[test]
fn no_address_is_needed_without_a_menu_entry() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.done(&["--no-menu", "centos6.8", dvd1]);
    assert!(site.root("wwwroot/yum/CentOS6.8/.treeinfo").exists());
}

#[test]
fn every_form_of_address_is_carried_by_the_urls() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    for (given, url) in [
        ("192.168.4.6", "http://192.168.4.6"),
        ("fd00::6", "http://[fd00::6]"),
        ("[fd00::6]:8080", "http://[fd00::6]:8080"),
        ("boot.example.org", "http://boot.example.org"),
        ("boot:8080", "http://boot:8080"),
        ("http://192.168.4.6/", "http://192.168.4.6"),
        ("http://boot:8080/pxe/www/", "http://boot:8080/pxe/www"),
    ] {
        site.done(&["--server", given, "centos6.8", dvd1]);
        let menu = site.read(MENU);
        assert!(menu.contains(&format!(" repo={url}/yum/CentOS6.8 ")), "{given}: {menu}");
        assert!(menu.contains("    kernel /yum/CentOS6.8/images/pxeboot/vmlinuz\n"), "{menu}");
    }
}

#[test]
fn an_address_that_only_this_machine_reaches_is_warned_of() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    for (server, warned) in [
        ("127.0.0.1", true),
        ("[::1]:8080", true),
        ("http://LOCALHOST/x", true),
        ("192.168.4.6", false),
        ("localhost.example.org", false),
    ] {
        let said = site.done(&["--server", server, "centos6.8", dvd1]).stderr;
        assert_eq!(said.contains("is this machine alone"), warned, "{server}: {said}");
    }
}

#[test]
fn a_path_reaches_ubuntus_mirror_directory_too() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    site.done(&["--server", "http://boot:8080/pxe", "ubuntu16.04", iso]);
    let menu = site.read(MENU);
    assert!(menu.contains(" mirror/http/hostname=boot:8080 "), "{menu}");
    assert!(menu.contains(" mirror/http/directory=/pxe/apt/ubuntu16.04 "), "{menu}");
}

#[test]
fn boot_cfgs_prefix_carries_a_path() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    for (server, prefix) in [
        ("192.168.4.6", "/esxi/5.5/"),
        ("http://192.168.4.6:8080", "/esxi/5.5/"),
        ("http://192.168.4.6:8080/pxe", "http://192.168.4.6:8080/pxe/esxi/5.5/"),
    ] {
        site.done(&["--server", server, "esxi5.5", iso]);
        for name in ["boot.cfg", "efi/boot/boot.cfg"] {
            let text = site.read(&format!("wwwroot/esxi/5.5/{name}"));
            assert!(text.contains(&format!("\nprefix={prefix}\n")), "{server}: {text}");
        }
    }
}

#[test]
fn the_settings_give_the_address_and_the_command_line_overrides_it() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("root/pxe-import.toml", "server = \"http://settings:8080\"\n");
    site.done(&["centos6.8", dvd1]);
    assert!(site.read(MENU).contains(" repo=http://settings:8080/yum/CentOS6.8 "));
    site.done(&["--server", "given", "centos6.8", dvd1]);
    assert!(site.read(MENU).contains(" repo=http://given/yum/CentOS6.8 "));
}

#[test]
fn an_address_that_cannot_be_is_refused_before_anything_is_written() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    for bad in ["", "a b", "https://a", "a/b", "http://", "1.2.3", "http://u@h/", "a:0", "0.0.0.0"]
    {
        let error = site.fails(2, &["--server", bad, "centos6.8", dvd1]);
        assert!(error.starts_with("error: the server address "), "{bad}: {error}");
    }
    assert!(!site.root("").exists());
}

#[test]
fn a_mistake_in_the_settings_is_reported_with_its_line() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("root/pxe-import.toml", "# ours\nsever = \"a\"\n");
    let error = site.fails(1, &["centos6.8", dvd1]);
    assert!(error.starts_with("error: root/pxe-import.toml: line 2: "), "{error}");
    assert_eq!(site.names("root"), ["pxe-import.toml"]);
}
