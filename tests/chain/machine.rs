//! A machine that boots from the network: QEMU without a screen, steered by QMP.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::namespace::{Namespace, quoted};
use crate::need;

/// What firmware a machine starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Firmware {
    /// SeaBIOS, with iPXE as the NIC's own ROM.
    Bios,
    /// OVMF and its own PXE, which is not iPXE: the first stage comes by TFTP.
    Uefi,
    /// OVMF without PXE: it boots by HTTP.
    UefiHttp,
}

/// How a machine is equipped.
#[derive(Debug)]
pub(crate) struct Equipment<'a> {
    /// What it starts with.
    pub(crate) firmware: Firmware,
    /// How many NICs; it boots from the last.
    pub(crate) nics: u8,
    /// A disk behind the network in the boot order.
    pub(crate) disk: Option<&'a Path>,
}

/// A running machine.
pub(crate) struct Machine {
    qmp: BufReader<UnixStream>,
    serial: PathBuf,
    log: PathBuf,
    started: Instant,
}

/// The MAC address of the NIC of this number, counted from 1.
pub(crate) fn mac(nic: u8) -> String {
    format!("52:54:00:a0:b0:{nic:02x}")
}

impl Machine {
    /// Starts a machine in `namespace`, with its files in `dir`.
    pub(crate) fn start(namespace: &mut Namespace, dir: &Path, equipment: &Equipment<'_>) -> Self {
        let (serial, socket) = (dir.join("serial"), dir.join("qmp"));
        fs::write(&serial, "").expect("written");
        let mut command = format!(
            "qemu-system-x86_64 -accel tcg -m 1024 -display none -nodefaults -vga std -no-reboot \
             -serial file:{} -qmp unix:{},server=on,wait=off",
            quoted(&serial),
            quoted(&socket)
        );
        if equipment.firmware != Firmware::Bios {
            let [code, vars] = need::ovmf();
            let own = dir.join("vars.fd");
            fs::write(&own, fs::read(vars).expect("readable")).expect("written");
            command += " -fw_cfg name=opt/org.tianocore/IPv6PXESupport,string=n";
            if equipment.firmware == Firmware::UefiHttp {
                command += " -fw_cfg name=opt/org.tianocore/IPv4PXESupport,string=n";
            }
            command += &format!(
                " -machine q35 -drive if=pflash,format=raw,readonly=on,file={} \
                 -drive if=pflash,format=raw,file={}",
                quoted(code),
                quoted(own)
            );
        }
        for nic in 1..=equipment.nics {
            let tap = nic - 1;
            command += &format!(
                " -netdev tap,id=n{nic},ifname=tap{tap},script=no,downscript=no \
                 -device virtio-net-pci,netdev=n{nic},mac={}",
                mac(nic)
            );
            let boots = nic == equipment.nics;
            if boots {
                command += ",bootindex=1";
            }
            if !boots || equipment.firmware != Firmware::Bios {
                command += ",romfile=";
            }
        }
        if let Some(disk) = equipment.disk {
            command += &format!(
                " -drive if=none,id=d0,format=raw,readonly=on,file={} \
                 -device virtio-blk-pci,drive=d0,bootindex=2",
                quoted(disk)
            );
        }
        let log = dir.join("qemu");
        namespace.spawn(&command, &log);
        let started = Instant::now();
        let stream = loop {
            match UnixStream::connect(&socket) {
                Ok(stream) => break stream,
                Err(error) if started.elapsed() > Duration::from_secs(120) => {
                    panic!("{command}: {error}: {}", text(&log))
                }
                Err(_) => sleep(Duration::from_millis(50)),
            }
        };
        stream.set_read_timeout(Some(Duration::from_secs(120))).expect("not zero");
        let mut machine = Self { qmp: BufReader::new(stream), serial, log, started };
        // The greeting.
        machine.qmp.read_line(&mut String::new()).expect("a greeting");
        machine.tell("qmp_capabilities", &json!({}));
        machine
    }

    /// Has QEMU do something; false once the machine is off.
    pub(crate) fn tell(&mut self, command: &str, arguments: &Value) -> bool {
        let line = json!({ "execute": command, "arguments": arguments });
        if writeln!(self.qmp.get_mut(), "{line}").is_err() {
            return false;
        }
        loop {
            let mut line = String::new();
            match self.qmp.read_line(&mut line) {
                Ok(0) | Err(_) => return false,
                Ok(_) => {}
            }
            let answer: Value = serde_json::from_str(&line).expect("QMP is JSON");
            assert!(answer.get("error").is_none(), "{command}: {answer}");
            if answer.get("return").is_some() {
                return true;
            }
        }
    }

    /// Presses and releases keys, named as QEMU names them.
    pub(crate) fn press(&mut self, keys: &[&str]) {
        for key in keys {
            let keys = json!([{ "type": "qcode", "data": key }]);
            self.tell("send-key", &json!({ "keys": keys }));
            sleep(Duration::from_millis(250));
        }
    }

    /// Saves what is on the screen.
    pub(crate) fn screenshot(&mut self, file: &Path) {
        self.tell("screendump", &json!({ "filename": file, "format": "png" }));
    }

    /// Pulls the cable of the NIC of this number.
    pub(crate) fn unplug(&mut self, nic: u8) {
        self.tell("set_link", &json!({ "name": format!("n{nic}"), "up": false }));
    }

    /// What the machine has said on its serial line so far.
    pub(crate) fn console(&self) -> String {
        text(&self.serial)
    }

    /// Waits until `ready` says so of the serial line's text; `again` is called each half second before that.
    ///
    /// # Panics
    /// After `limit`, with what was said last.
    pub(crate) fn wait(
        &mut self,
        what: &str,
        limit: Duration,
        ready: impl Fn(&str) -> bool,
        mut again: impl FnMut(&mut Self),
    ) -> String {
        loop {
            let said = self.console();
            if ready(&said) {
                println!("{what} after {:.1} s", self.started.elapsed().as_secs_f32());
                return said;
            }
            let ended = !self.tell("query-status", &json!({}));
            // What it said last of all.
            let said = if ended { self.console() } else { said };
            if ended && ready(&said) {
                return said;
            }
            assert!(
                !ended && self.started.elapsed() < limit,
                "no {what} ({}); the console's end:\n{}\n{}",
                if ended { "the machine is off" } else { "time is up" },
                tail(&said),
                text(&self.log)
            );
            again(self);
            sleep(Duration::from_millis(500));
        }
    }

    /// Takes the power away.
    pub(crate) fn off(&mut self) {
        self.tell("quit", &json!({}));
        while self.tell("query-status", &json!({})) {
            sleep(Duration::from_millis(50));
        }
    }
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
