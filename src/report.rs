//! What was done or found: as text for people and as one JSON document.

pub mod adopted;
pub mod answered;
pub mod checked;
pub mod entries;
pub mod hosts;
pub mod initialized;
mod inspected;
pub mod listed;
pub mod profiled;
pub mod refreshed;
pub mod removed;
pub mod rendered;
pub mod tried;

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

use serde::Serialize;

pub use inspected::{Boots, ImageReport, Inspected, PathEntry};

use crate::error::Error;
use crate::human::human;
use crate::identify::ram;
use crate::lossy::json_path;
use crate::media::{printable, turns_text};
use crate::monitor::Warning;
use crate::patch::PatchReport;
use crate::plan::{Conflict, Totals};
use crate::verify::Verified;

/// Version of the JSON documents.
pub const SCHEMA: u32 = 1;

/// The result of a command.
#[derive(Debug)]
pub enum Report {
    /// `inspect`.
    Inspected(Inspected),
    /// `import` and `extract`.
    Done(Box<Done>),
    /// Text that is the result itself (`generate`).
    Text(Vec<u8>),
    /// What any other command has to say.
    Other(Box<dyn Document>),
}

/// The result of a command, in the forms that it is printed in.
pub trait Document: std::fmt::Debug {
    /// As one JSON document with a final newline.
    fn json(&self) -> Vec<u8>;
    /// For people.
    fn text(&self) -> String;
    /// What of it must be said under `--quiet`, on standard error.
    fn urgent(&self) -> String {
        String::new()
    }
    /// Whether the command has failed, although it has something to report.
    fn failed(&self) -> bool {
        false
    }
    /// Puts the warnings of the run in.
    fn set_warnings(&mut self, warnings: Vec<Warning>);
}

/// The result of `import` and `extract`.
#[derive(Debug, Default, Serialize)]
pub struct Done {
    /// Version of this document.
    pub schema: u32,
    /// The import's NAME; null for `extract`.
    pub name: Option<String>,
    /// Where the tree is: relative to the root (`import`), or as given (`extract`).
    pub target: String,
    /// How many regular files.
    pub files: u64,
    /// How many symbolic links.
    pub links: u64,
    /// The sum of the files' sizes in bytes.
    pub bytes: u64,
    /// Bytes that were read from the images.
    pub read: u64,
    /// Bytes of files that an earlier import had written already.
    pub reused: u64,
    /// Bytes of files that were written.
    pub written: u64,
    /// Paths that differ between discs.
    pub conflicts: Vec<Conflict>,
    /// Files that were changed.
    pub patched: Vec<PatchReport>,
    /// Menu entries.
    pub menu: Vec<MenuReport>,
    /// What was proven of the images' bytes.
    pub verified: Vec<Verified>,
    /// URL of the published answer file.
    pub answer: Option<String>,
    /// The memory in bytes that a client needs, where that is known.
    pub ram: Option<u64>,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
    /// How long it took.
    pub seconds: f64,
    /// What the product is, for people.
    #[serde(skip)]
    pub product: Option<String>,
    /// The entry as it stands in the menu, for people.
    #[serde(skip)]
    pub entry: String,
    /// Whether nothing was written (`--dry-run`).
    #[serde(skip)]
    pub dry_run: bool,
}

/// An entry in a menu.
#[derive(Debug, Serialize)]
pub struct MenuReport {
    /// The menu, relative to the root.
    pub file: String,
    /// Which entry.
    pub label: String,
    /// Where the block has been edited by hand and was kept: what writing it anew would change.
    pub diff: Option<String>,
}

/// A count with its noun: `1 file`, `2 files`.
pub(crate) fn count(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

impl Report {
    /// Whether the text is the whole purpose of the command.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// Puts the warnings of the run in.
    pub fn set_warnings(&mut self, warnings: Vec<Warning>) {
        match self {
            Self::Inspected(inspected) => inspected.warnings = warnings,
            Self::Done(done) => done.warnings = warnings,
            Self::Text(_) => {}
            Self::Other(document) => document.set_warnings(warnings),
        }
    }

    /// What must be said under `--quiet`, on standard error.
    pub fn urgent(&self) -> String {
        match self {
            Self::Other(document) => document.urgent(),
            _ => String::new(),
        }
    }

    /// Whether the exit status is 1 although there is a report.
    pub fn failed(&self) -> bool {
        matches!(self, Self::Other(document) if document.failed())
    }

    /// As one JSON document with a final newline; the text itself for [`Report::Text`].
    pub fn json(&self) -> Vec<u8> {
        match self {
            Self::Inspected(inspected) => document(inspected),
            Self::Done(done) => document(done),
            Self::Text(text) => text.clone(),
            Self::Other(document) => document.json(),
        }
    }

    /// For people.
    pub fn text(&self) -> Vec<u8> {
        match self {
            Self::Inspected(inspected) => {
                inspected.images.iter().map(ImageReport::text).collect::<String>().into_bytes()
            }
            Self::Done(done) => done.text().into_bytes(),
            Self::Text(text) => text.clone(),
            Self::Other(document) => document.text().into_bytes(),
        }
    }
}

/// As JSON with a final newline. What would command a terminal or turn its text is escaped, which JSON
/// itself asks for below U+0020 alone: names come from media, and people look at JSON too.
pub(crate) fn document(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    // All of them are within strings: what is around those is ASCII.
    let commands = |c: char| (c.is_control() && c != '\n') || turns_text(c);
    if !text.contains(commands) {
        return text.into_bytes();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match commands(c) {
            true => drop(write!(out, "\\u{:04x}", u32::from(c))),
            false => out.push(c),
        }
    }
    out.into_bytes()
}

/// A failure as JSON.
pub fn failure(error: &Error) -> Vec<u8> {
    document(&serde_json::json!({ "schema": SCHEMA, "error": error_json(error) }))
}

/// An error as the documents have it.
pub(crate) fn error_json(error: &Error) -> serde_json::Value {
    let path = error.path().map(|path| json_path(path.as_os_str().as_bytes()));
    let mut json = serde_json::json!({
        "kind": error.kind(),
        "path": path.as_ref().map(|(text, _)| text),
        "offset": error.offset(),
        "message": error.chain(),
    });
    if let Some((_, Some(hex))) = path {
        json["path_hex"] = hex.into();
    }
    json
}

/// A command line that cannot be understood, as JSON.
pub fn misuse(message: &str) -> Vec<u8> {
    failure(&Error::Usage(message.to_owned()))
}

impl Done {
    /// With the counts of a plan.
    pub fn with(self, totals: Totals) -> Self {
        let Totals { files, links, bytes, .. } = totals;
        Self { schema: SCHEMA, files, links, bytes, ..self }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let verb = match (self.name.is_some(), self.dry_run) {
            (true, false) => "imported",
            (false, false) => "extracted",
            (true, true) => "would import",
            (false, true) => "would extract",
        };
        let product =
            self.product.as_ref().map(|product| format!("{product} ")).unwrap_or_default();
        let _ = writeln!(
            out,
            "{verb} {product}to {}: {}, {}, {} in {:.1} s",
            printable(self.target.as_bytes()),
            count(self.files, "file"),
            count(self.links, "link"),
            human(self.bytes),
            self.seconds
        );
        if self.reused > 0 {
            let _ = writeln!(
                out,
                "  reused:  {} of the old tree; {} read, {} written",
                human(self.reused),
                human(self.read),
                human(self.written)
            );
        }
        for conflict in &self.conflicts {
            let path = printable(conflict.path.as_bytes());
            // What is joined is no disc's: it is told among what was patched.
            let what = match conflict.rule.starts_with("join:") {
                true => "joined".to_owned(),
                false => format!("image {} kept", conflict.kept.saturating_add(1)),
            };
            let _ = writeln!(out, "  differs: {path}: {what} ({})", conflict.rule);
        }
        for patched in &self.patched {
            let note = patched.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
            let _ = writeln!(out, "  patched: {}{note}", patched.path);
            if self.dry_run {
                for line in patched.diff.lines() {
                    let _ = writeln!(out, "    {}", printable(line.as_bytes()));
                }
            }
        }
        for verified in &self.verified {
            let _ = writeln!(out, "  verified: {}", printable(verified.text().as_bytes()));
        }
        if let Some(answer) = &self.answer {
            let _ = writeln!(out, "  answers: {answer}");
        }
        if let Some(ram) = self.ram {
            let _ = writeln!(out, "  memory:  clients need at least {}", ram::shown(ram));
        }
        for menu in &self.menu {
            let _ = writeln!(out, "  menu:    {} in {}", menu.label, menu.file);
            for line in menu.diff.iter().flat_map(|diff| diff.lines()) {
                let _ = writeln!(out, "    {}", printable(line.as_bytes()));
            }
        }
        for line in self.entry.lines() {
            let _ = writeln!(out, "    {line}");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_why_the_system_refused() {
        let cause = std::io::Error::from_raw_os_error(2);
        let json = failure(&Error::io("open", "a.iso", cause));
        let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        let message = json["error"]["message"].as_str().expect("text");
        assert!(message.starts_with("cannot open a.iso: No such file"), "{message}");
        assert_eq!(json["error"].get("path_hex"), None);
        let path = std::path::Path::new(std::ffi::OsStr::from_bytes(b"a\xff"));
        let json = failure(&Error::conflict(path, "x"));
        let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        assert_eq!(json["error"]["path_hex"], "61ff");
    }

    #[test]
    fn what_would_command_a_terminal_is_escaped_in_json_too() {
        let name = "a\u{9b}2J\u{7f}\u{202e}b\nc\u{e9}";
        let json = String::from_utf8(document(&[name])).expect("UTF-8");
        assert_eq!(json, "[\n  \"a\\u009b2J\\u007f\\u202eb\\nc\u{e9}\"\n]\n");
        let back: Vec<String> = serde_json::from_str(&json).expect("JSON");
        assert_eq!(back, [name]);
    }

    #[test]
    fn a_failure_names_kind_path_and_offset() {
        let error = Error::Corrupt { image: "a.iso".into(), offset: 34816, what: "x".into() };
        let json: serde_json::Value = serde_json::from_slice(&failure(&error)).expect("JSON");
        assert_eq!(json["schema"], 1);
        assert_eq!(json["error"]["kind"], "corrupt");
        assert_eq!(json["error"]["path"], "a.iso");
        assert_eq!(json["error"]["offset"], 34816);
        assert_eq!(json["error"]["message"], "a.iso: corrupt at byte 0x8800: x");
    }
}
