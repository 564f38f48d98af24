//! Write-back that begins while a copy goes on, so that the sync at its end finds little left.
//!
//! A thread of its own syncs the filesystem each time so many bytes more have been written, and is
//! no faster than the disk: the copy never waits for it. An error that it is told is told nobody
//! else afterwards (`syncfs(2)`), so it is the copy's.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, Thread};

use crate::dir::Dir;

/// Bytes that are written between two beginnings.
const STEP: u64 = 64 << 20;

/// How much has been written, and the thread that is told of it.
pub(super) struct WriteBack<'w> {
    dir: &'w Dir,
    written: AtomicU64,
    thread: OnceLock<Thread>,
    done: AtomicBool,
}

impl<'w> WriteBack<'w> {
    /// Of the filesystem that `dir` is on.
    pub(super) fn new(dir: &'w Dir) -> Self {
        let (written, thread, done) = Default::default();
        Self { dir, written, thread, done }
    }

    /// Does `work` and, beside it, what was asked for meanwhile; an error of the latter goes to
    /// `fail` at once.
    pub(super) fn beside<T>(
        &self,
        fail: impl FnOnce(io::Error) + Send,
        work: impl FnOnce() -> T,
    ) -> T {
        thread::scope(|scope| {
            let syncs = || self.sync().unwrap_or_else(fail);
            let syncing =
                thread::Builder::new().name("pxe-sync".to_owned()).spawn_scoped(scope, syncs);
            // Without another thread all is left to the sync at the end.
            let Ok(syncing) = syncing else { return work() };
            let _ = self.thread.set(syncing.thread().clone());
            // After a panic of the work as well: the scope waits for its thread.
            let _end = End(self);
            work()
        })
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    fn sync(&self) -> io::Result<()> {
        loop {
            thread::park();
            if self.done.load(Ordering::Acquire) {
                return Ok(());
            }
            rustix::fs::syncfs(self.dir)?;
        }
    }

    /// Notes that `bytes` more have been written.
    pub(super) fn wrote(&self, bytes: u64) {
        let before = self.written.fetch_add(bytes, Ordering::Relaxed);
        if before / STEP != before.saturating_add(bytes) / STEP {
            self.wake();
        }
    }
}

/// Ends the thread when it goes.
struct End<'e>(&'e WriteBack<'e>);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.done.store(true, Ordering::Release);
        self.0.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_is_done_and_its_result_returned() {
        let top = tempfile::tempdir().expect("a directory");
        let dir = Dir::open(top.path()).expect("open");
        let write_back = WriteBack::new(&dir);
        let done = write_back.beside(
            |e| panic!("{e}"),
            || {
                (0..10).for_each(|_| write_back.wrote(STEP / 2));
                7
            },
        );
        assert_eq!(done, 7);
    }

    #[test]
    fn a_panic_of_the_work_ends_the_thread() {
        let top = tempfile::tempdir().expect("a directory");
        let dir = Dir::open(top.path()).expect("open");
        let panics = || WriteBack::new(&dir).beside(drop, || panic!("as it must"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
    }

    #[test]
    fn an_error_is_told_while_the_work_goes_on() {
        let top = tempfile::tempdir().expect("a directory");
        // A descriptor for a path alone cannot be synced.
        let flags = rustix::fs::OFlags::PATH;
        let fd = rustix::fs::open(top.path(), flags, rustix::fs::Mode::empty()).expect("open");
        let dir = Dir::from_fd(fd);
        let write_back = WriteBack::new(&dir);
        let (tell, told) = std::sync::mpsc::channel();
        let error = write_back.beside(
            move |e| tell.send(e).expect("there is who asks"),
            || {
                write_back.wrote(STEP);
                told.recv().expect("told")
            },
        );
        assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::BADF.raw_os_error()));
    }
}
