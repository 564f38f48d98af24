//! Ubuntu and Debian.

use super::*;

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
    assert!(args.ends_with(" -- quiet"), "{args}");
}

#[test]
fn a_debian_disc_without_the_network_installer_says_why_there_is_no_entry() {
    let info = b"Debian GNU/Linux 13.2.0 \"Trixie\" - Official amd64 NETINST with firmware";
    let debian = disc("", &[(".disk/info", info), ("install.amd/vmlinuz", b"k")]);
    assert_eq!(summary(&debian), "debian 13.2.0 amd64 netinst debian apt/debian13-netinst");
    assert_eq!(entries(&debian, None), (vec![], vec!["no-entry"]));
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
        find: &|path| Some(path.to_owned()),
        read: &|_, _| None,
        list: &|_| Vec::new(),
        loader: &|_| true,
        image: None,
        size: &|_| None,
    };
    let profile = profiles.get("ubuntu-di").expect("there");
    let entries = profile.entries(&known(&disc), "u", None, &context, &Collect::default());
    let args = entries.expect("complete")[0].args.join(" ");
    assert!(
        args.contains("mirror/http/hostname=boot:8080 mirror/http/directory=/pxe/apt/ubuntu16.04 ")
    );
}

#[test]
fn an_answer_file_in_the_wrong_language_is_a_warning() {
    let info = b"Debian GNU/Linux 13.2.0 \"Trixie\" - Official amd64 DVD Binary-1";
    let netboot = "install/netboot/debian-installer/amd64";
    let (kernel, initrd) = (format!("{netboot}/linux"), format!("{netboot}/initrd.gz"));
    let debian = disc("", &[(".disk/info", info), (&kernel, b"k"), (&initrd, b"i")]);
    let (made, warnings) = entries(&debian, Some(AnswerKind::Kickstart));
    assert_eq!((made.len(), warnings), (1, vec!["answer-unused"]));
    let args = only(&debian, Some(AnswerKind::Preseed)).args;
    assert!(args.contains(&"url=http://192.168.4.6/apt/debian13/ks.cfg".to_owned()), "{args:?}");
    let (made, warnings) = entries(&centos_68(), Some(AnswerKind::Preseed));
    assert_eq!((made.len(), warnings), (1, vec!["answer-kind"]));
}

#[test]
fn other_architectures_boot_debian_s_installer_of_their_own() {
    for arch in ["arm64", "i386"] {
        let info = format!("Debian GNU/Linux 11.11.0 \"Bullseye\" - Official {arch} DVD Binary-1");
        let netboot = format!("install/netboot/debian-installer/{arch}");
        let (kernel, initrd) = (format!("{netboot}/linux"), format!("{netboot}/initrd.gz"));
        let files = [(".disk/info", info.as_bytes()), (&kernel, b"k"), (&initrd, b"i")];
        let entry = only(&disc("", &files), None);
        assert_eq!(entry.kernel, format!("/apt/debian11-{arch}/{kernel}"));
        let args = entry.args.join(" ");
        assert!(args.contains(&*format!("mirror/http/directory=/apt/debian11-{arch} ")), "{args}");
        assert!(args.contains(" debian-installer/allow_unauthenticated=true "), "{args}");
    }
}

#[test]
fn each_release_of_debian_boots_the_network_installer_that_was_supplied() {
    let releases = [
        ("9.13.0", "Stretch"),
        ("10.13.0", "Buster"),
        ("11.11.0", "Bullseye"),
        ("12.9.0", "Bookworm"),
        ("13.2.0", "Trixie"),
    ];
    for (version, codename) in releases {
        let info = format!(
            "Debian GNU/Linux {version} \"{codename}\" - Official amd64 DVD Binary-1 20250101"
        );
        let netboot = "install/netboot/debian-installer/amd64";
        let (kernel, initrd) = (format!("{netboot}/linux"), format!("{netboot}/initrd.gz"));
        let bare = disc("", &[(".disk/info", info.as_bytes())]);
        assert_eq!(entries(&bare, None), (vec![], vec!["no-entry"]));
        let files = [(".disk/info", info.as_bytes()), (&kernel, b"k"), (&initrd, b"i")];
        let debian = disc("", &files);
        let major = version.split('.').next().expect("a number");
        let target = format!("apt/debian{major}");
        assert_eq!(summary(&debian), format!("debian {version} amd64 - debian {target}"));
        assert_eq!(only(&debian, None).kernel, format!("/{target}/{kernel}"));
        let args = only(&debian, Some(AnswerKind::Preseed)).args.join(" ");
        let url =
            format!("auto=true priority=critical interface=auto url=http://192.168.4.6/{target}/");
        assert!(args.starts_with(&url), "{args}");
    }
}
