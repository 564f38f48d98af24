//! Any bytes as two discs that are merged and written: nothing may appear outside the target, and no
//! link may lead out of it.
#![no_main]

use std::fs;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use pxe_import::Result;
use pxe_import::copy::{self, Options};
use pxe_import::media::{Disc, Image};
use pxe_import::monitor::Void;
use pxe_import::plan::{OnConflict, Rules, link, merge};
use pxe_import_fuzz::{repair, unpack};

/// More than this is not written.
const BYTES_MAX: u64 = 4 << 20;

fuzz_target!(|data: &[u8]| {
    let mut image = unpack(data);
    repair(&mut image);
    let outside = tempfile::tempdir().expect("a temporary directory");
    let top = outside.path().join("tree");
    // An error is as good as success.
    let _ = run(image, &top);
    let mut names = fs::read_dir(outside.path())
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name());
    assert!(names.all(|name| name == "tree"), "something lies outside the target");
    if top.is_dir() {
        check_links(&top, &top.canonicalize().expect("the target"));
    }
});

fn run(image: Vec<u8>, top: &Path) -> Result<()> {
    let read = |name| Disc::read(Image::new(name, image.clone()), None, &Void);
    let discs = [read("one.iso")?, read("two.iso")?];
    let merge = merge(&discs, &Rules::default(), OnConflict::Later, &Void)?;
    let mut merged = merge.settle(&[])?;
    link::judge(&mut merged.plan, false, &Void);
    if merged.plan.bytes() <= BYTES_MAX {
        let options = Options { jobs: 1.try_into().ok(), hash: true, ..Options::default() };
        copy::write(&merged.plan, top, options, &Void)?;
    }
    Ok(())
}

fn check_links(dir: &Path, top: &Path) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let entry = entry.expect("an entry");
        let kind = entry.file_type().expect("a kind");
        if kind.is_dir() {
            check_links(&entry.path(), top);
        } else if kind.is_symlink()
            && let Ok(target) = entry.path().canonicalize()
        {
            assert!(target.starts_with(top), "a link leads to {}", target.display());
        }
    }
}
