//! `pxe-import check`: is everything there that a client will ask for.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::time::Instant;

use crate::check::{self, Depth, Finding, Findings, Recorded, Site};
use crate::cli::{Check, Common};
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::report::Report;
use crate::report::checked::Checked;
use crate::site::name::check_name;
use crate::site::{Record, Root, Settings};

/// How often an import is looked at again because another run has imported it anew meanwhile.
const TRIES: usize = 3;

/// Checks the imports named, or all of them, the boot loader and the menu. Writes nothing and takes
/// no lock.
///
/// # Errors
/// [`Error::Usage`] for a NAME that is no import; [`Error::Io`] if there is no root. All else is a
/// finding.
pub fn run(args: &Check, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let begun = Instant::now();
    let root = Root::new(&common.root);
    let known = names(&root)?;
    if let Some(unknown) = args.names.iter().find(|name| !known.contains(*name)) {
        return Err(Error::Usage(format!(
            "there is no import '{unknown}': 'pxe-import list' names them"
        )));
    }
    let all = args.names.is_empty();
    let wanted = if all { known.clone() } else { args.names.iter().cloned().collect() };
    let mut shared = Findings::default();
    let settings = Settings::load(&root).unwrap_or_else(|error| {
        let message = match &error {
            Error::Invalid { what, .. } => what.clone(),
            other => other.chain(),
        };
        shared.fault("settings-invalid", "pxe-import.toml", message, "correct that");
        Settings::default()
    });
    let depth = match args.quick {
        true => Depth::Quick,
        false => Depth::Whole(common.jobs().or(settings.jobs)),
    };
    let mut checked = Checked::new();
    for name in &wanted {
        let (totals, findings) = one(&root, &settings, name, &known, depth, monitor)?;
        checked.import(name, totals, findings);
    }
    let records = records(&root, &known);
    let site = Site::load(&root, &settings, &records, &mut shared)?;
    if all {
        site.check(&mut shared);
        // A record that cannot be read may be the one that a block belongs to, and so may one that
        // is being written.
        if records.len() == known.len() && !known.iter().any(|name| root.next(name).exists()) {
            site.orphans(&mut shared);
            lost(&root, &known, &mut shared)?;
        }
    }
    checked.add(None, check::tidy(shared));
    checked.seconds = begun.elapsed().as_secs_f64();
    Ok(Report::Other(Box::new(checked)))
}

/// Tells of manifests whose record is gone: nobody looks after that tree any more.
fn lost(root: &Root, known: &BTreeSet<String>, findings: &mut Findings) -> Result<()> {
    let state = root.state();
    let entries = match fs::read_dir(&state) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(Error::io("read", state, e)),
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|file| Some(file.strip_suffix(".b3")?.to_owned()))
        .filter(|name| check_name(name).is_ok() && !known.contains(name))
        // Unless it has just been removed, or come into being.
        .filter(|name| root.manifest(name).exists() && !root.record(name).exists())
        .collect();
    names.sort();
    for name in names {
        let place = format!(".pxe-import/{name}.json");
        let message = "is missing, and the import's manifest is there: it is neither checked nor \
                       refreshed";
        let mend = format!(
            "restore it, or take the tree over with 'pxe-import adopt {name} ISO...'; if the import \
             is not wanted, delete .pxe-import/{name}.b3 and .pxe-import/{name}.meta"
        );
        findings.warning("record-missing", place, message, mend);
    }
    Ok(())
}

/// One import: how many files and bytes it has, and what is wrong with it.
fn one(
    root: &Root,
    settings: &Settings,
    name: &str,
    known: &BTreeSet<String>,
    depth: Depth,
    monitor: &dyn Monitor,
) -> Result<((u64, u64), Vec<Finding>)> {
    let place = format!(".pxe-import/{name}");
    let unfinished = || root.next(name).exists();
    for _ in 0..TRIES {
        let mut findings = Findings::default();
        let begun = unfinished();
        let (totals, mut found) = if begun && !root.record(name).exists() {
            // A first import that was cut short: nothing of it is in force.
            ((0, 0), Vec::new())
        } else {
            let Some(recorded) = Recorded::read(root, name, &mut findings) else {
                if !root.record(name).exists() {
                    // Another run has removed the import, or taken over its first record.
                    continue;
                }
                return Ok(((0, 0), findings.into_sorted()));
            };
            let mut records = records(root, known);
            records.retain(|record| record.name != name);
            // It may be one that is not in force yet.
            records.push(recorded.record.clone());
            // What it finds is found again, and told, when all imports are done.
            let site = Site::load(root, settings, &records, &mut Findings::default())?;
            let found = check::import(&site, &recorded, depth, findings, monitor)?;
            if recorded.is_stale(root) {
                continue;
            }
            (recorded.totals(), found)
        };
        // One that was there for a moment is another run's, and finished.
        if begun && unfinished() {
            let mut findings = Findings::default();
            let message = "is an interrupted publication, unless another run is at it right now";
            let mend = "the next run of any command that writes finishes or drops it";
            findings.warning("publication-interrupted", format!("{place}.next"), message, mend);
            found.extend(findings.into_sorted());
        }
        return Ok((totals, found));
    }
    let mut findings = Findings::default();
    let message = "has been imported anew or removed each time that it was looked at";
    findings.warning("import-busy", format!("{place}.json"), message, "check it later");
    Ok(((0, 0), findings.into_sorted()))
}

/// Every NAME that the root's state knows.
fn names(root: &Root) -> Result<BTreeSet<String>> {
    // A mistyped root must not pass for one without imports.
    fs::read_dir(root.path()).map_err(|e| Error::io("read", root.path(), e))?;
    let state = root.state();
    let read = |e| Error::io("read", &state, e);
    let entries = match fs::read_dir(&state) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(e) => return Err(read(e)),
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let file = entry.map_err(read)?.file_name();
        let Some(file) = file.to_str() else { continue };
        let name = file.strip_suffix(".json").or_else(|| file.strip_suffix(".next"));
        names.extend(name.filter(|name| check_name(name).is_ok()).map(str::to_owned));
    }
    Ok(names)
}

/// The records that can be read.
fn records(root: &Root, names: &BTreeSet<String>) -> Vec<Record> {
    names.iter().filter_map(|name| Record::read(root, name).ok().flatten()).collect()
}
