//! How an image stands to what its record says of it.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::record;
use crate::error::{Error, Result};
use crate::media::{Image, Timestamp};

/// An image file at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Where it is.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Last modification.
    pub mtime: Timestamp,
}

/// What has become of an image since it was imported. An inode alone is no change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Size, time and descriptors are those of the record.
    Ok,
    /// Nothing is at its path; where roots are copied elsewhere, that is as it should be.
    Missing,
    /// It cannot be looked at.
    Unreadable,
    /// Size, time or descriptors differ.
    Changed,
}

impl Look {
    /// Looks at the image at `path`.
    ///
    /// # Errors
    /// As [`Image::open`].
    pub fn at(path: &Path) -> Result<Self> {
        let image = Image::open(path)?;
        let stat = |error| Error::io("stat", path, error);
        let meta = match image.file() {
            Some(file) => file.metadata().map_err(stat)?,
            None => path.metadata().map_err(stat)?,
        };
        let nanoseconds = u32::try_from(meta.mtime_nsec()).unwrap_or(0);
        let mtime = Timestamp::new(meta.mtime(), nanoseconds);
        Ok(Self { path: path.to_owned(), size: image.size(), mtime })
    }

    /// Whether the file at the path is as it was at this look, as far as size and time tell.
    pub fn still(&self) -> bool {
        Self::at(&self.path).is_ok_and(|now| now == *self)
    }

    /// What of the image differs from `recorded`, for people; `None` if it is the same. The
    /// descriptors are read only where size and time do not tell.
    ///
    /// # Errors
    /// As [`Image::open`] and [`Image::descriptors`].
    pub fn change(&self, recorded: &record::Image) -> Result<Option<&'static str>> {
        if self.size != recorded.size {
            return Ok(Some("its size has changed"));
        }
        if self.mtime.rfc3339() != recorded.mtime {
            return Ok(Some("it has been written to"));
        }
        let Some(descriptors) = &recorded.descriptors else { return Ok(None) };
        let differ = Image::open(&self.path)?.descriptors()?.to_hex().as_str() != descriptors;
        Ok(differ.then_some("it holds another volume"))
    }
}

impl Standing {
    /// Of the image that `recorded` tells of.
    pub fn of(recorded: &record::Image) -> Self {
        match Look::at(&recorded.path()).and_then(|look| look.change(recorded)) {
            Ok(None) => Self::Ok,
            Ok(Some(_)) => Self::Changed,
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Self::Missing
            }
            // What is no file any more was one.
            Err(Error::NotAnImage { .. }) => Self::Changed,
            Err(_) => Self::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::time::{Duration, UNIX_EPOCH};

    /// An image of 64 KiB with an old time, and its record.
    fn image(dir: &Path) -> (PathBuf, record::Image) {
        let path = dir.join("a.iso");
        fs::write(&path, [7; 65_536]).expect("written");
        age(&path);
        let look = Look::at(&path).expect("readable");
        let descriptors = Image::open(&path).expect("open").descriptors().expect("readable");
        let image = record::Image::new(&path, look.size, look.mtime, "A", Some(descriptors));
        (path, image)
    }

    fn age(path: &Path) {
        let file = File::options().write(true).open(path).expect("open");
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1_463_000_000)).expect("set");
    }

    #[test]
    fn an_image_stands_by_size_time_and_descriptors() {
        let dir = tempfile::tempdir().expect("a directory");
        let (path, recorded) = image(dir.path());
        assert_eq!(Standing::of(&recorded), Standing::Ok);
        fs::write(&path, [8; 65_536]).expect("written");
        assert_eq!(Standing::of(&recorded), Standing::Changed, "the time");
        age(&path);
        assert_eq!(Standing::of(&recorded), Standing::Changed, "the descriptors");
        let mut old = recorded.clone();
        old.descriptors = None;
        assert_eq!(Standing::of(&old), Standing::Ok, "an old record has none");
        fs::write(&path, [7; 65_537]).expect("written");
        age(&path);
        assert_eq!(Standing::of(&recorded), Standing::Changed, "the size");
        fs::remove_file(&path).expect("removed");
        assert_eq!(Standing::of(&recorded), Standing::Missing);
        fs::create_dir(&path).expect("made");
        assert_eq!(Standing::of(&recorded), Standing::Changed, "a directory");
    }

    #[test]
    fn another_inode_is_no_change() {
        let dir = tempfile::tempdir().expect("a directory");
        let (path, recorded) = image(dir.path());
        let other = dir.path().join("other");
        fs::copy(&path, &other).expect("copied");
        age(&other);
        let look = Look::at(&path).expect("readable");
        fs::rename(&other, &path).expect("renamed");
        assert_eq!(Standing::of(&recorded), Standing::Ok);
        assert!(look.still());
    }

    #[test]
    fn a_look_tells_a_file_that_grows() {
        let dir = tempfile::tempdir().expect("a directory");
        let (path, _) = image(dir.path());
        let look = Look::at(&path).expect("readable");
        fs::write(&path, [7; 65_540]).expect("written");
        age(&path);
        assert!(!look.still());
        fs::remove_file(&path).expect("removed");
        assert!(!look.still());
    }
}
