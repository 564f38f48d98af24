//! The kinds of discs that are known.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

use serde::Serialize;

use super::{Document, SCHEMA, document};
use crate::identify::Profile;
use crate::identify::support::{Row, markdown};
use crate::lossy::json_path;
use crate::media::printable;
use crate::monitor::Warning;

/// The result of `profiles`.
#[derive(Debug, Serialize)]
pub struct Profiled {
    /// Version of this document.
    pub schema: u32,
    /// The profiles, in the order in which they are tried; with a NAME that one alone.
    pub profiles: Vec<ProfileReport>,
    /// What they support, with `--table`.
    pub supported: Option<Vec<Row>>,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
}

/// A profile.
#[derive(Debug, Serialize)]
pub struct ProfileReport {
    /// Its name.
    pub name: String,
    /// For people.
    pub title: String,
    /// The systems, by their short names.
    pub families: Vec<String>,
    /// Where its trees go below the web root.
    pub target: String,
    /// Ways to boot that `--boot` can ask for.
    pub ways: Vec<Way>,
    /// The file that it comes from; null for one that comes with the program.
    pub file: Option<String>,
    /// The profile itself, where one was asked for.
    pub text: Option<String>,
}

/// A way to boot.
#[derive(Debug, Serialize)]
pub struct Way {
    /// What `--boot` calls it.
    pub name: String,
    /// In one line.
    pub about: Option<String>,
}

impl ProfileReport {
    /// Of a profile, with its text or without.
    pub fn new(profile: &Profile, with_text: bool) -> Self {
        let mut families: Vec<String> = Vec::new();
        for family in &profile.families {
            if !families.contains(&family.name) {
                families.push(family.name.clone());
            }
        }
        let mut ways: Vec<Way> = Vec::new();
        for boot in &profile.boots {
            let Some(name) = &boot.name else { continue };
            if !ways.iter().any(|way| way.name == *name) {
                ways.push(Way { name: name.clone(), about: boot.about.clone() });
            }
        }
        let file = profile.file.as_ref().map(|file| json_path(file.as_os_str().as_bytes()).0);
        Self {
            name: profile.name.clone(),
            title: profile.title.clone(),
            families,
            target: profile.target.clone(),
            ways,
            file,
            text: with_text.then(|| profile.text.to_string()),
        }
    }
}

impl Profiled {
    /// These.
    pub fn new(profiles: Vec<ProfileReport>, supported: Option<Vec<Row>>) -> Self {
        Self { schema: SCHEMA, profiles, supported, warnings: Vec::new() }
    }
}

impl Document for Profiled {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        if let Some(rows) = &self.supported {
            return markdown(rows);
        }
        if let [ProfileReport { text: Some(text), .. }] = self.profiles.as_slice() {
            return text.clone();
        }
        let mut out = String::new();
        for profile in &self.profiles {
            let _ = writeln!(out, "{:<12} {}", profile.name, profile.title);
            let mut line = |what: &str, value: &str| {
                let _ = writeln!(out, "  {what:<10} {}", printable(value.as_bytes()));
            };
            line("families", &profile.families.join(", "));
            line("target", &profile.target);
            for way in &profile.ways {
                let about = way.about.as_deref().unwrap_or_default();
                line("way", format!("--boot {}: {about}", way.name).trim_end_matches([':', ' ']));
            }
            if let Some(file) = &profile.file {
                line("from", file);
            }
        }
        out
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}
