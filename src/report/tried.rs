//! What `try` has seen.

use std::fmt::Write;

use serde::Serialize;

use super::{Document, SCHEMA, document};
use crate::human::human;
use crate::media::printable;
use crate::monitor::Warning;
use crate::trial::run::Outcome;
use crate::trial::{State, Verdict};

/// Requests that are listed besides the needs.
const LISTED_MAX: usize = 200;
/// Needs that nobody asked for, as people are told of.
const UNASKED_MAX: usize = 3;

/// The result of `try`.
#[derive(Debug, Serialize)]
pub struct Tried {
    /// Version of this document.
    pub schema: u32,
    /// Every machine that ran.
    pub tries: Vec<Trial>,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
}

/// One machine.
#[derive(Debug, Serialize)]
pub struct Trial {
    /// The entry.
    pub label: String,
    /// `bios`, `uefi`, or `none` where no machine was started.
    pub firmware: &'static str,
    /// Whether it booted.
    pub booted: bool,
    /// `booted`, `silent` or `failed`.
    pub verdict: &'static str,
    /// How that is known, or what was wrong.
    pub reason: String,
    /// What was fetched, in order; what should have been, at the end.
    pub stages: Vec<Stage>,
    /// How long it took.
    pub seconds: f64,
    /// Where the console, the log and the screen were left.
    pub kept: Option<String>,
    /// The screenshot.
    pub screenshot: Option<String>,
}

/// A file that was asked for.
#[derive(Debug, Serialize)]
pub struct Stage {
    /// What it is to the entry: `kernel`, `initrd`, `loader`, `boot.cfg`, `module`, `memdisk`, `image`,
    /// `config`; `menu` for what came before, `other` for what came later.
    pub stage: &'static str,
    /// Below the web root.
    pub path: String,
    /// The last answer's status; null if it was never asked for.
    pub status: Option<u16>,
    /// Bytes that were fetched.
    pub bytes: u64,
    /// How long that took.
    pub seconds: f64,
    /// Whether it was fetched from the first byte to the last, as it was imported.
    pub whole: bool,
}

impl Tried {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { schema: SCHEMA, tries: Vec::new(), warnings: Vec::new() }
    }

    /// Adds a machine.
    pub fn add(&mut self, trial: Trial) {
        self.tries.push(trial);
    }
}

impl Default for Tried {
    fn default() -> Self {
        Self::new()
    }
}

impl Trial {
    /// What came of `label`.
    pub fn new(label: &str, uefi: bool, outcome: &Outcome) -> Self {
        let (verdict, reason) = match &outcome.verdict {
            Verdict::Booted(why) | Verdict::Alive(why) => ("booted", why),
            Verdict::Silent(why) => ("silent", why),
            Verdict::Failed(why) => ("failed", why),
            Verdict::Open => ("failed", &String::new()),
        };
        Self {
            label: label.to_owned(),
            firmware: if uefi { "uefi" } else { "bios" },
            booted: verdict == "booted",
            verdict,
            reason: reason.clone(),
            stages: stages(outcome),
            seconds: outcome.took.as_secs_f64(),
            kept: None,
            screenshot: None,
        }
    }

    /// No machine was started for `label`: why.
    pub fn unbootable(label: &str, reason: String) -> Self {
        Self {
            label: label.to_owned(),
            firmware: "none",
            booted: false,
            verdict: "failed",
            reason,
            stages: Vec::new(),
            seconds: 0.0,
            kept: None,
            screenshot: None,
        }
    }

    /// Label and firmware as one word.
    pub fn name(&self) -> String {
        format!("{}-{}", self.label, self.firmware)
    }

    fn text(&self, out: &mut String) {
        let Self { label, firmware, verdict, reason, seconds, .. } = self;
        let said = match *verdict {
            "booted" => "booted",
            "silent" => "not known to boot",
            _ => "did not boot",
        };
        let reason = printable(reason.as_bytes());
        let _ = writeln!(out, "{label} ({firmware}) {said} in {seconds:.1} s: {reason}");
        let width = self.stages.iter().map(|stage| stage.path.len()).max().unwrap_or(0).min(70);
        // The first of what was never asked for tells where it stopped.
        let unasked = || self.stages.iter().filter(|stage| stage.status.is_none());
        let more = unasked().count().saturating_sub(UNASKED_MAX);
        let hidden: Vec<_> = unasked().skip(UNASKED_MAX).map(|stage| &stage.path).collect();
        for stage in self.stages.iter().filter(|stage| !hidden.contains(&&stage.path)) {
            let path = printable(stage.path.as_bytes());
            let how = match (stage.whole, stage.status) {
                (true, _) => String::new(),
                (false, None) => "  never asked for".to_owned(),
                (false, Some(200 | 206)) => "  not whole".to_owned(),
                (false, Some(status)) => format!("  {status}"),
            };
            let (kind, bytes) = (stage.stage, human(stage.bytes));
            let _ = writeln!(
                out,
                "  {kind:<8} {path:<width$} {bytes:>10} {:>7.1} s{how}",
                stage.seconds
            );
        }
        if more > 0 {
            let _ = writeln!(out, "  and {more} more that were never asked for");
        }
        if let Some(screenshot) = &self.screenshot {
            let _ = writeln!(out, "  screen:  {}", printable(screenshot.as_bytes()));
        }
        if let Some(kept) = &self.kept {
            let _ = writeln!(out, "  kept:    {}", printable(kept.as_bytes()));
        }
    }
}

/// Every file that was asked for, once, and every need.
fn stages(outcome: &Outcome) -> Vec<Stage> {
    let need = |path: &str| outcome.fetches.iter().find(|fetch| fetch.path == path);
    let begun = outcome.requests.iter().position(|one| need(&one.path).is_some());
    let mut stages: Vec<Stage> = Vec::new();
    for (number, one) in outcome.requests.iter().enumerate() {
        if let Some(known) = stages.iter_mut().find(|stage| stage.path == one.path) {
            known.status = Some(one.status);
            if need(&one.path).is_none() {
                known.bytes = known.bytes.max(one.sent);
                known.whole |= one.is_success() && one.sent >= one.length;
            }
            continue;
        }
        if stages.len() >= LISTED_MAX && need(&one.path).is_none() {
            continue;
        }
        let early = begun.is_none_or(|begun| number < begun);
        stages.push(match need(&one.path) {
            Some(fetch) => Stage {
                stage: fetch.stage,
                path: fetch.path.clone(),
                status: Some(one.status),
                bytes: fetch.bytes,
                seconds: fetch.took.as_secs_f64(),
                whole: fetch.state == State::Whole,
            },
            None => Stage {
                stage: if early { "menu" } else { "other" },
                path: one.path.clone(),
                status: Some(one.status),
                bytes: one.sent,
                seconds: one.took.as_secs_f64(),
                whole: one.is_success() && one.sent >= one.length,
            },
        });
    }
    for fetch in outcome.fetches.iter().filter(|fetch| fetch.state == State::Unasked) {
        stages.push(Stage {
            stage: fetch.stage,
            path: fetch.path.clone(),
            status: None,
            bytes: 0,
            seconds: 0.0,
            whole: false,
        });
    }
    stages
}

impl Document for Tried {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        let mut out = String::new();
        self.tries.iter().for_each(|trial| trial.text(&mut out));
        if self.tries.len() > 1 {
            let width = self.tries.iter().map(|trial| trial.label.len()).max().unwrap_or(0);
            out.push('\n');
            for Trial { label, firmware, verdict, seconds, .. } in &self.tries {
                let _ =
                    writeln!(out, "{label:<width$}  {firmware}  {verdict:<6}  {seconds:>6.1} s");
            }
        }
        out
    }

    fn urgent(&self) -> String {
        let failed = self.tries.iter().filter(|trial| !trial.booted);
        let line = |trial: &Trial| {
            let reason = printable(trial.reason.as_bytes());
            format!("error: {} ({}): {reason}\n", trial.label, trial.firmware)
        };
        failed.map(line).collect()
    }

    fn failed(&self) -> bool {
        self.tries.iter().any(|trial| !trial.booted)
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}
