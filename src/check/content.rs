//! The bytes of a tree's files against their BLAKE3 hashes, on all cores.

use std::io::{self, Read};
use std::num::NonZeroUsize;

use rayon::prelude::*;

use super::capped::Capped;
use super::disk::Disk;
use super::files::{Files, Job};
use super::finding::Findings;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::threads;

/// What is read at once, in bytes: stays in the cache, and is enough for BLAKE3's widest code.
const BUFFER: usize = 256 << 10;

/// Reads and hashes the files of `jobs`; what differs is a fault.
///
/// # Errors
/// [`crate::Error::Interrupted`]; [`crate::Error::Io`] if there are no threads to be had. A file
/// that cannot be read is a fault, no error.
pub(super) fn compare(
    files: &Files<'_>,
    disk: &Disk,
    jobs: Vec<Job>,
    threads: Option<NonZeroUsize>,
    findings: &mut Findings,
    monitor: &dyn Monitor,
) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    monitor.start(&format!("checking {}", files.name), jobs.iter().map(|job| job.size).sum());
    let done: Result<Vec<Outcome>> = threads::pool(threads)?
        .install(|| jobs.par_iter().map(|job| look(files, disk, job, monitor)).collect());
    monitor.finish();
    let mut notes = Capped::new(files.label);
    for (job, outcome) in jobs.iter().zip(done?) {
        let place = files.place(&job.path);
        match outcome {
            Outcome::Same if job.touched => {
                let message = "has another time of modification than when it was imported, and the \
                               same bytes";
                notes.note("mtime-changed", place, message, findings);
            }
            Outcome::Same => {}
            Outcome::Other => {
                let message = "has other bytes than when it was imported";
                findings.fault("file-changed", place, message, files.mend(job.touched));
            }
            Outcome::Failed(error) => {
                let message = format!("cannot be read: {error}");
                let mend = format!(
                    "run check as its owner; if the disk is at fault, import {} again",
                    files.name
                );
                findings.fault("file-unreadable", place, message, mend);
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

fn look(files: &Files<'_>, disk: &Disk, job: &Job, monitor: &dyn Monitor) -> Result<Outcome> {
    monitor.check()?;
    monitor.current(&files.place(&job.path));
    let mut file = match disk.file(&job.path) {
        Ok(file) => file,
        Err(error) => return Ok(Outcome::Failed(error)),
    };
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        monitor.check()?;
        match file.read(&mut buffer) {
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
    Ok(if hasher.finalize() == job.hash { Outcome::Same } else { Outcome::Other })
}
