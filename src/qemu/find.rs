//! QEMU and its UEFI firmware, in the places where distributions put them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The program, by name on the PATH, and where Fedora's own family has it.
const QEMU: [&str; 2] = ["qemu-system-x86_64", "/usr/libexec/qemu-kvm"];
const QEMU_PACKAGES: &str = "install qemu-system-x86 and ipxe-qemu (Debian, Ubuntu), \
    qemu-system-x86-core and ipxe-roms-qemu (Fedora), qemu-kvm (Enterprise Linux), qemu-system-x86 \
    (Arch), qemu-x86 and qemu-ipxe (SUSE)";

/// Code and variables of OVMF without Secure Boot.
const OVMF: [(&str, &str); 7] = [
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
    ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
    ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
    ("/usr/share/edk2-ovmf/x64/OVMF_CODE.fd", "/usr/share/edk2-ovmf/x64/OVMF_VARS.fd"),
    ("/usr/share/qemu/ovmf-x86_64-4m-code.bin", "/usr/share/qemu/ovmf-x86_64-4m-vars.bin"),
    ("/usr/share/qemu/ovmf-x86_64-code.bin", "/usr/share/qemu/ovmf-x86_64-vars.bin"),
];
const OVMF_PACKAGES: &str = "install ovmf (Debian, Ubuntu), edk2-ovmf (Fedora, Enterprise Linux, \
    Arch) or qemu-ovmf-x86_64 (SUSE)";

/// The UEFI firmware.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firmware {
    /// The code, which is only read.
    pub code: PathBuf,
    /// The variables to begin with, which a machine needs a copy of.
    pub variables: PathBuf,
}

/// QEMU, searched for on `path` (as the variable PATH).
///
/// # Errors
/// [`Error::Io`] naming the packages.
pub fn qemu(path: Option<&OsStr>) -> Result<PathBuf> {
    let [name, other] = QEMU;
    let dirs: Vec<_> = path.into_iter().flat_map(std::env::split_paths).collect();
    let found = dirs.iter().map(|dir| dir.join(name)).find(|path| path.is_file());
    let found = found.or_else(|| Some(PathBuf::from(other)).filter(|path| path.is_file()));
    found.ok_or_else(|| missing(name, QEMU_PACKAGES))
}

/// The firmware for UEFI machines, below `top` (`/` outside of tests).
///
/// # Errors
/// [`Error::Io`] naming the packages.
pub fn firmware(top: &Path) -> Result<Firmware> {
    let below = |path: &str| top.join(path.trim_start_matches('/'));
    OVMF.iter()
        .map(|(code, variables)| Firmware { code: below(code), variables: below(variables) })
        .find(|found| found.code.is_file() && found.variables.is_file())
        .ok_or_else(|| missing("OVMF_CODE.fd", OVMF_PACKAGES))
}

fn missing(name: &str, packages: &str) -> Error {
    let why = format!("it is not there: {packages}");
    Error::io("start", name, std::io::Error::new(std::io::ErrorKind::NotFound, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_with_its_packages() {
        let dir = tempfile::tempdir().expect("a directory");
        let error = firmware(dir.path()).expect_err("nothing is there").chain();
        assert!(error.contains("ovmf (Debian") && error.contains("edk2-ovmf"), "{error}");
        if !Path::new(QEMU[1]).exists() {
            let error = qemu(Some(dir.path().as_os_str())).expect_err("nothing is there").chain();
            assert!(error.contains("qemu-system-x86 and ipxe-qemu (Debian"), "{error}");
        }
    }

    #[test]
    fn the_first_whole_pair_is_taken() {
        let dir = tempfile::tempdir().expect("a directory");
        let put = |path: &str| {
            let path = dir.path().join(path.trim_start_matches('/'));
            std::fs::create_dir_all(path.parent().expect("above")).expect("made");
            std::fs::write(&path, "").expect("written");
        };
        put(OVMF[0].0);
        put(OVMF[2].0);
        put(OVMF[2].1);
        let found = firmware(dir.path()).expect("one pair");
        assert!(found.code.ends_with("edk2/ovmf/OVMF_CODE.fd"), "{found:?}");
    }

    #[test]
    fn qemu_is_found_on_the_path() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join(QEMU[0]), "").expect("written");
        let found = qemu(Some(dir.path().as_os_str())).expect("found");
        assert_eq!(found, dir.path().join(QEMU[0]));
    }
}
