//! An answer file or a template, as `answer` tells programs of it.

use serde::Serialize;

use super::{Document, SCHEMA, document};
use crate::monitor::Warning;

/// The result of `answer`.
#[derive(Debug, Serialize)]
pub struct Answered {
    /// Version of this document.
    pub schema: u32,
    /// The menu entry, or the family, that it is for.
    pub label: String,
    /// What the text is: `published`, `rendered` or `template`.
    pub kind: &'static str,
    /// The file's name at the top of the tree, or the template's path in the root or its name.
    pub file: String,
    /// The text itself; what is not UTF-8 is replaced.
    pub text: String,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
}

impl Answered {
    /// That text.
    pub fn new(label: &str, kind: &'static str, file: String, text: &[u8]) -> Self {
        Self {
            schema: SCHEMA,
            label: label.to_owned(),
            kind,
            file,
            text: String::from_utf8_lossy(text).into_owned(),
            warnings: Vec::new(),
        }
    }
}

impl Document for Answered {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        self.text.clone()
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}
