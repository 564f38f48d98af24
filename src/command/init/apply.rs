//! A plan carried out: files put into place as far as they are ours.

use std::path::{Path, PathBuf};

use super::How;
use super::menu::{self, MENU};
use super::plan::Plan;
use crate::check::shell::quoted;
use crate::config::{Boot, Dhcp, Listen, port, selinux};
use crate::error::{Error, Result};
use crate::monitor::{Monitor, Warning};
use crate::report::initialized::{Applied, AppliedFile, MissingLoader, ServedArchitecture};
use crate::site::generated::{Ledger, Outcome, Put, SiteFile};
use crate::site::{Root, Settings, link, uefi};

/// Directories that daemons need, by a file that would be in them.
const WAYS: [&str; 3] = [".pxe-import/run/samba/_", "wwwroot/windows/_", "pxeboot/_"];
/// This machine's network interfaces.
const INTERFACES: &str = "/sys/class/net";
/// Where the loader of the public boot service is.
const LKRN: &str = "wwwroot/pxefiles/ipxe.lkrn";

/// Puts everything into place, or finds out what would become of it.
///
/// # Errors
/// [`Error::Usage`] where `--force` names a file that is none of these; as [`Ledger::put`].
pub(super) fn carry_out(
    root: &Root,
    settings: &Settings,
    plan: Plan,
    how: &How,
    monitor: &dyn Monitor,
) -> Result<Applied> {
    check_force(&plan, how)?;
    let Plan { boot, loaders, texts, dropped } = plan;
    let all = || loaders.set.iter().chain(&loaders.others).chain(&texts);
    for (path, why) in &loaders.refused {
        let message = format!("{why}, and is not taken");
        monitor.warn(Warning::new("loader-refused", path.to_string_lossy(), message));
    }
    let mut ledger = Ledger::read(root)?;
    let mut out = Applied::default();
    let lkrn = root.path().join(LKRN).exists() || all().any(|file| file.path == Path::new(LKRN));
    let forced = |path: &Path| how.force.iter().any(|one| one == path);
    let menu = menu::plan(root, settings, &ledger, lkrn, forced(Path::new(MENU)))?;
    if !how.diff {
        WAYS.iter().try_for_each(|way| root.make_way(Path::new(way)).map(drop))?;
    }
    for put in set(root, &mut ledger, &loaders.set, how, monitor)? {
        out.files.push(put);
    }
    for file in loaders.others.iter().chain(&texts) {
        let put = place(root, &mut ledger, file, forced(&file.path), how.diff)?;
        if put.outcome == Outcome::Kept {
            monitor.warn(kept(&file.path));
        }
        out.files.push(AppliedFile::new(&file.path, put, file.origin.clone()));
    }
    for path in &dropped {
        if let Some(put) = take(root, &mut ledger, path, how.diff)? {
            out.files.push(AppliedFile::new(path, put, None));
        }
    }
    menu.warnings.iter().for_each(|warning| monitor.warn(warning.clone()));
    if menu.kept() {
        monitor.warn(kept(Path::new(MENU)));
    }
    if !how.diff {
        menu.write(root, &mut ledger)?;
        for record in root.records()? {
            link::ensure(root, &record.target)?;
        }
        uefi::render(root, settings, monitor)?;
    }
    out.files.push(AppliedFile::new(Path::new(MENU), menu.put(), None));
    out.missing = loaders
        .missing
        .iter()
        .map(|one| MissingLoader {
            file: one.file.to_string_lossy().into_owned(),
            purpose: one.purpose,
            packages: one.packages,
            needed: one.needed,
        })
        .collect();
    if let Some((_, Listen::Interface(name))) = &boot.dhcp
        && settings.deploy_root.is_none()
        && Path::new(INTERFACES).is_dir()
        && !Path::new(INTERFACES).join(name).exists()
    {
        let message =
            "is no network interface of this machine: dnsmasq answers nobody until there is one";
        monitor.warn(Warning::new("interface-missing", name.as_str(), message));
    }
    describe(root, settings, &boot, &mut out);
    Ok(out)
}

/// Checks what `--force` names.
///
/// # Errors
/// [`Error::Usage`] for what is none of the plan's files.
pub(super) fn check_force(plan: &Plan, how: &How) -> Result<()> {
    let Plan { loaders, texts, .. } = plan;
    let known = |path: &Path| {
        let mut all = loaders.set.iter().chain(&loaders.others).chain(texts);
        path == Path::new(MENU) || all.any(|file| file.path == path)
    };
    match how.force.iter().find(|path| !known(path)) {
        Some(path) => {
            Err(Error::Usage(format!("--force {}: is no file that init writes", path.display())))
        }
        None => Ok(()),
    }
}

/// pxelinux and its modules: all of them, or, where one is somebody else's, none.
fn set(
    root: &Root,
    ledger: &mut Ledger,
    files: &[SiteFile],
    how: &How,
    monitor: &dyn Monitor,
) -> Result<Vec<AppliedFile>> {
    let force = files.iter().any(|file| how.force.contains(&file.path));
    let found = files.iter().map(|file| ledger.compare(root, file, force));
    let found: Vec<Put> = found.collect::<Result<_>>()?;
    let foreign = files.iter().zip(&found).find(|(_, put)| put.outcome == Outcome::Kept);
    let mut out = Vec::new();
    if let Some((file, _)) = foreign {
        let message = format!(
            "is not ours, or has been changed: it is kept with all of pxelinux's modules, for those of \
             another version would not fit it; --force {} takes the whole set",
            file.path.display()
        );
        monitor.warn(Warning::new("loader-kept", file.path.to_string_lossy(), message));
        for (file, put) in files.iter().zip(found) {
            let outcome = match put.outcome {
                Outcome::Unchanged => Outcome::Unchanged,
                _ => Outcome::Kept,
            };
            out.push(AppliedFile::new(&file.path, Put { outcome, ..put }, file.origin.clone()));
        }
        return Ok(out);
    }
    for file in files {
        let put = place(root, ledger, file, force, how.diff)?;
        out.push(AppliedFile::new(&file.path, put, file.origin.clone()));
    }
    Ok(out)
}

fn place(
    root: &Root,
    ledger: &mut Ledger,
    file: &SiteFile,
    force: bool,
    diff: bool,
) -> Result<Put> {
    if diff { ledger.compare(root, file, force) } else { ledger.put(root, file, force) }
}

/// Takes away what is ours and wanted no more; `None` where there is nothing of that kind.
fn take(root: &Root, ledger: &mut Ledger, path: &PathBuf, diff: bool) -> Result<Option<Put>> {
    if !ledger.paths().any(|there| there == path) {
        return Ok(None);
    }
    let outcome = match diff {
        false => ledger.drop(root, path)?,
        true => match std::fs::read(root.path().join(path)) {
            Ok(there) if ledger.is_ours(path, &there) => Outcome::Removed,
            Ok(_) => Outcome::Kept,
            Err(_) => Outcome::Unchanged,
        },
    };
    Ok(Some(Put { outcome, diff: String::new() }))
}

fn kept(path: &Path) -> Warning {
    let path = path.to_string_lossy();
    let message = format!(
        "has been edited, or was not written by pxe-import, and is kept: --diff shows the difference, \
         --force {path} writes it anew"
    );
    Warning::new("site-file-edited", path, message)
}

/// What the owner has to know besides.
fn describe(root: &Root, settings: &Settings, boot: &Boot, out: &mut Applied) {
    out.dhcp = boot.dhcp.as_ref().map(|(dhcp, _)| match dhcp {
        Dhcp::Range { .. } => "range",
        Dhcp::Proxy { .. } => "proxy",
    });
    out.architectures = boot
        .architectures()
        .map(|(one, served)| ServedArchitecture {
            code: one.code,
            name: one.name,
            loader: served.then_some(one.loader),
        })
        .collect();
    out.ports = port::ports(boot);
    if Path::new("/sys/fs/selinux/enforce").exists() {
        out.selinux = selinux::of(boot);
    }
    out.deploy_root = boot.root.to_string();
    // Its names are plain, and a pattern within quotes would be none.
    let units = quoted(Path::new(&boot.root.join("etc/systemd/pxe-")));
    out.start = format!("systemctl enable --now {units}*.service");
    out.smb_user = boot.smb_user.clone();
    out.rsync = settings.deploy_root.as_ref().map(|_| rsync(root.path(), boot));
}

/// The command that takes the root at `from` to its place on the server.
fn rsync(from: &Path, boot: &Boot) -> String {
    let to = format!("root@{}:{}/", boot.server.host(), boot.root);
    // Older ones let the server's shell part the path into words.
    let whole = if to.contains(' ') { " --protect-args" } else { "" };
    format!(
        "rsync -a{whole} --delete --exclude='/.pxe-import/run/*' --exclude='/.pxe-import/staging/*' \
         {} {}",
        quoted(&from.join("")),
        quoted(Path::new(&to))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Place, sample};

    #[test]
    fn a_path_stays_one_word_to_both_shells() {
        let line = |from: &str, to: &str, server: &str| {
            let root = Place::new(to.as_ref()).expect("plain");
            let server = server.parse().expect("an address");
            rsync(from.as_ref(), &Boot { root, server, ..sample::boot() })
        };
        let plain = line("root", "/srv/pxe", "192.168.4.6");
        assert!(plain.ends_with(" root/ root@192.168.4.6:/srv/pxe/"), "{plain}");
        assert!(!plain.contains("--protect-args"), "{plain}");
        let odd = line("/a b/$(reboot)'s", "/srv/my pxe", "fd00::1");
        assert!(odd.contains(" --protect-args "), "{odd}");
        let end = r#" '/a b/$(reboot)'\''s/' 'root@[fd00::1]:/srv/my pxe/'"#;
        assert!(odd.ends_with(end), "{odd}");
    }
}
