//! pxelinux as it lies on the disk: which version it is, and what that means for ESXi.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::root::Root;
use super::server::Server;
use crate::menu::esxi::{Bios, PX386};
use crate::monitor::Warning;

/// What may be called pxelinux, the usual one first.
pub const NAMES: [&str; 2] = ["pxelinux.0", "lpxelinux.0"];
/// Largest loader in bytes; real ones have up to 100 KiB.
pub const BYTES_MAX: u64 = 4 << 20;
/// The last version that loads VMware's mboot.c32.
pub const LAST_COM32: Version = Version { major: 3, minor: 86 };

/// pxelinux's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
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
    pub fn has_libraries(self) -> bool {
        self.major >= 5
    }
}

/// The version that the loader's first lines on the screen name: `PXELINUX 6.04 PXE 20200816`.
pub fn version(bytes: &[u8]) -> Option<Version> {
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

/// What BIOS clients of `root` start ESXi with. Where there is no loader to be read yet, or the server's
/// address is not known, that is the main one.
pub fn bios(root: &Root, server: Option<&Server>) -> Bios {
    let of = |path: &Path| head(path, BYTES_MAX).ok().and_then(|bytes| version(&bytes));
    let main = NAMES.iter().find_map(|name| of(&root.pxefiles().join(name)));
    if main.is_some_and(|main| main <= LAST_COM32) {
        return Bios::Plain;
    }
    let other = of(&root.wwwroot().join(PX386).join(NAMES[0]));
    match (other.filter(|other| *other <= LAST_COM32), server) {
        (Some(_), Some(server)) => Bios::Bridge(server.to_string()),
        (Some(_), None) => Bios::Plain,
        (None, _) if main.is_some() => Bios::Missing,
        (None, _) => Bios::Plain,
    }
}

/// What is to be said of an ESXi entry that no loader here can start.
pub fn uefi_only(label: &str) -> Warning {
    let message = format!(
        "ESXi boots by UEFI only on this server: VMware's mboot.c32 needs PXELINUX {LAST_COM32}, whose files \
         'pxe-import init --loaders DIR' puts into wwwroot/px386"
    );
    Warning::new("esxi-uefi-only", label, message)
}

/// The first `max` bytes of a regular file; a pipe is never waited for.
///
/// # Errors
/// What the system says; [`io::ErrorKind::InvalidInput`] for what is no regular file.
pub(super) fn head(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    let file: File = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    let mut bytes = Vec::new();
    file.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

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

    #[test]
    fn esxi_needs_3_86_somewhere() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path());
        root.create().expect("made");
        let server: Server = "192.168.4.6".parse().expect("an address");
        let bios = || bios(&root, Some(&server));
        assert_eq!(bios(), Bios::Plain, "nothing is known yet");
        let main = root.pxefiles().join("pxelinux.0");
        fs::write(&main, "PXELINUX 6.04 PXE").expect("written");
        assert_eq!(bios(), Bios::Missing);
        let other = root.wwwroot().join("px386/pxelinux.0");
        fs::create_dir_all(other.parent().expect("there")).expect("made");
        fs::write(&other, "PXELINUX 4.05 x").expect("written");
        assert_eq!(bios(), Bios::Missing);
        fs::write(&other, "PXELINUX 3.86 x").expect("written");
        assert_eq!(bios(), Bios::Bridge("http://192.168.4.6".into()));
        assert_eq!(super::bios(&root, None), Bios::Plain);
        fs::write(&main, "PXELINUX 3.86 x").expect("written");
        assert_eq!(bios(), Bios::Plain);
    }
}
