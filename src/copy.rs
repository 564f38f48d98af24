//! From a [`Plan`] to files on disk, on all cores.
//!
//! Files are taken in the order of their bytes on the discs, large ones in pieces, so that every
//! thread has work to the end and a slow disc is read forwards. Without hashes the kernel copies;
//! with them the bytes pass through one buffer a thread, and are hashed there. Holes stay holes.
//! What an older tree holds already can be found first ([`examine`]) and is taken over then.
//!
//! Nothing here makes a half tree invisible or durable: that is [`crate::publish`]'s business.

mod direct;
mod kernel;
mod output;
mod queue;
mod reuse;
pub(crate) mod subtrees;
mod sums;
mod takeover;
mod watch;
mod worker;
mod write_back;

#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::content::Content;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::plan::{Item, Plan, PlanId};

pub use reuse::{Old, OldFile, Reuse};

use output::Output;
use queue::{Queue, Split};
pub use sums::{Check, Sums};
use watch::Watch;
use worker::Worker;
use write_back::WriteBack;

/// Files above this many bytes are copied in pieces of it. A power of two, so that each piece is a
/// subtree of the file's BLAKE3 hash; a multiple of every block size, so that each can be cloned.
const PIECE: u64 = 64 << 20;

/// How to copy.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// Threads; `None` for one a core.
    pub jobs: Option<NonZeroUsize>,
    /// Whether to hash what is copied, in the same pass.
    pub hash: bool,
    /// What need not be written.
    pub reuse: Option<&'o Reuse<'o>>,
    /// What files must hash to. A file that is copied in pieces is not checked here, and without
    /// hashes none is: see [`Sums::unchecked`].
    pub sums: Option<&'o Sums>,
    /// Whether a whole image becomes another name of the image's own file instead of a copy. Its mode
    /// and mtime stay as they are.
    pub link_images: bool,
    /// Whether what is written will be synced at once ([`crate::publish::Durability::Synced`]): it
    /// goes to the disk meanwhile then.
    pub synced: bool,
}

/// Whether a file of `size` bytes is copied in pieces, so that its bytes pass out of order.
pub(crate) fn is_split(size: u64) -> bool {
    size > PIECE
}

/// What has been written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    /// Regular files.
    pub files: u64,
    /// Directories, the top included.
    pub dirs: u64,
    /// Symbolic links.
    pub links: u64,
    /// Bytes of the files, holes included.
    pub bytes: u64,
    /// Of these, bytes of files that were taken over from an older tree.
    pub reused: u64,
    /// Of these, bytes of images that were linked to.
    pub linked: u64,
    /// Bytes that were read from the images, those of [`examine`] included.
    pub read: u64,
    /// The hash of each file by [`PlanId::index`]; `None` for what is no file. Empty where no
    /// hashes were asked for.
    pub hashes: Vec<Option<blake3::Hash>>,
}

/// Writes what `plan` says to `top`: a directory, or one file where the plan is one
/// ([`Plan::single`]). There must be nothing at `top`, or, for a directory, an empty one; its
/// parent must exist. Modes and mtimes are the plan's, whatever the umask; a directory's are set
/// after all that is in it is there.
///
/// On an error, what has been written so far is left for the caller to remove (see
/// [`crate::publish::Staging`]).
///
/// # Errors
/// [`Error::Io`] with the image or the output file at fault; [`Error::Corrupt`] for an image that
/// ends too early, or a file that is not what [`Options::sums`] says; [`Error::Conflict`] if `top` is there already, or an image has changed while it
/// was read; [`Error::Interrupted`] as soon as the monitor wants the work to stop.
pub fn write(
    plan: &Plan<'_>,
    top: &Path,
    options: Options<'_>,
    monitor: &dyn Monitor,
) -> Result<Copied> {
    let above = top.parent().unwrap_or(Path::new("."));
    let direct = options.synced && direct::is_worthwhile(above);
    write_pieces(plan, top, options, (PIECE, direct), monitor)
}

/// As [`write()`], with the size of a piece, and whether large files go past the page cache.
fn write_pieces(
    plan: &Plan<'_>,
    top: &Path,
    options: Options<'_>,
    (piece, direct): (u64, bool),
    monitor: &dyn Monitor,
) -> Result<Copied> {
    monitor.check()?;
    let watch = Watch::new(plan.discs());
    let output = Output::create(plan, top)?;
    let mut copied = output.make_dirs(monitor)?;
    let reused = |id| options.reuse.is_some_and(|reuse| reuse.has(id));
    let queue = Queue::new(plan, piece, |_| true, reused);
    copied.files = queue.files();
    let todo = queue.bytes(plan, |id| !reused(id));
    copied.bytes = queue.bytes(plan, |_| true);
    let write_back = options.synced.then(|| WriteBack::new(output.dir()));
    let run = Run {
        output: Some(&output),
        direct,
        write_back: write_back.as_ref(),
        ..Run::new(plan, options, piece, queue, monitor)
    };
    let work = || run.start("copying", todo, options.jobs);
    let done = match &write_back {
        Some(write_back) => write_back
            .beside(|e| run.fail(Error::io("sync", top, e)), work)
            .and_then(|()| run.failed()),
        None => work(),
    };
    done.map_err(|error| watch.explain(error))?;
    watch.verify()?;
    copied.links = output.make_links(monitor)?;
    output.finish_dirs(monitor)?;
    copied.reused = run.reused.into_inner();
    copied.linked = run.linked.into_inner();
    let before = options.reuse.map_or(0, |reuse| reuse.read);
    copied.read = run.read.into_inner().saturating_add(before);
    copied.hashes = run.hashes.into_iter().map(OnceLock::into_inner).collect();
    Ok(copied)
}

/// Finds what of `plan` the older tree holds: reads and hashes every file that has the size of one
/// there, and writes nothing. What has to have a sum ([`Options::sums`]) is checked here, too.
///
/// # Errors
/// As [`write()`], as far as reading goes.
pub fn examine<'o>(
    plan: &Plan<'_>,
    old: &'o Old,
    options: Options<'_>,
    monitor: &dyn Monitor,
) -> Result<Reuse<'o>> {
    examine_pieces(plan, old, options, PIECE, monitor)
}

fn examine_pieces<'o>(
    plan: &Plan<'_>,
    old: &'o Old,
    options: Options<'_>,
    piece: u64,
    monitor: &dyn Monitor,
) -> Result<Reuse<'o>> {
    monitor.check()?;
    let watch = Watch::new(plan.discs());
    let queue = Queue::new(plan, piece, |id| reuse::may_be_in(old, plan, id), |_| false);
    let todo = queue.bytes(plan, |_| true);
    let only_read = Options { hash: true, reuse: None, ..options };
    let run = Run::new(plan, only_read, piece, queue, monitor);
    run.start("comparing with the old tree", todo, options.jobs)
        .map_err(|error| watch.explain(error))?;
    watch.verify()?;
    let hashes = run.hashes.into_iter().map(OnceLock::into_inner).collect();
    Ok(Reuse { old, hashes, read: run.read.into_inner() })
}

/// What the threads of one copy share.
struct Run<'r> {
    plan: &'r Plan<'r>,
    /// `None` where files are only read.
    output: Option<&'r Output<'r>>,
    hash: bool,
    reuse: Option<&'r Reuse<'r>>,
    sums: Option<&'r Sums>,
    /// Size of a piece of a large file in bytes.
    piece: u64,
    monitor: &'r dyn Monitor,
    queue: Queue,
    /// The large files of which not all pieces are copied: asked once a piece.
    open: Mutex<Vec<Arc<Split<'r>>>>,
    hashes: Vec<OnceLock<blake3::Hash>>,
    write_back: Option<&'r WriteBack<'r>>,
    /// Whether large files go past the page cache.
    direct: bool,
    link_images: bool,
    reused: AtomicU64,
    linked: AtomicU64,
    read: AtomicU64,
    stopped: AtomicBool,
    failure: Mutex<Option<Error>>,
}

impl<'r> Run<'r> {
    /// One that only reads.
    fn new(
        plan: &'r Plan<'r>,
        options: Options<'r>,
        piece: u64,
        queue: Queue,
        monitor: &'r dyn Monitor,
    ) -> Self {
        let hashes = if options.hash { plan.len() } else { 0 };
        Self {
            plan,
            output: None,
            hash: options.hash,
            reuse: options.reuse,
            sums: options.sums,
            piece,
            monitor,
            queue,
            open: Mutex::default(),
            hashes: std::iter::repeat_with(OnceLock::new).take(hashes).collect(),
            write_back: None,
            direct: false,
            link_images: options.link_images,
            reused: AtomicU64::new(0),
            linked: AtomicU64::new(0),
            read: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    /// The path of a node, for messages.
    fn path(&self, id: PlanId) -> PathBuf {
        match self.output {
            Some(output) => output.path(id),
            None => OsStr::from_bytes(&self.plan.path(id)).into(),
        }
    }

    /// Works through the queue, as a stage of its own if there are bytes to read.
    fn start(&self, stage: &str, todo: u64, jobs: Option<NonZeroUsize>) -> Result<()> {
        let pool = crate::threads::pool(jobs)?;
        if todo > 0 {
            self.monitor.start(stage, todo);
        }
        pool.broadcast(|_| {
            if let Err(error) = Worker::new(self).run() {
                self.fail(error);
            }
        });
        if todo > 0 {
            self.monitor.finish();
        }
        self.failed()
    }

    /// The first error, once.
    fn failed(&self) -> Result<()> {
        lock(&self.failure).take().map_or(Ok(()), Err)
    }

    /// Stops all threads; the first error is the one that is told.
    fn fail(&self, error: Error) {
        lock(&self.failure).get_or_insert(error);
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether to go on, asked between buffers.
    fn go_on(&self) -> Result<bool> {
        self.monitor.check()?;
        Ok(!self.stopped.load(Ordering::Relaxed))
    }

    /// Whether a file is to be a hard link to an image.
    fn links(&self, id: PlanId) -> bool {
        self.link_images && is_image(self.plan, id)
    }

    fn set_hash(&self, id: PlanId, hash: blake3::Hash) {
        if let Some(place) = self.hashes.get(id.index()) {
            let _ = place.set(hash);
        }
    }
}

/// Whether a file of the plan is a whole image.
pub(crate) fn is_image(plan: &Plan<'_>, id: PlanId) -> bool {
    matches!(plan.item(id), Item::File(Content::Image { .. }))
}

/// A thread that panicked ends the whole copy; what it held is not used again.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The files of a plan, the top of a plan of one file included.
fn files<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = PlanId> + 'p {
    std::iter::once(PlanId::ROOT)
        .chain(plan.iter())
        .filter(|&id| matches!(plan.item(id), Item::File(_)))
}
