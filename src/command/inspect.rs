//! `pxe-import inspect`: what is on the discs. Writes nothing.

use std::os::unix::ffi::OsStrExt;

use crate::cli::{Common, Inspect};
use crate::error::Result;
use crate::guess::Candidate;
use crate::identify::{Identified, Product, Profiles, guessed, identify};
use crate::lossy::json_path;
use crate::media::{Disc, Kind, NodeId, Timestamp};
use crate::monitor::{Monitor, Warning};
use crate::plan::bulk;
use crate::report::{Boots, ImageReport, Inspected, PathEntry, Report, SCHEMA};
use crate::site::{self, Root};

/// Reads and names each image.
///
/// # Errors
/// If one of them cannot be read.
pub fn run(args: &Inspect, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let profiles = site::profiles::load(&Root::new(&common.root))?;
    let images = super::open(&args.images, args.hierarchy, monitor)?
        .iter()
        .map(|disc| image(disc, args, &profiles, monitor))
        .collect::<Result<_>>()?;
    Ok(Report::Inspected(Inspected { schema: SCHEMA, images, warnings: Vec::new() }))
}

fn image(
    disc: &Disc,
    args: &Inspect,
    profiles: &Profiles,
    monitor: &dyn Monitor,
) -> Result<ImageReport> {
    let tree = &disc.tree;
    if let Some(what) = bulk::excess(disc) {
        let what = format!("{what}: nothing is made of it without --no-size-check");
        let path = disc.image.path().display().to_string();
        monitor.warn(Warning::new(super::merge::TOO_LARGE, path, what));
    }
    let Identified { product, why, .. } = identify(disc, profiles, monitor)?;
    let regular = || tree.iter().filter(|&id| tree.kind(id) == Kind::File);
    let (path, path_hex) = json_path(disc.image.path().as_os_str().as_bytes());
    Ok(ImageReport {
        path,
        path_hex,
        volume_id: disc.identifiers.volume_id.clone(),
        system_id: disc.identifiers.system_id.clone(),
        application_id: disc.identifiers.application_id.clone(),
        hierarchy: disc.hierarchy,
        editions: crate::identify::edition::editions(disc, monitor)?,
        bytes: regular().map(|id| tree.size(id)).fold(0, u64::saturating_add),
        files: u64::try_from(regular().count()).unwrap_or(u64::MAX),
        bootable: disc.bootable,
        boots: boots(disc, product.as_ref(), profiles),
        product,
        why: args.explain.then_some(why),
        entries: args.files.then(|| entries(disc)),
    })
}

/// What boots a disc that no profile knows.
fn boots(disc: &Disc, product: Option<&Product>, profiles: &Profiles) -> Option<Boots> {
    let last = profiles.last_resort().map(|profile| profile.name.as_str());
    if product.is_some_and(|product| Some(product.profile.as_str()) != last) {
        return None;
    }
    let Candidate { kernel, initrds, config, line, .. } = guessed::of_disc(disc).chosen?;
    Some(Boots { kernel, initrds, config, line })
}

/// Every path, in the order of its bytes.
fn entries(disc: &Disc) -> Vec<PathEntry> {
    let mut paths: Vec<_> = disc.tree.iter().map(|id| (disc.tree.path(id), id)).collect();
    paths.sort_unstable();
    paths.into_iter().map(|(path, id)| entry(disc, &path, id)).collect()
}

fn entry(disc: &Disc, path: &[u8], id: NodeId) -> PathEntry {
    let tree = &disc.tree;
    let kind = tree.kind(id);
    let (path, path_hex) = json_path(path);
    PathEntry {
        path,
        path_hex,
        r#type: match kind {
            Kind::Dir => "dir",
            Kind::File => "file",
            Kind::Link => "link",
            Kind::Other => "other",
        },
        size: tree.size(id),
        mtime: tree.mtime(id).map(Timestamp::rfc3339),
        target: (kind == Kind::Link).then(|| json_path(tree.target(id)).0),
    }
}
