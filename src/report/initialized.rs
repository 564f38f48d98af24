//! What `init` has made of a root, and what its owner has to do besides.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use super::{Document, SCHEMA, document};
use crate::check::shell::quoted;
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
    /// The command that starts the daemons there.
    pub start: String,
    /// The account that the Windows share asks for; null where guests are let in.
    pub smb_user: Option<String>,
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

    /// The files that have changed, a line each with what changes in them.
    fn diffs(&self) -> String {
        let mut out = String::new();
        for file in self.files.iter().filter(|file| file.outcome != "unchanged") {
            let _ = writeln!(out, "  {:<9} {}", format!("{}:", file.outcome), file.path);
            out.push_str(&file.diff);
        }
        out
    }

    /// The files that have changed, a line for those of a directory. Where a loader was copied from is
    /// in the JSON document, and what `check` says.
    fn changes(&self) -> String {
        let mut groups: Vec<((&str, &str), Vec<String>)> = Vec::new();
        for file in self.files.iter().filter(|file| file.outcome != "unchanged") {
            let (dir, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
            let version = file.origin.as_ref().and_then(|origin| origin.version.as_deref());
            let version = version.map_or_else(String::new, |version| format!(" ({version})"));
            let (key, name) = ((file.outcome, dir), format!("{name}{version}"));
            match groups.iter_mut().find(|(there, _)| *there == key) {
                Some((_, names)) => names.push(name),
                None => groups.push((key, vec![name])),
            }
        }
        let line = |((outcome, dir), names): &((&str, &str), Vec<String>)| {
            let slash = match names.len() {
                _ if dir.is_empty() => "",
                1 => "/",
                _ => "/: ",
            };
            format!("  {:<9} {dir}{slash}{}\n", format!("{outcome}:"), names.join(", "))
        };
        groups.iter().map(line).collect()
    }

    /// Loaders that were not found, one line for those of a package that nobody misses.
    fn absent(&self) -> String {
        let mut lines: Vec<(String, &str, String)> = Vec::new();
        for one in &self.missing {
            let what = format!("{}, for {}", one.file, one.purpose);
            let how = one.packages.map(|packages| format!(" ({packages})")).unwrap_or_default();
            let word = if one.needed { "missing" } else { "without" };
            match lines.iter_mut().find(|line| !one.needed && !how.is_empty() && line.2 == how) {
                Some((text, ..)) => *text = format!("{text}; {what}"),
                None => lines.push((what, word, how)),
            }
        }
        lines.iter().map(|(what, word, how)| format!("  {word}:  {what}{how}\n")).collect()
    }

    /// What the owner has to do, and to know.
    fn advice(&self, server: &str, changed: bool) -> String {
        let mut out = match changed {
            true => self.absent() + &self.notes(),
            // Said when it was made; what does not work is said again.
            false => {
                let absent = self.absent();
                let missing = absent.lines().filter(|line| line.starts_with("  missing:"));
                missing.map(|line| format!("{line}\n")).collect()
            }
        };
        if let Some(rsync) = &self.rsync {
            let _ = writeln!(out, "  deploy:   {rsync}");
        }
        let _ = writeln!(out, "  start:    {}", self.start);
        let _ = writeln!(out, "  clients:  {server}");
        out
    }

    fn notes(&self) -> String {
        let mut out = String::new();
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
        if let Some(user) = &self.smb_user {
            let conf = quoted(Path::new(&format!("{}/etc/smb.conf", self.deploy_root)));
            let _ = writeln!(
                out,
                "  SMB:      the account {user} must be one of the server's; its password: smbpasswd -c \
                 {conf} -a {user}"
            );
        }
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
        if let Some(true) = self.shown {
            let diffs = self.applied.diffs();
            return if diffs.is_empty() { "nothing would change\n".to_owned() } else { diffs };
        }
        let changed = self.applied.changed();
        let head = match (self.shown.is_some(), changed) {
            (true, _) => "would make the boot server",
            (false, true) => "made the boot server",
            (false, false) => "nothing to do for the boot server",
        };
        let changes = self.applied.changes();
        format!("{head} {}\n{changes}{}", self.root, self.applied.advice(&self.server, changed))
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcome: &'static str) -> Initialized {
        let file = |path: &str, version: Option<&str>| AppliedFile {
            path: path.into(),
            outcome,
            diff: String::new(),
            origin: version
                .map(|version| Origin { path: "/usr/x".into(), version: Some(version.into()) }),
        };
        let missing = |file: &str, needed| MissingLoader {
            file: file.into(),
            purpose: "some",
            packages: Some(&crate::site::loader::package::IPXE_ARM),
            needed,
        };
        let applied = Applied {
            files: vec![
                file("wwwroot/a.0", Some("PXELINUX 6.04")),
                file("etc/b", None),
                file("wwwroot/c", None),
                file("top", None),
            ],
            missing: vec![missing("x", false), missing("y", false), missing("z", true)],
            deploy_root: "/srv/my pxe".into(),
            start: "systemctl".into(),
            smb_user: Some("install".into()),
            ..Applied::default()
        };
        Initialized::new("root".into(), "http://a".into(), applied)
    }

    #[test]
    fn what_is_alike_shares_a_line() {
        let text = report("added").text();
        for line in ["wwwroot/: a.0 (PXELINUX 6.04), c", "etc/b", "top"] {
            assert!(text.contains(&format!("  added:    {line}\n")), "{line}: {text}");
        }
        assert_eq!(text.matches("  without:").count(), 1, "{text}");
        assert!(text.contains("  without:  x, for some; y, for some (Debian"), "{text}");
        assert!(text.contains("smbpasswd -c '/srv/my pxe/etc/smb.conf' -a install\n"), "{text}");
    }

    #[test]
    fn where_nothing_has_changed_only_what_does_not_work_is_said_again() {
        let text = report("unchanged").text();
        let heads: Vec<_> = text.lines().map(|line| line.trim().split(':').next()).collect();
        let expected = ["nothing to do for the boot server root", "missing", "start", "clients"];
        assert_eq!(heads, expected.map(Some), "{text}");
    }
}
