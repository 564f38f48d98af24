//! The boot loader: is it there, of which version, and are the modules that it needs.

use super::address::www;
use super::finding::{Findings, Severity};
use super::recorded::regular;
use super::served::{Request, Served};
use crate::menu::asked::{Asked, Menu, Role};
use crate::site::Root;
use crate::site::generated::Ledger;
use crate::site::loader::version::{Pxelinux, pxelinux};
use crate::site::pxelinux::{BYTES_MAX, NAMES};

/// The version that ESXi needs.
const LAST: Pxelinux = Pxelinux::LAST_COM32;
/// The first stages of UEFI clients, below the root.
const UEFI: [&str; 2] = ["pxeboot/snponly.efi", "wwwroot/ipxe.efi"];
/// What a loader or module comes from.
const SOURCE: &str = "copy it from the distribution's syslinux and pxelinux packages, all files of \
                      one version";

/// The loader in `pxefiles`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loader {
    /// Its file name.
    pub name: &'static str,
    /// `None` if it does not say.
    pub version: Option<Pxelinux>,
}

impl Loader {
    /// Reads it; `None` if there is none.
    pub(super) fn find(root: &Root) -> Option<Self> {
        let name = NAMES.into_iter().find(|name| root.pxefiles().join(name).exists())?;
        let bytes = regular(&root.pxefiles().join(name), BYTES_MAX).unwrap_or_default();
        Some(Self { name, version: pxelinux(&bytes) })
    }

    /// Checks the loader itself and the modules that the menu needs.
    pub(super) fn check(
        &self,
        root: &Root,
        menu: &Menu,
        served: &Served<'_>,
        findings: &mut Findings,
    ) {
        let place = format!("wwwroot/pxefiles/{}", self.name);
        self.file(self.name, "the first stage asks for it", served, findings);
        let Some(version) = self.version else {
            let message = "does not say which version of PXELINUX it is: its modules are not \
                           checked";
            return findings.warning("loader-unknown", place, message, SOURCE);
        };
        let ui = |asked: &&Asked| matches!(asked.role, Role::Ui | Role::Module);
        let named =
            |name: &str| menu.asked.iter().filter(ui).any(|one| one.path == name.as_bytes());
        if version.has_libraries() {
            let who = format!("{} {version} asks for it", self.name);
            self.file("ldlinux.c32", &who, served, findings);
            let of = |module: &str| format!("{module} of PXELINUX {version} asks for it");
            if named("vesamenu.c32") {
                self.file("libcom32.c32", &of("vesamenu.c32"), served, findings);
                self.file("libutil.c32", &of("vesamenu.c32"), served, findings);
            } else if named("menu.c32") {
                self.file("libutil.c32", &of("menu.c32"), served, findings);
            }
        }
        for name in ["vesamenu.c32", "menu.c32"].into_iter().filter(|name| named(name)) {
            // What is missing is told where the menu names it.
            let Ok(bytes) = regular(&root.pxefiles().join(name), BYTES_MAX) else { continue };
            if bytes.starts_with(b"\x7fELF") != version.has_libraries() {
                let message = format!("is of another syslinux than {}, {version}", self.name);
                findings.fault(
                    "module-version",
                    format!("wwwroot/pxefiles/{name}"),
                    message,
                    SOURCE,
                );
            }
        }
    }

    fn file(&self, name: &str, who: &str, served: &Served<'_>, findings: &mut Findings) {
        let address = www(format!("pxefiles/{name}").as_bytes());
        let at = format!("wwwroot/pxefiles/{name}");
        let request = Request { who, at: &at, severity: Severity::Fault, mend: SOURCE, dir: false };
        served.look(&request, &address, findings);
    }

    /// Warns where a label needs VMware's loader and this one cannot load it.
    pub(super) fn check_mboot(&self, asked: &Asked, elf: bool, findings: &mut Findings) {
        let Some(version) = self.version.filter(|version| !version.loads_mboot() && !elf) else {
            return;
        };
        let label = asked.label.as_deref().unwrap_or_default();
        let message = format!(
            "is version {version}, and the label {} needs VMware's mboot.c32, a 32-bit COMBOOT \
             module that only PXELINUX {LAST} loads (\"Failed to load COM32 file\")",
            String::from_utf8_lossy(label)
        );
        let mend = format!(
            "put the files of PXELINUX {LAST} into wwwroot/px386 ('pxe-import init --loaders \
             DIR'), and run 'pxe-import render'; UEFI clients boot it as it is"
        );
        findings.warning("loader-mboot", format!("wwwroot/pxefiles/{}", self.name), message, mend);
    }
}

/// Says once that there is no loader.
pub(super) fn missing(root: &Root, findings: &mut Findings) {
    let has = |entries: std::io::Result<std::fs::ReadDir>| {
        entries.is_ok_and(|mut entries| entries.next().is_some())
    };
    let configs = has(std::fs::read_dir(root.path().join("etc")));
    let message = match configs {
        true => "has no pxelinux.0: nothing can be booted from here yet",
        false => {
            "has no boot loader (pxelinux.0), and etc/ has no server configuration: nothing \
                  can be booted from here yet"
        }
    };
    let mend = "put pxelinux.0, ldlinux.c32, libcom32.c32, libutil.c32, vesamenu.c32 and memdisk of \
                the distribution's syslinux and pxelinux packages there, and set up DHCP and the web \
                server; 'pxe-import init --server ADDRESS' does both";
    findings.warning("loader-missing", "wwwroot/pxefiles", message, mend);
}

/// Tells which versions of the loaders `init` has put there, and what clients by UEFI need.
pub(super) fn recorded(root: &Root, findings: &mut Findings) {
    let ledger = match Ledger::read(root) {
        Ok(ledger) => ledger,
        Err(e) => {
            let mend = "restore it, or delete it and run 'pxe-import init' again";
            return findings.warning("site-record", ".pxe-import/_site.json", e.to_string(), mend);
        }
    };
    let mut loaders = 0;
    for path in ledger.paths() {
        let Some(origin) = ledger.origin(path) else { continue };
        loaders += 1;
        let at = path.to_string_lossy();
        let there = regular(&root.path().join(path), BYTES_MAX);
        match there {
            Ok(bytes) if ledger.is_ours(path, &bytes) => {
                if let Some(version) = &origin.version {
                    let message = format!("is {version}, from {}", origin.path);
                    findings.note("loader-version", at, message);
                }
            }
            Ok(_) => {
                let message = format!("has changed since it was copied from {}", origin.path);
                findings.note("loader-changed", at, message);
            }
            Err(e) => {
                let message = format!("cannot be read ({e}), and clients ask for it");
                findings.fault("loader-lost", at, message, "run 'pxe-import init' again");
            }
        }
    }
    if loaders == 0 {
        return;
    }
    for loader in UEFI {
        if !root.path().join(loader).exists() {
            let message = "is missing: clients by UEFI get no first stage";
            let mend = "install the distribution's iPXE package and run 'pxe-import init' again";
            findings.warning("loader-uefi", loader, message, mend);
        }
    }
    let message = "clients by UEFI must have Secure Boot off: the loaders are not signed for it";
    findings.note("secure-boot", "pxeboot", message);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::finding::Finding;
    use crate::site::generated::{Origin, SiteFile};

    fn found(root: &Root) -> Vec<(String, Severity)> {
        let mut findings = Findings::default();
        recorded(root, &mut findings);
        let key = |one: Finding| (format!("{} {}", one.code, one.path), one.severity);
        findings.into_sorted().into_iter().map(key).collect()
    }

    #[test]
    fn what_init_has_put_there_is_told_and_what_is_gone_is_a_fault() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path());
        root.create().expect("made");
        assert_eq!(found(&root), []);
        let mut ledger = Ledger::read(&root).expect("empty");
        for path in ["pxeboot/snponly.efi", "wwwroot/pxefiles/memdisk", "wwwroot/pxefiles/x.c32"] {
            let version = path.ends_with("memdisk").then(|| "MEMDISK 6.04".to_owned());
            let origin = Some(Origin { path: "/usr/lib/x".into(), version });
            let file = SiteFile { path: path.into(), bytes: b"x".to_vec(), mode: 0o644, origin };
            ledger.put(&root, &file, false).expect("put");
        }
        let rest = [
            ("loader-uefi wwwroot/ipxe.efi".to_owned(), Severity::Warning),
            ("loader-version wwwroot/pxefiles/memdisk".to_owned(), Severity::Note),
            ("secure-boot pxeboot".to_owned(), Severity::Note),
        ];
        assert_eq!(found(&root), rest);
        std::fs::remove_file(root.pxefiles().join("x.c32")).expect("removed");
        let lost = ("loader-lost wwwroot/pxefiles/x.c32".to_owned(), Severity::Fault);
        assert_eq!(found(&root)[0], lost);
    }
}
