//! Files that still name an address which the server had before.

use std::collections::BTreeSet;

use super::finding::Findings;
use super::recorded::regular;
use super::site::Site;
use crate::site::host;
use crate::site::uefi::UEFI;

/// Largest file in bytes that is looked through.
const BYTES_MAX: u64 = 4 << 20;
/// The menu's path, relative to the root.
const MENU: &str = "wwwroot/pxefiles/pxelinux.cfg/default";

/// Tells of menus, scripts, answer files and boot.cfgs that name an address which the settings do not
/// have any more.
pub(super) fn check(site: &Site<'_>, findings: &mut Findings) {
    let Some(new) = &site.settings.server else { return };
    let old = addresses(site);
    if old.is_empty() {
        return;
    }
    let mut files: BTreeSet<String> = [MENU, UEFI].map(str::to_owned).into();
    for one in host::list(site.root).unwrap_or_default() {
        files.extend(host::paths(one.mac).map(|path| path.to_string_lossy().into_owned()));
    }
    files.extend(site.records.iter().flat_map(|r| r.files.iter().map(|file| file.path.clone())));
    for file in files {
        let text = regular(&site.root.path().join(&file), BYTES_MAX).unwrap_or_default();
        if let Some(old) = old.iter().find(|old| names(&text, old)) {
            let message = format!("names {old}, and the server is {new} now");
            findings.warning("old-address", file, message, "run 'pxe-import render'");
        }
    }
}

/// Whether `text` names one of the server's earlier addresses.
pub(super) fn names_old(site: &Site<'_>, text: &[u8]) -> bool {
    addresses(site).iter().any(|old| names(text, old))
}

/// The addresses that imports were made for and the settings do not have; one that was given for its
/// import alone is meant.
fn addresses(site: &Site<'_>) -> BTreeSet<String> {
    let Some(new) = site.settings.server.as_ref().map(ToString::to_string) else {
        return BTreeSet::new();
    };
    let records = site.records.iter().filter(|record| !record.options.contains_key("server"));
    records.filter_map(|record| record.server.clone()).filter(|old| *old != new).collect()
}

/// Whether `text` holds the URL `address` and not a longer one of another server.
fn names(text: &[u8], address: &str) -> bool {
    let ends = |b: &u8| !(b.is_ascii_alphanumeric() || b"-.:".contains(b));
    let at = |at: usize| text.get(at + address.len()).is_none_or(ends);
    text.windows(address.len()).enumerate().any(|(i, part)| part == address.as_bytes() && at(i))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_whole() {
        let old = "http://192.168.4.6";
        assert!(names(b"ks=http://192.168.4.6/ks.cfg", old));
        assert!(names(b"url --url http://192.168.4.6", old));
        assert!(!names(b"ks=http://192.168.4.60/ks.cfg", old));
        assert!(!names(b"ks=http://192.168.4.6:8080/ks.cfg", old));
        assert!(!names(b"", old));
    }
}
