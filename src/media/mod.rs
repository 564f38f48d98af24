//! Reading install media: ISO 9660 and UDF images as one [`Tree`] of byte extents.
//!
//! Everything here comes from outside and is taken as hostile: sizes are checked before they are
//! used, loops and allocations are bounded, and an error names the image and the byte.

#![deny(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)
)]

pub mod entry;
pub mod implant;
pub mod iso9660;
pub mod path;
pub mod source;
pub mod time;
pub mod tree;
pub mod udf;

mod foreign;

use std::fmt;

use crate::error::{Error, Result};
use crate::monitor::Monitor;

pub use entry::{Body, Entry, Extent, Kind};
pub use path::{TreePath, printable, turns_text};
pub use source::{FileSource, Image, ReadAt};
pub use time::Timestamp;
pub use tree::{NodeId, Tree};

/// Which of the trees on a disc is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hierarchy {
    /// ECMA-167 as profiled by OSTA.
    Udf,
    /// The primary volume descriptor's tree with Rock Ridge fields.
    RockRidge,
    /// A supplementary volume descriptor's tree in UCS-2.
    Joliet,
    /// An enhanced volume descriptor's tree (ISO 9660:1999).
    Enhanced,
    /// The primary volume descriptor's tree alone.
    Iso9660,
}

impl fmt::Display for Hierarchy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udf => "udf",
            Self::RockRidge => "rock-ridge",
            Self::Joliet => "joliet",
            Self::Enhanced => "enhanced",
            Self::Iso9660 => "iso9660",
        })
    }
}

/// What a disc says of itself. Blanks at the end are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identifiers {
    /// Volume identifier.
    pub volume_id: String,
    /// System identifier.
    pub system_id: String,
    /// Publisher identifier; empty where only UDF is there.
    pub publisher_id: String,
    /// Application identifier.
    pub application_id: String,
    /// Size of the volume in bytes, as the primary volume descriptor says.
    pub volume_bytes: Option<u64>,
}

/// Which firmware can start the disc (El Torito).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Bootable {
    /// A bootable entry for platform 0 (x86 BIOS).
    pub bios: bool,
    /// A bootable entry for platform 0xEF (EFI).
    pub uefi: bool,
}

/// An image that has been read.
#[derive(Debug)]
pub struct Disc {
    /// The image itself.
    pub image: Image,
    /// What is on it.
    pub tree: Tree,
    /// The hierarchy that `tree` was read from.
    pub hierarchy: Hierarchy,
    /// What the disc says of itself.
    pub identifiers: Identifiers,
    /// Which firmware can start it.
    pub bootable: Bootable,
}

impl Disc {
    /// Reads a disc: UDF if it is there, else Rock Ridge, else Joliet, else plain ISO 9660; or the
    /// hierarchy that is asked for (an enhanced volume descriptor's only then, as in Linux).
    ///
    /// # Errors
    /// [`Error::NotAnImage`] for what is no disc image; [`Error::Corrupt`] and
    /// [`Error::Unsupported`] with the byte offset. UDF that is there and cannot be read is an error, never a
    /// reason to take another hierarchy, for on real discs that holds a README alone.
    pub fn read(image: Image, wanted: Option<Hierarchy>, monitor: &dyn Monitor) -> Result<Self> {
        let iso = iso9660::Iso9660::open(&image)?;
        let blame = |error| if iso.is_some() { name_option(error) } else { error };
        let udf_asked = wanted.is_none_or(|wanted| wanted == Hierarchy::Udf);
        let udf = if udf_asked { udf::Udf::open(&image).map_err(blame)? } else { None };
        let bootable = match &iso {
            Some(iso) => iso.bootable(&image)?,
            None => Bootable::default(),
        };
        if let Some(udf) = udf {
            let tree = udf.read(&image, monitor).map_err(blame)?;
            let identifiers =
                iso.map_or_else(|| udf.identifiers(), |iso| iso.identifiers().clone());
            return Ok(Self { image, tree, hierarchy: Hierarchy::Udf, identifiers, bootable });
        }
        let Some(iso) = iso else { return Err(foreign::explain(&image)?) };
        let there = iso.hierarchies(&image)?;
        let hierarchy = match wanted {
            Some(wanted) if there.contains(&wanted) => wanted,
            Some(wanted) => {
                let names: Vec<_> = there.iter().map(Hierarchy::to_string).collect();
                let what = format!("has no {wanted} hierarchy; there is {}", names.join(", "));
                return Err(image.not_an_image(what));
            }
            None => there.first().copied().unwrap_or(Hierarchy::Iso9660),
        };
        let tree = iso.read(&image, hierarchy, monitor)?;
        let identifiers = iso.identifiers().clone();
        Ok(Self { image, tree, hierarchy, identifiers, bootable })
    }

    /// The whole content of a small file of the disc, at most `limit` bytes of it.
    ///
    /// # Errors
    /// As the reader of the image; a node that is no file reads as empty.
    pub fn content(&self, id: NodeId, limit: usize) -> Result<Vec<u8>> {
        let reader = crate::content::Reader::of_node(self, id)?;
        let len = usize::try_from(reader.len()).unwrap_or(usize::MAX).min(limit);
        let mut buf = vec![0; len];
        reader.read_exact_at(0, &mut buf)?;
        Ok(buf)
    }
}

/// Adds the way out to an error of the UDF reader.
fn name_option(error: Error) -> Error {
    const HINT: &str = "; the disc's UDF side cannot be read: --hierarchy iso9660 (or joliet, \
                        rock-ridge) reads its ISO 9660 side, which on Windows discs holds a README alone";
    match error {
        Error::Corrupt { image, offset, what } => {
            Error::Corrupt { image, offset, what: what + HINT }
        }
        Error::Unsupported { image, offset, what } => {
            Error::Unsupported { image, offset, what: what + HINT }
        }
        other => other,
    }
}
