//! What `adopt` has found, mended and taken over.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

use serde::Serialize;

use super::{Document, MenuReport, SCHEMA, count, document};
use crate::difference::Kind;
use crate::human::human;
use crate::lossy::json_path;
use crate::media::printable;
use crate::monitor::Warning;
use crate::publish::Foreign;

/// Longest list that is printed for people; the document has all.
const SHOWN: usize = 100;

/// The result of `adopt`.
#[derive(Debug, Serialize)]
pub struct Adopted {
    /// Version of this document.
    pub schema: u32,
    /// The import's NAME.
    pub name: String,
    /// Where the tree is, relative to the root.
    pub target: String,
    /// Whether it is an import now, or would be.
    pub adopted: bool,
    /// Whether it was mended from the discs.
    pub repaired: bool,
    /// How many regular files the discs have for it.
    pub files: u64,
    /// How many symbolic links.
    pub links: u64,
    /// The sum of the files' sizes in bytes.
    pub bytes: u64,
    /// What was not as on the discs.
    pub differences: Vec<Differing>,
    /// What is in no disc, and stays.
    pub foreign: Vec<ForeignPath>,
    /// Menu entries.
    pub menu: Vec<MenuReport>,
    /// The administrator's label that is our entry now.
    pub taken: Option<TakenOver>,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
    /// How long it took.
    pub seconds: f64,
    /// What the product is, for people.
    #[serde(skip)]
    pub product: String,
    /// Whether nothing was written (`--dry-run`).
    #[serde(skip)]
    pub dry_run: bool,
    #[serde(skip)]
    repair: bool,
}

/// A path that differs from the discs.
#[derive(Debug, Serialize)]
pub struct Differing {
    /// From the top of the tree; empty for a target that is one file.
    pub path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
    /// In what way.
    pub kind: Kind,
}

/// A path that no disc has.
#[derive(Debug, Serialize)]
pub struct ForeignPath {
    /// From the top of the tree.
    pub path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
}

/// A label of the administrator's.
#[derive(Debug, Serialize)]
pub struct TakenOver {
    /// Its name, which is the entry's no more where that differs.
    pub label: String,
    /// The line that it was in.
    pub line: usize,
    /// The text that people see.
    pub title: String,
    /// Arguments of theirs that are kept.
    pub args: Vec<String>,
}

impl Adopted {
    /// Of the import `name`, so far.
    pub fn new(name: &str, repair: bool, dry_run: bool) -> Self {
        Self {
            schema: SCHEMA,
            name: name.to_owned(),
            target: String::new(),
            adopted: true,
            repaired: false,
            files: 0,
            links: 0,
            bytes: 0,
            differences: Vec::new(),
            foreign: Vec::new(),
            menu: Vec::new(),
            taken: None,
            warnings: Vec::new(),
            seconds: 0.0,
            product: String::new(),
            dry_run,
            repair,
        }
    }

    /// Takes in what no disc has; a directory is told of by what is in it.
    pub fn set_foreign(&mut self, foreign: &[Foreign]) {
        let files = foreign.iter().filter(|one| !one.dir);
        let path = |one: &Foreign| json_path(one.path.as_os_str().as_bytes());
        let path = |one| {
            let (path, path_hex) = path(one);
            ForeignPath { path, path_hex }
        };
        self.foreign = files.map(path).collect();
    }

    /// Settles, once what differs is known, whether it is adopted and mended: whether not.
    pub fn failed_to_match(&mut self) -> bool {
        self.adopted = self.differences.is_empty() || self.repair;
        self.repaired = self.repair && !self.differences.is_empty();
        !self.adopted
    }

    fn list(&self, out: &mut String) {
        for one in self.differences.iter().take(SHOWN) {
            let what = match one.kind {
                Kind::Missing => "missing",
                Kind::Content => "differs",
                Kind::Link => "other link",
                Kind::Type => "other type",
            };
            let path = if one.path.is_empty() { &self.target } else { &one.path };
            let _ = writeln!(out, "  {what:<11} {}", printable(path.as_bytes()));
        }
        if self.differences.len() > SHOWN {
            let _ = writeln!(out, "  and {} more", self.differences.len().saturating_sub(SHOWN));
        }
    }

    fn refusal(&self) -> String {
        let mut out = format!(
            "{} differs from the discs in {}; nothing was changed; give --repair to mend them from \
             the discs\n",
            self.target,
            count(u64::try_from(self.differences.len()).unwrap_or(u64::MAX), "path")
        );
        self.list(&mut out);
        out
    }
}

impl Document for Adopted {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        let mut out = match self.adopted {
            false => self.refusal(),
            true => {
                let verb = if self.dry_run { "would adopt" } else { "adopted" };
                let mut out = format!(
                    "{verb} {} at {} as {}: {}, {}, {} in {:.1} s\n",
                    self.product,
                    self.target,
                    self.name,
                    count(self.files, "file"),
                    count(self.links, "link"),
                    human(self.bytes),
                    self.seconds
                );
                if self.repaired {
                    let n = u64::try_from(self.differences.len()).unwrap_or(u64::MAX);
                    let verb = if self.dry_run { "would mend" } else { "mended" };
                    let _ = writeln!(out, "{verb} {} from the discs:", count(n, "path"));
                    self.list(&mut out);
                }
                out
            }
        };
        for one in self.foreign.iter().take(SHOWN) {
            let _ = writeln!(out, "  {:<11} {}", "yours", printable(one.path.as_bytes()));
        }
        if self.foreign.len() > SHOWN {
            let _ = writeln!(out, "  and {} more", self.foreign.len().saturating_sub(SHOWN));
        }
        for menu in &self.menu {
            let _ = writeln!(out, "  menu:    {} in {}", menu.label, menu.file);
        }
        if let Some(taken) = &self.taken {
            let _ =
                writeln!(out, "  in the place of your label {} (line {})", taken.label, taken.line);
            if !taken.args.is_empty() {
                let args = printable(taken.args.join(" ").as_bytes());
                let _ = writeln!(out, "  with your arguments {args}");
            }
        }
        out
    }

    fn urgent(&self) -> String {
        if self.adopted { String::new() } else { self.refusal() }
    }

    fn failed(&self) -> bool {
        !self.adopted
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}
