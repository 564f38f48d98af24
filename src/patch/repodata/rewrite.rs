//! A `primary.xml` from the disc to the plan, through unpacking, mending, summing and packing.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read};

use sha2::digest::DynDigest;

use super::primary::Mended;
use super::{is_media, pack};
use crate::content::{Content, Reader};
use crate::error::Error;
use crate::metadata::checksum::{Kind, hex};
use crate::metadata::packed::{Budget, Packing, unpack};
use crate::metadata::primary::Packages;
use crate::monitor::Monitor;
use crate::plan::Plan;

/// Bytes that are read of the image at a time.
const CHUNK: usize = 1 << 17;

/// Whether a place is given as `media://`; what comes after the first such is not read.
pub(super) fn says_media_in(
    stream: Stream<'_>,
    budget: &Budget,
    monitor: &dyn Monitor,
) -> io::Result<bool> {
    let input = unpack(BufReader::with_capacity(CHUNK, stream), budget, monitor)?;
    let mut packages = Packages::new(input);
    while let Some(package) = packages.next().map_err(io::Error::other)? {
        if package.base.as_deref().is_some_and(is_media) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A `primary.xml` without `media://`.
pub(super) struct Rewritten {
    pub(super) packed: Vec<u8>,
    pub(super) open_sum: String,
    pub(super) open_size: u64,
    pub(super) places: u64,
    pub(super) missing: u64,
    pub(super) discs: BTreeSet<u32>,
}

/// Rewrites it with the packing that it has; `kind` is that of the sum before packing.
pub(super) fn rewrite(
    stream: Stream<'_>,
    kind: Kind,
    is_there: impl Fn(&str) -> bool,
    (budget, monitor): (&Budget, &dyn Monitor),
) -> io::Result<Rewritten> {
    let mut input = BufReader::with_capacity(CHUNK, stream);
    let packing = Packing::of(input.fill_buf()?);
    let mut summed = Summed {
        input: Mended::new(unpack(input, budget, monitor)?, is_there),
        hasher: kind.hasher(),
        size: 0,
    };
    let packed = pack::pack(packing, &mut summed)?;
    let Summed { input, hasher, size } = summed;
    let open_sum = hex(&hasher.finalize());
    let Mended { places, missing, discs, .. } = input;
    Ok(Rewritten { packed, open_sum, open_size: size, places, missing, discs })
}

/// Sums what is read.
struct Summed<R> {
    input: R,
    hasher: Box<dyn DynDigest>,
    size: u64,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buf)?;
        self.hasher.update(buf.get(..n).unwrap_or_default());
        self.size = self.size.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
        Ok(n)
    }
}

/// A file of a plan from its beginning to its end.
pub(super) struct Stream<'a> {
    reader: Reader<'a>,
    at: u64,
}

impl<'a> Stream<'a> {
    pub(super) fn open(content: &'a Content, plan: &'a Plan<'_>) -> io::Result<Self> {
        let reader = content.reader(plan.discs()).map_err(of_image)?;
        Ok(Self { reader, at: 0 })
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read_at(self.at, buf).map_err(of_image)?;
        self.at = self.at.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
        Ok(n)
    }
}

fn of_image(error: Error) -> io::Error {
    io::Error::other(error.chain())
}
