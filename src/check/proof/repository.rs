//! Repositories of RPM packages: `repodata`, and the packages that it lists.

use std::collections::HashSet;
use std::io::BufReader;

use super::tally::{Few, Tally, Verdict};
use super::tree::{Found, Id};
use super::treeinfo::Treeinfo;
use super::{AGAIN, Proof};
use crate::error::Result;
use crate::identify::Product;
use crate::identify::product::numbers;
use crate::metadata::checksum::Kind;
use crate::metadata::href::{Href, resolve, shown};
use crate::metadata::packed::unpack;
use crate::metadata::primary::Packages;
use crate::metadata::repomd::{self, Data};

/// Most repositories of one tree; Fedora's and RHEL's have up to ten.
const REPOSITORIES_MAX: usize = 64;
/// Most bytes of a `repomd.xml`.
const REPOMD_MAX: u64 = 4 << 20;

/// A directory that holds `repodata/repomd.xml`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repository {
    /// From the top of the tree; the top is empty.
    pub(super) dir: String,
}

impl Repository {
    fn path(&self, below: &str) -> String {
        if self.dir.is_empty() { below.to_owned() } else { format!("{}/{below}", self.dir) }
    }

    fn repomd(&self) -> String {
        self.path("repodata/repomd.xml")
    }
}

/// Finds the tree's repositories: the top, those that `.treeinfo` names, and, as EL 5 has them
/// without naming them, directories of the top; each once, whatever links lead there.
pub(super) fn find(proof: &mut Proof<'_>, info: Option<&Treeinfo>) -> Result<Vec<Repository>> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    look(proof, &mut found, &mut seen, "");
    if let Some(info) = info {
        let mut outside = Vec::new();
        for (section, value) in info.repositories() {
            proof.monitor.check()?;
            match resolve("", value) {
                Href::Inside(dir) if look(proof, &mut found, &mut seen, &dir) => {}
                Href::Inside(dir) => {
                    let what = format!("is no repository, though {} names it as one", info.name());
                    proof.note("repository-missing", &dir, what);
                }
                Href::Elsewhere | Href::Outside => outside.push(format!("[{section}]")),
            }
        }
        if !outside.is_empty() {
            let what = format!("names repositories outside of the tree: {}", outside.join(", "));
            proof.note("repository-outside", info.name(), what);
        }
    }
    for name in proof.tree.names("") {
        proof.monitor.check()?;
        look(proof, &mut found, &mut seen, &name);
    }
    if found.len() > REPOSITORIES_MAX {
        let what = format!("has {} repositories, of which only some are checked", found.len());
        proof.warning("repository-many", "", what, "check the others by hand");
        found.truncate(REPOSITORIES_MAX);
    }
    Ok(found)
}

/// Adds the repository in `dir`, if one is there and new; says whether one is there.
fn look(proof: &Proof<'_>, found: &mut Vec<Repository>, seen: &mut HashSet<Id>, dir: &str) -> bool {
    let Found::Dir(id) = proof.tree.look(dir) else { return false };
    let repository = Repository { dir: dir.to_owned() };
    if matches!(proof.tree.look(&repository.repomd()), Found::Missing) {
        return false;
    }
    if seen.insert(id) {
        found.push(repository);
    }
    true
}

/// Checks every repository.
pub(super) fn prove(proof: &mut Proof<'_>, repositories: &[Repository]) -> Result<()> {
    let mut media = None;
    for repository in repositories {
        proof.monitor.check()?;
        let Some(all) = metadata(proof, repository)? else { continue };
        let mut primary = None;
        for data in &all {
            let sound = stored(proof, repository, data)?;
            if data.kind == "primary" {
                primary = Some(sound);
            }
        }
        match primary {
            None => {
                let what = "names no primary metadata: a client finds no packages";
                proof.fault("repodata-no-primary", &repository.repomd(), what, AGAIN);
            }
            // Missing or elsewhere, as has been said.
            Some(None) => {}
            Some(Some(path)) => {
                if packages(proof, repository, &path)? {
                    media.get_or_insert_with(|| repository.path("repodata"));
                }
            }
        }
    }
    if let Some(path) = media {
        let what = "gives the packages' places as media://: yum and anaconda of EL 5 and 6 ignore \
                    that over HTTP, dnf does not";
        match of_yum(proof.product) {
            true => proof.note("repodata-media-base", &path, what),
            false => {
                let mend = "import the discs again with --rewrite-media-urls";
                proof.warning("repodata-media-base", &path, what, mend);
            }
        }
    }
    Ok(())
}

/// Whether the release is one that is installed with yum: before EL 8.
fn of_yum(product: Option<&Product>) -> bool {
    let release = product.filter(|product| product.profile == "el" && product.family != "fedora");
    let version = release.and_then(|product| product.version.as_deref()).map(numbers);
    version.and_then(|all| all.first().copied()).is_some_and(|major| major < 8)
}

/// What `repomd.xml` names; `None` if it cannot be read, which is a finding.
fn metadata(proof: &mut Proof<'_>, repository: &Repository) -> Result<Option<Vec<Data>>> {
    let path = repository.repomd();
    let read = match proof.tree.file(&path) {
        Ok(file) => repomd::parse(BufReader::new(std::io::Read::take(file, REPOMD_MAX)))
            .map_err(|what| format!("is damaged: {what}")),
        Err(found) => Err(found.no_file().unwrap_or_default()),
    };
    proof.monitor.check()?;
    match read {
        Ok(all) => Ok(Some(all)),
        Err(what) => {
            proof.fault("repodata-unreadable", &path, what, AGAIN);
            Ok(None)
        }
    }
}

/// Checks one file that `repomd.xml` names; returns its path if it is there.
fn stored(proof: &mut Proof<'_>, repository: &Repository, data: &Data) -> Result<Option<String>> {
    let base = data.base.as_deref().unwrap_or_default();
    let path = match resolve(&repository.dir, &data.href) {
        Href::Inside(path) if base.is_empty() || base.starts_with("media://") => path,
        Href::Outside => {
            let what = format!("names {}, which leads out of the tree", shown(&data.href));
            proof.fault("repodata-outside", &repository.repomd(), what, AGAIN);
            return Ok(None);
        }
        _ => {
            let what = "names files on another server, which are not checked";
            proof.note("repodata-elsewhere", &repository.repomd(), what);
            return Ok(None);
        }
    };
    let named = repository.repomd();
    let (size, id) = match proof.tree.look(&path) {
        Found::File { size, id } => (size, id),
        other => {
            let what = format!("{}, though {named} names it", other.no_file().unwrap_or_default());
            proof.fault("repodata-missing", &path, what, AGAIN);
            return Ok(None);
        }
    };
    if let Some(expected) = data.size.filter(|expected| *expected != size) {
        let what = format!("has {size} bytes, {named} says {expected}");
        proof.fault("repodata-size", &path, what, AGAIN);
        return Ok(Some(path));
    }
    if let Some((kind, expected)) = &data.sum
        && let Some(kind) = Kind::named(kind)
        && let Some(sum) = proof.sum(&path, id, kind)?
        && sum != *expected
    {
        let what = format!("has another checksum than {named} says");
        proof.fault("repodata-checksum", &path, what, AGAIN);
    }
    Ok(Some(path))
}

/// Checks the packages that the `primary.xml` at `path` lists; says whether it gives their places
/// as `media://`.
fn packages(proof: &mut Proof<'_>, repository: &Repository, path: &str) -> Result<bool> {
    let file = match proof.tree.file(path) {
        Ok(file) => file,
        // It was there just now.
        Err(_) => return Ok(false),
    };
    let (monitor, budget) = (proof.monitor, &proof.budget);
    let (mut tally, mut wrong) = (Tally::default(), Few::default());
    let (mut media, mut elsewhere) = (false, 0_usize);
    let read = unpack(BufReader::new(file), budget, monitor).and_then(|input| {
        let mut packages = Packages::new(input);
        while let Some(package) = packages.next().map_err(std::io::Error::other)? {
            let base = package.base.as_deref().unwrap_or_default();
            media |= base.starts_with("media://");
            let at = match resolve(&repository.dir, &package.href) {
                Href::Inside(at) if base.is_empty() || base.starts_with("media://") => at,
                Href::Outside => {
                    wrong.add(path, format!("lists {}, out of the tree", shown(&package.href)));
                    continue;
                }
                _ => {
                    elsewhere = elsewhere.saturating_add(1);
                    continue;
                }
            };
            let disc = package.disc();
            tally.listed(disc);
            budget.look()?;
            match proof.tree.look(&at) {
                Found::File { size, .. } => {
                    if let Some(expected) = package.size.filter(|expected| *expected != size) {
                        wrong.add(&at, format!("has {size} bytes, {path} says {expected}"));
                    }
                }
                Found::Missing => tally.missing(disc, &at),
                other => wrong.add(&at, other.no_file().unwrap_or_default()),
            }
        }
        Ok(())
    });
    monitor.check()?;
    match read {
        Ok(()) => {}
        Err(e) if e.kind() == std::io::ErrorKind::Unsupported => {
            let what = format!("is not read: {e}; the packages are not checked");
            proof.note("repodata-packing", path, what);
        }
        Err(e) => {
            proof.fault("repodata-unreadable", path, format!("is damaged: {e}"), AGAIN);
        }
    }
    if elsewhere > 0 {
        let what = format!("lists {elsewhere} packages on other servers, which are not checked");
        proof.note("repodata-elsewhere", path, what);
    }
    let verdict = tally.verdict();
    other_disc(proof, &repository.path("repodata"), &verdict);
    proof.few("package-missing", path, verdict.missing, "packages are not there");
    proof.few("package-wrong", path, wrong, "packages are not as they are listed");
    Ok(media)
}

/// One warning for all packages of discs that were not given.
fn other_disc(proof: &mut Proof<'_>, path: &str, verdict: &Verdict) {
    let Verdict { listed, elsewhere, discs, .. } = verdict;
    if *elsewhere == 0 {
        return;
    }
    let which = match discs.as_slice() {
        [] => "is another disc of the set missing?".to_owned(),
        [one] => format!("disc {one} of the set is missing"),
        many => {
            let many: Vec<_> = many.iter().map(u32::to_string).collect();
            format!("discs {} of the set are missing", many.join(", "))
        }
    };
    let what = format!(
        "{elsewhere} of {listed} packages that repodata lists are not in the tree: {which}"
    );
    let mend = "import all discs of the set in one command: pxe-import NAME DISC1 DISC2";
    proof.warning("package-other-disc", path, what, mend);
}
