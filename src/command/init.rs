//! `pxe-import init`: the root of a boot server, its loaders, configs and menus.

mod apply;
mod menu;
mod options;
mod plan;

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::render;
use crate::cli::Common;
use crate::cli::boot::Init;
use crate::error::{Error, Result};
use crate::monitor::{Monitor, Void, Warning};
use crate::report::Report;
use crate::report::initialized::{Applied, AppliedFile, Initialized};
use crate::site::atomic::write_atomic;
use crate::site::generated::{Outcome, Put, diff};
use crate::site::{Root, Settings};

use self::plan::Plan;
pub(super) use self::plan::place;

/// How the site's files are put into place.
#[derive(Debug, Clone, Default)]
pub(super) struct How {
    /// Write nothing.
    pub diff: bool,
    /// Files that are replaced although they have been edited, relative to the root.
    pub force: Vec<PathBuf>,
}

/// Writes everything that follows from `settings`: loaders, configs, menus. An edited file is kept with
/// a warning, one that is wanted no more goes. The caller holds the lock, unless nothing is written.
///
/// # Errors
/// [`Error::Usage`] where the settings do not go together, before anything is written; [`Error::Io`].
pub(super) fn apply(
    root: &Root,
    settings: &Settings,
    how: &How,
    monitor: &dyn Monitor,
) -> Result<Applied> {
    let plan = Plan::of(root, settings)?;
    apply::carry_out(root, settings, plan, how, monitor)
}

/// The files that [`apply`] writes, relative to the root.
///
/// # Errors
/// As [`apply`].
pub(super) fn files(root: &Root, settings: &Settings) -> Result<Vec<PathBuf>> {
    let Plan { loaders, texts, .. } = Plan::of(root, settings)?;
    let all = loaders.set.into_iter().chain(loaders.others).chain(texts);
    Ok(all.map(|file| file.path).chain([PathBuf::from(menu::MENU)]).collect())
}

/// Makes the root of a boot server, or brings it up to date.
///
/// # Errors
/// As `apply`; then the settings are as they were.
pub fn run(args: &Init, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let begun = Instant::now();
    let root = Root::new(&common.root);
    let how = How { diff: args.diff || common.dry_run, force: relative(&root, &args.force)? };
    let mut change = options::change(&root, args)?;
    let server = change.settings.server(&root, "a boot server")?.to_string();
    // What does not go together is said before anything is written.
    apply::check_force(&Plan::of(&root, &change.settings)?, &how)?;
    let mut lock = None;
    if !how.diff {
        root.create()?;
        lock = Some(super::locked(&root, common, monitor)?);
        // Another run may have changed things while this one waited.
        change = options::change(&root, args)?;
        Plan::of(&root, &change.settings)?;
    }
    let path = Path::new("pxe-import.toml");
    let old = change.old.as_deref();
    let put = Put {
        outcome: match old {
            None => Outcome::Added,
            Some(old) if old == change.new => Outcome::Unchanged,
            Some(_) => Outcome::Replaced,
        },
        diff: diff(path, old.unwrap_or_default().as_bytes(), change.new.as_bytes()),
    };
    if !how.diff && put.outcome != Outcome::Unchanged {
        // What would be refused later is refused before the settings say it.
        apply(&root, &change.settings, &How { diff: true, ..how.clone() }, &Void)?;
        write_atomic(&root.settings(), change.new.as_bytes(), 0o644)?;
    }
    let mut applied = apply(&root, &change.settings, &how, monitor)?;
    if !how.diff {
        let look = render::How { dry_run: true, force: &[], only: &[] };
        let due = render::render(&root, &change.settings, &look, &Void)?;
        if due.iter().any(|file| !file.kept) {
            let files: Vec<_> = due.into_iter().filter(|f| !f.kept).map(|f| f.path).collect();
            let message = format!(
                "still say what they said before: run 'pxe-import render', which needs no media: {}",
                files.join(", ")
            );
            monitor.warn(Warning::new("render-due", "entries of imports", message));
        }
    }
    drop(lock);
    applied.files.insert(0, AppliedFile::new(path, put, None));
    let mut report = Initialized::new(root.path().display().to_string(), server, applied);
    report.seconds = begun.elapsed().as_secs_f64();
    report.shown = how.diff.then_some(args.diff);
    Ok(Report::Other(Box::new(report)))
}

/// What `--force` names, relative to the root.
fn relative(root: &Root, force: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let top = std::path::absolute(root.path()).map_err(|e| Error::io("find", root.path(), e))?;
    let strip = |path: &PathBuf| match path.is_absolute() {
        false => Ok(path.components().collect()),
        true => path.strip_prefix(&top).map(Path::to_owned).map_err(|_| {
            Error::Usage(format!(
                "--force {}: is not in the root {}",
                path.display(),
                top.display()
            ))
        }),
    };
    force.iter().map(strip).collect()
}
