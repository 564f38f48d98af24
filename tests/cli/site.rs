//! A directory of a test's own, and the program run in it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use pxe_import_fixtures::Tree;
use pxe_import_fixtures::family::{Disc, Format, Size};
use pxe_import_fixtures::iso9660::{self, Options};
use serde_json::Value;
use tempfile::TempDir;

/// The menu, below the root.
pub(crate) const MENU: &str = "wwwroot/pxefiles/pxelinux.cfg/default";

/// The directory that the program runs in: discs beside `root`, so that all that a test says and
/// reads are relative paths, the same in every run.
pub(crate) struct Site {
    dir: TempDir,
}

/// How the program ended and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Site {
    /// An empty one: the root is not there yet.
    pub(crate) fn new() -> Self {
        // What the tests write is to have the same mode wherever they run.
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        Self { dir: tempfile::tempdir().expect("a directory") }
    }

    /// What is called `name` in the directory.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What is called `name` below the root.
    pub(crate) fn root(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path("root").join(name)
    }

    /// Writes the small disc that `build` describes, under the name that the real one has.
    pub(crate) fn disc(&self, build: fn(Size) -> Disc) -> &'static str {
        let disc = build(Size::Small);
        disc.image().create(&self.path(disc.file_name), false).expect("an image");
        disc.file_name
    }

    /// Writes a disc of this tree as `name`.
    pub(crate) fn iso(&self, name: &str, tree: &Tree, options: &Options) {
        iso9660::write(tree, options).image.create(&self.path(name), false).expect("an image");
    }

    /// Writes the disc that `build` describes with other files or options, as `name`; zeros take no
    /// room on the disk.
    pub(crate) fn changed(
        &self,
        name: &str,
        build: fn(Size) -> Disc,
        change: impl FnOnce(&mut Tree, &mut Options),
    ) {
        let mut disc = build(Size::Small);
        let (Format::Iso9660(options) | Format::Bridge { options, .. }) = &mut disc.format;
        change(&mut disc.tree, options);
        disc.image().create(&self.path(name), true).expect("an image");
    }

    /// Writes a file, making the directories above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a name")).expect("directories");
        fs::write(&path, content).expect("written");
        path
    }

    /// Sets permission bits.
    pub(crate) fn chmod(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).expect("set");
    }

    /// What a file below the root says.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.root(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Permission bits of what is below the root.
    pub(crate) fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.root(name)).expect("there").permissions().mode() & 0o7777
    }

    /// The names in the directory `name`, sorted.
    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("readable").file_name();
        let mut names: Vec<_> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The program with these arguments, ready to run.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("pxe-import"));
        command.current_dir(self.dir.path()).env("PXE_IMPORT_ROOT", "root").args(args);
        // Not the profiles of whoever runs the tests.
        let none = self.path("no-config");
        command.env("XDG_CONFIG_HOME", &none).env("OSINFO_SYSTEM_DIR", &none);
        command
    }

    /// The same for tests that must have the process in hand.
    pub(crate) fn process(&self, args: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("pxe-import"));
        command.current_dir(self.dir.path()).env("PXE_IMPORT_ROOT", "root").args(args);
        // Not the profiles of whoever runs the tests.
        let none = self.path("no-config");
        command.env("XDG_CONFIG_HOME", &none).env("OSINFO_SYSTEM_DIR", &none);
        command
    }

    /// Runs the program.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().expect("it runs").into()
    }

    /// Runs the program, which must succeed.
    #[track_caller]
    pub(crate) fn done(&self, args: &[&str]) -> Ran {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.stderr);
        ran
    }

    /// Runs the program until the kernel kills it at its `n`th call that changes something; whether
    /// it succeeded before that. `None` where there is no strace.
    pub(crate) fn killed_at(&self, n: usize, args: &[&str]) -> Option<bool> {
        let calls = "rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,linkat,\
                     symlink,symlinkat,fsync";
        let mut strace = std::process::Command::new("strace");
        strace.args(["-f", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
        strace.arg(format!("--inject={calls}:signal=KILL:when={n}"));
        strace.arg(assert_cmd::cargo::cargo_bin!("pxe-import")).args(args);
        strace.current_dir(self.dir.path()).env("PXE_IMPORT_ROOT", "root");
        Some(strace.output().ok()?.status.success())
    }

    /// Runs the program, which must fail with exit status `code` and one error line; returns that.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(code), "{args:?}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout, "", "{args:?}");
        let errors: Vec<_> = ran.stderr.lines().filter(|l| l.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "{args:?}: {}", ran.stderr);
        errors[0].to_owned()
    }

    /// Runs the program with `--json`, which must succeed; returns the document.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let ran = self.done(&[args, &["--json"]].concat());
        serde_json::from_str(&ran.stdout).expect("one JSON document")
    }

    /// Checks that no half-made tree is left where they are made.
    #[track_caller]
    pub(crate) fn assert_nothing_staged(&self) {
        assert_eq!(self.names("root/.pxe-import/staging"), [""; 0]);
    }
}

impl Ran {
    /// What was said on standard error beside the warning that every import of CentOS 6.8 gives: its
    /// repodata are those of discs.
    pub(crate) fn said(&self) -> String {
        let is_other = |line: &&str| {
            !line
                .starts_with("warning: repodata/repomd.xml: gives the packages' places as media://")
        };
        self.stderr.split_inclusive('\n').filter(is_other).collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let Output { status, stdout, stderr } = output;
        Self { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }
}
