//! Windows and WinPE: what their WIMs say.

use super::profile::Profile;
use super::wim::WimImage;
use super::windows_build::Build;
use super::{Found, ini::Ini, text, wim};
use crate::error::Result;
use crate::media::{Disc, Kind, NodeId, printable};
use crate::monitor::{Monitor, Warning};

/// Where set-up looks for the system. A disc for both architectures is taken for one of 64 bits.
pub(super) const PLACES: [&str; 9] = [
    "sources/install.wim",
    "sources/install.esd",
    "sources/install.swm",
    "x64/sources/install.wim",
    "x64/sources/install.esd",
    "x64/sources/install.swm",
    "x86/sources/install.wim",
    "x86/sources/install.esd",
    "x86/sources/install.swm",
];
/// Where it looks for itself.
const SETUPS: [&str; 3] = ["sources/boot.wim", "x64/sources/boot.wim", "x86/sources/boot.wim"];

/// Never fails for a WIM that cannot be read: the disc is what its markers say, only less is known
/// of it.
pub(super) fn read<'p>(
    disc: &Disc,
    profile: &'p Profile,
    monitor: &dyn Monitor,
) -> Result<Found<'p>> {
    let mut found = Found { family: profile.families.first(), ..Found::default() };
    let (images, is_system) = images(disc, &mut found.why, monitor)?;
    found.arch = common(images.iter().map(|image| image.arch)).map(str::to_owned);
    found.version = common(images.iter().map(|image| image.version.as_deref())).map(str::to_owned);
    let build = found.version.as_deref().and_then(Build::of);
    let is_server = images.iter().any(is_server);
    if let Some(release) = build.filter(|_| is_system).and_then(|build| build.release(is_server)) {
        found.why.push(format!("its build is that of {release}"));
    }
    if !profile.whole_image {
        let names = images.iter().map(|image| image.display_name.as_deref().unwrap_or(&image.name));
        let by_build = || build.filter(|_| is_system)?.product(is_server).map(str::to_owned);
        found.name = common_words(names).filter(|name| is_product(name)).or_else(by_build);
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

/// The images of the first WIM that can be read, and whether they are systems that set-up installs.
fn images(
    disc: &Disc,
    why: &mut Vec<String>,
    monitor: &dyn Monitor,
) -> Result<(Vec<WimImage>, bool)> {
    let tree = &disc.tree;
    let system = first(disc, &PLACES);
    let setup = first(disc, &SETUPS).filter(|_| system.is_some());
    for id in main_wim(disc).into_iter().chain(setup) {
        let is_system = system == Some(id);
        let path = printable(&tree.path(id));
        match wim::read(disc, id)? {
            Ok(wim) => {
                let count = wim.images.len();
                let s = if count == 1 { "" } else { "s" };
                why.push(format!("{path} names {count} image{s}"));
                return Ok((wim.images, is_system));
            }
            Err(what) => {
                let what = format!(
                    "{what}: what it says of edition, build and architecture stays unknown"
                );
                monitor.warn(Warning::new("wim-unreadable", path, what));
            }
        }
    }
    Ok((Vec::new(), false))
}

/// The WIM that tells what a disc is: that of the system, else that of set-up, else any.
pub(super) fn main_wim(disc: &Disc) -> Option<NodeId> {
    let tree = &disc.tree;
    let is_wim = |id: &NodeId| {
        tree.kind(*id) == Kind::File && tree.name(*id).to_ascii_lowercase().ends_with(b".wim")
    };
    let known = || first(disc, &PLACES).or_else(|| first(disc, &SETUPS));
    known().or_else(|| tree.iter().find(is_wim))
}

/// The first of these paths that is a file, in any letter case.
fn first(disc: &Disc, paths: &[&str]) -> Option<NodeId> {
    let is_file = |&id: &NodeId| disc.tree.kind(id) == Kind::File;
    paths.iter().find_map(|path| disc.tree.find_ignoring_case(path.as_bytes()).filter(is_file))
}

/// Whether an image is one of Windows Server: its edition says so, but for the client that many users share
/// (`ServerRdsh`).
fn is_server(image: &WimImage) -> bool {
    let edition = image.edition.as_deref().unwrap_or_default();
    let by_edition = edition.starts_with("Server") && edition != "ServerRdsh";
    by_edition || (edition.is_empty() && image.name.contains("Server"))
}

/// Whether a name says more than that it is Windows, or Windows Server.
fn is_product(name: &str) -> bool {
    let mut words = name.split_whitespace();
    words.next() == Some("Windows") && words.any(|word| word != "Server")
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
