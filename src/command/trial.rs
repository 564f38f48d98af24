//! `pxe-import try`: an entry booted in a virtual machine.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::cli::Common;
use crate::cli::boot::Try;
use crate::error::{Error, Result};
use crate::monitor::{Monitor, Warning};
use crate::qemu::{Network, find};
use crate::report::Report;
use crate::report::tried::{Trial, Tried};
use crate::site::atomic::write_atomic;
use crate::site::pxelinux::uefi_only;
use crate::site::{Root, Server, Settings, known};
use crate::trial::directory::Directory;
use crate::trial::menus::One;
use crate::trial::run::{Means, SCREEN, run as boot, sizes};
use crate::trial::{By, Menus};

/// Boots the entry, or every entry, and says what came of it.
///
/// # Errors
/// What keeps a machine from running; a label that is not there. An entry that does not boot is told
/// in the report, and fails the command.
pub fn run(args: &Try, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let until = args.until.as_deref().map(Regex::new).transpose();
    let until = until.map_err(|error| Error::Usage(format!("--until: {error}")))?;
    let root = Root::new(&common.root);
    let settings = Settings::load(&root)?;
    let server = server(&root, &settings)?;
    let network = Network::around(&server).map_err(|unfit| {
        let what = format!(
            "the server address {} {unfit}: 'try' needs the IPv4 address that clients reach it by, \
             which the menus then name as well",
            server.host()
        );
        Error::invalid(root.settings(), what)
    })?;
    let menus = Menus::read(&root, &server)?;
    let tries = tries(&menus, args, monitor)?;
    let qemu = find::qemu(std::env::var_os("PATH").as_deref())?;
    let needs_uefi = tries.iter().any(|one| one.by == By::Uefi);
    let firmware = match needs_uefi.then(|| find::firmware(Path::new("/"))).transpose() {
        // The entries that can do without are tried all the same.
        Err(missing) if args.all && !args.uefi => Err(missing.chain()),
        other => Ok(other?),
    };
    let program = std::env::current_exe().map_err(|e| Error::io("find", "this program", e))?;
    let sizes_of = imported(&root)?;
    let means = Means {
        root: &root,
        server: &server,
        network: &network,
        qemu: &qemu,
        program: &program,
        accel: &args.accel,
        memory: args.memory,
        timeout: args.timeout,
        until: until.as_ref(),
    };
    let mut tried = Tried::new();
    for one in tries {
        let firmware = match (one.by, &firmware) {
            (By::Bios, _) => None,
            (By::Uefi, Ok(found)) => found.clone(),
            (By::Uefi, Err(missing)) => {
                let why = format!("no firmware here boots it: by UEFI only, and {missing}");
                tried.add(Trial::unbootable(&one.label, why));
                continue;
            }
            (By::Nothing, _) => {
                let only = uefi_only(&one.label);
                let only = only.message;
                let why = format!("no firmware here boots it: {only}; and it is not in uefi.ipxe");
                tried.add(Trial::unbootable(&one.label, why));
                continue;
            }
        };
        let by_uefi = one.by == By::Uefi;
        let mut plan = match menus.plan(&one.label, by_uefi, args.menu) {
            // What hinders one is no reason to leave out the others.
            Err(hindered) if args.all => {
                tried.add(Trial::unbootable(&one.label, hindered.chain()));
                continue;
            }
            plan => plan?,
        };
        if let Some(url) = menus.dangling(&one.label)? {
            let why = format!("its kernel is told of {url}, which is not there");
            tried.add(Trial::unbootable(&one.label, why));
            continue;
        }
        plan.firmware = firmware;
        sizes(&mut plan.needs, &root.wwwroot(), |path| sizes_of.get(path).copied());
        let dir = Directory::new()?;
        let outcome = boot(&means, &plan, &dir, monitor)?;
        let mut trial = Trial::new(&one.label, by_uefi, &outcome);
        if !trial.booted && menus.lacks_loader(&plan.needs) {
            monitor.warn(uefi_only(&one.label));
        }
        if let Some(why) = &outcome.no_screen {
            monitor.warn(Warning::new("no-screenshot", one.label.as_str(), why.as_str()));
        } else if let Some(to) = &args.screenshot {
            let to = numbered(to, args.all.then_some(&*trial.name()));
            let png = dir.file(SCREEN);
            let png = fs::read(&png).map_err(|error| Error::io("read", png, error))?;
            write_atomic(&to, &png, 0o644)?;
            trial.screenshot = Some(to.to_string_lossy().into_owned());
        }
        if args.keep {
            trial.kept = Some(dir.keep().to_string_lossy().into_owned());
        }
        tried.add(trial);
    }
    Ok(Report::Other(Box::new(tried)))
}

/// What is asked for.
fn tries(menus: &Menus<'_>, args: &Try, monitor: &dyn Monitor) -> Result<Vec<One>> {
    if let Some(label) = &args.label {
        let by = if args.uefi { By::Uefi } else { By::Bios };
        return Ok(vec![One { label: label.clone(), by }]);
    }
    let (all, elsewhere) = menus.all(args.uefi)?;
    for label in elsewhere {
        let message =
            "leads to another server, which a machine under trial cannot reach: not tried";
        monitor.warn(Warning::new("not-tried", label, message));
    }
    Ok(all)
}

/// The address that the tree was made for: the settings', else that of the newest import.
fn server(root: &Root, settings: &Settings) -> Result<Server> {
    if let Some(server) = &settings.server {
        return Ok(server.clone());
    }
    let mut records = root.records()?;
    records.sort_by(|a, b| b.published.cmp(&a.published));
    let known = records.iter().find_map(|record| record.server.as_ref()?.parse().ok());
    known.ok_or_else(|| Server::missing(root, "the network of the virtual machine"))
}

/// The size of every imported file, by its path below the web root.
fn imported(root: &Root) -> Result<HashMap<PathBuf, u64>> {
    let mut all = HashMap::new();
    for record in root.records()? {
        let known = known::known(root, &record.name)?.unwrap_or_default();
        let files = known.iter().filter_map(|(path, meta)| Some((path, meta.size()?)));
        all.extend(files.map(|(path, size)| {
            let whole = path.as_os_str().is_empty();
            let target = PathBuf::from(&record.target);
            (if whole { target } else { target.join(path) }, size)
        }));
    }
    Ok(all)
}

/// `a.png` as `a-NAME.png`, where there are several.
fn numbered(path: &Path, name: Option<&str>) -> PathBuf {
    let Some(name) = name else { return path.to_owned() };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let end = path.extension().map(|end| format!(".{}", end.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{name}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screenshots_of_several_entries_have_several_names() {
        let of = |path: &str, name| numbered(Path::new(path), name).to_string_lossy().into_owned();
        assert_eq!(of("out/a.png", None), "out/a.png");
        assert_eq!(of("out/a.png", Some("centos6.8-uefi")), "out/a-centos6.8-uefi.png");
        assert_eq!(of("a", Some("c")), "a-c");
    }
}
