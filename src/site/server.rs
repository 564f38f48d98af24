//! The address that clients use to reach the web server.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::root::Root;
use crate::error::{Error, Result};

/// A host, a port and the path of the web root on it. Always plain HTTP: neither pxelinux nor the
/// installers of the time of EL 6 speak anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Server {
    /// As in a URL: an IPv6 address has its brackets.
    host: String,
    /// `None` for 80.
    port: Option<u16>,
    /// Empty, or `/a/b` without a slash at the end.
    path: String,
}

impl Server {
    /// The error for an address that is not known, where `purpose` needs it.
    pub fn missing(root: &Root, purpose: &str) -> Error {
        Error::Usage(format!(
            "the server address is needed for {purpose}: give --server ADDRESS, or write server = \
             \"ADDRESS\" into {}",
            root.settings().display()
        ))
    }

    /// The host as it stands in a URL.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host as it stands in a UNC path, where a colon has no place: an IPv6 address is written as a name
    /// that Windows takes for the address itself ([MS-DTYP] 2.2.57).
    pub fn unc_host(&self) -> String {
        match self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(address) => {
                // A label of a name does not begin or end with a hyphen.
                let first = if address.starts_with(':') { "0" } else { "" };
                let last = if address.ends_with(':') { "0" } else { "" };
                format!("{first}{}{last}.ipv6-literal.net", address.replace(':', "-"))
            }
            None => self.host.clone(),
        }
    }

    /// Whether only this machine itself can reach it.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The port, 80 where none was given.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(80)
    }

    /// Host and, unless it is 80, port: `192.168.4.6:8080`.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// Path of the web root on the server: empty, or `/a/b`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The URL of `path`, which is relative to the web root; a leading slash does not matter.
    /// Characters that a URL, or a kernel's command line, would take for something else are
    /// percent-encoded (RFC 3986, 2.1).
    pub fn url(&self, path: impl AsRef<[u8]>) -> String {
        let path = path.as_ref();
        let relative = path.strip_prefix(b"/").unwrap_or(path);
        format!("{self}/{}", encode(relative))
    }

    /// What `prefix=` in the boot.cfg of the tree at `dir` must say.
    ///
    /// `/esxi/5.5/` serves BIOS, where pxelinux puts its own prefix (`.../pxefiles/`, with the links
    /// in it) before it, and UEFI, where mboot.efi takes it from the top of the server. With the
    /// web root further down that second reading would miss it, so then it is the whole URL, which
    /// both fetch as it is.
    pub fn esxi_prefix(&self, dir: &str) -> String {
        let dir = encode(dir.trim_matches('/').as_bytes());
        if self.path.is_empty() { format!("/{dir}/") } else { format!("{self}/{dir}/") }
    }
}

/// The URL of the web root, without a slash at the end.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.path)
    }
}

impl From<Server> for String {
    fn from(server: Server) -> Self {
        server.to_string()
    }
}

impl TryFrom<String> for Server {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl FromStr for Server {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse(text).map_err(|why| {
            Error::Usage(format!(
                "the server address {text:?} cannot be used: {why}; give an IP address, a host \
                 name, or a URL such as http://192.168.4.6:8080/boot"
            ))
        })
    }
}

fn parse(text: &str) -> Result<Server, String> {
    let (rest, is_url) = match text.split_once("://") {
        None => (text, false),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (rest, true),
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {
            return Err("boot loaders and older installers cannot do https, so http is needed \
                        here"
                .to_owned());
        }
        Some((scheme, _)) => return Err(format!("{scheme} is not http")),
    };
    if let Some(bad) = rest.chars().find(|c| !c.is_ascii_graphic()) {
        return Err(format!("it holds {bad:?}"));
    }
    if rest.contains(['?', '#']) {
        return Err("a query or a fragment has no place in it".to_owned());
    }
    let (authority, path) = match rest.find('/') {
        None => (rest, ""),
        Some(slash) => rest.split_at(slash),
    };
    if authority.contains('@') {
        return Err("a user has no place in it: everything is served to everybody".to_owned());
    }
    if !is_url && !path.is_empty() {
        return Err("a path needs http:// before the host".to_owned());
    }
    let (host, port) = split_port(authority)?;
    Ok(Server { host: check_host(host)?, port: port.filter(|&p| p != 80), path: check_path(path)? })
}

/// Parts host and port; the host keeps its brackets.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), String> {
    // A bare IPv6 address is all colons and no port.
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Ok((authority, None));
    }
    let after_brackets = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_brackets..].find(':') {
        None => Ok((authority, None)),
        Some(colon) => {
            let (host, port) = authority.split_at(after_brackets + colon);
            let digits = &port[1..];
            let number = digits.parse::<u16>().ok().filter(|&n| n > 0);
            match number {
                Some(number) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                    Ok((host, Some(number)))
                }
                _ => Err(format!("{digits:?} is no port number")),
            }
        }
    }
}

fn check_host(host: &str) -> Result<String, String> {
    let unspecified = || format!("{host} is not an address that a client can reach");
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Ok(address) = bare.unwrap_or(host).parse::<Ipv6Addr>() {
        let usable = !address.is_unspecified() && !address.is_multicast();
        return if usable { Ok(format!("[{address}]")) } else { Err(unspecified()) };
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        let address = IpAddr::V4(address);
        let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
        let usable = !address.is_unspecified() && !address.is_multicast() && !broadcast;
        return if usable { Ok(address.to_string()) } else { Err(unspecified()) };
    }
    if host.is_empty() {
        return Err("there is no host in it".to_owned());
    }
    // RFC 1123, 2.1: the last label of a name is not all digits, that of an address is.
    let last = host.rsplit('.').next().unwrap_or_default();
    if !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("{host} is no IPv4 address"));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if name.len() <= 253 && name.split('.').all(label) {
        return Ok(host.to_ascii_lowercase());
    }
    Err(format!("{host} is neither an IP address nor a host name"))
}

fn check_path(path: &str) -> Result<String, String> {
    let mut clean = String::with_capacity(path.len());
    for component in path.split('/').filter(|component| !component.is_empty()) {
        if matches!(component, "." | "..") {
            return Err("'.' and '..' have no place in its path".to_owned());
        }
        // What is percent-encoded already stays so.
        let mut bytes = component.bytes();
        while let Some(b) = bytes.next() {
            let fit = match b {
                b'%' => (0..2).all(|_| bytes.next().is_some_and(|b| b.is_ascii_hexdigit())),
                _ => is_plain(b),
            };
            if !fit {
                return Err(format!("{:?} must be percent-encoded in its path", char::from(b)));
            }
        }
        clean.push('/');
        clean.push_str(component);
    }
    Ok(clean)
}

fn encode(path: &[u8]) -> String {
    use fmt::Write;
    let mut url = String::with_capacity(path.len());
    for &b in path {
        if b == b'/' || is_plain(b) {
            url.push(char::from(b));
        } else {
            let _ = write!(url, "%{b:02X}");
        }
    }
    url
}

/// RFC 3986's `pchar`, less the sub-delims that shells and command lines read.
fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~+:@=".contains(&b)
}

#[cfg(test)]
mod tests;
