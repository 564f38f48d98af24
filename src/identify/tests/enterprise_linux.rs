//! CentOS and its kin.

use super::*;

#[test]
fn centos_6_8_boots_with_repo_or_kickstart() {
    let disc = centos_68();
    assert_eq!(known(&disc).name, "CentOS 6.8");
    assert_eq!(summary(&disc), "centos 6.8 x86_64 - el yum/CentOS6.8");
    let entry = only(&disc, None);
    assert_eq!(entry.title, "Install CentOS 6.8 x86_64");
    assert_eq!(entry.kernel, "/yum/CentOS6.8/images/pxeboot/vmlinuz");
    assert_eq!(entry.initrd.as_deref(), Some("/yum/CentOS6.8/images/pxeboot/initrd.img"));
    assert_eq!(entry.args, ["repo=http://192.168.4.6/yum/CentOS6.8", "ksdevice=bootif"]);
    assert!(entry.bootif);
    let entry = only(&disc, Some(AnswerKind::Kickstart));
    assert_eq!(entry.args, ["ks=http://192.168.4.6/yum/CentOS6.8/ks.cfg", "ksdevice=bootif"]);
}

#[test]
fn the_second_centos_disc_tells_no_product_and_joins_the_first() {
    let second = disc("CentOS_6.8_Final", &[("Packages/zsh-4.3.11-4.el6.x86_64.rpm", b"")]);
    let profiles = Profiles::builtin().expect("sound");
    let none = identify(&second, &profiles, &Collect::default()).expect("readable");
    assert_eq!(none.product, None);
    let first = known(&centos_68());
    let volume = second.identifiers.volume_id.as_str();
    assert_eq!(join::reference(&[(None, volume), (Some(&first), "CentOS_6.8_Final")]), Ok(1));
}

#[test]
fn a_disc_without_its_boot_files_gets_no_entry_and_a_word_why() {
    let disc = disc("", &[(".treeinfo", TREEINFO_68), ("Packages/a.rpm", b"")]);
    assert_eq!(entries(&disc, None), (vec![], vec!["no-entry"]));
}

#[test]
fn variants_of_enterprise_linux_are_told_apart() {
    let el = |treeinfo: &str, more: &[(&str, &[u8])]| {
        let mut files = vec![(".treeinfo", treeinfo.as_bytes())];
        files.extend_from_slice(more);
        summary(&disc("", &files))
    };
    let rocky = "[release]\nname = Rocky Linux\nversion = 9.3\n[tree]\narch = x86_64\n\
                 [general]\nvariant = BaseOS\n";
    let full = [("BaseOS/Packages/b/bash.rpm", &b""[..])];
    assert_eq!(el(rocky, &full), "rocky 9.3 x86_64 - el yum/Rocky9.3");
    let minimal = [("minimal/Packages/bash.rpm", &b""[..])];
    assert_eq!(el(rocky, &minimal), "rocky 9.3 x86_64 minimal el yum/Rocky9.3-minimal");
    let boot = [("images/pxeboot/vmlinuz", &b""[..])];
    assert_eq!(el(rocky, &boot), "rocky 9.3 x86_64 netinstall el yum/Rocky9.3-netinstall");
    let six = "[general]\nfamily = CentOS\nversion = 6.9\narch = i386\n";
    let minimal = [("Packages/a.rpm", &b""[..]), ("repodata/01ab-c6-minimal-i386.xml", b"")];
    assert_eq!(el(six, &minimal), "centos 6.9 i386 minimal el yum/CentOS6.9-i386-minimal");
    let rhel = "[product]\nname = Red Hat Enterprise Linux\nversion = 7.4\n[general]\n\
                variant = Workstation\narch = x86_64\n";
    let full = [("Packages/a.rpm", &b""[..])];
    assert_eq!(el(rhel, &full), "rhel 7.4 x86_64 workstation el yum/RHEL7.4-workstation");
}

#[test]
fn the_sharpest_version_wins() {
    let seven = disc(
        "CentOS 7 x86_64",
        &[
            (".treeinfo", b"[general]\nfamily = CentOS\nversion = 7\narch = x86_64\n"),
            (".discinfo", b"1525379451.1\n7.5\nx86_64\n"),
            ("Packages/a.rpm", b""),
        ],
    );
    assert_eq!(summary(&seven), "centos 7.5 x86_64 - el yum/CentOS7.5");
    let eight = disc(
        "",
        &[
            (".treeinfo", b"[release]\nname = Rocky Linux\nversion = 8\n[tree]\narch = x86_64\n"),
            ("BaseOS/Packages/r/rocky-release-8.6-3.el8.noarch.rpm", b""),
        ],
    );
    assert_eq!(summary(&eight), "rocky 8.6 x86_64 - el yum/Rocky8.6");
    let stream = disc(
        "",
        &[
            (".treeinfo", b"[release]\nname = CentOS Stream\nversion = 9\n[tree]\narch = x86_64\n"),
            ("BaseOS/Packages/centos-stream-release-9.0-26.el9.noarch.rpm", b""),
        ],
    );
    assert_eq!(summary(&stream), "centos-stream 9 x86_64 - el yum/CentOS-Stream9");
}

#[test]
fn a_release_package_tells_a_tree_without_treeinfo() {
    let release = "Packages/centos-release-6-8.el6.centos.12.3.x86_64.rpm";
    let bare = disc("", &[(release, b"")]);
    assert_eq!(summary(&bare), "centos 6.8 x86_64 - el yum/CentOS6.8");
}

#[test]
fn arguments_follow_the_version() {
    let boot: [(&str, &[u8]); 3] = [
        ("images/pxeboot/vmlinuz", b"k"),
        ("images/pxeboot/initrd.img", b"i"),
        ("Packages/a.rpm", b""),
    ];
    let args = |family: &str, version: &str, answer| {
        let info = format!("[general]\nfamily = {family}\nversion = {version}\narch = x86_64\n");
        let mut files = vec![(".treeinfo", info.as_bytes())];
        files.extend_from_slice(&boot);
        only(&disc("", &files), answer).args.join(" ").replace("http://192.168.4.6/yum/", "U/")
    };
    let ks = Some(AnswerKind::Kickstart);
    assert_eq!(args("CentOS", "5.11", None), "method=U/CentOS5.11 ksdevice=bootif");
    assert_eq!(args("CentOS", "6.10", None), "repo=U/CentOS6.10 ksdevice=bootif");
    assert_eq!(args("CentOS", "7.9", None), "inst.repo=U/CentOS7.9 ip=dhcp");
    assert_eq!(
        args("Rocky Linux", "10.0", ks),
        "inst.repo=U/Rocky10.0 ip=dhcp inst.ks=U/Rocky10.0/ks.cfg"
    );
    assert_eq!(args("Fedora", "42", None), "inst.repo=U/Fedora42 ip=dhcp");
    assert_eq!(args("Fedora", "14", None), "repo=U/Fedora14 ksdevice=bootif");
}

#[test]
fn a_net_install_disc_is_only_the_second_stage() {
    let info = b"[general]\nfamily = CentOS\nversion = 7\narch = x86_64\n";
    let files: [(&str, &[u8]); 3] = [
        (".treeinfo", info),
        ("images/pxeboot/vmlinuz", b"k"),
        ("images/pxeboot/initrd.img", b"i"),
    ];
    let entry = only(&disc("", &files), None);
    assert_eq!(entry.args, ["inst.stage2=http://192.168.4.6/yum/CentOS7-netinstall", "ip=dhcp"]);
}
