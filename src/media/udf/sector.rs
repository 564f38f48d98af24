//! The image as logical sectors (ECMA-167 3/8.1.2): where volume descriptors are addressed.

use super::field::{u64_of, usize_of};
use super::tag::{Tag, TagError};
use crate::error::{Error, Result};
use crate::media::Image;

/// A descriptor whose tag has been checked.
#[derive(Debug, Clone)]
pub(super) struct Descriptor {
    /// Its tag.
    pub(super) tag: Tag,
    /// Its bytes from the tag on: the whole block, or more where the CRC covers more.
    pub(super) bytes: Vec<u8>,
    /// Byte offset of the tag in the image.
    pub(super) offset: u64,
}

/// An image cut into sectors of one size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sectors<'a> {
    /// The image.
    pub(super) image: &'a Image,
    /// Sector size in bytes.
    pub(super) size: u32,
}

impl Sectors<'_> {
    /// How many whole sectors there are.
    pub(super) fn count(&self) -> u64 {
        self.image.size().checked_div(self.size.into()).unwrap_or_default()
    }

    /// Byte offset of a sector.
    pub(super) fn offset(&self, sector: u32) -> u64 {
        u64::from(self.size).saturating_mul(sector.into())
    }

    /// Reads the descriptor at `sector`; it may go on over further sectors. The outer error is
    /// that the image cannot be read, or ends before.
    pub(super) fn descriptor(&self, sector: u32) -> Result<Result<Descriptor, TagError>> {
        let offset = self.offset(sector);
        let size = usize_of(self.size);
        let mut bytes = self.image.read_vec(offset, size)?;
        let mut checked = Tag::check(&bytes, Some(sector));
        if let Err(TagError::CrcLength(_)) = checked {
            let covered = Tag::parse(&bytes).covered();
            if offset.saturating_add(u64_of(covered)) <= self.image.size() {
                bytes = self.image.read_vec(offset, covered)?;
                checked = Tag::check(&bytes, Some(sector));
            }
        }
        Ok(checked.map(|tag| Descriptor { tag, bytes, offset }))
    }

    /// An error about the descriptor at `sector`.
    pub(super) fn corrupt(&self, sector: u32, what: impl Into<String>) -> Error {
        self.image.corrupt(self.offset(sector), what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::udf::tag;

    #[test]
    fn a_descriptor_may_be_longer_than_its_sector() {
        let mut image = vec![0; 2048];
        tag::seal(&mut image[512..2000], tag::identifier::LOGICAL_VOLUME, 1);
        let image = Image::new("test", image);
        let sectors = Sectors { image: &image, size: 512 };
        let found = sectors.descriptor(1).expect("readable").expect("a good tag");
        assert_eq!((found.bytes.len(), found.offset), (1488, 512));
    }

    #[test]
    fn a_descriptor_that_the_image_cuts_off_does_not_hold() {
        let mut image = vec![0; 2048];
        tag::seal(&mut image[512..2000], tag::identifier::LOGICAL_VOLUME, 1);
        image.truncate(1024);
        let image = Image::new("test", image);
        let sectors = Sectors { image: &image, size: 512 };
        assert_eq!(sectors.count(), 2);
        let error = sectors.descriptor(1).expect("readable").expect_err("cut off");
        assert_eq!(error, TagError::CrcLength(1472));
        assert_eq!(sectors.descriptor(2).expect_err("beyond the end").offset(), Some(1024));
    }
}
