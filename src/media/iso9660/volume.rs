//! The metadata of one volume: logical blocks, directories, system use entries.

use super::descriptor::SECTOR;
use super::directory::Record;
use super::field;
use super::rock_ridge::Fields;
use super::susp::{self, CONTINUATIONS_MAX, Continuation, End};
use crate::error::Result;
use crate::media::{Image, Timestamp};

/// Most bytes of directories and continuation areas that are read from one image. Half a million
/// files with long names and a continuation area each come to less.
const METADATA_MAX: u64 = 256 << 20;
/// How many times an image's own size that may be: a block of continuation areas is read again for each of
/// the directories that share it, which are few.
const TIMES_MAX: u64 = 16;
/// Longest directory record in bytes.
const RECORD_MAX: u64 = 255;

/// Reads the metadata of a volume, within a budget.
#[derive(Debug)]
pub(super) struct Volume<'a> {
    image: &'a Image,
    block_size: u64,
    /// Bytes that each system use area begins with before its entries; `None` where the entries
    /// of this volume are not looked at.
    skip: Option<usize>,
    spent: u64,
    /// Bytes of directories alone: no two of them share any.
    listed: u64,
    /// The block of the last continuation area: those of a directory share blocks.
    block: Option<(u64, Vec<u8>)>,
}

/// A directory as its own record (`.`) describes it. Linux trusts that record alone, and neither
/// the one in the directory above nor the one in the volume descriptor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Directory {
    /// Byte offset in the image.
    pub(super) offset: u64,
    /// Bytes.
    pub(super) size: u32,
    /// Permissions, where recorded.
    pub(super) mode: Option<u16>,
    /// Last modification, where recorded.
    pub(super) mtime: Option<Timestamp>,
}

impl<'a> Volume<'a> {
    /// A volume of blocks of `block_size` bytes; see [`Volume::look_at_system_use`] for more than
    /// names.
    pub(super) fn new(image: &'a Image, block_size: u16) -> Self {
        Self { image, block_size: block_size.into(), skip: None, spent: 0, listed: 0, block: None }
    }

    /// From now on the entries of system use areas count, behind their first `skip` bytes.
    pub(super) fn look_at_system_use(&mut self, skip: usize) {
        self.skip = Some(skip);
    }

    /// The image.
    pub(super) fn image(&self) -> &'a Image {
        self.image
    }

    /// Byte offset of a logical block.
    pub(super) fn offset(&self, block: u32) -> u64 {
        u64::from(block).saturating_mul(self.block_size)
    }

    /// Counts `len` bytes of metadata that the structure at `at` names.
    fn spend(&mut self, len: u64, at: u64) -> Result<()> {
        self.spent = self.spent.saturating_add(len);
        if self.spent > METADATA_MAX {
            let what = format!("more than {} MiB of directories", METADATA_MAX >> 20);
            return Err(self.image.unsupported(at, what));
        }
        if self.spent > self.image.size().saturating_mul(TIMES_MAX) {
            let what = format!(
                "directories and system use entries of more than {TIMES_MAX} times the image's size: the \
                 same bytes are read again and again"
            );
            return Err(self.image.corrupt(at, what));
        }
        Ok(())
    }

    /// The first record of the directory at `block`, and what it says. `at` is where that block
    /// is named.
    pub(super) fn own_record<T>(
        &mut self,
        block: u32,
        at: u64,
        read: impl FnOnce(&mut Self, &Record<'_>) -> Result<T>,
    ) -> Result<T> {
        let offset = self.offset(block);
        let left = self.image.size().saturating_sub(offset).min(RECORD_MAX);
        if left == 0 {
            let what = format!("a directory at byte {offset:#x}, beyond the end of the image");
            return Err(self.image.corrupt(at, what));
        }
        self.spend(left, at)?;
        let bytes = self.image.read_vec(offset, usize::try_from(left).unwrap_or(0))?;
        let record = Record::parse(&bytes, offset).map_err(|w| self.image.corrupt(offset, w))?;
        if !record.is_self() {
            let what = "a directory that does not begin with the record of itself";
            return Err(self.image.corrupt(offset, what));
        }
        read(self, &record)
    }

    /// The directory at `block`, which the record or descriptor at byte `at` names.
    pub(super) fn directory(&mut self, block: u32, at: u64) -> Result<Directory> {
        self.own_record(block, at, |volume, record| {
            let (fields, _) = volume.fields(record)?;
            Ok(Directory {
                offset: volume.offset(record.data_block()),
                size: record.data_length,
                mode: fields.mode.map(permissions),
                mtime: fields.modified.or_else(|| record.recorded()),
            })
        })
    }

    /// The bytes of a directory that is named at byte `at`: its size, and the rest of its last
    /// sector where the image has that.
    pub(super) fn content(&mut self, directory: &Directory, at: u64) -> Result<Vec<u8>> {
        let size = u64::from(directory.size);
        let left = self.image.size().saturating_sub(directory.offset);
        if size > left {
            let what = format!(
                "a directory of {size} bytes at byte {:#x}, which reaches beyond the end of the \
                 image",
                directory.offset
            );
            return Err(self.image.corrupt(at, what));
        }
        self.spend(size, at)?;
        self.listed = self.listed.saturating_add(size);
        if self.listed > self.image.size() {
            let what = "the directories are larger together than the image: they overlap";
            return Err(self.image.corrupt(at, what));
        }
        let sectors = size.checked_next_multiple_of(field::to_u64(SECTOR)).unwrap_or(size);
        let len = usize::try_from(sectors.min(left)).unwrap_or(usize::MAX);
        self.image.read_vec(directory.offset, len)
    }

    /// What the system use entries of a record say, and how they ended.
    pub(super) fn fields(&mut self, record: &Record<'_>) -> Result<(Fields, End)> {
        let mut fields = Fields::default();
        let Some(skip) = self.skip else { return Ok((fields, End::Complete)) };
        // The record that announces the protocol is itself read from its first byte on.
        let skip = if record.system_use.starts_with(b"SP") { 0 } else { skip };
        let area = record.system_use.get(skip..).unwrap_or_default();
        let at = record.offset;
        let image = self.image;
        let end = susp::walk(
            area,
            |areas, continuation| self.continuation(areas, continuation, at),
            |entry| fields.take(entry).map_err(|what| image.corrupt(at, what)),
        )?;
        Ok((fields, end))
    }

    /// The bytes of a continuation area of the record at byte `at`.
    fn continuation(
        &mut self,
        areas: usize,
        Continuation { block, offset, length }: Continuation,
        at: u64,
    ) -> Result<Vec<u8>> {
        let corrupt = |what: String| Err(self.image.corrupt(at, what));
        if areas > CONTINUATIONS_MAX {
            return corrupt(format!("system use entries in more than {CONTINUATIONS_MAX} areas"));
        }
        let end = u64::from(offset).saturating_add(length.into());
        if end > self.block_size {
            return corrupt(format!(
                "system use entries go on in bytes {offset} to {end} of a block of {}",
                self.block_size
            ));
        }
        let start = self.offset(block);
        if start.saturating_add(end) > self.image.size() {
            return corrupt(format!(
                "system use entries go on at byte {start:#x}, beyond the end of the image"
            ));
        }
        self.spend(length.into(), at)?;
        if self.block.as_ref().is_none_or(|(cached, _)| *cached != start) {
            self.spend(self.block_size, at)?;
            let left = self.image.size().saturating_sub(start).min(self.block_size);
            let bytes = self.image.read_vec(start, usize::try_from(left).unwrap_or(0))?;
            self.block = Some((start, bytes));
        }
        let (_, bytes) = self.block.as_ref().map_or((&0, &[][..]), |(at, b)| (at, b.as_slice()));
        let from = field::to_usize(offset);
        let area = bytes.get(from..from.saturating_add(field::to_usize(length)));
        Ok(area.unwrap_or_default().to_vec())
    }
}

/// The permission bits of a POSIX mode.
pub(super) fn permissions(mode: u32) -> u16 {
    u16::try_from(mode & 0o7777).unwrap_or(0)
}
