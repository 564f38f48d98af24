//! What `check` has found, as text and as JSON.

use std::collections::HashSet;
use std::fmt::Write;

use serde::Serialize;

use super::{Document, SCHEMA, count, document};
use crate::check::{Finding, Severity};
use crate::human::human;
use crate::media::printable;
use crate::monitor::Warning;

/// The result of `check`.
#[derive(Debug, Default, Serialize)]
pub struct Checked {
    /// Version of this document.
    pub schema: u32,
    /// The imports that were looked at, by name.
    pub imports: Vec<CheckedImport>,
    /// All findings, the worst first.
    pub findings: Vec<Named>,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
    /// How long it took.
    pub seconds: f64,
}

/// One import.
#[derive(Debug, Serialize)]
pub struct CheckedImport {
    /// The NAME.
    pub name: String,
    /// `ok`, or `faulty` if there is a fault.
    pub state: &'static str,
    /// How many regular files it has.
    pub files: u64,
    /// The sum of their sizes in bytes.
    pub bytes: u64,
}

/// A finding and the import that it belongs to.
#[derive(Debug, Serialize)]
pub struct Named {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// The NAME; null for what belongs to none: the loader, the administrator's own labels.
    pub name: Option<String>,
}

impl Checked {
    /// An empty one.
    pub fn new() -> Self {
        Self { schema: SCHEMA, ..Self::default() }
    }

    /// Takes the findings of an import, which has so many files and bytes.
    pub fn import(&mut self, name: &str, (files, bytes): (u64, u64), findings: Vec<Finding>) {
        let faulty = findings.iter().any(|finding| finding.severity == Severity::Fault);
        let state = if faulty { "faulty" } else { "ok" };
        self.imports.push(CheckedImport { name: name.to_owned(), state, files, bytes });
        self.add(Some(name), findings);
    }

    /// Takes more findings.
    pub fn add(&mut self, name: Option<&str>, findings: Vec<Finding>) {
        let name = name.map(str::to_owned);
        let named = findings.into_iter().map(|finding| Named { finding, name: name.clone() });
        self.findings.extend(named);
        self.findings.sort_by_key(|named| named.finding.severity);
    }

    fn lines(&self, worst: Severity) -> String {
        // What several imports share is one thing to mend.
        let mut seen = HashSet::new();
        let lines = self.findings.iter().map(|named| &named.finding);
        lines
            .filter(|one| one.severity <= worst)
            .filter(|one| seen.insert((&one.path, &one.message, &one.mend)))
            .map(line)
            .collect()
    }

    fn summary(&self, import: &CheckedImport) -> String {
        let of = |severity| {
            let own = |named: &&Named| {
                named.name.as_ref() == Some(&import.name) && named.finding.severity == severity
            };
            u64::try_from(self.findings.iter().filter(own).count()).unwrap_or(u64::MAX)
        };
        let mut parts = match of(Severity::Fault) {
            0 => vec!["ok".to_owned()],
            faults => vec![count(faults, "fault")],
        };
        parts.extend(Some(of(Severity::Warning)).filter(|&n| n > 0).map(|n| count(n, "warning")));
        parts.push(count(import.files, "file"));
        parts.push(human(import.bytes));
        format!("{}: {}\n", import.name, parts.join(", "))
    }
}

/// One line: `fault: PATH: MESSAGE; MEND`.
fn line(finding: &Finding) -> String {
    let Finding { severity, path, message, mend, .. } = finding;
    let severity = match severity {
        Severity::Fault => "fault",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut out = format!("{severity}: {path}: {message}");
    if !mend.is_empty() {
        let _ = write!(out, "; {mend}");
    }
    printable(out.as_bytes()) + "\n"
}

impl Document for Checked {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        let summaries = self.imports.iter().map(|import| self.summary(import));
        std::iter::once(self.lines(Severity::Note)).chain(summaries).collect()
    }

    fn urgent(&self) -> String {
        self.lines(Severity::Warning)
    }

    fn failed(&self) -> bool {
        self.findings.iter().any(|named| named.finding.severity == Severity::Fault)
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Findings;

    fn checked() -> Checked {
        let mut findings = Findings::default();
        findings.note("foreign-file", "wwwroot/a/\x1b[2J", "is none of the import's files");
        findings.fault("file-missing", "wwwroot/a/b", "is missing", "import a again");
        let mut checked = Checked::new();
        checked.import("a", (2, 3072), findings.into_sorted());
        checked.import("b", (1, 5), Vec::new());
        let mut site = Findings::default();
        site.warning("loader-missing", "wwwroot/pxefiles", "has none", "put one there");
        checked.add(None, site.into_sorted());
        checked
    }

    #[test]
    fn a_line_a_finding_the_worst_first_then_a_line_an_import() {
        let expected = "\
fault: wwwroot/a/b: is missing; import a again
warning: wwwroot/pxefiles: has none; put one there
note: wwwroot/a/\\x1b[2J: is none of the import's files
a: 1 fault, 2 files, 3.0 KiB
b: ok, 1 file, 5 bytes
";
        assert_eq!(checked().text(), expected);
        assert_eq!(checked().urgent().lines().count(), 2);
        assert!(checked().failed());
        assert!(!Checked::new().failed());
    }

    #[test]
    fn json_has_every_key() {
        let json: serde_json::Value = serde_json::from_slice(&checked().json()).expect("JSON");
        assert_eq!(json["schema"], 1);
        let import = serde_json::json!({"name": "a", "state": "faulty", "files": 2, "bytes": 3072});
        assert_eq!(json["imports"][0], import);
        let finding = serde_json::json!({
            "severity": "fault", "code": "file-missing", "path": "wwwroot/a/b",
            "message": "is missing", "mend": "import a again", "name": "a",
        });
        assert_eq!(json["findings"][0], finding);
        assert_eq!(json["findings"][1]["name"], serde_json::Value::Null);
        assert!(json["warnings"].is_array() && json["seconds"].is_f64());
    }
}
