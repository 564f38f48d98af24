//! What a boot loader says of its own version.

use std::fmt;
use std::sync::LazyLock;

use regex::bytes::Regex;

/// A version of PXELINUX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pxelinux {
    /// Before the dot.
    pub major: u32,
    /// Behind it.
    pub minor: u32,
}

impl Pxelinux {
    /// The last version that loads VMware's mboot.c32.
    pub const LAST_COM32: Self = Self { major: 3, minor: 86 };

    /// Modules are ELF files from version 5 on, and share libraries of their own.
    pub fn has_libraries(self) -> bool {
        self.major >= 5
    }

    /// Whether it loads VMware's mboot.c32, a 32-bit COMBOOT module.
    pub fn loads_mboot(self) -> bool {
        self <= Self::LAST_COM32
    }
}

impl fmt::Display for Pxelinux {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.major, self.minor)
    }
}

/// The version in PXELINUX's first line on the screen: `PXELINUX 6.04 PXE 20200816`.
pub fn pxelinux(bytes: &[u8]) -> Option<Pxelinux> {
    static BANNER: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?-u)PXELINUX (\d{1,4})\.(\d{1,4})[^\d.]").ok());
    let found = BANNER.as_ref()?.captures(bytes)?;
    let number = |at| std::str::from_utf8(found.get(at)?.as_bytes()).ok()?.parse().ok();
    Some(Pxelinux { major: number(1)?, minor: number(2)? })
}

/// Name and version of any loader that says them: `PXELINUX 6.04`, `MEMDISK 6.04`,
/// `iPXE 1.21.1+ (g123456)`, `wimboot v2.7.5`. iPXE's undionly.kpxe is compressed, and does not.
pub fn of(bytes: &[u8]) -> Option<String> {
    static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?-u)(MEMDISK \d{1,4}\.\d{1,4}|wimboot v\d[0-9.]{0,12})").ok()
    });
    static IPXE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?-u)[^0-9.](\d{1,3}\.\d{1,3}\.\d{1,3}\+[0-9A-Za-z().+ -]{0,60})[^ -~]").ok()
    });
    if let Some(version) = pxelinux(bytes) {
        return Some(format!("PXELINUX {version}"));
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if let Some(found) = NAMED.as_ref()?.find(bytes) {
        return Some(text(found.as_bytes()));
    }
    let found = IPXE.as_ref()?.captures(bytes)?;
    found.get(1).map(|version| format!("iPXE {}", text(version.as_bytes())))
}

/// The release of wimboot, [2, 7, 5] of v2.7.5, where it says it.
pub fn wimboot(bytes: &[u8]) -> Option<Vec<u64>> {
    let text = of(bytes)?;
    let version = text.strip_prefix("wimboot v")?;
    Some(version.split('.').map_while(|part| part.parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_in_the_banner() {
        let of = |text: &str| pxelinux(text.as_bytes()).map(|version| version.to_string());
        assert_eq!(of("..\r\nPXELINUX 6.04 PXE 20200816 \0").as_deref(), Some("6.04"));
        assert_eq!(of("PXELINUX boot\nPXELINUX 3.86 2010-04-01").as_deref(), Some("3.86"));
        assert_eq!(of("PXELINUX 99999999999.1 "), None);
        assert_eq!(of("PXELINUX 6"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn only_3_86_and_older_load_com32_modules_of_vmware() {
        assert!(!pxelinux(b"PXELINUX 4.05 ").expect("a version").loads_mboot());
        assert!(pxelinux(b"PXELINUX 3.86 ").expect("a version").loads_mboot());
    }

    #[test]
    fn each_loader_has_its_own_way_to_say_it() {
        let of = |text: &[u8]| of(text);
        assert_eq!(of(b"\0MEMDISK 6.04 20200816 ").as_deref(), Some("MEMDISK 6.04"));
        let ipxe = b"\0PCI\x001.0.0+git-20190125.36a4c85-5.1\0\0";
        assert_eq!(of(ipxe).as_deref(), Some("iPXE 1.0.0+git-20190125.36a4c85-5.1"));
        assert_eq!(of(b"\x001.21.1+ (g8a2d)\0").as_deref(), Some("iPXE 1.21.1+ (g8a2d)"));
        assert_eq!(of(b"wimboot v2.7.5 -- Windows").as_deref(), Some("wimboot v2.7.5"));
        assert_eq!(wimboot(b"..wimboot v2.5.2 -- W"), Some(vec![2, 5, 2]));
        assert_eq!(wimboot(b"MEMDISK 6.04"), None);
        assert_eq!(of(b"\x7fELF 1.2.11 inflate"), None);
    }
}
