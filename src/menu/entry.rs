//! One thing to boot, whatever the menu format.

/// A menu entry. Paths are absolute in the web root: `/yum/CentOS6.8/images/pxeboot/vmlinuz`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// The key: what a client names, and what our block in a menu is found by.
    pub label: String,
    /// The text that people see.
    pub title: String,
    /// Kernel, `mboot.c32` or `memdisk`: a path in the web root, or a bare name for a loader that
    /// lies beside `pxelinux.0`.
    pub kernel: String,
    /// The initial ramdisk, a path in the web root.
    pub initrd: Option<String>,
    /// Arguments after the initrd, in order.
    pub args: Vec<String>,
    /// Whether pxelinux shall add `BOOTIF=` (`IPAPPEND 2`).
    pub bootif: bool,
}
