//! ESXi, Windows and WinPE.

use super::*;

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
fn each_release_of_esxi_is_known_by_each_of_its_markers_alone() {
    // Version, the value of build, the heading of the licence and what that tells.
    let releases = [
        ("5.0.0", "", "VMware ESXi 5.0", "5.0"),
        ("5.1.0", "", "VMware vSphere ESXi 5.1", "5.1"),
        ("5.5.0", "", "VMware ESXi 5.5", "5.5"),
        ("6.0.0", "", "VMware ESXi 6.0", "6.0"),
        ("6.5.0", "6.5.0-0.0.4564106", "VMware ESXi 6.5", "6.5"),
        ("6.7.0", "6.7.0-0.0.8169922", "VMware ESXi 6.7", "6.7"),
        ("7.0.3", "7.0.3-0.35.19482537", "ESXi 7.0U3d GA", "7.0.3"),
        ("8.0.2", "8.0.2-0.0.22380479", "ESXi 8.0U2 GA", "8.0.2"),
        ("9.0.0", "9.0.0-0.24755229", "VMware ESX 9.0", "9.0"),
    ];
    for (version, build, heading, licensed) in releases {
        let (number, _) = version.rsplit_once('.').expect("three numbers");
        let expected = |version: &str| format!("esxi {version} x86_64 - esxi esxi/{number}");
        let boot = format!("bootstate=0\nkernel=/b.b00\nbuild={build}\n");
        let metadata = format!("<vum><product><esxVersion>{version}</esxVersion></product></vum>");
        let licence = [heading.as_bytes(), b" \xae\nterms\n"].concat();
        let known = |more: &[(&str, &[u8])], boot: &str| {
            let mut files = vec![("boot.cfg", boot.as_bytes()), ("mboot.c32", &b"m"[..])];
            files.extend_from_slice(more);
            summary(&disc("", &files))
        };
        let bare = "bootstate=0\nkernel=/b.b00\n";
        assert_eq!(
            known(&[("upgrade/metadata.xml", metadata.as_bytes())], bare),
            expected(version)
        );
        assert_eq!(known(&[("vmware-esx-base-osl.txt", &licence)], bare), expected(licensed));
        if !build.is_empty() {
            assert_eq!(known(&[], &boot), expected(version));
            continue;
        }
        // The key is there and says nothing: the volume identifier does.
        let files: [(&str, &[u8]); 2] = [("boot.cfg", boot.as_bytes()), ("mboot.c32", b"m")];
        let volume = format!("ESXI-{version}-1331820-STANDARD");
        assert_eq!(summary(&disc(&volume, &files)), expected(version));
    }
}

#[test]
fn each_release_of_esxi_boots_by_mboot_and_by_its_own_loader() {
    for version in ["5.0.0", "5.5.0", "6.0.0", "6.5.0", "6.7.0", "7.0.3", "8.0.2", "9.0.0"] {
        let metadata = format!("<vum><product><esxVersion>{version}</esxVersion></product></vum>");
        let files: [(&str, &[u8]); 4] = [
            ("boot.cfg", b"bootstate=0\nkernel=/b.b00\nbuild=\n"),
            ("mboot.c32", b"m"),
            ("efi/boot/bootx64.efi", b"MZ"),
            ("upgrade/metadata.xml", metadata.as_bytes()),
        ];
        let disc = disc("", &files);
        let (number, _) = version.rsplit_once('.').expect("three numbers");
        let tree = format!("/esxi/{number}");
        assert_eq!(summary(&disc), format!("esxi {version} x86_64 - esxi esxi/{number}"));
        let entry = only(&disc, Some(AnswerKind::Kickstart));
        assert_eq!(entry.kernel, format!("{tree}/mboot.c32"));
        let boot_cfg = format!("{tree}/boot.cfg");
        assert_eq!(entry.args, ["-c", &boot_cfg, &format!("ks=http://192.168.4.6{tree}/ks.cfg")]);
        let path = format!("{tree}/efi/boot/bootx64.efi");
        assert_eq!(entry.efi, crate::menu::Efi::Program { path, args: Vec::new() });
    }
}

#[test]
fn vendors_images_of_esxi_are_told_by_profile_or_volume() {
    let boot: [(&str, &[u8]); 2] =
        [("boot.cfg", b"build=8.0.2-0.0.22380479\n"), ("mboot.c32", b"")];
    let vendor = |volume: &str, name: Option<&str>| {
        let name = name.map(|name| format!("<imageprofile><name>{name}</name></imageprofile>"));
        let mut files = boot.to_vec();
        files.extend(name.iter().map(|text| ("upgrade/profile.xml", text.as_bytes())));
        known(&disc(volume, &files)).variant
    };
    assert_eq!(vendor("ESXI-8.0U2-22380479-STANDARD", Some("ESXi-8.0U2-22380479-standard")), None);
    assert_eq!(vendor("HPE-ESXI-8.0.2-ISO", None).as_deref(), Some("hpe"));
    assert_eq!(vendor("LENOVO-ESXI-8.0U2", None).as_deref(), Some("lenovo"));
    for (name, expected) in [
        ("DellEMC-ESXi-8.0U2-22380479-A00", "dellemc"),
        ("Vmware-ESXi-8.0.2-22380479-Custom-Cisco-4.3", "cisco"),
        ("(Updated) FUJITSU-VMvisor-Installer", "fujitsu"),
    ] {
        assert_eq!(vendor("X", Some(name)).as_deref(), Some(expected), "{name}");
    }
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
    assert_eq!(identify(&other, &profiles, &Collect::default()).expect("readable").product, None);
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
    let product = identify(&disc, &profiles, &monitor).expect("readable").product.expect("known");
    assert_eq!((product.family.as_str(), product.name.as_str()), ("windows", "Windows"));
    let warning = monitor.warnings().remove(0);
    assert_eq!((warning.code, warning.path.as_str()), ("wim-unreadable", "Sources/Install.esd"));
}
