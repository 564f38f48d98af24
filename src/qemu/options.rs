//! QEMU's command line, as a pure function of what is wanted.

use std::path::{Path, PathBuf};

use super::network::Network;

/// A machine to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The accelerator, as QEMU names it.
    pub accel: String,
    /// Memory in MiB.
    pub memory: u32,
    /// UEFI firmware and the machine's own copy of its variables; `None` for BIOS.
    pub firmware: Option<(PathBuf, PathBuf)>,
    /// Where the serial console is written.
    pub serial: PathBuf,
    /// The directory that TFTP serves.
    pub tftp: PathBuf,
    /// The file in it that the machine is told to boot.
    pub bootfile: String,
    /// Its network.
    pub network: Network,
    /// The program and arguments that QEMU starts for each connection to the boot server.
    pub relay: Vec<String>,
}

impl Setup {
    /// The arguments. QMP is spoken over standard input and output.
    pub fn arguments(&self) -> Vec<String> {
        let mut args: Vec<String> = Vec::new();
        let mut add = |name: &str, value: String| args.extend([name.to_owned(), value]);
        add("-accel", self.accel.clone());
        add("-m", self.memory.to_string());
        add("-display", "none".to_owned());
        add("-vga", "std".to_owned());
        add("-chardev", "stdio,id=qmp,signal=off".to_owned());
        add("-mon", "chardev=qmp,mode=control".to_owned());
        add("-chardev", format!("file,id=console,path={}", path(&self.serial)));
        add("-serial", "chardev:console".to_owned());
        if let Some((code, variables)) = &self.firmware {
            let code = path(code);
            add("-drive", format!("if=pflash,format=raw,readonly=on,file={code}"));
            add("-drive", format!("if=pflash,format=raw,file={}", path(variables)));
        }
        add("-netdev", self.netdev());
        add("-device", "virtio-net-pci,id=nic0,netdev=net0,bootindex=1".to_owned());
        // The machine stands still when it is switched off or starts anew, to be looked at.
        args.extend(
            ["-nodefaults", "-no-user-config", "-no-reboot", "-no-shutdown"].map(str::to_owned),
        );
        args
    }

    /// A user network that leads nowhere but to the boot server.
    fn netdev(&self) -> String {
        let Network { net: (net, bits), host, dns, first, server, port } = &self.network;
        let relay: Vec<_> = self.relay.iter().map(|word| quote(word)).collect();
        format!(
            "user,id=net0,net={net}/{bits},host={host},dns={dns},dhcpstart={first},restrict=on,\
             tftp={},bootfile={},guestfwd=tcp:{server}:{port}-cmd:{}",
            path(&self.tftp),
            escape(&self.bootfile),
            escape(&relay.join(" "))
        )
    }
}

fn path(path: &Path) -> String {
    escape(&path.to_string_lossy())
}

/// A comma ends a value, two of them are one.
fn escape(value: &str) -> String {
    value.replace(',', ",,")
}

/// For the command of a forwarding, which is parted into words as a shell does.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup() -> Setup {
        Setup {
            accel: "tcg".into(),
            memory: 1024,
            firmware: None,
            serial: "/tmp/run/serial.txt".into(),
            tftp: "/tmp/run/tftp".into(),
            bootfile: "menu.ipxe".into(),
            network: Network::around(&"192.168.4.6".parse().expect("a server")).expect("fit"),
            relay: vec!["/usr/bin/pxe-import".into(), "relay".into(), "4000".into()],
        }
    }

    #[test]
    fn the_network_forwards_the_servers_address_alone() {
        let args = setup().arguments();
        let netdev = args.iter().position(|arg| arg == "-netdev").map(|at| args[at + 1].as_str());
        let expected = "user,id=net0,net=192.168.4.0/24,host=192.168.4.2,dns=192.168.4.3,\
             dhcpstart=192.168.4.10,restrict=on,tftp=/tmp/run/tftp,bootfile=menu.ipxe,\
             guestfwd=tcp:192.168.4.6:80-cmd:'/usr/bin/pxe-import' 'relay' '4000'";
        assert_eq!(netdev, Some(expected));
        assert!(!args.iter().any(|arg| arg.contains("pflash")), "BIOS");
    }

    #[test]
    fn commas_blanks_and_quotes_in_paths_stay_what_they_are() {
        let setup = Setup {
            serial: "/a,b/serial.txt".into(),
            tftp: "/a b,c".into(),
            relay: vec!["/it's, a place/pxe-import".into()],
            firmware: Some(("/f,1".into(), "/v".into())),
            ..setup()
        };
        let args = setup.arguments().join("\n");
        assert!(args.contains("path=/a,,b/serial.txt\n"), "{args}");
        assert!(args.contains("tftp=/a b,,c,bootfile"), "{args}");
        assert!(args.contains(r"-cmd:'/it'\''s,, a place/pxe-import'"), "{args}");
        assert!(args.contains("readonly=on,file=/f,,1\n"), "{args}");
    }
}
