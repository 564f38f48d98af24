//! `pxe-import entry`: any number of menu entries on one imported tree.

mod add;
mod alter;
mod list;

use crate::cli::Common;
use crate::cli::boot::{Entry, EntryCommand};
use crate::error::{Error, Result};
use crate::menu::Change;
use crate::monitor::Monitor;
use crate::report::Report;
use crate::report::entries::EntryReport;
use crate::site::record::{MenuEntry, Record};
use crate::site::{Root, Settings};

/// Adds, renames, removes or lists entries.
///
/// # Errors
/// Whatever stands in the way; then tree, menu and record are as they were, or a warning says that the
/// change is begun, and the next command that writes goes on with it.
pub fn run(args: &Entry, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let root = Root::new(&common.root);
    let settings = Settings::load(&root)?;
    let site = Site { root: &root, settings: &settings, common, monitor };
    match &args.what {
        EntryCommand::List => list::list(&site),
        EntryCommand::Add(args) => site.locked(|site| add::add(site, args)),
        EntryCommand::Rename { label, new } => site.locked(|site| alter::rename(site, label, new)),
        EntryCommand::Remove { label, force } => {
            site.locked(|site| alter::remove(site, label, *force))
        }
    }
}

/// The root, and how to work on it.
struct Site<'a> {
    root: &'a Root,
    settings: &'a Settings,
    common: &'a Common,
    monitor: &'a dyn Monitor,
}

impl Site<'_> {
    /// Does `work` with the root's lock held and what a killed run has left mended; a dry run needs
    /// neither.
    fn locked(&self, work: impl FnOnce(&Site<'_>) -> Result<Report>) -> Result<Report> {
        // A root that is not there is not made: it has no trees.
        if self.common.dry_run || !self.root.state().exists() {
            return work(self);
        }
        let _lock = super::locked(self.root, self.common, self.monitor)?;
        // Another run may have changed them while this one waited.
        let settings = Settings::load(self.root)?;
        work(&Site { settings: &settings, ..*self })
    }

    /// The record that has the entry of `label`.
    fn of_label(&self, records: Vec<Record>, label: &str) -> Result<Record> {
        let labels: Vec<_> = records
            .iter()
            .flat_map(|record| &record.entries)
            .map(|entry| entry.entry.label.clone())
            .collect();
        records.into_iter().find(|record| record.entry(label).is_some()).ok_or_else(|| {
            let there = match labels.is_empty() {
                true => "there are none".to_owned(),
                false => format!("there are {}", labels.join(", ")),
            };
            Error::Usage(format!("there is no entry {label:?} of ours: {there}"))
        })
    }
}

/// What is to be said of an entry of the import `record`.
fn report(record: &Record, entry: &MenuEntry, change: Option<&Change>) -> EntryReport {
    let answer = entry.asked.as_ref().and_then(|asked| asked.answer.as_ref());
    let (menu, diff) = match change {
        Some(Change::Kept { diff }) => ("edited", Some(diff.clone()).filter(|d| !d.is_empty())),
        Some(Change::Removed) => ("removed", None),
        Some(Change::Absent) => ("missing", None),
        _ => ("ours", None),
    };
    EntryReport {
        label: entry.entry.label.clone(),
        tree: record.name.clone(),
        title: entry.entry.title.clone(),
        kernel: entry.entry.kernel.clone(),
        args: entry.entry.args.clone(),
        answer: answer.map(|answer| super::amending::published(&record.target, &answer.file)),
        main: entry.is_main(),
        menu,
        diff,
    }
}
