//! Which machines boot without a menu, and what has become of one.

use std::fmt::Write;

use serde::Serialize;

use super::{Document, SCHEMA, document};
use crate::monitor::Warning;

/// The result of `host`.
#[derive(Debug, Serialize)]
pub struct Hosts {
    /// Version of this document.
    pub schema: u32,
    /// What was done.
    pub action: Action,
    /// The machine, or all of them.
    pub hosts: Vec<HostLine>,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
    /// Whether nothing was written (`--dry-run`).
    #[serde(skip)]
    pub dry_run: bool,
}

/// What `host` has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A machine boots an entry now.
    Set,
    /// A machine has the menu again.
    Remove,
    /// Nothing: all of them are listed.
    List,
}

/// A machine.
#[derive(Debug, Serialize)]
pub struct HostLine {
    /// Its hardware address, as `52-54-00-12-34-56`.
    pub mac: String,
    /// The entry that it boots; null for a script made by hand.
    pub label: Option<String>,
    /// Whether there is that entry.
    pub known: bool,
}

impl Hosts {
    /// These machines.
    pub fn new(action: Action, dry_run: bool, hosts: Vec<HostLine>) -> Self {
        Self { schema: SCHEMA, action, hosts, warnings: Vec::new(), dry_run }
    }
}

impl Document for Hosts {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for HostLine { mac, label, known } in &self.hosts {
            let what = match (label, known) {
                (Some(label), true) => label.as_str(),
                (Some(label), false) => &format!("{label} (no entry any more)"),
                (None, _) => "a script made by hand",
            };
            let _ = match (self.action, self.dry_run) {
                (Action::List, _) => writeln!(out, "{mac}  {what}"),
                (Action::Set, false) => writeln!(out, "{mac} boots {what} without a menu"),
                (Action::Set, true) => writeln!(out, "{mac} would boot {what} without a menu"),
                (Action::Remove, false) => writeln!(out, "{mac} has the menu again"),
                (Action::Remove, true) => writeln!(out, "{mac} would have the menu again"),
            };
        }
        match (self.action, out.is_empty()) {
            (Action::List, true) => "every machine has the menu\n".to_owned(),
            _ => out,
        }
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}
