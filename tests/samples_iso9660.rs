//! The reader against images of the fixtures' own writer, sound and broken.

use std::path::Path;

use pxe_import::media::{Disc, Hierarchy, Image, Kind, NodeId};
use pxe_import::monitor::Void;
use pxe_import_fixtures::{Body, Reads, Sample, Tree, family, iso9660};

type Contents = Vec<(NodeId, Vec<u8>)>;

/// Reads the whole image: descriptors, tree, and every byte of every file.
fn read(path: &Path, wanted: Option<Hierarchy>) -> pxe_import::error::Result<(Disc, Contents)> {
    let disc = Disc::read(Image::open(path)?, wanted, &Void)?;
    let ids: Vec<NodeId> = disc.tree.iter().collect();
    let mut contents = Vec::new();
    for id in ids {
        if disc.tree.kind(id) == Kind::File {
            contents.push((id, disc.content(id, 1 << 24)?));
        }
    }
    Ok((disc, contents))
}

/// One line a node: path, kind, content, and in Rock Ridge the mode and time.
fn listing(disc: &Disc, contents: &Contents) -> Vec<String> {
    let rich = disc.hierarchy == Hierarchy::RockRidge;
    let mut lines = Vec::new();
    for id in disc.tree.iter().filter(|&id| id != NodeId::ROOT) {
        let path = disc.tree.path(id).escape_ascii().to_string();
        let what = match disc.tree.kind(id) {
            Kind::Dir => "dir".to_owned(),
            Kind::Link => format!("link {}", disc.tree.target(id).escape_ascii()),
            Kind::Other => "other".to_owned(),
            Kind::File => {
                let content = contents.iter().find(|(other, _)| *other == id);
                content_of(&path, &content.expect("all are read").1)
            }
        };
        let mtime = disc.tree.mtime(id).map(|time| time.seconds);
        let mode = disc.tree.mode(id).map(|mode| mode & 0o7777);
        lines.push(line(&path, &what, rich.then_some((mode, mtime))));
    }
    lines.sort_unstable();
    lines
}

fn expected(tree: &Tree, rich: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for (path, node) in tree.walk() {
        let path = path.escape_ascii().to_string();
        let what = match &node.body {
            Body::Dir(_) => "dir".to_owned(),
            Body::Link(target) => format!("link {}", target.escape_ascii()),
            Body::File(content) => content_of(&path, &content.to_vec()),
            _ => "other".to_owned(),
        };
        lines.push(line(&path, &what, rich.then_some((Some(node.mode), Some(node.mtime)))));
    }
    lines.sort_unstable();
    lines
}

fn line(path: &str, what: &str, attributes: Option<(Option<u16>, Option<i64>)>) -> String {
    match attributes {
        Some((mode, mtime)) => format!("{path} {what} {mode:?} {mtime:?}"),
        None => format!("{path} {what}"),
    }
}

/// A file's size and sum; a boot catalog is filled in when the image is written.
fn content_of(path: &str, bytes: &[u8]) -> String {
    if path.ends_with("boot.cat") || path.ends_with("boot.catalog") {
        return format!("catalog {}", bytes.len());
    }
    format!("file {} {}", bytes.len(), &blake3::hash(bytes).to_hex()[..16])
}

/// What is wrong with the reading of a sample, if anything is.
fn fault(sample: &Sample, dir: &Path) -> Option<String> {
    let path = dir.join("image.iso");
    sample.image.create(&path, false).expect("the image is written");
    let enhanced = matches!(&sample.reads, Reads::As { hierarchy: "enhanced", .. });
    let outcome = read(&path, enhanced.then_some(Hierarchy::Enhanced));
    match (&sample.reads, outcome) {
        (Reads::As { hierarchy, tree }, Ok((disc, contents))) => {
            let found = listing(&disc, &contents);
            let wanted = expected(tree, disc.hierarchy == Hierarchy::RockRidge);
            let missing: Vec<_> = wanted.iter().filter(|line| !found.contains(line)).collect();
            let more: Vec<_> = found.iter().filter(|line| !wanted.contains(line)).collect();
            let shown = disc.hierarchy.to_string();
            (shown != *hierarchy || !missing.is_empty() || !more.is_empty())
                .then(|| format!("read as {shown}, without {missing:#?}, with {more:#?}"))
        }
        (Reads::As { .. }, Err(error)) => Some(format!("not read: {error}")),
        (Reads::Refused, Ok(_)) => Some("read without an error".into()),
        (Reads::Refused, Err(error)) => {
            eprintln!("{}: {error}", sample.name);
            None
        }
        (Reads::Either, outcome) => {
            let outcome = outcome.map_or_else(|error| error.to_string(), |_| "read".into());
            eprintln!("{}: {outcome}", sample.name);
            None
        }
    }
}

#[test]
fn every_sample_is_read_as_it_is_meant() {
    let dir = tempfile::tempdir().expect("a scratch directory");
    let mut faults = String::new();
    for sample in [iso9660::samples::all(), iso9660::odd::all()].concat() {
        if let Some(fault) = fault(&sample, dir.path()) {
            faults.push_str(&format!("{} ({}): {fault}\n", sample.name, sample.why));
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn the_discs_of_every_family_are_read_as_they_are_described() {
    let dir = tempfile::tempdir().expect("a scratch directory");
    for (name, build) in family::ALL {
        let disc = build(family::Size::Small);
        let family::Format::Iso9660(options) = &disc.format else { continue };
        let hierarchy = match (&options.rock_ridge, &options.joliet) {
            (Some(_), _) => "rock-ridge",
            (None, Some(_)) => "joliet",
            (None, None) => "iso9660",
        };
        let image = disc.image();
        let reads = Reads::As { hierarchy, tree: disc.tree };
        let sample = Sample { name, why: "a family's disc", image, reads };
        assert_eq!(fault(&sample, dir.path()), None, "{name}");
    }
}
