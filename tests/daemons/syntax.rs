//! Every variant that `init` can write is sound to the program that reads it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Made, said, tool};

/// The ways to call `init`.
const VARIANTS: [&[&str]; 7] = [
    &["--server", "192.168.4.6"],
    &[
        "--server",
        "http://192.168.4.6:8080/boot",
        "--interface",
        "lo",
        "--proxy-dhcp",
        "192.168.4.0/24",
    ],
    &["--server", "192.168.4.6", "--interface", "lo", "--dhcp-range", "192.168.4.10,192.168.4.200"],
    &[
        "--server",
        "http://192.168.4.6:8080/a/b",
        "--interface",
        "lo",
        "--dhcp-range",
        "192.168.4.10,192.168.4.100",
        "--netmask",
        "255.255.255.128",
        "--gateway",
        "192.168.4.126",
        "--dns",
        "192.168.4.1",
        "--dns",
        "192.168.4.2",
        "--dhcp-authoritative",
        "--smb-user",
        "nobody",
    ],
    &[
        "--server",
        "boot.example",
        "--smb-user",
        "install",
        "--public-netboot",
        "http://a/menu.ipxe",
    ],
    &["--server", "http://[fd00::6]:8080", "--menu-title", "A & B", "--timeout", "0"],
    &["--server", "HTTP://Boot.Example.:8080/%41"],
];

/// The roots of all variants, below directories with and without a blank.
fn roots(made: &Made) -> Vec<PathBuf> {
    let name =
        |at: usize| if at.is_multiple_of(2) { format!("r{at}") } else { format!("a root {at}") };
    VARIANTS.iter().enumerate().map(|(at, options)| made.init(&name(at), options)).collect()
}

/// Runs a checker, which must be content.
#[track_caller]
fn content(command: &mut Command) -> String {
    let output = command.env("LC_ALL", "C").output().expect("it runs");
    let said = said(&output);
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

#[test]
fn dnsmasq_takes_every_config() {
    let Some(dnsmasq) = tool("dnsmasq") else { return };
    let made = Made::new();
    let configs: Vec<_> =
        roots(&made).into_iter().map(|root| root.join("etc/dnsmasq.conf")).collect();
    let there: Vec<_> = configs.iter().filter(|path| path.exists()).collect();
    assert_eq!(there.len(), 3);
    for config in there {
        let said = content(Command::new(&dnsmasq).arg("--test").arg("-C").arg(config));
        assert!(said.contains("syntax check OK"), "{said}");
    }
    let deployed =
        ["--server", "192.168.4.6", "--proxy-dhcp", "192.168.4.0/24", "--deploy-root", "/srv/pxe"];
    let config = made.init("deployed", &deployed).join("etc/dnsmasq.conf");
    content(Command::new(&dnsmasq).arg("--test").arg("-C").arg(config));
}

/// Runs nginx's own test of a config.
fn nginx_takes(nginx: &Path, root: &Path, config: &Path) {
    let log = root.join(".pxe-import/run/nginx-error.log");
    let said = content(Command::new(nginx).arg("-t").arg("-e").arg(log).arg("-c").arg(config));
    assert!(said.contains("test is successful") && !said.contains("[warn]"), "{said}");
}

#[test]
fn nginx_takes_every_config_and_every_site() {
    let Some(nginx) = tool("nginx") else { return };
    let made = Made::new();
    for root in roots(&made) {
        // A test binds the port, and 80 is not everybody's.
        let config = root.join("etc/nginx.conf");
        let text = std::fs::read_to_string(&config).expect("there");
        std::fs::write(&config, text.replace("listen 80;", "listen 8089;")).expect("written");
        nginx_takes(&nginx, &root, &config);
        let site = root.join("etc/nginx-site.conf");
        let text = std::fs::read_to_string(&site).expect("there");
        std::fs::write(&site, text.replace("listen 80;", "listen 8089;")).expect("written");
        let run = root.join(".pxe-import/run");
        let whole = format!(
            "pid \"{0}/pid\";\nerror_log \"{0}/log\";\nevents {{}}\nhttp {{\naccess_log off;\n\
             client_body_temp_path \"{0}/b\";\nproxy_temp_path \"{0}/p\";\nfastcgi_temp_path \"{0}/f\";\n\
             uwsgi_temp_path \"{0}/u\";\nscgi_temp_path \"{0}/s\";\ninclude \"{1}\";\n}}\n",
            run.display(),
            site.display()
        );
        let config = root.join("whole.conf");
        std::fs::write(&config, whole).expect("written");
        nginx_takes(&nginx, &root, &config);
    }
}

#[test]
fn samba_takes_every_config() {
    let Some(testparm) = tool("testparm") else { return };
    let made = Made::new();
    for root in roots(&made) {
        let said = content(Command::new(&testparm).arg("-s").arg(root.join("etc/smb.conf")));
        assert!(said.contains("Loaded services file OK."), "{said}");
        for bad in ["WARNING", "ERROR", "Unknown parameter", "Ignoring"] {
            assert!(!said.contains(bad), "{said}");
        }
        assert!(!said.contains("force user") && said.contains("[public]"), "{said}");
    }
}

#[test]
fn systemd_takes_every_unit() {
    let Some(analyze) = tool("systemd-analyze") else { return };
    if ["dnsmasq", "nginx", "smbd"].iter().any(|daemon| tool(daemon).is_none()) {
        return;
    }
    let made = Made::new();
    for root in roots(&made) {
        let units = std::fs::read_dir(root.join("etc/systemd")).expect("units");
        let units: Vec<_> = units.map(|unit| unit.expect("one").path()).collect();
        assert!(units.len() >= 2);
        let said = content(Command::new(&analyze).arg("verify").args(&units));
        // Whatever else it finds fault with on this machine.
        let ours: Vec<_> = said.lines().filter(|line| line.contains("pxe-")).collect();
        assert_eq!(ours, [""; 0], "{said}");
    }
}
