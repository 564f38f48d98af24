//! Discs that no profile knows: what boots them is guessed from their own configs.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use pxe_import_fixtures::Tree;
use pxe_import_fixtures::iso9660::{Options, RockRidge, Volume};
use serde_json::Value;

use crate::listing::{assert_still, state};
use crate::site::{MENU, Site};

/// What looks like a Linux kernel for x86_64 that firmware can start.
fn kernel() -> Vec<u8> {
    let mut bytes = vec![0x90; 8192];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c..0x40].copy_from_slice(&0x80_u32.to_le_bytes());
    bytes[0x80..0x86].copy_from_slice(b"PE\0\0\x64\x86");
    bytes[0x202..0x206].copy_from_slice(b"HdrS");
    bytes[0x206..0x208].copy_from_slice(&0x020f_u16.to_le_bytes());
    bytes
}

fn options(volume_id: &str) -> Options {
    let volume = Volume { volume_id: volume_id.into(), ..Volume::default() };
    Options { volume, rock_ridge: Some(RockRidge::default()), ..Options::default() }
}

/// A live disc in the style of Arch Linux.
fn arch() -> Tree {
    let mut tree = Tree::new();
    let boot = "arch/boot/x86_64";
    tree.text(format!("{boot}/vmlinuz-linux"), kernel());
    tree.random(format!("{boot}/initramfs-linux.img"), 3000);
    tree.random("arch/boot/amd-ucode.img", 1000);
    tree.random("arch/x86_64/airootfs.sfs", 5000);
    tree.text("EFI/BOOT/BOOTX64.EFI", kernel());
    tree.text(
        "boot/syslinux/syslinux.cfg",
        "DEFAULT arch\nLABEL arch\nMENU LABEL Arch Linux install medium\n\
         LINUX /arch/boot/x86_64/vmlinuz-linux\n\
         INITRD /arch/boot/amd-ucode.img,/arch/boot/x86_64/initramfs-linux.img\n\
         APPEND archisobasedir=arch archisolabel=ARCH_202411\n",
    );
    tree
}

fn imported(tree: &Tree, volume_id: &str) -> Site {
    let site = Site::new();
    site.iso("x.iso", tree, &options(volume_id));
    site.done(&["--server", "192.168.4.6", "x", "x.iso"]);
    site
}

fn codes(report: &Value) -> Vec<&str> {
    let warnings = report["warnings"].as_array().expect("a list");
    warnings.iter().map(|warning| warning["code"].as_str().expect("a code")).collect()
}

#[test]
fn an_unknown_disc_has_an_entry_that_is_marked_as_guessed() {
    let site = Site::new();
    site.iso("x.iso", &arch(), &options("ARCH_202411"));
    let ran = site.done(&["--server", "192.168.4.6", "x", "x.iso"]);
    assert_snapshot!("menu", site.read(MENU));
    assert_eq!(
        ran.stderr,
        "warning: other/x: the menu entry is guessed: kernel, initial ramdisk and arguments are those \
         of \"Arch Linux install medium\" in boot/syslinux/syslinux.cfg line 2; archisolabel=ARCH_202411 \
         is left out; archiso_http_srv=URL/ stands for the archiso image\n"
    );
    let script = site.read("wwwroot/pxefiles/uefi.ipxe");
    assert!(
        script.contains("initrd=amd-ucode.img initrd=initramfs-linux.img archisobasedir=arch"),
        "{script}"
    );
    assert!(site.root("wwwroot/other/x/arch/x86_64/airootfs.sfs").is_file());

    let first = state(&site.root(""));
    site.done(&["--server", "192.168.4.6", "x", "x.iso"]);
    assert_still(&site.root(""), &first);
}

#[test]
fn a_live_disc_of_a_known_family_boots_as_its_own_config_says() {
    let mut tree = Tree::new();
    tree.text("isolinux/vmlinuz0", kernel());
    tree.random("isolinux/initrd0.img", 3000);
    tree.random("LiveOS/squashfs.img", 5000);
    tree.text(
        "isolinux/isolinux.cfg",
        "default vesamenu.c32\nlabel linux0\nmenu label Boot\nkernel vmlinuz0\n\
         append initrd=initrd0.img root=live:CDLABEL=CentOS-6.8-x86_64-LiveDVD rootfstype=auto ro\n",
    );
    let site = Site::new();
    site.iso("x.iso", &tree, &options("CentOS-6.8-x86_64-LiveDVD"));
    let report = site.json(&["--server", "192.168.4.6", "centos6.8-live", "x.iso"]);
    assert_eq!(codes(&report), ["guessed-entry"]);
    let menu = site.read(MENU);
    let url = "root=live:http://192.168.4.6/yum/CentOS6.8-live/LiveOS/squashfs.img";
    assert!(menu.contains(url) && menu.contains("CentOS 6.8 x86_64 (guessed)"), "{menu}");
}

#[test]
fn what_needs_no_url_needs_no_server_and_the_rest_says_so() {
    let site = Site::new();
    site.iso("arch.iso", &arch(), &options("ARCH"));
    let error = site.fails(2, &["x", "arch.iso"]);
    assert!(error.contains("--server ADDRESS"), "{error}");
    assert!(!site.root("wwwroot").exists());
    let mut tree = Tree::new();
    tree.text("isolinux/isolinux.cfg", "label a\nkernel k\nappend initrd=i quiet\n");
    tree.text("isolinux/k", kernel());
    tree.random("isolinux/i", 100);
    site.iso("small.iso", &tree, &options("SMALL"));
    site.done(&["x", "small.iso"]);
    let menu = site.read(MENU);
    let entry = "    menu label SMALL x86_64 (guessed)\n    kernel /other/x/isolinux/k\n    \
                 append initrd=/other/x/isolinux/i quiet\n";
    assert!(menu.contains(entry), "{menu}");
}

#[test]
fn a_disc_that_boots_nothing_is_a_tree_with_a_warning() {
    let mut tree = Tree::new();
    tree.text("readme.txt", "hello\n");
    tree.text("boot/kernel/kernel", "\x7fELF");
    let site = Site::new();
    site.iso("x.iso", &tree, &options("FreeBSD_Install"));
    let report = site.json(&["x", "x.iso"]);
    assert_eq!(codes(&report), ["no-entry"]);
    let message = report["warnings"][0]["message"].as_str().expect("a text");
    assert!(message.contains("it has boot/kernel/kernel"), "{message}");
    assert!(message.contains("--profile winpe"), "{message}");
    assert_eq!(report["menu"], serde_json::json!([]));
    let listed = site.json(&["list"]);
    assert_eq!(listed["imports"][0]["product"]["name"], "FreeBSD Install");
    assert_eq!(site.read("wwwroot/other/x/readme.txt"), "hello\n");
    assert!(!site.root(MENU).exists());
    // What the warning says can be done.
    site.done(&["y", "x.iso", "--profile", "winpe"]);
    assert!(site.read(MENU).contains("append initrd=/windows/y.iso raw iso"));
}

#[test]
fn render_check_and_added_entries_guess_again_from_the_tree() {
    let site = imported(&arch(), "ARCH_202411");
    let ran = site.done(&["render", "--diff"]);
    assert_eq!(ran.stderr, "");
    let before = state(&site.root(""));
    site.done(&["render"]);
    assert_still(&site.root(""), &before);
    let ran = site.run(&["check"]);
    assert!(!ran.stdout.contains("fault"), "{}", ran.stdout);
    fs::remove_file(site.root("wwwroot/other/x/arch/boot/amd-ucode.img")).expect("removed");
    let ran = site.run(&["check"]);
    assert!(ran.stdout.contains("amd-ucode.img"), "{}", ran.stdout);

    let site = imported(&arch(), "ARCH_202411");
    site.done(&["entry", "add", "x", "x-copy", "--arg", "copytoram"]);
    let menu = site.read(MENU);
    let added = menu.split("# pxe-import begin x-copy").nth(1).expect("added");
    assert!(
        added.contains("archiso_http_srv=http://192.168.4.6/other/x/ ip=dhcp copytoram"),
        "{menu}"
    );
}

#[test]
fn an_answer_file_is_named_to_an_installer_that_is_known() {
    let site = Site::new();
    let mut tree = Tree::new();
    tree.text(
        "isolinux/isolinux.cfg",
        "label linux\nkernel vmlinuz\nappend initrd=initrd.img inst.stage2=hd:LABEL=X quiet\n",
    );
    tree.text("isolinux/vmlinuz", kernel());
    tree.random("isolinux/initrd.img", 100);
    site.iso("x.iso", &tree, &options("X"));
    site.iso("arch.iso", &arch(), &options("ARCH"));
    site.write("ks.cfg", "lang en_US.UTF-8\n");
    let line = ["--server", "192.168.4.6", "--answer", "ks.cfg"];
    let report = site.json(&[&line[..], &["x", "x.iso"]].concat());
    assert!(!codes(&report).contains(&"answer-unused"), "{:?}", codes(&report));
    let url = report["answer"].as_str().expect("a URL");
    let args = format!("inst.stage2=http://192.168.4.6/other/x ip=dhcp quiet inst.ks={url}\n");
    assert!(site.read(MENU).contains(&args), "{}", site.read(MENU));

    let report = site.json(&[&line[..], &["arch", "arch.iso"]].concat());
    assert!(codes(&report).contains(&"answer-unused"), "{:?}", codes(&report));
    assert!(site.root("wwwroot/other/arch/ks.cfg").is_file());
}

#[test]
fn names_of_a_plain_disc_are_found_in_any_letter_case() {
    let mut tree = Tree::new();
    tree.text("ISOLINUX/ISOLINUX.CFG", "label a\nkernel VmLinuz\nappend initrd=Initrd.img\n");
    tree.text("ISOLINUX/VMLINUZ", kernel());
    tree.random("ISOLINUX/INITRD.IMG", 100);
    let site = Site::new();
    let plain = Options { rock_ridge: None, ..options("PLAIN") };
    site.iso("x.iso", &tree, &plain);
    site.done(&["x", "x.iso"]);
    let menu = site.read(MENU);
    let kernel = menu.lines().find_map(|line| line.trim().strip_prefix("kernel /")).expect("one");
    assert!(site.root("wwwroot").join(kernel).is_file(), "{menu}");
}

#[test]
fn two_unknown_discs_are_one_set_by_their_volume() {
    let site = Site::new();
    let mut second = Tree::new();
    second.text("extra/a", "a\n");
    site.iso("1.iso", &arch(), &options("Data disc 1"));
    site.iso("2.iso", &second, &options("Data disc 2"));
    site.iso("3.iso", &second, &options("Other"));
    let line = ["--server", "192.168.4.6", "x", "1.iso"];
    let error = site.fails(1, &[&line[..], &["3.iso"]].concat());
    assert!(error.contains("does not belong to"), "{error}");
    site.done(&[&line[..], &["2.iso"]].concat());
    assert!(site.root("wwwroot/other/x/extra/a").is_file());
}

#[test]
fn what_a_disc_says_cannot_break_the_menu() {
    let mut tree = Tree::new();
    tree.text(
        "isolinux/isolinux.cfg",
        "label a\nmenu label \x1b[2J\u{e9}\nkernel k\nappend initrd=i ok=1 bad=\u{7}x \u{e9} ${net0/mac}\n\
         label b\nkernel k\nappend initrd=i ok=1 bad=\u{7}x \u{e9}\n",
    );
    tree.text("isolinux/k", kernel());
    tree.random("isolinux/i", 100);
    let site = imported(&tree, "X");
    let menu = site.read(MENU);
    assert!(menu.contains("    append initrd=/other/x/isolinux/i ok=1\n"), "{menu}");
    assert!(menu.bytes().all(|b| b == b'\n' || matches!(b, b' '..=b'~')), "{menu}");
}

/// An image of a package, where that is installed or scripts/corpora has fetched it; or `None` with the reason said.
fn image(path: &str) -> Option<PathBuf> {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/corpora");
    let packages = [("grub-rescue", "grub-rescue-pc"), ("memtest", "memtest86+"), ("", "ipxe")];
    let package = packages.iter().find(|(part, _)| path.contains(part)).expect("the last").1;
    let name = Path::new(path).file_name().expect("a name");
    let paths = [PathBuf::from(path), fetched.join(package).join(name)];
    let found = paths.into_iter().find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: needs {path}");
    }
    found
}

#[test]
fn ipxes_own_image_boots_its_kernel() {
    let Some(iso) = image("/usr/lib/ipxe/ipxe.iso") else { return };
    let site = Site::new();
    let report = site.json(&["x", &iso.to_string_lossy()]);
    assert_eq!(codes(&report), ["guessed-entry"]);
    assert!(site.read(MENU).contains("    kernel /other/x/ipxe.krn\n"), "{}", site.read(MENU));
}

#[test]
fn images_with_nothing_to_load_from_are_trees() {
    let paths =
        ["/usr/lib/memtest86+/memtest86+x64.iso", "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"];
    for path in paths {
        let Some(iso) = image(path) else { continue };
        let site = Site::new();
        let report = site.json(&["x", &iso.to_string_lossy()]);
        assert_eq!(codes(&report), ["no-entry"], "{path}");
        let message = report["warnings"][0]["message"].as_str().expect("a text");
        let expected = match path.contains("memtest") {
            true => "; it has EFI/BOOT/bootx64.efi, boot/floppy.img",
            false => "what its configs boot cannot be served: vmlinuz is not in the tree",
        };
        assert!(message.contains(expected), "{message}");
    }
}
