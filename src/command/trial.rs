//! `pxe-import try`: an entry booted in a virtual machine.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
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
use crate::site::{Root, Server, Settings, known};
use crate::trial::directory::Directory;
use crate::trial::need::Resolver;
use crate::trial::run::{Means, Plan, SCREEN, run as boot, sizes};
use crate::trial::{Need, bios, uefi};

/// What pxelinux reads, below the web root.
const MENU: &str = "pxefiles/pxelinux.cfg/default";
/// What UEFI clients read.
const UEFI: &str = "pxefiles/uefi.ipxe";
/// Most bytes of a boot.cfg, as when it is patched.
const BOOT_CFG_MAX: u64 = 64 << 10;

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
    let tries = menus.tries(args)?;
    let qemu = find::qemu(std::env::var_os("PATH").as_deref())?;
    let needs_uefi = tries.iter().any(|one| one.uefi);
    let firmware = needs_uefi.then(|| find::firmware(Path::new("/"))).transpose()?;
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
        let firmware = firmware.clone().filter(|_| one.uefi);
        let mut plan = menus.plan(&one.label, one.uefi, args.menu)?;
        plan.firmware = firmware;
        sizes(&mut plan.needs, &root.wwwroot(), |path| sizes_of.get(path).copied());
        let dir = Directory::new()?;
        let outcome = boot(&means, &plan, &dir, monitor)?;
        let mut trial = Trial::new(&one.label, one.uefi, &outcome);
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
        let files = known.into_iter().filter_map(|(path, meta)| Some((path, meta.size?)));
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

/// An entry to be tried by one kind of firmware.
#[derive(Debug, Clone, PartialEq, Eq)]
struct One {
    label: String,
    uefi: bool,
}

/// What clients choose from.
struct Menus<'m> {
    www: PathBuf,
    server: &'m Server,
    /// pxelinux's menu and where it is.
    bios: (PathBuf, Vec<u8>),
    /// UEFI's, if there is one.
    uefi: Option<String>,
}

impl<'m> Menus<'m> {
    fn read(root: &Root, server: &'m Server) -> Result<Self> {
        let read = |path: PathBuf| match fs::read(&path) {
            Ok(text) => Ok((path, Some(text))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((path, None)),
            Err(error) => Err(Error::io("read", path, error)),
        };
        let www = root.wwwroot();
        let (path, text) = read(www.join(MENU))?;
        let Some(text) = text else {
            let what = "is not there: there is nothing to try before the first import";
            return Err(Error::invalid(path, what));
        };
        let (_, uefi) = read(www.join(UEFI))?;
        let uefi = uefi.map(|text| String::from_utf8_lossy(&text).into_owned());
        Ok(Self { www, server, bios: (path, text), uefi })
    }

    fn boot_cfg(&self) -> impl Fn(&str) -> Option<Vec<u8>> + '_ {
        |path| {
            let www = self.www.canonicalize().ok()?;
            let file = www.join(path).canonicalize().ok().filter(|file| file.starts_with(&www))?;
            let mut text = Vec::new();
            fs::File::open(file).ok()?.take(BOOT_CFG_MAX).read_to_end(&mut text).ok()?;
            Some(text)
        }
    }

    fn needs(&self, label: &str, by_uefi: bool) -> Result<Option<Vec<Need>>> {
        if by_uefi {
            let resolver = Resolver { server: self.server, prefix: "" };
            let script = self.uefi.as_deref();
            return Ok(script.and_then(|text| uefi::needs(text, label, resolver, self.boot_cfg())));
        }
        let resolver = Resolver { server: self.server, prefix: "pxefiles/" };
        let (path, text) = &self.bios;
        bios::needs(path, text, label, resolver, self.boot_cfg())
    }

    /// What is asked for.
    fn tries(&self, args: &Try) -> Result<Vec<One>> {
        let (path, text) = &self.bios;
        let bootable = bios::bootable(path, text)?;
        if let Some(label) = &args.label {
            return Ok(vec![One { label: label.clone(), uefi: args.uefi }]);
        }
        if bootable.is_empty() {
            return Err(Error::invalid(path, "has no entry that boots anything from here"));
        }
        let mut all = Vec::new();
        for label in bootable {
            let uefi = args.uefi && self.needs(&label, true)?.is_some();
            all.push(One { label: label.clone(), uefi: false });
            all.extend(uefi.then_some(One { label, uefi: true }));
        }
        Ok(all)
    }

    /// How to try it; the firmware is the caller's.
    fn plan(&self, label: &str, by_uefi: bool, menu: bool) -> Result<Plan> {
        let (path, text) = &self.bios;
        let Some(needs) = self.needs(label, by_uefi)? else {
            return Err(self.unknown(label, by_uefi)?);
        };
        let missing = || Error::invalid(self.www.join(UEFI), "offers no choice to be made");
        let (overlay, choose) = match (by_uefi, menu) {
            (false, false) => (vec![(MENU, bios::straight(text, label))], None),
            (false, true) => (vec![(MENU, bios::mirrored(text))], bios::index(path, text, label)?),
            (true, _) => {
                let script = self.uefi.as_deref().unwrap_or_default();
                if menu {
                    let at = uefi::items(script).iter().position(|item| *item == label);
                    (Vec::new(), Some(at.ok_or_else(missing)?))
                } else {
                    let script = uefi::straight(script, label).ok_or_else(missing)?;
                    (vec![(UEFI, script.into_bytes())], None)
                }
            }
        };
        let menu = match (&self.uefi, by_uefi) {
            (Some(script), true) => script.clone(),
            _ => String::from_utf8_lossy(text).into_owned(),
        };
        Ok(Plan { firmware: None, needs, overlay, menu, choose })
    }

    fn unknown(&self, label: &str, by_uefi: bool) -> Result<Error> {
        let (path, text) = &self.bios;
        if by_uefi && self.uefi.is_none() {
            let what = "is not there, so UEFI clients have no menu: 'pxe-import render' writes it";
            return Ok(Error::invalid(self.www.join(UEFI), what));
        }
        let all = bios::bootable(path, text)?;
        if by_uefi && all.iter().any(|known| known == label) {
            let what = format!("has no entry {label} that boots anything: it is for BIOS only");
            return Ok(Error::invalid(self.www.join(UEFI), what));
        }
        let known = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
        let what = format!("no entry {label} that boots anything from here; there are: {known}");
        Ok(Error::invalid(path, what))
    }
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
