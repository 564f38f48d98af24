//! The configs that `init` writes, read and run by the daemons that they are for.
//!
//! dnsmasq runs in a user and network namespace of its own, where this test binary runs once more as the
//! client: see [`probe`].

#[path = "daemons/probe.rs"]
mod probe;
#[path = "daemons/server.rs"]
mod server;
#[path = "daemons/syntax.rs"]
mod syntax;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A root made by `init`, and loaders for it.
struct Made {
    dir: TempDir,
}

impl Made {
    /// Loaders, and nothing else yet.
    fn new() -> Self {
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        let dir = tempfile::tempdir().expect("a directory");
        let made = Self { dir };
        for (file, text) in [
            ("loaders/pxelinux.0", "PXELINUX 6.04 PXE "),
            ("loaders/ldlinux.c32", "\x7fELF"),
            ("loaders/vesamenu.c32", "\x7fELF"),
            ("loaders/undionly.kpxe", "undionly"),
            ("loaders/snponly.efi", "MZ"),
            ("loaders/ipxe.efi", "MZ"),
            ("loaders/ipxe.lkrn", "lkrn"),
            ("loaders/memdisk", "MEMDISK 6.04 "),
        ] {
            made.write(file, text);
        }
        made
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a name")).expect("directories");
        fs::write(path, text).expect("written");
    }

    /// Runs `init` for the root called `root`.
    #[track_caller]
    fn init(&self, root: &str, options: &[&str]) -> PathBuf {
        let root = self.path(root);
        let output = Command::new(env!("CARGO_BIN_EXE_pxe-import"))
            .arg("--root")
            .arg(&root)
            .args(["--quiet", "init", "--loaders"])
            .arg(self.path("loaders"))
            .args(options)
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{options:?}: {}", said(&output));
        root
    }
}

/// Everything that a program has said.
fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Where a program is; `None`, with a word about it, where it is missing.
fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let found = path.split(':').map(|dir| Path::new(dir).join(name)).find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: needs {name}");
    }
    found
}
