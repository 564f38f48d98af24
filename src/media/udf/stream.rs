//! The content of a file as byte extents of the image (ECMA-167 4/12).

use std::collections::HashSet;

use super::allocation::{self, Form, Recording};
use super::field::u64_of;
use super::icb::FileEntry;
use super::runs::{Budget, Runs};
use super::tag::identifier;
use super::volume::Volume;
use crate::error::Result;
use crate::media::Extent;

/// Most blocks of further allocation descriptors of one file.
const CONTINUATIONS_MAX: usize = 65_536;

/// The content of one file: extents whose lengths add up to its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stream {
    extents: Vec<Extent>,
    /// Where each extent ends in the content.
    ends: Vec<u64>,
}

impl Stream {
    /// Content that is made up of these extents.
    pub(super) fn new(extents: Vec<Extent>) -> Self {
        let mut end = 0_u64;
        let ends = extents.iter().map(|extent| {
            end = end.saturating_add(extent.len);
            end
        });
        Self { ends: ends.collect(), extents }
    }

    /// Size in bytes.
    pub(super) fn len(&self) -> u64 {
        self.ends.last().copied().unwrap_or_default()
    }

    /// The extents in order.
    pub(super) fn into_extents(self) -> Vec<Extent> {
        self.extents
    }

    /// The extents from a position in the content on, the first one without what lies before it.
    pub(super) fn extents_from(&self, position: u64) -> impl Iterator<Item = Extent> + '_ {
        let index = self.ends.partition_point(|&end| end <= position);
        let before = index.checked_sub(1).and_then(|last| self.ends.get(last)).copied();
        let mut skip = position.saturating_sub(before.unwrap_or_default());
        let rest = self.extents.get(index..).unwrap_or_default();
        rest.iter().map(move |extent| {
            let skipped = std::mem::take(&mut skip);
            Extent {
                offset: extent.offset.map(|offset| offset.saturating_add(skipped)),
                len: extent.len.saturating_sub(skipped),
            }
        })
    }

    /// Finds the extents of a file. What its allocation descriptors do not cover is a hole.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] at the entry if an extent has no place in the image, and at a
    /// block of further descriptors that is damaged.
    pub(super) fn of(volume: Volume<'_>, entry: &FileEntry, budget: &mut Budget) -> Result<Self> {
        let len = entry.information_length;
        if entry.form == Form::InIcb {
            return Ok(Self::new(vec![Extent { offset: Some(entry.allocation_offset), len }]));
        }
        let mut runs = Runs::new(budget);
        let mut area = entry.allocation.clone();
        let mut named_at = entry.offset;
        let mut seen = HashSet::new();
        'areas: loop {
            let mut next = None;
            for found in allocation::descriptors(entry.form, &area, entry.address.partition) {
                let left = len.saturating_sub(runs.len());
                if left == 0 {
                    break 'areas;
                }
                let found = found.map_err(|what| volume.image.unsupported(named_at, what))?;
                let run = found.len.min(left);
                let mapped = match found.recording {
                    Recording::Recorded => volume.partitions.map(found.address, run, &mut runs),
                    Recording::NotRecorded => runs.push(None, run),
                    Recording::Continuation => {
                        next = Some(found.address);
                        break;
                    }
                };
                mapped.map_err(|error| volume.unmapped(error, named_at))?;
            }
            let Some(address) = next else { break };
            if !runs.budget().take(volume.partitions.block_size.into()) {
                return Err(volume.spent(named_at));
            }
            const WHAT: &str = "allocation extent descriptor";
            let (bytes, offset) = volume.block(address, named_at)?;
            let corrupt = |what: String| volume.image.corrupt(offset, what);
            // Linux takes whatever location these tags hold, and so do we.
            super::tag::Tag::check(&bytes, None)
                .and_then(|tag| tag.expect(identifier::ALLOCATION_EXTENT))
                .map_err(|fault| corrupt(format!("{WHAT}: {fault}")))?;
            if !seen.insert(offset) || seen.len() > CONTINUATIONS_MAX {
                return Err(corrupt(format!("{WHAT}: too many of them, or a loop")));
            }
            area = allocation::continuation(&bytes).map_err(corrupt)?.to_vec();
            named_at = offset;
        }
        let left = len.saturating_sub(runs.len());
        if left > 0 {
            runs.push(None, left).map_err(|error| volume.unmapped(error, named_at))?;
        }
        Ok(Self::new(runs.into_extents()))
    }

    /// The whole content, for structures that must be recorded throughout; `named_at` is the byte
    /// offset of the file's entry, `what` names the structure in errors.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] if it is longer than `max` or has holes.
    pub(super) fn read(
        &self,
        volume: Volume<'_>,
        named_at: u64,
        max: u64,
        what: &str,
        budget: &mut Budget,
    ) -> Result<Vec<u8>> {
        if self.len() > max {
            let what = format!("{what} of {} bytes, above the limit of {max}", self.len());
            return Err(volume.image.corrupt(named_at, what));
        }
        if !budget.take(self.len()) {
            return Err(volume.spent(named_at));
        }
        let mut content = Vec::new();
        for extent in &self.extents {
            let Some(offset) = extent.offset else {
                let what = format!("{what} with {} bytes that are not recorded", extent.len);
                return Err(volume.image.corrupt(named_at, what));
            };
            let len = usize::try_from(extent.len).unwrap_or(usize::MAX);
            content.append(&mut volume.image.read_vec(offset, len)?);
        }
        Ok(content)
    }

    /// Byte offset in the image of a position in the content, 0 in a hole.
    pub(super) fn offset_of(&self, position: usize) -> u64 {
        let found = self.extents_from(u64_of(position)).next();
        found.and_then(|extent| extent.offset).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_found_in_its_extent() {
        let extent = |offset, len| Extent { offset, len };
        let stream =
            Stream::new(vec![extent(Some(100), 10), extent(None, 10), extent(Some(500), 10)]);
        assert_eq!(stream.len(), 30);
        assert_eq!(stream.offset_of(0), 100);
        assert_eq!(stream.offset_of(9), 109);
        assert_eq!(stream.offset_of(10), 0);
        assert_eq!(stream.offset_of(25), 505);
        assert_eq!(stream.offset_of(30), 0);
        let rest: Vec<_> = stream.extents_from(12).collect();
        assert_eq!(rest, [extent(None, 8), extent(Some(500), 10)]);
        assert_eq!(Stream::new(Vec::new()).len(), 0);
    }
}
