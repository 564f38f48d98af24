//! `pxe-import inspect`: what is on the discs. Writes nothing.

use std::os::unix::ffi::OsStrExt;

use crate::cli::Inspect;
use crate::error::Result;
use crate::identify::{Profiles, identify};
use crate::lossy::json_path;
use crate::media::{Disc, Kind, NodeId, Timestamp};
use crate::monitor::Monitor;
use crate::report::{ImageReport, Inspected, PathEntry, Report, SCHEMA};

/// Reads and names each image.
///
/// # Errors
/// If one of them cannot be read.
pub fn run(args: &Inspect, monitor: &dyn Monitor) -> Result<Report> {
    let profiles = Profiles::builtin()?;
    let images = super::open(&args.images, args.hierarchy, monitor)?
        .iter()
        .map(|disc| image(disc, args.files, &profiles, monitor))
        .collect::<Result<_>>()?;
    Ok(Report::Inspected(Inspected { schema: SCHEMA, images, warnings: Vec::new() }))
}

fn image(
    disc: &Disc,
    files: bool,
    profiles: &Profiles,
    monitor: &dyn Monitor,
) -> Result<ImageReport> {
    let tree = &disc.tree;
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
        product: identify(disc, profiles, monitor)?,
        entries: files.then(|| entries(disc)),
    })
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
