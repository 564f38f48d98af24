//! Two pieces of work at the same time, of which the failure of one ends the other.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::{Error, Result};
use crate::monitor::{Monitor, Warning};

/// A [`Monitor`] that stops the work when the other has failed, and shows how the other goes on once
/// the work is done.
pub(super) struct Halt<'m> {
    monitor: &'m dyn Monitor,
    failed: AtomicBool,
    /// Whether the work is done and the other shows its progress.
    waiting: AtomicBool,
    /// Bytes that the other has read.
    read: AtomicU64,
}

/// The signal that is none: what the work is stopped with.
const NO_SIGNAL: i32 = 0;

/// Does `work` and, on a thread of its own, `other`, both with a monitor to ask whether to go on.
/// `total` is how many bytes `other` reads.
///
/// # Errors
/// The one that came first.
pub(super) fn alongside<T>(
    monitor: &dyn Monitor,
    total: u64,
    other: impl FnOnce(&Halt<'_>) -> Result<()> + Send,
    work: impl FnOnce(&dyn Monitor) -> Result<T>,
) -> Result<T> {
    let halt = &Halt {
        monitor,
        failed: AtomicBool::new(false),
        waiting: AtomicBool::new(false),
        read: AtomicU64::new(0),
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("pxe-sums".into());
        let other = thread
            .spawn_scoped(scope, || halt.watch(other(halt)))
            .map_err(|e| Error::io("start a thread for", "the checksums", e))?;
        let done = halt.watch(work(halt));
        if done.is_ok() && !other.is_finished() {
            halt.waiting.store(true, Ordering::Relaxed);
            monitor.start("checking sums", total.saturating_sub(halt.read.load(Ordering::Relaxed)));
        }
        let checked = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        if halt.waiting.load(Ordering::Relaxed) {
            monitor.finish();
        }
        match (done, checked) {
            (Ok(done), Ok(())) => Ok(done),
            // One of them was only stopped.
            (Err(Error::Interrupted(NO_SIGNAL)), Err(error)) | (Ok(_), Err(error)) => Err(error),
            (Err(error), _) => Err(error),
        }
    })
}

impl Halt<'_> {
    fn watch<T>(&self, done: Result<T>) -> Result<T> {
        done.inspect_err(|_| self.failed.store(true, Ordering::Relaxed))
    }

    /// Tells of bytes that the other has read; whether to go on.
    pub(super) fn read(&self, bytes: u64) -> Result<bool> {
        self.read.fetch_add(bytes, Ordering::Relaxed);
        if self.waiting.load(Ordering::Relaxed) {
            self.monitor.advance(bytes);
        }
        self.check().map(|()| true)
    }
}

impl Monitor for Halt<'_> {
    fn start(&self, stage: &str, total: u64) {
        self.monitor.start(stage, total);
    }
    fn advance(&self, bytes: u64) {
        self.monitor.advance(bytes);
    }
    fn current(&self, path: &str) {
        self.monitor.current(path);
    }
    fn finish(&self) {
        self.monitor.finish();
    }
    fn warn(&self, warning: Warning) {
        self.monitor.warn(warning);
    }
    fn stop(&self) -> Option<i32> {
        let failed = self.failed.load(Ordering::Relaxed).then_some(NO_SIGNAL);
        self.monitor.stop().or(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Void;

    fn until_stopped(monitor: &dyn Monitor) -> Result<()> {
        loop {
            monitor.check()?;
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_failure_of_either_ends_the_other_and_is_the_one_told() {
        fn fail(what: &str) -> Result<()> {
            Err(Error::Usage(what.into()))
        }
        let error = alongside(&Void, 0, |_| fail("sums"), until_stopped).expect_err("fails");
        assert_eq!(error.to_string(), "sums");
        let other = |halt: &Halt<'_>| until_stopped(halt);
        let error = alongside(&Void, 0, other, |_| fail("copy")).expect_err("fails");
        assert_eq!(error.to_string(), "copy");
    }

    #[test]
    fn a_signal_ends_both() {
        struct Signal;
        impl Monitor for Signal {
            fn warn(&self, _: Warning) {}
            fn stop(&self) -> Option<i32> {
                Some(15)
            }
        }
        let other = |halt: &Halt<'_>| until_stopped(halt);
        let error = alongside(&Signal, 0, other, until_stopped).expect_err("stopped");
        assert!(matches!(error, Error::Interrupted(15)), "{error}");
    }

    #[test]
    fn both_are_waited_for() {
        let finished = AtomicBool::new(false);
        let other = |halt: &Halt<'_>| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            halt.read(1)?;
            finished.store(true, Ordering::Relaxed);
            Ok(())
        };
        assert_eq!(alongside(&Void, 1, other, |_| Ok(7)).expect("both succeed"), 7);
        assert!(finished.load(Ordering::Relaxed));
    }
}
