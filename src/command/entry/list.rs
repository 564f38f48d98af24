//! `pxe-import entry list`.

use super::{Site, report};
use crate::error::Result;
use crate::menu::edit;
use crate::menu::{Change, pxelinux};
use crate::report::Report;
use crate::report::entries::Entries;
use crate::site::menu;

/// All entries of ours, in the order of their imports; writes nothing.
pub(super) fn list(site: &Site<'_>) -> Result<Report> {
    let path = site.root.menu();
    let text = menu::read(site.root, site.settings)?;
    let mut entries = Vec::new();
    for record in site.root.records()? {
        for entry in &record.entries {
            let block = pxelinux::block(&entry.entry)?;
            let recorded = record.blocks(&entry.entry.label);
            let there = edit::upsert(&path, &text, &block, &recorded, false);
            let change = match there.map(|edit| edit.change) {
                Ok(Change::Added) => Change::Absent,
                Ok(change) => change,
                // A label of the administrator's has its name.
                Err(_) => Change::Absent,
            };
            let mut told = report(&record, entry, Some(&change));
            told.diff = None;
            entries.push(told);
        }
    }
    Ok(Report::Other(Box::new(Entries::new(entries, None))))
}
