//! A network of its own: a user, network and process namespace with a bridge, in which ordinary users may run
//! a DHCP server on port 67. Everything started in it ends with it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The namespace: a shell, its first process, that takes commands.
pub(crate) struct Namespace {
    shell: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Namespace {
    /// A network in which `br0` has `address` and two machines can be plugged in: `tap0`, `tap1`.
    pub(crate) fn open(address: &str) -> Self {
        let mut shell = Command::new("unshare")
            .args(["--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "bash"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`missing` has tried it");
        let commands = shell.stdin.take();
        let answers = BufReader::new(shell.stdout.take().expect("piped"));
        let mut namespace = Self { shell, commands, answers };
        namespace.run("PATH=$PATH:/usr/sbin:/sbin");
        namespace.run("ip link set lo up; ip link add br0 type bridge forward_delay 0 stp_state 0");
        for tap in ["tap0", "tap1"] {
            namespace.run(&format!(
                "ip tuntap add dev {tap} mode tap && ip link set {tap} master br0 && ip link set {tap} up"
            ));
        }
        namespace.run(&format!("ip address add {address} dev br0 && ip link set br0 up"));
        namespace.route_ipv6();
        namespace
    }

    /// Announces a prefix, as the router of most networks does: iPXE would wait for one, a quarter of a
    /// minute each time.
    fn route_ipv6(&mut self) {
        self.run("ip address add fd00:4::1/64 dev br0 nodad");
        let router = "dnsmasq -d -C /dev/null --port=0 --interface=br0 --bind-interfaces --enable-ra \
                      --dhcp-range=fd00:4::,ra-only";
        self.spawn(router, Path::new("/dev/null"));
    }

    /// Runs `command` and waits for it.
    ///
    /// # Panics
    /// If it fails, with what it printed.
    pub(crate) fn run(&mut self, command: &str) {
        // No subshell: what it sets is to stay.
        self.send(&format!("{{ {command}\n}} </dev/null 2>&1; echo \"=$?\""));
        let mut said = String::new();
        loop {
            let mut line = String::new();
            let count = self.answers.read_line(&mut line).expect("text");
            assert!(count > 0, "{command}: the namespace has ended: {said}");
            match line.trim_end().strip_prefix('=') {
                Some("0") => return,
                Some(status) => panic!("{command}: status {status}: {said}"),
                None => said.push_str(&line),
            }
        }
    }

    /// Starts `command` in the background, with its output in the file `log`.
    pub(crate) fn spawn(&mut self, command: &str, log: &Path) {
        self.send(&format!("{command} </dev/null >{} 2>&1 &", quoted(log)));
        self.run("true");
    }

    fn send(&mut self, line: &str) {
        let commands = self.commands.as_mut().expect("until it is dropped");
        writeln!(commands, "{line}").expect("the namespace's shell takes commands");
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The shell ends at the end of its input, and with it the namespace's last process.
        drop(self.commands.take());
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// A path as a word of the shell.
pub(crate) fn quoted(path: impl AsRef<Path>) -> String {
    format!("'{}'", path.as_ref().display().to_string().replace('\'', r"'\''"))
}
