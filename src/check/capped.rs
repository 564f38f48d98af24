//! Findings of one kind in one tree, cut off where there are too many to read.

use std::collections::BTreeMap;

use super::finding::{Findings, Severity};

/// How many of one kind are told one by one.
const SHOWN: usize = 20;

/// Counts findings by their code.
#[derive(Debug)]
pub(super) struct Capped<'a> {
    label: &'a str,
    counts: BTreeMap<(&'static str, Severity), usize>,
}

impl<'a> Capped<'a> {
    /// For the tree at `label`.
    pub(super) fn new(label: &'a str) -> Self {
        Self { label, counts: BTreeMap::new() }
    }

    fn count(&mut self, code: &'static str, severity: Severity) -> bool {
        let count = self.counts.entry((code, severity)).or_default();
        *count += 1;
        *count <= SHOWN
    }

    /// As [`Findings::note`], for the first of them.
    pub(super) fn note(
        &mut self,
        code: &'static str,
        path: String,
        message: &str,
        findings: &mut Findings,
    ) {
        if self.count(code, Severity::Note) {
            findings.note(code, path, message);
        }
    }

    /// As [`Findings::warning`], for the first of them.
    pub(super) fn warning(
        &mut self,
        code: &'static str,
        path: String,
        message: &str,
        mend: &str,
        findings: &mut Findings,
    ) {
        if self.count(code, Severity::Warning) {
            findings.warning(code, path, message, mend);
        }
    }

    /// As [`Findings::fault`], for the first of them.
    pub(super) fn fault(
        &mut self,
        code: &'static str,
        path: String,
        message: &str,
        mend: &str,
        findings: &mut Findings,
    ) {
        if self.count(code, Severity::Fault) {
            findings.fault(code, path, message, mend);
        }
    }

    /// Says how many were left out.
    pub(super) fn finish(self, findings: &mut Findings) {
        for ((code, severity), count) in self.counts {
            let Some(more) = count.checked_sub(SHOWN).filter(|&more| more > 0) else { continue };
            let message = format!("and {more} more of this kind");
            match severity {
                Severity::Note => findings.note(code, self.label, message),
                Severity::Warning => {
                    findings.warning(code, self.label, message, "as for the others");
                }
                Severity::Fault => findings.fault(code, self.label, message, "as for the others"),
            }
        }
    }
}
