//! One writer a root at a time.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;

use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// How long to sleep between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// What to do while another run holds the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Wait until it is done.
    Yes,
    /// Fail at once (`--no-wait`).
    No,
}

/// The root's lock, held until this goes out of scope or the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    /// Closing it gives the lock back.
    _file: File,
}

impl Lock {
    /// Takes the lock of `root`: `.pxe-import/lock` in it, made if it is missing.
    ///
    /// # Errors
    /// [`Error::Conflict`] if another run holds it and `wait` is [`Wait::No`];
    /// [`Error::Interrupted`] while waiting; [`Error::Io`] if the file cannot be made or locked.
    pub fn acquire(root: &Path, wait: Wait, monitor: &dyn Monitor) -> Result<Self> {
        let path = root.join(".pxe-import").join("lock");
        if let Some(file) = attempt(&path)? {
            return Ok(Self { _file: file });
        }
        if wait == Wait::No {
            let what = "another pxe-import is at work in this root: try again when it is done, \
                        or leave out --no-wait";
            return Err(Error::conflict(root, what));
        }
        monitor.start("waiting for another pxe-import in this root", 0);
        let file = loop {
            if let Err(error) = monitor.check() {
                monitor.finish();
                return Err(error);
            }
            std::thread::sleep(PAUSE);
            if let Some(file) = attempt(&path)? {
                break file;
            }
        };
        monitor.finish();
        Ok(Self { _file: file })
    }
}

/// `None` if another holds it.
fn attempt(path: &PathBuf) -> Result<Option<File>> {
    loop {
        let file = open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Ok(None),
            Err(Errno::INTR) => continue,
            Err(e) => return Err(Error::io("lock", path, e.into())),
        }
        // Somebody may have removed the file since it was opened: a lock on that one is worthless.
        let ours = file.metadata().map_err(|e| Error::io("stat", path, e))?;
        let same = std::fs::symlink_metadata(path)
            .is_ok_and(|there| (there.dev(), there.ino()) == (ours.dev(), ours.ino()));
        if same {
            return Ok(Some(file));
        }
    }
}

fn open(path: &Path) -> Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let open = || rustix::fs::openat(CWD, path, flags, Mode::from_raw_mode(0o644));
    let opened = match open() {
        Err(Errno::NOENT) => {
            if let Some(dir) = path.parent() {
                DirBuilder::new()
                    .recursive(true)
                    .mode(0o755)
                    .create(dir)
                    .map_err(|e| Error::io("create", dir, e))?;
            }
            open()
        }
        opened => opened,
    };
    Ok(File::from(opened.map_err(|e| Error::io("open", path, e.into()))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::{Void, Warning};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn the_lock_is_one_and_comes_back_when_its_guard_goes() {
        let root = tempfile::tempdir().expect("a directory");
        let first = Lock::acquire(root.path(), Wait::No, &Void).expect("free");
        let refused = Lock::acquire(root.path(), Wait::No, &Void);
        assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
        drop(first);
        Lock::acquire(root.path(), Wait::No, &Void).expect("free again");
    }

    #[test]
    fn a_lock_file_that_was_removed_does_not_count() {
        let root = tempfile::tempdir().expect("a directory");
        let _first = Lock::acquire(root.path(), Wait::No, &Void).expect("free");
        std::fs::remove_file(root.path().join(".pxe-import/lock")).expect("remove");
        let _second = Lock::acquire(root.path(), Wait::No, &Void).expect("a new file");
        let third = Lock::acquire(root.path(), Wait::No, &Void);
        assert!(matches!(third, Err(Error::Conflict { .. })), "{third:?}");
    }

    /// Asks for a stop at the second look, and counts what it hears.
    #[derive(Default)]
    struct Impatient {
        looks: AtomicUsize,
        started: AtomicUsize,
        finished: AtomicUsize,
    }

    impl Monitor for Impatient {
        fn start(&self, _: &str, _: u64) {
            self.started.fetch_add(1, Ordering::Relaxed);
        }
        fn finish(&self) {
            self.finished.fetch_add(1, Ordering::Relaxed);
        }
        fn warn(&self, _: Warning) {}
        fn stop(&self) -> Option<i32> {
            (self.looks.fetch_add(1, Ordering::Relaxed) > 0).then_some(15)
        }
    }

    #[test]
    fn a_run_that_waits_says_so_and_hears_a_signal() {
        let root = tempfile::tempdir().expect("a directory");
        let _held = Lock::acquire(root.path(), Wait::No, &Void).expect("free");
        let monitor = Impatient::default();
        let waited = Lock::acquire(root.path(), Wait::Yes, &monitor);
        assert!(matches!(waited, Err(Error::Interrupted(15))), "{waited:?}");
        assert_eq!(monitor.started.into_inner(), 1);
        assert_eq!(monitor.finished.into_inner(), 1);
    }

    #[test]
    fn a_run_that_waits_gets_the_lock_when_the_other_is_done() {
        let root = tempfile::tempdir().expect("a directory");
        let held = Lock::acquire(root.path(), Wait::No, &Void).expect("free");
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| Lock::acquire(root.path(), Wait::Yes, &Void));
            drop(held);
            waiting.join().expect("no panic").expect("the lock");
        });
    }
}
