//! UDF: ECMA-167 as profiled by OSTA, revisions 1.02 to 2.60.
//!
//! ```text
//! recognition --> anchor --> sequence (descriptor, map) --> assembly (partition, sparing, vat, metadata)
//!     --> file set --> walk (icb, allocation, stream, directory, dstring, symlink, time) --> Tree
//! ```
//!
//! Where standard and Linux differ, what Linux's own reader shows is shown here. There are two
//! exceptions: a name that is no file name is refused, where Linux makes one up, and consecutive
//! blocks of a virtual or metadata partition need not be consecutive in the image.

mod allocation;
mod anchor;
mod assembly;
mod descriptor;
mod directory;
mod dstring;
mod field;
mod icb;
mod map;
mod metadata;
mod partition;
mod recognition;
mod runs;
mod sector;
mod sequence;
mod sparing;
mod stream;
mod symlink;
mod tag;
mod time;
mod vat;
mod volume;
mod walk;

#[cfg(test)]
mod tests;

use self::assembly::Assembly;
use self::field::Address;
use self::runs::Budget;
use self::sector::Sectors;
use self::sequence::Sequence;
use self::volume::Volume;
use super::{Identifiers, Image, Tree};
use crate::error::{Error, Result};
use crate::monitor::{Monitor, Warning};

/// Sector sizes in bytes that are tried, in Linux's order. Logical blocks are as large
/// (UDF 2.2.4.2).
const SECTOR_SIZES: [u32; 4] = [512, 1024, 2048, 4096];

/// The volume of a UDF disc: its descriptors and partitions, ready to read files.
#[derive(Debug)]
pub struct Udf {
    identifiers: Identifiers,
    assembly: Assembly,
    file_set: Address,
    /// Byte offset of the logical volume descriptor.
    logical_offset: u64,
}

impl Udf {
    /// Reads recognition sequence, anchors, volume descriptors and partition maps; `None` if the
    /// image has no NSR descriptor (ECMA-167 3/9.1), which says that there is UDF.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with the byte offset of a descriptor that is missing or damaged, and for
    /// an image that ends before its partitions do; [`Error::Unsupported`]; [`Error::Io`].
    pub fn open(image: &Image) -> Result<Option<Self>> {
        let mut claim = None;
        let mut first_error = None;
        for size in SECTOR_SIZES {
            let Some(nsr) = recognition::find_nsr(image, size)? else { continue };
            claim.get_or_insert(nsr);
            let sectors = Sectors { image, size };
            let (anchors, damage) = anchor::find(&sectors)?;
            for anchor in anchors {
                let found = sequence::load(&sectors, &anchor);
                match found.and_then(|sequence| Self::assemble(&sectors, sequence)) {
                    Ok(udf) => return Ok(Some(udf)),
                    Err(error @ Error::Io { .. }) => return Err(error),
                    Err(error) => {
                        first_error.get_or_insert(error);
                    }
                }
            }
            first_error = first_error.or(damage);
        }
        let Some(nsr) = claim else { return Ok(None) };
        Err(first_error.unwrap_or_else(|| {
            let what = "the disc claims to hold UDF here, but there is no anchor volume descriptor \
                        pointer, neither at sector 256 nor at the end: the file is truncated or \
                        damaged, fetch it again";
            image.corrupt(nsr, what)
        }))
    }

    fn assemble(sectors: &Sectors<'_>, sequence: Sequence) -> Result<Self> {
        let Sequence { primary, logical, partitions } = sequence;
        if logical.block_size != sectors.size {
            let what = format!(
                "logical blocks of {} bytes on sectors of {}",
                logical.block_size, sectors.size
            );
            return Err(sectors.image.unsupported(logical.offset, what));
        }
        let mut budget = Budget::new(sectors.image.size());
        let assembly = assembly::assemble(sectors, &logical, &partitions, &mut budget)?;
        let volume_id = if logical.identifier.is_empty() {
            primary.volume_identifier
        } else {
            logical.identifier
        };
        let identifiers = Identifiers {
            volume_id,
            system_id: primary.implementation_identifier,
            application_id: primary.application_identifier,
            ..Identifiers::default()
        };
        let (file_set, logical_offset) = (logical.file_set, logical.offset);
        Ok(Self { identifiers, assembly, file_set, logical_offset })
    }

    /// What the volume descriptors say: the logical volume identifier, the implementation that
    /// wrote the disc and the application, where those are text.
    pub fn identifiers(&self) -> Identifiers {
        self.identifiers.clone()
    }

    /// Reads the tree of the image that this was opened from.
    ///
    /// # Errors
    /// [`Error::Corrupt`] and [`Error::Unsupported`] with the byte offset of the first thing that
    /// is wrong; what the monitor says.
    pub fn read(&self, image: &Image, monitor: &dyn Monitor) -> Result<Tree> {
        let Assembly { partitions, mirror } = &self.assembly;
        let result = self.read_from(Volume { image, partitions }, monitor);
        let (Err(Error::Corrupt { what, offset, .. }), Some(mirror)) = (&result, mirror) else {
            return result;
        };
        let message = format!(
            "the metadata is damaged at byte {offset:#x} ({what}), its mirror is read instead"
        );
        match self.read_from(Volume { image, partitions: mirror }, monitor) {
            Ok(tree) => {
                let path = image.path().display().to_string();
                monitor.warn(Warning::new("metadata-mirror", path, message));
                Ok(tree)
            }
            Err(_) => result,
        }
    }

    fn read_from(&self, volume: Volume<'_>, monitor: &dyn Monitor) -> Result<Tree> {
        let file_set = volume.descriptor(
            self.file_set,
            self.logical_offset,
            tag::identifier::FILE_SET,
            "file set descriptor",
        )?;
        walk::read(volume, descriptor::root_directory(&file_set), file_set.offset, monitor)
    }
}
