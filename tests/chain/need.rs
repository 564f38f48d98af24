//! What the whole chain needs of the machine that it is tested on.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs and the package that each comes in.
const PROGRAMS: [(&str, &str); 10] = [
    ("dnsmasq", "dnsmasq-base"),
    ("nginx", "nginx-light"),
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("ip", "iproute2"),
    ("ss", "iproute2"),
    ("rsync", "rsync"),
    ("unshare", "util-linux"),
    ("bash", "bash"),
    ("mformat", "mtools"),
    ("mcopy", "mtools"),
];

/// Files of packages, by the first of their well-known places that there is.
const FILES: [(&str, &[&str]); 4] = [
    ("pxelinux", &["/usr/lib/PXELINUX/pxelinux.0", "/usr/share/syslinux/pxelinux.0"]),
    (
        "syslinux-common",
        &["/usr/lib/syslinux/modules/bios/vesamenu.c32", "/usr/share/syslinux/vesamenu.c32"],
    ),
    ("ipxe", &["/usr/lib/ipxe/snponly.efi", "/usr/share/ipxe/ipxe-snponly-x86_64.efi"]),
    ("ovmf", &["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/edk2/ovmf/OVMF_CODE.fd"]),
];

/// UEFI's code and the variables to start from, each by the places of Debian and Fedora.
const OVMF: [[&str; 2]; 3] = [
    ["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"],
    ["/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"],
    ["/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"],
];

/// What `try` needs, that is missing.
pub(crate) fn missing_for_try() -> Option<String> {
    if on_path("qemu-system-x86_64") { missing_file() } else { Some("qemu-system-x86".into()) }
}

fn missing_file() -> Option<String> {
    let there = |places: &[&str]| places.iter().any(|place| Path::new(place).exists());
    let missing = FILES.iter().find(|(_, places)| !there(places));
    missing.map(|(package, _)| (*package).to_owned())
}

/// What is missing first, as "skipped: needs X" has it.
pub(crate) fn missing() -> Option<String> {
    for (program, package) in PROGRAMS {
        if !on_path(program) {
            return Some(package.to_owned());
        }
    }
    if let Some(package) = missing_file() {
        return Some(package);
    }
    if !Path::new("/dev/net/tun").exists() {
        return Some("/dev/net/tun".into());
    }
    let tried = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "--pid", "--fork", "bash", "-c"])
        .arg("PATH=$PATH:/usr/sbin:/sbin; ip tuntap add dev tap0 mode tap && ip link add br0 type bridge")
        .output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        return Some("user and network namespaces in which taps and bridges can be made".into());
    }
    None
}

/// UEFI's code, and its variables as they are at first.
pub(crate) fn ovmf() -> [PathBuf; 2] {
    let there = |pair: &&[&str; 2]| pair.iter().all(|path| Path::new(path).exists());
    let pair = OVMF.iter().find(there).expect("`missing` has asked");
    pair.map(PathBuf::from)
}

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let more = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    env::split_paths(&path).chain(more).any(|dir| dir.join(program).is_file())
}
