//! `--netboot`: a network installer for discs that carry none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::pair::{Pair, has, run};

const MENU: &str = "wwwroot/pxefiles/pxelinux.cfg/default";
const LINUX: &str = "install/netboot/debian-installer/amd64/linux";

/// A kernel that says that it is of this version, and an initrd with its modules, as they lie on a
/// mirror.
fn installer(top: &Path, version: &str) -> PathBuf {
    let source = top.join(format!("netboot-{version}"));
    let dir = source.join("debian-installer/amd64");
    fs::create_dir_all(&dir).expect("made");
    let mut kernel = vec![0; 0x400];
    kernel[0x202..0x206].copy_from_slice(b"HdrS");
    kernel[0x20e..0x210].copy_from_slice(&0x100_u16.to_le_bytes());
    kernel[0x300..0x300 + version.len()].copy_from_slice(version.as_bytes());
    fs::write(dir.join("linux"), kernel).expect("written");
    let root = top.join(format!("root-{version}"));
    fs::create_dir_all(root.join(format!("lib/modules/{version}"))).expect("made");
    let pack = "find . | cpio --quiet -o -H newc | gzip -9n > \"$1\"";
    let initrd = dir.join("initrd.gz");
    run(Command::new("sh").args(["-c", pack, "sh"]).arg(initrd).current_dir(root));
    source
}

fn import(pair: &Pair, netboot: &Path, more: &[&str]) -> std::process::Output {
    let netboot = netboot.to_str().expect("UTF-8");
    let options = ["--server", "192.168.4.6", "--netboot", netboot];
    let mut command = pair.command("import");
    command.args(options).args(more).arg("debian12").args(&pair.images);
    command.output().expect("it runs")
}

fn json(out: &std::process::Output) -> serde_json::Value {
    let said = String::from_utf8_lossy(&out.stderr);
    serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {said}"))
}

#[test]
fn an_installer_that_fits_is_published_and_boots_the_entry() {
    let Some(pair) = Pair::new().filter(|_| has(&["cpio", "gzip"])) else { return };
    let source = installer(pair.dir.path(), "6.1.0-37-amd64");
    let out = import(&pair, &source, &[]);
    assert!(out.status.success(), "{}", json(&out));
    let menu = fs::read_to_string(pair.root().join(MENU)).expect("a menu");
    assert!(menu.contains(&format!("kernel /apt/debian12/{LINUX}\n")), "{menu}");
    assert!(menu.contains("mirror/http/directory=/apt/debian12"), "{menu}");
    assert_eq!(
        fs::read(pair.tree().join(LINUX)).expect("published"),
        fs::read(source.join("debian-installer/amd64/linux")).expect("there")
    );
    let record = fs::read_to_string(pair.root().join(".pxe-import/debian12.json")).expect("there");
    let record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
    assert_eq!(record["options"]["netboot"][0], source.to_str().expect("UTF-8"));
    let again = json(&import(&pair, &source, &[]));
    assert_eq!(again["written"], 0, "{again}");
}

#[test]
fn an_installer_of_another_point_release_is_refused_and_nothing_is_published() {
    let Some(pair) = Pair::new().filter(|_| has(&["cpio", "gzip"])) else { return };
    let source = installer(pair.dir.path(), "6.1.0-18-amd64");
    let out = import(&pair, &source, &[]);
    assert_eq!(out.status.code(), Some(1));
    let message = json(&out)["error"].to_string();
    for part in
        ["6.1.0-18-amd64", "6.1.0-37-amd64", "debian-installer-12-netboot-amd64", "bookworm"]
    {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert!(!pair.tree().exists());
}

#[test]
fn without_one_the_warning_says_what_to_supply_and_how() {
    let Some(pair) = Pair::new() else { return };
    let report = pair.import(&["--server", "192.168.4.6"]);
    let warnings = report["warnings"].to_string();
    for part in ["no-entry", "--netboot", "debian-installer-VERSION-netboot-ARCH", "netboot.tar.gz"]
    {
        assert!(warnings.contains(part), "{part} in {warnings}");
    }
}

#[test]
fn refresh_imports_again_once_the_installer_has_changed() {
    let Some(pair) = Pair::new().filter(|_| has(&["cpio", "gzip"])) else { return };
    let source = installer(pair.dir.path(), "6.1.0-37-amd64");
    let [one, two] = pair.images.each_ref().map(|image| image.display().to_string());
    fs::create_dir_all(pair.root()).expect("made");
    let settings = format!(
        "server = \"192.168.4.6\"\n[[media]]\nname = \"debian12\"\nimages = [{one:?}, {two:?}]\n\
         netboot = {:?}\n",
        source.display().to_string()
    );
    fs::write(pair.root().join("pxe-import.toml"), settings).expect("written");
    let refresh = || {
        let out = pair.command("refresh").args(["--settle", "0s"]).output().expect("it runs");
        let report = json(&out);
        assert!(out.status.success(), "{report}");
        report["imports"][0]["action"].as_str().unwrap_or_else(|| panic!("{report}")).to_owned()
    };
    assert_eq!(refresh(), "imported");
    assert_eq!(refresh(), "unchanged");
    let kernel = source.join("debian-installer/amd64/linux");
    let mut bytes = fs::read(&kernel).expect("there");
    bytes.push(0);
    fs::write(kernel, bytes).expect("written");
    assert_ne!(refresh(), "unchanged");
    assert_eq!(refresh(), "unchanged");
}

/// Debian's own package, as its users have it; where it cannot be fetched the test is skipped.
#[test]
fn debian_s_own_package_is_read() {
    let Some(pair) = Pair::new().filter(|_| has(&["apt-get", "dpkg-deb"])) else { return };
    let name = "debian-installer-12-netboot-amd64";
    let fetched = Command::new("apt-get")
        .args(["download", "-q", name])
        .current_dir(pair.dir.path())
        .output();
    if !fetched.is_ok_and(|out| out.status.success()) {
        println!("skipped: needs Debian's package {name}");
        return;
    }
    let deb = fs::read_dir(pair.dir.path())
        .expect("there")
        .map(|entry| entry.expect("readable").path())
        .find(|path| path.extension().is_some_and(|end| end == "deb"))
        .expect("fetched");
    // The discs of the test are of another point release than whatever Debian has today.
    let out = import(&pair, &deb, &[]);
    let message = json(&out)["error"].to_string();
    assert!(message.contains("its kernel is 6.1.0-"), "{message}");
    assert!(message.contains("for 6.1.0-37-amd64"), "{message}");
}

#[test]
fn it_is_refused_for_discs_that_have_no_use_for_it() {
    let top = tempfile::tempdir().expect("a directory");
    let disc = pxe_import_fixtures::family::centos::dvd1(pxe_import_fixtures::family::Size::Small);
    let image = top.path().join(disc.file_name);
    disc.image().create(&image, false).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_pxe-import"));
    command.arg("--root").arg(top.path().join("root")).args(["--netboot", "/nowhere"]);
    let out = command.args(["--no-menu", "centos6.8"]).arg(&image).output().expect("it runs");
    assert_eq!(out.status.code(), Some(2));
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(said.contains("--netboot is for discs of Debian, and this is CentOS 6.8"), "{said}");
}
