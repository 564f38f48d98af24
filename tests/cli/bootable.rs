//! `check`: whether a client that asks for what menu and boot.cfg name will boot.

use std::fs;
use std::os::unix::fs::symlink;

use pxe_import_fixtures::family::{centos, esxi, winpe};

use crate::check::{YUM, centos, found, is, of_import, site};
use crate::site::{MENU, Site};

/// Loaders that look like those of a version; not their code.
fn loaders(site: &Site, version: &str, module: &[u8]) {
    let banner = format!("\0\r\nPXELINUX {version} PXE 20200816 \0");
    site.write("root/wwwroot/pxefiles/pxelinux.0", banner);
    for name in ["ldlinux.c32", "libcom32.c32", "libutil.c32", "vesamenu.c32", "memdisk"] {
        site.write(&format!("root/wwwroot/pxefiles/{name}"), module);
    }
}

#[test]
fn a_module_that_is_missing_or_empty_is_a_fault_of_boot_cfg() {
    let site = site(&[("esxi5.5", &[esxi::esxi55])]);
    let module = "wwwroot/esxi/5.5/s.v00";
    fs::write(site.root(module), "").expect("written");
    let faults = [is("fault", "file-changed", module), is("fault", "path-empty", module)];
    assert_eq!(of_import(&site, &[]), faults);
    fs::remove_file(site.root(module)).expect("removed");
    let faults = [is("fault", "file-missing", module), is("fault", "path-missing", module)];
    assert_eq!(of_import(&site, &[]), faults);
}

#[test]
fn a_boot_cfg_that_is_not_patched_is_a_fault() {
    let site = site(&[("esxi7.0", &[esxi::esxi70])]);
    let path = "wwwroot/esxi/7.0/boot.cfg";
    fs::copy(site.root(format!("{path}.orig")), site.root(path)).expect("copied");
    let found = of_import(&site, &[]);
    assert!(found.contains(&is("fault", "boot-cfg-unpatched", path)), "{found:?}");
    let patched = site.read("wwwroot/esxi/7.0/efi/boot/boot.cfg");
    site.write(&format!("root/{path}"), patched.replace("prefix=/esxi/7.0/", "prefix=/esxi/x/"));
    let found = of_import(&site, &[]);
    assert!(found.contains(&is("fault", "path-missing", "wwwroot/esxi/x")), "{found:?}");
}

#[test]
fn a_missing_link_in_pxefiles_is_one_fault_with_the_command_that_mends_it() {
    let site = site(&[("esxi5.5", &[esxi::esxi55])]);
    let link = "wwwroot/pxefiles/esxi";
    fs::remove_file(site.root(link)).expect("removed");
    assert_eq!(of_import(&site, &[]), [is("fault", "link-missing", link)]);
    let ran = site.run(&["check"]);
    assert!(ran.stdout.contains(&format!("; ln -s ../esxi root/{link}\n")), "{}", ran.stdout);
    symlink("../yum", site.root(link)).expect("linked");
    assert_eq!(of_import(&site, &[])[0], is("fault", "link-wrong", link));
    fs::remove_file(site.root(link)).expect("removed");
    symlink(site.path("root/../root/wwwroot/esxi"), site.root(link)).expect("linked");
    assert_eq!(of_import(&site, &[]), []);
}

#[test]
fn an_edited_block_is_a_note_and_what_it_names_must_be_there() {
    let site = centos();
    let edited = site.read(MENU).replace("vmlinuz", "vmlinux");
    site.write(&format!("root/{MENU}"), edited);
    let missing = is("fault", "path-missing", &format!("{YUM}/images/pxeboot/vmlinux"));
    assert_eq!(of_import(&site, &[]), [missing, is("note", "menu-block-edited", MENU)]);
    site.write(&format!("root/{MENU}"), "default vesamenu.c32\n");
    assert_eq!(of_import(&site, &[]), [is("warning", "menu-block-missing", MENU)]);
    let dvd1 = site.disc(centos::dvd1);
    site.done(&["--no-menu", "centos6.8", dvd1]);
    assert_eq!(of_import(&site, &[]), []);
}

#[test]
fn labels_of_the_administrators_are_warnings() {
    let site = centos();
    let own = format!(
        "{}\nlabel mine\n  kernel /yum/CentOS6.8/no\n  append initrd=http://192.168.4.6/no.img \
         ks=http://elsewhere/ks.cfg\ninclude more.cfg\n# pxe-import begin gone\nlabel gone\n\
         # pxe-import end gone\n",
        site.read(MENU)
    );
    site.write(&format!("root/{MENU}"), own);
    let expected = [
        is("warning", "path-missing", &format!("{YUM}/no")),
        is("warning", "path-missing", "wwwroot/no.img"),
        is("warning", "menu-block-orphan", MENU),
        is("note", "not-checked", MENU),
        is("note", "not-checked", MENU),
    ];
    assert_eq!(of_import(&site, &[]), expected);
    assert_eq!(of_import(&site, &["centos6.8"]), []);
    let damaged = site.read(MENU).replace("# pxe-import end gone\n", "");
    site.write(&format!("root/{MENU}"), damaged);
    assert_eq!(of_import(&site, &["centos6.8"]), [is("fault", "menu-damaged", MENU)]);
}

#[test]
fn a_loader_of_version_6_needs_its_libraries() {
    let site = site(&[("win8pe", &[winpe::win8pe])]);
    loaders(&site, "6.04", b"\x7fELF module");
    assert_eq!(found(&site, &[]), []);
    for name in ["ldlinux.c32", "libcom32.c32", "libutil.c32", "vesamenu.c32", "memdisk"] {
        let path = format!("wwwroot/pxefiles/{name}");
        let good = fs::read(site.root(&path)).expect("there");
        fs::remove_file(site.root(&path)).expect("removed");
        assert_eq!(found(&site, &[]), [is("fault", "path-missing", &path)]);
        fs::write(site.root(&path), good).expect("written");
    }
    let path = "wwwroot/pxefiles/vesamenu.c32";
    site.write(&format!("root/{path}"), b"\xb8\xff\x4c\xcd\x21");
    assert_eq!(found(&site, &[]), [is("fault", "module-version", path)]);
    let menu = fs::read(site.root(MENU)).expect("there");
    fs::remove_file(site.root(MENU)).expect("removed");
    assert!(found(&site, &[]).contains(&is("fault", "menu-missing", MENU)));
    site.write(&format!("root/{MENU}"), menu);
    loaders(&site, "6.04", b"\x7fELF module");
    site.write("root/wwwroot/pxefiles/pxelinux.0", "something");
    assert_eq!(found(&site, &[]), [is("warning", "loader-unknown", "wwwroot/pxefiles/pxelinux.0")]);
}

#[test]
fn a_loader_that_cannot_load_mboot_is_warned_of() {
    let site = site(&[("esxi5.5", &[esxi::esxi55])]);
    loaders(&site, "6.04", b"\x7fELF module");
    let warning = [is("warning", "loader-mboot", "wwwroot/pxefiles/pxelinux.0")];
    assert_eq!(found(&site, &[]), warning);
    assert_eq!(found(&site, &["esxi5.5"]), warning);
    loaders(&site, "3.86", b"\xb8\xff\x4c\xcd\x21");
    for name in ["ldlinux.c32", "libcom32.c32", "libutil.c32"] {
        fs::remove_file(site.root(format!("wwwroot/pxefiles/{name}"))).expect("removed");
    }
    assert_eq!(found(&site, &[]), []);
}
