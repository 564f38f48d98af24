//! The threads that compare and copy.

use std::num::NonZeroUsize;

use crate::error::{Error, Result};

/// A pool of `jobs` threads; of one a core where that is `None`.
///
/// # Errors
/// [`Error::Io`] if the system gives no more threads.
pub(crate) fn pool(jobs: Option<NonZeroUsize>) -> Result<rayon::ThreadPool> {
    let jobs = jobs
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get)
        .min(rayon::max_num_threads());
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .thread_name(|index| format!("pxe-{index}"))
        .build()
        .map_err(|e| Error::io("start threads for", "the copy", std::io::Error::other(e)))
}
