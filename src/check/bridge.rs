//! Whether pxelinux 3.86, which starts ESXi under BIOS where the main loader is newer, finds what it needs.

use super::address::{Servers, is_url, www};
use super::finding::{Findings, Severity};
use super::recorded::regular;
use super::served::{Request, Served};
use crate::media::printable;
use crate::menu::asked::asked;
use crate::menu::esxi::{self, PX386};
use crate::site::pxelinux::{BYTES_MAX, LAST_COM32, version};
use crate::site::{Record, Root};

/// Follows the entries of `record` that are bridged: their configs, and all that these name below
/// [`PX386`].
pub(super) fn check(
    root: &Root,
    servers: &Servers,
    record: &Record,
    served: &Served<'_>,
    findings: &mut Findings,
) {
    for entry in record.entries.iter().map(|entry| &entry.entry) {
        if !esxi::is_bridge(entry) {
            continue;
        }
        loader(root, findings);
        let path = esxi::config_path(&entry.label);
        let place = path.to_string_lossy();
        let Ok(text) = regular(&root.path().join(&path), BYTES_MAX) else {
            let message = format!("is missing: PXELINUX {LAST_COM32} asks for it");
            findings.fault("path-missing", &*place, message, "run 'pxe-import render'");
            continue;
        };
        let asked = asked(&path, &text).unwrap_or_default().asked;
        for one in asked.iter().filter(|one| one.label.is_some()) {
            let address = match is_url(&one.path) {
                true => servers.of_url(&one.path),
                // What is behind its prefix is found by the links in there.
                false => www(&[PX386.as_bytes(), b"/", &one.path].concat()),
            };
            let who = format!("{place} (line {}) names {}", one.line, printable(&one.path));
            let mend = "run 'pxe-import render', which makes the link; or import the tree again";
            let request =
                Request { who: &who, at: &place, severity: Severity::Fault, mend, dir: false };
            served.look(&request, &address, findings);
        }
    }
}

/// What is missing there is told where the menu names it.
fn loader(root: &Root, findings: &mut Findings) {
    let place = format!("wwwroot/{PX386}/pxelinux.0");
    let Ok(bytes) = regular(&root.path().join(&place), BYTES_MAX) else { return };
    if let Some(version) = version(&bytes).filter(|version| *version > LAST_COM32) {
        let message =
            format!("is version {version}, and only {LAST_COM32} loads VMware's mboot.c32");
        findings.fault("loader-mboot", place, message, "put the files of that version there");
    }
}
