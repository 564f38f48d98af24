//! openSUSE and SUSE Linux Enterprise.

use super::*;

const LOADER: &str = "boot/x86_64/loader";

fn with<'a>(more: &[(&'a str, &'a [u8])]) -> Vec<(&'a str, &'a [u8])> {
    let boots: [(&str, &[u8]); 4] = [
        ("boot/x86_64/loader/linux", b"k"),
        ("boot/x86_64/loader/initrd", b"i"),
        ("boot/x86_64/root", b"r"),
        ("media.1/media", b"openSUSE - openSUSE-Leap-15.5-x86_64-Build491.1\n1\n"),
    ];
    boots.into_iter().chain(more.iter().copied()).collect()
}

fn leap_155() -> Disc {
    let info = b"[header]\nversion = 1.0\n\n[release]\nname = openSUSE Leap\nshort = Leap\nversion = 15.5\n\n\
        [tree]\narch = x86_64\nplatforms = x86_64\n";
    let files = with(&[(".treeinfo", info), ("media.1/products", b"/ openSUSE-Leap 15.5-1\n")]);
    disc("openSUSE-Leap-15.5-DVD-x86_64-Bu", &files)
}

#[test]
fn leap_15_boots_by_linuxrc() {
    let disc = leap_155();
    assert_eq!(known(&disc).name, "openSUSE Leap 15.5");
    assert_eq!(summary(&disc), "opensuse-leap 15.5 x86_64 - suse suse/openSUSE-Leap15.5");
    let entry = only(&disc, None);
    assert_eq!(entry.title, "Install openSUSE Leap 15.5 x86_64");
    assert_eq!(entry.kernel, format!("/suse/openSUSE-Leap15.5/{LOADER}/linux"));
    assert_eq!(entry.initrd, Some(format!("/suse/openSUSE-Leap15.5/{LOADER}/initrd")));
    let url = "http://192.168.4.6/suse/openSUSE-Leap15.5";
    assert_eq!(entry.args.join(" "), format!("install={url} netsetup=dhcp"));
    assert!(entry.bootif && entry.efi == crate::menu::Efi::Kernel);
    let args = only(&disc, Some(AnswerKind::Autoyast)).args.join(" ");
    assert_eq!(args, format!("install={url} netsetup=dhcp autoyast={url}/ks.cfg"));
    assert_eq!(entries(&disc, Some(AnswerKind::Kickstart)).1, ["answer-kind"]);
}

#[test]
fn enterprise_12_is_read_from_content() {
    let content = b"CONTENTSTYLE     11\nDATADIR          suse\n\
        DISTRO           cpe:/o:suse:sles:12:sp5,SUSE Linux Enterprise Server 12 SP5\n\
        REPOID           obsproduct://build.suse.de/SUSE:SLE-12-SP5:GA/SLES/12.5/DVD/x86_64\n";
    let files = with(&[("content", content)]);
    let server = disc("SLE-12-SP5-Server-DVD-x86_645000", &files);
    assert_eq!(known(&server).name, "SUSE Linux Enterprise Server 12 SP5");
    assert_eq!(summary(&server), "sles 12.5 x86_64 - suse suse/SLES12.5");
    let desktop =
        String::from_utf8_lossy(content).replace("sles", "sled").replace("Server", "Desktop");
    let files = with(&[("content", desktop.as_bytes())]);
    assert!(summary(&disc("", &files)).starts_with("sled 12.5 x86_64 - suse "));
}

#[test]
fn leap_42_is_older_than_leap_16() {
    let content = b"DISTRO cpe:/o:opensuse:leap:42.3,openSUSE Leap 42.3\n\
        REPOID obsproduct://build.opensuse.org/openSUSE:Leap:42.3/openSUSE/42.3/ftp/x86_64\n";
    let files = with(&[("content", content)]);
    let disc = disc("openSUSE-Leap-42.3-DVD-x86_64034", &files);
    assert_eq!(summary(&disc), "opensuse-leap 42.3 x86_64 - suse suse/openSUSE-Leap42.3");
    assert!(only(&disc, None).args[0].starts_with("install="));
}

#[test]
fn enterprise_15_is_read_from_its_list_of_products_where_nothing_else_tells() {
    let files = with(&[("media.1/products", b"/ SLES 15.5-0\n"), ("CHECKSUMS", b"")]);
    let full = disc("SLE-15-SP5-Full-x86_64523.17.001", &files);
    assert_eq!(summary(&full), "sles 15.5 x86_64 - suse suse/SLES15.5");
    let online = disc("SLE-15-SP5-Online-x86_64523.17.0", &files);
    assert_eq!(summary(&online), "sles 15.5 x86_64 online suse suse/SLES15.5-online");
    let arm = [
        ("media.1/products", &b"/ SLE-15-SP2 15.2-0\n"[..]),
        ("boot/aarch64/linux", b"k"),
        ("boot/aarch64/initrd", b"i"),
    ];
    let arm = disc("SLE-15-SP2-Full-aarch64209.2.001", &arm);
    assert_eq!(summary(&arm), "sles 15.2 aarch64 - suse suse/SLES15.2-aarch64");
    assert_eq!(only(&arm, None).kernel, "/suse/SLES15.2-aarch64/boot/aarch64/linux");
}

#[test]
fn from_16_on_the_live_system_is_fetched_and_the_offline_medium_is_the_repository() {
    let offline = [
        ("LiveOS/squashfs.img", &b"s"[..]),
        ("boot/x86_64/loader/linux", b"k"),
        ("boot/x86_64/loader/initrd", b"i"),
        ("install/repodata/repomd.xml", b"<repomd/>"),
    ];
    let url = "http://192.168.4.6/suse/openSUSE-Leap16.0";
    let leap = disc("Install-Leap-16.0-x86_64", &offline);
    assert_eq!(summary(&leap), "opensuse-leap 16.0 x86_64 - suse suse/openSUSE-Leap16.0");
    let live = format!("root=live:{url}/LiveOS/squashfs.img ip=dhcp rd.neednet=1");
    let args = only(&leap, None).args.join(" ");
    assert_eq!(args, format!("{live} inst.install_url={url}/install"));
    let args = only(&leap, Some(AnswerKind::Agama)).args.join(" ");
    assert!(args.ends_with(&format!("inst.auto={url}/ks.cfg")), "{args}");

    let sles = disc("Install-SLES-16.0-x86_64", &offline[..3]);
    assert_eq!(summary(&sles), "sles 16.0 x86_64 - suse suse/SLES16.0");
    assert!(!only(&sles, None).args.join(" ").contains("install_url"));
    let info =
        [&offline[..3], &[("LiveOS/.info", b"Image: Leap_16.0 17.0.0 Build12.16\n")]].concat();
    assert!(summary(&disc("REMASTERED", &info)).starts_with("opensuse-leap 16.0 x86_64 - suse "));
}

#[test]
fn tumbleweed_is_no_leap() {
    let files = with(&[("media.1/products", b"/ openSUSE 20230707-0\n")]);
    let disc = disc("openSUSE-Tumbleweed-DVD-x86_64-S", &files);
    let target = "suse/openSUSE-Tumbleweed20230707";
    assert_eq!(summary(&disc), format!("opensuse-tumbleweed 20230707 x86_64 - suse {target}"));
}

#[test]
fn what_a_network_disc_lacks_is_named() {
    let profiles = builtin();
    let profile = profiles.get("suse").expect("there");
    let unmet = |disc: &Disc| -> Vec<String> {
        let find = |path: &str| disc.tree.find(path.as_bytes()).map(|_| path.to_owned());
        profile.unmet(&known(disc), &find).iter().map(|one| one.any[0].clone()).collect()
    };
    assert_eq!(unmet(&leap_155()), ["CHECKSUMS"]);
    let net = with(&[(
        ".treeinfo",
        b"[general]\nfamily = openSUSE Leap\nversion = 15.5\narch = x86_64\n",
    )]);
    let net: Vec<_> = net.into_iter().filter(|(path, _)| *path != "boot/x86_64/root").collect();
    assert_eq!(
        unmet(&disc("openSUSE-Leap-15.5-NET-x86_64-Bu", &net)),
        ["boot/x86_64/root", "CHECKSUMS"]
    );
}

#[test]
fn a_disc_of_another_maker_with_such_files_is_none() {
    let profiles = builtin();
    for (volume, files) in [
        ("ADDON", &[("content", &b"DISTRO cpe:/o:other:x,Other 1\n"[..])][..]),
        ("openSUSE_Leap_15.4_GNOME_Live", &[("LiveOS/squashfs.img", b"")]),
        ("Fedora-WS-Live-42", &[("LiveOS/squashfs.img", b""), ("boot/x86_64/loader/linux", b"")]),
    ] {
        let found = identify(&disc(volume, files), profiles, &Collect::default());
        let profile = found.expect("readable").product.map(|product| product.profile);
        assert_ne!(profile.as_deref(), Some("suse"), "{volume}");
    }
}

#[test]
fn every_release_is_known_and_boots() {
    let profiles = builtin();
    let mut proven = 0;
    for release in &profiles.get("suse").expect("there").releases {
        if !release.test.ends_with("::every_release_is_known_and_boots") {
            continue;
        }
        for version in &release.versions {
            let (major, pack) = version.split_once('.').expect("two numbers");
            let family = release.family.as_str();
            let content = match family {
                "opensuse-leap" => format!(
                    "DISTRO cpe:/o:opensuse:leap:{version},openSUSE Leap {version}\n\
                     REPOID obsproduct://build.opensuse.org/openSUSE:Leap:{version}/openSUSE/{version}/ftp/x86_64\n"
                ),
                _ => format!(
                    "DISTRO cpe:/o:suse:{family}:{major}:sp{pack},SUSE Linux Enterprise {} {major} SP{pack}\n\
                     REPOID obsproduct://build.suse.de/SUSE:SLE-{major}-SP{pack}:GA/{}/{version}/DVD/x86_64\n",
                    if family == "sles" { "Server" } else { "Desktop" },
                    family.to_ascii_uppercase(),
                ),
            };
            let product = match family {
                "opensuse-leap" => format!("/ openSUSE-Leap {version}-1\n"),
                _ => format!("/ SLE {version}-0\n"),
            };
            // From 15 on there is no content.
            let file = match major {
                "15" => ("media.1/products", product.as_bytes()),
                _ => ("content", content.as_bytes()),
            };
            let disc = disc("", &with(&[file]));
            let known = summary(&disc);
            assert!(known.starts_with(&format!("{family} {version} x86_64 - suse ")), "{known}");
            assert!(only(&disc, None).args[0].starts_with("install=http://"), "{known}");
            proven += 1;
        }
    }
    assert_eq!(proven, 28);
}

#[test]
fn a_reason_is_no_longer_than_people_read() {
    let long = format!("/ SLES 1{}\n", ".1".repeat(100_000));
    let disc = disc("", &with(&[("media.1/products", long.as_bytes())]));
    let identified = identify(&disc, builtin(), &Collect::default()).expect("readable");
    assert_eq!(identified.product.expect("known").version, None);
    assert!(identified.why.iter().all(|why| why.chars().count() < 400), "{:?}", identified.why);
}
