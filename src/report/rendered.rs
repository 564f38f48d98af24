//! What `render` has written.

use std::fmt::Write;

use serde::Serialize;

use super::{Document, SCHEMA, count, document};
use crate::media::printable;
use crate::monitor::Warning;

/// The result of `render`.
#[derive(Debug, Serialize)]
pub struct Rendered {
    /// Version of this document.
    pub schema: u32,
    /// The files that have changed, or would.
    pub files: Vec<RenderedFile>,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
    /// How long it took.
    pub seconds: f64,
    /// Whether the differences are to be shown to people.
    #[serde(skip)]
    diffs: bool,
    #[serde(skip)]
    dry_run: bool,
}

/// A file.
#[derive(Debug, Clone, Serialize)]
pub struct RenderedFile {
    /// Relative to the root.
    pub path: String,
    /// Whether it has been edited by hand and stays.
    pub kept: bool,
    /// Unified diff from what was there; empty for what is no text.
    pub diff: String,
}

impl Rendered {
    /// Nothing so far.
    pub fn new(diffs: bool, dry_run: bool) -> Self {
        let (files, warnings) = (Vec::new(), Vec::new());
        Self { schema: SCHEMA, files, warnings, seconds: 0.0, diffs, dry_run }
    }
}

impl Document for Rendered {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        let mut out = String::new();
        if self.files.is_empty() {
            out.push_str("nothing has changed\n");
        }
        let verb = if self.dry_run { "would write" } else { "wrote" };
        for file in &self.files {
            let verb = if file.kept { "kept, as it was edited:" } else { verb };
            let _ = writeln!(out, "{verb} {}", printable(file.path.as_bytes()));
            for line in file.diff.lines().filter(|_| self.diffs || file.kept) {
                let _ = writeln!(out, "  {}", printable(line.as_bytes()));
            }
        }
        if !self.files.is_empty() {
            let files = u64::try_from(self.files.len()).unwrap_or(u64::MAX);
            let _ = writeln!(out, "{} in {:.1} s", count(files, "file"), self.seconds);
        }
        out
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}
