//! What `init` has made of a root, and what its owner has to do besides.

use std::fmt::Write;

use serde::Serialize;

use super::{Document, SCHEMA, document};
use crate::config::port::Port;
use crate::monitor::Warning;
use crate::site::generated::{Origin, Outcome, Put};
use crate::site::loader::package::Packages;

/// The result of `init`.
#[derive(Debug, Serialize)]
pub struct Initialized {
    /// Version of this document.
    pub schema: u32,
    /// The root.
    pub root: String,
    /// The address that clients use.
    pub server: String,
    /// What was done.
    #[serde(flatten)]
    pub applied: Applied,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
    /// How long it took.
    pub seconds: f64,
    /// Whether nothing was written, and whether differences are shown.
    #[serde(skip)]
    pub shown: Option<bool>,
}

/// The files of a site as they are now, or would be.
#[derive(Debug, Default, Serialize)]
pub struct Applied {
    /// Every file that we see to.
    pub files: Vec<AppliedFile>,
    /// Loaders that were not found.
    pub missing: Vec<MissingLoader>,
    /// Who gives clients their addresses: `range` (dnsmasq), `proxy` (another server, with dnsmasq
    /// beside it), or null.
    pub dhcp: Option<&'static str>,
    /// The kinds of clients.
    pub architectures: Vec<ServedArchitecture>,
    /// What a firewall has to let through.
    pub ports: Vec<Port>,
    /// What SELinux has to be told; empty where there is none.
    pub selinux: Vec<String>,
    /// The command that brings the root to its server; null where this machine serves it.
    pub rsync: Option<String>,
    /// The root's path on the machine that serves it.
    pub deploy_root: String,
}

/// A file of the site.
#[derive(Debug, Serialize)]
pub struct AppliedFile {
    /// Relative to the root.
    pub path: String,
    /// `added`, `replaced`, `unchanged`, `kept` (edited, or not ours) or `removed`.
    pub outcome: &'static str,
    /// How its text changes, or would; empty for what is no text.
    pub diff: String,
    /// Where it was copied from; null for what we write ourselves.
    pub origin: Option<Origin>,
}

/// A loader that was not found.
#[derive(Debug, Serialize)]
pub struct MissingLoader {
    /// Where it would be, relative to the root.
    pub file: String,
    /// What cannot be done without it.
    pub purpose: &'static str,
    /// The packages that have it, by distribution; null for what no distribution packs.
    pub packages: Option<&'static Packages>,
    /// Whether most sites need it.
    pub needed: bool,
}

/// A kind of clients, and what they begin with.
#[derive(Debug, Serialize)]
pub struct ServedArchitecture {
    /// The number in DHCP's option 93.
    pub code: u16,
    /// What it is.
    pub name: &'static str,
    /// Its first stage, relative to the root; null where it gets no offer.
    pub loader: Option<&'static str>,
}

impl AppliedFile {
    /// A file with its outcome.
    pub fn new(path: &std::path::Path, put: Put, origin: Option<Origin>) -> Self {
        let outcome = match put.outcome {
            Outcome::Added => "added",
            Outcome::Replaced => "replaced",
            Outcome::Unchanged => "unchanged",
            Outcome::Kept => "kept",
            Outcome::Removed => "removed",
        };
        let path = path.to_string_lossy().into_owned();
        Self { path, outcome, diff: put.diff, origin }
    }
}

impl Applied {
    /// Whether any file is, or would be, another one now.
    pub fn changed(&self) -> bool {
        self.files.iter().any(|file| !matches!(file.outcome, "unchanged" | "kept"))
    }

    /// The files, a line each for what has changed; with `diffs` what changes in them.
    pub fn changes(&self, diffs: bool) -> String {
        let mut out = String::new();
        for file in self.files.iter().filter(|file| file.outcome != "unchanged") {
            let _ = write!(out, "  {:<9} {}", format!("{}:", file.outcome), file.path);
            if let Some(origin) = &file.origin {
                let version = origin.version.as_deref().unwrap_or("version not given in it");
                let _ = write!(out, " ({version}, from {})", origin.path);
            }
            out.push('\n');
            if diffs {
                out.push_str(&file.diff);
            }
        }
        out
    }

    fn advice(&self, server: &str) -> String {
        let mut out = String::new();
        for one in &self.missing {
            let how = match one.packages {
                Some(packages) => packages.to_string(),
                None => "in no distribution's packages".to_owned(),
            };
            let word = if one.needed { "missing" } else { "without" };
            let _ = writeln!(out, "  {word}:  {}, for {} ({how})", one.file, one.purpose);
        }
        match self.dhcp {
            None => out.push_str(
                "  DHCP:     no dnsmasq.conf: neither --dhcp-range nor --proxy-dhcp was given, and a DHCP \
                 server that nobody asked for takes a network down\n",
            ),
            Some(_) => {
                let without: Vec<_> = self.architectures.iter().filter(|one| one.loader.is_none()).collect();
                let list: Vec<_> =
                    without.iter().map(|one| format!("{} ({})", one.name, one.code)).collect();
                if !list.is_empty() {
                    let _ = writeln!(out, "  no offer: {}", list.join("; "));
                }
            }
        }
        let ports: Vec<_> = self
            .ports
            .iter()
            .map(|port| format!("{}/{} ({})", port.port, port.protocol, port.purpose))
            .collect();
        let _ = writeln!(out, "  firewall: let in {}", ports.join(", "));
        if !self.selinux.is_empty() {
            out.push_str("  SELinux:  run as root what 'pxe-import generate selinux' prints:\n");
            for line in &self.selinux {
                let _ = writeln!(out, "    {line}");
            }
        }
        out.push_str("  UEFI:     Secure Boot must be off on the clients: the loaders are not signed for it\n");
        let root = &self.deploy_root;
        if let Some(rsync) = &self.rsync {
            let _ = writeln!(out, "  deploy:   {rsync}");
        }
        let units = "etc/systemd/pxe-*.service";
        let _ = writeln!(out, "  start:    systemctl enable --now {root}/{units}");
        let _ = writeln!(out, "  clients:  {server}");
        out
    }
}

impl Initialized {
    /// The report of `root`.
    pub fn new(root: String, server: String, applied: Applied) -> Self {
        let warnings = Vec::new();
        Self { schema: SCHEMA, root, server, applied, warnings, seconds: 0.0, shown: None }
    }
}

impl Document for Initialized {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        let changes = self.applied.changes(self.shown == Some(true));
        if let Some(true) = self.shown {
            return match self.applied.changed() || !changes.is_empty() {
                true => changes,
                false => "nothing would change\n".to_owned(),
            };
        }
        let head = match (self.shown.is_some(), self.applied.changed()) {
            (true, _) => "would make the boot server",
            (false, true) => "made the boot server",
            (false, false) => "nothing to do for the boot server",
        };
        format!("{head} {}\n{changes}{}", self.root, self.applied.advice(&self.server))
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}
