//! Images to compare on, and the comparison with every other reader.

use std::fs;
use std::path::Path;

use pxe_import::Error;
use pxe_import::media::{Disc, Hierarchy, Image};
use pxe_import::monitor::Void;

use crate::hadris;
use crate::judge::Judge;
use crate::program::Program;
use crate::view::{self, What};

const HIERARCHIES: [Hierarchy; 5] = [
    Hierarchy::Udf,
    Hierarchy::RockRidge,
    Hierarchy::Joliet,
    Hierarchy::Enhanced,
    Hierarchy::Iso9660,
];

/// Every hierarchy of the image at `path`, the one that we would take first.
///
/// # Panics
/// If the image or one of its hierarchies cannot be read.
pub(crate) fn read(path: &Path) -> Vec<Disc> {
    let open = |hierarchy| Disc::read(Image::open(path).expect("the image"), hierarchy, &Void);
    let name = path.display();
    let mut discs = vec![open(None).unwrap_or_else(|e| panic!("{name}: {e}"))];
    for hierarchy in HIERARCHIES {
        match open(Some(hierarchy)) {
            Ok(_) if hierarchy == discs[0].hierarchy => {}
            Ok(disc) => discs.push(disc),
            // It is not there.
            Err(Error::NotAnImage { .. }) => {}
            Err(error) => panic!("{name}, {hierarchy}: {error}"),
        }
    }
    discs
}

/// Has `judge` hold what each of `programs` and hadris see on the image against what we see.
pub(crate) fn compare(name: &str, path: &Path, programs: &[Program], judge: &mut Judge) {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    for (index, disc) in read(path).iter().enumerate() {
        let hierarchy = disc.hierarchy;
        let name = format!("{name}:{hierarchy}");
        let ours = view::of_disc(disc).unwrap_or_else(|e| panic!("{name}: {e}"));
        // Device nodes need rights that the programs may not have.
        let mut creatable = ours.clone();
        creatable.retain(|_, what| *what != What::Other);
        for program in programs {
            let out = scratch.path().join(format!("{}-{hierarchy}", program.name()));
            if let Some(theirs) = program.unpack(path, hierarchy, index == 0, &out) {
                let theirs = theirs.map(|mut view| {
                    view.retain(|_, what| *what != What::Other);
                    view
                });
                judge.compare(&name, program.name(), &creatable, theirs);
            }
        }
        let theirs = hadris::view(fs::read(path).expect("the image"), hierarchy);
        judge.compare(&name, "hadris", &ours, theirs);
    }
}
