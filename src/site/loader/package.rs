//! The packages that have the boot loaders, by distribution.

use std::fmt;

use serde::Serialize;

/// What to install.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Packages {
    /// On Debian and Ubuntu; null, as for the others, where none has it.
    pub debian: Option<&'static str>,
    /// On Fedora and Enterprise Linux.
    pub fedora: Option<&'static str>,
    /// On Arch Linux.
    pub arch: Option<&'static str>,
    /// On SUSE.
    pub suse: Option<&'static str>,
}

/// pxelinux.0 itself.
pub const PXELINUX: Packages = Packages {
    debian: Some("pxelinux"),
    fedora: Some("syslinux-nonlinux"),
    arch: Some("syslinux"),
    suse: Some("syslinux"),
};
/// Its modules, and memdisk.
pub const SYSLINUX: Packages = Packages { debian: Some("syslinux-common"), ..PXELINUX };
/// iPXE for x86-64 and BIOS.
pub const IPXE: Packages = Packages {
    debian: Some("ipxe"),
    fedora: Some("ipxe-bootimgs-x86"),
    arch: Some("ipxe"),
    suse: Some("ipxe-bootimgs"),
};
/// iPXE for 32-bit UEFI.
pub const IPXE_I386: Packages = Packages { debian: None, ..IPXE };
/// iPXE for 64-bit ARM; Debian has it from 13 on.
pub const IPXE_ARM: Packages =
    Packages { fedora: Some("ipxe-bootimgs-aarch64"), arch: None, ..IPXE };

impl fmt::Display for Packages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { debian, fedora, arch, suse } = self;
        let all =
            [("Debian, Ubuntu", debian), ("Fedora, EL", fedora), ("Arch", arch), ("SUSE", suse)];
        let known = all.iter().filter_map(|(who, name)| Some(format!("{who}: {}", (**name)?)));
        f.write_str(&known.collect::<Vec<_>>().join("; "))
    }
}
