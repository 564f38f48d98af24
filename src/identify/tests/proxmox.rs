//! Proxmox's installers.

use super::*;

fn proxmox(info: &str) -> Disc {
    disc(
        "PVE",
        &[
            (".disk/info", info.as_bytes()),
            (".cd-info", info.as_bytes()),
            (".pve-cd-id.txt", b"0"),
            ("boot/linux26", b"k"),
            ("boot/initrd.img", b"i"),
            ("proxmox/packages/acl_2.3.1-3_amd64.deb", b""),
            // Which the import puts there.
            ("proxmox.cpio", b"c"),
        ],
    )
}

fn info(product: &str, release: &str) -> String {
    format!(
        "RELEASE='{release}'\nISORELEASE='1'\nISONAME='x'\nPRODUCT='{product}'\nPRODUCTLONG='X'\n"
    )
}

#[test]
fn proxmox_ve_boots_with_its_image_as_the_first_of_two_ram_disks() {
    let disc = proxmox(&info("pve", "8.2"));
    assert_eq!(known(&disc).name, "Proxmox VE 8.2");
    assert_eq!(summary(&disc), "proxmox-ve 8.2 amd64 - proxmox proxmox/VE8.2");
    let entry = only(&disc, None);
    assert_eq!(entry.kernel, "/proxmox/VE8.2/boot/linux26");
    let initrd = "/proxmox/VE8.2/proxmox.cpio,/proxmox/VE8.2/boot/initrd.img";
    assert_eq!(entry.initrd.as_deref(), Some(initrd));
    assert_eq!(entry.args.join(" "), "ro ramdisk_size=16777216 rw quiet splash=silent");
    assert_eq!(entry.title, "Install Proxmox VE 8.2 (4 GiB RAM)");
    let commands = crate::menu::ipxe::commands(&entry, "http://h", "goto failed").expect("fit");
    assert!(commands.contains(" initrd=proxmox.cpio initrd=initrd.img "), "{commands}");
    assert_eq!(entries(&disc, Some(AnswerKind::Kickstart)).1, ["answer-unused"]);
}

#[test]
fn each_product_is_known() {
    for (product, summed) in [
        ("pbs", "proxmox-bs 3.2 amd64 - proxmox proxmox/BS3.2"),
        ("pmg", "proxmox-mg 3.2 amd64 - proxmox proxmox/MG3.2"),
        ("pdm", "proxmox-dm 3.2 amd64 - proxmox proxmox/DM3.2"),
    ] {
        assert_eq!(summary(&proxmox(&info(product, "3.2"))), summed);
    }
    let profiles = builtin();
    let other = proxmox(&info("other", "3.2"));
    assert_eq!(identify(&other, profiles, &Collect::default()).expect("readable").product, None);
}

#[test]
fn the_ways_to_boot_are_those_of_the_release() {
    let profiles = builtin();
    let profile = profiles.get("proxmox").expect("there");
    let way = |release: &str, name| {
        let product = known(&proxmox(&info("pve", release)));
        profile
            .boot(&product, Some(name))
            .map(|boot| boot.and_then(|boot| boot.plain.last().cloned()))
    };
    assert!(way("8.2", "text").is_ok() && way("8.2", "auto").is_ok() && way("9.0", "auto").is_ok());
    assert!(way("7.4", "text").is_err() && way("8.1", "auto").is_err());
}

#[test]
fn every_ram_disk_must_be_in_the_tree() {
    let with = proxmox(&info("pve", "8.2"));
    let files: [(&str, &[u8]); 3] = [
        (".cd-info", b"PRODUCT='pve'\nRELEASE='8.2'\n"),
        ("boot/linux26", b""),
        ("boot/initrd.img", b""),
    ];
    let without = disc("PVE", &files);
    assert_eq!(
        (entries(&with, None).0.len(), entries(&without, None)),
        (1, (vec![], vec!["no-entry"]))
    );
}

#[test]
fn every_release_is_known_and_boots() {
    let profiles = builtin();
    let mut proven = 0;
    for release in &profiles.get("proxmox").expect("there").releases {
        if !release.test.ends_with("::every_release_is_known_and_boots") {
            continue;
        }
        let product = ["pve", "pbs", "pmg"]
            .into_iter()
            .find(|of| known(&proxmox(&info(of, "8.0"))).family == release.family);
        for version in &release.versions {
            let disc = proxmox(&info(product.expect("one"), version));
            let known = summary(&disc);
            assert!(
                known.starts_with(&format!("{} {version} amd64 - ", release.family)),
                "{known}"
            );
            assert!(only(&disc, None).initrd.expect("two").contains("proxmox.cpio,"));
            proven += 1;
        }
    }
    assert_eq!(proven, 17);
}
