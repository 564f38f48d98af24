//! `--netboot`: the network installer of a disc that carries none.

use std::path::Path;

use crate::cli::Import;
use crate::error::{Error, Result};
use crate::identify::product::debian_arch;
use crate::identify::{Product, Profile};
use crate::monitor::Monitor;
use crate::netboot::{Netboot, Wanted};
use crate::plan::Plan;
use crate::site::Record;

/// Where a profile's entry looks for a network installer.
const PLACE: &str = "/install/netboot/";

/// The installer that the command line supplies, if it does.
///
/// # Errors
/// [`Error::Usage`] where the product has no use for one; those of [`Netboot::read`].
pub(super) fn read(
    args: &Import,
    profile: &Profile,
    product: &Product,
    monitor: &dyn Monitor,
) -> Result<Option<Netboot>> {
    let Some(path) = &args.netboot else { return Ok(None) };
    let Some(installer) = installer(profile) else {
        let what = format!("--netboot is for discs of Debian, and this is {product}: leave it out");
        return Err(Error::Usage(what));
    };
    let Some(arch) = product.arch.as_deref() else {
        let what = "--netboot: the disc does not say which architecture it is for";
        return Err(Error::Usage(what.into()));
    };
    let (installer, arch) = (installer.to_owned(), debian_arch(arch).to_owned());
    let wanted = Wanted { installer, arch, version: product.version.clone() };
    Netboot::read(path, &wanted, monitor).map(Some)
}

/// Puts it into the plan, once it is known to fit the discs.
///
/// # Errors
/// Those of [`Netboot::check`] and [`Netboot::add_to`].
pub(super) fn add(
    netboot: Option<&Netboot>,
    plan: &mut Plan<'_>,
    monitor: &dyn Monitor,
) -> Result<()> {
    let Some(netboot) = netboot else { return Ok(()) };
    netboot.check(plan, monitor)?;
    netboot.add_to(plan)
}

/// The directory of the installer: `debian-installer`.
fn installer(profile: &Profile) -> Option<&str> {
    profile.boots.iter().find_map(|boot| boot.kernel.split_once(PLACE)?.1.split('/').next())
}

/// Whether what was published is no longer what lies at `path`.
///
/// # Errors
/// Those of [`Netboot::read`].
pub(super) fn has_changed(path: &Path, record: &Record, monitor: &dyn Monitor) -> Result<bool> {
    let place = format!("wwwroot/{}{PLACE}", record.target);
    let published = |name: &str| {
        record
            .files
            .iter()
            .find(|one| one.path.starts_with(&place) && one.path.rsplit('/').next() == Some(name))
    };
    let Some(kernel) = published("linux") else { return Ok(true) };
    let mut words = kernel.path.get(place.len()..).unwrap_or_default().split('/');
    let (Some(installer), Some(arch)) = (words.next(), words.next()) else { return Ok(true) };
    let (installer, arch) = (installer.to_owned(), arch.to_owned());
    let version = record.product.as_ref().and_then(|product| product.version.clone());
    let netboot = Netboot::read(path, &Wanted { installer, arch, version }, monitor)?;
    let same = |(path, supplied): &(String, &crate::netboot::Supplied)| {
        let full = format!("wwwroot/{}/{path}", record.target);
        let hash = blake3::hash(&supplied.bytes).to_hex();
        record.files.iter().any(|one| one.path == full && one.blake3 == *hash.as_str())
    };
    Ok(!netboot.files().iter().all(same))
}
