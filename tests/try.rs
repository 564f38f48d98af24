//! `try` on trees of every family, sound and broken, in machines of QEMU's: the stub kernels of
//! `fixtures/boot` say what they were given.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use pxe_import_fixtures::family::stub::Stub;
use pxe_import_fixtures::family::{Builder, Size, centos, esxi, ubuntu, winpe};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

const LOADERS: [&str; 7] = [
    "/usr/lib/PXELINUX/pxelinux.0",
    "/usr/lib/syslinux/memdisk",
    "/usr/lib/syslinux/modules/bios/ldlinux.c32",
    "/usr/lib/syslinux/modules/bios/vesamenu.c32",
    "/usr/lib/syslinux/modules/bios/libcom32.c32",
    "/usr/lib/syslinux/modules/bios/libutil.c32",
    "/usr/lib/syslinux/modules/bios/mboot.c32",
];
const OVMF: [&str; 2] = ["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_CODE.fd"];
const MENU: &str = "wwwroot/pxefiles/pxelinux.cfg/default";
const CENTOS: &str = "wwwroot/yum/CentOS6.8/images/pxeboot";

/// At most two machines at a time.
fn slot() -> MutexGuard<'static, ()> {
    static SLOTS: [Mutex<()>; 2] = [Mutex::new(()), Mutex::new(())];
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let slot = &SLOTS[NEXT.fetch_add(1, Ordering::Relaxed) % 2];
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The stub kernels, built once.
fn stub() -> Option<&'static Stub> {
    static STUB: OnceLock<Option<Stub>> = OnceLock::new();
    let build = || {
        let has = |name: &str, arg: &str| {
            let mut command = Command::new(name);
            command.arg(arg).stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        if !cfg!(target_arch = "x86_64") || !has("gcc", "--version") {
            eprintln!("skipped: needs gcc for x86");
            return None;
        }
        if !has("qemu-system-x86_64", "--version") {
            eprintln!("skipped: needs qemu-system-x86_64");
            return None;
        }
        if let Some(missing) = LOADERS.iter().find(|path| !Path::new(path).exists()) {
            eprintln!("skipped: needs {missing}");
            return None;
        }
        let dir = tempfile::tempdir().expect("a directory");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/boot/build");
        let built = Command::new(script).arg(dir.path()).output().expect("a shell");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Some(Stub::read(dir.path()).expect("built"))
    };
    STUB.get_or_init(build).as_ref()
}

fn has_ovmf() -> bool {
    let found = OVMF.iter().any(|path| Path::new(path).exists());
    if !found {
        eprintln!("skipped: needs OVMF");
    }
    found
}

/// A root with loaders, and a directory for temporary files of its own.
struct Site {
    dir: TempDir,
}

impl Site {
    /// `None` where a tool is missing.
    fn new(server: &str, discs: &[Builder]) -> Option<Self> {
        let stub = stub()?;
        let site = Self { dir: tempfile::tempdir().expect("a directory") };
        fs::create_dir(site.path("tmp, with a blank")).expect("made");
        site.write("pxe-import.toml", &format!("server = \"{server}\"\n"));
        for (name, build) in discs {
            let mut disc = build(Size::Small);
            stub.plant(&mut disc);
            let image = site.path(disc.file_name);
            disc.image().create(&image, false).expect("an image");
            let ran = site.run(&["import", "--no-media-check", name, &image.to_string_lossy()]);
            assert!(ran.status.success(), "{ran:?}");
        }
        for loader in LOADERS.map(Path::new) {
            let to = site.root("wwwroot/pxefiles").join(loader.file_name().expect("a name"));
            fs::copy(loader, to).expect("copied");
        }
        Some(site)
    }

    fn centos() -> Option<Self> {
        Self::new("192.168.4.6", &[("centos6.8", centos::dvd1)])
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn root(&self, name: &str) -> PathBuf {
        self.path("root").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.root(name);
        fs::create_dir_all(path.parent().expect("above")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// A menu of UEFI clients with these entries: label, kernel and ramdisk.
    fn uefi(&self, server: &str, entries: &[(&str, &str, &str)]) {
        let mut text = format!("#!ipxe\nset base http://{server}\nmenu Welcome\n");
        for (label, ..) in entries {
            text += &format!("item {label} Install {label}\n");
        }
        text += "item local Boot from local drive\n\
                 choose --default local --timeout 30000 sel || goto local\ngoto ${sel}\n";
        for (label, kernel, initrd) in entries {
            text += &format!(
                ":{label}\nkernel ${{base}}/{kernel} initrd=ramdisk BOOTIF=01-${{netX/mac:hexhyp}}\n\
                 initrd --name ramdisk ${{base}}/{initrd}\nboot\n"
            );
        }
        self.write("wwwroot/pxefiles/uefi.ipxe", &(text + ":local\nexit 1\n"));
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("pxe-import"));
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        command.env("PXE_IMPORT_ROOT", "root").env("TMPDIR", self.path("tmp, with a blank"));
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("it runs")
    }

    /// Tries; whether all booted, and the document.
    #[track_caller]
    fn tries(&self, args: &[&str]) -> (bool, Value) {
        let _slot = slot();
        let patience: &[&str] =
            if args.contains(&"--timeout") { &[] } else { &["--timeout", "150s"] };
        let ran = self.run(&[&["try", "--json"], patience, args].concat());
        let said = String::from_utf8_lossy(&ran.stderr);
        let json: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{said}"));
        assert!(matches!(ran.status.code(), Some(0 | 1)), "{said}");
        assert_eq!(self.left(), [""; 0], "nothing is left behind");
        (ran.status.success(), json)
    }

    /// Tries one entry, which boots; the run.
    #[track_caller]
    fn boots(&self, args: &[&str]) -> Value {
        let (booted, mut json) = self.tries(args);
        assert!(booted, "{json:#}");
        json["tries"][0].take()
    }

    /// Tries one entry, which does not boot; verdict and reason.
    #[track_caller]
    fn fails(&self, args: &[&str]) -> (String, String) {
        let (booted, json) = self.tries(args);
        assert!(!booted, "{json:#}");
        let text = |key: &str| json["tries"][0][key].as_str().expect("text").to_owned();
        (text("verdict"), text("reason"))
    }

    /// What is left among the temporary files.
    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("tmp, with a blank")).expect("there");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("readable").file_name();
        entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect()
    }

    /// Puts syslinux's own mboot.c32 with the same modules in the place of VMware's, which its
    /// pxelinux cannot load.
    fn stand_in_for_mboot(&self) {
        let cfg = fs::read_to_string(self.root("wwwroot/esxi/5.5/boot.cfg")).expect("text");
        let value =
            |key: &str| cfg.lines().find_map(|line| line.strip_prefix(key)).expect("a line");
        let modules = value("modules=").split(" --- ").map(|name| format!(" --- /esxi/5.5/{name}"));
        let modules: String = modules.collect();
        let append = format!("/esxi/5.5/{} {}{modules}", value("kernel="), value("kernelopt="));
        let menu = fs::read_to_string(self.root(MENU)).expect("text");
        let menu = menu.replace("kernel /esxi/5.5/mboot.c32", "kernel mboot.c32");
        self.write(MENU, &menu.replace("-c /esxi/5.5/boot.cfg", &append));
    }
}

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
        assert!(stage["seconds"].take().is_f64() && stage["bytes"].take().as_u64() > Some(0));
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
    let pxeboot = "yum/CentOS6.8/images/pxeboot";
    let netboot = "apt/ubuntu16.04/install/netboot/ubuntu-installer/amd64";
    let [vmlinuz, initrd] = ["vmlinuz", "initrd.img"].map(|name| format!("{pxeboot}/{name}"));
    let [linux, gz] = ["linux", "initrd.gz"].map(|name| format!("{netboot}/{name}"));
    let entries = [("centos6.8", &*vmlinuz, &*initrd), ("ubuntu16.04", &*linux, &*gz)];
    site.uefi("10.1.2.3:8080/boot", &entries);
    let run = site.boots(&["centos6.8", "--uefi", "--until", r"initrd: \d+ bytes, sum"]);
    assert_eq!(run["firmware"], "uefi");
    // Through the menu, to the second entry, on a server with a port and a path.
    site.boots(&["ubuntu16.04", "--uefi", "--menu"]);
    fs::remove_file(site.root("wwwroot").join(&gz)).expect("there");
    let (verdict, why) = site.fails(&["ubuntu16.04", "--uefi"]);
    assert_eq!(verdict, "failed");
    assert!(why.contains(&format!("the initrd /{gz} is missing (404)")), "{why}");
}

#[test]
fn an_entry_is_chosen_in_the_menu_of_bios_clients() {
    let discs: [Builder; 2] = [("centos6.8", centos::dvd1), ("ubuntu16.04", ubuntu::server)];
    let Some(site) = Site::new("http://192.168.4.12:8080/boot", &discs) else { return };
    let run = site.boots(&["ubuntu16.04", "--menu"]);
    let paths = run["stages"].to_string();
    assert!(paths.contains("vesamenu.c32") && paths.contains("netboot"), "{paths}");
    assert!(!paths.contains("pxeboot"), "the other entry was not asked for: {paths}");
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
    let mut command = site.command(&["try", "centos6.8"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    let until = Instant::now() + Duration::from_secs(60);
    while machines(&site).is_empty() {
        assert!(Instant::now() < until, "no machine is started");
        assert!(child.try_wait().expect("a child").is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(10));
    }
    kill_process(Pid::from_child(&child), Signal::TERM).expect("sent");
    assert_eq!(child.wait().expect("a child").code(), Some(143));
    assert_eq!(machines(&site), [0; 0]);
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
    let said = refused(&mut site.command(&["try", "centos6.9"]));
    assert!(said.contains("no entry centos6.9") && said.contains("there are: centos6.8"), "{said}");
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
