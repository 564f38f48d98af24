//! What a disc is, from its own markers, and what that means for the web root.
//!
//! A [`Profile`] is data: which marker files tell its kind of disc, where the tree goes, how discs
//! merge, and what boots. Code only reads the files that name release and architecture. Nothing
//! is looked up on the machine, so the answer is the same everywhere.

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

pub mod answer;
pub mod arg;
pub mod companion;
pub mod context;
pub mod descriptor;
pub mod edition;
pub mod entry;
pub mod fact;
pub mod guessed;
mod installed;
pub mod join;
pub mod marker;
pub mod name;
pub mod paths;
pub mod pattern;
pub mod product;
pub mod profile;
pub mod profiles;
pub mod ram;
pub mod release;
pub mod requirement;
pub mod support;
pub mod target;
pub mod volume;
pub mod wim;
pub mod wimboot;

pub(crate) mod ini;

mod anaconda;
mod discinfo;
mod disk_info;
mod esxi;
mod release_rpm;
mod template;
mod treeinfo;
mod unknown;
mod windows;
mod windows_build;
mod xml;

#[cfg(test)]
mod sample;

use crate::error::Result;
use crate::media::Disc;
use crate::monitor::Monitor;
use crate::osinfo::Database;

pub(crate) use anaconda::is_later_disc;
use descriptor::Described;

pub use answer::{Answer, AnswerKind};
pub use context::Context;
pub use name::check_name;
pub use product::Product;
pub use profile::Profile;
pub use profiles::Profiles;
pub use target::Target;

use profile::{Facts, Family};

/// Most bytes of a marker file that are read.
const TEXT_MAX: usize = 1 << 20;
/// Longest reason in characters.
const WHY_MAX: usize = 300;

/// What a disc says of itself, before it is cleaned up into a [`Product`].
#[derive(Debug, Default)]
struct Found<'p> {
    family: Option<&'p Family>,
    /// For people; made from the family's title and the version where the disc has no better.
    name: Option<String>,
    version: Option<String>,
    arch: Option<String>,
    variant: Option<String>,
    /// What told so, in sentences.
    why: Vec<String>,
}

impl Found<'_> {
    fn product(self, profile: &Profile) -> Product {
        let family = self.family.or_else(|| profile.families.first());
        let version = self.version.as_deref().and_then(product::word);
        let name = self.name.as_deref().and_then(product::line).unwrap_or_else(|| {
            let title = family.map_or(profile.title.as_str(), |family| &family.title);
            match &version {
                Some(version) => format!("{title} {version}"),
                None => title.to_owned(),
            }
        });
        Product {
            family: family.map_or_else(|| profile.name.clone(), |family| family.name.clone()),
            name,
            version,
            arch: self.arch.as_deref().and_then(product::word),
            variant: self.variant.as_deref().and_then(product::slug),
            profile: profile.name.clone(),
        }
    }
}

/// What a disc is, and what told so.
#[derive(Debug, Clone, Default)]
pub struct Identified {
    /// `None` where nothing that is known here fits.
    pub product: Option<Product>,
    /// Why it is that, in sentences.
    pub why: Vec<String>,
    /// Whether the tree's own markers say so, and not its volume descriptor alone.
    pub by_markers: bool,
}

/// Says what a disc is: by its tree's markers, or else by its volume descriptor.
///
/// # Errors
/// Only those of reading the image.
pub fn identify(disc: &Disc, profiles: &Profiles, monitor: &dyn Monitor) -> Result<Identified> {
    let mut why = Vec::new();
    for profile in profiles.iter().filter(|profile| !profile.is_last_resort()) {
        let Some(markers) = profile.markers.found_on(&disc.tree) else { continue };
        let name = &profile.name;
        why.push(format!("it has the markers of the profile {name}: {}", markers.join(", ")));
        match read(disc, profile, monitor)? {
            Some(found) => {
                why.extend(found.why.iter().map(|why| sentence(why)));
                let product = Some(found.product(profile));
                return Ok(Identified { product, why, by_markers: true });
            }
            None => why.push(format!("but what they say is not what {} says", profile.title)),
        }
    }
    if why.is_empty() {
        why.push("it has the markers of no profile".to_owned());
    }
    let database = || Database::open(profiles.osinfo(), monitor);
    let Some(found) = descriptor::by_descriptor_on(disc, profiles, database) else {
        why.push("nothing knows its volume identifier".to_owned());
        return Ok(Identified { product: None, why, by_markers: false });
    };
    why.push(sentence(found.why()));
    let product = found.product(profiles).or_else(|| {
        let Described::Database(found) = found else { return None };
        Some(installed::found(found).product(profiles.last_resort()?))
    });
    Ok(Identified { product, why, by_markers: false })
}

/// A reason, which may quote any text of the disc's, cut to what people read.
fn sentence(why: &str) -> String {
    match why.char_indices().nth(WHY_MAX) {
        Some((end, _)) => why.get(..end).unwrap_or_default().to_owned() + " ...",
        None => why.to_owned(),
    }
}

/// Says what a disc is, taken for one of `profile` whether its markers are there or not; what the
/// disc does not say stays unknown.
///
/// # Errors
/// Only those of reading the image.
pub fn identify_as(disc: &Disc, profile: &Profile, monitor: &dyn Monitor) -> Result<Product> {
    Ok(read(disc, profile, monitor)?.unwrap_or_default().product(profile))
}

fn read<'p>(disc: &Disc, profile: &'p Profile, monitor: &dyn Monitor) -> Result<Option<Found<'p>>> {
    match profile.facts {
        Facts::Patterns => fact::read(disc, profile),
        Facts::Anaconda => anaconda::read(disc, profile),
        Facts::DiskInfo => disk_info::read(disc, profile),
        Facts::Esxi => esxi::read(disc, profile),
        Facts::Volume => Ok(Some(unknown::read(disc))),
        Facts::Windows => windows::read(disc, profile, monitor).map(Some),
    }
}

/// The text of a small file at `path`, letter case aside; what is not UTF-8 is replaced.
fn text(disc: &Disc, path: &str) -> Result<Option<String>> {
    let Some(id) = disc.tree.find_ignoring_case(path.as_bytes()) else { return Ok(None) };
    if disc.tree.kind(id) != crate::media::Kind::File {
        return Ok(None);
    }
    let bytes = disc.content(id, TEXT_MAX)?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests;
