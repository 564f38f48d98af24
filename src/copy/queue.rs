//! What is to be copied, in the order of the bytes on the discs.

use std::fs::File;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::files;
use super::subtrees::Subtrees;
use crate::content::{Content, Reader};
use crate::plan::{Item, Plan, PlanId};

/// A file to copy.
struct Job {
    id: PlanId,
    /// In how many pieces, at least one.
    pieces: u64,
    /// How many pieces of other files come before it.
    first: u64,
}

/// A large file, open while its pieces are being copied.
pub(super) struct Split<'r> {
    pub(super) id: PlanId,
    /// `None` where it is only read.
    pub(super) file: Option<File>,
    pub(super) reader: Reader<'r>,
    /// Whether the file shares the image's bytes already.
    pub(super) cloned: bool,
    /// Whether its bytes go past the page cache.
    pub(super) direct: bool,
    /// How many of its pieces are not copied yet.
    pub(super) left: AtomicU64,
    pub(super) subtrees: Mutex<Subtrees>,
}

/// The next thing to do.
pub(super) enum Task {
    /// A whole file.
    File(PlanId),
    /// A piece of a large file.
    Piece {
        /// The file.
        id: PlanId,
        /// Which piece.
        index: u64,
        /// How many there are.
        pieces: u64,
    },
}

/// Hands out [`Task`]s, each of them once, without a lock. The pieces of a file follow each other,
/// so that no more large files are begun at a time than there are threads, and one.
pub(super) struct Queue {
    jobs: Vec<Job>,
    /// How many pieces have been handed out.
    next: AtomicU64,
}

impl Queue {
    /// The files of `plan` that are `wanted`; those above `piece` bytes in pieces of that, but for
    /// those that are to stay `whole`.
    pub(super) fn new(
        plan: &Plan<'_>,
        piece: u64,
        wanted: impl Fn(PlanId) -> bool,
        whole: impl Fn(PlanId) -> bool,
    ) -> Self {
        let pieces = |id| if whole(id) { 1 } else { plan.size(id).div_ceil(piece).max(1) };
        let wanted = files(plan).filter(|&id| wanted(id));
        let mut places: Vec<_> = wanted.map(|id| (place(plan, id), id)).collect();
        places.sort_unstable();
        let jobs = places.into_iter().scan(0_u64, |first, (_, id)| {
            let job = Job { id, pieces: pieces(id), first: *first };
            *first = first.saturating_add(job.pieces);
            Some(job)
        });
        Self { jobs: jobs.collect(), next: AtomicU64::new(0) }
    }

    /// How many files there are.
    pub(super) fn files(&self) -> u64 {
        self.jobs.len() as u64
    }

    /// Size in bytes of the files that are `wanted`.
    pub(super) fn bytes(&self, plan: &Plan<'_>, wanted: impl Fn(PlanId) -> bool) -> u64 {
        let jobs = self.jobs.iter().filter(|job| wanted(job.id));
        jobs.fold(0, |sum, job| sum.saturating_add(plan.size(job.id)))
    }

    /// The next task, for whichever thread asks.
    pub(super) fn next(&self) -> Option<Task> {
        let ticket = self.next.fetch_add(1, Ordering::Relaxed);
        let after = self.jobs.partition_point(|job| job.first <= ticket);
        let &Job { id, pieces, first } = self.jobs.get(after.checked_sub(1)?)?;
        let index = ticket - first;
        match pieces {
            _ if index >= pieces => None,
            1 => Some(Task::File(id)),
            _ => Some(Task::Piece { id, index, pieces }),
        }
    }
}

/// Where the bytes of a file begin: disc and byte. What is not on a disc comes last.
fn place(plan: &Plan<'_>, id: PlanId) -> (usize, u64) {
    match plan.item(id) {
        Item::File(Content::Node { disc, node }) => {
            let tree = plan.discs().get(*disc).map(|disc| &disc.tree);
            let first = tree.and_then(|tree| tree.extents(*node).find_map(|e| e.offset));
            (*disc, first.unwrap_or(0))
        }
        Item::File(Content::Image { disc } | Content::Archived { disc, .. }) => (*disc, 0),
        _ => (usize::MAX, 0),
    }
}
