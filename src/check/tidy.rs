//! Findings without repetitions.

use std::collections::HashSet;

use super::finding::{Finding, Findings};

/// All findings, the worst first, without those that say the same as another.
pub fn tidy(findings: Findings) -> Vec<Finding> {
    let findings = findings.into_sorted();
    let told: HashSet<(&str, String)> =
        findings.iter().map(|one| (one.code, one.path.clone())).collect();
    let has = |code: &'static str, path: &str| told.contains(&(code, path.to_owned()));
    let mut seen = HashSet::new();
    let mut keep = |one: &Finding| {
        let spare = match one.code {
            "mode-changed" | "treeinfo-image" => has("not-readable", &one.path),
            "path-missing" => has("link-missing", &one.path) || has("link-wrong", &one.path),
            _ => false,
        };
        // Who asks for a path does not matter twice.
        let path = one.code.starts_with("path-") || one.code == "not-readable";
        let message = if path { String::new() } else { one.message.clone() };
        !spare && seen.insert((one.code, one.path.clone(), message))
    };
    let kept: Vec<bool> = findings.iter().map(&mut keep).collect();
    let kept = findings.iter().zip(kept).filter(|(_, keep)| *keep);
    kept.map(|(one, _)| one.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_already_is_left_out() {
        let mut findings = Findings::default();
        findings.warning("mode-changed", "a", "has mode 0600", "chmod");
        findings.fault("not-readable", "a", "may not be read", "chmod");
        findings.warning("mode-changed", "b", "has mode 0600", "chmod");
        findings.fault("path-missing", "c", "asked for by one", "");
        findings.warning("path-missing", "c", "asked for by another", "");
        findings.fault("link-missing", "l", "is missing", "ln");
        findings.fault("path-missing", "l", "is missing", "");
        findings.note("not-checked", "m", "one");
        findings.note("not-checked", "m", "another");
        let list: Vec<_> =
            tidy(findings).into_iter().map(|one| (one.code, one.path, one.message)).collect();
        let codes: Vec<_> = list.iter().map(|(code, path, _)| (*code, path.as_str())).collect();
        let expected = [
            ("not-readable", "a"),
            ("path-missing", "c"),
            ("link-missing", "l"),
            ("mode-changed", "b"),
            ("not-checked", "m"),
            ("not-checked", "m"),
        ];
        assert_eq!(codes, expected);
        assert_eq!(list[1].2, "asked for by one", "the worst of them stays");
    }
}
