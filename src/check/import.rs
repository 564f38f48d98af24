//! One import: its tree, its links, its menu entries, what it boots.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::address::{Address, www};
use super::boot_cfg::BootCfgs;
use super::bridge;
use super::content;
use super::disk::{Disk, Kind};
use super::files::Files;
use super::finding::{Finding, Findings, Severity};
use super::proof;
use super::recorded::{Recorded, plain};
use super::requirement;
use super::served::{Request, Served};
use super::shell::quoted;
use super::site::Site;
use super::tidy::tidy;
use crate::answer::Source;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::site::{Record, link};

/// How closely the files are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Size and time of each.
    Quick,
    /// All bytes of each, with so many threads; one a core for `None`.
    Whole(Option<NonZeroUsize>),
}

/// Checks one import; the worst finding comes first.
///
/// # Errors
/// [`crate::Error::Interrupted`]; [`crate::Error::Io`] if there are no threads to be had.
pub fn import(
    site: &Site<'_>,
    recorded: &Recorded,
    depth: Depth,
    mut findings: Findings,
    monitor: &dyn Monitor,
) -> Result<Vec<Finding>> {
    let record = &recorded.record;
    let label = format!("wwwroot/{}", record.target);
    let again = format!("import {} again", record.name);
    let disk = match Disk::open(site.root.path(), Path::new(&label)) {
        Ok(disk) => Some(disk),
        Err(e) => {
            let (code, message, mend) = refused(&e, &again);
            findings.fault(code, &*label, message, mend);
            None
        }
    };
    let served = Served { private: private(site, recorded), ..site.served() };
    if let Some(disk) = &disk {
        tree(site, recorded, &label, disk, depth, &mut findings, monitor)?;
        if record.profile == "esxi" {
            let (name, servers) = (&*record.name, &site.servers);
            let served = &served;
            let boot = BootCfgs { label: &label, name, disk, servers, served };
            boot.check(&recorded.paths, &mut findings);
        }
    }
    if let Some(profiles) = &site.profiles {
        requirement::check(profiles, recorded, &label, &mut findings);
    }
    reachable(site, recorded, &served, &mut findings);
    if let Some(menu) = site.menu() {
        menu.import(record, &served, &mut findings);
        bridge::check(site.root, &site.servers, record, &served, &mut findings);
    }
    Ok(tidy(findings))
}

/// The tree against manifest and meta, and against its own indexes.
fn tree(
    site: &Site<'_>,
    recorded: &Recorded,
    label: &str,
    disk: &Disk,
    depth: Depth,
    findings: &mut Findings,
    monitor: &dyn Monitor,
) -> Result<()> {
    let (paths, record) = (&recorded.paths, &recorded.record);
    if paths.is_empty() {
        return Ok(());
    }
    let name = record.name.as_str();
    let (root, quick) = (site.root.path(), depth == Depth::Quick);
    let files = Files { root, label, name, quick };
    let walk = disk.walk(|dir| paths.holds(dir), monitor)?;
    if let Some(e) = walk.failed.get(Path::new("")) {
        let message = format!("cannot be looked at: {e}");
        findings.fault("dir-unreadable", label, message, "run check as its owner");
        return Ok(());
    }
    let single = paths.contains(Path::new(""));
    let top = walk.seen.get(Path::new("")).map(|top| &top.kind);
    if !single && top != Some(&Kind::Dir) {
        let again = format!("import {name} again");
        match top {
            None => {
                let count = recorded.totals().0;
                let message = format!("is missing, with the {count} files in it");
                findings.fault("file-missing", label, message, again);
            }
            Some(_) => {
                let message = "is not the directory that was imported";
                findings.fault("type-changed", label, message, format!("remove it, then {again}"));
            }
        }
        return Ok(());
    }
    let jobs = files.compare(paths, &walk, findings);
    drop(walk);
    if let Depth::Whole(threads) = depth {
        content::compare(&files, disk, jobs, threads, findings, monitor)?;
    }
    if !single {
        let dir = site.root.target(&record.target);
        proof::prove(&dir, label, record.product.as_ref(), findings, monitor)?;
    }
    Ok(())
}

/// The link by which pxelinux finds the tree; where no entry asks for anything, the tree itself.
fn reachable(site: &Site<'_>, recorded: &Recorded, served: &Served<'_>, findings: &mut Findings) {
    let record = &recorded.record;
    let first = record.target.split('/').next().unwrap_or(&record.target);
    let place = format!("wwwroot/pxefiles/{first}");
    let problem = match link::find(site.root, first) {
        Ok(Some(_)) => None,
        Ok(None) => Some(("link-missing", "is missing: pxelinux finds the tree by it".to_owned())),
        Err(error) => {
            let what = plain(&error);
            // What to do about it is said below.
            let message = what.rsplit_once(": ").map_or(&*what, |(message, _)| message);
            Some(("link-wrong", message.to_owned()))
        }
    };
    let booted = !record.entries.is_empty() || record.profile == "esxi";
    if let Some((code, message)) = problem {
        let mend = match code {
            "link-missing" => {
                let at = site.web.shown(Path::new(&place));
                let to = Path::new("..").join(first);
                format!("ln -s {} {}", quoted(&to), quoted(&at))
            }
            _ => format!("remove it, then import {} again, which makes the link", record.name),
        };
        match booted {
            true => findings.fault(code, place, message, mend),
            false => findings.warning(code, place, message, mend),
        }
    }
    if !booted && let Ok(found) = served.web.find(&components(&record.target)) {
        let at = found.path.to_string_lossy().into_owned();
        let request =
            Request { who: "", at: &at, severity: Severity::Warning, mend: "", dir: true };
        served.look(&request, &www(record.target.as_bytes()), findings);
    }
}

/// The answer files that were published for fewer than all.
fn private(site: &Site<'_>, recorded: &Recorded) -> HashSet<PathBuf> {
    let record = &recorded.record;
    let Ok(tree) = site.web.find(&components(&record.target)) else {
        return HashSet::new();
    };
    let asked = record.entries.iter().filter_map(|entry| entry.asked.as_ref()?.answer.as_ref());
    let narrow = asked.filter(|answer| answer.mode & 0o004 == 0).map(|answer| &*answer.file);
    narrow.chain(of_options(record).as_deref()).map(|name| tree.path.join(name)).collect()
}

/// The answer file of a record that keeps options only.
fn of_options(record: &Record) -> Option<String> {
    let first = |key: &str| record.options.get(key).and_then(|values| values.first());
    let mode = u32::from_str_radix(first("answer-mode")?, 8).ok()?;
    let Source::File(path) = Source::from(OsString::from(first("answer")?)) else { return None };
    path.file_name().filter(|_| mode & 0o004 == 0)?.to_str().map(str::to_owned)
}

fn components(target: &str) -> Vec<Vec<u8>> {
    match www(target.as_bytes()) {
        Address::Www(path) => path,
        _ => Vec::new(),
    }
}

fn refused(e: &io::Error, again: &str) -> (&'static str, String, String) {
    let (code, message, mend) = match Errno::from_io_error(e) {
        Some(Errno::NOENT) => ("file-missing", "is missing, and what it lies in as well", again),
        Some(Errno::XDEV | Errno::LOOP) => (
            "path-leaves-root",
            "lies behind a link that leads out of the root, or in a circle",
            "make that a directory, or mount the other place there (mount --bind)",
        ),
        _ => {
            let message = format!("cannot be looked at: {e}");
            return ("dir-unreadable", message, "run check as its owner".to_owned());
        }
    };
    (code, message.to_owned(), mend.to_owned())
}
