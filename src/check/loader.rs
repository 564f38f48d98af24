//! The boot loader: is it there, of which version, and are the modules that it needs.

use super::address::www;
use super::finding::{Findings, Severity};
use super::recorded::regular;
use super::served::{Request, Served};
use crate::menu::asked::{Asked, Menu, Role};
use crate::site::Root;

/// What may be called pxelinux, the usual one first.
const NAMES: [&str; 2] = ["pxelinux.0", "lpxelinux.0"];
/// Largest loader in bytes; real ones have up to 100 KiB.
const BYTES_MAX: u64 = 4 << 20;
/// The last version that loads VMware's mboot.c32.
const LAST_COM32: Version = Version { major: 3, minor: 86 };
/// What a loader or module comes from.
const SOURCE: &str = "copy it from the distribution's syslinux and pxelinux packages, all files of \
                      one version";

/// pxelinux's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    major: u32,
    minor: u32,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}", self.major, self.minor)
    }
}

impl Version {
    /// Modules are ELF files from version 5 on, and share libraries of their own.
    fn has_libraries(self) -> bool {
        self.major >= 5
    }
}

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
            "serve PXELINUX {LAST_COM32}, or have its files in a directory of their own and start \
             it by pxechn.c32"
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

/// The version that the loader's first lines on the screen name: `PXELINUX 6.04 PXE 20200816`.
fn version(bytes: &[u8]) -> Option<Version> {
    const NAME: &[u8] = b"PXELINUX ";
    let starts = bytes.windows(NAME.len()).enumerate().filter(|(_, part)| *part == NAME);
    starts.map(|(at, _)| bytes.get(at + NAME.len()..).unwrap_or_default()).find_map(|rest| {
        let end = rest.iter().position(|b| !b.is_ascii_digit() && *b != b'.')?;
        let text = std::str::from_utf8(rest.get(..end)?).ok()?;
        let mut numbers = text.splitn(2, '.').map(str::parse);
        let major = numbers.next()?.ok()?;
        let minor = numbers.next()?.ok()?;
        Some(Version { major, minor })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_in_the_banner() {
        let of = |text: &str| version(text.as_bytes()).map(|version| version.to_string());
        assert_eq!(of("..\r\nPXELINUX 6.04 PXE 20200816 \0").as_deref(), Some("6.04"));
        assert_eq!(of("PXELINUX boot\nPXELINUX 3.86 2010-04-01").as_deref(), Some("3.86"));
        assert_eq!(of("PXELINUX 99999999999.1 "), None);
        assert_eq!(of("PXELINUX 6"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn only_3_86_and_older_load_com32_modules_of_vmware() {
        assert!(version(b"PXELINUX 4.05 ").expect("a version") > LAST_COM32);
        assert!(version(b"PXELINUX 3.86 ").expect("a version") <= LAST_COM32);
    }
}
