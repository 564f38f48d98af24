//! Arguments of an entry, some of them on a condition.

use serde::Deserialize;

/// An argument: a text, or `{ arg = "..", if-exists = ".." }` for one that is given only where a
/// path is in the tree.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "an argument is a string or { arg = \"..\", if-exists = \"PATH IN THE TREE\" }"
)]
pub enum Arg {
    /// Always.
    Always(String),
    /// On a condition.
    Conditional(Conditional),
}

/// An argument on a condition.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Conditional {
    /// The argument.
    pub arg: String,
    /// A path in the tree that must be there.
    pub if_exists: String,
}

impl Arg {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Always(arg) | Self::Conditional(Conditional { arg, .. }) => arg,
        }
    }
}
