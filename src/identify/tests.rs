//! Whole discs: identified, given their target, their entries made.

use super::sample::disc;
use super::*;
use crate::menu::Entry;
use crate::monitor::Collect;

const TREEINFO_68: &[u8] = b"[general]\nversion = 6.8\narch = x86_64\nfamily = CentOS\n\
    timestamp = 1463897099.73\ndiscnum = 1\nvariant = \ntotaldiscs = 1\n\
    [images-x86_64]\nkernel = images/pxeboot/vmlinuz\ninitrd = images/pxeboot/initrd.img\n";

fn centos_68() -> Disc {
    disc(
        "CentOS_6.8_Final",
        &[
            (".treeinfo", TREEINFO_68),
            (".discinfo", b"1463897099.73\n6.8\nx86_64\nALL\n"),
            ("Packages/centos-release-6-8.el6.centos.12.3.x86_64.rpm", b""),
            ("images/pxeboot/vmlinuz", b"k"),
            ("images/pxeboot/initrd.img", b"i"),
            ("repodata/0123-c6-x86_64-comps.xml", b""),
        ],
    )
}

fn ubuntu_1604() -> Disc {
    disc(
        "Ubuntu-Server 16.04.4 LTS amd64",
        &[
            (
                ".disk/info",
                b"Ubuntu-Server 16.04.4 LTS \"Xenial Xerus\" - Release amd64 (20180228)",
            ),
            ("install/filesystem.squashfs", b"s"),
            ("install/netboot/ubuntu-installer/amd64/linux", b"k"),
            ("install/netboot/ubuntu-installer/amd64/initrd.gz", b"i"),
        ],
    )
}

fn esxi_55() -> Disc {
    disc(
        "ESXI-5.5.0-1331820-STANDARD",
        &[
            ("boot.cfg", b"bootstate=0\ntitle=Loading ESXi installer\nkernel=/tboot.b00\nbuild=\n"),
            ("mboot.c32", b"m"),
            (
                "upgrade/metadata.xml",
                b"<vum><product><esxVersion>5.5.0</esxVersion></product></vum>",
            ),
            ("vmware-esx-base-osl.txt", b"VMware ESXi 5.5 \x99\nterms\n"),
        ],
    )
}

fn known(disc: &Disc) -> Product {
    let monitor = Collect::default();
    let profiles = Profiles::builtin().expect("sound");
    let product = identify(disc, &profiles, &monitor).expect("readable").expect("known");
    assert_eq!(monitor.warnings(), []);
    product
}

/// `FAMILY VERSION ARCH VARIANT PROFILE` and the target.
fn summary(disc: &Disc) -> String {
    let product = known(disc);
    let profiles = Profiles::builtin().expect("sound");
    let profile = profiles.get(&product.profile).expect("there");
    let target = profile.target(&product, "label").expect("complete");
    let or_dash = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".into());
    format!(
        "{} {} {} {} {} {}{}",
        product.family,
        or_dash(&product.version),
        or_dash(&product.arch),
        or_dash(&product.variant),
        product.profile,
        target.path,
        if target.whole_image { " whole" } else { "" },
    )
}

/// The entries with a server at 192.168.4.6, and the codes of the warnings.
fn entries(disc: &Disc, answer: Option<AnswerKind>) -> (Vec<Entry>, Vec<&'static str>) {
    let product = known(disc);
    let profiles = Profiles::builtin().expect("sound");
    let profile = profiles.get(&product.profile).expect("there");
    let dir = profile.target(&product, "it").expect("complete").path;
    let url = format!("http://192.168.4.6/{dir}");
    let answer = answer.map(|kind| Answer { url: format!("{url}/ks.cfg"), kind });
    let context = Context {
        dir: &dir,
        url: Some(&url),
        host: Some("192.168.4.6"),
        path_prefix: "",
        answer: answer.as_ref(),
        exists: &|path| disc.tree.find(path.as_bytes()).is_some(),
    };
    let monitor = Collect::default();
    let entries = profile.entries(&product, "it", &context, &monitor).expect("complete");
    (entries, monitor.warnings().iter().map(|warning| warning.code).collect())
}

fn only(disc: &Disc, answer: Option<AnswerKind>) -> Entry {
    let (mut entries, warnings) = entries(disc, answer);
    assert_eq!((entries.len(), warnings), (1, vec![]));
    entries.remove(0)
}

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
    assert_eq!(none, None);
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

#[test]
fn ubuntu_16_04_boots_its_network_installer() {
    let disc = ubuntu_1604();
    assert_eq!(known(&disc).name, "Ubuntu Server 16.04.4 LTS");
    assert_eq!(summary(&disc), "ubuntu 16.04.4 amd64 - ubuntu-di apt/ubuntu16.04");
    let entry = only(&disc, None);
    assert_eq!(entry.title, "Install Ubuntu Server 16.04.4 LTS amd64");
    let netboot = "/apt/ubuntu16.04/install/netboot/ubuntu-installer/amd64";
    assert_eq!(entry.kernel, format!("{netboot}/linux"));
    assert_eq!(entry.initrd, Some(format!("{netboot}/initrd.gz")));
    let image =
        "live-installer/net-image=http://192.168.4.6/apt/ubuntu16.04/install/filesystem.squashfs";
    assert_eq!(
        entry.args.join(" "),
        format!(
            "interface=auto mirror/country=manual mirror/http/hostname=192.168.4.6 \
             mirror/http/directory=/apt/ubuntu16.04 {image} --- quiet"
        )
    );
    let answer = "http://192.168.4.6/apt/ubuntu16.04/ks.cfg";
    let kickstart = only(&disc, Some(AnswerKind::Kickstart)).args.join(" ");
    assert_eq!(kickstart, format!("interface=auto ks={answer} --- quiet {image}"));
    let preseed = only(&disc, Some(AnswerKind::Preseed)).args.join(" ");
    let begin = format!("auto=true priority=critical interface=auto url={answer} ");
    assert!(preseed.starts_with(&begin), "{preseed}");
}

#[test]
fn the_squashfs_is_named_only_where_it_is() {
    let info = b"Ubuntu-Server 12.04 LTS \"Precise Pangolin\" - Release i386 (20120424)";
    let files: [(&str, &[u8]); 3] = [
        (".disk/info", info),
        ("install/netboot/ubuntu-installer/i386/linux", b"k"),
        ("install/netboot/ubuntu-installer/i386/initrd.gz", b"i"),
    ];
    let disc = disc("", &files);
    assert_eq!(summary(&disc), "ubuntu 12.04 i386 - ubuntu-di apt/ubuntu12.04-i386");
    let args = only(&disc, Some(AnswerKind::Kickstart)).args.join(" ");
    assert!(args.ends_with("--- quiet"), "{args}");
}

#[test]
fn live_discs_and_debian_are_known_and_say_why_there_is_no_entry() {
    let info = b"Ubuntu-Server 22.04.1 LTS \"Jammy Jellyfish\" - Release amd64 (20220809)";
    let live = disc("", &[(".disk/info", info), ("casper/vmlinuz", b"k")]);
    assert_eq!(summary(&live), "ubuntu 22.04.1 amd64 - ubuntu-live apt/ubuntu22.04");
    assert_eq!(entries(&live, None), (vec![], vec!["no-entry"]));
    let info = b"Ubuntu 24.04 LTS \"Noble Numbat\" - Release amd64 (20240424)";
    let desktop = disc("", &[(".disk/info", info), ("casper/vmlinuz", b"k")]);
    let expected = "ubuntu 24.04 amd64 desktop ubuntu-live apt/ubuntu24.04-desktop";
    assert_eq!(summary(&desktop), expected);
    let info = b"Debian GNU/Linux 13.2.0 \"Trixie\" - Official amd64 NETINST with firmware";
    let debian = disc("", &[(".disk/info", info), ("install.amd/vmlinuz", b"k")]);
    assert_eq!(summary(&debian), "debian 13.2.0 amd64 netinst debian apt/debian13-netinst");
    assert_eq!(entries(&debian, None), (vec![], vec!["no-entry"]));
}

#[test]
fn esxi_5_5_boots_by_mboot() {
    let disc = esxi_55();
    assert_eq!(summary(&disc), "esxi 5.5.0 x86_64 - esxi esxi/5.5");
    let entry = only(&disc, None);
    assert_eq!(entry.title, "Install VMware ESXi 5.5.0");
    assert_eq!((entry.kernel.as_str(), entry.initrd.as_ref()), ("/esxi/5.5/mboot.c32", None));
    assert_eq!(entry.args, ["-c", "/esxi/5.5/boot.cfg"]);
    let args = only(&disc, Some(AnswerKind::Kickstart)).args;
    assert_eq!(args, ["-c", "/esxi/5.5/boot.cfg", "ks=http://192.168.4.6/esxi/5.5/ks.cfg"]);
}

#[test]
fn an_esxi_disc_is_known_by_any_of_its_markers_and_its_vendor() {
    let seven = disc(
        "ESXI-7.0U3D-19482537-STANDARD",
        &[
            (".discinfo", b"1643000000.0\nESXi\nx86_64\n"),
            ("boot.cfg", b"bootstate=0\nbuild=7.0.3-0.35.19482537\n"),
            ("efi/boot/bootx64.efi", b""),
        ],
    );
    assert_eq!(summary(&seven), "esxi 7.0.3 x86_64 - esxi esxi/7.0");
    let vendor = disc(
        "HPE-ESXI",
        &[
            ("BOOT.CFG", b"build=6.7.0-2.48.13006603\n"),
            ("MBOOT.C32", b""),
            (
                "UPGRADE/PROFILE.XML",
                b"<imageprofile><name>(Updated) HPE-ESXi-6.7.0-Update2-iso</name></imageprofile>",
            ),
        ],
    );
    assert_eq!(summary(&vendor), "esxi 6.7.0 x86_64 hpe esxi esxi/6.7-hpe");
    let other = disc("X", &[("boot.cfg", b"kernel=a\n"), ("mboot.c32", b"")]);
    let profiles = Profiles::builtin().expect("sound");
    assert_eq!(identify(&other, &profiles, &Collect::default()).expect("readable"), None);
}

#[test]
fn a_winpe_image_is_kept_whole_and_booted_by_memdisk() {
    let boot = wim::tests::wim(
        "<WIM><IMAGE INDEX=\"1\"><NAME>Microsoft Windows PE (x64)</NAME><WINDOWS><ARCH>9</ARCH>\
         <VERSION><MAJOR>6</MAJOR><MINOR>2</MINOR><BUILD>9200</BUILD></VERSION></WINDOWS></IMAGE></WIM>",
    );
    let disc1 = disc("Win8PE", &[("BOOTMGR", b""), ("SOURCES/BOOT.WIM", &boot)]);
    assert_eq!(summary(&disc1), "winpe 6.2.9200 x86_64 - winpe windows/label.iso whole");
    let entry = only(&disc1, None);
    assert_eq!(entry.title, "Windows PE 6.2.9200 x86_64 (it)");
    assert_eq!(entry.kernel, "memdisk");
    assert_eq!(entry.initrd.as_deref(), Some("/windows/it.iso"));
    assert_eq!(entry.args, ["raw", "iso"]);
    let (entries, warnings) = entries(&disc1, Some(AnswerKind::Kickstart));
    assert_eq!((entries.len(), warnings), (1, vec!["answer-unused"]));
    let home_made = disc("PE", &[("bootmgr", b""), ("boot/bcd", b""), ("PE/W8PE64.WIM", &boot)]);
    assert_eq!(summary(&home_made), "winpe 6.2.9200 x86_64 - winpe windows/label.iso whole");
}

#[test]
fn a_windows_dvd_is_named_by_what_its_editions_have_in_common() {
    let install = wim::tests::wim(wim::tests::SERVER);
    let files: [(&str, &[u8]); 3] =
        [("sources/boot.wim", b"MSWIM"), ("sources/install.wim", &install), ("bootmgr", b"")];
    let disc = disc("GRMSXVOL_EN_DVD", &files);
    assert_eq!(known(&disc).name, "Windows Server 2008 R2");
    assert_eq!(summary(&disc), "windows 6.1.7601 x86_64 - windows windows/label");
    assert_eq!(entries(&disc, None), (vec![], vec!["no-entry"]));
}

#[test]
fn a_wim_that_cannot_be_read_is_a_warning() {
    let files: [(&str, &[u8]); 2] = [
        ("Sources/Install.esd", b"not a WIM"),
        ("sources/idwbinfo.txt", b"[BUILDINFO]\r\nBuildArch=amd64\r\n"),
    ];
    let disc = disc("", &files);
    let monitor = Collect::default();
    let profiles = Profiles::builtin().expect("sound");
    let product = identify(&disc, &profiles, &monitor).expect("readable").expect("known");
    assert_eq!((product.family.as_str(), product.name.as_str()), ("windows", "Windows"));
    let warning = monitor.warnings().remove(0);
    assert_eq!((warning.code, warning.path.as_str()), ("wim-unreadable", "Sources/Install.esd"));
}

#[test]
fn the_server_is_asked_for_only_where_it_is_needed() {
    let profiles = Profiles::builtin().expect("sound");
    let needs = |name, answered| profiles.get(name).expect("there").needs_server(answered);
    assert!(needs("el", false) && needs("el", true));
    assert!(needs("ubuntu-di", false) && needs("ubuntu-di", true));
    assert!(!needs("esxi", false) && needs("esxi", true));
    assert!(!needs("winpe", false) && !needs("winpe", true));
    assert!(!needs("windows", true) && !needs("ubuntu-live", true));
    let product = known(&centos_68());
    let context = Context {
        dir: "yum/CentOS6.8",
        url: None,
        host: None,
        path_prefix: "",
        answer: None,
        exists: &|_| true,
    };
    let profile = profiles.get("el").expect("there");
    let error = profile.entries(&product, "c", &context, &Collect::default()).expect_err("none");
    assert!(
        error.to_string().contains("--server") && error.to_string().contains("pxe-import.toml")
    );
}

#[test]
fn the_path_of_the_servers_url_goes_into_the_mirrors_directory() {
    let disc = ubuntu_1604();
    let profiles = Profiles::builtin().expect("sound");
    let context = Context {
        dir: "apt/ubuntu16.04",
        url: Some("http://boot:8080/pxe/apt/ubuntu16.04"),
        host: Some("boot:8080"),
        path_prefix: "/pxe",
        answer: None,
        exists: &|_| true,
    };
    let profile = profiles.get("ubuntu-di").expect("there");
    let entries = profile.entries(&known(&disc), "u", &context, &Collect::default());
    let args = entries.expect("complete")[0].args.join(" ");
    assert!(
        args.contains("mirror/http/hostname=boot:8080 mirror/http/directory=/pxe/apt/ubuntu16.04 ")
    );
}

#[test]
fn a_forced_profile_needs_no_markers() {
    let plain = disc("", &[("readme.txt", b"")]);
    let profiles = Profiles::builtin().expect("sound");
    let monitor = Collect::default();
    assert_eq!(identify(&plain, &profiles, &monitor).expect("readable"), None);
    let winpe = profiles.get("winpe").expect("there");
    let product = identify_as(&plain, winpe, &monitor).expect("readable");
    assert_eq!((product.family.as_str(), product.name.as_str()), ("winpe", "Windows PE"));
    assert_eq!(winpe.target(&product, "pe").expect("complete").path, "windows/pe.iso");
}

#[test]
fn other_systems_with_the_same_markers_are_not_taken_for_ours() {
    let profiles = Profiles::builtin().expect("sound");
    for (path, text) in [
        (".treeinfo", "[general]\nfamily = XenServer\nversion = 7.0.0\narch = x86_64\n"),
        (".treeinfo", "[release]\nname = openSUSE Leap\nversion = 15.5\n"),
        (".disk/info", "Linux Mint 21 \"Vanessa\" - Release amd64 20220726"),
        (".treeinfo", "\u{0}\u{0}"),
    ] {
        let disc = disc("", &[(path, text.as_bytes()), ("images/pxeboot/vmlinuz", b"")]);
        assert_eq!(
            identify(&disc, &profiles, &Collect::default()).expect("readable"),
            None,
            "{text}"
        );
    }
}
