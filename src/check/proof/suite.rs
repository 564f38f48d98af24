//! Suites of a Debian archive: `dists/*/Release`, the indexes and the packages that they list.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufReader, ErrorKind, Read};

use super::packages::Packages;
use super::release::{self, FORMS, Listed};
use super::tally::Few;
use super::tree::Found;
use super::{AGAIN, Proof};
use crate::error::Result;
use crate::metadata::checksum::Kind;
use crate::metadata::href::{Href, resolve, shown};
use crate::metadata::packed::unpack;

/// Most suites of one tree.
const SUITES_MAX: usize = 64;
/// Most bytes of a `Release`; that of a whole Debian release has 200 KiB.
const RELEASE_MAX: u64 = 16 << 20;
/// Files of fewer bytes have their sum computed; an index is far smaller.
const SUMMED_MAX: u64 = 64 << 20;
/// An index that lists nothing has at most so many bytes, however it is compressed.
const EMPTY_MAX: u64 = 64;

/// Checks every suite, each once: `dists/stable` is a link to one of the others.
pub(super) fn prove(proof: &mut Proof<'_>) -> Result<()> {
    let mut seen = HashSet::new();
    for name in proof.tree.names("dists") {
        proof.monitor.check()?;
        let dir = format!("dists/{name}");
        let Found::Dir(id) = proof.tree.look(&dir) else { continue };
        if !seen.insert(id) {
            continue;
        }
        if seen.len() > SUITES_MAX {
            let what = format!("has more than {SUITES_MAX} suites, of which only some are checked");
            proof.warning("suite-many", "dists", what, "check the others by hand");
            break;
        }
        suite(proof, &dir)?;
    }
    Ok(())
}

/// Reads `Release`, or the signed form of it.
fn read(proof: &mut Proof<'_>, dir: &str) -> Option<(String, String)> {
    for name in ["Release", "InRelease"] {
        let path = format!("{dir}/{name}");
        let mut bytes = Vec::new();
        let what = match proof.tree.file(&path) {
            Ok(file) => match file.take(RELEASE_MAX).read_to_end(&mut bytes) {
                Ok(_) => return Some((path, String::from_utf8_lossy(&bytes).into_owned())),
                Err(e) => format!("cannot be read: {e}"),
            },
            Err(Found::Missing) => continue,
            Err(found) => found.no_file().unwrap_or_default(),
        };
        proof.fault("release-unreadable", &path, what, AGAIN);
        return None;
    }
    let what = "has no Release: the installer takes no packages from it";
    proof.warning("release-missing", dir, what, AGAIN);
    None
}

fn suite(proof: &mut Proof<'_>, dir: &str) -> Result<()> {
    let Some((release, text)) = read(proof, dir) else { return Ok(()) };
    let (kind, listed) = release::parse(&text);
    let mut wrong = Few::default();
    // Lists of packages, by their plain name, and whether they may hold any.
    let mut indexes: BTreeMap<String, bool> = BTreeMap::new();
    for one in &listed {
        proof.monitor.check()?;
        let path = match resolve(dir, &one.path) {
            Href::Inside(path) => path,
            Href::Elsewhere | Href::Outside => {
                wrong.add(&release, format!("lists {}, out of the tree", shown(&one.path)));
                continue;
            }
        };
        if let Some(plain) = release::packages(&path) {
            let some = one.size > EMPTY_MAX;
            indexes.entry(plain.to_owned()).and_modify(|any| *any |= some).or_insert(some);
        }
        if let Some(what) = compare(proof, &release, &path, one, kind)? {
            wrong.add(&path, what);
        }
    }
    proof.few("release-wrong", &release, wrong, "files are not as it lists them");
    for (plain, any) in indexes {
        index(proof, &release, &plain, any)?;
    }
    Ok(())
}

/// What is wrong with a file that `Release` lists. Most of what it lists need not be on a disc.
fn compare(
    proof: &mut Proof<'_>,
    release: &str,
    path: &str,
    listed: &Listed,
    kind: Option<Kind>,
) -> Result<Option<String>> {
    let (size, id) = match proof.tree.look(path) {
        Found::File { size, id } => (size, id),
        Found::Missing => return Ok(None),
        other => return Ok(other.no_file()),
    };
    if size != listed.size {
        return Ok(Some(format!("has {size} bytes, {release} says {}", listed.size)));
    }
    let Some(kind) = kind.filter(|_| size < SUMMED_MAX) else { return Ok(None) };
    let sum = proof.sum(path, id, kind)?;
    Ok(sum
        .filter(|sum| *sum != listed.sum)
        .map(|_| format!("has another checksum than {release} says")))
}

/// Checks the packages of a list in the first of its forms that is there.
fn index(proof: &mut Proof<'_>, release: &str, plain: &str, any: bool) -> Result<()> {
    let forms = FORMS.map(|form| format!("{plain}{form}"));
    let there = forms.iter().find(|path| !matches!(proof.tree.look(path), Found::Missing));
    let Some(path) = there else {
        if any {
            let what = format!("is there in no form, though {release} lists it");
            proof.warning("index-missing", plain, what, AGAIN);
        }
        return Ok(());
    };
    let file = match proof.tree.file(path) {
        Ok(file) => file,
        Err(found) => {
            let what = found.no_file().unwrap_or_default();
            proof.fault("index-unreadable", path, what, AGAIN);
            return Ok(());
        }
    };
    let (monitor, budget) = (proof.monitor, &proof.budget);
    let (mut missing, mut wrong) = (Few::default(), Few::default());
    let read = unpack(BufReader::new(file), budget, monitor).and_then(|input| {
        let mut packages = Packages::new(input);
        while let Some(package) = packages.next()? {
            let at = match resolve("", &package.filename) {
                Href::Inside(at) => at,
                Href::Elsewhere | Href::Outside => {
                    wrong.add(path, format!("lists {}, out of the tree", shown(&package.filename)));
                    continue;
                }
            };
            budget.look()?;
            match proof.tree.look(&at) {
                Found::File { size, .. } => {
                    if let Some(expected) = package.size.filter(|expected| *expected != size) {
                        wrong.add(&at, format!("has {size} bytes, {path} says {expected}"));
                    }
                }
                Found::Missing => missing.add(&at, format!("is not there, though {path} lists it")),
                other => wrong.add(&at, other.no_file().unwrap_or_default()),
            }
        }
        Ok(())
    });
    monitor.check()?;
    match read {
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::Unsupported => {
            let what = format!("is not read: {e}; the packages are not checked");
            proof.note("index-packing", path, what);
        }
        Err(e) => {
            proof.fault("index-unreadable", path, format!("is damaged: {e}"), AGAIN);
        }
    }
    proof.few("package-missing", path, missing, "packages are not there");
    proof.few("package-wrong", path, wrong, "packages are not as they are listed");
    Ok(())
}
