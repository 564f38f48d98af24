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
