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

/// Does `work` and, on a thread of its own, `other`, both with a monitor to ask whether to go on; when
/// the work is done, `other` is called on up to `more` further threads, to take its share of what is
/// left. `total` is how many bytes all of `other` reads.
///
/// # Errors
/// The one that came first.
pub(super) fn alongside<T>(
    monitor: &dyn Monitor,
    total: u64,
    more: usize,
    other: impl Fn(&Halt<'_>) -> Result<()> + Sync,
    work: impl FnOnce(&dyn Monitor) -> Result<T>,
) -> Result<T> {
    let halt = &Halt {
        monitor,
        failed: AtomicBool::new(false),
        waiting: AtomicBool::new(false),
        read: AtomicU64::new(0),
    };
    let other = &other;
    std::thread::scope(|scope| {
        let begin = || {
            let thread = std::thread::Builder::new().name("pxe-sums".into());
            thread.spawn_scoped(scope, move || halt.watch(other(halt)))
        };
        let first = begin().map_err(|e| Error::io("start a thread for", "the checksums", e))?;
        let done = halt.watch(work(halt));
        let mut others = vec![first];
        if done.is_ok() && others.iter().any(|other| !other.is_finished()) {
            halt.waiting.store(true, Ordering::Relaxed);
            monitor.start("checking sums", total.saturating_sub(halt.read.load(Ordering::Relaxed)));
            // One that cannot be started is not missed: the first does it all.
            others.extend((0..more).map_while(|_| begin().ok()));
        }
        let ends: Vec<_> = others
            .into_iter()
            .map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect();
        if halt.waiting.load(Ordering::Relaxed) {
            monitor.finish();
        }
        // Those that were only stopped have nothing to tell.
        let mut ends: Vec<Error> = ends.into_iter().filter_map(Result::err).collect();
        ends.sort_by_key(|error| matches!(error, Error::Interrupted(NO_SIGNAL)));
        match (done, ends.into_iter().next()) {
            (Ok(done), None) => Ok(done),
            (Err(Error::Interrupted(NO_SIGNAL)) | Ok(_), Some(error)) => Err(error),
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
        let error = alongside(&Void, 0, 1, |_| fail("sums"), until_stopped).expect_err("fails");
        assert_eq!(error.to_string(), "sums");
        let other = |halt: &Halt<'_>| until_stopped(halt);
        let error = alongside(&Void, 0, 1, other, |_| fail("copy")).expect_err("fails");
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
        let error = alongside(&Signal, 0, 1, other, until_stopped).expect_err("stopped");
        assert!(matches!(error, Error::Interrupted(15)), "{error}");
    }

    #[test]
    fn what_is_left_when_the_work_is_done_is_shared_among_more_threads() {
        let calls = AtomicU64::new(0);
        // Goes on until three are at it.
        let other = |_: &Halt<'_>| {
            calls.fetch_add(1, Ordering::Relaxed);
            while calls.load(Ordering::Relaxed) < 3 {
                std::thread::yield_now();
            }
            Ok(())
        };
        alongside(&Void, 0, 2, other, |_| Ok(())).expect("all succeed");
        assert_eq!(calls.into_inner(), 3);
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
        assert_eq!(alongside(&Void, 1, 0, other, |_| Ok(7)).expect("both succeed"), 7);
        assert!(finished.load(Ordering::Relaxed));
    }
}
