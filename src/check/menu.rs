//! Whether everything that the menu names is there under pxelinux's rules.

use super::address::Servers;
use super::disk::Disk;
use super::finding::{Findings, Severity};
use super::loader::Loader;
use super::served::{Request, Served};
use crate::media::printable;
use crate::menu::asked::{Asked, Menu, Role};
use crate::menu::entry::PUBLIC_NETBOOT;
use crate::site::Record;

/// What pxelinux tries behind a name that has no extension.
const EXTENSIONS: [&str; 4] = [".cbt", ".0", ".com", ".c32"];

/// A menu and what serves it.
#[derive(Debug)]
pub(super) struct MenuCheck<'a> {
    /// The menu's path, relative to the root.
    pub at: &'a str,
    pub menu: &'a Menu,
    pub servers: &'a Servers,
    pub loader: Option<&'a Loader>,
}

impl MenuCheck<'_> {
    /// Checks the entries of an import: that they are in the menu, and what they name.
    pub(super) fn import(&self, record: &Record, served: &Served<'_>, findings: &mut Findings) {
        let no_menu = record.options.contains_key("no-menu");
        for entry in &record.entries {
            let label = entry.entry.label.as_str();
            let block = self.menu.blocks.iter().find(|(block, ..)| block == label.as_bytes());
            match block {
                None if no_menu => continue,
                None => {
                    let message = format!("has no block of the label {label}");
                    let mend = format!("import {} again", record.name);
                    findings.warning("menu-block-missing", self.at, message, mend);
                    continue;
                }
                Some((_, line, hash)) if !record.blocks(label).contains(&hash.as_str()) => {
                    let message = format!(
                        "line {line}: the block of the label {label} has been edited since it was \
                         written, and imports keep it"
                    );
                    findings.note("menu-block-edited", self.at, message);
                }
                Some(_) => {}
            }
            let again = format!(
                "import {} again; with --force, where the block was edited by hand",
                record.name
            );
            let ours = |asked: &&Asked| asked.block.as_deref() == Some(label.as_bytes());
            for asked in self.menu.asked.iter().filter(ours) {
                // What lies elsewhere no import brings back: an answer file of one's own, memdisk.
                let inside = String::from_utf8_lossy(&asked.path).contains(&record.target);
                let mend = if inside { &*again } else { by_hand(asked) };
                self.asked(asked, Severity::Fault, mend, served, findings);
            }
        }
    }

    /// Checks what is the administrator's own.
    pub(super) fn others(&self, served: &Served<'_>, findings: &mut Findings) {
        for asked in self.menu.asked.iter().filter(|asked| asked.block.is_none()) {
            // Without it there is no menu at all.
            let ui = asked.role == Role::Ui;
            let severity = if ui { Severity::Fault } else { Severity::Warning };
            self.asked(asked, severity, by_hand(asked), served, findings);
        }
    }

    /// Tells of blocks that belong to no import.
    pub(super) fn orphans(&self, records: &[Record], findings: &mut Findings) {
        for (label, line, _) in &self.menu.blocks {
            let of = |record: &Record| {
                record.entries.iter().any(|entry| entry.entry.label.as_bytes() == label)
            };
            if label != PUBLIC_NETBOOT.as_bytes() && !records.iter().any(of) {
                let message =
                    format!("line {line}: the block of {} belongs to no import", printable(label));
                let mend = "delete it, or import that again ('pxe-import adopt', where its tree is \
                            there)";
                findings.warning("menu-block-orphan", self.at, message, mend);
            }
        }
    }

    fn asked(
        &self,
        asked: &Asked,
        severity: Severity,
        mend: &str,
        served: &Served<'_>,
        findings: &mut Findings,
    ) {
        let path = printable(&asked.path);
        let who = match &asked.label {
            Some(label) => {
                format!("the menu's label {} (line {}) names {path}", printable(label), asked.line)
            }
            None => format!("line {} of the menu names {path}", asked.line),
        };
        if asked.role == Role::Menu {
            let message = format!("{who}, a further menu: not checked");
            return findings.note("not-checked", self.at, message);
        }
        // Where there is no loader at all, its own files are none of the menu's faults.
        let beside = !asked.path.iter().any(|b| b"/:".contains(b));
        if beside && self.loader.is_none() {
            return;
        }
        let address = match asked.role {
            Role::Url => self.servers.of_url(&asked.path),
            _ => self.servers.of_pxelinux(&asked.path),
        };
        let dir = asked.role == Role::Url;
        let request = Request { who: &who, at: self.at, severity, mend, dir };
        let mut heard = Findings::default();
        let found = served.look(&request, &address, &mut heard);
        if found.is_none() && asked.role == Role::Kernel && self.extended(asked, served) {
            return;
        }
        findings.append(heard);
        let file = asked.path.rsplit(|&b| b == b'/').next().unwrap_or_default();
        if asked.role == Role::Module && file.eq_ignore_ascii_case(b"mboot.c32") {
            let elf = found.is_some_and(|found| is_elf(served, &found.path));
            self.loader.inspect(|loader| loader.check_mboot(asked, elf, findings));
        }
    }

    /// Whether a name without an extension is there with one.
    fn extended(&self, asked: &Asked, served: &Served<'_>) -> bool {
        let file = asked.path.rsplit(|&b| b == b'/').next().unwrap_or_default();
        !file.contains(&b'.')
            && EXTENSIONS.iter().any(|extension| {
                let path = [&asked.path[..], extension.as_bytes()].concat();
                match self.servers.of_pxelinux(&path) {
                    super::address::Address::Www(path) => served.web.find(&path).is_ok(),
                    _ => false,
                }
            })
    }
}

/// How to mend what no import has put there.
fn by_hand(asked: &Asked) -> &'static str {
    let file = asked.path.rsplit(|&b| b == b'/').next().unwrap_or_default();
    match asked.role {
        Role::Ui | Role::Module => {
            "copy it from the distribution's syslinux packages, of the version that pxelinux.0 has"
        }
        Role::Kernel if file == b"memdisk" => {
            "copy it from the distribution's syslinux packages, of the version that pxelinux.0 has"
        }
        _ => "put it there, or correct the menu",
    }
}

/// Whether a module is one of syslinux 5 or later.
fn is_elf(served: &Served<'_>, path: &std::path::Path) -> bool {
    use std::io::Read;
    let mut head = [0; 4];
    let file =
        Disk::open(&served.web.shown("".as_ref()), path).and_then(|disk| disk.file("".as_ref()));
    file.is_ok_and(|mut file| file.read_exact(&mut head).is_ok()) && head == *b"\x7fELF"
}
