//! Descriptors inside partitions, read through the partition maps.

use super::field::{Address, usize_of};
use super::partition::{MapError, Partitions};
use super::runs::{Budget, Runs};
use super::sector::Descriptor;
use super::tag::{Tag, TagError};
use crate::error::{Error, Result};
use crate::media::{Extent, Image};

/// An image and its partitions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Volume<'a> {
    /// The image.
    pub(super) image: &'a Image,
    /// Its partitions.
    pub(super) partitions: &'a Partitions,
}

impl Volume<'_> {
    /// The bytes of a block and their offset in the image. `named_at` is the byte offset of the
    /// descriptor that refers to the block, for the error.
    ///
    /// # Errors
    /// If the block has no place, or cannot be read.
    pub(super) fn block(&self, address: Address, named_at: u64) -> Result<(Vec<u8>, u64)> {
        let Address { block, partition } = address;
        if u64::from(block) >= self.partitions.blocks(partition) {
            // What the map itself says is more to the point where it knows the reason.
            let mut budget = Budget::new(self.image.size());
            let found = self.partitions.map(address, 1, &mut Runs::new(&mut budget));
            let unmapped = MapError::Unmapped { block: block.into(), partition };
            return Err(self.unmapped(found.err().unwrap_or(unmapped), named_at));
        }
        let mut budget = Budget::new(self.image.size());
        let mut runs = Runs::new(&mut budget);
        let size = self.partitions.block_size;
        self.partitions
            .map(address, size.into(), &mut runs)
            .map_err(|error| self.unmapped(error, named_at))?;
        let extents = runs.into_extents();
        let [Extent { offset: Some(offset), .. }] = extents.as_slice() else {
            let what = format!("block {block} of partition {partition} is in pieces");
            return Err(self.image.corrupt(named_at, what));
        };
        Ok((self.image.read_vec(*offset, usize_of(size))?, *offset))
    }

    /// The descriptor in a block, whatever its type; the inner error is that its tag does not
    /// hold, with the block's byte offset.
    ///
    /// # Errors
    /// As [`Volume::block`].
    pub(super) fn try_descriptor(
        &self,
        address: Address,
        named_at: u64,
    ) -> Result<Result<Descriptor, (TagError, u64)>> {
        let (bytes, offset) = self.block(address, named_at)?;
        Ok(match Tag::check(&bytes, Some(address.block)) {
            Ok(tag) => Ok(Descriptor { tag, bytes, offset }),
            Err(fault) => Err((fault, offset)),
        })
    }

    /// The descriptor in a block, which must be of the type `expected`; `what` it is for the error.
    ///
    /// # Errors
    /// As [`Volume::block`], and [`Error::Corrupt`] at the block if its tag does not hold.
    pub(super) fn descriptor(
        &self,
        address: Address,
        named_at: u64,
        expected: u16,
        what: &str,
    ) -> Result<Descriptor> {
        let corrupt =
            |fault: TagError, offset| self.image.corrupt(offset, format!("{what}: {fault}"));
        let found = self
            .try_descriptor(address, named_at)?
            .map_err(|(fault, offset)| corrupt(fault, offset))?;
        found.tag.expect(expected).map_err(|fault| corrupt(fault, found.offset))?;
        Ok(found)
    }

    /// An error about a block that has no place, at the descriptor that names it.
    pub(super) fn unmapped(&self, error: MapError, named_at: u64) -> Error {
        match error {
            MapError::Unsupported(what) => self.image.unsupported(named_at, what),
            other => self.image.corrupt(named_at, other.to_string()),
        }
    }

    /// An error about structures that take more than a volume is granted.
    pub(super) fn spent(&self, offset: u64) -> Error {
        let (limit, times) = (Budget::BYTES >> 20, Budget::TIMES);
        self.image.corrupt(
            offset,
            format!(
                "directories and tables of more than {limit} MiB, or of {times} times the image's size: the \
                 same bytes are read again and again"
            ),
        )
    }
}
