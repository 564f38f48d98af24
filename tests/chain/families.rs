//! `try` over the families of discs, with what really boots in the place of what the vendors' discs hold: each
//! comes up, and each fails with the reason when a file of its tree is gone. ESXi's loader is nowhere to be had:
//! `tests/try/` has a stand-in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::{need, screenshots};

/// Which entry, and what its console says when it has come up.
struct Family {
    label: &'static str,
    disc: &'static str,
    says: &'static str,
    /// A file that it cannot do without, below the web root.
    needs: &'static str,
}

const CENTOS: Family = Family {
    label: "centos6.8",
    disc: "CentOS-6.8-x86_64-bin-DVD1.iso",
    says: "RESULT PASS .*/ks",
    needs: "yum/CentOS6.8/images/pxeboot/initrd.img",
};

const UBUNTU: Family = Family {
    label: "ubuntu16.04",
    disc: "ubuntu-16.04.4-server-amd64.iso",
    says: "Select a language",
    needs: "apt/ubuntu16.04/install/netboot/ubuntu-installer/amd64/linux",
};

const LIVE: Family = Family {
    label: "ubuntu22.04",
    disc: "ubuntu-22.04.4-live-server-amd64.iso",
    says: r"SEED user-data \d+ bytes, #cloud-config\s+RESULT PASS .*/install.iso",
    needs: "apt/ubuntu22.04/casper/initrd",
};

const WINPE: Family = Family {
    label: "win8pe",
    disc: "WinPE.iso",
    says: "RESULT PASS offline",
    needs: "windows/win8pe.iso",
};

const USER_DATA: &str = "#cloud-config\nautoinstall:\n  version: 1\n";
const LEAP: Family = Family {
    label: "leap15.6",
    disc: "openSUSE-Leap-15.6-DVD-x86_64-Media.iso",
    // What it has fetched from the tree that install= names.
    says: "SOURCE / openSUSE-Leap 15.6-1",
    needs: "suse/openSUSE-Leap15.6/boot/x86_64/loader/linux",
};

const PROXMOX: Family = Family {
    label: "pve8",
    disc: "proxmox-ve_8.2-1.iso",
    says: "RESULT PASS /proxmox.iso is PVE",
    needs: "proxmox/VE8.2/proxmox.cpio",
};

/// A root made by `init` and an import.
struct Site {
    dir: tempfile::TempDir,
}

impl Site {
    fn new(family: &Family, discs: &Path) -> Self {
        let site = Self { dir: tempfile::tempdir().expect("a directory") };
        site.done(&["init", "--server", "192.168.4.6"]);
        let disc = discs.join(family.disc);
        let mut import = vec![family.label, disc.to_str().expect("UTF-8")];
        let answer = site.dir.path().join("ks.cfg");
        fs::write(&answer, "text\nreboot\n").expect("written");
        if family.label != WINPE.label {
            import.extend(["--arg", "console=ttyS0"]);
        }
        if family.label == CENTOS.label {
            import.extend(["--answer", answer.to_str().expect("UTF-8")]);
        }
        if family.label == LIVE.label {
            fs::write(&answer, USER_DATA).expect("written");
            import.extend(["--answer", answer.to_str().expect("UTF-8")]);
        }
        site.done(&import);
        site
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pxe-import"));
        command.arg("--root").arg(self.root()).args(args);
        command.output().expect("it can be started")
    }

    fn done(&self, args: &[&str]) {
        let done = self.run(args);
        assert!(done.status.success(), "{args:?}: {}", both(&done));
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }
}

fn both(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// Has `try` boot the family's entry; gives what it says, which is what the server was asked for.
fn comes_up(family: &Family, firmware: &str) -> Option<String> {
    let (_turn, discs) = crate::ready(need::missing_for_try())?;
    let site = Site::new(family, discs);
    let screenshot = screenshots().join(format!("{}-{firmware}.png", family.label));
    let screenshot = screenshot.to_str().expect("UTF-8");
    let mut args = vec!["try", family.label, "--until", family.says, "--timeout", "420s"];
    args.extend(["--screenshot", screenshot]);
    if firmware == "uefi" {
        args.push("--uefi");
    }
    let tried = site.run(&args);
    println!("{}", both(&tried));
    assert!(tried.status.success(), "{args:?}: {}", both(&tried));
    let png = fs::read(screenshot).expect("a screenshot");
    assert!(png.starts_with(b"\x89PNG"), "{screenshot}");
    Some(both(&tried))
}

/// Has it tried without a file that it needs.
fn fails_without_what_it_needs(family: &Family, options: &[&str]) {
    let Some((_turn, discs)) = crate::ready(need::missing_for_try()) else { return };
    let site = Site::new(family, discs);
    let gone = site.root().join("wwwroot").join(family.needs);
    fs::remove_file(&gone).expect("it was there");
    let tried = site.run(&[&["try", family.label, "--timeout", "420s"], options].concat());
    println!("{}", both(&tried));
    assert_eq!(tried.status.code(), Some(1), "{}", both(&tried));
    assert!(both(&tried).contains(family.needs), "{}", both(&tried));
}

// The longest first: two run at a time, and none is to be left over.

#[test]
fn a_ubuntu_installer_shows_its_first_screen_by_bios() {
    comes_up(&UBUNTU, "bios");
}

#[test]
fn a_ubuntu_installer_shows_its_first_screen_by_uefi() {
    comes_up(&UBUNTU, "uefi");
}

#[test]
fn centos_fetches_its_answer_file_by_bios() {
    comes_up(&CENTOS, "bios");
}

#[test]
fn centos_fetches_its_answer_file_by_uefi() {
    comes_up(&CENTOS, "uefi");
}

#[test]
fn a_live_server_fetches_its_image_and_its_seed() {
    let Some((_turn, discs)) = crate::ready(need::missing_for_try()) else { return };
    let site = Site::new(&LIVE, discs);
    let size = fs::metadata(discs.join(LIVE.disc)).expect("there").len();
    let until = format!(
        "asks for the ISO http://192.168.4.6/apt/ubuntu22.04/install.iso\\s+ISO {size} bytes, \
         Ubuntu-Server 22.04.4 LTS amd64\\s+SEED meta-data 0 bytes, \\s+{}",
        LIVE.says
    );
    let tried =
        site.run(&["try", LIVE.label, "--until", &until, "--timeout", "420s", "--keep", "--json"]);
    println!("{}", both(&tried));
    assert!(tried.status.success(), "{}", both(&tried));
    let report: serde_json::Value = serde_json::from_slice(&tried.stdout).expect("JSON");
    let kept = Path::new(report["tries"][0]["kept"].as_str().expect("kept"));
    let log = fs::read_to_string(kept.join("access.log")).expect("a log");
    for file in ["install.iso", "answers/ubuntu22.04/user-data", "answers/ubuntu22.04/meta-data"] {
        assert!(log.contains(&format!("apt/ubuntu22.04/{file}")), "{file}: {log}");
    }
    fs::remove_dir_all(kept).expect("removed");
    // Without the image there is nothing to start a machine for.
    fs::remove_file(site.root().join("wwwroot/apt/ubuntu22.04/install.iso")).expect("there");
    let tried = site.run(&["try", LIVE.label]);
    assert_eq!(tried.status.code(), Some(1));
    assert!(both(&tried).contains("install.iso, which is not there"), "{}", both(&tried));
}

#[test]
fn a_live_server_fetches_them_by_uefi_too() {
    comes_up(&LIVE, "uefi");
}

#[test]
fn leap_fetches_its_list_of_products_by_bios() {
    let Some(asked) = comes_up(&LEAP, "bios") else { return };
    assert!(asked.contains(" suse/openSUSE-Leap15.6/media.1/products "), "{asked}");
}

#[test]
fn leap_fetches_its_list_of_products_by_uefi() {
    let Some(asked) = comes_up(&LEAP, "uefi") else { return };
    assert!(asked.contains(" suse/openSUSE-Leap15.6/media.1/products "), "{asked}");
}

#[test]
fn proxmox_finds_its_image_in_the_ram_disk_by_bios() {
    comes_up(&PROXMOX, "bios");
}

#[test]
fn proxmox_finds_its_image_in_the_ram_disk_by_uefi() {
    comes_up(&PROXMOX, "uefi");
}

#[test]
fn winpe_starts_from_its_image() {
    comes_up(&WINPE, "bios");
}

#[test]
fn every_family_fails_without_a_file_that_it_needs() {
    fails_without_what_it_needs(&CENTOS, &[]);
    fails_without_what_it_needs(&WINPE, &[]);
    fails_without_what_it_needs(&UBUNTU, &[]);
    fails_without_what_it_needs(&UBUNTU, &["--uefi"]);
    fails_without_what_it_needs(&LIVE, &[]);
    fails_without_what_it_needs(&LEAP, &[]);
    fails_without_what_it_needs(&PROXMOX, &["--uefi"]);
}
