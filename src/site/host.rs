//! Machines that boot an entry without a menu: `pxefiles/host/MAC.ipxe`.
//!
//! `menu.ipxe` looks for that script before anything else. Under UEFI it holds the commands of the menu's
//! entry; under BIOS it starts pxelinux, as the menu does, with a config beside it that holds the entry's
//! block and no more, so that a machine boots the same with the menu and without. A comment in the
//! script names the entry.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::catalog::{Catalog, Offer, Start};
use super::generated::{Ledger, Outcome, SiteFile};
use super::mac::Mac;
use super::pxelinux::head;
use super::root::Root;
use super::uefi::file;
use crate::error::{Error, Result};
use crate::menu::entry::is_label;
use crate::menu::ipxe;

/// Where they lie, relative to the root.
pub const DIR: &str = "wwwroot/pxefiles/host";
/// What a script's second line holds before the label.
const MARK: &str = "# pxe-import host ";
/// Most bytes of a script that are read.
const BYTES_MAX: u64 = 64 << 10;

/// A machine that boots without a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its hardware address.
    pub mac: Mac,
    /// The entry that it boots; `None` for a script of the administrator's own.
    pub label: Option<String>,
}

/// The machines that have a script, by their addresses.
///
/// # Errors
/// [`Error::Io`].
pub fn list(root: &Root) -> Result<Vec<Host>> {
    let dir = root.path().join(DIR);
    let read = |e| Error::io("read", &dir, e);
    let entries = match fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(e) => return Err(read(e)),
    };
    let mut hosts = Vec::new();
    for entry in entries {
        let name = entry.map_err(read)?.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(".ipxe"));
        let Some((stem, Ok(mac))) = stem.map(|stem| (stem, stem.parse::<Mac>())) else { continue };
        // iPXE asks for this spelling only.
        if stem == mac.to_string() {
            let text = head(&dir.join(&name), BYTES_MAX).unwrap_or_default();
            hosts.push(Host { mac, label: label(&text) });
        }
    }
    hosts.sort_by_key(|host| host.mac);
    Ok(hosts)
}

/// The entry that a script of ours is for.
pub fn label(script: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(script).ok()?.lines().nth(1)?;
    line.strip_prefix(MARK).filter(|label| is_label(label)).map(str::to_owned)
}

/// Config and script of `mac`, relative to the root, in the order of writing.
pub fn paths(mac: Mac) -> [PathBuf; 2] {
    ["cfg", "ipxe"].map(|ending| Path::new(DIR).join(format!("{mac}.{ending}")))
}

/// What `mac` is given to boot the entry `label`; where that is gone or cannot be had, a script that
/// says so and goes on to the menu.
pub fn files(mac: Mac, label: &str, offer: Option<&Offer>) -> Vec<SiteFile> {
    let [config, script] = paths(mac);
    let head = format!("#!ipxe\n{MARK}{label}\n");
    // menu.ipxe has set option 210, and nobody waits behind this script.
    let menu = "prompt --timeout 15000 Press a key for the menu ||\nimgfree ||\n\
                set 209:string pxelinux.cfg/default\niseq ${platform} efi && goto uefi ||\n\
                chain --autofree ${210:string}pxelinux.0 || exit 1\nexit 1\n\
                :uefi\nchain --replace --autofree ${210:string}uefi.ipxe || exit 1\n";
    let Some((offer, base)) = offer.and_then(|offer| Some((offer, offer.base.as_ref()?))) else {
        let text = format!("{head}echo {label} is no entry of this server any more.\n{menu}");
        return vec![file(script, text)];
    };
    let efi = match offer.start {
        Start::Machine(machine) => {
            ipxe::commands(&offer.entry, base, "goto failed").map(|commands| {
                let arch = machine.buildarch();
                format!("iseq ${{buildarch}} {arch} || goto failed\n{commands}")
            })
        }
        _ => Err(ipxe::Unfit::Bios),
    };
    let efi = efi.unwrap_or_else(|_| format!("echo {label} boots by BIOS only.\n"));
    let text = format!(
        "{head}iseq ${{platform}} efi && goto efi ||\n\
         set 210:string {base}/pxefiles/\nset 209:string host/{mac}.cfg\n\
         chain {base}/pxefiles/pxelinux.0 || goto failed\ngoto failed\n\
         \n:efi\n{efi}\n:failed\necho {label} did not start.\n{menu}"
    );
    let block = offer.block.replace("\r\n", "\n");
    let ended = if block.ends_with('\n') { "" } else { "\n" };
    let pxelinux = format!("default {label}\nprompt 0\n\n{block}{ended}");
    vec![file(config, pxelinux), file(script, text)]
}

/// Lets `mac` boot the entry `label`; whether that is new. The caller holds the lock.
///
/// # Errors
/// [`Error::Usage`] for a label that no entry has, or one that does not know its server's address;
/// [`Error::Conflict`] where there is a script of the administrator's own; as [`Ledger::put`].
pub fn set(root: &Root, catalog: &Catalog, mac: Mac, label: &str) -> Result<bool> {
    let offer = checked(root, catalog, mac, label)?;
    let mut ledger = Ledger::read(root)?;
    let files = files(mac, label, Some(offer));
    let mut changed = false;
    for wanted in &files {
        if ledger.compare(root, wanted, false)?.outcome == Outcome::Kept {
            return Err(own(root, &wanted.path));
        }
    }
    for wanted in &files {
        changed |= ledger.put(root, wanted, false)?.outcome != Outcome::Unchanged;
    }
    Ok(changed)
}

/// The entry `label`, if `mac` can be made to boot it. Writes nothing.
///
/// # Errors
/// As [`set`].
pub fn checked<'c>(root: &Root, catalog: &'c Catalog, mac: Mac, label: &str) -> Result<&'c Offer> {
    let Some(offer) = catalog.find(label) else {
        let labels: Vec<_> = catalog.offers.iter().map(|o| o.entry.label.as_str()).collect();
        let there = match labels.is_empty() {
            true => "there are none yet".to_owned(),
            false => format!("there are {}", labels.join(", ")),
        };
        return Err(Error::Usage(format!("there is no entry '{label}'; {there}")));
    };
    if offer.base.is_none() {
        return Err(super::server::Server::missing(root, "what a machine boots"));
    }
    let ledger = Ledger::read(root)?;
    for wanted in files(mac, label, Some(offer)) {
        if ledger.compare(root, &wanted, false)?.outcome == Outcome::Kept {
            return Err(own(root, &wanted.path));
        }
    }
    Ok(offer)
}

/// Lets `mac` have the menu again; whether it had a script. The caller holds the lock.
///
/// # Errors
/// [`Error::Conflict`] for one of the administrator's own; [`Error::Io`].
pub fn unset(root: &Root, mac: Mac) -> Result<bool> {
    check_unset(root, mac)?;
    let mut ledger = Ledger::read(root)?;
    let [config, script] = paths(mac);
    // The script first: it is what asks for the other.
    let there = ledger.drop(root, &script)? == Outcome::Removed;
    ledger.drop(root, &config)?;
    Ok(there)
}

/// Checks that `mac` has no script of the administrator's own. Writes nothing.
///
/// # Errors
/// As [`unset`].
pub fn check_unset(root: &Root, mac: Mac) -> Result<()> {
    let [_, script] = paths(mac);
    let full = root.path().join(&script);
    match fs::read(&full) {
        Ok(text) if !Ledger::read(root)?.is_ours(&script, &text) => Err(own(root, &script)),
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io("read", full, e)),
        _ => Ok(()),
    }
}

/// Lets every machine that boots the entry `old` boot `new`, which is the same under another label.
/// The caller holds the lock, and calls [`super::uefi::render`] with the records of the new label.
///
/// # Errors
/// [`Error::Io`]; as [`Ledger::put`].
pub fn relabel(root: &Root, old: &str, new: &str) -> Result<()> {
    let mut ledger = Ledger::read(root)?;
    for host in list(root)?.into_iter().filter(|host| host.label.as_deref() == Some(old)) {
        for wanted in files(host.mac, new, None) {
            ledger.put(root, &wanted, false)?;
        }
    }
    Ok(())
}

fn own(root: &Root, path: &Path) -> Error {
    let what = "was edited or made by hand, and is not replaced: delete it, or move it away";
    Error::conflict(root.path().join(path), what)
}
