//! Images that xorriso and genisoimage make of a directory, against that directory.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::content::Reader;
use crate::error::Error;
use crate::media::{Disc, Hierarchy, Image, Kind, NodeId};
use crate::monitor::{Collect, Void};

/// Runs a program to make `image.iso` in `dir`; `false`, with a word about it, where there is no
/// such program.
fn made(dir: &Path, program: &str, arguments: &[&str]) -> bool {
    let run = Command::new(program)
        .args(arguments)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output();
    match run {
        Ok(output) if output.status.success() => true,
        Ok(output) => panic!("{program}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => {
            println!("skipped: needs {program}");
            false
        }
    }
}

/// A directory `tree` with something of everything.
fn source() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let top = dir.path().join("tree");
    let put = |path: &str, bytes: &[u8]| {
        let path = top.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("writable");
        fs::write(path, bytes).expect("writable");
    };
    put("README.TXT", b"hello\n");
    put("empty", b"");
    put(".treeinfo", b"[general]\n");
    put("Mixed Case.tar.gz", &[b'x'; 5000]);
    put("a/b/c/d/e/f/g/h/i/j/k/deep.txt", b"deep");
    put("zeros", &vec![0; 300_000]);
    put("text", &b"the quick brown fox ".repeat(20_000));
    put("Ünïcödé.txt", b"u");
    put(&"long".repeat(50), b"200 bytes");
    for n in 0..150 {
        put(&format!("Packages/package-{n}-1.el6.x86_64.rpm"), format!("{n}").as_bytes());
    }
    for (link, target) in [
        ("ubuntu", "."),
        ("outside", "../../../../etc/passwd"),
        ("absolute", "/usr/lib"),
        ("slashes", "a//b"),
        ("dangling", "no/where"),
        ("far", &"t".repeat(200)),
    ] {
        symlink(target, top.join(link)).expect("writable");
    }
    fs::set_permissions(top.join("text"), fs::Permissions::from_mode(0o751)).expect("ours");
    dir
}

/// One line a file under `dir`: path, kind, content or target.
fn expected(dir: &Path, above: &str, links: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(dir).expect("readable") {
        let entry = entry.expect("readable");
        let name = entry.file_name();
        let path = format!("{above}{}", name.to_str().expect("UTF-8"));
        let kind = entry.file_type().expect("readable");
        if kind.is_dir() {
            lines.push(format!("{path}/"));
            lines.extend(expected(&entry.path(), &format!("{path}/"), links));
        } else if kind.is_symlink() {
            let target = fs::read_link(entry.path()).expect("a link");
            lines.extend(links.then(|| format!("{path} -> {}", target.display())));
        } else {
            let bytes = fs::read(entry.path()).expect("readable");
            lines.push(format!("{path} {}", blake3::hash(&bytes)));
        }
    }
    lines.sort();
    lines
}

fn image(dir: &Path) -> Image {
    Image::open(dir.join("image.iso")).expect("just made")
}

fn read(dir: &Path, wanted: Option<Hierarchy>) -> Disc {
    let monitor = Collect::default();
    let disc = Disc::read(image(dir), wanted, &monitor).expect("a good image");
    assert_eq!(monitor.warnings(), []);
    disc
}

/// The same lines of a disc.
fn found(disc: &Disc) -> Vec<String> {
    let line = |id: NodeId| {
        let path = String::from_utf8(disc.tree.path(id)).expect("UTF-8");
        match disc.tree.kind(id) {
            Kind::Dir => format!("{path}/"),
            Kind::Link => {
                let target = Path::new(OsStr::from_bytes(disc.tree.target(id)));
                format!("{path} -> {}", target.display())
            }
            Kind::File => {
                let reader = Reader::of_node(disc, id).expect("readable");
                let mut bytes = vec![0xaa; usize::try_from(reader.len()).expect("small")];
                reader.read_exact_at(0, &mut bytes).expect("readable");
                format!("{path} {}", blake3::hash(&bytes))
            }
            Kind::Other => format!("{path} other"),
        }
    };
    let mut lines: Vec<String> = disc.tree.iter().map(line).collect();
    lines.sort();
    lines
}

/// Fails with the lines that only one side has.
fn assert_same(found: &[String], expected: &[String], what: &str) {
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|line| !those.contains(line)).cloned().collect()
    };
    let (more, fewer) = (only(found, expected), only(expected, found));
    assert!(found == expected, "{what}: not expected {more:#?}, missing {fewer:#?}");
}

#[test]
fn rock_ridge_by_genisoimage_is_the_directory_and_an_empty_rr_moved() {
    let dir = source();
    for extra in ["-R", "-XA"] {
        if !made(dir.path(), "genisoimage", &["-quiet", extra, "-R", "-o", "image.iso", "tree"]) {
            return;
        }
        let disc = read(dir.path(), None);
        assert_eq!(disc.hierarchy, Hierarchy::RockRidge);
        let mut want = expected(&dir.path().join("tree"), "", true);
        want.push("rr_moved/".into());
        want.sort();
        assert_same(&found(&disc), &want, extra);
        let text = disc.tree.find(b"text").expect("a file");
        assert_eq!(disc.tree.mode(text), Some(0o751));
    }
}

#[test]
fn rock_ridge_and_joliet_by_xorriso_are_the_directory() {
    let dir = source();
    let arguments =
        ["-as", "mkisofs", "-quiet", "-R", "-J", "-joliet-long", "-o", "image.iso", "tree"];
    if !made(dir.path(), "xorriso", &arguments) {
        return;
    }
    let disc = read(dir.path(), None);
    assert_eq!(disc.hierarchy, Hierarchy::RockRidge);
    assert_same(&found(&disc), &expected(&dir.path().join("tree"), "", true), "Rock Ridge");
    // Joliet has no links and no names above 103 characters.
    let joliet = read(dir.path(), Some(Hierarchy::Joliet));
    let long = "long".repeat(50);
    let short = |line: String| line.replace(&long, &long[..103]);
    let want = expected(&dir.path().join("tree"), "", false).into_iter().map(short);
    assert_same(&found(&joliet), &want.collect::<Vec<_>>(), "Joliet");
}

#[test]
fn compressed_files_by_xorriso_expand_to_the_directory() {
    let dir = source();
    for size in ["32k", "64k", "128k"] {
        let _ = fs::remove_file(dir.path().join("image.iso"));
        let level = format!("level=6:block_size={size}");
        let arguments = ["-outdev", "image.iso", "-zisofs", &level, "-map", "tree", "/", "-find"];
        let filter = ["/", "-type", "f", "-exec", "set_filter", "--zisofs", "--"];
        if !made(dir.path(), "xorriso", &[&arguments[..], &filter].concat()) {
            return;
        }
        let disc = read(dir.path(), None);
        assert_same(&found(&disc), &expected(&dir.path().join("tree"), "", true), size);
        let zeros = disc.tree.find(b"zeros").expect("a file");
        assert!(disc.tree.zisofs(zeros).is_some());
        assert!(disc.tree.extents(zeros).map(|e| e.len).sum::<u64>() < 1000);
    }
}

#[test]
fn plain_names_by_xorriso_are_lower_case() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir_all(dir.path().join("tree/EFI/BOOT")).expect("writable");
    for name in ["TBOOT.B00", "boot.cfg", "NOEXT", "EFI/BOOT/BOOTX64.EFI"] {
        fs::write(dir.path().join("tree").join(name), name).expect("writable");
    }
    let arguments = ["-rockridge", "off", "-compliance", "iso_9660_level=1"];
    let rest = ["-outdev", "image.iso", "-map", "tree", "/"];
    if !made(dir.path(), "xorriso", &[&arguments[..], &rest].concat()) {
        return;
    }
    let disc = read(dir.path(), None);
    assert_eq!(disc.hierarchy, Hierarchy::Iso9660);
    let mut paths: Vec<_> = disc.tree.iter().map(|id| disc.tree.path(id)).collect();
    paths.sort();
    let want = ["boot.cfg", "efi", "efi/boot", "efi/boot/bootx64.efi", "noext", "tboot.b00"];
    assert_eq!(paths, want.map(|path| path.as_bytes().to_vec()));
}

#[test]
fn boot_images_for_bios_and_uefi_are_found() {
    let dir = source();
    let base = ["-as", "mkisofs", "-quiet", "-R", "-o", "image.iso"];
    let bios = ["-b", "README.TXT", "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4"];
    let uefi = ["-eltorito-alt-boot", "-e", "text", "-no-emul-boot"];
    for (has_bios, has_uefi) in [(true, true), (true, false), (false, false)] {
        let mut arguments = base.to_vec();
        arguments.extend(bios.iter().filter(|_| has_bios));
        arguments.extend(uefi.iter().filter(|_| has_uefi));
        arguments.push("tree");
        if !made(dir.path(), "xorriso", &arguments) {
            return;
        }
        let bootable = read(dir.path(), None).bootable;
        assert_eq!((bootable.bios, bootable.uefi), (has_bios, has_uefi));
    }
}

#[test]
fn a_download_that_broke_off_is_refused_with_what_is_missing() {
    let dir = source();
    if !made(dir.path(), "xorriso", &["-as", "mkisofs", "-quiet", "-R", "-o", "image.iso", "tree"])
    {
        return;
    }
    let path = dir.path().join("image.iso");
    let file = fs::File::options().write(true).open(&path).expect("ours");
    file.set_len(file.metadata().expect("ours").len() / 2).expect("ours");
    let error = Disc::read(image(dir.path()), None, &Void).expect_err("cut");
    let Error::Corrupt { what, .. } = error else { panic!("{error}") };
    assert!(what.contains("the download is incomplete"), "{what}");
}
