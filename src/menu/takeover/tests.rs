use super::*;
use crate::menu::edit;
use crate::menu::pxelinux;

/// As a hand-made boot server has it: some labels in front of the local drive.
const MENU: &str = "\
default vesamenu.c32
timeout 300

menu title Our own server
menu color border 0 #ffffffff #00000000

# the first one
label el68
    menu label ^Install six for the lab
    kernel /yum/CentOS6.8/images/pxeboot/vmlinuz
    append initrd=/yum/CentOS6.8/images/pxeboot/initrd.img ks=http://10.0.0.1/yum/CentOS6.8/ks-lab.cfg ksdevice=eth0

label ubuntu server
    kernel /apt/ubuntu16.04/install/netboot/ubuntu-installer/amd64/linux
    append initrd=apt/ubuntu16.04/install/netboot/ubuntu-installer/amd64/initrd.gz quiet

LABEL Install ESXI for us
    MENU Install ESXI for us
    kernel /esxi/5.5/mboot.c32
    append -c /esxi/5.5/boot.cfg ks=http://10.0.0.1/esxi/5.5/ks.cfg 

label local
    menu label Boot from local drive
    menu default
    localboot 0xffff
";

const KEEP: Keep = Keep { title: true, args: true };

fn path() -> &'static Path {
    Path::new("default")
}

fn ours() -> Entry {
    Entry {
        label: "centos6.8".into(),
        title: "Install CentOS 6.8".into(),
        kernel: "/yum/CentOS6.8/images/pxeboot/vmlinuz".into(),
        initrd: Some("/yum/CentOS6.8/images/pxeboot/initrd.img".into()),
        args: vec!["repo=http://10.0.0.1/yum/CentOS6.8".into(), "ksdevice=bootif".into()],
        bootif: true,
        efi: Default::default(),
    }
}

fn esxi() -> Entry {
    Entry {
        label: "esxi5.5".into(),
        title: "Install VMware ESXi 5.5.0".into(),
        kernel: "/esxi/5.5/mboot.c32".into(),
        initrd: None,
        args: vec!["-c".into(), "/esxi/5.5/boot.cfg".into()],
        bootif: false,
        efi: Default::default(),
    }
}

/// The label for `target` and the menu with it taken over.
fn taken(menu: &str, ours: &Entry, target: &str) -> (Entry, String) {
    let own = find(path(), menu.as_bytes(), &ours.label, target).expect("readable");
    let own = own.into_iter().next().expect("a label");
    let entry = own.entry(ours, KEEP);
    let block = pxelinux::block(&entry).expect("a block");
    let text = apply(path(), menu.as_bytes(), &block, target, Some(&own.hash)).expect("as found");
    (entry, String::from_utf8(text).expect("UTF-8"))
}

#[test]
fn a_label_by_hand_becomes_our_block_in_its_place() {
    let (entry, text) = taken(MENU, &ours(), "yum/CentOS6.8");
    let expected = MENU
        .replace("label el68\n", "# pxe-import begin centos6.8\nlabel centos6.8\n")
        .replace("ksdevice=eth0\n", "ksdevice=eth0\n# pxe-import end centos6.8\n");
    assert_eq!(text, expected);
    assert_eq!(entry.title, "^Install six for the lab");
    assert!(!entry.bootif, "they wrote no ipappend");
}

#[test]
fn what_is_taken_over_is_then_ours() {
    let (entry, text) = taken(MENU, &ours(), "yum/CentOS6.8");
    let block = pxelinux::block(&entry).expect("a block");
    let again = edit::upsert(path(), text.as_bytes(), &block, &[], false).expect("no conflict");
    assert_eq!(again.change, edit::Change::Unchanged);
    assert!(find(path(), text.as_bytes(), "centos6.8", "yum/CentOS6.8").expect("read").is_empty());
    let twice = apply(path(), text.as_bytes(), &block, "yum/CentOS6.8", Some("x"));
    assert_eq!(twice.expect("there already"), text.as_bytes());
}

#[test]
fn a_label_without_menu_text_keeps_its_name_as_that_and_unknown_lines_stay_behind_the_block() {
    let (entry, text) = taken(MENU, &esxi(), "esxi/5.5");
    assert_eq!(entry.title, "Install ESXI for us");
    assert_eq!(entry.args, ["-c", "/esxi/5.5/boot.cfg", "ks=http://10.0.0.1/esxi/5.5/ks.cfg"]);
    let behind = "# pxe-import end esxi5.5\n    MENU Install ESXI for us\n\nlabel local\n";
    assert!(text.contains(behind), "{text}");
}

#[test]
fn crlf_stays_crlf() {
    let menu = MENU.replace('\n', "\r\n");
    let (_, text) = taken(&menu, &ours(), "yum/CentOS6.8");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let (_, plain) = taken(MENU, &ours(), "yum/CentOS6.8");
    assert_eq!(text.replace("\r\n", "\n"), plain);
}

#[test]
fn a_menu_default_and_a_help_text_stay_with_the_entry() {
    let menu = "label a\n  menu default\n  text help\n  label b\n  endtext\n  \
                kernel /yum/CentOS6.8/images/pxeboot/vmlinuz\n  # why\n  append quiet";
    let (entry, text) = taken(menu, &ours(), "yum/CentOS6.8");
    assert_eq!(entry.args, ["quiet"]);
    assert_eq!(entry.initrd, ours().initrd, "without one it would not boot");
    let rest = "# pxe-import end centos6.8\n  menu default\n  text help\n  label b\n  endtext\n  \
                # why\n";
    assert!(text.ends_with(rest), "{text}");
}

#[test]
fn another_kernel_keeps_our_arguments_and_adds_theirs() {
    let menu = MENU.replace("images/pxeboot/", "isolinux/");
    let (entry, _) = taken(&menu, &ours(), "yum/CentOS6.8");
    assert_eq!(entry.kernel, ours().kernel);
    let ks = "ks=http://10.0.0.1/yum/CentOS6.8/ks-lab.cfg".to_owned();
    assert_eq!(entry.args, [ours().args, vec![ks]].concat());
}

#[test]
fn of_several_labels_the_one_of_our_name_is_first() {
    let second = MENU.replace("label ubuntu server", "label centos6.8").replace(
        "/apt/ubuntu16.04/install/netboot/ubuntu-installer/amd64/linux",
        "http://10.0.0.1//yum/./CentOS6.8/isolinux/vmlinuz",
    );
    let found = find(path(), second.as_bytes(), "centos6.8", "yum/CentOS6.8").expect("read");
    let labels: Vec<_> = found.iter().map(|own| (own.label.as_str(), own.line)).collect();
    assert_eq!(labels, [("centos6.8", 13), ("el68", 8)]);
}

#[test]
fn a_label_that_only_takes_packages_from_the_tree_is_none_of_it() {
    let menu = "label x\nkernel /other/vmlinuz\nappend repo=http://a/yum/CentOS6.8/\n\
                label y\nkernel /yum/CentOS6.80/vmlinuz\n";
    assert_eq!(leading(path(), menu.as_bytes(), "yum/CentOS6.8").expect("read"), []);
    let menu = "label pe\nkernel memdisk\nappend initrd=/windows/win8pe.iso raw iso\n";
    let found = leading(path(), menu.as_bytes(), "windows/win8pe.iso").expect("read");
    assert_eq!(found, [("pe".to_owned(), 1)]);
}

#[test]
fn a_label_that_was_edited_meanwhile_is_not_replaced() {
    let block = pxelinux::block(&ours()).expect("a block");
    let error = apply(path(), MENU.as_bytes(), &block, "yum/CentOS6.8", Some("another hash"));
    assert_eq!(error.expect_err("another").kind(), "conflict");
    let still = apply(path(), MENU.as_bytes(), &block, "yum/CentOS6.8", None).expect("not asked");
    assert_eq!(still, MENU.as_bytes());
}

#[test]
fn what_a_menu_mentions_is_found_by_whole_names() {
    assert!(mentions(b"kernel /yum/a", "yum"));
    assert!(mentions(b"yum/a", "yum"));
    assert!(!mentions(b"kernel /myum/a", "yum"));
    assert!(!mentions(b"kernel /yum2/a yum", "yum"));
    assert_eq!(named_by(b"x\nDEFAULT a b \r\nontimeout a\n", "a b"), [2]);
}

proptest::proptest! {
    #[test]
    fn no_menu_makes_it_panic(menu in "(label [ab]\r?\n|kernel /t/x\n|text\n|endtext\n|append -c\n|# pxe-import (begin|end) a\n|\\PC)*") {
        if let Ok(found) = find(path(), menu.as_bytes(), "a", "t") {
            for own in found {
                let _ = own.entry(&ours(), KEEP);
            }
        }
    }
}
