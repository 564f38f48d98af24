//! What a profile is known to serve: a row of the table of supported systems.

use serde::Deserialize;

use super::product::{self, Product};
use super::profile::Profile;

/// `[[release]]` of a profile: versions of one family, and the test that proves them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Release {
    /// The family by its short name.
    pub family: String,
    /// Versions, in ascending order.
    pub versions: Vec<String>,
    /// The variant, where it boots in another way than the full disc.
    pub variant: Option<String>,
    /// Whether UEFI clients boot it as its entry says; `false` where its kernels are no EFI programs.
    #[serde(default = "yes")]
    pub uefi: bool,
    /// What it needs besides its discs, in a few words.
    pub needs: Option<String>,
    /// The test's place: `TARGET MODULE::NAME`, as `cargo test --test TARGET MODULE::NAME` runs it;
    /// `lib` is the library's own tests.
    pub test: String,
}

fn yes() -> bool {
    true
}

impl Release {
    /// Whether the product is one of these, variants aside: of a version in the list, or of one that begins
    /// like it.
    pub fn covers(&self, product: &Product) -> bool {
        let version = product.version.as_deref().map(product::numbers).unwrap_or_default();
        let begins = |listed: &String| version.starts_with(&product::numbers(listed));
        self.family == product.family && self.versions.iter().any(begins)
    }

    pub(super) fn check(&self, profile: &Profile) -> Result<(), (String, String)> {
        if profile.family(&self.family).is_none() {
            return Err((self.family.clone(), format!("there is no family {:?}", self.family)));
        }
        if self.versions.is_empty() {
            return Err((self.test.clone(), "a [[release]] has no versions".to_owned()));
        }
        if self.test.split_once(' ').is_none() {
            let what = format!("test {:?} is not TARGET MODULE::NAME", self.test);
            return Err((self.test.clone(), what));
        }
        Ok(())
    }
}
