//! Files without which an installer stops halfway, as the import's profile names them.

use std::collections::BTreeSet;

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
    let Some(product) = &record.product else { return };
    let Some(profile) = profiles.named(&record.profile) else {
        let what = format!("was made by the profile {:?}, which is not there", record.profile);
        let mend = "put its file back into ROOT/profiles: entries cannot be made anew without it";
        findings.warning("profile-missing", label, what, mend);
        return;
    };
    // A target that is one file has no paths but its own.
    if profile.checks.is_empty() || recorded.paths.len() < 2 {
        return;
    }
    let paths: BTreeSet<String> =
        recorded.paths.keys().map(|path| path.to_string_lossy().to_ascii_lowercase()).collect();
    let find = |path: &str| {
        let path = path.to_ascii_lowercase();
        let below = format!("{path}/");
        // What lies in a directory follows its name with the slash.
        let next = paths.range(below.clone()..).next();
        let there = paths.contains(&path) || next.is_some_and(|next| next.starts_with(&below));
        there.then_some(path)
    };
    for unmet in profile.unmet(product, &find) {
        let path = format!("{label}/{}", unmet.any.join(" or "));
        let mend = format!("import {} again from the discs that have it", record.name);
        findings.warning("incomplete-tree", path, unmet.otherwise.as_str(), mend);
    }
}
