//! Paths that several discs have, and which version stays.

use super::tree::{Plan, PlanId};
use crate::error::{Error, Result};
use crate::lossy::hex;
use crate::media::{NodeId, printable};

/// What happens to a path that differs between discs where no rule of the profile decides.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    clap::ValueEnum,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum OnConflict {
    /// The version of the later disc, in the order given.
    #[default]
    Later,
    /// The version of the first disc that has the path.
    First,
    /// Nothing is written.
    Fail,
}

/// A path whose versions differ in bytes, kind or link target, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Conflict {
    /// The path in the tree, with U+FFFD where it is not UTF-8.
    pub path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
    /// The path as it is.
    #[serde(skip)]
    pub raw: Vec<u8>,
    /// Index of the image whose version stays.
    pub kept: usize,
    /// Indices of the images that have the path, in order.
    pub images: Vec<usize>,
    /// What decided: `first:PATTERN` for a rule of the profile, `later` or `first` for the policy.
    pub rule: String,
}

/// A node of a disc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) disc: usize,
    pub(super) node: NodeId,
}

/// Whether a version has the same content as the one that it is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Same,
    Differs,
    /// For the caller to say: index of a pair.
    Asked(usize),
}

/// Who decides about a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judge {
    /// The policy.
    Policy,
    /// A rule of the profile, by its index; the version at `keep` stays.
    Rule { rule: usize, keep: usize },
}

impl Judge {
    /// The version that version `k` is held against. Under [`OnConflict::Later`] discs are merged
    /// one after another, so that it is the one before; else it is the one that stays.
    pub(super) fn against(self, k: usize, policy: OnConflict) -> usize {
        match (self, policy) {
            (Self::Rule { keep, .. }, _) => keep,
            (Self::Policy, OnConflict::Later) => k.saturating_sub(1),
            (Self::Policy, OnConflict::First | OnConflict::Fail) => 0,
        }
    }
}

/// A file or link that several discs have, and that may differ between them.
#[derive(Debug)]
pub(super) struct Contest {
    pub(super) id: PlanId,
    /// One a disc, in order.
    pub(super) versions: Vec<Version>,
    /// One a version; the version that others are held against is the same as itself.
    pub(super) verdicts: Vec<Verdict>,
    pub(super) judge: Judge,
}

impl Contest {
    /// Replaces what was asked by the answers. A question without an answer counts as a
    /// difference, which shows in the report.
    pub(super) fn answer(&mut self, equal: &[bool]) {
        for verdict in &mut self.verdicts {
            if let Verdict::Asked(pair) = *verdict {
                let same = equal.get(pair).copied().unwrap_or(false);
                *verdict = if same { Verdict::Same } else { Verdict::Differs };
            }
        }
    }

    /// Whether it is known that versions differ and no rule decides.
    pub(super) fn is_open(&self) -> bool {
        self.judge == Judge::Policy && self.verdicts.contains(&Verdict::Differs)
    }

    /// Puts the version that stays into the plan; `None` if all are the same.
    pub(super) fn settle(
        &self,
        plan: &mut Plan<'_>,
        policy: OnConflict,
        rules: &[String],
    ) -> Option<Conflict> {
        if !self.verdicts.contains(&Verdict::Differs) {
            return None;
        }
        let (winner, rule) = match (self.judge, policy) {
            (Judge::Rule { rule, keep }, _) => (keep, rules.get(rule).cloned().unwrap_or_default()),
            (Judge::Policy, OnConflict::Later) => {
                // Of equal versions the earliest stays, with its mode and mtime.
                let last = self.verdicts.iter().rposition(|&v| v == Verdict::Differs);
                (last.unwrap_or(0), "later".to_owned())
            }
            (Judge::Policy, OnConflict::First | OnConflict::Fail) => (0, "first".to_owned()),
        };
        let kept = *self.versions.get(winner)?;
        plan.replace(self.id, kept.disc, kept.node);
        let raw = plan.path(self.id);
        let path_hex = std::str::from_utf8(&raw).is_err().then(|| hex(&raw));
        Some(Conflict {
            path: String::from_utf8_lossy(&raw).into_owned(),
            path_hex,
            raw,
            kept: kept.disc,
            images: self.versions.iter().map(|version| version.disc).collect(),
            rule,
        })
    }
}

/// Under [`OnConflict::Fail`]: the error for the first path by name that nothing decides.
pub(super) fn refuse_open(plan: &Plan<'_>, contests: &[Contest]) -> Result<()> {
    let open = || contests.iter().filter(|contest| contest.is_open());
    let Some((path, contest)) =
        open().map(|contest| (plan.path(contest.id), contest)).min_by(|a, b| a.0.cmp(&b.0))
    else {
        return Ok(());
    };
    let differing = contest.verdicts.iter().position(|&v| v == Verdict::Differs);
    let name = |k: usize| {
        let disc = contest.versions.get(k).and_then(|version| plan.discs().get(version.disc));
        disc.map(|disc| disc.image.path().display().to_string()).unwrap_or_default()
    };
    let more = match open().count() {
        0 | 1 => String::new(),
        n => format!(", the first of {n} such paths"),
    };
    Err(Error::conflict(
        printable(&path),
        format!(
            "differs between {} and {}{more}: --on-conflict later or first says which one stays",
            name(0),
            name(differing.unwrap_or(0)),
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conflict(raw: &[u8]) -> Conflict {
        Conflict {
            path: String::from_utf8_lossy(raw).into_owned(),
            path_hex: std::str::from_utf8(raw).is_err().then(|| hex(raw)),
            raw: raw.to_vec(),
            kept: 1,
            images: vec![0, 1],
            rule: "later".into(),
        }
    }

    #[test]
    fn a_conflict_is_reported_with_its_path_images_and_rule() {
        let json = serde_json::to_string(&conflict(b"a/b")).expect("json");
        assert_eq!(json, r#"{"path":"a/b","kept":1,"images":[0,1],"rule":"later"}"#);
    }

    #[test]
    fn a_path_that_is_not_utf_8_has_its_bytes_beside_it() {
        let json = serde_json::to_value(conflict(b"a\xff")).expect("json");
        assert_eq!(json["path"], "a\u{fffd}");
        assert_eq!(json["path_hex"], "61ff");
    }

    #[test]
    fn a_missing_answer_counts_as_a_difference() {
        let version = Version { disc: 0, node: NodeId::ROOT };
        let mut contest = Contest {
            id: PlanId::ROOT,
            versions: vec![version; 3],
            verdicts: vec![Verdict::Same, Verdict::Asked(0), Verdict::Asked(1)],
            judge: Judge::Policy,
        };
        contest.answer(&[true]);
        assert_eq!(contest.verdicts, [Verdict::Same, Verdict::Same, Verdict::Differs]);
        assert!(contest.is_open());
    }

    #[test]
    fn policies_have_the_command_lines_names() {
        use clap::ValueEnum;
        let names: Vec<_> = OnConflict::value_variants()
            .iter()
            .filter_map(|policy| Some(policy.to_possible_value()?.get_name().to_owned()))
            .collect();
        assert_eq!(names, ["later", "first", "fail"]);
        assert_eq!(serde_json::to_string(&OnConflict::Later).expect("json"), "\"later\"");
    }
}
