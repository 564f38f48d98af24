//! The bytes of a tree's files against their BLAKE3 hashes, on all cores.

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::capped::Capped;
use super::disk::Disk;
use super::files::{Files, Job};
use super::finding::Findings;
use crate::copy::subtrees::Subtrees;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::threads;

/// What is read at once, in bytes: stays in the cache, and is enough for BLAKE3's widest code.
const BUFFER: usize = 256 << 10;
/// Files above this many bytes are hashed by all threads together, in pieces.
const LARGE: u64 = 64 << 20;
/// Bytes of a piece: a power of two, as [`Subtrees`] wants them.
const PIECE: u64 = 16 << 20;

/// Reads and hashes the files of `jobs`; what differs is a fault.
///
/// # Errors
/// [`crate::Error::Interrupted`]; [`crate::Error::Io`] if there are no threads to be had. A file
/// that cannot be read is a fault, no error.
pub(super) fn compare(
    files: &Files<'_>,
    disk: &Disk,
    jobs: Vec<Job<'_>>,
    threads: Option<NonZeroUsize>,
    findings: &mut Findings,
    monitor: &dyn Monitor,
) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    monitor.start(&format!("checking {}", files.name), jobs.iter().map(|job| job.size).sum());
    let done: Result<Vec<Outcome>> = threads::pool(threads)?.install(|| {
        let looked = |buffer: &mut Vec<u8>, job| look(files, disk, job, buffer, monitor);
        jobs.par_iter().map_init(Vec::new, looked).collect()
    });
    monitor.finish();
    let mut notes = Capped::new(files.label);
    for (job, outcome) in jobs.iter().zip(done?) {
        let place = || files.place(job.path);
        match outcome {
            Outcome::Same if job.touched => {
                let message = "has another time of modification than when it was imported, and the \
                               same bytes";
                notes.note("mtime-changed", place(), message, findings);
            }
            Outcome::Same => {}
            Outcome::Other => {
                let message = "has other bytes than when it was imported";
                let mend = match job.touched {
                    true => files.mend(job.path),
                    // By size and time it looks as it was written, and would be taken over.
                    false => format!("import {} again with --no-reuse", files.name),
                };
                findings.fault("file-changed", place(), message, mend);
            }
            Outcome::Failed(error) => {
                let message = format!("cannot be read: {error}");
                let mend = format!(
                    "run check as its owner; if the disk is at fault, import {} again",
                    files.name
                );
                findings.fault("file-unreadable", place(), message, mend);
            }
        }
    }
    notes.finish(findings);
    Ok(())
}

enum Outcome {
    Same,
    Other,
    Failed(io::Error),
}

/// One file; `buffer` is kept from file to file.
fn look(
    files: &Files<'_>,
    disk: &Disk,
    job: &Job<'_>,
    buffer: &mut Vec<u8>,
    monitor: &dyn Monitor,
) -> Result<Outcome> {
    monitor.check()?;
    monitor.current(&files.place(job.path));
    let mut file = match disk.file(job.path) {
        Ok(file) => file,
        Err(error) => return Ok(Outcome::Failed(error)),
    };
    if job.size > LARGE {
        return large(&file, job, monitor);
    }
    buffer.resize(BUFFER, 0);
    let mut hasher = blake3::Hasher::new();
    loop {
        monitor.check()?;
        match file.read(buffer) {
            Ok(0) => break,
            Ok(len) => {
                let Some(bytes) = buffer.get(..len) else { break };
                hasher.update(bytes);
                monitor.advance(u64::try_from(len).unwrap_or(0));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Ok(Outcome::Failed(error)),
        }
    }
    Ok(if hasher.finalize() == *job.hash { Outcome::Same } else { Outcome::Other })
}

/// A file of more than one piece.
fn large(file: &File, job: &Job<'_>, monitor: &dyn Monitor) -> Result<Outcome> {
    let pieces = job.size.div_ceil(PIECE);
    let subtrees = Mutex::new(Subtrees::new(pieces));
    let add = |buffer: &mut Vec<u8>, index: u64| {
        let start = index.saturating_mul(PIECE);
        let end = start.saturating_add(PIECE).min(job.size);
        buffer.resize(BUFFER, 0);
        let mut hasher = Subtrees::hasher(start);
        let mut at = start;
        while at < end {
            monitor.check()?;
            let most = usize::try_from(end - at).unwrap_or(usize::MAX).min(buffer.len());
            let room = buffer.get_mut(..most).unwrap_or_default();
            match file.read_at(room, at) {
                // It has become shorter since it was looked at.
                Ok(0) => return Ok(Some(Outcome::Other)),
                Ok(len) => {
                    hasher.update(room.get(..len).unwrap_or_default());
                    let len = u64::try_from(len).unwrap_or(0);
                    monitor.advance(len);
                    at = at.saturating_add(len);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Ok(Some(Outcome::Failed(error))),
            }
        }
        subtrees.lock().unwrap_or_else(PoisonError::into_inner).add(index, &hasher);
        Ok(None)
    };
    let done: Result<Vec<Option<Outcome>>> =
        (0..pieces).into_par_iter().map_init(Vec::new, add).collect();
    if let Some(outcome) = done?.into_iter().flatten().next() {
        return Ok(outcome);
    }
    let longer = match file.read_at(&mut [0], job.size) {
        Ok(len) => len > 0,
        Err(error) => return Ok(Outcome::Failed(error)),
    };
    let hash = subtrees.into_inner().unwrap_or_else(PoisonError::into_inner).finish();
    let same = !longer && hash.is_some_and(|hash| hash == *job.hash);
    Ok(if same { Outcome::Same } else { Outcome::Other })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::monitor::{Void, Warning};
    use std::fs;
    use std::path::Path;

    /// Wants to stop at once.
    struct Stop;

    impl Monitor for Stop {
        fn warn(&self, _: Warning) {}
        fn stop(&self) -> Option<i32> {
            Some(2)
        }
    }

    /// A tree with files whose expected content is their name.
    fn run(monitor: &dyn Monitor) -> (Result<()>, Vec<&'static str>) {
        let dir = tempfile::tempdir().expect("a directory");
        let tree = dir.path().join("wwwroot/t");
        fs::create_dir_all(tree.join("dir")).expect("made");
        fs::write(tree.join("same"), "same").expect("written");
        fs::write(tree.join("other"), "?ther").expect("written");
        std::os::unix::fs::symlink("same", tree.join("link")).expect("linked");
        let names = ["same", "other", "gone", "dir", "link", "same/below"];
        let hashes = names.map(|name| blake3::hash(name.as_bytes()));
        let jobs = names.iter().zip(&hashes);
        let jobs =
            jobs.map(|(name, hash)| Job { path: Path::new(name), hash, size: 4, touched: true });
        let jobs = jobs.collect();
        let disk = Disk::open(dir.path(), Path::new("wwwroot/t")).expect("there");
        let files = Files { root: dir.path(), label: "wwwroot/t", name: "n", quick: false };
        let mut findings = Findings::default();
        let done = compare(&files, &disk, jobs, NonZeroUsize::new(2), &mut findings, monitor);
        let mut codes: Vec<_> = findings.into_sorted().iter().map(|one| one.code).collect();
        codes.sort_unstable();
        (done, codes)
    }

    #[test]
    fn what_cannot_be_read_is_a_fault_and_the_rest_goes_on() {
        let (done, codes) = run(&Void);
        done.expect("no error");
        let unreadable = ["file-unreadable"; 4];
        let expected = [&["file-changed"][..], &unreadable, &["mtime-changed"]].concat();
        assert_eq!(codes, expected);
    }

    #[test]
    fn a_large_file_is_compared_to_its_last_byte_and_no_further() {
        const SIZE: u64 = LARGE + 2 * PIECE + 5;
        let file = tempfile::tempfile().expect("a file");
        file.set_len(SIZE).expect("sparse");
        file.write_all_at(b"one", PIECE - 1).expect("written");
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&file).expect("read");
        let hash = hasher.finalize();
        let job = Job { path: Path::new("f"), hash: &hash, size: SIZE, touched: false };
        let same = |what: &str| {
            let outcome = large(&file, &job, &Void).expect("no signal");
            assert!(matches!(outcome, Outcome::Same | Outcome::Other), "{what}");
            matches!(outcome, Outcome::Same)
        };
        assert!(same("as it was"));
        for at in [0, PIECE, SIZE - 1] {
            let mut was = [0];
            file.read_exact_at(&mut was, at).expect("read");
            file.write_all_at(&[was[0] ^ 1], at).expect("written");
            assert!(!same("a byte is another"), "at {at}");
            file.write_all_at(&was, at).expect("written");
        }
        assert!(same("as it was again"));
        file.set_len(SIZE + 1).expect("longer");
        assert!(!same("longer"));
        file.set_len(SIZE - 1).expect("shorter");
        assert!(!same("shorter"));
        assert!(matches!(large(&file, &job, &Stop), Err(Error::Interrupted(2))));
    }

    #[test]
    fn a_signal_ends_it() {
        assert!(matches!(run(&Stop).0, Err(Error::Interrupted(2))));
    }
}
