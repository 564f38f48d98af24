//! From what a loader is told to what it asks the web server for.

use crate::site::Server;

/// Where pxelinux's prefix (DHCP option 210) leads, below the web root.
const PREFIX: &[u8] = b"pxefiles/";

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// A path below the web root, without empty components and dots.
    Www(Vec<Vec<u8>>),
    /// Something on another server, or by another protocol.
    Elsewhere,
    /// A path that leads above the web root.
    Above,
}

/// The addresses under which clients know this server.
#[derive(Debug, Clone, Default)]
pub(super) struct Servers(Vec<Server>);

impl Servers {
    /// These, in any order.
    pub(super) fn new(mut servers: Vec<Server>) -> Self {
        // Of two that fit, the one with the longer path says where the web root is.
        servers.sort_by_key(|server| std::cmp::Reverse(server.path().len()));
        Self(servers)
    }

    /// What pxelinux asks for when a menu names `path`: its prefix and the path, unless that is a
    /// URL. `::` asks the TFTP server.
    pub(super) fn of_pxelinux(&self, path: &[u8]) -> Address {
        if is_url(path) {
            return self.of_url(path);
        }
        if path.windows(2).any(|part| part == b"::") {
            return Address::Elsewhere;
        }
        www(&[PREFIX, path].concat())
    }

    /// What is asked for by a URL.
    pub(super) fn of_url(&self, url: &[u8]) -> Address {
        let Some(rest) = strip_ignoring_case(url, b"http://") else { return Address::Elsewhere };
        let end = rest.iter().position(|&b| b == b'/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let found = self.0.iter().find_map(|server| {
            let same = is_same_host(authority, server);
            let path = path.strip_prefix(server.path().as_bytes()).filter(|_| same)?;
            (path.is_empty() || path.starts_with(b"/")).then_some(path)
        });
        found.map_or(Address::Elsewhere, www)
    }

    /// What mboot.efi asks for when boot.cfg names an absolute path: that of the server, at whose
    /// top the web root need not be.
    pub(super) fn of_server(&self, path: &[u8]) -> Address {
        match self.0.iter().find(|server| !server.path().is_empty()) {
            Some(server) => {
                self.of_url(&[b"http://", server.authority().as_bytes(), path].concat())
            }
            None => www(path),
        }
    }
}

/// Whether a path is a URL.
pub(super) fn is_url(path: &[u8]) -> bool {
    path.windows(3).any(|part| part == b"://")
}

/// A path of a request: decoded, with dots and double slashes taken out as web servers do.
pub(super) fn www(path: &[u8]) -> Address {
    let end = path.iter().position(|b| b"?#".contains(b)).unwrap_or(path.len());
    let decoded = decode(&path[..end]);
    let mut clean: Vec<Vec<u8>> = Vec::new();
    for component in decoded.split(|&b| b == b'/') {
        match component {
            b"" | b"." => {}
            b".." => {
                if clean.pop().is_none() {
                    return Address::Above;
                }
            }
            name => clean.push(name.to_vec()),
        }
    }
    Address::Www(clean)
}

fn is_same_host(authority: &[u8], server: &Server) -> bool {
    let own = server.authority();
    let default = format!("{own}:80");
    authority.eq_ignore_ascii_case(own.as_bytes())
        || (server.port() == 80 && authority.eq_ignore_ascii_case(default.as_bytes()))
}

fn strip_ignoring_case<'a>(text: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// What is no percent-encoding stays as it is.
fn decode(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = (byte == b'%').then(|| after.get(..2)).flatten();
        let code = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                out.push(code);
                rest = &after[2..];
            }
            None => {
                out.push(byte);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(list: &[&str]) -> Servers {
        Servers::new(list.iter().map(|text| text.parse().expect("an address")).collect())
    }

    fn at(path: &str) -> Address {
        let components = path.split('/').filter(|c| !c.is_empty());
        Address::Www(components.map(|c| c.as_bytes().to_vec()).collect())
    }

    #[test]
    fn pxelinux_puts_its_prefix_before_every_path() {
        let servers = servers(&["192.168.4.6"]);
        assert_eq!(servers.of_pxelinux(b"/yum/X/k"), at("pxefiles/yum/X/k"));
        assert_eq!(servers.of_pxelinux(b"vesamenu.c32"), at("pxefiles/vesamenu.c32"));
        assert_eq!(servers.of_pxelinux(b"../yum//k"), at("yum/k"));
        assert_eq!(servers.of_pxelinux(b"a%20b"), at("pxefiles/a b"));
        assert_eq!(servers.of_pxelinux(b"../../etc"), Address::Above);
        assert_eq!(servers.of_pxelinux(b"1.2.3.4::k"), Address::Elsewhere);
        assert_eq!(servers.of_pxelinux(b"http://192.168.4.6/yum/k"), at("yum/k"));
    }

    #[test]
    fn a_url_of_our_own_is_known_by_host_port_and_path() {
        let servers = servers(&["boot", "a:8080/boot".replace("a:", "http://a:").as_str()]);
        assert_eq!(servers.of_url(b"HTTP://BOOT:80/ks.cfg?mac=1"), at("ks.cfg"));
        assert_eq!(servers.of_url(b"http://a:8080/boot/x"), at("x"));
        assert_eq!(servers.of_url(b"http://a:8080/boots/x"), Address::Elsewhere);
        assert_eq!(servers.of_url(b"http://a/boot/x"), Address::Elsewhere);
        assert_eq!(servers.of_url(b"http://boot"), at(""));
        assert_eq!(servers.of_url(b"https://boot/x"), Address::Elsewhere);
    }

    #[test]
    fn a_stray_percent_sign_stays() {
        assert_eq!(www(b"/a%/b%2/c%2f%zz"), at("a%/b%2/c/%zz"));
    }
}
