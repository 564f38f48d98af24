//! Menu entries: those that there are, and what became of one.

use std::fmt::Write;

use serde::Serialize;

use super::{Document, SCHEMA, document};
use crate::media::printable;
use crate::monitor::Warning;

/// The result of `entry`.
#[derive(Debug, Serialize)]
pub struct Entries {
    /// Version of this document.
    pub schema: u32,
    /// The entries: all for `list`, else the one that it was about.
    pub entries: Vec<EntryReport>,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
    /// What was done, and `true` where nothing was written (`--dry-run`).
    #[serde(skip)]
    pub done: Option<(String, bool)>,
}

/// An entry.
#[derive(Debug, Serialize)]
pub struct EntryReport {
    /// Its label.
    pub label: String,
    /// The import whose tree it boots.
    pub tree: String,
    /// The text that people see.
    pub title: String,
    /// What boots, as the menu names it.
    pub kernel: String,
    /// Arguments of the kernel.
    pub args: Vec<String>,
    /// The answer file, relative to the root.
    pub answer: Option<String>,
    /// Whether it is the import's own entry.
    pub main: bool,
    /// `ours`, `edited` by hand, `missing` from the menu, or `removed` just now.
    pub menu: &'static str,
    /// Where the block was edited and is kept: what writing it anew would change.
    pub diff: Option<String>,
}

impl Entries {
    /// These.
    pub fn new(entries: Vec<EntryReport>, done: Option<(String, bool)>) -> Self {
        Self { schema: SCHEMA, entries, warnings: Vec::new(), done }
    }
}

impl Document for Entries {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        let mut out = String::new();
        if let Some((done, dry_run)) = &self.done {
            let would = if *dry_run { "would have " } else { "" };
            let _ = writeln!(out, "{would}{done}");
        }
        if self.done.is_none() && self.entries.is_empty() {
            out.push_str("there are no entries\n");
        }
        for entry in &self.entries {
            let EntryReport { label, tree, title, menu, .. } = entry;
            let _ = match self.done {
                Some(_) => writeln!(out, "  tree:    {tree}\n  text:    {}", clean(title)),
                None => {
                    let state = if *menu == "ours" { String::new() } else { format!(" ({menu})") };
                    writeln!(out, "{label}{state}: {} [{tree}]", clean(title))
                }
            };
            if let Some(answer) = &entry.answer {
                let _ = writeln!(out, "  answers: {}", clean(answer));
            }
            for line in entry.diff.iter().flat_map(|diff| diff.lines()) {
                let _ = writeln!(out, "    {}", clean(line));
            }
        }
        out
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}

fn clean(text: &str) -> String {
    printable(text.as_bytes())
}
