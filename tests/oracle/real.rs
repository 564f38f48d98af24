//! Images that nobody made for us: those in Debian's packages, and Debian's installer put on a disc.
//! What `pxe-import extract` makes of them against what bsdtar and the others do, in any release: there
//! is next to nothing on which they do not agree.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pxe_import::media::{Disc, Hierarchy, Image};
use pxe_import::monitor::Void;

use crate::image::compare;
use crate::judge::Judge;
use crate::known;
use crate::program::{Program, run};
use crate::view;

/// The files of a Debian package, without installing it; says what is missing if they cannot be had.
/// A package that has been fetched once stays in the build directory.
fn unpacked(package: &str, into: &Path) -> Option<PathBuf> {
    let store = Path::new(env!("CARGO_TARGET_TMPDIR")).join("debs");
    fs::create_dir_all(&store).expect("the build directory");
    let deb = stored(&store, package).or_else(|| {
        let fresh = tempfile::tempdir_in(&store).expect("the build directory");
        let bounds = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20"];
        let output = Command::new("apt-get")
            .args(["-q", "download"])
            .args(bounds)
            .arg(package)
            .current_dir(fresh.path())
            .output();
        let deb = output.ok().and_then(|_| stored(fresh.path(), package))?;
        let kept = store.join(deb.file_name()?);
        fs::rename(deb, &kept).ok()?;
        Some(kept)
    });
    let Some(deb) = deb else {
        println!("skipped: needs Debian's package {package}: apt-get download {package}");
        return None;
    };
    let to = into.join(package);
    let output = run("dpkg-deb", &["-x", deb.to_str()?, to.to_str()?])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(to)
}

/// The file of this package's in `dir`.
fn stored(dir: &Path, package: &str) -> Option<PathBuf> {
    let start = format!("{package}_");
    fs::read_dir(dir).ok()?.filter_map(|entry| Some(entry.ok()?.path())).find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start))
    })
}

/// Compares what `extract` makes of an image with what we read and with what bsdtar makes of it.
fn check(name: &str, image: &Path, hierarchy: Option<Hierarchy>, judge: &mut Judge) {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let out = scratch.path().join("ours");
    let output = Command::new(env!("CARGO_BIN_EXE_pxe-import"))
        .args(["--quiet", "extract", "--to"])
        .args([&out, image])
        .args(hierarchy.map(|hierarchy| format!("--hierarchy={hierarchy}")))
        .output()
        .expect("the program has been built");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let extracted = view::of_dir(&out).expect("what has been extracted");
    let disc = Disc::read(Image::open(image).expect("the image"), hierarchy, &Void);
    let disc = disc.expect("what can be extracted can be read");
    let case = format!("{name}:{}", disc.hierarchy);
    let read = view::of_disc(&disc).expect("a good disc");
    judge.compare(&case, "extract", &read, Ok(extracted.clone()));
    if Program::Bsdtar.is_there() {
        let to = scratch.path().join("bsdtar");
        let theirs = Program::Bsdtar.unpack(image, disc.hierarchy, true, &to);
        judge.compare(&case, "bsdtar", &extracted, theirs.expect("it reads ISO 9660"));
    }
}

/// Every `.iso` below `dir`.
fn images(dir: &Path) -> Vec<PathBuf> {
    let view = view::of_dir(dir).expect("what has been unpacked");
    let path = |path: Vec<u8>| String::from_utf8(path).expect("Debian's names are ASCII");
    view.into_keys()
        .map(path)
        .filter(|path| path.ends_with(".iso"))
        .map(|path| dir.join(path))
        .collect()
}

#[test]
fn the_images_in_debian_packages_are_extracted_as_by_bsdtar() {
    let dir = tempfile::tempdir().expect("a scratch directory");
    let mut judge = Judge::new(known::REAL);
    let programs: Vec<_> = [Program::Bsdtar, Program::Xorriso]
        .into_iter()
        .filter(|program| program.is_there())
        .collect();
    let mut all = true;
    for package in ["grub-rescue-pc", "ipxe", "memtest86+"] {
        let Some(files) = unpacked(package, dir.path()) else {
            all = false;
            continue;
        };
        let images = images(&files);
        assert!(!images.is_empty(), "{package} has no images");
        for image in images {
            let name = image.file_stem().expect("a name").to_string_lossy().into_owned();
            check(&name, &image, None, &mut judge);
            compare(&name, &image, &programs, &mut judge);
        }
    }
    judge.finish(all);
}

#[test]
fn debians_installer_on_a_disc_is_extracted_as_by_bsdtar() {
    let dir = tempfile::tempdir().expect("a scratch directory");
    let Some(files) = unpacked("debian-installer-12-netboot-amd64", dir.path()) else { return };
    let tree = files.join("usr/lib/debian-installer/images/12/amd64");
    let mut judge = Judge::new(known::INSTALLER);
    let both = [Some(Hierarchy::RockRidge), Some(Hierarchy::Joliet)];
    for (name, options, hierarchies) in
        [("rock-ridge", &["-R"][..], &[None][..]), ("joliet", &["-R", "-J", "-joliet-long"], &both)]
    {
        let image = dir.path().join(format!("{name}.iso"));
        let (from, to) = (tree.to_str().expect("UTF-8"), image.to_str().expect("UTF-8"));
        let start = ["-as", "mkisofs", "-quiet", "-V", "DEBIAN"];
        let arguments = [&start[..], options, &["-o", to, from]].concat();
        let Some(output) = run("xorriso", &arguments) else { return };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for &hierarchy in hierarchies {
            check(&format!("installer-{name}"), &image, hierarchy, &mut judge);
        }
        fs::remove_file(image).expect("what has just been made");
    }
    judge.finish(true);
}
