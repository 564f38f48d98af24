//! The sums of a whole image, all of them in one pass.

use std::ops::Range;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::media::Image;
use crate::sum::{Hasher, Sum};

/// Bytes that are read at a time: few enough to be in a core's own cache when they are hashed.
const BUFFER: u64 = 256 << 10;

/// What an image must hash to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    /// Index of the disc.
    pub disc: usize,
    pub sum: Sum,
    pub by: By,
}

/// Who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By {
    /// `--sha256`.
    Option,
    /// A list of `--checksums`.
    List(PathBuf),
    /// `implantisomd5`: the sum is of the bytes before `end`, those of `blank` taken as blanks.
    Implant { end: u64, blank: Range<u64> },
}

/// Reads `image` from its first byte on and checks it. False if `go_on`, which is told of each
/// buffer's bytes, wants no more.
///
/// # Errors
/// [`Error::Conflict`] or [`Error::Corrupt`] with both sums where one is not as it must be;
/// [`Error::Io`].
pub(super) fn check(
    image: &Image,
    checks: &[&Check],
    go_on: &dyn Fn(u64) -> Result<bool>,
) -> Result<bool> {
    let mut open: Vec<_> =
        checks.iter().map(|&check| (check, Hasher::new(check.sum.algorithm()))).collect();
    let end = checks.iter().map(|check| check.end(image)).max().unwrap_or(0);
    let mut buffer = vec![0; usize::try_from(BUFFER.min(end)).unwrap_or(0)];
    let mut at = 0;
    while at < end {
        let len = (end - at).min(BUFFER);
        let bytes = &mut buffer[..usize::try_from(len).unwrap_or(0)];
        image.read_exact_at(at, bytes)?;
        for (check, hasher) in &mut open {
            feed(hasher, at, bytes, check.end(image), &check.blank());
        }
        at += len;
        if !go_on(len)? {
            return Ok(false);
        }
    }
    for (check, hasher) in open {
        let found = hasher.finish();
        if found != check.sum {
            return Err(check.error(image, found));
        }
    }
    Ok(true)
}

/// Hashes the bytes at `at`, as far as they lie before `end`, blanks in place of those in `blank`.
fn feed(hasher: &mut Hasher, at: u64, bytes: &[u8], end: u64, blank: &Range<u64>) {
    /// As many as the field has.
    const BLANKS: [u8; 512] = [b' '; 512];
    let place = |offset: u64| {
        let within = usize::try_from(offset.saturating_sub(at)).unwrap_or(usize::MAX);
        within.min(bytes.len())
    };
    let (start, stop, end) = (place(blank.start), place(blank.end), place(end));
    let part = |range: Range<usize>| bytes.get(range.start..range.end.min(end)).unwrap_or_default();
    hasher.update(part(0..start));
    let blanks = part(start..stop.max(start)).len();
    hasher.update(&BLANKS[..blanks.min(BLANKS.len())]);
    hasher.update(part(stop.max(start)..bytes.len()));
}

impl Check {
    /// How many bytes of the image it is about.
    pub(super) fn end(&self, image: &Image) -> u64 {
        match &self.by {
            By::Implant { end, .. } => *end,
            By::Option | By::List(_) => image.size(),
        }
    }

    fn blank(&self) -> Range<u64> {
        match &self.by {
            By::Implant { blank, .. } => blank.clone(),
            By::Option | By::List(_) => 0..0,
        }
    }

    fn error(&self, image: &Image, found: Sum) -> Error {
        let (algorithm, wanted) = (found.algorithm(), self.sum);
        match &self.by {
            By::Option => {
                let what = format!(
                    "its {algorithm} is {found}, and --sha256 says {wanted}: it is damaged or another \
                     image, fetch it again; nothing was published"
                );
                Error::conflict(image.path(), what)
            }
            By::List(list) => {
                let what = format!(
                    "its {algorithm} is {found}, and {} says {wanted}: it is damaged or another \
                     image, fetch it again; nothing was published",
                    list.display()
                );
                Error::conflict(image.path(), what)
            }
            By::Implant { blank, .. } => {
                let what = format!(
                    "the image's {algorithm} is {found}, and the one implanted here by its maker is \
                     {wanted}: the download is damaged, fetch it again, or import it as it is with \
                     --no-media-check; nothing was published"
                );
                image.corrupt(blank.start, what)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sum::Algorithm;

    fn of(bytes: &[u8]) -> Sum {
        let mut hasher = Hasher::new(Algorithm::Md5);
        hasher.update(bytes);
        hasher.finish()
    }

    #[test]
    fn blanks_and_end_are_the_same_however_the_bytes_are_cut() {
        let bytes: Vec<u8> = (0..1500_u32).map(|i| (i % 251) as u8).collect();
        for (blank, end) in [(300..812_u64, 1400_u64), (0..512, 1500), (900..1412, 1412), (0..0, 0)]
        {
            let mut wanted = bytes.clone();
            wanted[blank.start as usize..blank.end as usize].fill(b' ');
            wanted.truncate(end as usize);
            for piece in [1, 7, 299, 300, 301, 512, 1000, 1500] {
                let mut hasher = Hasher::new(Algorithm::Md5);
                for (index, part) in bytes.chunks(piece).enumerate() {
                    feed(&mut hasher, (index * piece) as u64, part, end, &blank);
                }
                assert_eq!(hasher.finish(), of(&wanted), "{blank:?} {end} {piece}");
            }
        }
    }

    #[test]
    fn all_sums_of_an_image_are_checked_in_one_pass() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 253) as u8).collect();
        let image = Image::new("x.iso", bytes.clone());
        let right = Check { disc: 0, sum: of(&bytes), by: By::List("S".into()) };
        let by = By::Implant { end: 2_000_000, blank: 0..0 };
        let part = Check { disc: 0, sum: of(&bytes[..2_000_000]), by: by.clone() };
        let read = std::cell::Cell::new(0);
        let go_on = |n| {
            read.set(read.get() + n);
            Ok(true)
        };
        assert!(check(&image, &[&right, &part], &go_on).expect("both hold"));
        assert_eq!(read.get(), 3_000_000);
        let wrong = Check { by, ..right.clone() };
        let error = check(&image, &[&right, &wrong], &go_on).expect_err("one is wrong");
        assert_eq!(error.kind(), "corrupt");
        assert!(!check(&image, &[&wrong], &|_| Ok(false)).expect("stopped before the end"));
    }
}
