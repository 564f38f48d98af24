//! The options of `init` in the site's settings: the owner's comments and other keys stay.

use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::Path;

use toml_edit::{Array, DocumentMut, Item, Value};

use crate::cli::boot::Init;
use crate::error::{Error, Result};
use crate::menu::entry::check_title;
use crate::menu::pxelinux::TIMEOUT_MAX;
use crate::site::network::{Netmask, Range, Subnet};
use crate::site::settings::{check_account, check_netboot};
use crate::site::{Root, Server, Settings, interface};

/// What a range of addresses brings with it.
const OF_RANGE: [&str; 5] = ["dhcp-range", "netmask", "gateway", "dns", "dhcp-authoritative"];

/// Every key with what it is and what it might be, in the order of a new file.
const KEYS: [(&str, &str, &str); 14] = [
    ("server", "The address that clients use: an IP, a host name, or http://HOST:PORT/PATH.", ""),
    ("menu-title", "The text above the menu.", "\"Welcome to PXE server!\""),
    ("timeout", "Seconds until the menu boots its default; 0 to wait for ever.", "30"),
    (
        "dhcp-range",
        "The addresses to hand out: dnsmasq is then this network's DHCP server.",
        "\"192.168.4.10,192.168.4.200\"",
    ),
    ("netmask", "The mask of that range's network.", "\"24\""),
    ("gateway", "The router that clients are told of.", "\"192.168.4.254\""),
    ("dns", "The name servers that clients are told of.", "[\"192.168.4.254\"]"),
    (
        "dhcp-authoritative",
        "Whether dnsmasq takes over clients that hold a lease of another server.",
        "true",
    ),
    ("proxy-dhcp", "Or: the network whose DHCP server is another one.", "\"192.168.4.0/24\""),
    ("interface", "The network interface that dnsmasq serves.", "\"eth0\""),
    ("deploy-root", "The root's path on the machine that will serve it.", "\"/srv/pxe\""),
    ("loaders", "Where boot loaders are taken from first.", "\"/srv/loaders\""),
    ("smb-user", "The account that the Windows share asks for.", "\"install\""),
    (
        "public-netboot",
        "A public boot service that a menu entry chains to.",
        "\"http://boot.netboot.xyz/menu.ipxe\"",
    ),
];

const HEAD: &str = "\
# Settings of this boot server. 'pxe-import init' writes the options that it is given and leaves everything
# else as it is; 'pxe-import render' puts into effect what you change here.
";

/// The settings before and after.
#[derive(Debug)]
pub(super) struct Change {
    /// The file as it is; `None` where there is none.
    pub old: Option<String>,
    /// The file as it is to be.
    pub new: String,
    /// What that says.
    pub settings: Settings,
}

/// Puts the options of `args` into the settings of `root`; writes nothing.
///
/// # Errors
/// [`Error::Usage`] for an option that cannot be; as [`Settings::parse`] for the file.
pub(super) fn change(root: &Root, args: &Init) -> Result<Change> {
    let path = root.settings();
    let old = match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(Error::io("read", path, e)),
    };
    if let Some(old) = &old {
        Settings::parse(&path, old)?;
    }
    let given = given(args)?;
    let new = match &old {
        Some(old) => edit(&path, old, &given)?,
        None => fresh(&given),
    };
    let settings = Settings::parse(&path, &new)?;
    if settings.dhcp_range.is_none()
        && let Some((key, _)) = given.iter().find(|(key, _)| OF_RANGE.contains(key))
    {
        return Err(Error::Usage(format!(
            "--{key} is told to the clients of --dhcp-range, and no range is given here or in {}",
            path.display()
        )));
    }
    Ok(Change { old, new, settings })
}

/// The options with their values.
fn given(args: &Init) -> Result<Vec<(&'static str, Value)>> {
    let mut given: Vec<(&'static str, Value)> = Vec::new();
    let mut put = |key, value: Value| given.push((key, value));
    if let Some(server) = &args.server {
        server.parse::<Server>()?;
        put("server", server.into());
    }
    if let Some(title) = &args.menu_title {
        check_title(title)?;
        put("menu-title", title.into());
    }
    if let Some(timeout) = args.timeout {
        if timeout > TIMEOUT_MAX / 10 {
            let most = TIMEOUT_MAX / 10;
            return Err(Error::Usage(format!("a menu timeout is at most {most} seconds")));
        }
        put("timeout", i64::from(timeout).into());
    }
    if let Some(range) = &args.dhcp_range {
        put("dhcp-range", range.parse::<Range>()?.to_string().into());
    }
    if let Some(netmask) = &args.netmask {
        netmask.parse::<Netmask>()?;
        put("netmask", netmask.into());
    }
    if let Some(gateway) = &args.gateway {
        put("gateway", address("gateway", gateway)?.into());
    }
    if !args.dns.is_empty() {
        let all = args.dns.iter().flat_map(|list| list.split(','));
        let list: Array = all.map(|one| address("dns", one)).collect::<Result<_>>()?;
        put("dns", list.into());
    }
    if args.dhcp_authoritative {
        put("dhcp-authoritative", true.into());
    }
    if let Some(subnet) = &args.proxy_dhcp {
        put("proxy-dhcp", subnet.parse::<Subnet>()?.to_string().into());
    }
    if let Some(name) = &args.interface {
        interface::check_name(name)?;
        put("interface", name.into());
    }
    if let Some(path) = &args.deploy_root {
        if !path.is_absolute() {
            let what = format!("--deploy-root {}: must be an absolute path", path.display());
            return Err(Error::Usage(what));
        }
        put("deploy-root", text("deploy-root", path)?.into());
    }
    if let Some(path) = &args.loaders {
        let path = std::path::absolute(path).map_err(|e| Error::io("find", path, e))?;
        put("loaders", text("loaders", &path)?.into());
    }
    if let Some(user) = &args.smb_user {
        check_account(user)?;
        put("smb-user", user.into());
    }
    if let Some(url) = &args.public_netboot {
        check_netboot(url)?;
        put("public-netboot", url.into());
    }
    Ok(given)
}

fn address(option: &str, text: &str) -> Result<String> {
    text.trim().parse::<Ipv4Addr>().map(|address| address.to_string()).map_err(|_| {
        Error::Usage(format!("--{option} {text}: is no IPv4 address, such as 192.168.4.254"))
    })
}

fn text<'p>(option: &str, path: &'p Path) -> Result<&'p str> {
    path.to_str().ok_or_else(|| Error::Usage(format!("--{option}: the path is not UTF-8")))
}

/// A new file, with every key explained.
fn fresh(given: &[(&str, Value)]) -> String {
    let mut out = HEAD.to_owned();
    for (key, what, example) in KEYS {
        let line = match given.iter().find(|(there, _)| *there == key) {
            Some((_, value)) => format!("{key} = {}", value.to_string().trim()),
            None if example.is_empty() => continue,
            None => format!("# {key} = {example}"),
        };
        out.push_str(&format!("\n# {what}\n{line}\n"));
    }
    out
}

/// The file with these values in it.
fn edit(path: &Path, old: &str, given: &[(&str, Value)]) -> Result<String> {
    let mut document: DocumentMut =
        old.parse().map_err(|e| Error::invalid(path, format!("is no TOML: {e}")))?;
    let has = |key| given.iter().any(|(there, _)| *there == key);
    if has("proxy-dhcp") {
        OF_RANGE.iter().for_each(|key| drop(document.remove(key)));
    }
    if has("dhcp-range") {
        document.remove("proxy-dhcp");
    }
    for (key, value) in given {
        let mut value = value.clone();
        match document.get_mut(key).and_then(Item::as_value_mut) {
            Some(there) if plain(there) == plain(&value) => {}
            Some(there) => {
                *value.decor_mut() = there.decor().clone();
                *there = value;
            }
            None => drop(document.insert(key, Item::Value(value))),
        }
    }
    Ok(document.to_string())
}

/// A value as it reads without its quotes and the blanks and comments around it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.value().clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(","),
        other => {
            let mut other = other.clone();
            other.decor_mut().clear();
            other.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(key: &'static str, value: impl Into<Value>) -> Vec<(&'static str, Value)> {
        vec![(key, value.into())]
    }

    fn edited(old: &str, given: &[(&str, Value)]) -> String {
        edit("pxe-import.toml".as_ref(), old, given).expect("TOML")
    }

    #[test]
    fn a_new_file_explains_every_key_and_is_valid() {
        let text = fresh(&set("server", "192.168.4.6"));
        assert!(text.contains("\nserver = \"192.168.4.6\"\n"), "{text}");
        assert!(text.contains("\n# timeout = 30\n"), "{text}");
        let all: String = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.contains(" = ") => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let settings = Settings::parse("pxe-import.toml".as_ref(), &all).expect("valid");
        assert!(settings.dhcp_authoritative && settings.public_netboot.is_some());
    }

    #[test]
    fn comments_and_other_keys_stay() {
        let old =
            "# mine\nserver = \"a\" # since May\njobs = 4\n\n# discs\n[[media]]\nname = \"x\"\n";
        let new = edited(old, &set("server", "192.168.4.6"));
        let expected = old.replace("\"a\"", "\"192.168.4.6\"");
        assert_eq!(new, expected);
        let new = edited(old, &set("timeout", 10));
        assert!(new.contains("jobs = 4\ntimeout = 10\n\n# discs\n[[media]]"), "{new}");
    }

    #[test]
    fn the_same_value_in_another_notation_changes_nothing() {
        for (old, given) in [
            ("netmask = 24\n", set("netmask", "24")),
            ("server = 'a'\n", set("server", "a")),
            ("dns = [ '192.168.4.1' ]\n", set("dns", Array::from_iter(["192.168.4.1"]))),
            ("timeout = 1_0 # s\n", set("timeout", 1_0)),
        ] {
            let new = edited(old, &given);
            assert!(new == old || old.contains('_'), "{new}");
        }
    }

    #[test]
    fn a_proxy_takes_the_place_of_a_range_and_the_other_way_round() {
        let range = "dhcp-range = \"a\"\nnetmask = 24\ngateway = \"b\"\nserver = \"c\"\n";
        let proxy = edited(range, &set("proxy-dhcp", "192.168.4.0/24"));
        assert_eq!(proxy, "server = \"c\"\nproxy-dhcp = \"192.168.4.0/24\"\n");
        let back = edited(&proxy, &set("dhcp-range", "192.168.4.10,192.168.4.20"));
        assert!(!back.contains("proxy"), "{back}");
    }
}
