//! Proofs that an install tree on disk can be installed from: what its own metadata name is there.
//!
//! Of an Enterprise Linux tree these are `.treeinfo` and the repositories' `repodata`, of a Debian
//! tree `dists/*/Release` and `Packages`. All of them come from media: names in them are resolved
//! below the tree and nowhere else, and what is read of them is bounded.

#![deny(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    expect(
        clippy::as_conversions,
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "a test that is out of bounds fails, as it should"
    )
)]

mod packages;
mod release;
mod repository;
mod suite;
mod sum;
mod tally;
mod tree;
mod treeinfo;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::Path;

use super::Findings;
use crate::error::Result;
use crate::identify::Product;
use crate::media::printable;
use crate::metadata::checksum::Kind;
use crate::metadata::packed::Budget;
use crate::monitor::Monitor;

use sum::Sums;
use tally::Few;
use tree::{Id, Tree};

/// How findings are mended that mean a tree that is not as it was imported.
const AGAIN: &str = "import the discs again, all of them in one command";

/// Most findings of one kind for one repository or index; the others are counted.
const SHOWN_MAX: usize = 20;

/// Most characters of a message.
const MESSAGE_MAX: usize = 600;

/// Most findings of one tree; real trees, however damaged, have fewer.
const FINDINGS_MAX: usize = 2000;

/// Checks what the metadata of the tree at `dir` name; `label` stands before the paths in
/// `findings`. `product` is what the tree is known to be. Where `dir` is no directory there is
/// nothing to prove.
///
/// # Errors
/// [`crate::Error::Io`] if `dir` cannot be opened, [`crate::Error::Interrupted`] if the monitor
/// asks for it; what is wrong with the tree is a finding.
pub fn prove(
    dir: &Path,
    label: &str,
    product: Option<&Product>,
    findings: &mut Findings,
    monitor: &dyn Monitor,
) -> Result<()> {
    let Some(tree) = Tree::open(dir)? else { return Ok(()) };
    let (sums, budget, said) = (Sums::default(), Budget::default(), HashSet::new());
    let mut proof = Proof { tree, label, product, findings, monitor, sums, budget, said };
    let info = treeinfo::read(&mut proof)?;
    let repositories = repository::find(&mut proof, info.as_ref())?;
    treeinfo::prove(&mut proof, info.as_ref(), &repositories)?;
    repository::prove(&mut proof, &repositories)?;
    suite::prove(&mut proof)
}

/// A message, in which there may be names from media, fit for a terminal and of some length only.
fn plain(message: impl Into<String>) -> String {
    let message = message.into();
    let start: String = message.chars().take(MESSAGE_MAX).collect();
    let more = if start.len() < message.len() { "..." } else { "" };
    printable(start.as_bytes()) + more
}

/// A tree that is being checked, and what has been said of it.
struct Proof<'a> {
    tree: Tree,
    label: &'a str,
    product: Option<&'a Product>,
    findings: &'a mut Findings,
    monitor: &'a dyn Monitor,
    sums: Sums,
    budget: Budget,
    /// Codes and paths of the findings, so that none comes twice: repositories share packages.
    said: HashSet<(&'static str, String)>,
}

impl Proof<'_> {
    /// The path of a finding, unless there is one of this code for it, or too many already.
    fn path(&mut self, code: &'static str, path: &str) -> Option<String> {
        if self.said.len() >= FINDINGS_MAX {
            if self.said.insert(("findings-many", String::new())) {
                let what = format!("more than {FINDINGS_MAX} findings: the rest are left out");
                self.findings.fault("findings-many", self.label, what, AGAIN);
            }
            return None;
        }
        let path = match path {
            "" => self.label.to_owned(),
            path => format!("{}/{}", self.label, printable(path.as_bytes())),
        };
        self.said.insert((code, path.clone())).then_some(path)
    }

    fn fault(&mut self, code: &'static str, path: &str, message: impl Into<String>, mend: &str) {
        if let Some(path) = self.path(code, path) {
            self.findings.fault(code, path, plain(message), mend);
        }
    }

    fn warning(&mut self, code: &'static str, path: &str, message: impl Into<String>, mend: &str) {
        if let Some(path) = self.path(code, path) {
            self.findings.warning(code, path, plain(message), mend);
        }
    }

    fn note(&mut self, code: &'static str, path: &str, message: impl Into<String>) {
        if let Some(path) = self.path(code, path) {
            self.findings.note(code, path, plain(message));
        }
    }
}

impl Proof<'_> {
    /// The first few faults of a kind, and one for the rest.
    fn few(&mut self, code: &'static str, source: &str, few: Few, rest: &str) {
        let more = few.more();
        for (path, what) in few.shown {
            self.fault(code, &path, what, AGAIN);
        }
        if more > 0 {
            self.fault(code, source, format!("and {more} more: {rest}"), AGAIN);
        }
    }

    /// The sum of the file at `path`; `None` if it cannot be read, which is a finding.
    fn sum(&mut self, path: &str, id: Id, kind: Kind) -> Result<Option<String>> {
        let sum = match self.tree.file(path) {
            Ok(mut file) => self
                .sums
                .of(id, kind, &mut file, self.monitor)
                .map_err(|e| format!("cannot be read: {e}")),
            Err(found) => Err(found.no_file().unwrap_or_else(|| "has changed".into())),
        };
        self.monitor.check()?;
        match sum {
            Ok(sum) => Ok(Some(sum)),
            Err(what) => {
                self.fault("file-unreadable", path, what, AGAIN);
                Ok(None)
            }
        }
    }
}
