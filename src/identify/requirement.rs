//! Files without which an installer stops halfway: `[[check]]` of a profile.

use serde::Deserialize;

use super::product::{self, Product};
use super::profile::Profile;

/// Files of which one must be in the tree.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Requirement {
    /// Only for these families; for all where empty.
    #[serde(default)]
    pub families: Vec<String>,
    /// From this version on.
    pub from: Option<String>,
    /// Before this version.
    pub below: Option<String>,
    /// One of these paths is there, letter case aside.
    pub any: Vec<String>,
    /// What is wrong, and what to do, where none is.
    pub otherwise: String,
}

/// Whether `version` is in a range; an unknown one is taken for the newest.
pub(super) fn in_range(
    version: Option<&str>,
    from: Option<&String>,
    below: Option<&String>,
) -> bool {
    let bound = |bound: Option<&String>| bound.map(|version| product::numbers(version));
    match version.map(product::numbers) {
        Some(version) => {
            bound(from).is_none_or(|from| version >= from)
                && bound(below).is_none_or(|below| version < below)
        }
        None => below.is_none(),
    }
}

impl Requirement {
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        if self.any.is_empty() {
            return Err((self.otherwise.clone(), "a [[check]] names no file in any".to_owned()));
        }
        Ok(())
    }

    fn is_for(&self, product: &Product) -> bool {
        let listed = self.families.is_empty() || self.families.contains(&product.family);
        listed && in_range(product.version.as_deref(), self.from.as_ref(), self.below.as_ref())
    }
}

impl Profile {
    /// The requirements that a product's tree does not meet; `find` gives a path of the tree by its name
    /// in any letter case.
    pub fn unmet<'p>(
        &'p self,
        product: &Product,
        find: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<&'p Requirement> {
        let unmet = |check: &&Requirement| !check.any.iter().any(|path| find(path).is_some());
        self.checks.iter().filter(|check| check.is_for(product)).filter(unmet).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_its_first_version_and_not_its_last() {
        let (six, seven) = ("6".to_owned(), "7".to_owned());
        let within = |version| in_range(version, Some(&six), Some(&seven));
        assert!(within(Some("6")) && within(Some("6.10")));
        assert!(!within(Some("5.11")) && !within(Some("7")) && !within(Some("7.0")));
        assert!(!within(None) && in_range(None, Some(&six), None));
    }
}
