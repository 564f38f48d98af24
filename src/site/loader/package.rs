//! The packages that have the boot loaders, by distribution.

use std::fmt;

use serde::Serialize;

/// What to install.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Packages {
    /// On Debian and Ubuntu.
    pub debian: &'static str,
    /// On Fedora and Enterprise Linux.
    pub fedora: &'static str,
    /// On Arch Linux.
    pub arch: &'static str,
    /// On SUSE.
    pub suse: &'static str,
}

/// pxelinux.0 itself.
pub const PXELINUX: Packages = Packages {
    debian: "pxelinux",
    fedora: "syslinux-nonlinux",
    arch: "syslinux",
    suse: "syslinux",
};
/// Its modules, and memdisk.
pub const SYSLINUX: Packages = Packages {
    debian: "syslinux-common",
    fedora: "syslinux-nonlinux",
    arch: "syslinux",
    suse: "syslinux",
};
/// iPXE for x86.
pub const IPXE: Packages =
    Packages { debian: "ipxe", fedora: "ipxe-bootimgs-x86", arch: "ipxe", suse: "ipxe-bootimgs" };
/// iPXE for 64-bit ARM.
pub const IPXE_ARM: Packages = Packages {
    debian: "ipxe",
    fedora: "ipxe-bootimgs-aarch64",
    arch: "ipxe",
    suse: "ipxe-bootimgs",
};

impl fmt::Display for Packages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { debian, fedora, arch, suse } = self;
        write!(f, "Debian, Ubuntu: {debian}; Fedora, EL: {fedora}; Arch: {arch}; SUSE: {suse}")
    }
}
