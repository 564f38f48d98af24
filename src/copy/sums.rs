//! What files must hash to by the lists on their discs, checked wherever their bytes pass by.
//!
//! Such sums can only be computed in order. Whoever has a file's bytes in order feeds them to a
//! [`Check`]; a file that is copied in pieces is read once more by [`Sums::read`]. What nobody has
//! checked is known ([`Sums::unchecked`]), so that nothing is left out by mistake.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::content::Content;
use crate::error::{Error, Result};
use crate::media::printable;
use crate::monitor::{Monitor, Warning};
use crate::plan::{Item, Plan, PlanId};
use crate::sum::{Hasher, Sum};

/// Bytes that are read at a time: few enough to be in a core's own cache when they are hashed.
const BUFFER: usize = 256 << 10;

/// The files of a plan whose sums are known beforehand.
#[derive(Debug, Default)]
pub struct Sums(HashMap<PlanId, Expected>);

#[derive(Debug)]
struct Expected {
    sum: Sum,
    /// The list's name on the disc.
    list: &'static str,
    /// Whether a difference is no damage: the disc's writer changes the file after it was listed.
    lenient: bool,
    checked: AtomicBool,
    held: AtomicBool,
}

/// A file whose bytes are being hashed.
#[derive(Debug)]
pub struct Check<'s> {
    expected: &'s Expected,
    id: PlanId,
    hasher: Hasher,
}

impl Sums {
    /// Adds what `list` (its name on the disc) says of a file.
    pub fn expect(&mut self, id: PlanId, sum: Sum, list: &'static str, lenient: bool) {
        let (checked, held) = Default::default();
        self.0.insert(id, Expected { sum, list, lenient, checked, held });
    }

    /// Whether there is nothing to check.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Begins to hash a file; `None` if no list names it.
    pub fn begin(&self, id: PlanId) -> Option<Check<'_>> {
        let expected = self.0.get(&id)?;
        Some(Check { expected, id, hasher: Hasher::new(expected.sum.algorithm()) })
    }

    /// The files that have not been checked yet, in the plan's order.
    pub fn unchecked(&self) -> Vec<PlanId> {
        let open = |(_, expected): &(_, &Expected)| !expected.checked.load(Ordering::Acquire);
        let mut ids: Vec<_> = self.0.iter().filter(open).map(|(&id, _)| id).collect();
        ids.sort_unstable();
        ids
    }

    /// Reads a file from its disc and checks it. False if `go_on`, which is told of each buffer's
    /// bytes, wants no more.
    ///
    /// # Errors
    /// As [`Check::finish`], and as [`crate::content::Reader::read_at`].
    pub fn read(
        &self,
        plan: &Plan<'_>,
        id: PlanId,
        go_on: &dyn Fn(u64) -> Result<bool>,
        monitor: &dyn Monitor,
    ) -> Result<bool> {
        let (Some(mut check), Item::File(content)) = (self.begin(id), plan.item(id)) else {
            return Ok(true);
        };
        let reader = content.reader(plan.discs())?;
        let len = usize::try_from(reader.len()).unwrap_or(usize::MAX);
        let mut buffer = vec![0; len.min(BUFFER)];
        let mut at = 0;
        while at < reader.len() {
            let n = reader.read_at(at, &mut buffer)?;
            if n == 0 {
                break;
            }
            check.update(&buffer[..n]);
            at += n as u64;
            if !go_on(n as u64)? {
                return Ok(false);
            }
        }
        check.finish(plan, monitor)?;
        Ok(true)
    }

    /// How many files of each list held, by disc and list.
    pub fn held(&self, plan: &Plan<'_>) -> Vec<(usize, &'static str, u64)> {
        let mut counts: HashMap<(usize, &'static str), u64> = HashMap::new();
        for (&id, expected) in &self.0 {
            if let Item::File(Content::Node { disc, .. }) = plan.item(id)
                && expected.held.load(Ordering::Acquire)
            {
                *counts.entry((*disc, expected.list)).or_default() += 1;
            }
        }
        let mut counts: Vec<_> = counts.into_iter().map(|((d, l), n)| (d, l, n)).collect();
        counts.sort_unstable();
        counts
    }
}

/// What a copy computes of a file's bytes as they pass: its own hash, and the sum that a list gives.
#[derive(Debug)]
pub(super) struct Hashers<'s> {
    pub(super) blake3: blake3::Hasher,
    pub(super) sum: Option<Check<'s>>,
}

impl From<blake3::Hasher> for Hashers<'_> {
    fn from(blake3: blake3::Hasher) -> Self {
        Self { blake3, sum: None }
    }
}

impl Hashers<'_> {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.blake3.update(bytes);
        if let Some(sum) = &mut self.sum {
            sum.update(bytes);
        }
    }

    /// The file's hash, once the list has been found to be right.
    pub(super) fn finish(self, plan: &Plan<'_>, monitor: &dyn Monitor) -> Result<blake3::Hash> {
        self.sum.map_or(Ok(()), |sum| sum.finish(plan, monitor))?;
        Ok(self.blake3.finalize())
    }
}

impl Check<'_> {
    /// The next bytes of the file.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    /// Compares, once all bytes have been seen.
    ///
    /// # Errors
    /// [`Error::Corrupt`] at the file's first byte if the sum is another one.
    pub fn finish(self, plan: &Plan<'_>, monitor: &dyn Monitor) -> Result<()> {
        let Self { expected, id, hasher } = self;
        let (list, wanted) = (expected.list, expected.sum);
        let found = hasher.finish();
        let seen = expected.checked.swap(true, Ordering::AcqRel);
        if found == wanted {
            expected.held.store(true, Ordering::Release);
            return Ok(());
        }
        let path = printable(&plan.path(id));
        let algorithm = wanted.algorithm();
        if expected.lenient {
            if !seen {
                let message = format!(
                    "has the {algorithm} {found}, and {list} says {wanted}: what starts a disc is \
                     often changed after it was listed, so this counts as no damage"
                );
                monitor.warn(Warning::new("boot-file-sum", path, message));
            }
            return Ok(());
        }
        let what = format!(
            "{path} has the {algorithm} {found}, and {list} of the disc says {wanted}: the image is \
             damaged, fetch it again; if its own checksum is right, the list is wrong: \
             --no-media-check leaves it out"
        );
        Err(corrupt(plan, id, what))
    }
}

fn corrupt(plan: &Plan<'_>, id: PlanId, what: String) -> Error {
    let place = match plan.item(id) {
        Item::File(Content::Node { disc, node }) => plan.discs().get(*disc).map(|disc| {
            let first = disc.tree.extents(*node).find_map(|extent| extent.offset);
            (&disc.image, first.unwrap_or(0))
        }),
        _ => None,
    };
    match place {
        Some((image, offset)) => image.corrupt(offset, what),
        None => Error::conflict(printable(&plan.path(id)), what),
    }
}
