//! From a finished tree to a visible one: nothing is seen or served before it is complete.
//!
//! A tree is written into a [`Staging`] directory that nobody else can enter, and then renamed to
//! its [`Place`] in one step. Where something is there already, the two are exchanged
//! ([`Staging::publish`]), and the old tree goes when its [`Replaced`] does.
//!
//! On filesystems without `renameat2` (NFS, some of FUSE) a new tree is renamed after a look
//! whether its place is free, and an old one is moved aside first: for the moment between two
//! renames nothing is at the place, and a crash in that moment leaves the old tree in the staging
//! directory.

mod exchange;
mod extract;
mod foreign;
mod place;
mod remove;
mod space;
mod staging;

#[cfg(test)]
mod tests;

pub use exchange::{Durability, Replaced};
pub use extract::Extraction;
pub use foreign::{Foreign, carry, foreign, save};
pub use place::Place;
pub use remove::{clear_stale, remove_tree};
pub use space::{check_space, needed};
pub use staging::Staging;
