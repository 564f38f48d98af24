//! Every release that anaconda installs, by what its discs say of themselves.

use super::*;

/// What is on a disc besides packages so that it boots.
const BOOT: [&str; 2] = ["images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"];

/// `.treeinfo` as trees had it up to EL 6, CentOS up to 7.
fn old(family: &str, version: &str, arch: &str) -> String {
    format!(
        "[general]\nfamily = {family}\ntimestamp = 1411394569.87\nvariant = \ntotaldiscs = 1\n\
         version = {version}\ndiscnum = 1\npackagedir = \narch = {arch}\n\n[images-{arch}]\n\
         kernel = images/pxeboot/vmlinuz\ninitrd = images/pxeboot/initrd.img\n"
    )
}

/// As productmd writes it; `section` is `release`, before that `product`.
fn new(section: &str, name: &str, version: &str, arch: &str, variant: &str) -> String {
    format!(
        "[general]\n; WARNING.0 = for old readers\narch = {arch}\nfamily = {name}\n\
         name = {name} {version}\nrepository = {variant}\nvariant = {variant}\nversion = {version}\n\
         [header]\nversion = 1.2\n[{section}]\nname = {name}\nversion = {version} \n\
         [tree]\narch = {arch}\nvariants = {variant}\n[variant-{variant}]\nid = {variant}\n\
         repository = {variant}\n"
    )
}

fn tree(treeinfo: &str, discinfo: &str, paths: &[&str]) -> Disc {
    let mut files: Vec<(&str, &[u8])> = paths.iter().map(|&path| (path, &b"x"[..])).collect();
    for (name, text) in [(".treeinfo", treeinfo), (".discinfo", discinfo)] {
        if !text.is_empty() {
            files.push((name, text.as_bytes()));
        }
    }
    disc("", &files)
}

/// A disc with these texts and this package: what it is, and the arguments of its entry with the
/// web root's `yum/` as `U/`.
fn told(treeinfo: &str, discinfo: &str, package: &str) -> (String, String) {
    let disc = tree(treeinfo, discinfo, &[BOOT[0], BOOT[1], package]);
    let args = only(&disc, None).args.join(" ").replace("http://192.168.4.6/yum/", "U/");
    (summary(&disc), args)
}

#[track_caller]
fn is((what, args): (String, String), expected: &str, expected_args: &str) {
    assert_eq!((what.as_str(), args.as_str()), (expected, expected_args));
}

#[test]
fn el_5_takes_its_packages_by_method() {
    let centos = told(
        &old("CentOS", "5.11", "x86_64"),
        "1411394569.87\nFinal\nx86_64\n1\nCentOS/base\n",
        "CentOS/bash-3.2-33.el5_11.4.x86_64.rpm",
    );
    is(centos, "centos 5.11 x86_64 - el yum/CentOS5.11", "method=U/CentOS5.11 ksdevice=bootif");
    let rhel = told(
        &old("Red Hat Enterprise Linux Server", "5.11", "i386"),
        "1409145026.64\nRed Hat Enterprise Linux Server 5.11\ni386\n1\nServer/base\nServer/RPMS\n",
        "Server/redhat-release-5Server-5.11.0.1.i386.rpm",
    );
    is(rhel, "rhel 5.11 i386 - el yum/RHEL5.11-i386", "method=U/RHEL5.11-i386 ksdevice=bootif");
    let oracle = told(
        &old("Enterprise Linux Server", "5.8", "x86_64"),
        "",
        "Server/enterprise-release-5-8.0.1.x86_64.rpm",
    );
    let args = "method=U/OracleLinux5.8 ksdevice=bootif";
    is(oracle, "oracle 5.8 x86_64 - el yum/OracleLinux5.8", args);
    let scientific = told(&old("Scientific Linux", "5.11", "x86_64"), "", "SL/a.rpm");
    let args = "method=U/Scientific5.11 ksdevice=bootif";
    is(scientific, "scientific 5.11 x86_64 - el yum/Scientific5.11", args);
}

#[test]
fn a_disc_of_rhel_5_without_treeinfo_says_it_in_discinfo() {
    let discinfo = "1409145026.64\nRed Hat Enterprise Linux Server 5.11\nx86_64\n2\nServer/base\n";
    let second = tree("", discinfo, &["Server/zsh-4.2.6-9.el5.x86_64.rpm"]);
    assert_eq!(summary(&second), "rhel 5.11 x86_64 - el yum/RHEL5.11");
    let first = tree(&old("Red Hat Enterprise Linux Server", "5.11", "x86_64"), discinfo, &BOOT);
    let (first, second) = (known(&first), known(&second));
    assert!(!second.same(&first), "a disc without packages is another one");
    let whole = [BOOT[0], BOOT[1], "Server/bash-3.2-33.el5.x86_64.rpm"];
    let first = tree(&old("Red Hat Enterprise Linux Server", "5.11", "x86_64"), discinfo, &whole);
    assert_eq!(join::belongs((&known(&first), ""), (Some(&second), "")), Ok(()));
}

#[test]
fn el_6_takes_its_packages_by_repo() {
    for version in ["6.0", "6.6", "6.8", "6.10"] {
        let discinfo = format!("1414159991.95\n{version}\nx86_64\nALL\n");
        let told = told(&old("CentOS", version, "x86_64"), &discinfo, "Packages/a.rpm");
        let dir = format!("CentOS{version}");
        let args = format!("repo=U/{dir} ksdevice=bootif");
        is(told, &format!("centos {version} x86_64 - el yum/{dir}"), &args);
    }
    let name = "Red Hat Enterprise Linux";
    let rhel = told(&new("product", name, "6.8", "x86_64", "Server"), "", "Packages/a.rpm");
    is(rhel, "rhel 6.8 x86_64 - el yum/RHEL6.8", "repo=U/RHEL6.8 ksdevice=bootif");
    let oracle = told(&old("Oracle Linux Server", "6.10", "x86_64"), "", "Packages/a.rpm");
    let args = "repo=U/OracleLinux6.10 ksdevice=bootif";
    is(oracle, "oracle 6.10 x86_64 - el yum/OracleLinux6.10", args);
    let scientific = told(&old("Scientific", "6.10", "x86_64"), "", "Packages/a.rpm");
    let args = "repo=U/Scientific6.10 ksdevice=bootif";
    is(scientific, "scientific 6.10 x86_64 - el yum/Scientific6.10", args);
}

#[test]
fn from_el_7_on_inst_repo_suffices_and_treeinfo_leads_to_the_rest() {
    let centos =
        told(&old("CentOS", "7", "x86_64"), "1604001756.0\n7.9\nx86_64\n", "Packages/a.rpm");
    is(centos, "centos 7.9 x86_64 - el yum/CentOS7.9", "inst.repo=U/CentOS7.9 ip=dhcp");
    let package = "BaseOS/Packages/centos-linux-release-8.4-1.2105.el8.noarch.rpm";
    let eight = told(&new("release", "CentOS Linux", "8", "x86_64", "BaseOS"), "", package);
    is(eight, "centos 8.4 x86_64 - el yum/CentOS8.4", "inst.repo=U/CentOS8.4 ip=dhcp");
    let families = [
        ("Red Hat Enterprise Linux", "rhel", "RHEL", &["7.4", "7.9", "8.10", "9.4", "10.0"][..]),
        ("CentOS Stream", "centos-stream", "CentOS-Stream", &["8", "9", "10"]),
        ("Rocky Linux", "rocky", "Rocky", &["8.10", "9.0", "9.3", "10.0"]),
        ("AlmaLinux", "almalinux", "AlmaLinux", &["8.9", "9.5", "10.0"]),
        ("Oracle Linux", "oracle", "OracleLinux", &["7.4", "8.10", "9.5", "10.0"]),
        ("Scientific Linux", "scientific", "Scientific", &["7.9"]),
        ("CloudLinux", "cloudlinux", "CloudLinux", &["7.9", "8.10"]),
    ];
    for (name, family, brand, versions) in families {
        for version in versions {
            let seven = version.starts_with("7.");
            let variant = if seven { "Server" } else { "AppStream" };
            let section = if seven { "product" } else { "release" };
            let package = if seven { "Packages/a.rpm" } else { "AppStream/Packages/a/a.rpm" };
            let info = new(section, name, version, "x86_64", variant);
            let dir = format!("{brand}{version}");
            is(
                told(&info, "", package),
                &format!("{family} {version} x86_64 - el yum/{dir}"),
                &format!("inst.repo=U/{dir} ip=dhcp"),
            );
        }
    }
}

#[test]
fn fedoras_server_discs_from_20_to_43() {
    let twenty = told(
        "[general]\nname = Fedora-20\nfamily = Fedora\nvariant = Fedora\nversion = 20\narch = x86_64\n",
        "1386856788.124593\n20\nx86_64\n",
        "Packages/a/a.rpm",
    );
    is(twenty, "fedora 20 x86_64 - el yum/Fedora20", "inst.repo=U/Fedora20 ip=dhcp");
    for version in 21..=43 {
        let info = new("release", "Fedora", &version.to_string(), "x86_64", "Server");
        is(
            told(&info, "", "Packages/f/fedora-release-server.rpm"),
            &format!("fedora {version} x86_64 - el yum/Fedora{version}"),
            &format!("inst.repo=U/Fedora{version} ip=dhcp"),
        );
    }
}

#[test]
fn a_disc_without_packages_boots_the_installer_alone() {
    let cases = [
        (new("release", "Rocky Linux", "9.0", "x86_64", "BaseOS"), "Rocky9.0"),
        (new("release", "CentOS Linux", "8", "x86_64", "BaseOS"), "CentOS8"),
        (new("release", "Oracle Linux", "10.0", "x86_64", "BaseOS"), "OracleLinux10.0"),
        (new("release", "Fedora", "43", "x86_64", "Everything"), "Fedora43"),
        (new("product", "Red Hat Enterprise Linux", "7.9", "x86_64", "Server"), "RHEL7.9"),
    ];
    for (info, dir) in cases {
        let disc = tree(&info, "", &[BOOT[0], BOOT[1], "images/install.img"]);
        let url = format!("http://192.168.4.6/yum/{dir}-netinstall");
        let entry = only(&disc, None);
        assert_eq!(entry.args, [format!("inst.stage2={url}"), "ip=dhcp".into()]);
        assert!(entry.title.ends_with(" netinstall"), "{}", entry.title);
        let answered = only(&disc, Some(AnswerKind::Kickstart)).args;
        assert_eq!(answered[2], format!("inst.ks={url}/ks.cfg"));
    }
}

#[test]
fn kernels_of_arm_and_32_bit_machines_are_where_those_of_others_are() {
    let info = new("release", "Rocky Linux", "9.3", "aarch64", "BaseOS");
    let arm = told(&info, "", "BaseOS/Packages/a.rpm");
    let args = "inst.repo=U/Rocky9.3-aarch64 ip=dhcp";
    is(arm, "rocky 9.3 aarch64 - el yum/Rocky9.3-aarch64", args);
    let six = told(&old("CentOS", "6.9", "i386"), "", "Packages/a.rpm");
    let args = "repo=U/CentOS6.9-i386 ksdevice=bootif";
    is(six, "centos 6.9 i386 - el yum/CentOS6.9-i386", args);
}

/// Their firmware reads neither pxelinux's menu nor iPXE's.
#[test]
fn power_and_mainframe_trees_are_imported_without_an_entry() {
    let power = ["ppc/ppc64/vmlinuz", "ppc/ppc64/initrd.img", "BaseOS/Packages/a.rpm"];
    let mainframe = ["images/kernel.img", "images/initrd.img", "BaseOS/Packages/a.rpm"];
    for (arch, paths) in [("ppc64le", power), ("s390x", mainframe)] {
        let info = new("release", "CentOS Stream", "9", arch, "BaseOS");
        let disc = tree(&info, "", &paths);
        let expected = format!("centos-stream 9 {arch} - el yum/CentOS-Stream9-{arch}");
        assert_eq!(summary(&disc), expected);
        assert_eq!(entries(&disc, None), (vec![], vec!["no-entry"]));
    }
}

#[test]
fn who_writes_a_treeinfo_and_is_no_kin_is_not_taken_for_it() {
    let profiles = Profiles::builtin().expect("sound");
    let el = profiles.get("el").expect("there");
    for name in ["openSUSE Leap", "XenServer", "XCP-ng", "EulerOS", "Rocky"] {
        assert_eq!(el.family_that_says(name).map(|family| &family.name), None, "{name}");
    }
}
