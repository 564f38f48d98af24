//! Linux as a reader: what is mounted, and which of our hierarchies that is.

use pxe_import::Error;
use pxe_import::media::iso9660::Iso9660;
use pxe_import::media::{Disc, Hierarchy, Image};
use pxe_import::monitor::Void;

use crate::difference::{between, of_attributes};
use crate::judge::Judge;
use crate::listing::{Listing, digest};
use crate::store::{Mount, Shown};
use crate::view::{self, AttributesOf, View};

pub(crate) const READER: &str = "linux";

/// What we read of an image.
#[derive(Debug)]
pub(crate) struct Ours {
    /// What is read unasked, with the number of its files; or the error, without the image's path.
    pub(crate) unasked: Result<(Hierarchy, usize), String>,
}

/// Has `judge` hold every mount against what we read for it: `NAME:MOUNT`. `open` opens the image.
pub(crate) fn compare(
    name: &str,
    open: impl Fn() -> Image,
    shown: &Shown,
    judge: &mut Judge,
) -> Ours {
    let mounted = |mount| {
        let listing = shown.mounts.get(&mount)?;
        listing.refusal().is_none().then_some(mount)
    };
    for (&mount, listing) in &shown.mounts {
        let case = format!("{name}:{}", mount.name());
        match (read(&open, mount), listing.refusal()) {
            (Ok(_), Some(why)) => judge.unreadable(&case, READER, &why),
            (Err(error), None) => judge.refused(&case, READER, &plain(&error)),
            // Neither reads it.
            (Err(_), Some(_)) => {}
            (Ok((view, attributes)), None) => match (listing.view(), listing) {
                (Some((their_view, their_attributes)), _) => {
                    let mut all = between(&view, &their_view);
                    all.extend(of_attributes(&attributes, &their_attributes));
                    judge.explain(&case, READER, all);
                }
                (None, Listing::Condensed { digest: sum, .. })
                    if *sum == digest(&view, &attributes) => {}
                (None, _) => {
                    judge.blame(format!("{case}: differs, scripts/agreement says in what"))
                }
            },
        }
    }
    let unasked = Disc::read(open(), None, &Void).and_then(|disc| {
        let files = view::of_disc(&disc)?.values().filter(|what| what.is_file()).count();
        Ok((disc.hierarchy, files))
    });
    if let Ok((hierarchy, _)) = unasked {
        let mount = mounted(Mount::Udf).or_else(|| mounted(Mount::Iso9660));
        let same = match mount {
            Some(Mount::Udf) => hierarchy == Hierarchy::Udf,
            Some(_) => wanted(&open(), Mount::Iso9660).is_ok_and(|wanted| wanted == hierarchy),
            None => true,
        };
        if !same {
            judge.blame(format!("{name}: {hierarchy} is read, {mount:?} is mounted"));
        }
    }
    Ours { unasked: unasked.map_err(|error| plain(&error)) }
}

/// The hierarchy that Linux shows by such a mount.
fn wanted(image: &Image, mount: Mount) -> Result<Hierarchy, Error> {
    if mount == Mount::Udf {
        return Ok(Hierarchy::Udf);
    }
    let there = match Iso9660::open(image)? {
        Some(iso) => iso.hierarchies(image)?,
        None => Vec::new(),
    };
    let joliet = there.iter().find(|&&hierarchy| hierarchy == Hierarchy::Joliet);
    let first = match mount {
        Mount::Iso9660 => there.first(),
        Mount::NoRock => joliet,
        Mount::Udf | Mount::NoJoliet => None,
    };
    Ok(first.copied().unwrap_or(Hierarchy::Iso9660))
}

fn read(open: impl Fn() -> Image, mount: Mount) -> Result<(View, AttributesOf), Error> {
    let wanted = wanted(&open(), mount)?;
    let disc = Disc::read(open(), Some(wanted), &Void)?;
    Ok((view::of_disc(&disc)?, view::attributes(&disc)))
}

/// An error without the image's path, and without what to do.
fn plain(error: &Error) -> String {
    match error {
        Error::Corrupt { offset, what, .. } => format!("corrupt at byte {offset:#x}: {what}"),
        Error::Unsupported { offset, what, .. } => {
            format!("unsupported at byte {offset:#x}: {what}")
        }
        Error::NotAnImage { what, .. } => what.clone(),
        other => other.to_string(),
    }
}
