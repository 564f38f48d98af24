//! The images that the fixtures make: ours, and those of other programs.

use clap::ValueEnum;
use pxe_import::media::{Disc, Hierarchy, Image, Kind, NodeId};
use pxe_import::monitor::Void;
use pxe_import_fixtures::family::{self, Size};
use pxe_import_fixtures::{Node, Reads, Sample, Tree, iso9660, udf};

use crate::image::compare;
use crate::judge::Judge;
use crate::known;
use crate::program::{Program, run};
use crate::view;

pub(crate) fn samples() -> Vec<Sample> {
    let udf = udf::sample::all().into_iter().map(|sample| Sample {
        name: sample.name,
        why: sample.what,
        image: sample.write().image,
        reads: Reads::As { hierarchy: "udf", tree: sample.tree },
    });
    iso9660::samples::all().into_iter().chain(iso9660::odd::all()).chain(udf).collect()
}

fn memory(image: &pxe_import_fixtures::Image) -> Image {
    Image::new("fixture.iso", image.to_vec())
}

/// Has `judge` hold a disc against its description: `name`, and `reader` for what is described.
fn describe(judge: &mut Judge, name: &str, disc: &Disc, tree: &Tree) {
    let name = format!("{name}:{}", disc.hierarchy);
    match view::of_disc(disc) {
        Ok(ours) => {
            judge.compare(&name, "description", &ours, Ok(view::of_description(tree)));
        }
        Err(error) => judge.blame(format!("{name}: {error}")),
    }
    if !matches!(disc.hierarchy, Hierarchy::RockRidge | Hierarchy::Udf) {
        return;
    }
    for (path, node) in tree.walk() {
        let what = disc.tree.find(&path).and_then(|id| metadata(disc, id, node));
        if let Some(what) = what {
            judge.blame(format!("{name}: {}: {what}", path.escape_ascii()));
        }
    }
}

/// What is not as described of mode and time.
fn metadata(disc: &Disc, id: NodeId, node: &Node) -> Option<String> {
    let tree = &disc.tree;
    if tree.kind(id) != Kind::Link && tree.mode(id) != Some(node.mode) {
        return Some(format!("mode {:?}, described as {:o}", tree.mode(id), node.mode));
    }
    let seconds = tree.mtime(id).map(|time| time.seconds);
    (seconds != Some(node.mtime)).then(|| format!("{seconds:?}, described as {}", node.mtime))
}

#[test]
fn each_odd_image_reads_as_it_is_described() {
    let mut judge = Judge::new(known::DESCRIBED);
    for Sample { name, image, reads, .. } in samples() {
        let wanted = match &reads {
            Reads::As { hierarchy, .. } => Hierarchy::from_str(hierarchy, false).ok(),
            Reads::Refused | Reads::Either => None,
        };
        let disc = Disc::read(memory(&image), wanted, &Void);
        match (reads, disc) {
            (Reads::As { tree, .. }, Ok(disc)) => describe(&mut judge, name, &disc, &tree),
            (Reads::As { .. }, Err(error)) => judge.blame(format!("{name}: {error}")),
            (Reads::Refused, Ok(disc)) if view::of_disc(&disc).is_ok() => {
                judge.blame(format!("{name}: read, not refused"));
            }
            (Reads::Refused | Reads::Either, _) => {}
        }
    }
    judge.finish(true);
}

#[test]
fn each_disc_of_a_family_reads_as_it_is_described() {
    let mut judge = Judge::new(known::DESCRIBED_FAMILY);
    for (name, build) in family::ALL {
        let disc = build(Size::Small);
        let image = disc.image();
        let read = Disc::read(memory(&image), None, &Void).expect("a good disc");
        describe(&mut judge, name, &read, &disc.tree);
    }
    judge.finish(true);
}

/// Those of the programs that are there.
fn programs(wanted: &[Program]) -> Vec<Program> {
    wanted.iter().copied().filter(|program| program.is_known()).collect()
}

#[test]
fn other_readers_see_the_same_on_odd_images() {
    let dir = tempfile::tempdir().expect("a scratch directory");
    // 7-Zip reads a few of these only: no small blocks, and no links or devices in UDF.
    let programs = programs(&[Program::Bsdtar, Program::Xorriso]);
    let mut judge = Judge::new(known::ODD);
    for Sample { name, image, reads, .. } in samples() {
        if matches!(reads, Reads::As { .. }) {
            let path = dir.path().join(format!("{name}.iso"));
            image.create(&path, true).expect("the image is written");
            compare(name, &path, &programs, &mut judge);
        }
    }
    judge.finish(true);
}

#[test]
fn other_readers_see_the_same_on_the_discs_of_the_families() {
    let dir = tempfile::tempdir().expect("a scratch directory");
    let programs = programs(&Program::ALL);
    let mut judge = Judge::new(known::FAMILY);
    for (name, build) in family::ALL {
        let image = build(Size::Small).image();
        let path = dir.path().join(format!("{name}.iso"));
        image.create(&path, true).expect("the image is written");
        compare(name, &path, &programs, &mut judge);
    }
    judge.finish(true);
}

#[test]
fn other_readers_see_the_same_on_images_of_other_writers() {
    let dir = tempfile::tempdir().expect("a scratch directory");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/make-foreign.sh");
    let Some(output) = run("sh", &[script, dir.path().to_str().expect("UTF-8")]) else { return };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let programs = programs(&[Program::Bsdtar, Program::Xorriso]);
    let mut judge = Judge::new(known::FOREIGN);
    let mut all = true;
    for line in text.lines() {
        if line.starts_with("skipped: ") {
            println!("{line}");
            all = false;
            continue;
        }
        let name = line.split(' ').next().expect("a name");
        let path = dir.path().join(format!("{name}.iso"));
        compare(name, &path, &programs, &mut judge);
    }
    judge.finish(all);
}
