//! Files without which an installer stops halfway, as the import's profile names them.

use std::collections::HashSet;

use super::finding::Findings;
use super::recorded::Recorded;
use crate::identify::Profiles;

/// Looks for them among the recorded paths.
pub(super) fn check(
    profiles: &Profiles,
    recorded: &Recorded,
    label: &str,
    findings: &mut Findings,
) {
    let record = &recorded.record;
    let (Some(profile), Some(product)) = (profiles.get(&record.profile), &record.product) else {
        return;
    };
    // A target that is one file has no paths but its own.
    if profile.checks.is_empty() || recorded.paths.len() < 2 {
        return;
    }
    let paths: HashSet<String> =
        recorded.paths.keys().map(|path| path.to_string_lossy().to_ascii_lowercase()).collect();
    let find = |path: &str| {
        let path = path.to_ascii_lowercase();
        let below = format!("{path}/");
        let there = paths.contains(&path) || paths.iter().any(|other| other.starts_with(&below));
        there.then_some(path)
    };
    for unmet in profile.unmet(product, &find) {
        let path = format!("{label}/{}", unmet.any.join(" or "));
        let mend = format!("import {} again from the discs that have it", record.name);
        findings.warning("incomplete-tree", path, unmet.otherwise.as_str(), mend);
    }
}
