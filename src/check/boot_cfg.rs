//! Whether everything that an ESXi tree's boot.cfg names is there under mboot's rules.

use std::path::{Path, PathBuf};

use super::address::{Address, Servers, is_url, www};
use super::disk::Disk;
use super::finding::{Findings, Severity};
use super::recorded::Expected;
use super::served::{Request, Served};
use crate::media::printable;
use crate::patch::boot_cfg::{BootCfg, parse};
use crate::path_map::PathMap;

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
    pub(super) fn check(&self, paths: &PathMap<Expected>, findings: &mut Findings) {
        for (wanted, uefi) in PATHS {
            let is =
                |path: &&Path| path.to_str().is_some_and(|path| path.eq_ignore_ascii_case(wanted));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::web::Web;
    use std::fs;

    /// Codes of what is wrong with boot.cfg for BIOS and for UEFI.
    fn check(prefix: &str, names: &str) -> [Vec<(&'static str, String)>; 2] {
        let dir = tempfile::tempdir().expect("a directory");
        let tree = dir.path().join("wwwroot/esxi/5.5");
        fs::create_dir_all(tree.join("efi/boot")).expect("made");
        fs::create_dir_all(dir.path().join("wwwroot/pxefiles")).expect("made");
        fs::create_dir_all(dir.path().join("wwwroot/esxi/other")).expect("made");
        let link = dir.path().join("wwwroot/pxefiles/esxi");
        std::os::unix::fs::symlink("../esxi", link).expect("linked");
        for path in ["wwwroot", "wwwroot/pxefiles", "wwwroot/esxi", "wwwroot/esxi/5.5"] {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(dir.path().join(path), mode).expect("set");
        }
        for name in ["t", "m"] {
            fs::write(tree.join(name), "x").expect("written");
        }
        fs::write(tree.join("empty"), "").expect("written");
        let text = format!("{prefix}\n{names}\n");
        for path in ["boot.cfg", "efi/boot/boot.cfg"] {
            fs::write(tree.join(path), &text).expect("written");
        }
        let web = Web::new(dir.path()).expect("there");
        let served = Served { web: &web, private: Default::default() };
        let servers = Servers::new(vec!["http://boot".parse().expect("an address")]);
        let label = "wwwroot/esxi/5.5";
        let disk = Disk::open(dir.path(), Path::new(label)).expect("there");
        let boot = BootCfgs { label, name: "e", disk: &disk, servers: &servers, served: &served };
        ["boot.cfg", "efi/boot/boot.cfg"].map(|path| {
            let mut findings = Findings::default();
            let paths = [(path, Expected::default())].into_iter().collect();
            boot.check(&paths, &mut findings);
            let found = findings.into_sorted().into_iter();
            found.map(|one| (one.code, one.path.replace(label, "TREE"))).collect()
        })
    }

    const NAMES: &str = "kernel=t\nmodules=m a=/b --- t";

    #[test]
    fn prefixes_lead_where_the_loaders_of_both_firmwares_look() {
        let sound = [Vec::new(), Vec::new()];
        assert_eq!(check("prefix=/esxi/5.5/", NAMES), sound);
        assert_eq!(check("PREFIX=/esxi//5.5", NAMES), sound);
        assert_eq!(check("prefix=http://boot/esxi/5.5", NAMES), sound);
        let [bios, uefi] = check("prefix=esxi/5.5", NAMES);
        assert_eq!(bios, []);
        assert_eq!(uefi, [("boot-cfg-prefix", "TREE/efi/boot/boot.cfg".into())]);
        let [bios, uefi] = check("", NAMES);
        assert_eq!(bios, []);
        assert_eq!(uefi, [("boot-cfg-unpatched", "TREE/efi/boot/boot.cfg".into())]);
    }

    #[test]
    fn names_with_a_slash_are_not_patched() {
        for names in ["kernel=/t\nmodules=m", "kernel=t\nmodules=m --- /t", "kernel=\\t"] {
            for found in check("prefix=/esxi/5.5/", names) {
                assert_eq!(found.len(), 1, "{found:?}");
                assert_eq!(found[0].0, "boot-cfg-unpatched");
            }
        }
    }

    #[test]
    fn every_name_must_lead_to_a_file_with_something_in_it() {
        let [bios, _] =
            check("prefix=/esxi/5.5/", "kernel=t\nmodules=gone --- empty --- m --- gone");
        let path = |name: &str| format!("TREE/{name}");
        assert_eq!(bios, [("path-missing", path("gone")), ("path-empty", path("empty"))]);
        assert_eq!(check("prefix=/esxi/5.5/", "modules=m")[0][0].0, "boot-cfg-kernel");
        let [bios, uefi] = check("prefix=/esxi/gone/", NAMES);
        for found in [bios, uefi] {
            assert_eq!(found, [("path-missing", "wwwroot/esxi/gone".into())]);
        }
        let [bios, _] = check("prefix=/esxi/other/", NAMES);
        assert!(bios.contains(&("boot-cfg-prefix", "TREE/boot.cfg".into())), "{bios:?}");
    }
}
