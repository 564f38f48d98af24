//! The metadata file of a metadata partition (UDF 2.2.13): its content is the partition.

use super::field::Address;
use super::icb::{FileEntry, file_type};
use super::runs::Budget;
use super::stream::Stream;
use super::volume::Volume;
use crate::error::{Error, Result};

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// The metadata file.
    Main,
    /// The metadata mirror file: another entry, and blocks of its own where they are duplicated.
    Mirror,
}

/// Reads the extents of the file whose entry is at `address`; `named_at` is the byte offset of the
/// logical volume descriptor.
///
/// # Errors
/// [`Error::Corrupt`] if the entry or its extents are damaged.
pub(super) fn load(
    volume: Volume<'_>,
    which: Which,
    address: Address,
    named_at: u64,
    budget: &mut Budget,
) -> Result<Stream> {
    let entry = FileEntry::read(volume, address, named_at, budget)?;
    let expected = match which {
        Which::Main => file_type::METADATA,
        Which::Mirror => file_type::METADATA_MIRROR,
    };
    if entry.file_type != expected {
        let what = format!("metadata file: file type {}, not {expected}", entry.file_type);
        return Err(volume.image.corrupt(entry.offset, what));
    }
    Stream::of(volume, &entry, budget)
}

/// The content of the metadata file, or of its mirror if the metadata file is damaged; and the
/// mirror's beside it where it has blocks of its own.
///
/// # Errors
/// What is wrong with the metadata file, if the mirror is damaged as well.
pub(super) fn load_both(
    volume: Volume<'_>,
    [main, mirror]: [Address; 2],
    duplicate: bool,
    named_at: u64,
    budget: &mut Budget,
) -> Result<(Stream, Option<Stream>)> {
    match load(volume, Which::Main, main, named_at, budget) {
        Ok(content) => {
            let copy = duplicate
                .then(|| load(volume, Which::Mirror, mirror, named_at, budget).ok())
                .flatten();
            Ok((content, copy))
        }
        Err(error @ Error::Io { .. }) => Err(error),
        Err(error) => match load(volume, Which::Mirror, mirror, named_at, budget) {
            Ok(content) => Ok((content, None)),
            Err(_) => Err(error),
        },
    }
}
