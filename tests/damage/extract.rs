//! What `extract` does, into a directory whose surroundings are watched.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pxe_import::copy::{self, Options};
use pxe_import::media::{Disc, Image};
use pxe_import::monitor::Void;
use pxe_import::plan::{Item, OnConflict, Plan, Rules, link, merge};
use pxe_import::{Error, Result};

/// More than this is not written: a damaged size may be anything.
const BYTES_MAX: u64 = 64 << 20;

/// Reads, merges and writes a disc. Every path with what is there.
///
/// # Panics
/// If anything has come into being outside the target, or a link in it leads out.
pub(crate) fn extract(image: Vec<u8>) -> Result<BTreeMap<Vec<u8>, String>> {
    let outer = tempfile::tempdir().expect("a scratch directory");
    let inner = outer.path().join("a/b");
    fs::create_dir_all(&inner).expect("a directory");
    let top = inner.join("target");
    let result = write(image, &top);
    for (dir, only) in [(outer.path(), "a"), (&outer.path().join("a"), "b"), (&inner, "target")] {
        for entry in fs::read_dir(dir).expect("ours") {
            let name = entry.expect("ours").file_name();
            assert!(name == only, "{} lies outside the target", name.display());
        }
    }
    if top.exists() {
        check_links(&top, &top.canonicalize().expect("the target"));
    }
    result
}

fn write(image: Vec<u8>, top: &Path) -> Result<BTreeMap<Vec<u8>, String>> {
    plan(image, |plan| {
        let options = Options { jobs: 1.try_into().ok(), hash: true, ..Options::default() };
        Ok(list(plan, &copy::write(plan, top, options, &Void)?.hashes))
    })
}

/// As [`extract`], without a disk: all bytes are read and go nowhere.
pub(crate) fn read(image: Vec<u8>) -> Result<BTreeMap<Vec<u8>, String>> {
    plan(image, |plan| {
        let mut buffer = vec![0; 1 << 16];
        for id in plan.iter() {
            let Item::File(content) = plan.item(id) else { continue };
            let reader = content.reader(plan.discs())?;
            let mut at = 0;
            while at < reader.len() {
                let len = reader.read_at(at, &mut buffer)?;
                assert!(len > 0, "a file of {} bytes ends at {at}", reader.len());
                at += len as u64;
            }
        }
        Ok(list(plan, &[]))
    })
}

fn plan<T>(image: Vec<u8>, then: impl FnOnce(&Plan<'_>) -> Result<T>) -> Result<T> {
    let discs = [Disc::read(Image::new("disc.iso", image), None, &Void)?];
    let mut merged = merge(&discs, &Rules::default(), OnConflict::Later, &Void)?.settle(&[])?;
    link::judge(&mut merged.plan, false, &Void);
    if merged.plan.bytes() > BYTES_MAX {
        return Err(Error::Usage("too large for a test".into()));
    }
    then(&merged.plan)
}

fn list(plan: &Plan<'_>, hashes: &[Option<blake3::Hash>]) -> BTreeMap<Vec<u8>, String> {
    let what = |id| match plan.item(id) {
        Item::Dir => "directory".to_owned(),
        Item::Link(target) => format!("link to {}", target.escape_ascii()),
        Item::File(_) => format!("file {:?}", hashes.get(id.index())),
    };
    plan.iter().map(|id| (plan.path(id), what(id))).collect()
}

fn check_links(dir: &Path, top: &Path) {
    for entry in fs::read_dir(dir).expect("what has been written") {
        let entry = entry.expect("what has been written");
        let kind = entry.file_type().expect("what has been written");
        if kind.is_dir() {
            check_links(&entry.path(), top);
        } else if kind.is_symlink() {
            // One that dangles leads nowhere.
            let Ok(target) = entry.path().canonicalize() else { continue };
            assert!(target.starts_with(top), "a link leads to {}", target.display());
        }
    }
}
