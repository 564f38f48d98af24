//! `pxe-import refresh`: import what is new or has changed.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

mod decision;
mod prune;

use self::decision::{Decision, Verdict, decide, is_young};
use super::{import, remove, render};
use crate::cli::{Common, Refresh, Remove};
use crate::error::{Error, Result};
use crate::monitor::{Collect, Kept, Monitor, Warning};
use crate::report::refreshed::{Action, Refreshed, Refreshment};
use crate::report::rendered::RenderedFile;
use crate::report::{self, Done, Report, error_json};
use crate::site::standing::Look;
use crate::site::{Media, Root, Settings, next};

/// After this long nobody is fetching an image any more.
const DAY: Duration = Duration::from_secs(86_400);

/// Decides for every entry of `[[media]]` by reading alone, then imports what is new or has changed.
/// Where there is nothing to do nothing is written, not even the lock.
///
/// # Errors
/// [`Error::Invalid`] for the settings; [`Error::Usage`] for a NAME that no entry has;
/// [`Error::Interrupted`]. What fails for one import is told in the report and stops no other.
pub fn run(args: &Refresh, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let begun = Instant::now();
    let base = std::path::absolute(&common.root).map_err(|e| Error::io("find", &common.root, e))?;
    let root = Root::new(&common.root);
    // A root that is not mounted must not pass for one with nothing to do.
    fs::read_dir(root.path()).map_err(|e| Error::io("read", root.path(), e))?;
    let settings = Settings::load(&root)?;
    let entries = chosen(&settings, &args.names)?;
    if args.prune {
        prune::check(&root)?;
    }
    let run = Run { args, common, base: &base, root: &root, settings: &settings };
    if !common.dry_run && next::is_pending(&root)? {
        run.catch_up(monitor)?;
    }
    let decide = |media| {
        monitor.check()?;
        Ok((media, decide(media, &base, &root, &settings, args, monitor)))
    };
    let decisions = entries.into_iter().map(decide).collect::<Result<Vec<_>>>()?;
    let mut imports = Vec::new();
    for (media, decision) in decisions {
        imports.push(run.conclude(media, decision, &imports, monitor)?);
    }
    if args.prune && args.names.is_empty() {
        for name in prune::orphans(&root, &settings, monitor)? {
            let reason = "no entry of [[media]] names it any more".to_owned();
            let done = run.prune(&name, reason, monitor);
            imports.push(run.settled(&name, done, &imports, monitor)?);
        }
    }
    let rendered = run.render(monitor)?;
    Ok(Report::Other(Box::new(Refreshed {
        schema: report::SCHEMA,
        imports,
        rendered,
        warnings: Vec::new(),
        seconds: begun.elapsed().as_secs_f64(),
        dry_run: common.dry_run,
        settings: root.settings().to_string_lossy().into_owned(),
    })))
}

/// The entries of these names, in the order of the settings; all of them where none is given.
fn chosen<'s>(settings: &'s Settings, names: &[String]) -> Result<Vec<&'s Media>> {
    let has = |name: &String| settings.media.iter().any(|media| media.name == *name);
    if let Some(unknown) = names.iter().find(|name| !has(name)) {
        let what = format!("no [[media]] entry of pxe-import.toml is named '{unknown}'");
        return Err(Error::Usage(what));
    }
    let wanted = |media: &&Media| names.is_empty() || names.contains(&media.name);
    Ok(settings.media.iter().filter(wanted).collect())
}

struct Run<'a> {
    args: &'a Refresh,
    common: &'a Common,
    /// The root as an absolute path, where relative patterns begin.
    base: &'a Path,
    root: &'a Root,
    /// As they were when the run began.
    settings: &'a Settings,
}

impl Run<'_> {
    /// Waits for whoever is at work in the root, and finishes what an earlier run has left.
    fn catch_up(&self, monitor: &dyn Monitor) -> Result<()> {
        self.root.create()?;
        super::locked(self.root, self.common, monitor).map(drop)
    }

    /// Writes anew what the settings have changed: the server's address, a title, a template. Where
    /// nothing has, nothing is written, not even the lock.
    fn render(&self, monitor: &dyn Monitor) -> Result<Vec<RenderedFile>> {
        let render = |dry_run, monitor| {
            // They may have been edited since this run began.
            let settings = Settings::load(self.root)?;
            let how = render::How { dry_run, force: &[], only: &self.args.names };
            render::render(self.root, &settings, &how, monitor)
        };
        let heard = Collect::default();
        let due = render(true, &heard)?;
        if self.common.dry_run || due.iter().all(|file| file.kept) {
            heard.warnings().into_iter().for_each(|warning| monitor.warn(warning));
            return Ok(due);
        }
        self.root.create()?;
        let _lock = super::locked(self.root, self.common, monitor)?;
        render(false, monitor)
    }

    /// Does what was decided. An error is only what stops the whole run.
    fn conclude(
        &self,
        media: &Media,
        decision: Result<Decision>,
        before: &[Refreshment],
        monitor: &dyn Monitor,
    ) -> Result<Refreshment> {
        let done = decision.and_then(|decision| self.act(media, decision, monitor));
        self.settled(&media.name, done, before, monitor)
    }

    /// A failure as a part of the report; a signal, which stops everything, names what was done.
    fn settled(
        &self,
        name: &str,
        done: Result<Refreshment>,
        before: &[Refreshment],
        monitor: &dyn Monitor,
    ) -> Result<Refreshment> {
        match done {
            Err(Error::Interrupted(signal)) => {
                let new = |one: &&Refreshment| {
                    matches!(one.action, Action::Imported | Action::ReImported | Action::Pruned)
                };
                let names: Vec<_> =
                    before.iter().filter(new).map(|one| one.name.as_str()).collect();
                if !names.is_empty() && !self.common.dry_run {
                    let message = format!("done before the signal came: {}", names.join(", "));
                    monitor.warn(Warning::new("interrupted", "", message));
                }
                Err(Error::Interrupted(signal))
            }
            Err(error) => Ok(Refreshment {
                error: Some(error_json(&error)),
                ..refreshment(name, Action::Failed, "")
            }),
            done => done,
        }
    }

    fn act(&self, media: &Media, first: Decision, monitor: &dyn Monitor) -> Result<Refreshment> {
        let mut decision = first;
        if decision.verdict.is_work() && !self.common.dry_run {
            // Another run may be doing the same.
            self.catch_up(monitor)?;
            let moved = decision.looks.iter().find(|look| !look.still());
            if let Some(moved) = moved {
                let reason = format!("{} is still being written to", moved.path.display());
                return Ok(refreshment(&media.name, Action::Waits, reason));
            }
            decision = decide(media, self.base, self.root, self.settings, self.args, monitor)?;
        }
        let Decision { verdict, looks } = decision;
        let plain = |action, reason: String| Ok(refreshment(&media.name, action, reason));
        match verdict {
            Verdict::Unchanged => plain(Action::Unchanged, String::new()),
            Verdict::Held => plain(Action::Held, "an import by hand ends that".into()),
            Verdict::Waits(reason) => plain(Action::Waits, reason),
            Verdict::Prune(reason) => self.prune(&media.name, reason, monitor),
            Verdict::Import { reason, again } => self.import(media, &looks, reason, again, monitor),
        }
    }

    /// Imports what was looked at.
    fn import(
        &self,
        media: &Media,
        looks: &[Look],
        reason: String,
        again: bool,
        monitor: &dyn Monitor,
    ) -> Result<Refreshment> {
        let name = &media.name;
        let images: Vec<_> = looks.iter().map(|look| look.path.clone()).collect();
        let import = media.import(self.base, &images)?;
        let kept = Kept::new(monitor);
        let report = match import::run(&import, self.common, &kept) {
            Ok(Report::Done(done)) => Some(Box::new(Done { warnings: kept.warnings(), ..*done })),
            Ok(_) => None,
            Err(Error::Interrupted(signal)) => return Err(Error::Interrupted(signal)),
            Err(error) => match looks.iter().find(|look| !look.still()) {
                Some(moved) => {
                    let reason = format!("{} was written to meanwhile", moved.path.display());
                    return Ok(refreshment(name, Action::Waits, reason));
                }
                None if error.is_incomplete() => {
                    let of = |look: &&Look| error.path() == Some(&look.path);
                    let now = SystemTime::now();
                    if looks.iter().find(of).is_some_and(|look| !is_young(look, now, DAY)) {
                        let path = error.path().unwrap_or(Path::new("")).to_string_lossy();
                        let message = format!("has waited for more than a day: {error}");
                        monitor.warn(Warning::new("image-incomplete", path, message));
                    }
                    return Ok(refreshment(name, Action::Waits, error.to_string()));
                }
                None => return Err(error),
            },
        };
        let action = if again { Action::ReImported } else { Action::Imported };
        Ok(Refreshment { report, ..refreshment(name, action, reason) })
    }

    /// Removes an import that only `[[media]]` had asked for.
    fn prune(&self, name: &str, reason: String, monitor: &dyn Monitor) -> Result<Refreshment> {
        if !self.common.dry_run {
            let args = Remove { name: name.to_owned(), force: false, hold: false, prune: true };
            remove::run(&args, self.common, monitor)?;
        }
        Ok(refreshment(name, Action::Pruned, reason))
    }
}

fn refreshment(name: &str, action: Action, reason: impl Into<String>) -> Refreshment {
    Refreshment { name: name.to_owned(), action, reason: reason.into(), error: None, report: None }
}
