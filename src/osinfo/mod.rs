//! osinfo-db where it is installed: systems that no profile knows, by their volume descriptors.
//!
//! Read at run time, asked only after the tree's markers and the profiles' own patterns have named
//! nothing, so that it can add an answer and never change one. What the media elements mean is said in
//! osinfo-db's `libosinfo.rng`.

#![deny(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    expect(clippy::indexing_slicing, reason = "a test that is out of bounds fails, as it should")
)]

pub mod place;

mod document;
mod matching;
mod pattern;

use std::collections::HashMap;
use std::path::PathBuf;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::media::Identifiers;
use crate::monitor::{Monitor, Warning};
use document::Os;

pub use matching::Match;
pub use place::system_dirs;

/// The systems that the installed databases know.
#[derive(Debug, Default)]
pub struct Database {
    systems: Vec<Os>,
}

impl Database {
    /// Reads the databases in `dirs`, of which a later one overrides an earlier one, by file name and by a
    /// system's identifier. A directory that is not there is an empty one; a file that cannot be
    /// read or is no such document is passed over with a warning.
    pub fn open(dirs: &[PathBuf], monitor: &dyn Monitor) -> Self {
        let files = place::files(dirs);
        let read: Vec<_> = files
            .into_par_iter()
            .map(|file| document::read(&file).map_err(|what| (file, what)))
            .collect();
        // In the order of the directories: the last one that knows a system is right about it.
        let mut at: HashMap<String, usize> = HashMap::new();
        let mut systems: Vec<Os> = Vec::new();
        for result in read {
            let found = match result {
                Ok(found) => found,
                Err((file, what)) => {
                    let path = file.display().to_string();
                    monitor.warn(Warning::new("osinfo-unreadable", path, what + ": passed over"));
                    continue;
                }
            };
            for os in found {
                let place = at.get(&os.id).and_then(|&place| systems.get_mut(place));
                if let Some(known) = place {
                    *known = os;
                } else {
                    at.insert(os.id.clone(), systems.len());
                    systems.push(os);
                }
            }
        }
        Self { systems }
    }

    /// How many systems are known.
    pub fn len(&self) -> usize {
        self.systems.len()
    }

    /// Whether no database is installed.
    pub fn is_empty(&self) -> bool {
        self.systems.is_empty()
    }

    /// The system of the disc, where exactly one fits it best.
    pub fn find(&self, identifiers: &Identifiers) -> Option<Match> {
        let mut best = self.candidates(identifiers);
        if best.len() > 1 { None } else { best.pop() }
    }

    /// All systems that fit the disc best, one entry a system: more than one where the descriptor does not
    /// tell them apart.
    pub fn candidates(&self, identifiers: &Identifiers) -> Vec<Match> {
        matching::best(&self.systems, identifiers)
    }
}

/// Most systems that a sentence names.
const NAMED_MAX: usize = 5;

/// Why there is no answer where several systems fit, in a sentence without its full stop.
pub fn undecided(candidates: &[Match]) -> Option<String> {
    let more = candidates.len().checked_sub(NAMED_MAX).filter(|&more| more > 0);
    let mut names: Vec<_> =
        candidates.iter().take(NAMED_MAX).map(|one| one.short_id.clone()).collect();
    names.extend(more.map(|more| format!("{more} more")));
    let list = names.join(", ");
    (candidates.len() > 1)
        .then(|| format!("osinfo-db knows its volume identifier of several systems: {list}"))
}

#[cfg(test)]
mod tests;
