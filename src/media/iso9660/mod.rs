//! ISO 9660 (ECMA-119) with Rock Ridge, Joliet, ISO 9660:1999 and zisofs.
//!
//! Where writers differ from the standards, or the standards leave a choice, what a disc mounted
//! by Linux shows decides: the same names, types, links, sizes and bytes.

mod descriptor;
mod directory;
mod el_torito;
mod field;
mod joliet;
mod naming;
mod plain;
mod rock_ridge;
mod susp;
mod symlink;
mod time;
mod volume;
mod walk;
pub mod zisofs;

#[cfg(test)]
mod tests;

use self::descriptor::{Descriptor, SECTOR, VolumeDescriptor};
use self::directory::Records;
use self::naming::Naming;
use self::rock_ridge::Fields;
use self::volume::Volume;
use super::{Bootable, Hierarchy, Identifiers, Image, Tree};
use crate::error::{Error, INCOMPLETE, Result};
use crate::monitor::Monitor;

/// Where the system use entries of a CD-ROM XA disc begin: behind an XA record.
const XA_RECORD: usize = 14;

/// The volume descriptors of an ISO 9660 disc.
#[derive(Debug)]
pub struct Iso9660 {
    identifiers: Identifiers,
    primary: VolumeDescriptor,
    joliet: Option<VolumeDescriptor>,
    enhanced: Option<VolumeDescriptor>,
    boot_catalog: Option<u32>,
}

/// What the records of the top directory say of Rock Ridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RockRidge {
    /// Bytes to skip in each system use area.
    skip: usize,
    /// An `ER` entry announces an extension.
    announced: bool,
    /// The top directory is empty.
    empty: bool,
}

impl Iso9660 {
    /// Reads the volume descriptor set; `None` if there is no primary volume descriptor. The first
    /// descriptor of each kind counts, and what it says is not checked yet.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a High Sierra disc; [`Error::Io`] if the image
    /// cannot be read.
    pub fn open(image: &Image) -> Result<Option<Self>> {
        let mut primary = None;
        let mut joliet = None;
        let mut enhanced = None;
        let mut boot_catalog = None;
        for offset in descriptor::offsets() {
            let end = offset.saturating_add(field::to_u64(SECTOR));
            if end > image.size() {
                break;
            }
            match descriptor::parse(&image.read_vec(offset, SECTOR)?, offset) {
                Descriptor::Primary(volume) => primary = primary.or(Some(volume)),
                Descriptor::Joliet(volume) => joliet = joliet.or(Some(volume)),
                Descriptor::Enhanced(volume) => enhanced = enhanced.or(Some(volume)),
                Descriptor::Boot(sector) => boot_catalog = boot_catalog.or(Some(sector)),
                Descriptor::HighSierra if primary.is_none() => {
                    let what = "a High Sierra disc, the format before ISO 9660";
                    return Err(image.unsupported(offset, what));
                }
                Descriptor::Terminator => break,
                Descriptor::HighSierra | Descriptor::Other => {}
            }
        }
        let Some(primary) = primary else { return Ok(None) };
        let identifiers = Identifiers {
            volume_id: primary.volume_identifier.clone(),
            system_id: primary.system_identifier.clone(),
            publisher_id: primary.publisher_identifier.clone(),
            application_id: primary.application_identifier.clone(),
            volume_bytes: Some(primary.size()),
        };
        Ok(Some(Self { identifiers, primary, joliet, enhanced, boot_catalog }))
    }

    /// What the primary volume descriptor says.
    pub fn identifiers(&self) -> &Identifiers {
        &self.identifiers
    }

    /// Size of the volume in bytes, as the primary volume descriptor says.
    pub fn size_bytes(&self) -> u64 {
        self.primary.size()
    }

    /// The hierarchies that are there, the one to prefer first: Rock Ridge, else Joliet, else
    /// plain names. Joliet goes first where the Rock Ridge side is empty or not announced by an
    /// `ER` entry. An enhanced volume descriptor goes last: Linux does not look at it, and a disc
    /// that has one is mounted by its primary volume descriptor (most writers let both lead to the
    /// same directories).
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the image is shorter than its volume; [`Error::Unsupported`] for logical
    /// blocks of any size but 512, 1024 or 2048 bytes.
    pub fn hierarchies(&self, image: &Image) -> Result<Vec<Hierarchy>> {
        check_size(image, &self.primary)?;
        self.volume(image)?;
        let rock_ridge = match self.rock_ridge(image) {
            // Reading it will tell; the other hierarchies stay within reach.
            Err(Error::Corrupt { .. } | Error::Unsupported { .. }) => {
                Some(RockRidge { skip: 0, announced: true, empty: false })
            }
            other => other?,
        };
        let joliet = self.joliet.is_some();
        let joliet_first = joliet && rock_ridge.is_some_and(|r| !r.announced || r.empty);
        let mut found = Vec::new();
        found.extend(joliet_first.then_some(Hierarchy::Joliet));
        found.extend(rock_ridge.map(|_| Hierarchy::RockRidge));
        found.extend((joliet && !joliet_first).then_some(Hierarchy::Joliet));
        found.push(Hierarchy::Iso9660);
        found.extend(self.enhanced.as_ref().map(|_| Hierarchy::Enhanced));
        Ok(found)
    }

    /// Which firmware can start the disc (El Torito). A damaged catalogue starts nothing.
    ///
    /// # Errors
    /// [`Error::Io`] if the image cannot be read.
    pub fn bootable(&self, image: &Image) -> Result<Bootable> {
        self.boot_catalog.map_or(Ok(Bootable::default()), |sector| el_torito::read(image, sector))
    }

    /// Reads one hierarchy.
    ///
    /// # Errors
    /// [`Error::Corrupt`] and [`Error::Unsupported`] with the byte offset of the
    /// record at fault; [`Error::NotAnImage`] if the disc has no such hierarchy.
    pub fn read(&self, image: &Image, hierarchy: Hierarchy, monitor: &dyn Monitor) -> Result<Tree> {
        let absent = || image.not_an_image(format!("has no {hierarchy} hierarchy"));
        let (descriptor, naming) = match hierarchy {
            Hierarchy::RockRidge | Hierarchy::Iso9660 => (&self.primary, Naming::Plain),
            Hierarchy::Joliet => (self.joliet.as_ref().ok_or_else(absent)?, Naming::Joliet),
            Hierarchy::Enhanced => (self.enhanced.as_ref().ok_or_else(absent)?, Naming::Enhanced),
            Hierarchy::Udf => return Err(absent()),
        };
        let mut volume = self.volume(image)?;
        check_size(image, descriptor)?;
        if hierarchy == Hierarchy::RockRidge {
            volume.look_at_system_use(self.rock_ridge(image)?.ok_or_else(absent)?.skip);
        }
        let root = (descriptor.root_block, descriptor.root_record_offset());
        walk::read(&mut volume, naming, root, monitor)
    }

    /// The volume; the primary descriptor's block size holds for every hierarchy.
    fn volume<'a>(&self, image: &'a Image) -> Result<Volume<'a>> {
        let size = self.primary.logical_block_size;
        if !matches!(size, 512 | 1024 | 2048) {
            let at = self.primary.block_size_offset();
            let what = format!("logical blocks of {size} bytes: 512, 1024 and 2048 are read");
            return Err(image.unsupported(at, what));
        }
        Ok(Volume::new(image, size))
    }

    /// Looks for Rock Ridge in the top directory's own record, behind an XA record there, and
    /// (nothing being announced) in the other records of its first sector, where Linux reads such
    /// entries as well.
    fn rock_ridge(&self, image: &Image) -> Result<Option<RockRidge>> {
        let mut volume = self.volume(image)?;
        let (block, at) = (self.primary.root_block, self.primary.root_record_offset());
        let mut own = |skip| {
            volume.look_at_system_use(skip);
            volume.own_record(block, at, |volume, record| Ok(volume.fields(record)?.0))
        };
        let mut root: Fields = own(0)?;
        if root.skip.is_none() && !root.announced {
            let behind = own(XA_RECORD)?;
            if behind.skip.is_some() {
                root = behind;
            }
        }
        let skip = usize::from(root.skip.unwrap_or(0));
        volume.look_at_system_use(skip);
        let mut directory = volume.directory(block, at)?;
        directory.size = directory.size.min(u32::try_from(SECTOR).unwrap_or(u32::MAX));
        let bytes = volume.content(&directory, at)?;
        let mut records = 0_usize;
        let mut known = root.known;
        // A record that is broken is the walk's to report.
        for record in Records::new(&bytes, bytes.len(), directory.offset).map_while(Result::ok) {
            records = records.saturating_add(1);
            known = known || volume.fields(&record)?.0.known;
        }
        let empty = records <= 2;
        let there = root.announced || known;
        Ok(there.then_some(RockRidge { skip, announced: root.announced, empty }))
    }
}

/// Compares the image with the size that a volume descriptor tells.
fn check_size(image: &Image, descriptor: &VolumeDescriptor) -> Result<()> {
    let volume = descriptor.size();
    let missing = volume.saturating_sub(image.size());
    if missing == 0 {
        return Ok(());
    }
    let what = format!(
        "the volume has {volume} bytes and the image {}: {missing} bytes are missing, \
         {INCOMPLETE}, fetch the image again",
        image.size()
    );
    Err(image.corrupt(descriptor.space_size_offset(), what))
}
