//! Files by which a kind of disc is known.

use serde::Deserialize;

use crate::media::{Kind, NodeId, Tree};

/// Which paths tell a disc. A path that begins with `**/*` stands for any file with that ending,
/// wherever it lies.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Markers {
    /// All of these are there.
    pub all: Vec<String>,
    /// One of these is there, unless the list is empty.
    pub any: Vec<String>,
    /// None of these is there.
    pub none: Vec<String>,
    /// Letter case aside.
    pub ignore_case: bool,
}

impl Markers {
    /// Whether a tree has the markers.
    pub fn on(&self, tree: &Tree) -> bool {
        self.found_on(tree).is_some()
    }

    /// The markers that a tree has, if it has those that count.
    pub fn found_on(&self, tree: &Tree) -> Option<Vec<&str>> {
        let there = |marker: &&String| self.there(tree, marker);
        let any: Vec<_> = self.any.iter().filter(there).collect();
        let enough = self.all.iter().all(|marker| there(&marker))
            && (self.any.is_empty() || !any.is_empty())
            && !self.none.iter().any(|marker| there(&marker));
        enough.then(|| self.all.iter().chain(any).map(String::as_str).collect())
    }

    /// How many of the markers are there; `None` where one is that must not be.
    pub(super) fn count(&self, tree: &Tree) -> Option<usize> {
        let there = |marker: &&String| self.there(tree, marker);
        let none = !self.none.iter().any(|marker| there(&marker));
        none.then(|| self.all.iter().chain(&self.any).filter(there).count())
    }

    /// Whether no file is named, so that every disc would fit.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.any.is_empty()
    }

    fn there(&self, tree: &Tree, marker: &str) -> bool {
        if let Some(end) = marker.strip_prefix("**/*") {
            let ends = |id: NodeId| {
                let name = tree.name(id);
                let tail = name.len().checked_sub(end.len()).and_then(|at| name.get(at..));
                tail.is_some_and(|tail| self.same(tail, end.as_bytes()))
            };
            return tree.iter().any(|id| tree.kind(id) == Kind::File && ends(id));
        }
        let found = if self.ignore_case {
            tree.find_ignoring_case(marker.as_bytes())
        } else {
            tree.find(marker.as_bytes())
        };
        found.is_some()
    }

    fn same(&self, a: &[u8], b: &[u8]) -> bool {
        if self.ignore_case { a.eq_ignore_ascii_case(b) } else { a == b }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::sample::disc;

    fn markers(all: &[&str], any: &[&str], none: &[&str], ignore_case: bool) -> Markers {
        let own = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect();
        Markers { all: own(all), any: own(any), none: own(none), ignore_case }
    }

    #[test]
    fn all_any_and_none_must_hold_together() {
        let disc = disc("", &[("Sources/BOOT.WIM", b""), ("bootmgr", b"")]);
        let on = |m: Markers| m.on(&disc.tree);
        assert!(on(markers(&["bootmgr"], &[], &[], false)));
        assert!(on(markers(&[], &["x", "bootmgr"], &["y"], false)));
        assert!(!on(markers(&["bootmgr", "x"], &[], &[], false)));
        assert!(!on(markers(&[], &["x", "y"], &[], false)));
        assert!(!on(markers(&["bootmgr"], &[], &["Sources"], false)));
    }

    #[test]
    fn letter_case_counts_unless_told_otherwise() {
        let disc = disc("", &[("Sources/BOOT.WIM", b""), ("a.wim/b", b"")]);
        assert!(!markers(&["sources/boot.wim"], &[], &[], false).on(&disc.tree));
        assert!(markers(&["sources/boot.wim"], &[], &[], true).on(&disc.tree));
        assert!(markers(&["**/*.wim"], &[], &[], true).on(&disc.tree));
        // A directory by that name is no file.
        assert!(!markers(&["**/*.wim"], &[], &[], false).on(&disc.tree));
    }
}
