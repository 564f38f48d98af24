//! Whether everything that an ESXi tree's boot.cfg names is there under mboot's rules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::address::{Address, Servers, is_url, www};
use super::disk::Disk;
use super::finding::{Findings, Severity};
use super::recorded::Expected;
use super::served::{Request, Served};
use crate::media::printable;
use crate::patch::boot_cfg::{BootCfg, parse};

/// Where boot.cfg lies, in any letter case, and whether UEFI's mboot reads it.
const PATHS: [(&str, bool); 2] = [("boot.cfg", false), ("efi/boot/boot.cfg", true)];
/// Most bytes of a boot.cfg that are read, as when it is patched.
const BYTES_MAX: u64 = 64 << 10;

/// An ESXi tree.
pub(super) struct BootCfgs<'a> {
    /// Where it is, relative to the root.
    pub label: &'a str,
    /// The NAME.
    pub name: &'a str,
    pub disk: &'a Disk,
    pub servers: &'a Servers,
    pub served: &'a Served<'a>,
}

impl BootCfgs<'_> {
    /// Checks each boot.cfg of the tree that is expected.
    pub(super) fn check(&self, paths: &BTreeMap<PathBuf, Expected>, findings: &mut Findings) {
        for (wanted, uefi) in PATHS {
            let is = |path: &&PathBuf| {
                path.to_str().is_some_and(|path| path.eq_ignore_ascii_case(wanted))
            };
            for path in paths.keys().filter(is) {
                // One that is not there is a fault of the tree.
                if let Ok(text) = self.read(path) {
                    self.one(path, &parse(&text), uefi, findings);
                }
            }
        }
    }

    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        use std::io::Read;
        let mut text = Vec::new();
        self.disk.file(path)?.take(BYTES_MAX).read_to_end(&mut text)?;
        Ok(text)
    }

    fn one(&self, path: &Path, cfg: &BootCfg<'_>, uefi: bool, findings: &mut Findings) {
        let place = super::files::place(self.label, path);
        let again = format!("import {} again, which patches it", self.name);
        if cfg.kernel.is_empty() {
            let message = "names no kernel: nothing can be booted with it";
            return findings.fault("boot-cfg-kernel", place, message, again);
        }
        let names = || std::iter::once(cfg.kernel).chain(cfg.modules.iter().map(|m| m.name));
        let rooted = |name: &&[u8]| name.starts_with(b"/") || name.starts_with(b"\\");
        if let Some(name) = names().find(rooted) {
            let message = format!(
                "is not patched: it names {}, and a leading slash makes ESXi's loader look at the \
                 top of the server",
                printable(name)
            );
            return findings.fault("boot-cfg-unpatched", place, message, again);
        }
        let Some(prefix) = self.prefix(cfg, path, uefi, &place, &again, findings) else { return };
        let mut done: Vec<&[u8]> = Vec::new();
        for name in names() {
            if done.contains(&name) {
                continue;
            }
            done.push(name);
            let address = match is_url(name) {
                true => self.servers.of_url(name),
                false => below(&prefix, name),
            };
            let who = format!("{place} names {}", printable(name));
            let request = self.request(&who, &place, &again, false);
            self.served.look(&request, &address, findings);
        }
    }

    /// Where names without a slash lead; `None`, and a fault, if there is nothing.
    fn prefix(
        &self,
        cfg: &BootCfg<'_>,
        path: &Path,
        uefi: bool,
        place: &str,
        again: &str,
        findings: &mut Findings,
    ) -> Option<Vec<Vec<u8>>> {
        let prefix = printable(cfg.prefix);
        let own = || {
            // boot.cfg's own directory; served as part of the web root.
            let dir = Path::new(place).parent().unwrap_or(Path::new(""));
            let dir = dir.strip_prefix("wwwroot").unwrap_or(dir);
            www(dir.as_os_str().as_encoded_bytes())
        };
        let address = match cfg.prefix {
            b"" if path.components().count() > 1 => {
                let message = "has no prefix, and its files are not beside it";
                findings.fault("boot-cfg-unpatched", place, message, again);
                return None;
            }
            b"" => own(),
            url if is_url(url) => self.servers.of_url(url),
            absolute if uefi && absolute.starts_with(b"/") => self.servers.of_server(absolute),
            _ if uefi => {
                let message = format!(
                    "has the prefix {prefix}, which UEFI's loader does not find: it must begin with \
                     a slash or be a URL"
                );
                findings.fault("boot-cfg-prefix", place, message, again);
                return None;
            }
            relative => self.servers.of_pxelinux(relative),
        };
        let who = format!("the prefix {prefix} of {place} leads there");
        let request = self.request(&who, place, again, true);
        let found = self.served.look(&request, &address, findings)?;
        if found.meta.is_dir() && found.path != self.real() {
            let shown = found.path.to_string_lossy();
            let message = format!("has the prefix {prefix}, which leads to {shown}, another tree");
            findings.warning("boot-cfg-prefix", place, message, again);
        }
        match address {
            Address::Www(path) if found.meta.is_dir() => Some(path),
            _ => None,
        }
    }

    /// Where the tree is, links above it followed.
    fn real(&self) -> PathBuf {
        let target = self.label.strip_prefix("wwwroot/").unwrap_or(self.label);
        match www(target.as_bytes()) {
            Address::Www(path) => self.served.web.find(&path).map(|found| found.path).ok(),
            _ => None,
        }
        .unwrap_or_else(|| PathBuf::from(self.label))
    }

    fn request<'r>(&self, who: &'r str, at: &'r str, mend: &'r str, dir: bool) -> Request<'r> {
        Request { who, at, severity: Severity::Fault, mend, dir }
    }
}

/// A name of boot.cfg below its prefix.
fn below(prefix: &[Vec<u8>], name: &[u8]) -> Address {
    match www(name) {
        Address::Www(name) => Address::Www([prefix, &name].concat()),
        other => other,
    }
}
