//! The boot loader: is it there, of which version, and are the modules that it needs.

use super::address::www;
use super::finding::{Findings, Severity};
use super::recorded::regular;
use super::served::{Request, Served};
use crate::menu::asked::{Asked, Menu, Role};
use crate::site::Root;
use crate::site::pxelinux::{BYTES_MAX, LAST_COM32, NAMES, Version, version};

/// What a loader or module comes from.
const SOURCE: &str = "copy it from the distribution's syslinux and pxelinux packages, all files of \
                      one version";

/// The loader in `pxefiles`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loader {
    /// Its file name.
    pub name: &'static str,
    /// `None` if it does not say.
    pub version: Option<Version>,
}

impl Loader {
    /// Reads it; `None` if there is none.
    pub(super) fn find(root: &Root) -> Option<Self> {
        let name = NAMES.into_iter().find(|name| root.pxefiles().join(name).exists())?;
        let bytes = regular(&root.pxefiles().join(name), BYTES_MAX).unwrap_or_default();
        Some(Self { name, version: version(&bytes) })
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
        let Some(version) = self.version.filter(|&version| version > LAST_COM32 && !elf) else {
            return;
        };
        let label = asked.label.as_deref().unwrap_or_default();
        let message = format!(
            "is version {version}, and the label {} needs VMware's mboot.c32, a 32-bit COMBOOT \
             module that only PXELINUX {LAST_COM32} loads (\"Failed to load COM32 file\")",
            String::from_utf8_lossy(label)
        );
        let mend = format!(
            "put the files of PXELINUX {LAST_COM32} into wwwroot/px386 ('pxe-import init --loaders \
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
                server by hand; a later version does both with 'pxe-import init'";
    findings.warning("loader-missing", "wwwroot/pxefiles", message, mend);
}
