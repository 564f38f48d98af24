//! Whether trees that other programs made, and those of the fixtures, prove installable.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pxe_import::check::proof::prove;
use pxe_import::check::{Finding, Findings, Severity};
use pxe_import::monitor::Void;
use pxe_import_fixtures::family::{Builder, Size, centos, ubuntu};

fn found(dir: &Path) -> Vec<Finding> {
    let mut findings = Findings::default();
    prove(dir, "t", None, &mut findings, &Void).expect("no error");
    findings.into_sorted()
}

/// Severity, code and path of each finding.
fn list(dir: &Path) -> Vec<(Severity, &'static str, String)> {
    found(dir).into_iter().map(|one| (one.severity, one.code, one.path)).collect()
}

/// The discs that these describe, merged into a directory.
fn extracted(top: &Path, discs: &[Builder]) -> PathBuf {
    let tree = top.join("tree");
    let mut command = Command::new(env!("CARGO_BIN_EXE_pxe-import"));
    command.arg("extract").arg("--to").arg(&tree);
    for (_, build) in discs {
        let disc = build(Size::Small);
        let image = top.join(disc.file_name);
        disc.image().create(&image, true).expect("written");
        command.arg(image);
    }
    let out = command.output().expect("it runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    tree
}

const BOOT_ISO: (Severity, &str, &str) =
    (Severity::Note, "treeinfo-image-unused", "t/images/boot.iso");
const MEDIA: (Severity, &str, &str) = (Severity::Warning, "repodata-media-base", "t/repodata");

fn is(found: Vec<(Severity, &'static str, String)>, expected: &[(Severity, &str, &str)]) {
    let found: Vec<_> =
        found.iter().map(|(severity, code, path)| (*severity, *code, path.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn both_dvds_of_centos_together_prove_whole() {
    let top = tempfile::tempdir().expect("a directory");
    let tree = extracted(top.path(), &[("1", centos::dvd1), ("2", centos::dvd2)]);
    is(list(&tree), &[MEDIA, BOOT_ISO]);
}

#[test]
fn the_first_dvd_alone_is_told_by_the_packages_of_the_second() {
    let top = tempfile::tempdir().expect("a directory");
    let tree = extracted(top.path(), &[("1", centos::dvd1)]);
    let found = found(&tree);
    let other: Vec<_> = found.iter().filter(|one| one.code == "package-other-disc").collect();
    assert_eq!(other.len(), 1);
    assert_eq!(
        other[0].message,
        "10 of 24 packages that repodata lists are not in the tree: disc 2 of the set is missing"
    );
    assert!(found.iter().all(|one| one.severity != Severity::Fault), "{found:#?}");
}

#[test]
fn a_package_that_is_deleted_is_a_fault() {
    let top = tempfile::tempdir().expect("a directory");
    let tree = extracted(top.path(), &[("1", centos::dvd1), ("2", centos::dvd2)]);
    let mut names: Vec<_> = fs::read_dir(tree.join("Packages"))
        .expect("there")
        .map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8"))
        .filter(|name| name.ends_with("-1.0-1.el6.x86_64.rpm"))
        .collect();
    names.sort();
    fs::remove_file(tree.join("Packages").join(&names[0])).expect("removed");
    let gone = format!("t/Packages/{}", names[0]);
    is(list(&tree), &[(Severity::Fault, "package-missing", &gone), MEDIA, BOOT_ISO]);
}

#[test]
fn ubuntu_proves_whole_until_a_package_is_cut() {
    let top = tempfile::tempdir().expect("a directory");
    let tree = extracted(top.path(), &[("1", ubuntu::server)]);
    is(list(&tree), &[]);
    let pool = tree.join("pool/main/a/acl");
    let deb = fs::read_dir(&pool).expect("there").next().expect("one").expect("readable");
    fs::write(deb.path(), "cut").expect("written");
    let cut = format!("t/pool/main/a/acl/{}", deb.file_name().to_string_lossy());
    is(list(&tree), &[(Severity::Fault, "package-wrong", &cut)]);
}

/// Runs a program in `dir`; `None` if there is no such program.
fn run(dir: &Path, program: &str, args: &[&str]) -> Option<Vec<u8>> {
    let out = match Command::new(program).args(args).current_dir(dir).output() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: needs {program}");
            return None;
        }
        out => out.expect("it runs"),
    };
    assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
    Some(out.stdout)
}

fn knows_zstd(top: &Path) -> bool {
    let help = Command::new("createrepo_c").arg("--help").current_dir(top).output();
    help.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains("zstd"))
}

#[test]
fn what_createrepo_writes_proves_whole_in_every_packing() {
    let top = tempfile::tempdir().expect("a directory");
    let top = top.path();
    for name in ["one", "libtwo++"] {
        let spec = format!(
            "Name: {name}\nVersion: 1\nRelease: 1\nSummary: a < b & c\nLicense: MIT\n\
             BuildArch: noarch\n%description\nText.\n%files\n"
        );
        fs::write(top.join("a.spec"), spec).expect("written");
        let define = |name, dir: &str| format!("{name} {}/{dir}", top.display());
        let (topdir, rpmdir) = (define("_topdir", "build"), define("_rpmdir", "repo/Packages"));
        let args = ["-bb", "--quiet", "--define", &topdir, "--define", &rpmdir, "a.spec"];
        if run(top, "rpmbuild", &args).is_none() {
            return;
        }
    }
    for (packing, sum) in [("gz", "sha256"), ("xz", "sha512"), ("zstd", "sha256"), ("gz", "sha1")] {
        let compress = format!("--general-compress-type={packing}");
        let args = ["--quiet", &compress, "--checksum", sum, "repo"];
        if packing == "zstd" && !knows_zstd(top) {
            // Not all versions do; what zstd itself writes is read in another test.
            continue;
        }
        if run(top, "createrepo_c", &args).is_none() {
            return;
        }
        is(list(&top.join("repo")), &[]);
        let primary = fs::read_dir(top.join("repo/repodata"))
            .expect("there")
            .map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8"))
            .find(|name| name.contains("primary.xml"))
            .expect("a list");
        let hidden = top.join("repo/Packages/noarch/one-1-1.noarch.rpm");
        fs::rename(&hidden, top.join("hidden")).expect("renamed");
        let gone = "t/Packages/noarch/one-1-1.noarch.rpm";
        is(list(&top.join("repo")), &[(Severity::Fault, "package-missing", gone)]);
        fs::rename(top.join("hidden"), &hidden).expect("renamed");
        println!("{primary} of createrepo_c is read");
    }
}

#[test]
fn what_zstd_and_xz_pack_is_read() {
    let top = tempfile::tempdir().expect("a directory");
    let top = top.path();
    fs::create_dir(top.join("repodata")).expect("made");
    let package = |number: u64| {
        let text = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let name = if number == 19_999 { "gone" } else { "a" };
        format!("<package><summary>{text}</summary><location href=\"{name}.rpm\"/></package>")
    };
    let all: String = (0..20_000).map(package).collect();
    fs::write(top.join("primary.xml"), format!("<metadata>{all}</metadata>")).expect("written");
    fs::write(top.join("a.rpm"), "").expect("written");
    let repomd = "<repomd><data type=\"primary\"><location href=\"primary\"/></data></repomd>";
    fs::write(top.join("repodata/repomd.xml"), repomd).expect("written");
    for (program, level) in [("zstd", "-1"), ("zstd", "-19"), ("xz", "-0"), ("xz", "-9")] {
        let args = ["-q", level, "-c", "primary.xml"];
        let Some(packed) = run(top, program, &args) else { continue };
        fs::write(top.join("primary"), packed).expect("written");
        is(list(top), &[(Severity::Fault, "package-missing", "t/gone.rpm")]);
    }
}

#[test]
fn what_apt_ftparchive_writes_proves_whole() {
    let top = tempfile::tempdir().expect("a directory");
    let top = top.path();
    let control = top.join("p/DEBIAN/control");
    fs::create_dir_all(control.parent().expect("a parent")).expect("made");
    let text = "Package: p\nVersion: 1\nArchitecture: all\nMaintainer: A B <a@b>\n\
                Description: one\n more\n";
    fs::write(&control, text).expect("written");
    let repo = top.join("repo");
    let binary = repo.join("dists/x/main/binary-amd64");
    fs::create_dir_all(&binary).expect("made");
    fs::create_dir_all(repo.join("pool")).expect("made");
    if run(top, "dpkg-deb", &["--build", "p", "repo/pool/p_1_all.deb"]).is_none() {
        return;
    }
    let Some(packages) = run(&repo, "apt-ftparchive", &["packages", "pool"]) else { return };
    fs::write(binary.join("Packages"), packages).expect("written");
    if run(&binary, "xz", &["--keep", "Packages"]).is_none() {
        return;
    }
    let Some(release) = run(&repo, "apt-ftparchive", &["release", "dists/x"]) else { return };
    fs::write(repo.join("dists/x/Release"), release).expect("written");
    is(list(&repo), &[]);
    // On a disc there is one form only.
    fs::remove_file(binary.join("Packages")).expect("removed");
    is(list(&repo), &[]);
    fs::remove_file(repo.join("pool/p_1_all.deb")).expect("removed");
    is(list(&repo), &[(Severity::Fault, "package-missing", "t/pool/p_1_all.deb")]);
}
