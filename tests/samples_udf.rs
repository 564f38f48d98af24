//! The UDF reader against images of the fixtures' own writer, sound and damaged.

use std::collections::BTreeMap;

use pxe_import::error::{Error, Result};
use pxe_import::media::{Disc, Hierarchy, Image, Kind};
use pxe_import::monitor::Void;
use pxe_import_fixtures::iso9660::{Boot, Options as Iso9660Options};
use pxe_import_fixtures::udf::{self, Options, find_tags, repair_tags};
use pxe_import_fixtures::{Body, Content, Node, Tree};

/// By path: kind, mode, time, and what it holds.
type Listing = BTreeMap<String, String>;

/// Most bytes of a file that are read.
const LIMIT: usize = 1 << 24;

fn read(image: Vec<u8>) -> Result<Listing> {
    let disc = Disc::read(Image::new("sample", image), Some(Hierarchy::Udf), &Void)?;
    listing(&disc)
}

fn listing(disc: &Disc) -> Result<Listing> {
    let mut found = Listing::new();
    for id in disc.tree.iter() {
        let what = match disc.tree.kind(id) {
            Kind::Dir => "dir".to_owned(),
            Kind::Link => format!("link {}", disc.tree.target(id).escape_ascii()),
            Kind::Other => "other".to_owned(),
            Kind::File => sum(&disc.content(id, LIMIT)?),
        };
        let (mode, mtime) = (disc.tree.mode(id), disc.tree.mtime(id).map(|time| time.seconds));
        let path = disc.tree.path(id).escape_ascii().to_string();
        found.insert(path, line(mode, mtime, &what));
    }
    Ok(found)
}

/// What the description says, without what is hidden: Linux does not show that.
fn expected(tree: &Tree) -> Listing {
    let mut found = Listing::new();
    for (path, node) in tree.walk() {
        let what = match &node.body {
            _ if node.hints.hidden => continue,
            Body::Dir(_) => "dir".to_owned(),
            Body::Link(target) => format!("link {}", target.escape_ascii()),
            Body::File(content) => sum(&content.to_vec()),
            Body::Device { .. } | Body::Fifo => "other".to_owned(),
        };
        let path = path.escape_ascii().to_string();
        found.insert(path, line(Some(node.mode), Some(node.mtime), &what));
    }
    found
}

fn line(mode: Option<u16>, mtime: Option<i64>, what: &str) -> String {
    format!("{:o} {} {what}", mode.unwrap_or(0), mtime.unwrap_or(0))
}

fn sum(bytes: &[u8]) -> String {
    format!("file {} {}", bytes.len(), &blake3::hash(bytes).to_hex()[..16])
}

#[test]
fn every_sample_reads_as_it_was_described() {
    for sample in udf::sample::all() {
        let found = read(sample.write().image.to_vec())
            .unwrap_or_else(|error| panic!("{} ({}): {error}", sample.name, sample.what));
        let wanted = expected(&sample.tree);
        for (path, line) in &wanted {
            assert_eq!(found.get(path), Some(line), "{} ({}): {path}", sample.name, sample.what);
        }
        assert_eq!(found.len(), wanted.len(), "{} ({})", sample.name, sample.what);
    }
}

/// Something of everything in few blocks, so that thousands of images are read in seconds.
fn small() -> Tree {
    let mut tree = Tree::new();
    tree.random("dir/file", 9000);
    tree.text("dir/short", "short\n");
    let parts = [Content::random(1, 3000), Content::Zeros(9000), Content::random(2, 10)];
    tree.put("dir/sparse", Node::file(Content::parts(parts)));
    tree.link("link", "dir/../dir/file");
    tree.put("null", Node::new(0o666, Body::Device { block: false, major: 1, minor: 3 }));
    tree
}

/// What lies behind a descriptor's tag is what a reader works with: bytes get all bits set, none,
/// or are off by one, and the tag is made to hold again.
#[test]
fn damage_behind_repaired_tags_is_an_error_or_another_tree() {
    let changes: [fn(u8) -> u8; 3] = [|_| 0xff, |_| 0, |byte| byte.wrapping_add(1)];
    let mut turn = 0;
    for sample in udf::sample::all() {
        let sound = udf::write(&small(), &sample.options).image.to_vec();
        let tags = find_tags(&sound);
        for &tag in &tags {
            for offset in (16..460).step_by(12) {
                turn += 1;
                let at = tag + offset + turn % 12;
                let mut image = sound.clone();
                let Some(byte) = image.get_mut(at) else { continue };
                *byte = changes[turn / 12 % 3](*byte);
                repair_tags(&mut image, &tags);
                refused_or_safe(sample.name, at, read(image));
            }
        }
    }
}

#[test]
fn a_sample_that_is_cut_off_is_an_error_or_whole() {
    for sample in udf::sample::all() {
        let tree = small();
        let sound = udf::write(&tree, &sample.options).image.to_vec();
        let wanted = expected(&tree);
        for part in 0..100 {
            let len = sound.len() * part / 100;
            if let Ok(found) = read(sound[..len].to_vec()) {
                assert!(found == wanted, "{} cut at {len}", sample.name);
            }
        }
    }
}

fn refused_or_safe(name: &str, at: usize, outcome: Result<Listing>) {
    match outcome {
        Ok(found) => {
            for path in found.keys() {
                let unsafe_part = |part: &str| matches!(part, "" | "." | "..");
                assert!(!path.split('/').any(unsafe_part), "{name} at {at:#x}: {path}");
            }
        }
        Err(Error::Corrupt { .. } | Error::Unsupported { .. } | Error::NotAnImage { .. }) => {}
        Err(other) => panic!("{name} at {at:#x}: {other}"),
    }
}

#[test]
fn a_bridge_disc_shows_its_udf_side_and_what_firmware_starts() {
    let mut tree = Tree::new();
    tree.random("boot/etfsboot.com", 4096);
    tree.random("efi/efisys.bin", 100_000);
    tree.put("sources/install.wim", Node::file(Content::Zeros((4 << 30) + 77)));
    let mut iso9660 = Tree::new();
    iso9660.text("readme.txt", "The files are in UDF.\r\n");
    let volume = Iso9660Options {
        boot: Some(Boot::new(None, "boot/etfsboot.com", Some("efi/efisys.bin"))),
        ..Iso9660Options::default()
    };
    let written = udf::write_bridge(&tree, &Options::default(), &iso9660, &volume);
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("bridge.iso");
    written.image.create(&path, true).expect("a sparse file");
    let disc = Disc::read(Image::open(&path).expect("an image"), None, &Void).expect("a disc");
    assert_eq!(disc.hierarchy, Hierarchy::Udf);
    assert!(disc.bootable.bios && disc.bootable.uefi);
    let sizes: Vec<_> =
        disc.tree.iter().map(|id| (disc.tree.path(id), disc.tree.size(id))).collect();
    assert!(sizes.contains(&(b"sources/install.wim".to_vec(), (4 << 30) + 77)), "{sizes:?}");

    let iso = Image::open(&path).expect("an image");
    let disc = Disc::read(iso, Some(Hierarchy::Iso9660), &Void).expect("its other side");
    let names: Vec<_> = disc.tree.iter().map(|id| disc.tree.path(id)).collect();
    assert_eq!(names, [b"readme.txt".to_vec()]);
}
