//! `try` on trees of every family, sound and broken, in machines of QEMU's: the stub kernels of
//! `fixtures/boot` say what they were given.

mod families;
mod site;
mod wimboot;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pxe_import_fixtures::Content;
use pxe_import_fixtures::family::{Builder, Disc, centos, esxi, ubuntu, winpe};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::site::{CENTOS, MENU, Site, has_ovmf, slot};

fn reason(run: &Value) -> &str {
    run["reason"].as_str().expect("text")
}

#[test]
fn a_linux_entry_boots_by_bios_and_the_document_says_how() {
    let Some(site) = Site::centos() else { return };
    let mut run = site.boots(&["centos6.8", "--screenshot", "screen.png"]);
    assert!(reason(&run).contains("switched itself off"), "{run:#}");
    assert!(fs::read(site.path("screen.png")).expect("written").starts_with(b"\x89PNG"));
    for stage in run["stages"].as_array_mut().expect("a list") {
        let (seconds, bytes) = (stage["seconds"].take(), stage["bytes"].take());
        // A script of the machine's own, which it has not.
        assert!(seconds.is_f64() && (bytes.as_u64() > Some(0) || stage["status"] == 404));
    }
    assert!(run["seconds"].take().is_f64());
    run["reason"].take();
    insta::assert_json_snapshot!("tried", run);
}

#[test]
fn linux_entries_boot_by_uefi() {
    if !has_ovmf() {
        return;
    }
    let discs: [Builder; 2] = [("centos6.8", centos::dvd1), ("ubuntu16.04", ubuntu::server)];
    let Some(site) = Site::new("http://10.1.2.3:8080/boot", &discs) else { return };
    let gz = "apt/ubuntu16.04/install/netboot/ubuntu-installer/amd64/initrd.gz";
    let run = site.boots(&["centos6.8", "--uefi", "--until", r"initrd: \d+ bytes, sum"]);
    assert_eq!(run["firmware"], "uefi");
    // Through the menu, to the second entry, on a server with a port and a path.
    site.boots(&["ubuntu16.04", "--uefi", "--menu"]);
    fs::remove_file(site.root("wwwroot").join(gz)).expect("there");
    let (verdict, why) = site.fails(&["ubuntu16.04", "--uefi"]);
    assert_eq!(verdict, "failed");
    assert!(why.contains(&format!("the initrd /{gz} is missing (404)")), "{why}");
}

/// A machine without a script of its own is told so by a 404 before the first of the needs, and iPXE says
/// that aloud: no reason to give up while a kernel is on its way, however long that takes.
#[test]
fn a_large_kernel_is_waited_for() {
    let linux = "install/netboot/ubuntu-installer/amd64/linux";
    let large = |disc: &mut Disc| {
        let stub = disc.tree.get(linux).and_then(|node| node.content()).expect("there").clone();
        assert!(disc.put(linux, Content::parts([stub, Content::Zeros(24 << 20)])));
    };
    let disc: Builder = ("ubuntu16.04", ubuntu::server);
    let Some(site) = Site::with("192.168.4.6", &[disc], large) else { return };
    let firmware: &[&[&str]] = if has_ovmf() { &[&[], &["--uefi"]] } else { &[&[]] };
    for firmware in firmware {
        let run = site.boots(&[&["ubuntu16.04", "--until", "PASS"], *firmware].concat());
        let stages = run["stages"].as_array().expect("a list");
        let kernel = stages.iter().find(|stage| stage["stage"] == "kernel").expect("fetched");
        assert!(kernel["bytes"].as_u64() > Some(24 << 20), "{run:#}");
        assert!(stages.iter().any(|s| s["status"] == 404), "its own script was asked for: {run:#}");
    }
}

#[test]
fn an_entry_is_chosen_in_the_menu_of_bios_clients() {
    let discs: [Builder; 2] = [("centos6.8", centos::dvd1), ("ubuntu16.04", ubuntu::server)];
    let Some(site) = Site::new("http://192.168.4.12:8080/boot", &discs) else { return };
    let run = site.boots(&["ubuntu16.04", "--menu"]);
    let paths = run["stages"].to_string();
    assert!(paths.contains("vesamenu.c32") && paths.contains("netboot"), "{paths}");
    assert!(!paths.contains("pxeboot"), "the other entry was not asked for: {paths}");

    // The same within a menu of its own.
    let menu = fs::read_to_string(site.root(MENU)).expect("text");
    let (begin, end) = ("# pxe-import begin ubuntu16.04\n", "# pxe-import end ubuntu16.04\n");
    let menu = menu.replace(begin, &format!("menu begin more\n{begin}"));
    site.write(MENU, &menu.replace(end, &format!("{end}menu end\n")));
    site.boots(&["ubuntu16.04", "--menu"]);
}

#[test]
fn esxi_boots_by_a_multiboot_loader_with_all_of_its_modules() {
    let Some(site) = Site::new("192.168.4.6", &[("esxi5.5", esxi::esxi55)]) else { return };
    // VMware's loader is of another kind: the made-up one cannot be loaded, and is no boot.
    let (_, why) = site.fails(&["esxi5.5"]);
    assert!(why.contains("boot.cfg was never asked for"), "{why}");
    assert!(why.contains("Failed to load COM32 file"), "{why}");
    site.stand_in_for_mboot();
    let run = site.boots(&["esxi5.5", "--until", "module: .*tools.t00"]);
    let modules = run["stages"].to_string().matches(".v0").count();
    assert!(modules > 30, "{run:#}");
    fs::remove_file(site.root("wwwroot/esxi/5.5/nvme.v00")).expect("there");
    let (_, why) = site.fails(&["esxi5.5"]);
    assert!(why.contains("/pxefiles/esxi/5.5/nvme.v00 is missing (404)"), "{why}");
}

#[test]
fn esxi_boots_by_uefi_with_all_of_its_modules() {
    if !has_ovmf() {
        return;
    }
    let Some(site) = Site::new("http://10.1.2.3:8080/boot", &[("esxi5.5", esxi::esxi55)]) else {
        return;
    };
    let run = site.boots(&["esxi5.5", "--uefi"]);
    assert!(reason(&run).contains("switched itself off"), "{run:#}");
    let modules = run["stages"].to_string().matches("\"module\"").count();
    assert!(modules > 50, "{run:#}");
    fs::remove_file(site.root("wwwroot/esxi/5.5/nvme.v00")).expect("there");
    let (_, why) = site.fails(&["esxi5.5", "--uefi"]);
    assert!(why.contains("the module /esxi/5.5/nvme.v00 is missing (404)"), "{why}");
}

/// With syslinux's own pxelinux in the place of 3.86, which is nowhere to be had, and Linux in that of ESXi.
#[test]
fn an_entry_behind_the_bridge_to_another_loader_is_followed() {
    let Some(site) = Site::centos() else { return };
    let linux = "/yum/CentOS6.8/images/pxeboot";
    site.write(
        "wwwroot/px386/pxelinux.cfg/far",
        &format!(
            "default far\nprompt 0\n\nlabel far\n    kernel {linux}/vmlinuz\n    append initrd={linux}/initrd.img\n"
        ),
    );
    for loader in ["pxelinux.0", "ldlinux.c32"] {
        let from = site.root("wwwroot/pxefiles").join(loader);
        fs::copy(from, site.root("wwwroot/px386").join(loader)).expect("copied");
    }
    std::os::unix::fs::symlink("../yum", site.root("wwwroot/px386/yum")).expect("linked");
    let menu = fs::read_to_string(site.root(MENU)).expect("text");
    let far = "http://192.168.4.6/px386";
    let entry = format!(
        "label far\n    kernel pxechn.c32\n    append {far}/pxelinux.0 -p {far}/ -c pxelinux.cfg/far\n"
    );
    site.write(MENU, &format!("{menu}\n{entry}"));
    let run = site.boots(&["far", "--until", "initrd: .* bytes"]);
    let paths = run["stages"].to_string();
    assert!(paths.contains("px386/pxelinux.cfg/far"), "{run:#}");
    fs::remove_file(site.root(CENTOS).join("initrd.img")).expect("there");
    let (_, why) = site.fails(&["far"]);
    assert!(
        why.contains(&format!("the initrd /px386{linux}/initrd.img is missing (404)")),
        "{why}"
    );
}

#[test]
fn a_windows_pe_image_boots_by_memdisk() {
    let Some(site) = Site::new("192.168.4.6", &[("win8pe", winpe::win8pe)]) else { return };
    let run = site.boots(&["win8pe", "--until", "started from a CD"]);
    assert!(run["stages"].to_string().contains("\"memdisk\""), "{run:#}");
    fs::remove_file(site.root("wwwroot/windows/win8pe.iso")).expect("there");
    let (_, why) = site.fails(&["win8pe"]);
    assert!(why.contains("the image /pxefiles/windows/win8pe.iso is missing (404)"), "{why}");
}

#[test]
fn what_is_missing_short_or_no_kernel_is_told() {
    let Some(site) = Site::centos() else { return };
    let initrd = site.root(CENTOS).join("initrd.img");
    let whole = fs::read(&initrd).expect("read");
    fs::write(&initrd, &whole[..1000]).expect("written");
    let (verdict, why) = site.fails(&["centos6.8"]);
    let said = format!("has 1000 bytes and had {} when it was imported", whole.len());
    assert!(verdict == "failed" && why.contains(&said), "{verdict}: {why}");
    fs::write(&initrd, &whole).expect("written");

    // As long as it was, but no kernel.
    let kernel = site.root(CENTOS).join("vmlinuz");
    let good = fs::read(&kernel).expect("read");
    fs::write(&kernel, vec![b'x'; good.len()]).expect("written");
    let (verdict, why) = site.fails(&["centos6.8"]);
    assert!(verdict == "failed" && why.contains("the console said"), "{verdict}: {why}");

    fs::remove_file(&kernel).expect("there");
    let (verdict, why) = site.fails(&["centos6.8"]);
    assert_eq!(verdict, "failed");
    assert!(why.contains("vmlinuz is missing (404)"), "{why}");
}

#[test]
fn a_kernel_that_says_nothing_is_not_called_booted() {
    let Some(site) = Site::centos() else { return };
    let kernel = site.root(CENTOS).join("vmlinuz");
    let mut bytes = fs::read(&kernel).expect("read");
    // hlt, and again, where its 32-bit code begins.
    bytes[0x400..0x403].copy_from_slice(&[0xf4, 0xeb, 0xfd]);
    fs::write(&kernel, bytes).expect("written");
    let (verdict, why) = site.fails(&["centos6.8", "--timeout", "30s"]);
    assert_eq!(verdict, "silent", "{why}");
    assert!(why.contains("fetched whole"), "{why}");
    let (verdict, why) = site.fails(&["centos6.8", "--timeout", "30s", "--until", "PASS"]);
    assert!(verdict == "failed" && why.contains("never came"), "{verdict}: {why}");
}

/// As Linux without `console=ttyS0`: the serial console is silent, the screen is not.
#[test]
fn a_kernel_that_speaks_on_the_screen_alone_is_heard() {
    let Some(site) = Site::centos() else { return };
    let kernel = site.root(CENTOS).join("vmlinuz");
    let mut bytes = fs::read(&kernel).expect("read");
    // mov eax, 0x10; mov ds, ax: the flat data segment of the stub's own header.
    let mut code = vec![0xb8, 0x10, 0, 0, 0, 0x8e, 0xd8];
    // mov ecx, 0x80000000; loop: some seconds, as what is on the screen at once may be a loader's.
    code.extend([0xb9, 0, 0, 0, 0x80, 0xe2, 0xfe]);
    for (column, letters) in (0_u32..).zip(b"Welcome to the installer".chunks(2)) {
        // mov dword [...], two characters in grey, on a line that the firmware has left empty.
        code.extend([0xc7, 0x05]);
        code.extend((0xb8000 + 3 * 160 + 4 * column).to_le_bytes());
        code.extend([letters[0], 7, letters[1], 7]);
    }
    code.extend([0xf4, 0xeb, 0xfd]);
    bytes[0x400..][..code.len()].copy_from_slice(&code);
    fs::write(&kernel, bytes).expect("written");
    let run = site.boots(&["centos6.8"]);
    assert!(reason(&run).contains("the screen said \"Welcome to the installer"), "{run:#}");
}

#[test]
fn all_entries_boot_each_by_the_firmware_that_can() {
    if !has_ovmf() {
        return;
    }
    let discs: [Builder; 4] = [
        ("centos6.8", centos::dvd1),
        ("ubuntu16.04", ubuntu::server),
        ("esxi5.5", esxi::esxi55),
        ("win8pe", winpe::win8pe),
    ];
    let Some(site) = Site::new("192.168.4.6", &discs) else { return };
    let _slot = slot();
    let ran = site.run(&["try", "--all"]);
    let said = String::from_utf8(ran.stdout).expect("UTF-8");
    assert_eq!(ran.status.code(), Some(0), "{said}");
    let mut end: Vec<Vec<_>> =
        said.lines().rev().take(4).map(|line| line.split_whitespace().take(3).collect()).collect();
    end.reverse();
    let expected = [
        ["centos6.8", "bios", "booted"],
        ["ubuntu16.04", "bios", "booted"],
        ["esxi5.5", "uefi", "booted"],
        ["win8pe", "bios", "booted"],
    ];
    assert_eq!(end, expected, "{said}");
}

#[test]
fn an_entry_that_no_firmware_here_boots_is_told_and_fails() {
    let Some(site) = Site::new("192.168.4.6", &[("esxi5.5", esxi::esxi55)]) else { return };
    site.write("wwwroot/pxefiles/uefi.ipxe", "#!ipxe\nexit 1\n");
    let ran = site.run(&["try", "--all", "--json"]);
    assert_eq!(ran.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&ran.stdout).expect("a document");
    let run = &json["tries"][0];
    assert_eq!((&run["label"], &run["firmware"]), (&"esxi5.5".into(), &"none".into()));
    assert!(reason(run).contains("no firmware here boots it: ESXi boots by UEFI only"), "{run:#}");
}

#[test]
fn all_entries_are_tried_and_one_that_fails_fails_the_command() {
    let discs: [Builder; 2] = [("centos6.8", centos::dvd1), ("win8pe", winpe::win8pe)];
    let Some(site) = Site::new("192.168.4.6", &discs) else { return };
    fs::remove_file(site.root("wwwroot/windows/win8pe.iso")).expect("there");
    let _slot = slot();
    let ran = site.run(&["try", "--all", "--keep"]);
    let said = String::from_utf8(ran.stdout).expect("UTF-8");
    assert_eq!(ran.status.code(), Some(1), "{said}");
    let end: Vec<_> = said.lines().rev().take(2).collect();
    assert!(end[1].starts_with("centos6.8  bios  booted "), "{said}");
    assert!(end[0].starts_with("win8pe     bios  failed "), "{said}");
    let kept: Vec<_> = said.lines().filter_map(|l| l.trim().strip_prefix("kept:")).collect();
    assert_eq!(kept.len(), 2, "{said}");
    for dir in kept.iter().map(|dir| Path::new(dir.trim())) {
        for file in ["serial.txt", "access.log", "screen.png"] {
            assert!(dir.join(file).exists(), "{file}");
        }
    }
}

#[test]
fn a_signal_ends_the_machine_and_leaves_nothing_behind() {
    let Some(site) = Site::centos() else { return };
    let _slot = slot();
    for (signal, status) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        if is_ignored(signal) {
            eprintln!("skipped: needs {signal:?} not to be ignored");
            continue;
        }
        ends(&site, signal, status);
    }
}

/// Whether a child of this process ignores it from the start, as a shell's background jobs do.
fn is_ignored(signal: Signal) -> bool {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("a mask");
    let mask = u64::from_str_radix(mask.trim(), 16).expect("hexadecimal");
    mask >> (signal.as_raw() - 1) & 1 == 1
}

#[track_caller]
fn ends(site: &Site, signal: Signal, status: i32) {
    let mut command = site.command(&["try", "centos6.8"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    let until = Instant::now() + Duration::from_secs(60);
    while machines(site).is_empty() {
        assert!(Instant::now() < until, "no machine is started");
        assert!(child.try_wait().expect("a child").is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(10));
    }
    // As timeout(1) does: once to the process, and at once again to its group.
    kill_process(Pid::from_child(&child), signal).expect("sent");
    let _ = kill_process(Pid::from_child(&child), signal);
    assert_eq!(child.wait().expect("a child").code(), Some(status));
    assert_eq!(machines(site), [0; 0]);
    assert_eq!(site.left(), [""; 0]);
}

/// Processes whose command lines name the site's temporary files.
fn machines(site: &Site) -> Vec<u32> {
    let named = site.dir.path().to_string_lossy().into_owned();
    let processes = fs::read_dir("/proc").expect("Linux").flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id: &u32| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        line.contains("qemu") && line.contains(&named)
    })
    .collect()
}

#[test]
fn what_cannot_be_tried_is_refused_with_what_to_do() {
    let Some(site) = Site::centos() else { return };
    let refused = |command: &mut Command| {
        let ran = command.output().expect("it runs");
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(1), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    };
    let ran = site.run(&["try", "centos6.9"]);
    assert_eq!(ran.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(said.contains("no entry centos6.9") && said.contains("there are: centos6.8"), "{said}");
    fs::remove_file(site.root("wwwroot/pxefiles/uefi.ipxe")).expect("made by init");
    let said = refused(&mut site.command(&["try", "centos6.8", "--uefi"]));
    assert!(said.contains("uefi.ipxe: is not there"), "{said}");
    if !Path::new("/usr/libexec/qemu-kvm").exists() {
        let said = refused(site.command(&["try", "centos6.8"]).env("PATH", "/nonexistent"));
        assert!(said.contains("qemu-system-x86 and ipxe-qemu (Debian, Ubuntu)"), "{said}");
    }
    let said = refused(&mut site.command(&["try", "centos6.8", "--accel", "none-such"]));
    assert!(said.contains("none-such"), "QEMU's own words: {said}");
    site.write("pxe-import.toml", "server = \"boot.example\"\n");
    let said = refused(&mut site.command(&["try", "centos6.8"]));
    assert!(said.contains("is a host name") && said.contains("IPv4 address"), "{said}");
    let ran = site.run(&["try", "centos6.8", "--until", "("]);
    assert_eq!(ran.status.code(), Some(2));
}
