//! Whether UEFI clients and single hosts are given what the records say, and whether that is there.

use std::io;
use std::path::Path;

use super::address::Address;
use super::finding::{Findings, Severity};
use super::old;
use super::recorded::{plain, regular};
use super::served::{Request, Served};
use super::site::Site;
use crate::error::Result;
use crate::media::printable;
use crate::site::generated::{Ledger, Outcome};
use crate::site::uefi::{self, Planned, UEFI};
use crate::site::{catalog::Catalog, host, next};

/// Largest script in bytes.
const BYTES_MAX: u64 = 4 << 20;
/// How all of it is mended.
const RENDER: &str = "run 'pxe-import render'";

/// Checks `uefi.ipxe`, the hosts and the configs of pxelinux 3.86 against the records, and all that the
/// scripts of ours name.
pub(super) fn check(site: &Site<'_>, served: &Served<'_>, findings: &mut Findings) {
    match Ledger::read(site.root) {
        // What a run at work, or one that was killed, has not written yet is no finding.
        Ok(ledger) if matches!(next::is_pending(site.root), Ok(false)) => {
            // A record that cannot be read is told as such.
            let _ = compare(site, &ledger, findings);
        }
        Ok(_) => {}
        Err(error) => {
            let mend = "restore it; without it, every file of the site counts as edited by hand";
            findings.warning("site-record-damaged", ".pxe-import/_site.json", plain(&error), mend);
        }
    }
    let mut scripts = vec![UEFI.to_owned()];
    let hosts = host::list(site.root).unwrap_or_default();
    let catalog = Catalog::read(site.root, &site.settings).unwrap_or_default();
    for one in &hosts {
        let [_, script] = host::paths(one.mac);
        let script = script.to_string_lossy().into_owned();
        match &one.label {
            Some(label) if catalog.find(label).is_none() => {
                let message = format!("boots {label}, which is no entry any more: it has the menu");
                let mac = one.mac;
                let mend =
                    format!("'pxe-import host {mac} LABEL', or 'pxe-import host remove {mac}'");
                findings.warning("host-label-gone", script, message, mend);
            }
            Some(_) => scripts.push(script),
            None => findings.note("not-checked", script, "was made by hand: not checked"),
        }
    }
    for script in scripts {
        match regular(&site.root.path().join(&script), BYTES_MAX) {
            Ok(text) if !old::names_old(site, &text) => {
                named(site, served, &script, &text, findings);
            }
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                let message = format!("cannot be read: {e}");
                findings.fault("script-unreadable", script, message, "run check as its owner");
            }
            _ => {}
        }
    }
}

/// Tells of files that are not as the records, the settings and the menu would have them.
fn compare(site: &Site<'_>, ledger: &Ledger, findings: &mut Findings) -> Result<()> {
    let Planned { files, gone, .. } = uefi::plan(site.root, &site.settings, ledger)?;
    for wanted in &files {
        let place = wanted.path.to_string_lossy().into_owned();
        match ledger.compare(site.root, wanted, false)?.outcome {
            Outcome::Added => {
                let message = "is missing: its clients do not get the entries that there are";
                findings.warning("not-rendered", place, message, RENDER);
            }
            Outcome::Replaced => {
                let message = "is not what entries, menu and settings say now";
                findings.warning("not-rendered", place, message, RENDER);
            }
            Outcome::Kept => {
                let message = "was edited by hand, and is kept as it is";
                findings.note("edited-file", place, message);
            }
            Outcome::Unchanged | Outcome::Removed => {}
        }
    }
    for path in gone.iter().filter(|path| site.root.path().join(path).exists()) {
        let message = "is for an entry that is gone";
        findings.warning("not-rendered", path.to_string_lossy(), message, RENDER);
    }
    Ok(())
}

/// Looks for all that a script of ours has iPXE fetch.
fn named(site: &Site<'_>, served: &Served<'_>, at: &str, text: &[u8], findings: &mut Findings) {
    for (number, line) in (1..).zip(text.split(|&b| b == b'\n')) {
        let Some(url) = fetched(line) else { continue };
        let address = site.servers.of_url(url);
        // A public boot service, or an address that is told of as an old one.
        if address == Address::Elsewhere {
            continue;
        }
        let who = format!("line {number} of {} names {}", file(at), printable(url));
        let mend = "import its tree again, or run 'pxe-import render'";
        let request = Request { who: &who, at, severity: Severity::Fault, mend, dir: false };
        served.look(&request, &address, findings);
    }
}

fn file(path: &str) -> String {
    Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What a line of a script of ours has iPXE fetch.
fn fetched(line: &[u8]) -> Option<&[u8]> {
    let mut words = line.split(|&b| b <= b' ').filter(|word| !word.is_empty());
    if !matches!(words.next()?, b"kernel" | b"initrd" | b"chain") {
        return None;
    }
    loop {
        match words.next()? {
            b"--name" => drop(words.next()?),
            option if option.starts_with(b"--") => {}
            url if url.starts_with(b"http://") => return Some(url),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_command_is_found_behind_its_options() {
        for (line, url) in [
            ("kernel http://h/k initrd=i ks=http://h/ks || goto failed", Some("http://h/k")),
            ("initrd --name i http://h/i || goto failed", Some("http://h/i")),
            ("chain --autofree http://h/site.ipxe ||", Some("http://h/site.ipxe")),
            ("item public http://h/x", None),
            ("chain ${210:string}pxelinux.0", None),
            ("initrd --name", None),
            ("", None),
        ] {
            assert_eq!(fetched(line.as_bytes()), url.map(str::as_bytes), "{line}");
        }
    }
}
