//! What clients other than those of pxelinux's menu are given: `uefi.ipxe`, the scripts of single hosts, and
//! pxelinux 3.86's configs for ESXi. All of it is made anew from the records after every change.
//!
//! `uefi.ipxe` keeps to the records: a block that somebody has edited in pxelinux's menu is what BIOS
//! clients boot, and no more than that.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::atomic::sync_dir;
use super::catalog::{Catalog, Offer, Start};
use super::generated::{Ledger, Outcome, Put, SiteFile, diff};
use super::host::{self, Host};
use super::root::Root;
use super::settings::Settings;
use crate::error::{Error, Result};
use crate::menu::entry::is_label;
use crate::menu::{esxi, ipxe};
use crate::monitor::{Monitor, Warning};

/// The menu of UEFI clients, relative to the root.
pub const UEFI: &str = "wwwroot/pxefiles/uefi.ipxe";
/// The site's own script, likewise.
pub const SITE: &str = "wwwroot/pxefiles/site.ipxe";
/// Is there once `init` has made the root.
const FIRST: &str = "pxeboot/menu.ipxe";

/// What is to be written.
#[derive(Debug, Default)]
pub struct Planned {
    /// The files, in the order of writing.
    pub files: Vec<SiteFile>,
    /// Files that are needed no more, relative to the root.
    pub gone: Vec<PathBuf>,
    /// What is to be said, and the file in `files` with whose change it is said; at every time for none.
    pub warnings: Vec<(Option<PathBuf>, Warning)>,
    /// First components of trees that pxelinux 3.86 needs a link to.
    links: Vec<String>,
}

/// What there is to be written, from settings, records and menu as they stand. Writes nothing.
///
/// # Errors
/// As [`Catalog::read`]; [`Error::Io`].
pub fn plan(root: &Root, settings: &Settings, ledger: &Ledger) -> Result<Planned> {
    let catalog = Catalog::read(root, settings)?;
    let mut planned = Planned::default();
    menu(root, settings, &catalog, &mut planned);
    for Offer { entry, .. } in catalog.bridged() {
        let path = esxi::config_path(&entry.label);
        planned.files.push(file(path, esxi::config(entry)));
        // The kernel's first directory, as pxelinux asks for it behind its prefix.
        let kernel = esxi::plain(entry).kernel;
        planned.links.extend(kernel.split('/').nth(1).map(str::to_owned));
    }
    for Host { mac, label, .. } in host::list(root)? {
        let Some(label) = label else { continue };
        let [config, script] = host::paths(mac);
        let made = host::files(mac, &label, catalog.find(&label));
        if catalog.find(&label).is_none() {
            let message = format!(
                "boots {label}, which is no entry any more, and has the menu again: 'pxe-import host \
                 {mac} LABEL' gives it another, 'pxe-import host remove {mac}' none"
            );
            let warning = Warning::new("host-label-gone", mac.to_string(), message);
            planned.warnings.push((Some(script), warning));
            planned.gone.push(config);
        }
        planned.files.extend(made);
    }
    let unneeded = ledger.paths().filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // What is called otherwise is none of an entry's.
        is_label(name) && name != "default" && **path == esxi::config_path(name)
    });
    let wanted = |path: &Path| planned.files.iter().any(|file| file.path == path);
    let unneeded: Vec<_> = unneeded.filter(|path| !wanted(path)).map(Path::to_owned).collect();
    planned.gone.extend(unneeded);
    Ok(planned)
}

/// Plans `uefi.ipxe`.
fn menu(root: &Root, settings: &Settings, catalog: &Catalog, planned: &mut Planned) {
    let begun = root.path().join(FIRST).exists();
    let base = settings.server.as_ref().map(ToString::to_string);
    let offers = || catalog.offers.iter().filter(|offer| offer.in_menu);
    let bootable = |offer: &Offer| offer.base.is_some() && matches!(offer.start, Start::Machine(_));
    let known = base.is_some() || offers().any(|offer| offer.base.is_some());
    // A server that nobody has made for UEFI clients has no menu for them until there is something in it.
    let wanted = begun || base.is_some() || root.path().join(UEFI).exists();
    if !known || !(wanted || offers().any(bootable)) {
        if begun {
            let message = format!(
                "is not made: the server's address is not known; write server = \"ADDRESS\" into {}",
                root.settings().display()
            );
            planned.warnings.push((None, Warning::new("uefi-no-server", UEFI, message)));
        }
        return;
    }
    let items = offers().filter_map(|Offer { entry, base, start, .. }| match (base, start) {
        (Some(base), Start::Machine(machine)) => {
            Some(ipxe::Item { entry, base, machine: *machine })
        }
        _ => None,
    });
    let mut bios_only: Vec<(String, String)> = Vec::new();
    let mut kinds: [(&str, Vec<String>); 4] = [
        ("are no entries of pxe-import's", catalog.foreign.clone()),
        ("have no form for UEFI", Vec::new()),
        ("start what has no EFI header for any client", Vec::new()),
        ("are not there, or have no server's address", Vec::new()),
    ];
    for offer in offers().filter(|offer| !bootable(offer)) {
        let (kind, why) = match offer.start {
            Start::Never => (1, "no form for UEFI"),
            Start::Foreign => (2, "no EFI header"),
            Start::Absent | Start::Machine(_) => (3, "not there"),
        };
        kinds[kind].1.push(offer.entry.label.clone());
        bios_only.push((offer.entry.label.clone(), why.to_owned()));
    }
    let here = base.or_else(|| offers().find_map(|offer| offer.base.clone()));
    let site = here.filter(|_| root.path().join(SITE).is_file());
    let site = site.map(|base| format!("{base}/pxefiles/site.ipxe"));
    let menu = ipxe::Menu {
        title: &settings.menu_title,
        timeout: settings.timeout,
        items: items.collect(),
        public_netboot: settings.public_netboot.as_deref(),
        site: site.as_deref(),
        bios_only,
    };
    let (script, unfit) = ipxe::script(&menu);
    // What the script that is there says of a label has been told before.
    let there = fs::read_to_string(root.path().join(UEFI)).unwrap_or_default();
    let news = |label: &str| !there.contains(&format!("# BIOS only: {label} ("));
    let mut warn = |message: String| {
        let warning = Warning::new("bios-only", UEFI, message);
        planned.warnings.push((Some(UEFI.into()), warning));
    };
    if begun {
        for (_, labels) in &mut kinds {
            labels.retain(|label| news(label));
        }
        for (what, labels) in kinds.iter().filter(|(_, labels)| !labels.is_empty()) {
            warn(format!("BIOS only, they {what}: {}", labels.join(", ")));
        }
    }
    for (label, why) in unfit.into_iter().filter(|(label, _)| news(label)) {
        warn(format!("BIOS only: {label}: {why}"));
    }
    planned.files.push(file(UEFI.into(), script));
}

pub(super) fn file(path: PathBuf, text: String) -> SiteFile {
    SiteFile { path, bytes: text.into_bytes(), mode: 0o644, origin: None }
}

/// What [`render`] would change, and what it would do but for an owner's edit, the files of `force` being
/// replaced all the same. Writes nothing.
///
/// # Errors
/// As [`plan`] and [`Ledger::compare`].
pub fn compare(root: &Root, settings: &Settings, force: &[PathBuf]) -> Result<Vec<(PathBuf, Put)>> {
    let ledger = Ledger::read(root)?;
    let mut all = Vec::new();
    // Where nothing has been made or imported yet, a refresh has nothing to begin.
    if ledger.paths().next().is_none() && root.records()?.is_empty() {
        return Ok(all);
    }
    let Planned { files, gone, .. } = plan(root, settings, &ledger)?;
    for file in files {
        let put = ledger.compare(root, &file, force.contains(&file.path))?;
        if put.outcome != Outcome::Unchanged {
            all.push((file.path, put));
        }
    }
    for path in gone {
        let there = fs::read(root.path().join(&path)).unwrap_or_default();
        if ledger.is_ours(&path, &there) {
            let diff = diff(&path, &there, b"");
            all.push((path, Put { outcome: Outcome::Removed, diff }));
        }
    }
    Ok(all)
}

/// Writes those of `force` that are edited. The caller holds the lock.
///
/// # Errors
/// As [`render`].
pub fn replace(root: &Root, settings: &Settings, force: &[PathBuf]) -> Result<()> {
    let mut ledger = Ledger::read(root)?;
    let Planned { files, .. } = plan(root, settings, &ledger)?;
    for file in files.iter().filter(|file| force.contains(&file.path)) {
        ledger.put(root, file, true)?;
    }
    Ok(())
}

/// Writes all of it as it should be; what is so already is not touched. The caller holds the lock.
///
/// # Errors
/// As [`plan`] and [`Ledger::put`].
pub fn render(root: &Root, settings: &Settings, monitor: &dyn Monitor) -> Result<()> {
    let mut ledger = Ledger::read(root)?;
    let Planned { files, gone, warnings, links } = plan(root, settings, &ledger)?;
    let mut changed = Vec::new();
    for file in &files {
        let put = ledger.put(root, file, false)?;
        match put.outcome {
            Outcome::Unchanged => {}
            Outcome::Kept => {
                let path = file.path.to_string_lossy();
                let message = format!(
                    "was edited by hand and is kept: clients do not see what has changed; move it away, \
                     or give 'pxe-import render --force {path}'"
                );
                monitor.warn(Warning::new("edited-file", path, message));
            }
            _ => changed.push(&file.path),
        }
    }
    for path in &gone {
        ledger.drop(root, path)?;
    }
    unlink(root)?;
    for first in &links {
        link(root, first)?;
    }
    for (with, warning) in warnings {
        if with.is_none_or(|with| changed.contains(&&with)) {
            monitor.warn(warning);
        }
    }
    Ok(())
}

/// As [`render`], behind something that is done already: what fails is a warning.
pub fn follow(root: &Root, settings: &Settings, monitor: &dyn Monitor) {
    if let Err(error) = render(root, settings, monitor) {
        let message = format!(
            "is as it was, and UEFI clients do not see the change: {}; run 'pxe-import render' when that \
             is mended",
            error.chain()
        );
        monitor.warn(Warning::new("uefi-not-written", UEFI, message));
    }
}

/// Makes the link by which pxelinux 3.86 finds a tree. What else has its name stays, and is for a check
/// to tell.
fn link(root: &Root, first: &str) -> Result<()> {
    let dir = root.wwwroot().join(esxi::PX386);
    let link = dir.join(first);
    if !dir.is_dir() || fs::symlink_metadata(&link).is_ok() {
        return Ok(());
    }
    root.check_way(&link)?;
    match symlink(Path::new("..").join(first), &link) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
            Err(Error::io("create the link", &link, e))
        }
        _ => sync_dir(&dir),
    }
}

/// Takes links away whose tree is gone.
fn unlink(root: &Root) -> Result<()> {
    let dir = root.wwwroot().join(esxi::PX386);
    for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
        let (link, name) = (entry.path(), entry.file_name());
        let ours = fs::read_link(&link).is_ok_and(|to| to == Path::new("..").join(&name));
        if ours && fs::symlink_metadata(root.wwwroot().join(&name)).is_err() {
            fs::remove_file(&link).map_err(|e| Error::io("remove", &link, e))?;
        }
    }
    Ok(())
}
