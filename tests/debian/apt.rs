//! An apt of a test's own: no file of the system's apt is read or written but its programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::pair::run;

/// The programs that make up apt.
pub(crate) const TOOLS: [&str; 2] = ["apt-get", "apt-cache"];

/// An apt that knows one archive.
pub(crate) struct Apt {
    dir: tempfile::TempDir,
}

impl Apt {
    /// Of the archive at `uri`, with the suite `bookworm` and these components.
    pub(crate) fn new(uri: &str, options: &str, components: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let top = dir.path();
        for made in ["state/lists/partial", "cache/archives/partial", "etc", "log", "got"] {
            fs::create_dir_all(top.join(made)).expect("made");
        }
        fs::write(top.join("status"), "").expect("written");
        let sources = format!("deb {options} {uri} bookworm {components}\n");
        fs::write(top.join("etc/sources.list"), sources).expect("written");
        let set = |key: &str, value: &str| format!("{key} \"{value}\";\n");
        let below = |key: &str, path: &str| set(key, &top.join(path).to_string_lossy());
        let config = [
            set("APT::Architecture", "amd64"),
            set("APT::Architectures", "amd64"),
            set("APT::Sandbox::User", ""),
            set("Acquire::Languages", "de"),
            set("Acquire::http::Proxy", "DIRECT"),
            below("Dir::State", "state"),
            below("Dir::State::status", "status"),
            below("Dir::Cache", "cache"),
            below("Dir::Etc", "etc"),
            below("Dir::Log", "log"),
            set("Dir::Etc::parts", "/dev/null"),
            set("Dir::Etc::sourceparts", "/dev/null"),
            set("Dir::Etc::trustedparts", "/dev/null"),
            set("Dir::Etc::preferencesparts", "/dev/null"),
        ];
        fs::write(top.join("apt.conf"), config.concat()).expect("written");
        Self { dir }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("APT_CONFIG", self.dir.path().join("apt.conf")).env("LC_ALL", "C");
        command.current_dir(self.got());
        command
    }

    /// `apt-get update`, however it ends.
    pub(crate) fn update(&self) -> Output {
        self.command("apt-get")
            .args(["update", "-o", "APT::Update::Error-Mode=any"])
            .output()
            .expect("it runs")
    }

    /// The names of all packages that it can install, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let out = run(self.command("apt-cache").arg("dumpavail"));
        let text = String::from_utf8(out.stdout).expect("UTF-8");
        let names = text.lines().filter_map(|line| line.strip_prefix("Package: "));
        let mut names: Vec<_> = names.map(str::to_owned).collect();
        names.sort();
        names
    }

    /// Fetches a package; apt compares its sums with those of the index.
    pub(crate) fn download(&self, name: &str) {
        run(self.command("apt-get").args(["download", name]));
    }

    /// Where they are fetched to.
    pub(crate) fn got(&self) -> PathBuf {
        self.dir.path().join("got")
    }
}

/// What it said.
pub(crate) fn said(out: &Output) -> String {
    String::from_utf8_lossy(&[out.stdout.as_slice(), &out.stderr].concat()).into_owned()
}

/// The address of a directory for apt.
pub(crate) fn file_uri(dir: &Path) -> String {
    format!("file:{}", dir.display())
}
