//! `[answer]` in `ROOT/pxe-import.toml`: what templates answer, for the whole site and by system.
//!
//! ```toml
//! [answer]
//! language = "de_DE.UTF-8"
//! keyboard = "de"
//! timezone = "Europe/Berlin"
//! packages = ["vim"]
//! ssh-keys = ["ssh-ed25519 AAAA... root@boot"]
//!
//! [answer.el]
//! disk = "vda"
//! packages = ["vim-enhanced", "@development"]
//! ```
//!
//! A key in `[answer.el]` (Enterprise Linux and Fedora), `[answer.ubuntu]`, `[answer.debian]` or
//! `[answer.esxi]` replaces the site's for that system. Where nothing is set, [`LANGUAGE`],
//! [`KEYBOARD`], [`TIMEZONE`] and [`DISK`] hold, and the NIC is the one that the machine booted from.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::word::{self, Check};
use super::{crypt, keys};

/// The language where none is set.
pub const LANGUAGE: &str = "en_US.UTF-8";
/// The keyboard where none is set.
pub const KEYBOARD: &str = "us";
/// The time zone where none is set.
pub const TIMEZONE: &str = "Etc/UTC";
/// The disk of Enterprise Linux where none is set: its template names one, so that no other is
/// touched. debian-installer takes the only disk and asks where there are several; ESXi takes the
/// first one.
pub const DISK: &str = "sda";

/// What is set; every key may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The locale: `en_US.UTF-8`.
    #[serde(deserialize_with = "language")]
    pub language: Option<String>,
    /// The keyboard: `us`.
    #[serde(deserialize_with = "keyboard")]
    pub keyboard: Option<String>,
    /// The time zone: `Europe/Berlin`.
    #[serde(deserialize_with = "timezone")]
    pub timezone: Option<String>,
    /// The disk that is installed to, whose content is lost. ESXi names disks in another way: its own
    /// table alone sets it there.
    #[serde(deserialize_with = "disk")]
    pub disk: Option<String>,
    /// The network interface; for ESXi likewise.
    #[serde(deserialize_with = "nic")]
    pub nic: Option<String>,
    /// Packages besides the minimal set; a kickstart's `@group` and `-package` too.
    #[serde(deserialize_with = "packages")]
    pub packages: Option<Vec<String>>,
    /// root's password as crypt(3) hashes it, where the command line gives none.
    #[serde(deserialize_with = "hash")]
    pub root_password_hash: Option<String>,
    /// Public keys that root may log in with, besides those that the command line gives.
    #[serde(deserialize_with = "public_keys")]
    pub ssh_keys: Option<Vec<String>>,
    /// For Enterprise Linux and Fedora.
    #[serde(deserialize_with = "of_system")]
    pub el: Option<Box<Settings>>,
    /// For Ubuntu.
    #[serde(deserialize_with = "of_system")]
    pub ubuntu: Option<Box<Settings>>,
    /// For Debian.
    #[serde(deserialize_with = "of_system")]
    pub debian: Option<Box<Settings>>,
    /// For ESXi.
    #[serde(deserialize_with = "of_system")]
    pub esxi: Option<Box<Settings>>,
}

/// What holds for one system, defaults filled in: `answer` in a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Values {
    /// `en_US.UTF-8`.
    pub language: String,
    /// The language without its character set: `en_US`.
    pub locale: String,
    /// `us`.
    pub keyboard: String,
    /// `Etc/UTC`.
    pub timezone: String,
    /// The disk without `/dev/`; none where the installer is to find it.
    pub disk: Option<String>,
    /// The network interface; none for the one that the machine booted from.
    pub nic: Option<String>,
    /// Packages besides the minimal set.
    pub packages: Vec<String>,
    /// root's password where the command line gives none; templates have `account` instead.
    #[serde(skip)]
    pub password_hash: Option<String>,
    /// Public keys besides the command line's.
    #[serde(skip)]
    pub ssh_keys: Vec<String>,
}

impl Settings {
    /// Whether a password's hash is among the answers.
    pub fn has_password(&self) -> bool {
        let systems = [&self.el, &self.ubuntu, &self.debian, &self.esxi];
        self.root_password_hash.is_some()
            || systems.into_iter().flatten().any(|own| own.has_password())
    }

    /// What holds for the systems of `profile`.
    pub fn of(&self, profile: &str) -> Values {
        let own = match profile {
            "el" => &self.el,
            "ubuntu-di" | "ubuntu-live" => &self.ubuntu,
            "debian" => &self.debian,
            "esxi" => &self.esxi,
            _ => &None,
        };
        let none = Self::default();
        let own = own.as_deref().unwrap_or(&none);
        // ESXi's names of disks and NICs are no other system's.
        let of_machine = if profile == "esxi" { &none } else { self };
        let text = |own: &Option<String>, all: &Option<String>, default: &str| {
            own.clone().or_else(|| all.clone()).unwrap_or_else(|| default.to_owned())
        };
        let language = text(&own.language, &self.language, LANGUAGE);
        let disk = own.disk.as_ref().or(of_machine.disk.as_ref());
        let default_disk = (profile == "el").then(|| DISK.to_owned());
        Values {
            locale: language.split('.').next().unwrap_or_default().to_owned(),
            language,
            keyboard: text(&own.keyboard, &self.keyboard, KEYBOARD),
            timezone: text(&own.timezone, &self.timezone, TIMEZONE),
            disk: disk
                .map(|disk| disk.strip_prefix("/dev/").unwrap_or(disk).to_owned())
                .or(default_disk),
            nic: own.nic.clone().or_else(|| of_machine.nic.clone()),
            packages: own.packages.clone().or_else(|| self.packages.clone()).unwrap_or_default(),
            password_hash: own
                .root_password_hash
                .clone()
                .or_else(|| self.root_password_hash.clone()),
            ssh_keys: own.ssh_keys.clone().or_else(|| self.ssh_keys.clone()).unwrap_or_default(),
        }
    }
}

fn checked<'de, D: Deserializer<'de>>(d: D, check: Check) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(d)?;
    check(&text).map_err(D::Error::custom)?;
    Ok(Some(text))
}

fn language<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    checked(d, word::language)
}

fn keyboard<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    checked(d, word::keyboard)
}

fn timezone<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    checked(d, word::timezone)
}

fn disk<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    checked(d, word::disk)
}

fn nic<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    checked(d, word::nic)
}

fn hash<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    checked(d, crypt::check)
}

fn packages<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Vec<String>>, D::Error> {
    let list = Vec::<String>::deserialize(d)?;
    list.iter().try_for_each(|one| word::package(one)).map_err(D::Error::custom)?;
    Ok(Some(list))
}

fn public_keys<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Vec<String>>, D::Error> {
    let list = Vec::<String>::deserialize(d)?;
    let keys = list.iter().map(|one| {
        // A line of its own each: a second one in it would be a key that nobody has looked at.
        if one.contains("PRIVATE KEY") {
            keys::parse(one).map(|_| String::new())
        } else {
            keys::key(one.trim())
        }
    });
    keys.collect::<Result<_, _>>().map(Some).map_err(D::Error::custom)
}

fn of_system<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Box<Settings>>, D::Error> {
    let own = Settings::deserialize(d)?;
    if [&own.el, &own.ubuntu, &own.debian, &own.esxi].into_iter().any(Option::is_some) {
        return Err(D::Error::custom("a system's answers have no systems of their own in them"));
    }
    Ok(Some(Box::new(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Settings {
        toml::from_str(text).expect("valid")
    }

    #[test]
    fn nothing_set_gives_the_defaults() {
        let values = Settings::default().of("el");
        assert_eq!((&*values.language, &*values.locale), (LANGUAGE, "en_US"));
        assert_eq!((&*values.keyboard, &*values.timezone), (KEYBOARD, TIMEZONE));
        assert_eq!((values.disk.as_deref(), values.nic), (Some("sda"), None));
        assert_eq!(Settings::default().of("debian").disk, None);
    }

    #[test]
    fn a_systems_own_key_replaces_the_sites() {
        let settings = parse(
            "language = \"de_DE.UTF-8\"\npackages = [\"vim\"]\ndisk = \"/dev/vda\"\n\
             [el]\npackages = [\"@core\"]\n[esxi]\nnic = \"vmnic1\"\n",
        );
        let el = settings.of("el");
        assert_eq!((el.packages, el.disk), (vec!["@core".to_owned()], Some("vda".into())));
        assert_eq!(el.locale, "de_DE");
        assert_eq!(settings.of("ubuntu-di").packages, ["vim"]);
        let esxi = settings.of("esxi");
        assert_eq!((esxi.nic.as_deref(), esxi.disk), (Some("vmnic1"), None), "no Linux disk");
    }

    #[test]
    fn faults_are_told_where_they_are() {
        for (text, at, what) in [
            ("\nlang = \"a\"", 1, "unknown field `lang`"),
            ("disk = \"sda\\nreboot\"", 7, "is no disk"),
            ("\n[el]\npackages = [\"a b\"]", 17, "is no package"),
            ("root-password-hash = \"secret\"", 21, "no password hash"),
            ("ssh-keys = [\"-----BEGIN OPENSSH PRIVATE KEY-----\"]", 11, "PRIVATE"),
            ("ssh-keys = [\"x\"]", 11, "kind of a key"),
            ("[el.esxi]\ndisk = \"a\"", 1, "no systems of their own"),
        ] {
            let error = toml::from_str::<Settings>(text).expect_err(text);
            assert!(error.message().contains(what), "{text}: {error}");
            assert_eq!(error.span().expect("a place").start, at, "{text}: {error}");
            assert!(!error.message().contains("secret"), "{error}");
        }
    }
}
