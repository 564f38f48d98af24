//! Answer files made from templates.

use pxe_import_fixtures::family::{centos, esxi, ubuntu, windows, winpe};

use crate::site::{MENU, Site};

const HASH: &str = "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.";
const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kXh0yRYyxG3RZ2Jb1mW6wXcmTyqYzHnq4m1xk3mZ7 root@boot";

#[test]
fn a_kickstart_is_made_published_and_named_in_the_entry() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("secret", "s3cret\n");
    site.write("key.pub", format!("{KEY}\n"));
    let line =
        ["--server", "http://192.168.4.6:8080/boot", "centos6.8", dvd1, "--answer", "template"];
    let secrets = ["--root-password-file", "secret", "--ssh-key", "key.pub"];
    let ran = site.done(&[&line[..], &secrets].concat());

    let text = site.read("wwwroot/yum/CentOS6.8/ks-centos6.8.cfg");
    assert!(text.contains("url --url=http://192.168.4.6:8080/boot/yum/CentOS6.8\n"), "{text}");
    assert!(text.contains("\nrootpw --iscrypted $6$") && !text.contains("s3cret"), "{text}");
    assert!(text.contains(KEY) && text.contains("ignoredisk --only-use=sda\n"), "{text}");
    let menu = site.read(MENU);
    let url = "http://192.168.4.6:8080/boot/yum/CentOS6.8/ks-centos6.8.cfg";
    assert!(menu.contains(&format!(" ks={url} ksdevice=bootif\n")), "{menu}");
    assert!(!menu.contains("menu default\n    menu label Install"), "{menu}");
    assert!(ran.stdout.contains(&format!("answers: {url}\n")), "{}", ran.stdout);
    // A slow machine tells of its progress besides.
    assert_eq!(ran.said().matches("warning: ").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("published for the whole network to read"), "{}", ran.stderr);
    let record = site.read(".pxe-import/centos6.8.json");
    assert!(!record.contains("s3cret"), "{record}");
}

#[test]
fn an_entry_with_an_answer_file_is_never_the_default() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let line = ["--server", "a", "centos6.8", dvd1, "--answer", "template"];
    site.done(&[&line[..], &["--root-password-hash", HASH]].concat());
    let menu = site.read(MENU);
    let block = menu.split("# pxe-import begin centos6.8\n").nth(1).expect("a block");
    let block = block.split("# pxe-import end").next().expect("its end").to_ascii_lowercase();
    assert!(block.contains("ks=") && !block.contains("default"), "{menu}");
    let default = menu.lines().filter(|line| line.to_ascii_lowercase().starts_with("default"));
    default.for_each(|line| assert!(!line.contains("centos"), "{menu}"));
}

#[test]
fn with_neither_password_nor_key_the_account_is_locked_and_that_is_said() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let ran = site.done(&["--server", "a", "centos6.8", dvd1, "--answer", "template"]);
    let text = site.read("wwwroot/yum/CentOS6.8/ks-centos6.8.cfg");
    assert!(text.contains("\nrootpw --iscrypted *\n"), "{text}");
    let said = "warning: ks-centos6.8.cfg: root's account is locked";
    assert!(ran.stderr.contains(said) && ran.stderr.contains("--ssh-key"), "{}", ran.stderr);
}

#[test]
fn ubuntu_has_a_kickstart_by_default_and_a_preseed_by_name() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    let line = ["--server", "192.168.4.6", "--root-password-hash", HASH, "ubuntu16.04", iso];
    site.done(&[&line[..], &["--answer", "template"]].concat());
    let ks = " ks=http://192.168.4.6/apt/ubuntu16.04/ks-ubuntu16.04.cfg ";
    assert!(site.read(MENU).contains(ks), "{}", site.read(MENU));
    site.done(&[&line[..], &["--answer", "template:preseed"]].concat());
    let url = " url=http://192.168.4.6/apt/ubuntu16.04/preseed-ubuntu16.04.cfg ";
    assert!(site.read(MENU).contains(url), "{}", site.read(MENU));
    assert!(!site.root("wwwroot/apt/ubuntu16.04/ks-ubuntu16.04.cfg").exists());
    let text = site.read("wwwroot/apt/ubuntu16.04/preseed-ubuntu16.04.cfg");
    assert!(text.contains("d-i mirror/http/directory string /apt/ubuntu16.04\n"), "{text}");
}

#[test]
fn esxi_needs_a_password_and_keeps_vmfs_unless_told_otherwise() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let line = ["--server", "192.168.4.6", "esxi5.5", iso, "--answer", "template"];
    let error = site.fails(2, &line);
    assert!(error.contains("ESXi is not installed without a password"), "{error}");
    assert!(error.contains("--root-password-file"), "{error}");
    assert!(!site.root("wwwroot").exists());
    let password = ["--root-password-hash", HASH];
    site.done(&[&line[..], &password].concat());
    let file = "wwwroot/esxi/5.5/ks-esxi5.5.cfg";
    assert!(
        site.read(file).contains("install --firstdisk --preservevmfs\n"),
        "{}",
        site.read(file)
    );
    site.done(&[&line[..], &password, &["--wipe"]].concat());
    assert!(
        site.read(file).contains("install --firstdisk --overwritevmfs\n"),
        "{}",
        site.read(file)
    );
}

#[test]
fn windows_and_winpe_have_no_template() {
    let site = Site::new();
    let iso = site.disc(windows::server_2008_r2);
    let error = site.fails(2, &["--server", "a", "win2008", iso, "--answer", "template"]);
    assert!(error.contains("there is no template for") && error.contains("ks-esxi"), "{error}");
    let iso = site.disc(winpe::win8pe);
    let error = site.fails(2, &["--server", "a", "win8pe", iso, "--answer", "template"]);
    assert!(error.contains("booted whole"), "{error}");
}

#[test]
fn what_a_template_alone_uses_is_refused_beside_a_file() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("ks.cfg", "install\n");
    for option in [&["--wipe"][..], &["--root-password-hash", HASH], &["--ssh-key", "a.pub"]] {
        for answer in [&[][..], &["--answer", "ks.cfg"]] {
            let error = site
                .fails(2, &[&["--server", "a", "centos6.8", dvd1][..], option, answer].concat());
            assert!(error.contains(option[0]) && error.contains("--answer template"), "{error}");
        }
    }
}

#[test]
fn two_ways_to_a_password_and_a_prompt_without_a_terminal_are_usage_errors() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let line = ["--server", "a", "centos6.8", dvd1, "--answer", "template"];
    let two = ["--root-password-hash", HASH, "--root-password-file", "x"];
    assert_eq!(site.run(&[&line[..], &two].concat()).code, Some(2));
    let error = site.fails(2, &[&line[..], &["--root-password"]].concat());
    assert!(error.contains("asks on a terminal"), "{error}");
    let error = site.fails(2, &[&line[..], &["--root-password-hash", "secret"]].concat());
    assert!(error.contains("openssl passwd -6") && !error.contains("secret"), "{error}");
}

#[test]
fn a_password_is_asked_for_twice_on_a_terminal() {
    let site = Site::new();
    let program = assert_cmd::cargo::cargo_bin!("pxe-import");
    let line =
        format!("{} --root . answer centos6.8 --server a --root-password", program.display());
    for (typed, said) in [
        ("one\none\n", "rootpw --iscrypted $6$"),
        ("one\ntwo\n", "the two passwords differ"),
        ("\n", "an empty password is none"),
    ] {
        let mut script = assert_cmd::Command::new("script");
        let script = script.current_dir(site.path("")).args(["-qec", &line, "/dev/null"]);
        let Ok(out) = script.write_stdin(typed).output() else {
            println!("skipped: needs script");
            return;
        };
        let out = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.contains(said), "{typed:?}: {out}");
    }
}

#[test]
fn an_empty_password_and_a_private_key_are_refused() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("empty", "\n");
    site.write("id", "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n");
    let line = ["--server", "a", "centos6.8", dvd1, "--answer", "template"];
    let error = site.fails(1, &[&line[..], &["--root-password-file", "empty"]].concat());
    assert!(error.contains("empty: has an empty first line"), "{error}");
    let error = site.fails(1, &[&line[..], &["--ssh-key", "id"]].concat());
    assert!(error.contains("id: holds a PRIVATE key"), "{error}");
}

#[test]
fn the_sites_settings_and_its_own_template_are_used() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let settings = format!(
        "server = \"192.168.4.6\"\n[answer]\ntimezone = \"Europe/Berlin\"\nssh-keys = [\"{KEY}\"]\n\
         root-password-hash = \"{HASH}\"\n[answer.el]\ndisk = \"vda\"\n"
    );
    site.write("root/pxe-import.toml", settings);
    let line = ["--answer-mode", "0640", "centos6.8", dvd1, "--answer"];
    let ran = site.done(&[&line[..], &["template"]].concat());
    assert_eq!(ran.said(), "", "neither locked nor public");
    let file = "wwwroot/yum/CentOS6.8/ks-centos6.8.cfg";
    let text = site.read(file);
    for expected in ["timezone --utc Europe/Berlin\n", "--only-use=vda\n", HASH, KEY] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    site.done(&["check"]);

    site.write("root/templates/mine", "url --url={{ tree }}\n# {{ answer.disk }}\n");
    site.done(&[&line[..], &["template:mine"]].concat());
    assert_eq!(site.read(file), "url --url=http://192.168.4.6/yum/CentOS6.8\n# vda\n");
    site.write("root/templates/ks-el", "ours\n");
    site.done(&[&line[..], &["template"]].concat());
    assert_eq!(site.read(file), "ours\n", "the built-in one's name is taken over");
    site.write("root/templates/mine", "a\n{{ tre }}\n");
    let error = site.fails(1, &[&line[..], &["template:mine"]].concat());
    assert!(error.contains("root/templates/mine: line 2: undefined value"), "{error}");
    assert_eq!(site.read(file), "ours\n");
    let error = site.fails(2, &[&line[..], &["template:none"]].concat());
    assert!(error.contains("no template 'none' for CentOS 6.8"), "{error}");
    let error = site.fails(2, &[&line[..], &["template:../x"]].concat());
    assert!(error.contains("is no template's name"), "{error}");
}

#[test]
fn a_template_needs_the_servers_address() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let error = site.fails(2, &["centos6.8", dvd1, "--answer", "template"]);
    assert!(error.contains("server address is needed"), "{error}");
}

#[test]
fn a_mistake_in_answer_is_told_with_its_line() {
    let site = Site::new();
    site.write("root/pxe-import.toml", "server = \"a\"\n[answer]\ndisk = \"a; reboot\"\n");
    let error = site.fails(1, &["centos6.8", "a.iso"]);
    assert!(error.contains("pxe-import.toml: line 3: \"a; reboot\" is no disk"), "{error}");
}

#[test]
fn a_password_keeps_its_hash_through_import_again_and_render() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("secret", "s3cret\n");
    let hash = |name: &str| {
        let text = site.read(name);
        let line = text.lines().find(|line| line.starts_with("rootpw ")).expect("a password");
        line.to_owned()
    };
    let secret = ["--answer", "template", "--root-password-file", "secret"];
    let line = ["centos6.8", dvd1, "--answer-mode", "0640"];
    site.write("root/pxe-import.toml", "server = \"192.168.4.6\"\n");
    site.done(&[&line[..], &secret].concat());
    let add = ["entry", "add", "centos6.8", "web", "--answer-mode", "0640"];
    site.done(&[&add[..], &secret].concat());
    let own = "wwwroot/yum/CentOS6.8/ks-centos6.8.cfg";
    let added = "wwwroot/yum/CentOS6.8/ks-web.cfg";
    let before = (hash(own), hash(added));
    assert_ne!(before.0, before.1, "a salt each");
    assert!(site.read(added).contains("entry web."), "{}", site.read(added));

    site.done(&[&line[..], &secret].concat());
    assert_eq!((hash(own), hash(added)), before);
    site.write("root/pxe-import.toml", "server = \"10.0.0.1\"\n[answer]\ntimezone = \"Etc/GMT\"\n");
    let ran = site.done(&["render"]);
    assert_eq!((hash(own), hash(added)), before, "{}", ran.stdout);
    for file in [own, added] {
        let text = site.read(file);
        assert!(text.contains("url --url=http://10.0.0.1/yum/CentOS6.8\n"), "{text}");
        assert!(text.contains("timezone --utc Etc/GMT\n"), "{text}");
    }
    site.write("secret", "another\n");
    site.done(&[&line[..], &secret].concat());
    assert_ne!(hash(own), before.0);
    assert_eq!(hash(added), before.1);
}
