//! What is to be copied, in the order of the bytes on the discs.

use std::fs::File;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use super::files;
use super::subtrees::Subtrees;
use crate::content::{Content, Reader};
use crate::error::Result;
use crate::plan::{Item, Plan, PlanId};

/// A file to copy. The derived order is that of the discs' bytes; what is not on a disc comes
/// last.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Job {
    disc: usize,
    offset: u64,
    id: PlanId,
    size: u64,
    pieces: u64,
}

/// A large file, open while its pieces are being copied.
pub(super) struct Split<'r> {
    pub(super) id: PlanId,
    /// `None` where it is only read.
    pub(super) file: Option<File>,
    pub(super) reader: Reader<'r>,
    /// Whether the file shares the image's bytes already.
    pub(super) cloned: bool,
    /// How many pieces there are.
    pub(super) pieces: u64,
    /// How many of them are not copied yet.
    pub(super) left: AtomicU64,
    pub(super) subtrees: Mutex<Subtrees>,
}

/// The next thing to do.
pub(super) enum Task<'r> {
    /// A whole file.
    File(PlanId),
    /// A piece of a large file, by its index.
    Piece(Arc<Split<'r>>, u64),
}

/// Hands out [`Task`]s. The pieces of a file follow each other, so that no more large files are
/// open at a time than there are threads, and one.
pub(super) struct Queue<'r> {
    jobs: std::vec::IntoIter<Job>,
    open: Option<(Arc<Split<'r>>, u64)>,
}

impl<'r> Queue<'r> {
    /// The files of `plan` that are `wanted`; those above `piece` bytes in pieces of that, but for
    /// those that are to stay `whole`.
    pub(super) fn new(
        plan: &'r Plan<'r>,
        piece: u64,
        wanted: impl Fn(PlanId) -> bool,
        whole: impl Fn(PlanId) -> bool,
    ) -> Self {
        let pieces = |id| if whole(id) { 1 } else { plan.size(id).div_ceil(piece) };
        let wanted = files(plan).filter(|&id| wanted(id));
        let mut jobs: Vec<_> = wanted.map(|id| job(plan, id, pieces(id))).collect();
        jobs.sort_unstable();
        Self { jobs: jobs.into_iter(), open: None }
    }

    /// How many files there are still to begin.
    pub(super) fn files(&self) -> u64 {
        self.jobs.len() as u64
    }

    /// Size in bytes of the files that are still to begin and are `wanted`.
    pub(super) fn bytes(&self, wanted: impl Fn(PlanId) -> bool) -> u64 {
        let jobs = self.jobs.as_slice().iter().filter(|job| wanted(job.id));
        jobs.fold(0, |sum, job| sum.saturating_add(job.size))
    }

    /// The next task; `open` opens a large file, once.
    pub(super) fn next(
        &mut self,
        open: impl FnOnce(PlanId, u64) -> Result<Split<'r>>,
    ) -> Result<Option<Task<'r>>> {
        let (split, index) = match self.open.take() {
            Some(open) => open,
            None => {
                let Some(Job { id, pieces, .. }) = self.jobs.next() else { return Ok(None) };
                if pieces <= 1 {
                    return Ok(Some(Task::File(id)));
                }
                (Arc::new(open(id, pieces)?), 0)
            }
        };
        let next = index + 1;
        if next < split.pieces {
            self.open = Some((Arc::clone(&split), next));
        }
        Ok(Some(Task::Piece(split, index)))
    }
}

fn job(plan: &Plan<'_>, id: PlanId, pieces: u64) -> Job {
    let (disc, offset) = match plan.item(id) {
        Item::File(Content::Node { disc, node }) => {
            let tree = plan.discs().get(*disc).map(|disc| &disc.tree);
            let first = tree.and_then(|tree| tree.extents(*node).find_map(|e| e.offset));
            (*disc, first.unwrap_or(0))
        }
        Item::File(Content::Image { disc } | Content::Archived { disc, .. }) => (*disc, 0),
        _ => (usize::MAX, 0),
    };
    Job { disc, offset, id, size: plan.size(id), pieces }
}
