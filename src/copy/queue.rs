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
}

/// A large file, open while its pieces are being copied.
pub(super) struct Split<'r> {
    pub(super) id: PlanId,
    pub(super) file: File,
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
    plan: &'r Plan<'r>,
    jobs: std::vec::IntoIter<Job>,
    bytes: u64,
    piece: u64,
    open: Option<(Arc<Split<'r>>, u64)>,
}

impl<'r> Queue<'r> {
    /// All files of `plan`; those above `piece` bytes in pieces of that.
    pub(super) fn new(plan: &'r Plan<'r>, piece: u64) -> Self {
        let mut jobs: Vec<_> = files(plan).map(|id| job(plan, id)).collect();
        jobs.sort_unstable();
        let bytes = jobs.iter().fold(0_u64, |sum, job| sum.saturating_add(plan.size(job.id)));
        Self { plan, jobs: jobs.into_iter(), bytes, piece, open: None }
    }

    /// How many files there are still to begin.
    pub(super) fn files(&self) -> u64 {
        self.jobs.len() as u64
    }

    /// Size of all files in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next task; `open` opens a large file, once.
    pub(super) fn next(
        &mut self,
        open: impl FnOnce(PlanId, u64) -> Result<Split<'r>>,
    ) -> Result<Option<Task<'r>>> {
        let (split, index) = match self.open.take() {
            Some(open) => open,
            None => {
                let Some(Job { id, .. }) = self.jobs.next() else { return Ok(None) };
                let pieces = self.plan.size(id).div_ceil(self.piece);
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

fn job(plan: &Plan<'_>, id: PlanId) -> Job {
    let (disc, offset) = match plan.item(id) {
        Item::File(Content::Node { disc, node }) => {
            let tree = plan.discs().get(*disc).map(|disc| &disc.tree);
            let first = tree.and_then(|tree| tree.extents(*node).find_map(|e| e.offset));
            (*disc, first.unwrap_or(0))
        }
        Item::File(Content::Image { disc }) => (*disc, 0),
        _ => (usize::MAX, 0),
    };
    Job { disc, offset, id }
}
