//! Windows and WinPE: what their WIMs say.

use super::profile::Profile;
use super::{Found, ini::Ini, text, wim};
use crate::error::Result;
use crate::media::{Disc, Kind, NodeId, printable};
use crate::monitor::{Monitor, Warning};

/// Where set-up looks for the system, then for itself.
pub(super) const PLACES: [&str; 10] = [
    "sources/install.wim",
    "sources/install.esd",
    "sources/install.swm",
    "x64/sources/install.wim",
    "x64/sources/install.esd",
    "x86/sources/install.wim",
    "x86/sources/install.esd",
    "sources/boot.wim",
    "x64/sources/boot.wim",
    "x86/sources/boot.wim",
];

/// Never fails for a WIM that cannot be read: the disc is what its markers say, only less is known
/// of it.
pub(super) fn read<'p>(
    disc: &Disc,
    profile: &'p Profile,
    monitor: &dyn Monitor,
) -> Result<Found<'p>> {
    let mut found = Found { family: profile.families.first(), ..Found::default() };
    let images = match main_wim(disc) {
        None => Vec::new(),
        Some(id) => match wim::read(disc, id)? {
            Ok(wim) => {
                let path = printable(&disc.tree.path(id));
                let count = wim.images.len();
                found.why.push(format!(
                    "{path} names {count} image{}",
                    if count == 1 { "" } else { "s" }
                ));
                wim.images
            }
            Err(what) => {
                monitor.warn(Warning::new(
                    "wim-unreadable",
                    printable(&disc.tree.path(id)),
                    format!("{what}: edition, build and architecture stay unknown"),
                ));
                Vec::new()
            }
        },
    };
    found.arch = common(images.iter().map(|image| image.arch)).map(str::to_owned);
    found.version = common(images.iter().map(|image| image.version.as_deref())).map(str::to_owned);
    if !profile.whole_image {
        let names = images.iter().map(|image| image.display_name.as_deref().unwrap_or(&image.name));
        found.name = common_words(names).filter(|name| name.starts_with("Windows"));
        found.name.get_or_insert_with(|| profile.title.clone());
    }
    if found.arch.is_none()
        && let Some(info) = text(disc, "sources/idwbinfo.txt")?
    {
        let arch = Ini::parse(&info).get("BUILDINFO", "buildarch").map(str::to_ascii_lowercase);
        found.arch = arch.map(|arch| super::product::kernel_arch(&arch).to_owned());
    }
    Ok(found)
}

pub(super) fn main_wim(disc: &Disc) -> Option<NodeId> {
    let tree = &disc.tree;
    let is_file = |&id: &NodeId| tree.kind(id) == Kind::File;
    let known = |path: &&str| tree.find_ignoring_case(path.as_bytes()).filter(is_file);
    let any = |id: &NodeId| tree.name(*id).to_ascii_lowercase().ends_with(b".wim");
    PLACES.iter().find_map(known).or_else(|| tree.iter().filter(is_file).find(any))
}

/// The value that all have, where they all have the same.
fn common<T: PartialEq>(mut values: impl Iterator<Item = Option<T>>) -> Option<T> {
    let first = values.next()??;
    values.all(|value| value.is_none_or(|value| value == first)).then_some(first)
}

/// The words with which all names begin: `Windows Server 2008 R2`.
fn common_words<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<String> {
    let mut words: Vec<&str> = names.next()?.split_whitespace().collect();
    for name in names {
        let same = words.iter().zip(name.split_whitespace()).take_while(|(a, b)| *a == b).count();
        words.truncate(same);
    }
    (!words.is_empty()).then(|| words.join(" "))
}
