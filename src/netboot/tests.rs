use super::*;
use crate::monitor::{Collect, Void};
use std::fs;
use std::io::Write;

/// What a Debian disc for amd64 wants.
pub(super) fn wanted() -> Wanted {
    Wanted {
        installer: "debian-installer".into(),
        arch: "amd64".into(),
        version: Some("12.9.0".into()),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn initrd(version: &str) -> Vec<u8> {
    gzip(&cpio::tests::archive(&["init", &format!("lib/modules/{version}/x.ko")]))
}

fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mtime(1_700_000_000);
        builder.append_data(&mut header, path, *bytes).expect("a vector takes all");
    }
    builder.into_inner().expect("a vector takes all")
}

const DIR: &str = "debian-installer/amd64";

/// The same installer in all forms in which it comes.
fn sources(top: &Path, version: &str) -> Vec<PathBuf> {
    let kernel = kernel::tests::image(&format!("{version} (x) #1"));
    let initrd = initrd(version);
    let dir = top.join("dir").join(DIR);
    fs::create_dir_all(&dir).expect("made");
    fs::write(dir.join("linux"), &kernel).expect("written");
    fs::write(dir.join("initrd.gz"), &initrd).expect("written");
    let path = |kind: &str, name: &str| format!("./usr/images/{kind}/{DIR}/{name}");
    let tar = tar_of(&[
        (&path("gtk", "linux"), b"no"),
        (&path("gtk", "initrd.gz"), b"no"),
        (&path("text", "linux"), &kernel),
        (&path("text", "initrd.gz"), &initrd),
    ]);
    fs::write(top.join("netboot.tar.gz"), gzip(&tar)).expect("written");
    let data = gzip(&tar);
    let members: [(&str, &[u8]); 3] =
        [("debian-binary", b"2.0\n"), ("control.tar.gz", b"x"), ("data.tar.gz", &data)];
    fs::write(top.join("a.deb"), ar::tests::archive(&members)).expect("written");
    ["dir", "dir/debian-installer/amd64", "netboot.tar.gz", "a.deb"]
        .map(|name| top.join(name))
        .into()
}

fn plan_with(names: &[&str]) -> Plan<'static> {
    let mut plan = Plan::new(&[]);
    let mut dir = |name: &str, parent| add(&mut plan, parent, name, Item::Dir, 0o755, None);
    let dists = dir("dists", PlanId::ROOT).expect("added");
    dir("bookworm", dists).expect("added");
    let pool = dir("pool", PlanId::ROOT).expect("added");
    for name in names {
        let item = Item::File(Content::Bytes((*b"x").into()));
        add(&mut plan, pool, name, item, 0o644, None).expect("added");
    }
    plan
}

#[test]
fn every_form_in_which_it_comes_gives_the_same_installer() {
    let top = tempfile::tempdir().expect("a directory");
    for source in sources(top.path(), "6.1.0-37-amd64") {
        let netboot = Netboot::read(&source, &wanted(), &Void).expect("readable");
        assert_eq!(netboot.version.as_deref(), Some("6.1.0-37-amd64"), "{}", source.display());
        let mut plan = plan_with(&["ext4-modules-6.1.0-37-amd64-di_1_amd64.udeb"]);
        netboot.check(&plan, &Void).expect("it fits");
        netboot.add_to(&mut plan).expect("added");
        for name in ["linux", "initrd.gz"] {
            let path = format!("install/netboot/debian-installer/amd64/{name}");
            assert!(plan.find(path.as_bytes()).is_some(), "{path}");
        }
        let error = netboot.add_to(&mut plan).expect_err("it is there already").to_string();
        assert!(error.contains("leave out --netboot"), "{error}");
    }
}

#[test]
fn a_kernel_of_another_point_release_is_refused_with_both_versions() {
    let top = tempfile::tempdir().expect("a directory");
    let source = sources(top.path(), "6.1.0-37-amd64").remove(0);
    let netboot = Netboot::read(&source, &wanted(), &Void).expect("readable");
    let plan = plan_with(&[
        "ext4-modules-6.1.0-28-amd64-di_1_amd64.udeb",
        "ext4-modules-6.1.0-29-amd64-di_1_amd64.udeb",
    ]);
    let error = netboot.check(&plan, &Void).expect_err("another kernel");
    assert_eq!(error.kind(), "invalid");
    let text = error.to_string();
    for part in [
        "its kernel is 6.1.0-37-amd64, and the modules on the discs are for 6.1.0-28-amd64, \
         6.1.0-29-amd64",
        "debian-installer-12-netboot-amd64",
        "dists/bookworm/main/installer-amd64/",
        "12.9.0",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    let both = plan_with(&[
        "ext4-modules-6.1.0-28-amd64-di_1_amd64.udeb",
        "ext4-modules-6.1.0-37-amd64-di_1_amd64.udeb",
    ]);
    netboot.check(&both, &Void).expect("one of them fits");
}

#[test]
fn where_there_is_nothing_to_compare_that_is_said() {
    let top = tempfile::tempdir().expect("a directory");
    let source = sources(top.path(), "6.1.0-37-amd64").remove(0);
    let mut netboot = Netboot::read(&source, &wanted(), &Void).expect("readable");
    let heard = Collect::default();
    netboot.check(&plan_with(&["a.deb"]), &heard).expect("not known");
    netboot.version = None;
    netboot.check(&plan_with(&["x-modules-6.1-di_1_amd64.udeb"]), &heard).expect("not known");
    let codes: Vec<_> = heard.warnings().iter().map(|one| one.code).collect();
    assert_eq!(codes, ["netboot-unchecked"; 2]);
}

#[test]
fn a_kernel_and_an_initrd_of_two_releases_are_refused() {
    let top = tempfile::tempdir().expect("a directory");
    let source = sources(top.path(), "6.1.0-37-amd64").remove(0);
    fs::write(source.join(DIR).join("initrd.gz"), initrd("6.1.0-35-amd64")).expect("written");
    let error = Netboot::read(&source, &wanted(), &Void).expect_err("two releases").to_string();
    assert!(error.contains("6.1.0-37-amd64") && error.contains("6.1.0-35-amd64"), "{error}");
}

#[test]
fn the_initrd_alone_tells_the_version_of_kernels_of_other_machines() {
    let top = tempfile::tempdir().expect("a directory");
    let source = sources(top.path(), "6.1.0-37-amd64").remove(0);
    fs::write(source.join(DIR).join("linux"), b"MZ, and no header of x86").expect("written");
    let netboot = Netboot::read(&source, &wanted(), &Void).expect("readable");
    assert_eq!(netboot.version.as_deref(), Some("6.1.0-37-amd64"));
}

#[test]
fn what_has_no_installer_is_refused_and_says_what_to_give() {
    let top = tempfile::tempdir().expect("a directory");
    let path = top.path().join("x");
    let refused = |bytes: &[u8], part: &str| {
        fs::write(&path, bytes).expect("written");
        let error = Netboot::read(&path, &wanted(), &Void).expect_err("none").to_string();
        assert!(error.contains(part), "{error}");
    };
    refused(&tar_of(&[("a/linux", b"x")]), "debian-installer-12-netboot-amd64");
    refused(&tar_of(&[("linux", b"a kernel alone")]), "initrd.gz");
    refused(&[b'x'; 2000], "is no archive");
    refused(b"!<arch>\nand nothing more", "is no archive");
    assert!(matches!(
        Netboot::read(&top.path().join("none"), &wanted(), &Void),
        Err(Error::Io { .. })
    ));
    let empty = top.path().join("empty");
    fs::create_dir(&empty).expect("made");
    assert!(Netboot::read(&empty, &wanted(), &Void).is_err());
}

#[test]
fn what_is_neither_file_nor_directory_is_refused_unopened() {
    let wanted =
        Wanted { installer: "debian-installer".into(), arch: "amd64".into(), version: None };
    let error = Netboot::read(Path::new("/dev/zero"), &wanted, &crate::monitor::Void);
    let error = error.expect_err("a device").to_string();
    assert!(error.contains("neither a file nor a directory"), "{error}");
}
