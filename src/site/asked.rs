//! What a menu entry was asked to be: what it takes to make it again for another server address,
//! another template or another version of its product.

use serde::{Deserialize, Serialize};

use crate::answer::{Account, Source};

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Whether it is the import's own entry.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub main: bool,
    /// The menu text; the product's own where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The way to boot, as [`crate::identify::entry::Boot::name`] has it; the plain one where none was
    /// named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    /// Further kernel arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// The answer file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AskedAnswer>,
}

/// The answer file of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedAnswer {
    /// Where it comes from.
    pub source: Source,
    /// Its name at the top of the tree.
    pub file: String,
    /// Its permission bits.
    pub mode: u16,
    /// What its template was told of root's account.
    #[serde(default)]
    pub account: Account,
}
