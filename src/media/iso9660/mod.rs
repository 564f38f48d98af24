//! ISO 9660 (ECMA-119) with Rock Ridge, Joliet, ISO 9660:1999 and zisofs.

use super::{Bootable, Hierarchy, Identifiers, Image, Tree};
use crate::error::Result;
use crate::monitor::Monitor;

/// The volume descriptors of an ISO 9660 disc.
#[derive(Debug)]
pub struct Iso9660 {
    identifiers: Identifiers,
}

impl Iso9660 {
    /// Reads the volume descriptor set; `None` if there is no primary volume descriptor.
    ///
    /// # Errors
    /// as usual
    pub fn open(image: &Image) -> Result<Option<Self>> {
        let _ = image;
        Ok(None)
    }

    /// What the primary volume descriptor says.
    pub fn identifiers(&self) -> &Identifiers {
        &self.identifiers
    }

    /// The hierarchies that are there, the one to prefer first.
    ///
    /// # Errors
    /// as usual
    pub fn hierarchies(&self, image: &Image) -> Result<Vec<Hierarchy>> {
        let _ = image;
        Ok(vec![])
    }

    /// El Torito.
    ///
    /// # Errors
    /// as usual
    pub fn bootable(&self, image: &Image) -> Result<Bootable> {
        let _ = image;
        Ok(Bootable::default())
    }

    /// Reads one hierarchy.
    ///
    /// # Errors
    /// as usual
    pub fn read(&self, image: &Image, hierarchy: Hierarchy, monitor: &dyn Monitor) -> Result<Tree> {
        let _ = (image, hierarchy, monitor);
        Ok(Tree::new())
    }
}

pub mod zisofs {
    //! zisofs.
    use crate::error::Result;
    use crate::media::{Extent, Image};

    /// An open compressed file.
    #[derive(Debug)]
    pub struct Zisofs;

    impl Zisofs {
        /// Opens; reads the header and checks it against `size` and `block_log2`.
        ///
        /// # Errors
        /// as usual
        pub fn open(image: &Image, extents: &[Extent], size: u64, block_log2: u8) -> Result<Self> {
            let _ = (image, extents, size, block_log2);
            Ok(Self)
        }

        /// Reads expanded bytes at `offset`, may be short only at the end.
        ///
        /// # Errors
        /// as usual
        pub fn read_at(&self, image: &Image, offset: u64, buf: &mut [u8]) -> Result<usize> {
            let _ = (image, offset, buf);
            Ok(0)
        }
    }
}
