//! The whole reader against images that other programs made.

mod built;
mod volume;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use super::*;
use crate::media::source::FileSource;
use crate::media::{Bootable, Disc, Hierarchy, Kind, NodeId};
use crate::monitor::Void;

/// Runs a program; says what is missing and returns false if it is not installed.
fn run(program: &str, arguments: &[&str]) -> bool {
    // Debian keeps mkudffs where an ordinary user's PATH does not lead.
    let found = [program.to_owned(), format!("/usr/sbin/{program}")];
    let output = found.iter().find_map(|path| Command::new(path).args(arguments).output().ok());
    match output {
        Some(output) => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{program} {arguments:?}: {stderr}");
            true
        }
        None => {
            println!("skipped: needs {program}");
            false
        }
    }
}

fn open(path: &Path) -> Image {
    let file = fs::File::open(path).expect("the image that was just made");
    Image::new(path, FileSource::new(file).expect("its size"))
}

/// Every path with its kind, size and target.
fn listing(tree: &Tree) -> Vec<String> {
    let line = |id: NodeId| {
        let path = String::from_utf8_lossy(&tree.path(id)).into_owned();
        match tree.kind(id) {
            Kind::Dir => format!("{path}/"),
            Kind::Link => format!("{path} -> {}", String::from_utf8_lossy(tree.target(id))),
            Kind::File => format!("{path} {}", tree.size(id)),
            Kind::Other => format!("{path} ?"),
        }
    };
    let mut lines: Vec<_> = tree.iter().map(line).collect();
    lines.sort();
    lines
}

#[test]
fn what_mkudffs_makes_is_read_in_every_revision_block_size_and_media_type() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("image");
    let name = path.to_str().expect("a name in UTF-8");
    // Strategy 4 and one partition, sparing tables, virtual allocation tables, and both.
    let media = [
        ("hd", &["1.02", "1.50", "2.00", "2.01"][..]),
        ("dvd", &["1.02", "1.50", "2.00", "2.01"]),
        ("dvdram", &["1.02", "1.50", "2.00", "2.01"]),
        ("dvdrw", &["1.50", "2.00", "2.01"]),
        ("cdrw", &["1.50", "2.00", "2.01"]),
        ("cdr", &["1.50", "2.00", "2.01", "2.50", "2.60"]),
        ("dvdr", &["1.50", "2.00", "2.01", "2.50", "2.60"]),
        ("bdr", &["2.50", "2.60"]),
    ];
    for (medium, revisions) in media {
        for revision in revisions {
            for block in ["512", "1024", "2048", "4096"] {
                let _ = fs::remove_file(&path);
                let label = "--label=Débian 日本";
                let kind = ["--media-type", medium, "--udfrev", revision, "--blocksize", block];
                let arguments = [&["--utf8", "--new-file", label], &kind[..], &[name, "9000"]];
                if !run("mkudffs", &arguments.concat()) {
                    return;
                }
                let image = open(&path);
                let case = format!("{medium} {revision} {block}");
                let udf = Udf::open(&image).unwrap_or_else(|e| panic!("{case}: {e}"));
                let udf = udf.unwrap_or_else(|| panic!("{case}: no UDF found"));
                assert_eq!(udf.identifiers().volume_id, "Débian 日本", "{case}");
                let tree = udf.read(&image, &Void).unwrap_or_else(|e| panic!("{case}: {e}"));
                assert!(tree.is_empty(), "{case}: {:?}", listing(&tree));
            }
        }
    }
}

#[test]
fn each_way_of_mkudffs_to_lay_out_a_volume_is_read() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("image");
    let name = path.to_str().expect("a name in UTF-8");
    for options in [
        &["--strategy=4096"][..],
        &["--ad=short"],
        &["--ad=long"],
        &["--noefe"],
        &["--spartable=4", "--udfrev=1.50"],
        &["--vat", "--udfrev=2.01"],
        &["--closed", "--media-type=cdr", "--udfrev=1.50"],
        &["--space=freedtable"],
    ] {
        let _ = fs::remove_file(&path);
        let arguments = [options, &["--new-file", "--blocksize=2048", name, "9000"]];
        if !run("mkudffs", &arguments.concat()) {
            return;
        }
        let image = open(&path);
        let udf = Udf::open(&image).unwrap_or_else(|e| panic!("{options:?}: {e}"));
        let tree = udf.expect("UDF").read(&image, &Void);
        assert!(tree.unwrap_or_else(|e| panic!("{options:?}: {e}")).is_empty(), "{options:?}");
    }
}

/// A source tree, and genisoimage's bridge disc of it.
fn bridge(dir: &Path) -> Option<Disc> {
    let source = dir.join("source");
    fs::create_dir_all(source.join("dir one/sub")).expect("a directory");
    fs::create_dir(source.join("empty dir")).expect("a directory");
    let long: Vec<u8> = (0..70_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(source.join("hello.txt"), "hello\n").expect("a file");
    fs::write(source.join("dir one/long.bin"), long).expect("a file");
    fs::write(source.join("dir one/sub/Ünïcødé 日本.txt"), "x").expect("a file");
    fs::write(source.join("empty"), "").expect("a file");
    // Enough for a directory of many blocks.
    for index in 0..300 {
        let name = format!("dir one/file number {index} with a long name.dat");
        fs::write(source.join(name), index.to_string()).expect("a file");
    }
    let (image, source) = (dir.join("bridge.iso"), source.to_str()?.to_owned());
    let arguments = ["-quiet", "-input-charset", "utf-8", "-udf", "-J", "-r", "-V", "BRIDGE"];
    if !run("genisoimage", &[&arguments[..], &["-o", image.to_str()?, &source]].concat()) {
        return None;
    }
    let image = open(&image);
    let udf = Udf::open(&image).expect("good descriptors").expect("a bridge disc");
    let tree = udf.read(&image, &Void).expect("a good tree");
    let identifiers = udf.identifiers();
    Some(Disc {
        image,
        tree,
        hierarchy: Hierarchy::Udf,
        identifiers,
        bootable: Bootable::default(),
    })
}

#[test]
fn a_bridge_disc_by_genisoimage_holds_its_source() {
    let dir = tempfile::tempdir().expect("a directory");
    let Some(disc) = bridge(dir.path()) else { return };
    assert_eq!(disc.identifiers.volume_id, "BRIDGE");
    let mut seen = 0;
    for id in disc.tree.iter() {
        let path = dir.path().join("source").join(OsStr::from_bytes(&disc.tree.path(id)));
        let meta = fs::metadata(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(meta.is_dir(), disc.tree.kind(id) == Kind::Dir, "{}", path.display());
        if meta.is_file() {
            assert_eq!(meta.len(), disc.tree.size(id), "{}", path.display());
            let content = disc.content(id, usize::MAX).expect("readable");
            assert_eq!(content, fs::read(&path).expect("the source"), "{}", path.display());
        }
        seen += 1;
    }
    assert_eq!(seen, 3 + 304, "{:?}", listing(&disc.tree));
}

#[test]
fn a_disc_that_was_cut_off_is_refused_wherever_the_cut_is() {
    let dir = tempfile::tempdir().expect("a directory");
    let Some(disc) = bridge(dir.path()) else { return };
    let whole = disc
        .image
        .read_vec(0, usize::try_from(disc.image.size()).expect("small"))
        .expect("readable");
    let ends = disc.tree.iter().flat_map(|id| disc.tree.extents(id));
    let end = ends.filter_map(|e| Some(e.offset? + e.len)).max().expect("files");
    let end = usize::try_from(end).expect("small");
    // From behind the recognition sequence on; at the end there is padding.
    for len in (32_768 + 64 * 2048..end).step_by(40_000).chain([end - 1]) {
        let image = Image::new("cut.iso", whole[..len].to_vec());
        let error = Udf::open(&image).expect_err("a truncated image");
        let text = error.to_string();
        assert!(text.contains("fetch it again"), "{len}: {text}");
    }
}
