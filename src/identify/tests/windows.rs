//! Windows from 7 and Server 2008 R2 on, by the XML of their WIMs.

use super::*;

/// The XML of a WIM: name, edition and architecture of each image.
fn xml(version: &str, images: &[(&str, &str, u32)]) -> String {
    let mut parts = version.split('.');
    let mut next = || parts.next().expect("three parts");
    let (major, minor, build) = (next(), next(), next());
    let image = |(index, (name, edition, arch)): (u32, &(&str, &str, u32))| {
        format!(
            "<IMAGE INDEX=\"{index}\"><WINDOWS><ARCH>{arch}</ARCH><EDITIONID>{edition}</EDITIONID>\
             <VERSION><MAJOR>{major}</MAJOR><MINOR>{minor}</MINOR><BUILD>{build}</BUILD></VERSION>\
             </WINDOWS><NAME>{name}</NAME></IMAGE>"
        )
    };
    let images: String = (1..).zip(images).map(image).collect();
    format!("<WIM>{images}</WIM>")
}

/// Name, version and architecture of the disc with these files.
fn named(files: &[(&str, &[u8])]) -> [String; 3] {
    let product = known(&disc("", files));
    assert_eq!(product.profile, "windows");
    [product.name, product.version.unwrap_or_default(), product.arch.unwrap_or_default()]
}

#[test]
fn every_windows_from_7_and_2008_r2_on_has_its_name() {
    let server = |edition| (edition, "ServerStandard", 9);
    let client = |name| (name, "Core", 9);
    for (version, images, name) in [
        // What its editions share.
        (
            "6.1.7601",
            vec![client("Windows 7 HOMEPREMIUM"), client("Windows 7 ULTIMATE")],
            "Windows 7",
        ),
        ("6.2.9200", vec![client("Windows 8"), client("Windows 8 Pro")], "Windows 8"),
        ("6.3.9600", vec![client("Windows 8.1"), client("Windows 8.1 Pro")], "Windows 8.1"),
        ("10.0.19041", vec![client("Windows 10 Home"), client("Windows 10 Pro")], "Windows 10"),
        (
            "10.0.22621",
            vec![
                client("Windows 11 Home"),
                client("Windows 11 Education"),
                client("Windows 11 Pro"),
            ],
            "Windows 11",
        ),
        ("10.0.26100", vec![client("Windows 11 Pro")], "Windows 11 Pro"),
        (
            "6.2.9200",
            vec![
                server("Windows Server 2012 SERVERSTANDARDCORE"),
                server("Windows Server 2012 SERVERDATACENTER"),
            ],
            "Windows Server 2012",
        ),
        (
            "10.0.20348",
            vec![
                server("Windows Server 2022 SERVERSTANDARDCORE"),
                server("Windows Server 2022 SERVERDATACENTER"),
            ],
            "Windows Server 2022",
        ),
        // By the build, where they share too little.
        ("6.1.7600", vec![client("Starter"), client("Ultimate")], "Windows 7"),
        ("6.1.7601", vec![server("SERVERSTANDARD")], "Windows Server 2008 R2"),
        ("6.3.9600", vec![server("Standard"), server("Datacenter")], "Windows Server 2012 R2"),
        ("10.0.14393", vec![server("Windows Server")], "Windows Server 2016"),
        ("10.0.17763", vec![server("gold")], "Windows Server 2019"),
        (
            "10.0.26100",
            vec![server("Windows Server"), server("Windows Server")],
            "Windows Server 2025",
        ),
        ("10.0.10240", vec![client("Windows"), client("x")], "Windows 10"),
        ("10.0.22000", vec![("Multi-session", "ServerRdsh", 9)], "Windows 11"),
        ("10.0.26100", vec![client("gold"), client("silver")], "Windows 11"),
        ("10.0.99999", vec![client("gold")], "Windows"),
    ] {
        let install = wim::tests::wim(&xml(version, &images));
        for file in ["sources/install.wim", "SOURCES/INSTALL.ESD", "sources/install.swm"] {
            let files: [(&str, &[u8]); 6] = [
                (file, &install),
                ("bootmgr", b""),
                ("boot/bcd", b""),
                ("boot/boot.sdi", b""),
                ("sources/boot.wim", b""),
                ("efi/boot/bootx64.efi", b""),
            ];
            assert_eq!(named(&files), [name, version, "x86_64"], "{images:?}");
            let entry = only(&disc("", &files), None);
            assert_eq!((entry.kernel.as_str(), entry.args[0].as_str()), ("linux.c32", "wimboot"));
            assert!(matches!(entry.efi, crate::menu::Efi::Wimboot(files) if files.len() == 5));
        }
    }
}

#[test]
fn a_disc_for_both_architectures_is_taken_for_one_of_64_bits_and_boots_that_half() {
    let install = |arch| wim::tests::wim(&xml("10.0.19045", &[("Windows 10 Pro", "Pro", arch)]));
    let (x86, x64) = (install(0), install(9));
    let halves = ["bootmgr", "boot/bcd", "boot/boot.sdi", "sources/boot.wim"];
    let paths: Vec<_> = ["x86", "x64"]
        .iter()
        .flat_map(|half| halves.map(|path| format!("{half}/{path}")))
        .collect();
    let mut files: Vec<(&str, &[u8])> =
        paths.iter().map(|path| (path.as_str(), &b"x"[..])).collect();
    files.extend([("bootmgr", &b"x"[..]), ("boot/bcd", b"x"), ("efi/boot/bootx64.efi", b"x")]);
    files.extend([("x86/sources/install.esd", &x86[..]), ("x64/sources/install.esd", &x64)]);
    assert_eq!(named(&files), ["Windows 10 Pro", "10.0.19045", "x86_64"]);
    let entry = only(&disc("", &files), None);
    let tree = "/windows/it/x64";
    assert_eq!(
        entry.args[1],
        format!(
            "initrdfile={tree}/bootmgr,{tree}/boot/bcd,{tree}/boot/boot.sdi,{tree}/sources/boot.wim"
        )
    );
    assert!(matches!(entry.efi, crate::menu::Efi::Wimboot(files) if files.len() == 5));
}

#[test]
fn a_32_bit_windows_is_for_bios_clients_and_one_for_arm_for_none() {
    let install = |arch| wim::tests::wim(&xml("10.0.19045", &[("Windows 10 Pro", "Pro", arch)]));
    let with = |install: &[u8]| {
        let boot: [(&str, &[u8]); 5] = [
            ("bootmgr", b"x"),
            ("boot/bcd", b"x"),
            ("boot/boot.sdi", b"x"),
            ("sources/boot.wim", b"x"),
            ("sources/install.wim", install),
        ];
        entries(&disc("", &boot), None)
    };
    let (made, warnings) = with(&install(0));
    assert_eq!((&made[0].efi, warnings.len()), (&crate::menu::Efi::None, 0));
    assert_eq!(with(&install(12)), (vec![], vec!["no-entry"]));
}

#[test]
fn a_damaged_install_image_leaves_what_setup_says_of_itself() {
    let boot =
        wim::tests::wim(&xml("10.0.26100", &[("Microsoft Windows Setup (amd64)", "WindowsPE", 9)]));
    let files: [(&str, &[u8]); 2] =
        [("sources/install.wim", b"MSWIM"), ("sources/boot.wim", &boot)];
    let monitor = Collect::default();
    let profiles = Profiles::builtin().expect("sound");
    let found = identify(&disc("", &files), &profiles, &monitor).expect("readable");
    let product = found.product.expect("known");
    // Setup of a client and of a server look the same.
    assert_eq!((product.name.as_str(), product.arch.as_deref()), ("Windows", Some("x86_64")));
    assert_eq!(product.version.as_deref(), Some("10.0.26100"));
    let codes: Vec<_> = monitor.warnings().iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["wim-unreadable"]);
}

#[test]
fn the_update_is_among_the_reasons() {
    let install = wim::tests::wim(&xml("10.0.26100", &[("Windows 11 Pro", "Professional", 9)]));
    let disc = disc("", &[("sources/install.wim", &install)]);
    let profiles = Profiles::builtin().expect("sound");
    let why = identify(&disc, &profiles, &Collect::default()).expect("readable").why;
    assert!(why.iter().any(|why| why == "its build is that of Windows 11 24H2"), "{why:?}");
}

#[test]
fn each_windows_pe_boots_whole_by_bios_and_extracted_by_both() {
    for version in ["6.1.7601", "6.2.9200", "6.3.9600", "10.0.19041", "10.0.22621"] {
        let boot =
            wim::tests::wim(&xml(version, &[("Microsoft Windows PE (x64)", "WindowsPE", 9)]));
        let files: [(&str, &[u8]); 5] = [
            ("bootmgr", b"x"),
            ("boot/bcd", b"x"),
            ("boot/boot.sdi", b"x"),
            ("sources/boot.wim", &boot),
            ("efi/boot/bootx64.efi", b"x"),
        ];
        let disc = disc("", &files);
        let whole = format!("winpe {version} x86_64 - winpe windows/label.iso whole");
        assert_eq!(summary(&disc), whole);
        let entry = only(&disc, None);
        assert_eq!((entry.kernel.as_str(), &entry.efi), ("memdisk", &crate::menu::Efi::None));
        assert_eq!(entry.initrd.as_deref(), Some("/windows/it.iso"));
        let (mut made, warnings) = entries_by(&disc, Some("wimboot"), None);
        assert_eq!((made.len(), warnings), (1, vec![]));
        let entry = made.remove(0);
        assert_eq!((entry.kernel.as_str(), entry.args[0].as_str()), ("linux.c32", "wimboot"));
        assert!(entry.args[1].contains("/windows/it/sources/boot.wim"), "{:?}", entry.args);
        assert!(matches!(entry.efi, crate::menu::Efi::Wimboot(files) if files.len() == 5));
    }
}
