//! What an entry needs of the web server before its kernel runs.

use crate::http::web_path;
use crate::patch::boot_cfg::parse;
use crate::site::Server;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What it is: `kernel`, `initrd`, `loader`, `boot.cfg`, `module`, `memdisk`, `image`, `config`.
    pub stage: &'static str,
    /// Where it is asked for below the web root ([`web_path`]); a URL of another server as it is.
    pub path: String,
    /// Its size in bytes, as it was imported.
    pub size: Option<u64>,
}

impl Need {
    /// Of unknown size.
    pub fn new(stage: &'static str, path: String) -> Self {
        Self { stage, path, size: None }
    }
}

/// Where clients ask for a path, and who resolves it.
#[derive(Debug, Clone, Copy)]
pub struct Resolver<'s> {
    /// The boot server.
    pub server: &'s Server,
    /// What stands before a path that is no URL: `pxefiles/` for pxelinux, which puts its prefix (DHCP
    /// option 210) before all of them, and nothing for UEFI programs.
    pub prefix: &'s str,
}

impl Resolver<'_> {
    /// The path below the web root; a URL of another server stays as it is.
    pub fn path(&self, path: &str) -> String {
        if let Some((_, rest)) = path.split_once("://") {
            let (authority, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let ours = authority.eq_ignore_ascii_case(&self.server.authority())
                || authority == format!("{}:80", self.server.authority());
            let inside = web_path(rest, self.server.path()).filter(|_| ours);
            return inside.unwrap_or_else(|| path.to_owned());
        }
        let asked = if self.prefix.is_empty() && path.starts_with('/') {
            web_path(path, self.server.path())
        } else {
            let prefix = if self.prefix.is_empty() { "pxefiles/" } else { self.prefix };
            web_path(&format!("{prefix}{path}"), "")
        };
        asked.unwrap_or_else(|| path.to_owned())
    }

    /// The kernel and modules that the boot.cfg `text` names, which was read from `at` (below the web
    /// root).
    pub fn modules(&self, text: &[u8], at: &str) -> Vec<Need> {
        let cfg = parse(text);
        let prefix = String::from_utf8_lossy(cfg.prefix).into_owned();
        let names = std::iter::once(cfg.kernel).chain(cfg.modules.iter().map(|module| module.name));
        let mut needs: Vec<Need> = Vec::new();
        for name in names.filter(|name| !name.is_empty()) {
            let name = String::from_utf8_lossy(name);
            let path = if name.contains("://") || name.starts_with('/') {
                self.path(&name)
            } else if prefix.is_empty() {
                let dir = at.rsplit_once('/').map_or("", |(dir, _)| dir);
                web_path(&format!("{dir}/{name}"), "").unwrap_or_else(|| name.to_string())
            } else {
                self.path(&format!("{}/{name}", prefix.trim_end_matches('/')))
            };
            if !needs.iter().any(|need| need.path == path) {
                needs.push(Need::new("module", path));
            }
        }
        needs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Server {
        text.parse().expect("a server")
    }

    #[test]
    fn pxelinux_asks_below_its_prefix_and_for_urls_as_they_are() {
        let server = server("http://192.168.4.6:8080/boot");
        let pxelinux = Resolver { server: &server, prefix: "pxefiles/" };
        assert_eq!(pxelinux.path("/yum/a"), "pxefiles/yum/a");
        assert_eq!(pxelinux.path("memdisk"), "pxefiles/memdisk");
        assert_eq!(pxelinux.path("http://192.168.4.6:8080/boot//yum/a"), "yum/a");
        assert_eq!(pxelinux.path("http://192.168.4.6/yum/a"), "http://192.168.4.6/yum/a");
        let uefi = Resolver { server: &server, prefix: "" };
        assert_eq!(uefi.path("/boot/yum/a"), "yum/a");
        assert_eq!(uefi.path("wimboot"), "pxefiles/wimboot");
    }

    #[test]
    fn a_boot_cfg_is_read_as_mboot_reads_it() {
        let server = server("192.168.4.6");
        let paths = |prefix, text: &str| {
            let resolver = Resolver { server: &server, prefix };
            let needs = resolver.modules(text.as_bytes(), "pxefiles/esxi/5.5/boot.cfg");
            needs.into_iter().map(|need| need.path).collect::<Vec<_>>()
        };
        let body = "kernel=k.b00\nmodules=a.b00 --- a.b00 --- b.v00\n";
        let in_tree = |top: &str| ["k.b00", "a.b00", "b.v00"].map(|name| format!("{top}{name}"));
        let rooted = format!("prefix=/esxi/5.5/\n{body}");
        assert_eq!(paths("pxefiles/", &rooted), in_tree("pxefiles/esxi/5.5/"));
        assert_eq!(paths("", &rooted), in_tree("esxi/5.5/"));
        assert_eq!(paths("pxefiles/", body), in_tree("pxefiles/esxi/5.5/"));
        let url = format!("prefix=http://192.168.4.6/esxi/v3\n{body}");
        assert_eq!(paths("pxefiles/", &url), in_tree("esxi/v3/"));
    }
}
