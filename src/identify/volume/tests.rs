use super::*;
use crate::identify::sample::disc;

fn product(volume_id: &str) -> Option<String> {
    let identifiers = Identifiers { volume_id: volume_id.into(), ..Identifiers::default() };
    let named = by_volume(&identifiers, &Profiles::builtin().expect("sound"))?;
    let Product { family, version, arch, variant, profile, .. } = named.product;
    let words = [Some(family), version, arch, variant].map(|word| word.unwrap_or("-".into()));
    Some(format!("{profile}: {}", words.join(" ")))
}

fn on(volume_id: &str, files: &[&str]) -> Option<String> {
    let files: Vec<_> = files.iter().map(|&path| (path, &b""[..])).collect();
    let profiles = Profiles::builtin().expect("sound");
    by_volume_on(&disc(volume_id, &files), &profiles).map(|named| named.product.profile)
}

#[test]
fn a_volume_identifier_names_system_version_architecture_and_variant() {
    for (volume_id, said) in [
        ("CentOS_6.8_Final", "el: centos 6.8 - -"),
        ("CentOS 7 x86_64", "el: centos 7 x86_64 -"),
        ("CentOS-8-1-1911-x86_64-dvd", "el: centos 8.1 x86_64 -"),
        ("CentOS-Stream-10-BaseOS-s390x", "el: centos-stream 10 s390x -"),
        ("RHEL/5.10 x86_64 DVD", "el: rhel 5.10 x86_64 -"),
        ("RHEL_6.0 i386 Disc 1", "el: rhel 6.0 i386 -"),
        ("RHEL-7.9 Workstation.x86_64", "el: rhel 7.9 x86_64 workstation"),
        ("RHEL_8_1_0_BaseOS_ppc64le", "el: rhel 8.1 ppc64le -"),
        ("RHEL-10-0-BaseOS-x86_64", "el: rhel 10.0 x86_64 -"),
        ("Rocky-9-3-x86_64-dvd", "el: rocky 9.3 x86_64 -"),
        ("AlmaLinux-8_10-x86_64-Live-KDE", "el: almalinux 8.10 x86_64 live"),
        ("OL-8-0-0-BaseOS-aarch64", "el: oracle 8.0 aarch64 -"),
        ("Fedora-S-dvd-x86_64-43", "el: fedora 43 x86_64 -"),
        ("Fedora-WS-Live-24-1-2", "el: fedora 24 - live"),
        ("Ubuntu-Server 16.04.7 LTS amd64", "ubuntu-di: ubuntu 16.04.7 amd64 -"),
        ("Ubuntu-Server 24.04.2 LTS riscv", "ubuntu-live: ubuntu 24.04.2 riscv64 -"),
        ("Ubuntu-Server 18.04 LTS ppc64", "ubuntu-di: ubuntu 18.04 ppc64el -"),
        ("Ubuntu 25.10 arm64", "ubuntu-live: ubuntu 25.10 arm64 desktop"),
        ("Debian 12.0.0 amd64 n", "debian: debian 12.0.0 amd64 netinst"),
        ("Debian 12.0.0 p64el 1", "debian: debian 12.0.0 ppc64el -"),
        ("ESXI-5.5.0-1331820-STANDARD", "esxi: esxi 5.5.0 - -"),
        ("ESXI-7.0U3D-19482537-STANDARD", "esxi: esxi 7.0.3 - -"),
        ("GSP1RMCPRXVOL_FI_DVD", "windows: windows 6.1 x86_64 -"),
        ("GRMCENVOL_EN_DVD", "windows: windows 6.1 i386 -"),
        ("GRMSXVOL_EN_DVD", "windows: windows 6.1 x86_64 -"),
        ("IR5_SSSO_X64FRE_EN-US_DV9", "windows: windows 6.3 x86_64 -"),
        ("CCCOMA_A64FRE_EN-GB_DV9", "windows: windows 10.0 aarch64 -"),
    ] {
        assert_eq!(product(volume_id).as_deref(), Some(said), "{volume_id}");
    }
}

#[test]
fn a_system_of_its_own_is_not_taken_for_the_one_it_is_made_from() {
    for volume_id in [
        "",
        "CentOS",
        "CDROM",
        "EL-8-3-x86_64-20210624-dvd",
        "AlmaLinux-Kitten-10-x86_64",
        "Red Hat Enterprise Linux Atomic",
        "Edubuntu 24.10 amd64",
        "Fedora-S-dvd-x86_64-rawh",
        "My CentOS_6.8_Final",
        "WIN2000_EN",
        "VX2PFPP_EN",
    ] {
        assert_eq!(product(volume_id), None, "{volume_id}");
    }
}

#[test]
fn a_tree_for_other_machines_contradicts_the_volume_identifier() {
    let arm = "efi/boot/BOOTAA64.EFI";
    assert_eq!(on("CentOS 7 x86_64", &["LICENSE"]).as_deref(), Some("el"));
    assert_eq!(on("CentOS 7 x86_64", &["EFI/BOOT/BOOTX64.EFI"]).as_deref(), Some("el"));
    assert_eq!(on("CentOS 7 i386", &["EFI/BOOT/BOOTX64.EFI"]).as_deref(), Some("el"));
    assert_eq!(on("CentOS 7 x86_64", &[arm]), None);
    assert_eq!(on("CentOS 7 s390x", &[arm]), None);
    assert_eq!(on("CentOS_6.8_Final", &[arm]).as_deref(), Some("el"));
}

#[test]
fn of_two_kinds_with_one_volume_identifier_the_tree_tells_which() {
    let volume_id = "Ubuntu-Server 18.04.1 LTS amd64";
    assert_eq!(on(volume_id, &["casper/vmlinuz"]).as_deref(), Some("ubuntu-live"));
    assert_eq!(on(volume_id, &["install/vmlinuz"]).as_deref(), Some("ubuntu-di"));
    assert_eq!(on(volume_id, &["README"]).as_deref(), Some("ubuntu-di"));
}

#[test]
fn all_patterns_must_fit_and_each_may_capture() {
    let profiles = Profiles::builtin().expect("sound");
    let mut identifiers = Identifiers { volume_id: "FEDORA".into(), ..Identifiers::default() };
    assert_eq!(by_volume(&identifiers, &profiles), None);
    identifiers.application_id = "FC/5 ppc".into();
    let named = by_volume(&identifiers, &profiles).expect("known");
    assert_eq!(named.product.to_string(), "Fedora 5 ppc");
    assert!(named.why.starts_with("its volume identifier is \"FEDORA\""), "{}", named.why);
}

#[test]
fn what_a_disc_captures_cannot_leave_a_directory() {
    let text = "name = 'x'\ntitle = 'X'\nfacts = 'disk-info'\ntarget = 'x/{version}'\n\
        [markers]\nall = ['x']\n[[family]]\nname = 'x'\ntitle = 'X'\naliases = ['x']\n\
        [[volume]]\nfamily = 'x'\npattern = '^X(?<version>.*)'\n";
    let profile = Profile::parse("p.toml", text).expect("sound");
    let version = |volume_id: &str| {
        let identifiers = Identifiers { volume_id: volume_id.into(), ..Identifiers::default() };
        in_profile(&profile, &identifiers).expect("fits").product.version
    };
    assert_eq!(version("X1_2-3").as_deref(), Some("1.2.3"));
    assert_eq!(version("X../../etc"), None);
    assert_eq!(version("X1\u{1b}[2J"), None);
    assert_eq!(version("X1_-2"), None);
}

#[test]
fn a_pattern_that_is_not_valid_is_named() {
    let parse = |volume: &str| {
        let text = format!(
            "name = 'x'\ntitle = 'X'\nfacts = 'disk-info'\ntarget = 'x/{{version}}'\n\
             [markers]\nall = ['x']\n[[family]]\nname = 'x'\ntitle = 'X'\naliases = ['x']\n\
             [[volume]]\nfamily = 'x'\n{volume}\n"
        );
        Profile::parse("p.toml", &text).map(drop).map_err(|e| e.to_string())
    };
    assert_eq!(parse("pattern = '^X (?<version>.*)'"), Ok(()));
    let broken = parse("pattern = '^X ('").expect_err("refused");
    assert!(broken.starts_with("p.toml: line 13: the pattern \"^X (\" is not valid: "), "{broken}");
    let group = parse("pattern = '(?<release>1)'").expect_err("refused");
    assert!(group.contains("\"release\"") && group.contains("version, minor"), "{group}");
    let large = parse("pattern = '(?:a{1000}){1000}'").expect_err("refused");
    assert!(large.contains("size limit"), "{large}");
    let family = parse("pattern = 'X'")
        .and_then(|()| parse("pattern = 'Y'\n[[volume]]\nfamily = 'y'\npattern = 'Z'"));
    assert!(family.expect_err("refused").contains("\"y\""));
}
