//! The boot server: a root made by `init` and `import`, taken to where it is served by rsync, and its daemons.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pxe_import_fixtures::family::{self, Size};

use crate::namespace::{Namespace, quoted};

/// The server's address in every test: the tutorial's.
pub(crate) const ADDRESS: &str = "192.168.4.6";

/// What the answer file says, for the console to repeat.
pub(crate) const ANSWER: &str = "# an answer file of the whole chain\ntext\nreboot\n";

/// A root that is prepared in one place and served from another.
pub(crate) struct Server {
    dir: tempfile::TempDir,
    url: String,
    /// How init says that the root gets to its place.
    line: String,
}

impl Server {
    /// Prepares a root for the server at `url`, with the CentOS disc among `discs` imported, and takes it to
    /// its place. The menu waits `timeout` seconds.
    pub(crate) fn new(url: &str, timeout: u32, discs: &Path) -> Self {
        let made = Self::prepare(url, timeout);
        made.import(discs);
        made.deploy();
        made
    }

    /// The same, with the fixtures' discs of the other families in the menu below.
    pub(crate) fn with_every_family(discs: &Path) -> Self {
        let made = Self::new(ADDRESS, 120, discs);
        for (name, short) in [
            ("ubuntu16.04", "ubuntu16.04"),
            ("esxi5.5", "esxi5.5"),
            ("win8pe", "win8pe"),
            ("windows_server_2008_x64", "windows2008r2"),
        ] {
            let (_, build) = family::ALL.iter().find(|(one, _)| *one == short).expect("a fixture");
            let disc = build(Size::Small);
            let image = made.dir.path().join(disc.file_name);
            disc.image().create(&image, false).expect("written");
            run(made.command().arg(name).arg(image));
        }
        made.deploy();
        made
    }

    fn prepare(url: &str, timeout: u32) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut made = Self { dir, url: url.to_owned(), line: String::new() };
        let (deployed, timeout) = (made.deployed(), timeout.to_string());
        let mut init = made.command();
        init.args(["init", "--server", url, "--dhcp-range", "192.168.4.10,192.168.4.200"]);
        init.args(["--interface", "br0", "--timeout", &timeout, "--deploy-root"]).arg(deployed);
        let said = run(&mut init);
        let line = said.lines().find_map(|line| line.trim().strip_prefix("deploy:"));
        made.line =
            line.unwrap_or_else(|| panic!("no line to deploy by: {said}")).trim().to_owned();
        assert!(
            made.line.starts_with("rsync ") && made.line.contains(" root@192.168.4.6:"),
            "{said}"
        );
        made
    }

    /// Where the root is prepared.
    fn prepared(&self) -> PathBuf {
        self.dir.path().join("prepared")
    }

    /// Where it is served from.
    pub(crate) fn deployed(&self) -> PathBuf {
        self.dir.path().join("srv/pxe")
    }

    /// A directory for a machine's files.
    pub(crate) fn machine(&self) -> PathBuf {
        let dir = self.dir.path().join("vm");
        fs::create_dir_all(&dir).expect("made");
        dir
    }

    fn import(&self, discs: &Path) {
        let answer = self.dir.path().join("ks.cfg");
        fs::write(&answer, ANSWER).expect("written");
        let mut command = self.command();
        command.args(["centos6.8", "--arg", "console=ttyS0", "--answer"]);
        command.arg(answer).arg(discs.join("CentOS-6.8-x86_64-bin-DVD1.iso"));
        run(&mut command);
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pxe-import"));
        command.arg("--root").arg(self.prepared());
        command
    }

    /// Has `host` choose an entry for a machine, and takes that to where it is served.
    pub(crate) fn host(&self, mac: &str, label: &str) {
        run(self.command().args(["host", mac, label]));
        self.deploy();
    }

    /// By the line that init has named, with a directory of this machine in place of the other one's.
    fn deploy(&self) {
        let line = self.line.replace("root@192.168.4.6:", "");
        fs::create_dir_all(self.deployed().parent().expect("not the top")).expect("made");
        run(Command::new("sh").args(["-c", &line]));
    }

    /// Starts the daemons, as the configs say at their top, but in the foreground.
    pub(crate) fn start(&self, namespace: &mut Namespace) {
        let root = self.deployed();
        let log = |name: &str| self.dir.path().join(name);
        let config = quoted(root.join("etc/dnsmasq.conf"));
        namespace.spawn(&format!("dnsmasq -d --conf-file={config}"), &log("dnsmasq.log"));
        // In a user namespace of one user there is none to change to.
        let nginx = format!(
            "nginx -e {} -c {} -g 'daemon off; user root root;'",
            quoted(self.state("nginx-error.log")),
            quoted(root.join("etc/nginx.conf"))
        );
        namespace.spawn(&nginx, &log("nginx.log"));
        let port = self.url.rsplit_once(':').and_then(|(_, rest)| rest.split('/').next());
        let port = port.and_then(|port| port.parse::<u16>().ok()).unwrap_or(80);
        namespace.run(&format!(
            "for i in {{1..1200}}; do ss -ltn | grep -q ':{port} ' && break; sleep 0.1; done; \
             cat {} {}; ss -ltn | grep ':{port} '",
            quoted(log("dnsmasq.log")),
            quoted(log("nginx.log"))
        ));
    }

    fn state(&self, name: &str) -> PathBuf {
        self.deployed().join(".pxe-import/run").join(name)
    }

    /// What the daemons have said.
    pub(crate) fn logs(&self) -> String {
        let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
        let dir = self.dir.path();
        [
            dir.join("dnsmasq.log"),
            dir.join("nginx.log"),
            self.deployed().join("var/nginx-error.log"),
        ]
        .map(read)
        .join("\n")
    }

    /// What clients have asked the web server for.
    pub(crate) fn asked(&self) -> String {
        fs::read_to_string(self.state("nginx-access.log")).unwrap_or_default()
    }
}

/// Runs it, and gives what it printed.
fn run(command: &mut Command) -> String {
    let done = command.output().expect("it can be started");
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success(), "{command:?}: {said}");
    said
}
