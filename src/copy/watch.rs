//! Images that change while they are being read.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use crate::error::{Error, Result};
use crate::media::{Disc, Image};

/// What the images were when the copy began.
pub(super) struct Watch<'d>(Vec<(&'d Image, Metadata)>);

impl<'d> Watch<'d> {
    pub(super) fn new(discs: &'d [Disc]) -> Self {
        let of = |disc: &'d Disc| Some((&disc.image, disc.image.file()?.metadata().ok()?));
        Self(discs.iter().filter_map(of).filter(|(_, m)| m.is_file()).collect())
    }

    /// # Errors
    /// If an image was written to meanwhile: what has been copied may be half of one and half of
    /// another.
    pub(super) fn verify(&self) -> Result<()> {
        for (image, before) in &self.0 {
            let file = image.file().map(|file| file.metadata());
            let Some(now) = file.transpose().map_err(|e| Error::io("stat", image.path(), e))?
            else {
                continue;
            };
            let of = |m: &Metadata| (m.len(), m.mtime(), m.mtime_nsec());
            if of(&now) != of(before) || now.len() != image.size() {
                return Err(Error::conflict(
                    image.path(),
                    "was changed while it was read; nothing was published: \
                     run this again when the image is complete",
                ));
            }
        }
        Ok(())
    }

    /// A reading error with its cause, where that is an image that has become shorter.
    pub(super) fn explain(&self, error: Error) -> Error {
        if !matches!(error, Error::Corrupt { .. } | Error::Io { .. }) {
            return error;
        }
        for (image, _) in &self.0 {
            let now = image.file().and_then(|file| file.metadata().ok()).map(|m| m.len());
            if let Some(now) = now
                && now < image.size()
                && error.path() == Some(image.path())
            {
                let what = format!(
                    "became shorter while it was read, {now} bytes of {}; nothing was published: \
                     run this again when the image is complete",
                    image.size()
                );
                return Error::conflict(image.path(), what);
            }
        }
        error
    }
}
