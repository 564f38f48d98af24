//! The site's settings, `ROOT/pxe-import.toml`. Keys are the long options.

use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::interface;
use super::media::{self, Media};
use super::network::{Netmask, Range, Subnet};
use super::root::Root;
use super::server::Server;
use crate::answer;
use crate::error::{Error, Result};
use crate::menu::entry::check_title;
use crate::menu::pxelinux::TIMEOUT_MAX;

/// What a site sets for all its imports.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The address that clients use.
    pub server: Option<Server>,
    /// The text above the menu.
    #[serde(deserialize_with = "title")]
    pub menu_title: String,
    /// Seconds until the menu boots its default; 0 to wait for ever.
    #[serde(deserialize_with = "timeout")]
    pub timeout: u32,
    /// The addresses to hand out, where dnsmasq is to be the network's DHCP server.
    pub dhcp_range: Option<Range>,
    /// The network whose DHCP server is another one.
    pub proxy_dhcp: Option<Subnet>,
    /// The mask of the DHCP range's network; 24 bits where not given.
    pub netmask: Option<Netmask>,
    /// The router that clients are told of.
    pub gateway: Option<Ipv4Addr>,
    /// The name servers that clients are told of.
    pub dns: Vec<Ipv4Addr>,
    /// Whether dnsmasq takes over clients that hold a lease of another server.
    pub dhcp_authoritative: bool,
    /// The interface that dnsmasq serves.
    #[serde(deserialize_with = "interface")]
    pub interface: Option<String>,
    /// The root's path on the machine that will serve it.
    #[serde(deserialize_with = "absolute")]
    pub deploy_root: Option<PathBuf>,
    /// Where boot loaders are taken from before the system's packages.
    #[serde(deserialize_with = "absolute")]
    pub loaders: Option<PathBuf>,
    /// The account that the Windows share asks for.
    #[serde(deserialize_with = "account")]
    pub smb_user: Option<String>,
    /// The script of a public boot service that a menu entry chains to.
    #[serde(deserialize_with = "netboot")]
    pub public_netboot: Option<String>,
    /// Threads that copy; one a processor where not given.
    pub jobs: Option<NonZeroUsize>,
    /// What templates of answer files answer.
    pub answer: answer::Settings,
    /// The images that the site's imports are made of.
    #[serde(deserialize_with = "later")]
    pub media: Vec<Media>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server: None,
            menu_title: "Welcome to PXE server!".to_owned(),
            timeout: 30,
            dhcp_range: None,
            proxy_dhcp: None,
            netmask: None,
            gateway: None,
            dns: Vec::new(),
            dhcp_authoritative: false,
            interface: None,
            deploy_root: None,
            loaders: None,
            smb_user: None,
            public_netboot: None,
            jobs: None,
            answer: answer::Settings::default(),
            media: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the settings of `root`; a file that is not there sets nothing.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Invalid`] with the line for what is no TOML, an unknown key and a
    /// value that cannot be.
    pub fn load(root: &Root) -> Result<Self> {
        let path = root.settings();
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(Error::invalid(path, "is not UTF-8, as TOML must be"))
            }
            Err(error) => Err(Error::io("read", path, error)),
        }
    }

    /// The settings in `text`, which was read from `path`.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn parse(path: &Path, text: &str) -> Result<Self> {
        let settings: Self = toml::from_str(text).map_err(|error| {
            let line = line(text, error.span().unwrap_or_default().start);
            Error::invalid(path, format!("line {line}: {}", error.message().replace('\n', ", ")))
        })?;
        Ok(Self { media: media::read(path, text)?, ..settings })
    }

    /// The server's address.
    ///
    /// # Errors
    /// [`Server::missing`] for `purpose` where it is not set.
    pub fn server(&self, root: &Root, purpose: &str) -> Result<&Server> {
        self.server.as_ref().ok_or_else(|| Server::missing(root, purpose))
    }
}

/// Checks the name of the Windows share's account.
///
/// # Errors
/// [`Error::Usage`] unless it is a plain user name.
pub fn check_account(name: &str) -> Result<()> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let first = name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    if first && name.len() <= 32 && name.bytes().all(plain) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{name:?} cannot be the Windows share's account: give a user name of letters, digits, dots, \
         underscores and hyphens"
    )))
}

/// Checks the address of a public boot service.
///
/// # Errors
/// [`Error::Usage`] unless it is a URL that iPXE fetches, and can stand in a menu.
pub fn check_netboot(url: &str) -> Result<()> {
    let rest = ["http://", "https://", "tftp://"].iter().find_map(|start| url.strip_prefix(start));
    let plain = |b: u8| b.is_ascii_graphic() && !b"\"'\\$|&;".contains(&b);
    if rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')) && url.bytes().all(plain)
    {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{url:?} cannot be the public boot service: give the URL of its iPXE script, such as \
         http://boot.netboot.xyz/menu.ipxe"
    )))
}

/// The number of the line that holds the byte `at`.
pub(super) fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count().saturating_add(1)
}

/// Entries of `[[media]]` are read by [`media::read`], which knows the lines of their keys.
fn later<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Media>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| Vec::new())
}

fn title<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let title = String::deserialize(deserializer)?;
    check_title(&title).map_err(D::Error::custom)?;
    Ok(title)
}

fn timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let seconds = u32::deserialize(deserializer)?;
    if seconds > TIMEOUT_MAX / 10 {
        return Err(D::Error::custom(format!(
            "a menu timeout is at most {} seconds",
            TIMEOUT_MAX / 10
        )));
    }
    Ok(seconds)
}

/// A text that `check` finds nothing wrong with.
fn checked<'de, D: Deserializer<'de>>(
    deserializer: D,
    check: impl Fn(&str) -> Result<()>,
) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    check(&text).map_err(D::Error::custom)?;
    Ok(Some(text))
}

fn interface<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    checked(deserializer, interface::check_name)
}

fn account<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    checked(deserializer, check_account)
}

fn netboot<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    checked(deserializer, check_netboot)
}

fn absolute<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    if !path.is_absolute() {
        return Err(D::Error::custom(format!("{} is not an absolute path", path.display())));
    }
    Ok(Some(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings> {
        Settings::parse(Path::new("/data/pxe-import.toml"), text)
    }

    #[test]
    fn the_keys_are_the_long_options() {
        let settings = parse(
            "# ours\nserver = \"192.168.4.6\"\nmenu-title = \"Boot\"\ntimeout = 0\njobs = 4\n\n\
             [[media]]\nname = \"centos6.8\"\nimages = [\"/srv/*.iso\"]\narg = [\"quiet\"]\n",
        )
        .expect("valid");
        assert_eq!(settings.server.map(|s| s.to_string()).as_deref(), Some("http://192.168.4.6"));
        assert_eq!((settings.menu_title.as_str(), settings.timeout), ("Boot", 0));
        assert_eq!(settings.jobs, NonZeroUsize::new(4));
        assert_eq!(settings.media[0].name, "centos6.8");
    }

    #[test]
    fn faults_are_reported_with_their_line() {
        for (text, line, what) in [
            ("timeout = 3\n\nsever = \"a\"\n", 3, "unknown field `sever`"),
            ("server = \"https://a\"\n", 1, "cannot do https"),
            ("\nmenu-title = \"é\"\n", 2, "U+00E9"),
            ("\ntimeout = 3600\n", 2, "at most 3599 seconds"),
            ("timeout = \"3\"\n", 1, "invalid type"),
            ("jobs = 0\n", 1, "nonzero"),
            ("\n\nserver = \n", 3, ""),
            ("server = \"a\"\nserver = \"b\"\n", 2, "duplicate"),
            ("menu_title = \"a\"\n", 1, "unknown field `menu_title`"),
            ("\ndhcp-range = \"192.168.4.10\"\n", 2, "it has no comma"),
            ("proxy-dhcp = \"192.168.4.6/24\"\n", 1, "192.168.4.0/24"),
            ("netmask = 33\n", 1, "a length from 8 to 30"),
            ("gateway = \"a\"\n", 1, "IPv4"),
            ("interface = \"a b\"\n", 1, "no name of a network interface"),
            ("deploy-root = \"srv\"\n", 1, "not an absolute path"),
            ("smb-user = \"a b\"\n", 1, "a user name"),
            ("public-netboot = \"boot.netboot.xyz\"\n", 1, "the URL of its iPXE script"),
            ("\n[answer]\n\nlang = \"a\"\n", 4, "unknown field `lang`"),
            ("[answer]\ndisk = \"sda\"\n[answer.el]\ntimezone = \"a b\"\n", 4, "is no time zone"),
            ("[answer]\nroot-password-hash = \"x\"\n", 2, "no password hash"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
            let error = error.to_string();
            let start = format!("/data/pxe-import.toml: line {line}: ");
            assert!(error.starts_with(&start) && error.contains(what), "{text:?}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn the_boot_servers_keys_are_the_options_of_init() {
        let settings = parse(
            "dhcp-range = \"192.168.4.10,192.168.4.200\"\nnetmask = \"255.255.255.0\"\n\
             gateway = \"192.168.4.254\"\ndns = [\"192.168.4.1\"]\ndhcp-authoritative = true\n\
             interface = \"br0\"\ndeploy-root = \"/srv/pxe\"\nloaders = \"/srv/loaders\"\n\
             smb-user = \"install\"\npublic-netboot = \"http://boot.netboot.xyz/menu.ipxe\"\n",
        )
        .expect("valid");
        assert_eq!(settings.netmask, Some(Netmask::DEFAULT));
        assert_eq!(settings.dns, [Ipv4Addr::new(192, 168, 4, 1)]);
        assert!(settings.dhcp_authoritative);
        assert_eq!(settings.deploy_root.as_deref(), Some(Path::new("/srv/pxe")));
        assert_eq!(parse("netmask = 16\n").expect("valid").netmask.map(Netmask::prefix), Some(16));
    }

    #[test]
    fn a_file_that_is_not_there_sets_nothing() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path());
        let settings = Settings::load(&root).expect("defaults");
        assert_eq!(settings, Settings::default());
        assert!(settings.server(&root, "boot.cfg").is_err());
        fs::write(root.settings(), "server = \"boot\"\n").expect("written");
        let settings = Settings::load(&root).expect("read");
        assert_eq!(settings.server(&root, "boot.cfg").expect("set").host(), "boot");
        fs::write(root.settings(), b"\xff").expect("written");
        assert!(matches!(Settings::load(&root), Err(Error::Invalid { .. })));
    }
}
