//! systemd units that start the daemons with the configs of the root, apart from the system's own.

use super::Boot;

/// The units, by file name.
pub fn units(boot: &Boot) -> Vec<(&'static str, String)> {
    let mut units = vec![("pxe-nginx.service", nginx(boot)), ("pxe-smbd.service", smbd(boot))];
    if boot.dhcp.is_some() {
        units.push(("pxe-dnsmasq.service", dnsmasq(boot)));
    }
    units
}

/// The names of all units that there may be.
pub const NAMES: [&str; 3] = ["pxe-nginx.service", "pxe-smbd.service", "pxe-dnsmasq.service"];

fn unit(boot: &Boot, what: &str, service: &str) -> String {
    let root = boot.root.quoted("");
    let root = root.replace("/\"", "\"");
    let root = if root.len() > 1 { root.trim_end_matches('/') } else { &root };
    format!(
        "\
# Written by pxe-import init. Not beside a daemon of the system's on the same ports.
[Unit]
Description={what} for network booting (pxe-import)
Wants=network-online.target
After=network-online.target
RequiresMountsFor={root}

[Service]
{service}Restart=on-failure
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=full

[Install]
WantedBy=multi-user.target
"
    )
}

fn nginx(boot: &Boot) -> String {
    let user = match boot.uid {
        Some(uid) => format!("User={uid}\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n"),
        None => {
            "# The root directory's owner; without it root starts it, and workers are nobody's.\n\
                 #User=pxe\n#AmbientCapabilities=CAP_NET_BIND_SERVICE\n"
                .to_owned()
        }
    };
    // Without -e, which nginx has from 1.19.5 on only: an older one would not start.
    let conf = boot.root.quoted("etc/nginx.conf");
    let start = format!("ExecStart=/usr/sbin/nginx -c {conf} -g \"daemon off;\"\n");
    let reload = format!("ExecReload=/usr/sbin/nginx -c {conf} -s reload\n");
    unit(boot, "HTTP", &format!("{user}{start}{reload}"))
}

fn smbd(boot: &Boot) -> String {
    let conf = format!("--configfile={}", boot.root.join("etc/smb.conf"));
    let conf = if conf.contains(' ') { format!("\"{conf}\"") } else { conf };
    let start = format!("ExecStart=/usr/sbin/smbd --foreground --no-process-group {conf}\n");
    unit(boot, "SMB", &start)
}

fn dnsmasq(boot: &Boot) -> String {
    let conf = format!("--conf-file={}", boot.root.join("etc/dnsmasq.conf"));
    let conf = if conf.contains(' ') { format!("\"{conf}\"") } else { conf };
    let start = format!("ExecStart=/usr/sbin/dnsmasq --keep-in-foreground {conf}\n");
    unit(boot, "DHCP and TFTP", &start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Place;
    use crate::config::sample::boot;

    #[test]
    fn there_is_a_unit_for_each_daemon_that_has_a_config() {
        let names = |boot: &Boot| units(boot).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(&boot()), NAMES);
        assert_eq!(names(&Boot { dhcp: None, ..boot() }), NAMES[..2]);
    }

    #[test]
    fn paths_with_blanks_are_one_word() {
        let root = Place::new("/srv/my pxe".as_ref()).expect("plain");
        for (name, text) in units(&Boot { root, uid: Some(1000), ..boot() }) {
            assert!(text.contains("\nRequiresMountsFor=\"/srv/my pxe\"\n"), "{name}: {text}");
            let start = text.lines().find(|line| line.starts_with("ExecStart=")).expect("a start");
            assert!(start.contains("/srv/my pxe/etc/"), "{start}");
            assert_eq!(start.matches('"').count() % 2, 0, "{start}");
        }
        let text = nginx(&Boot { uid: Some(1000), ..boot() });
        assert!(text.contains("\nRequiresMountsFor=/data\n"), "{text}");
        assert!(!text.contains(" -e "), "nginx before 1.19.5 knows no -e: {text}");
        assert!(text.contains("\nUser=1000\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n"), "{text}");
    }
}
