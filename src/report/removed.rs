//! What `remove` has taken away, and what it has left.

use std::fmt::Write;

use serde::Serialize;

use super::{Document, SCHEMA, count, document};
use crate::human::human;
use crate::media::printable;
use crate::monitor::Warning;

/// The result of `remove`.
#[derive(Debug, Serialize)]
pub struct Removed {
    /// Version of this document.
    pub schema: u32,
    /// The import's NAME.
    pub name: String,
    /// Where its tree was, relative to the root; null where there was no such import.
    pub target: Option<String>,
    /// How many regular files are gone.
    pub files: u64,
    /// Their sizes added up.
    pub bytes: u64,
    /// What of the tree stays.
    pub kept: Vec<KeptFile>,
    /// The menu entries that there were.
    pub menu: Vec<RemovedEntry>,
    /// Whether `refresh` leaves the NAME alone.
    pub held: bool,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
    /// How long it took.
    pub seconds: f64,
    /// Whether nothing was written (`--dry-run`).
    #[serde(skip)]
    pub dry_run: bool,
}

/// Something of the tree that stays.
#[derive(Debug, Serialize)]
pub struct KeptFile {
    /// From the top of the tree; what is not UTF-8 is replaced.
    pub path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
    /// `foreign` (put there by hand) or `edited` (the import's, edited by hand).
    pub reason: &'static str,
}

/// A menu entry of the import.
#[derive(Debug, Serialize)]
pub struct RemovedEntry {
    /// The menu, relative to the root.
    pub file: String,
    /// Which entry.
    pub label: String,
    /// Whether it is gone; else it was edited by hand and stays.
    pub removed: bool,
}

impl Removed {
    /// Nothing of the import `name`, so far.
    pub fn new(name: &str) -> Self {
        Self {
            schema: SCHEMA,
            name: name.to_owned(),
            target: None,
            files: 0,
            bytes: 0,
            kept: Vec::new(),
            menu: Vec::new(),
            held: false,
            warnings: Vec::new(),
            seconds: 0.0,
            dry_run: false,
        }
    }
}

impl Document for Removed {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        let held = if self.held { "; refresh leaves it alone" } else { "" };
        let Some(target) = &self.target else {
            return format!("nothing to remove: there is no import {}{held}\n", self.name);
        };
        let verb = if self.dry_run { "would remove" } else { "removed" };
        let mut out = format!(
            "{verb} {} from {target}: {}, {} in {:.1} s{held}\n",
            self.name,
            count(self.files, "file"),
            human(self.bytes),
            self.seconds
        );
        for kept in &self.kept {
            let path = printable(kept.path.as_bytes());
            let _ = writeln!(out, "  kept:    {path} ({})", kept.reason);
        }
        for entry in &self.menu {
            let what = match entry.removed {
                true => "no more in",
                false => "edited by hand, kept in",
            };
            let _ = writeln!(out, "  menu:    {} {what} {}", entry.label, entry.file);
        }
        out
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}
