//! `pxe-import render`: everything generated, again, from settings and records.

mod tree;

use std::path::{Path, PathBuf};
use std::time::Instant;

use similar::TextDiff;

use super::amending::Amends;
use super::init;
use crate::cli::Common;
use crate::cli::boot::Render;
use crate::error::{Error, Result};
use crate::identify::Profiles;
use crate::menu::Change;
use crate::monitor::{Collect, Monitor, Warning};
use crate::report::Report;
use crate::report::rendered::{Rendered, RenderedFile};
use crate::site::generated::{Ledger, Outcome};
use crate::site::{self, Record, Root, Settings, uefi};

/// A file that is there once `init` has been run.
const INIT: &str = "pxeboot/menu.ipxe";

/// Writes every menu, config and templated answer again. No media are read.
///
/// # Errors
/// Whatever stands in the way; what was written until then is whole.
pub fn run(args: &Render, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let begun = Instant::now();
    let root = Root::new(&common.root);
    // A root that is not there is not made: it has nothing to render.
    std::fs::read_dir(root.path()).map_err(|e| Error::io("read", root.path(), e))?;
    let settings = Settings::load(&root)?;
    let how = How { dry_run: args.diff || common.dry_run, force: &args.force, only: &[] };
    let mut rendered = Rendered::new(args.diff, how.dry_run);
    if how.dry_run {
        rendered.files = render(&root, &settings, &how, monitor)?;
    } else {
        root.create()?;
        let _lock = super::locked(&root, common, monitor)?;
        // Another run may have changed them while this one waited.
        let settings = Settings::load(&root)?;
        rendered.files = render(&root, &settings, &how, monitor)?;
    }
    rendered.seconds = begun.elapsed().as_secs_f64();
    Ok(Report::Other(Box::new(rendered)))
}

/// How to render.
pub(super) struct How<'a> {
    /// Write nothing.
    pub dry_run: bool,
    /// Files, relative to the root, that are replaced although they have been edited.
    pub force: &'a [PathBuf],
    /// The imports; all of them, and the site's own files, where empty.
    pub only: &'a [String],
}

impl How<'_> {
    fn forces(&self, path: &str) -> bool {
        self.force.iter().any(|file| file == Path::new(path))
    }
}

/// Renders, with the root's lock held unless nothing is written. Tells of each file that changes.
///
/// # Errors
/// As [`run`].
pub(super) fn render(
    root: &Root,
    settings: &Settings,
    how: &How<'_>,
    monitor: &dyn Monitor,
) -> Result<Vec<RenderedFile>> {
    let mut files = Vec::new();
    let mut known: Vec<PathBuf> = Vec::new();
    let uefi = uefi::compare(root, settings, how.force)?;
    if !how.dry_run {
        uefi::replace(root, settings, how.force)?;
    }
    if how.only.is_empty() && Ledger::read(root)?.paths().any(|path| path == Path::new(INIT)) {
        known = init::files(root, settings)?;
        let force = how.force.iter().filter(|file| known.contains(file)).cloned().collect();
        files.extend(own(root, settings, how.dry_run, force, monitor)?);
    }
    if !how.force.is_empty() {
        let ledger = Ledger::read(root)?;
        known.extend(uefi::plan(root, settings, &ledger)?.files.into_iter().map(|file| file.path));
    }
    let records = root.records()?;
    let profiles = crate::site::profiles::of(root, &records)?;
    for record in &records {
        if !how.only.is_empty() && !how.only.contains(&record.name) {
            continue;
        }
        monitor.check()?;
        match one(root, settings, &profiles, record, how, monitor) {
            Ok(done) => files.extend(done),
            Err(error @ Error::Interrupted(_)) => return Err(error),
            // One import that cannot be made again is no reason to leave the others as they are.
            Err(error) => {
                let message = format!("is left as it is: {}", error.chain());
                monitor.warn(Warning::new("not-rendered", &record.name, message));
            }
        }
    }
    // What the site's own files bring with them has been written already.
    let still = if how.dry_run { Vec::new() } else { uefi::compare(root, settings, how.force)? };
    for (path, put) in uefi.into_iter().chain(still) {
        let (path, kept) = (path.to_string_lossy().into_owned(), put.outcome == Outcome::Kept);
        if !files.iter().any(|file: &RenderedFile| file.path == path) {
            files.push(RenderedFile { path, kept, diff: put.diff });
        }
    }
    if !how.dry_run && (!records.is_empty() || Ledger::read(root)?.paths().next().is_some()) {
        uefi::render(root, settings, monitor)?;
    }
    let of_tree = |file: &PathBuf| {
        let within = |record: &Record| file.starts_with(Path::new("wwwroot").join(&record.target));
        records.iter().any(within)
    };
    for unknown in how.force.iter().filter(|file| !known.contains(file) && !of_tree(file)) {
        let message = "is no file that render writes, and nothing was forced there";
        monitor.warn(Warning::new("force-unused", unknown.to_string_lossy(), message));
    }
    Ok(files)
}

/// The site's own files: loaders, configs, the menu's head.
fn own(
    root: &Root,
    settings: &Settings,
    dry_run: bool,
    force: Vec<PathBuf>,
    monitor: &dyn Monitor,
) -> Result<Vec<RenderedFile>> {
    let init = init::How { diff: dry_run, force };
    let applied = init::apply(root, settings, &init, monitor)?;
    let changed = applied.files.into_iter().filter(|file| file.outcome != "unchanged");
    Ok(changed
        .map(|file| RenderedFile { path: file.path, kept: file.outcome == "kept", diff: file.diff })
        .collect())
}

/// One import's entries, answers and boot.cfg.
fn one(
    root: &Root,
    settings: &Settings,
    profiles: &Profiles,
    record: &Record,
    how: &How<'_>,
    monitor: &dyn Monitor,
) -> Result<Vec<RenderedFile>> {
    let heard = Collect::default();
    let amends = tree::amends(root, settings, profiles, record, how, &heard)?;
    let is_news = |warning: &Warning| {
        matches!(warning.code, "edited-answer" | "edited-boot-cfg" | "edited-companion")
    };
    let changes = !amends.is_empty(record);
    // What an import has said already need not be said again by every run of a clock.
    let told = heard.warnings().into_iter().filter(|w| changes || is_news(w));
    told.for_each(|warning| monitor.warn(warning));
    if !changes {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for file in &amends.files {
        let path = super::amending::published(&record.target, &file.path);
        let old = std::fs::read(root.path().join(&path)).unwrap_or_default();
        let new = file.bytes.clone().unwrap_or_default();
        files.push(RenderedFile { diff: diff(&path, &old, &new), path, kept: false });
    }
    files.extend(menu(root, settings, record, &amends)?);
    if files.is_empty() {
        let path = format!(".pxe-import/{}.json", record.name);
        files.push(RenderedFile { path, kept: false, diff: String::new() });
    }
    amends.carry_out(root, settings, record, how.dry_run, monitor)?;
    Ok(files)
}

/// How the menu changes.
fn menu(
    root: &Root,
    settings: &Settings,
    record: &Record,
    amends: &Amends,
) -> Result<Option<RenderedFile>> {
    let path = root.menu();
    let text = site::menu::read(root, settings)?;
    let (edit, changes) =
        amends.blocks.apply(&path, &text, &amends.record, |label| record.blocks(label))?;
    let kept = changes.iter().any(|(_, change)| matches!(change, Change::Kept { .. }));
    if edit.text == text && !kept {
        return Ok(None);
    }
    let path = path.strip_prefix(root.path()).unwrap_or(&path).to_string_lossy().into_owned();
    let kept_diff = changes.into_iter().find_map(|(_, change)| match change {
        Change::Kept { diff } => Some(diff),
        _ => None,
    });
    let diff = kept_diff.unwrap_or_else(|| diff(&path, &text, &edit.text));
    Ok(Some(RenderedFile { path, kept, diff }))
}

fn diff(path: &str, old: &[u8], new: &[u8]) -> String {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    TextDiff::from_lines(&*old, &*new)
        .unified_diff()
        .header(path, &format!("{path} (wanted)"))
        .to_string()
}
