//! Where an administrator has a network installer: a directory, an archive, a package.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::pick::{Best, Part, part};
use super::{Supplied, Wanted, ar};
use crate::error::{Error, Result};
use crate::media::Timestamp;
use crate::metadata::packed::{Budget, unpack};
use crate::monitor::Monitor;

/// Most bytes of a kernel.
const KERNEL_MAX: u64 = 128 << 20;
/// Most bytes of an initrd; the graphical one has 80 MiB.
const INITRD_MAX: u64 = 512 << 20;
/// Most files that are looked at.
const FILES_MAX: usize = 20_000;
/// How deep a directory is searched.
const DEPTH_MAX: usize = 12;

/// Kernel and initrd; `None` if they are not there.
pub(super) fn read(
    path: &Path,
    wanted: &Wanted,
    monitor: &dyn Monitor,
) -> Result<Option<(Supplied, Supplied)>> {
    let meta = fs::metadata(path).map_err(|e| Error::io("read", path, e))?;
    // A FIFO would never be opened, a device never end.
    if !meta.is_dir() && !meta.is_file() {
        return Err(Error::invalid(path, "is neither a file nor a directory"));
    }
    let best = match meta.is_dir() {
        true => directory(path, wanted, monitor)?,
        false => {
            let best = File::open(path).and_then(|file| archive(file, wanted, monitor));
            monitor.check()?;
            best.map_err(|e| match e.raw_os_error() {
                Some(_) => Error::io("read", path, e),
                None => Error::invalid(path, format!("is no archive that can be read: {e}")),
            })?
        }
    };
    Ok(best.both())
}

/// A tar archive, compressed or not, or a Debian package.
fn archive(file: File, wanted: &Wanted, monitor: &dyn Monitor) -> io::Result<Best> {
    let mut input = BufReader::new(file);
    let package = input.fill_buf()?.starts_with(ar::MAGIC);
    let budget = Budget::default();
    if !package {
        return tar(unpack(input, &budget, monitor)?, wanted);
    }
    input.consume(ar::MAGIC.len());
    tar(unpack(BufReader::new(ar::data(input)?), &budget, monitor)?, wanted)
}

fn tar(input: impl Read, wanted: &Wanted) -> io::Result<Best> {
    let mut best = Best::default();
    let mut archive = tar::Archive::new(input);
    for (count, entry) in archive.entries()?.enumerate() {
        if count >= FILES_MAX {
            return Err(io::Error::other(format!("it has more than {FILES_MAX} files")));
        }
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some((rank, part)) = part(&path, wanted) else { continue };
        if !entry.header().entry_type().is_file() || !best.wants(&rank) {
            continue;
        }
        let time = entry.header().mtime().ok().and_then(|time| i64::try_from(time).ok());
        let bytes = bounded(&mut entry, part)?;
        best.take(rank, part, Supplied { bytes, mtime: time.map(|t| Timestamp::new(t, 0)) });
    }
    Ok(best)
}

fn bounded(input: impl Read, part: Part) -> io::Result<Vec<u8>> {
    let most = match part {
        Part::Kernel => KERNEL_MAX,
        Part::Initrd => INITRD_MAX,
    };
    let mut bytes = Vec::new();
    input.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        let what = format!("has a kernel or initrd of more than {} MiB", most >> 20);
        return Err(io::Error::other(what));
    }
    Ok(bytes)
}

/// Looks through a directory; links to directories are not followed.
fn directory(top: &Path, wanted: &Wanted, monitor: &dyn Monitor) -> Result<Best> {
    let mut best = Best::default();
    let mut open: Vec<(PathBuf, usize)> = vec![(top.to_owned(), 0)];
    let mut count = 0_usize;
    while let Some((dir, depth)) = open.pop() {
        monitor.check()?;
        let entries = fs::read_dir(&dir).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        for entry in entries.map_err(|e| Error::io("read", &dir, e))? {
            count = count.saturating_add(1);
            if count > FILES_MAX {
                let what = format!("has more than {FILES_MAX} files: name the directory below it");
                return Err(Error::invalid(top, what));
            }
            let path = entry.path();
            let kind = entry.file_type().map_err(|e| Error::io("read", &path, e))?;
            if kind.is_dir() && depth < DEPTH_MAX {
                open.push((path, depth.saturating_add(1)));
                continue;
            }
            let below = path.strip_prefix(top).unwrap_or(&path).to_string_lossy();
            let Some((rank, part)) = part(&below, wanted) else { continue };
            if !path.is_file() || !best.wants(&rank) {
                continue;
            }
            let file = supplied(&path, part).map_err(|e| Error::io("read", &path, e))?;
            best.take(rank, part, file);
        }
    }
    Ok(best)
}

fn supplied(path: &Path, part: Part) -> io::Result<Supplied> {
    use std::os::unix::fs::MetadataExt;
    let file = File::open(path)?;
    let mtime = Timestamp::new(file.metadata()?.mtime(), 0);
    Ok(Supplied { bytes: bounded(file, part)?, mtime: Some(mtime) })
}
