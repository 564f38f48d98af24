//! What boots a disc that no profile knows, read from the disc's own boot loader configs.
//!
//! The configs of syslinux (isolinux), GRUB 2 and the Boot Loader Specification name a kernel,
//! initial ramdisks and arguments. One of their entries is chosen; arguments that look for the disc
//! in a drive are put into their network form where there is one. Nothing here knows where the tree
//! lies: a disc, a plan and a directory are all seen through [`Files`].

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

pub mod candidate;
pub mod files;
pub mod kernel;
pub mod medium;

mod choice;
mod grub;
mod loader_spec;
mod path;
mod syslinux;

#[cfg(test)]
mod tests;

pub use candidate::{Candidate, Loader, Module};
pub use files::Files;
pub use medium::{Arg, Form, Installer};

/// Most entries that are read from all the configs of a disc.
pub const CANDIDATES_MAX: usize = 512;

/// What the configs of a disc say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guess {
    /// The entry that is the likeliest to install or start the system, with all its files there.
    pub chosen: Option<Candidate>,
    /// Every entry, in the order of the configs.
    pub candidates: Vec<Candidate>,
    /// The configs that have been read.
    pub configs: Vec<String>,
}

impl Guess {
    /// In words: `boots isolinux/vmlinuz (from isolinux/isolinux.cfg line 12)`; `None` where
    /// nothing is known to boot.
    pub fn sentence(&self) -> Option<String> {
        let chosen = self.chosen.as_ref()?;
        Some(format!("boots {} (from {} line {})", chosen.kernel, chosen.config, chosen.line))
    }

    /// Why nothing was chosen, in words.
    pub fn nothing(&self) -> String {
        let missing = self.candidates.iter().find_map(|candidate| candidate.fault());
        match (self.configs.first(), missing) {
            (None, _) => "none of its files is a config of isolinux, syslinux, GRUB 2 or the Boot \
                          Loader Specification"
                .to_owned(),
            (Some(config), None) => format!("{config} names no kernel"),
            (Some(_), Some(fault)) => format!("what its configs boot cannot be served: {fault}"),
        }
    }
}

/// Reads the configs and chooses.
pub fn guess(files: &Files<'_>) -> Guess {
    let mut reader = files::Reader::new(files);
    let mut candidates = syslinux::read(&mut reader);
    candidates.extend(grub::read(&mut reader));
    candidates.extend(loader_spec::read(&mut reader));
    candidates.truncate(CANDIDATES_MAX);
    let chosen = choice::choose(&candidates).cloned();
    Guess { chosen, candidates, configs: reader.into_opened() }
}
