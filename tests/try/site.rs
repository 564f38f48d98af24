//! A root of a test's own, made by `init` and `import` alone, with trees that boot; and `try` run on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use pxe_import_fixtures::family::stub::Stub;
use pxe_import_fixtures::family::{Builder, Disc, Size, centos};
use serde_json::Value;
use tempfile::TempDir;

/// What `init` takes, and must find for a machine to boot.
const LOADERS: [&str; 6] = [
    "/usr/lib/PXELINUX/pxelinux.0",
    "/usr/lib/syslinux/memdisk",
    "/usr/lib/syslinux/modules/bios/ldlinux.c32",
    "/usr/lib/syslinux/modules/bios/vesamenu.c32",
    "/usr/lib/syslinux/modules/bios/libcom32.c32",
    "/usr/lib/syslinux/modules/bios/libutil.c32",
];
/// syslinux's own loader of Multiboot kernels.
const MBOOT: &str = "/usr/lib/syslinux/modules/bios/mboot.c32";
const OVMF: [&str; 2] = ["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_CODE.fd"];
pub(crate) const MENU: &str = "wwwroot/pxefiles/pxelinux.cfg/default";
pub(crate) const CENTOS: &str = "wwwroot/yum/CentOS6.8/images/pxeboot";

/// At most two machines at a time.
pub(crate) fn slot() -> MutexGuard<'static, ()> {
    static SLOTS: [Mutex<()>; 2] = [Mutex::new(()), Mutex::new(())];
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let slot = &SLOTS[NEXT.fetch_add(1, Ordering::Relaxed) % 2];
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The stub kernels, built once.
pub(crate) fn stub() -> Option<&'static Stub> {
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
        if let Some(missing) = LOADERS.iter().chain([&MBOOT]).find(|path| !Path::new(path).exists())
        {
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

/// An image of Windows' kind that wimlib has written; `None` where there is no wimlib.
pub(crate) fn real_wim(dir: &Path) -> Option<Vec<u8>> {
    let program = "wimlib-imagex";
    let from = dir.join("system");
    fs::create_dir_all(from.join("Windows/System32")).expect("made");
    fs::write(from.join("Windows/System32/winpeshl.exe"), vec![b'x'; 300_000]).expect("written");
    let wim = dir.join("boot.wim");
    let Ok(ran) = Command::new(program).arg("capture").args([&from, &wim]).output() else {
        eprintln!("without {program} an image of our own takes the place of a real one");
        return None;
    };
    assert!(ran.status.success(), "{ran:?}");
    Some(fs::read(wim).expect("written"))
}

pub(crate) fn has_ovmf() -> bool {
    let found = OVMF.iter().any(|path| Path::new(path).exists());
    if !found {
        eprintln!("skipped: needs OVMF");
    }
    found
}

/// A root with loaders, and a directory for temporary files of its own.
pub(crate) struct Site {
    pub(crate) dir: TempDir,
}

impl Site {
    /// `None` where a tool is missing.
    pub(crate) fn new(server: &str, discs: &[Builder]) -> Option<Self> {
        Self::with(server, discs, |_| {})
    }

    /// The same, from discs that `change` was given first.
    pub(crate) fn with(
        server: &str,
        discs: &[Builder],
        change: impl Fn(&mut Disc),
    ) -> Option<Self> {
        let stub = stub()?;
        let site = Self { dir: tempfile::tempdir().expect("a directory") };
        fs::create_dir(site.path("tmp, with a blank")).expect("made");
        let done = |args: &[&str]| {
            let ran = site.run(args);
            assert!(ran.status.success(), "{ran:?}");
        };
        done(&["init", "--server", server]);
        for (name, build) in discs {
            site.import(name, *build, &[], |disc| {
                stub.plant(disc);
                change(disc);
            });
        }
        Some(site)
    }

    /// Imports the disc that `change` has been given, with further options.
    pub(crate) fn import(
        &self,
        name: &str,
        build: fn(Size) -> Disc,
        options: &[&str],
        change: impl Fn(&mut Disc),
    ) {
        let mut disc = build(Size::Small);
        change(&mut disc);
        let image = self.path(disc.file_name);
        disc.image().create(&image, true).expect("an image");
        let image = image.to_string_lossy();
        let ran = self.run(&[&["import", "--no-media-check", name, &image], options].concat());
        assert!(ran.status.success(), "{ran:?}");
    }

    pub(crate) fn centos() -> Option<Self> {
        Self::new("192.168.4.6", &[("centos6.8", centos::dvd1)])
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn root(&self, name: &str) -> PathBuf {
        self.path("root").join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.root(name);
        fs::create_dir_all(path.parent().expect("above")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("pxe-import"));
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        command.env("PXE_IMPORT_ROOT", "root").env("TMPDIR", self.path("tmp, with a blank"));
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("it runs")
    }

    /// Tries; whether all booted, and the document.
    #[track_caller]
    pub(crate) fn tries(&self, args: &[&str]) -> (bool, Value) {
        let _slot = slot();
        let patience: &[&str] =
            if args.contains(&"--timeout") { &[] } else { &["--timeout", "420s"] };
        let ran = self.run(&[&["try", "--json"], patience, args].concat());
        let said = String::from_utf8_lossy(&ran.stderr);
        let json: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{said}"));
        assert!(matches!(ran.status.code(), Some(0 | 1)), "{said}");
        assert_eq!(self.left(), [""; 0], "nothing is left behind");
        (ran.status.success(), json)
    }

    /// Tries one entry, which boots; the run.
    #[track_caller]
    pub(crate) fn boots(&self, args: &[&str]) -> Value {
        let (booted, mut json) = self.tries(args);
        assert!(booted, "{json:#}");
        json["tries"][0].take()
    }

    /// Tries one entry, which does not boot; verdict and reason.
    #[track_caller]
    pub(crate) fn fails(&self, args: &[&str]) -> (String, String) {
        let (booted, json) = self.tries(args);
        assert!(!booted, "{json:#}");
        let text = |key: &str| json["tries"][0][key].as_str().expect("text").to_owned();
        (text("verdict"), text("reason"))
    }

    /// What is left among the temporary files.
    pub(crate) fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("tmp, with a blank")).expect("there");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("readable").file_name();
        entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect()
    }

    /// Puts syslinux's own mboot.c32 with the same modules in the place of VMware's, which its
    /// pxelinux cannot load.
    pub(crate) fn stand_in_for_mboot(&self) {
        let cfg = fs::read_to_string(self.root("wwwroot/esxi/5.5/boot.cfg")).expect("text");
        let value =
            |key: &str| cfg.lines().find_map(|line| line.strip_prefix(key)).expect("a line");
        let modules = value("modules=").split(" --- ").map(|name| format!(" --- /esxi/5.5/{name}"));
        let modules: String = modules.collect();
        let append = format!("/esxi/5.5/{} {}{modules}", value("kernel="), value("kernelopt="));
        let menu = fs::read_to_string(self.root(MENU)).expect("text");
        let menu = menu.replace("kernel /esxi/5.5/mboot.c32", "kernel mboot.c32");
        self.write(MENU, &menu.replace("-c /esxi/5.5/boot.cfg", &append));
        fs::copy(MBOOT, self.root("wwwroot/pxefiles/mboot.c32")).expect("copied");
    }
}
