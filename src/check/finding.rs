//! What a check has found: where, what it means, how to mend it.

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A client will fail.
    Fault,
    /// A client may fail.
    Warning,
    /// Something to know.
    Note,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A stable short name: `file-changed`, `file-missing`.
    pub code: &'static str,
    /// What it is about, relative to the root; what is not UTF-8 is replaced.
    pub path: String,
    /// What is the matter.
    pub message: String,
    /// How to mend it; empty for a note.
    pub mend: String,
}

/// Findings, gathered.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
        mend: impl Into<String>,
    ) {
        let (path, message, mend) = (path.into(), message.into(), mend.into());
        self.0.push(Finding { severity, code, path, message, mend });
    }

    /// Adds a fault.
    pub fn fault(
        &mut self,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(Severity::Fault, code, path, message, mend);
    }

    /// Adds a warning.
    pub fn warning(
        &mut self,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(Severity::Warning, code, path, message, mend);
    }

    /// Adds a note.
    pub fn note(
        &mut self,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.add(Severity::Note, code, path, message, "");
    }

    /// Takes over all of `other`'s.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Whether there is a fault among them.
    pub fn has_fault(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Fault)
    }

    /// All of them, the worst first, else in the order found.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.severity);
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_comes_first_and_the_rest_in_the_order_found() {
        let mut findings = Findings::default();
        findings.note("a", "1", "x");
        findings.warning("b", "2", "x", "y");
        assert!(!findings.has_fault());
        let mut more = Findings::default();
        more.fault("c", "3", "x", "y");
        more.note("d", "4", "x");
        findings.append(more);
        assert!(findings.has_fault());
        let codes: Vec<_> = findings.into_sorted().iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["c", "b", "a", "d"]);
    }
}
