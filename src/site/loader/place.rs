//! Where distributions put boot loaders, and where they go in a root.

use super::package::{IPXE, IPXE_ARM, IPXE_I386, Packages, SYSLINUX};

/// A place that has pxelinux with modules of its version.
#[derive(Debug)]
pub(super) struct Set {
    /// pxelinux.0 itself.
    pub pxelinux: &'static str,
    /// The directory of its BIOS modules.
    pub modules: &'static str,
}

/// In the order tried.
pub(super) const SETS: [Set; 3] = [
    // Debian, Ubuntu.
    Set { pxelinux: "/usr/lib/PXELINUX/pxelinux.0", modules: "/usr/lib/syslinux/modules/bios" },
    // Arch.
    Set { pxelinux: "/usr/lib/syslinux/bios/pxelinux.0", modules: "/usr/lib/syslinux/bios" },
    // Fedora, EL, SUSE.
    Set { pxelinux: "/usr/share/syslinux/pxelinux.0", modules: "/usr/share/syslinux" },
];

/// A module of pxelinux.
#[derive(Debug)]
pub(super) struct Module {
    pub name: &'static str,
    pub purpose: &'static str,
    /// Whether the menu fails without it.
    pub needed: bool,
    /// Whether only versions 5 and later have it.
    pub library: bool,
}

const fn module(name: &'static str, purpose: &'static str, needed: bool, library: bool) -> Module {
    Module { name, purpose, needed, library }
}

pub(super) const MAIN: [Module; 8] = [
    module("ldlinux.c32", "pxelinux.0 itself", true, true),
    module("vesamenu.c32", "the menu", true, false),
    module("libcom32.c32", "the menu", true, true),
    module("libutil.c32", "the menu", true, true),
    module("menu.c32", "a menu without graphics", false, false),
    module("pxechn.c32", "ESXi by BIOS, with PXELINUX 3.86", false, true),
    module("linux.c32", "kernels started by name", false, false),
    module("mboot.c32", "XenServer and XCP-ng", false, false),
];

/// A loader that stands for itself.
#[derive(Debug)]
pub(super) struct Other {
    /// Where it goes, relative to the root.
    pub file: &'static str,
    /// What it is called in the user's own directory.
    pub name: &'static str,
    /// Where distributions have it; the user's directory may have it by these names, too.
    pub places: &'static [&'static str],
    pub purpose: &'static str,
    pub packages: Option<&'static Packages>,
    pub needed: bool,
}

pub(super) const OTHERS: [Other; 10] = [
    Other {
        file: "pxeboot/undionly.kpxe",
        name: "undionly.kpxe",
        // Arch has none, but the one with drivers of its own.
        places: &[
            "/usr/lib/ipxe/undionly.kpxe",
            "/usr/share/ipxe/undionly.kpxe",
            "/usr/share/ipxe/ipxe.pxe",
        ],
        purpose: "BIOS clients",
        packages: Some(&IPXE),
        needed: true,
    },
    Other {
        file: "pxeboot/snponly.efi",
        name: "snponly.efi",
        places: &[
            "/usr/lib/ipxe/snponly.efi",
            "/usr/share/ipxe/ipxe-snponly-x86_64.efi",
            "/usr/share/ipxe/snponly.efi",
            // SUSE has the one that drives all of the firmware's interfaces, Arch that with drivers.
            "/usr/share/ipxe/snp-x86_64.efi",
            "/usr/share/ipxe/x86_64/ipxe.efi",
        ],
        purpose: "UEFI clients",
        packages: Some(&IPXE),
        needed: true,
    },
    Other {
        file: "wwwroot/ipxe.efi",
        name: "ipxe.efi",
        places: &[
            "/usr/lib/ipxe/ipxe.efi",
            "/boot/ipxe.efi",
            "/usr/share/ipxe/ipxe-x86_64.efi",
            "/usr/share/ipxe/x86_64/ipxe.efi",
            "/usr/share/ipxe/ipxe.efi",
        ],
        purpose: "UEFI HTTP boot",
        packages: Some(&IPXE),
        needed: true,
    },
    Other {
        file: "wwwroot/pxefiles/ipxe.lkrn",
        name: "ipxe.lkrn",
        places: &["/usr/lib/ipxe/ipxe.lkrn", "/boot/ipxe.lkrn", "/usr/share/ipxe/ipxe.lkrn"],
        purpose: "--public-netboot for BIOS clients",
        packages: Some(&IPXE),
        needed: false,
    },
    Other {
        file: "wwwroot/pxefiles/memdisk",
        name: "memdisk",
        places: &[
            "/usr/lib/syslinux/memdisk",
            "/usr/lib/syslinux/bios/memdisk",
            "/usr/share/syslinux/memdisk",
        ],
        purpose: "WinPE images for BIOS clients",
        packages: Some(&SYSLINUX),
        needed: true,
    },
    Other {
        file: "wwwroot/pxefiles/wimboot",
        name: "wimboot",
        places: &["/usr/lib/ipxe/wimboot", "/usr/share/ipxe/wimboot"],
        purpose: "Windows set-up, and WinPE for UEFI clients: wimboot 2.7.1 or later, from \
                  https://github.com/ipxe/wimboot/releases, given as --loaders DIR with DIR/wimboot",
        packages: None,
        needed: false,
    },
    Other {
        file: "pxeboot/snponly-i386.efi",
        name: "snponly-i386.efi",
        places: &[
            "/usr/share/ipxe/snp-i386.efi",
            "/usr/share/ipxe/ipxe-i386.efi",
            "/usr/share/ipxe/i386/ipxe.efi",
        ],
        purpose: "32-bit UEFI clients",
        packages: Some(&IPXE_I386),
        needed: false,
    },
    Other {
        file: "wwwroot/ipxe-i386.efi",
        name: "ipxe-i386.efi",
        places: &["/usr/share/ipxe/ipxe-i386.efi", "/usr/share/ipxe/i386/ipxe.efi"],
        purpose: "32-bit UEFI HTTP boot",
        packages: Some(&IPXE_I386),
        needed: false,
    },
    Other {
        file: "pxeboot/snponly-arm64.efi",
        name: "snponly-arm64.efi",
        places: &[
            "/usr/share/ipxe/arm64-efi/snponly.efi",
            "/usr/share/ipxe/snp-arm64.efi",
            "/usr/lib/ipxe/ipxe-arm64.efi",
        ],
        purpose: "64-bit ARM clients",
        packages: Some(&IPXE_ARM),
        needed: false,
    },
    Other {
        file: "wwwroot/ipxe-arm64.efi",
        name: "ipxe-arm64.efi",
        places: &[
            "/usr/share/ipxe/arm64-efi/ipxe.efi",
            "/usr/lib/ipxe/ipxe-arm64.efi",
            "/usr/share/ipxe/snp-arm64.efi",
        ],
        purpose: "64-bit ARM UEFI HTTP boot",
        packages: Some(&IPXE_ARM),
        needed: false,
    },
];
