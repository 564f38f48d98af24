//! The machine's process, from start to end.

use std::fs::File;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;

use super::options::Setup;
use super::qmp::Qmp;
use crate::error::{Error, Result};

/// How a machine came to stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It switched itself off.
    Off,
    /// It started anew, by itself or by a fault that the processor cannot get out of.
    Reset,
    /// It, or QEMU, broke down.
    Broken,
}

/// A machine that runs; it ends, with all processes that it has started, when this is dropped.
#[derive(Debug)]
pub struct Machine {
    program: PathBuf,
    child: Child,
    group: Option<Pid>,
    qmp: Qmp<ChildStdin>,
    said: PathBuf,
    ended: Option<Ended>,
}

impl Machine {
    /// Starts `program` (QEMU). What it says itself goes to the file `said`.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be started, or ends at once: with what it said.
    pub fn start(program: &Path, setup: &Setup, said: &Path) -> Result<Self> {
        let failed = |error| Error::io("start", program, error);
        let stderr = File::create(said).map_err(|error| Error::io("create", said, error))?;
        let mut child = Command::new(program)
            .args(setup.arguments())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(std::io::ErrorKind::BrokenPipe.into()));
        };
        let qmp = Qmp::new(to, from).map_err(failed)?;
        let (program, said) = (program.to_owned(), said.to_owned());
        let mut machine = Self { program, child, group, qmp, said, ended: None };
        match machine.qmp.run("qmp_capabilities", json!({})) {
            Ok(_) => Ok(machine),
            Err(why) => Err(machine.failure(&why)),
        }
    }

    /// How it has ended, if it has.
    pub fn ended(&mut self) -> Option<Ended> {
        for event in self.qmp.events() {
            match (event["event"].as_str(), event["data"]["reason"].as_str()) {
                (Some("SHUTDOWN"), Some("guest-shutdown")) => {
                    self.ended.get_or_insert(Ended::Off);
                }
                (Some("SHUTDOWN"), Some("guest-reset")) => {
                    self.ended.get_or_insert(Ended::Reset);
                }
                (Some("SHUTDOWN" | "GUEST_PANICKED"), _) => {
                    self.ended.get_or_insert(Ended::Broken);
                }
                _ => {}
            }
        }
        if self.ended.is_none() && !matches!(self.child.try_wait(), Ok(None)) {
            self.ended = Some(Ended::Broken);
        }
        self.ended
    }

    /// Presses `keys` one after the other, `pause` between them.
    ///
    /// # Errors
    /// [`Error::Io`] with what QEMU says.
    pub fn press(&mut self, keys: &[&str], pause: Duration) -> Result<()> {
        for key in keys {
            let keys = json!([{ "type": "qcode", "data": key }]);
            self.run("send-key", json!({ "keys": keys }))?;
            std::thread::sleep(pause);
        }
        Ok(())
    }

    /// Writes the screen into the file `to`, as PNG.
    ///
    /// # Errors
    /// [`Error::Io`] with what QEMU says; one older than 7.1 knows no PNG.
    pub fn screen(&mut self, to: &Path) -> Result<()> {
        self.run("screendump", json!({ "filename": to, "format": "png" }))
    }

    /// Writes `bytes` of memory from `address` into the file `to`.
    ///
    /// # Errors
    /// [`Error::Io`] with what QEMU says.
    pub fn memory(&mut self, address: u64, bytes: u64, to: &Path) -> Result<()> {
        self.run("pmemsave", json!({ "val": address, "size": bytes, "filename": to }))
    }

    /// What QEMU itself has said, in one line.
    pub fn said(&self) -> String {
        let mut said = Vec::new();
        let _ = File::open(&self.said).and_then(|file| file.take(4096).read_to_end(&mut said));
        let said = String::from_utf8_lossy(&said);
        said.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
    }

    fn run(&mut self, command: &str, arguments: serde_json::Value) -> Result<()> {
        self.qmp.run(command, arguments).map(|_| ()).map_err(|why| self.failure(&why))
    }

    fn failure(&self, why: &str) -> Error {
        let said = self.said();
        let why = if said.is_empty() { why.to_owned() } else { said };
        Error::io("run", &self.program, std::io::Error::other(why))
    }

    fn kill(&mut self, signal: Signal) {
        if let Some(group) = self.group {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.kill(Signal::TERM);
        let until = Instant::now() + Duration::from_secs(2);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        // What QEMU started may outlive it; the group is ours as long as its leader is not waited for
        // or one of it is left, and else there is nobody to be hit.
        self.kill(Signal::KILL);
        let _ = self.child.wait();
    }
}
