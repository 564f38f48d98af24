//! The whole chain with real daemons: dnsmasq and nginx on a root made by `init` and `import` alone and taken
//! to its place by rsync, and machines that boot from them, from DHCP to a running kernel.
//!
//! Every test has a network namespace of its own and needs no rights; two machines run at a time.

mod disk;
mod families;
mod machine;
mod namespace;
mod need;
mod server;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::Duration;
use std::{env, fs};

use machine::{Equipment, Firmware, Machine, mac};
use namespace::Namespace;
use server::Server;

/// Long after a slow machine has booted.
const LIMIT: Duration = Duration::from_secs(420);

/// How many more machines may run: two at a time, each of which keeps one core busy. More than that only
/// take longer each.
static FREE: Mutex<u8> = Mutex::new(2);
static FREED: Condvar = Condvar::new();

/// The right to run a machine, one after the other.
struct Turn;

impl Turn {
    fn take() -> Self {
        let free = FREED.wait_while(Self::free(), |free| *free == 0);
        *free.unwrap_or_else(PoisonError::into_inner) -= 1;
        Self
    }

    fn free() -> MutexGuard<'static, u8> {
        FREE.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *Self::free() += 1;
        FREED.notify_one();
    }
}

/// What a test needs: its turn, and the discs that boot; none where something is missing.
fn ready(missing: Option<String>) -> Option<(Turn, &'static Path)> {
    static DISCS: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    if let Some(what) = missing {
        println!("skipped: needs {what}");
        return None;
    }
    let discs = DISCS.get_or_init(discs);
    let Ok(discs) = discs.as_ref().inspect_err(|why| println!("{why}")) else { return None };
    Some((Turn::take(), discs))
}

/// The discs that boot, made now unless an earlier run has made them; or why there are none.
fn discs() -> Result<PathBuf, String> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("boot-real");
    let made = Command::new(top.join("fixtures/boot-real.sh")).arg(&dir).output().expect("bash");
    let said = String::from_utf8_lossy(&made.stdout);
    if made.status.code() == Some(3) {
        return Err(said.trim_end().to_owned());
    }
    assert!(made.status.success(), "{said}{}", String::from_utf8_lossy(&made.stderr));
    Ok(dir.join("discs"))
}

/// Where screenshots are left for people to look at: a directory that CI names.
fn screenshots() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    let mine = fs::create_dir_all(&dir).and_then(|()| tempfile::tempfile_in(&dir)).is_ok();
    if mine { dir } else { env::temp_dir() }
}

/// Boots a machine until its kernel has spoken, and gives what it has said. The menu is there in between.
fn boot(server: &Server, equipment: &Equipment<'_>, mut menu: impl FnMut(&mut Machine)) -> String {
    let mut namespace = Namespace::open(&format!("{}/24", server::ADDRESS));
    server.start(&mut namespace);
    let mut machine = Machine::start(&mut namespace, &server.machine(), equipment);
    let file = menu_file(equipment.firmware);
    let said = machine.wait(
        "RESULT",
        LIMIT,
        |said| said.contains("RESULT ") && said.ends_with('\n'),
        |machine| {
            // Keys come to nothing before the menu is there, and after an entry was chosen.
            let asked = server.asked();
            if asked.contains(file) && !asked.contains("/images/pxeboot/vmlinuz") {
                menu(machine);
            }
        },
    );
    machine.off();
    assert!(said.contains("RESULT PASS"), "{said}\n{}\n{}", server.asked(), server.logs());
    said
}

/// What a machine fetches last before its menu is there.
fn menu_file(firmware: Firmware) -> &'static str {
    match firmware {
        Firmware::Bios => "vesamenu.c32",
        Firmware::Uefi | Firmware::UefiHttp => "uefi.ipxe",
    }
}

/// Chooses the first entry.
fn first(machine: &mut Machine) {
    machine.press(&["home", "ret"]);
}

/// What pxelinux and our iPXE menu tell the kernel of the NIC of this number.
fn bootif(nic: u8) -> String {
    format!("BOOTIF=01-{}", mac(nic).replace(':', "-"))
}

#[test]
fn a_machine_boots_by_bios_from_dhcp_to_a_kernel_with_its_answer_file() {
    let Some((_turn, discs)) = ready(need::missing()) else { return };
    let server = Server::with_every_family(discs);
    let equipment = Equipment { firmware: Firmware::Bios, nics: 1, disk: None };
    let mut seen = false;
    let said = boot(&server, &equipment, |machine| {
        // The first keys come once the menu has been drawn.
        if !seen {
            sleep(Duration::from_secs(3));
            machine.screenshot(&screenshots().join("menu-bios.png"));
            seen = true;
        }
        first(machine);
    });
    assert!(said.contains(&bootif(1)), "{said}");
    let answer = server::ANSWER.lines().map(|line| format!("KS {line}"));
    for line in answer {
        assert!(said.contains(&line), "{line}: {said}");
    }
}

#[test]
fn a_machine_boots_by_uefi_from_the_second_of_two_nics() {
    let Some((_turn, discs)) = ready(need::missing()) else { return };
    let server = Server::with_every_family(discs);
    let equipment = Equipment { firmware: Firmware::Uefi, nics: 2, disk: None };
    let mut seen = false;
    let said = boot(&server, &equipment, |machine| {
        if !seen {
            sleep(Duration::from_secs(1));
            machine.screenshot(&screenshots().join("menu-uefi.png"));
            seen = true;
        }
        first(machine);
    });
    assert!(said.contains(&bootif(2)), "{said}");
}

#[test]
fn a_machine_boots_by_bios_from_a_port_and_a_path_and_the_second_of_two_nics() {
    let Some((_turn, discs)) = ready(need::missing()) else { return };
    let server = Server::new("http://192.168.4.6:8080/boot", 120, discs);
    let equipment = Equipment { firmware: Firmware::Bios, nics: 2, disk: None };
    let said = boot(&server, &equipment, first);
    assert!(said.contains(&bootif(2)), "{said}");
    assert!(said.contains(" ks=http://192.168.4.6:8080/boot/"), "{said}");
}

#[test]
fn a_machine_boots_by_uefi_http_boot_from_a_port_and_a_path() {
    let Some((_turn, discs)) = ready(need::missing()) else { return };
    let server = Server::new("http://192.168.4.6:8080/boot", 120, discs);
    let equipment = Equipment { firmware: Firmware::UefiHttp, nics: 1, disk: None };
    let said = boot(&server, &equipment, first);
    assert!(said.contains(&bootif(1)), "{said}");
    assert!(server.asked().contains("/ipxe.efi"), "{}", server.asked());
}

#[test]
fn a_host_that_has_its_entry_boots_it_without_a_menu() {
    let Some((_turn, discs)) = ready(need::missing()) else { return };
    let server = Server::new(server::ADDRESS, 120, discs);
    server.host(&mac(1), "centos6.8");
    let equipment = Equipment { firmware: Firmware::Bios, nics: 1, disk: None };
    let said = boot(&server, &equipment, |_| panic!("there is a menu: {}", server.asked()));
    assert!(said.contains(&bootif(1)), "{said}");
}

/// Leaves the menu alone until its default is taken, and waits for what the disk says.
fn boot_local(firmware: Firmware, make: fn(&Path) -> PathBuf) {
    let Some((_turn, discs)) = ready(need::missing()) else { return };
    let server = Server::new(server::ADDRESS, 3, discs);
    let mut namespace = Namespace::open(&format!("{}/24", server::ADDRESS));
    server.start(&mut namespace);
    let dir = server.machine();
    let disk = make(&dir);
    let equipment = Equipment { firmware, nics: 1, disk: Some(&disk) };
    let mut machine = Machine::start(&mut namespace, &dir, &equipment);
    if firmware == Firmware::Uefi {
        // The menu needs no network any more. OVMF would go through its HTTP boot by IPv4 and IPv6 next, for
        // minutes, were the cable still plugged in.
        let menu = |said: &str| said.to_lowercase().contains("boot from local drive");
        machine.wait("the menu", LIMIT, menu, |_| {});
        machine.unplug(1);
    }
    machine.wait("the disk", LIMIT, |said| said.contains(disk::SAYS), |_| {});
    machine.off();
    // Not for want of a network.
    let (asked, menu) = (server.asked(), menu_file(firmware));
    assert!(asked.contains(menu), "{asked}\n{}", server.logs());
    assert!(!asked.contains("/images/pxeboot/"), "{asked}");
}

#[test]
fn a_machine_by_uefi_that_is_left_alone_goes_on_to_its_disk() {
    boot_local(Firmware::Uefi, disk::uefi);
}

#[test]
fn a_machine_by_bios_that_is_left_alone_goes_on_to_its_disk() {
    boot_local(Firmware::Bios, disk::bios);
}
