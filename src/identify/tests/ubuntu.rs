//! Ubuntu from 12.04 to 26.04.

use super::*;

/// A disc that says `info` and has these files, empty.
fn ubuntu(info: &str, files: &[&str]) -> Disc {
    let info = (".disk/info", info.as_bytes());
    let files = files.iter().map(|path| (*path, &b"x"[..]));
    disc("", &std::iter::once(info).chain(files).collect::<Vec<_>>())
}

const CASPER: [&str; 2] = ["casper/vmlinuz", "casper/initrd"];

#[test]
fn every_release_is_known_by_what_it_says() {
    let netboot = ["install/netboot/ubuntu-installer/amd64/linux"];
    let lz = ["casper/vmlinuz.efi", "casper/initrd.lz"];
    for (info, files, expected) in [
        (
            "Ubuntu-Server 12.04.5 LTS \"Precise Pangolin\" - Release amd64 (20140807.1)",
            &netboot[..],
            "ubuntu 12.04.5 amd64 - ubuntu-di apt/ubuntu12.04",
        ),
        (
            "Ubuntu 12.04.5 LTS \"Precise Pangolin\" - Release amd64 (20140807.1)",
            &netboot,
            "ubuntu 12.04.5 amd64 alternate ubuntu-di apt/ubuntu12.04-alternate",
        ),
        (
            "Ubuntu 14.04.6 LTS \"Trusty Tahr\" - Release amd64 (20190304.5)",
            &lz,
            "ubuntu 14.04.6 amd64 desktop ubuntu-live apt/ubuntu14.04-desktop",
        ),
        (
            "Ubuntu-Server 14.04.6 LTS \"Trusty Tahr\" - Release i386 (20190304.5)",
            &netboot,
            "ubuntu 14.04.6 i386 - ubuntu-di apt/ubuntu14.04-i386",
        ),
        (
            "Ubuntu-Server 16.04.7 LTS \"Xenial Xerus\" - Release amd64 (20200806)",
            &netboot,
            "ubuntu 16.04.7 amd64 - ubuntu-di apt/ubuntu16.04",
        ),
        (
            "Ubuntu-Server 18.04.6 LTS \"Bionic Beaver\" - Release amd64 (20210915)",
            &netboot,
            "ubuntu 18.04.6 amd64 - ubuntu-di apt/ubuntu18.04",
        ),
        (
            "Ubuntu-Server 18.04.6 LTS \"Bionic Beaver\" - Release amd64 (20210915)",
            &CASPER,
            "ubuntu 18.04.6 amd64 - ubuntu-live apt/ubuntu18.04",
        ),
        (
            "Ubuntu-Server 20.04.1 LTS \"Focal Fossa\" - Release amd64 (20200731)",
            &netboot,
            "ubuntu 20.04.1 amd64 - ubuntu-di apt/ubuntu20.04",
        ),
        (
            "Ubuntu-Server 20.04.6 LTS \"Focal Fossa\" - Release amd64 (20230316)",
            &CASPER,
            "ubuntu 20.04.6 amd64 - ubuntu-live apt/ubuntu20.04",
        ),
        (
            "Ubuntu-Server 22.04.4 LTS \"Jammy Jellyfish\" - Release arm64 (20240216)",
            &CASPER,
            "ubuntu 22.04.4 arm64 - ubuntu-live apt/ubuntu22.04-arm64",
        ),
        (
            "Ubuntu-Server 23.10 \"Mantic Minotaur\" - Release amd64 (20231011)",
            &CASPER,
            "ubuntu 23.10 amd64 - ubuntu-live apt/ubuntu23.10",
        ),
        (
            "Ubuntu 24.04 LTS \"Noble Numbat\" - Release amd64 (20240424)",
            &CASPER,
            "ubuntu 24.04 amd64 desktop ubuntu-live apt/ubuntu24.04-desktop",
        ),
        (
            "Ubuntu-Server 26.04 LTS \"Resolute Raccoon\" - Release amd64 (20260423)",
            &CASPER,
            "ubuntu 26.04 amd64 - ubuntu-live apt/ubuntu26.04",
        ),
    ] {
        assert_eq!(summary(&ubuntu(info, files)), expected, "{info}");
    }
}

#[test]
fn the_network_installer_of_each_release_boots() {
    let netboot = "install/netboot/ubuntu-installer/amd64";
    let (kernel, initrd) = (format!("{netboot}/linux"), format!("{netboot}/initrd.gz"));
    for (version, dashes) in [
        ("12.04.5", "--"),
        ("14.04.6", "--"),
        ("16.04.7", "---"),
        ("18.04.6", "---"),
        ("20.04.1", "---"),
    ] {
        let info = format!("Ubuntu-Server {version} LTS \"X\" - Release amd64 (20200101)");
        let disc = ubuntu(&info, &[&kernel, &initrd]);
        let dir = format!("apt/ubuntu{}", &version[..5]);
        let entry = only(&disc, None);
        assert_eq!(entry.kernel, format!("/{dir}/{kernel}"));
        assert_eq!(entry.initrd, Some(format!("/{dir}/{initrd}")));
        let expected = format!(
            "interface=auto mirror/country=manual mirror/http/hostname=192.168.4.6 \
             mirror/http/directory=/{dir} {dashes} quiet"
        );
        assert_eq!(entry.args.join(" "), expected);
        let answered = only(&disc, Some(AnswerKind::Preseed)).args.join(" ");
        assert!(answered.ends_with(&format!(" {dashes} quiet")), "{answered}");
    }
}

#[test]
fn live_discs_before_20_04_say_which_disc_boots_instead() {
    for info in [
        "Ubuntu-Server 18.04.6 LTS \"Bionic Beaver\" - Release amd64 (20210915)",
        "Ubuntu 16.04.7 LTS \"Xenial Xerus\" - Release amd64 (20200806)",
    ] {
        assert_eq!(entries(&ubuntu(info, &CASPER), None), (vec![], vec!["no-entry"]), "{info}");
    }
    let profiles = Profiles::builtin().expect("sound");
    let note = profiles.get("ubuntu-live").and_then(|live| live.note.clone()).expect("a note");
    assert!(note.contains("ubuntu-18.04.6-server-amd64.iso"), "{note}");
}

#[test]
fn a_live_server_fetches_its_image_and_its_seed() {
    for version in ["20.04.6", "22.04.4", "23.10", "24.04", "26.04"] {
        let info = format!("Ubuntu-Server {version} LTS \"X\" - Release amd64 (20240216.1)");
        let disc = ubuntu(&info, &CASPER);
        let dir = format!("apt/ubuntu{}", &version[..5]);
        let entry = only(&disc, None);
        assert_eq!(entry.kernel, format!("/{dir}/casper/vmlinuz"));
        assert_eq!(entry.initrd, Some(format!("/{dir}/casper/initrd")));
        assert!(entry.bootif);
        let image = format!(
            "root=/dev/ram0 ramdisk_size=1500000 ip=dhcp url=http://192.168.4.6/{dir}/install.iso"
        );
        assert_eq!(entry.args.join(" "), format!("{image} cloud-config-url=/dev/null"));
        let answered = only(&disc, Some(AnswerKind::Autoinstall)).args.join(" ");
        let expected = format!(
            "{image} autoinstall ds=nocloud-net;s=http://192.168.4.6/{dir}/ks.cfg \
             cloud-config-url=/dev/null"
        );
        assert_eq!(answered, expected);
        let (_, warnings) = entries(&disc, Some(AnswerKind::Preseed));
        assert_eq!(warnings, ["answer-kind"]);
    }
}

#[test]
fn desktop_discs_boot_live_and_from_23_04_on_are_answered() {
    for (version, takes) in [
        ("20.04.6", false),
        ("22.04.4", false),
        ("23.04", true),
        ("24.04.1", true),
        ("26.04", true),
    ] {
        let info = format!("Ubuntu {version} LTS \"X\" - Release amd64 (20240101)");
        let disc = ubuntu(&info, &CASPER);
        let product = known(&disc);
        let profile = builtin().get("ubuntu-live").expect("there");
        assert!(profile.boot(&product, Some("hwe")).is_err(), "it has no second kernel");
        let plain = only(&disc, None);
        let image = format!("apt/ubuntu{}-desktop/install.iso", &version[..5]);
        assert!(plain.args.contains(&format!("url=http://192.168.4.6/{image}")), "{plain:?}");
        assert_eq!(plain.title.starts_with("Install "), takes, "{}", plain.title);
        let (made, warnings) = entries(&disc, Some(AnswerKind::Autoinstall));
        let answered = made[0].args.iter().any(|arg| arg.starts_with("ds=nocloud-net;s="));
        let unused: &[&str] = if takes { &[] } else { &["answer-unused"] };
        assert_eq!((answered, &*warnings), (takes, unused), "{version}");
    }
}
