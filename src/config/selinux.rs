//! The commands that let confined daemons use a root (semanage-fcontext(8), restorecon(8)).

use super::{Boot, Place};

/// Ports that the policy lets a web server have.
const HTTP_PORTS: [u16; 9] = [80, 81, 443, 488, 8008, 8009, 8080, 8443, 9000];

/// The commands, one a line, to be run as root.
pub fn commands(root: &Place, port: u16) -> Vec<String> {
    // HTTP and SMB both read wwwroot, and public_content_t is what both may read.
    let contexts = [
        ("public_content_t", "wwwroot(/.*)?"),
        ("tftpdir_t", "pxeboot(/.*)?"),
        ("dnsmasq_etc_t", "etc/dnsmasq\\.conf"),
        ("httpd_config_t", "etc/nginx.*\\.conf"),
        ("samba_etc_t", "etc/smb\\.conf"),
        ("httpd_var_run_t", "\\.pxe-import/run(/.*)?"),
        ("dnsmasq_var_run_t", "\\.pxe-import/run/dnsmasq\\.pid"),
        ("dnsmasq_lease_t", "\\.pxe-import/run/dnsmasq\\.leases"),
        ("samba_var_t", "\\.pxe-import/run/samba(/.*)?"),
    ];
    let regex = root.to_string().replace('.', "\\.").replace('+', "\\+");
    let mut lines: Vec<_> = contexts
        .iter()
        .map(|(kind, path)| {
            let pattern = format!("'{regex}/{path}'");
            format!(
                "semanage fcontext -a -t {kind} {pattern} || semanage fcontext -m -t {kind} {pattern}"
            )
        })
        .collect();
    if !HTTP_PORTS.contains(&port) {
        lines.push(format!(
            "semanage port -a -t http_port_t -p tcp {port} || semanage port -m -t http_port_t -p tcp \
             {port}"
        ));
    }
    lines.push(format!("restorecon -R '{root}'"));
    lines
}

/// The same for the root and the port of `boot`.
pub fn of(boot: &Boot) -> Vec<String> {
    commands(&boot.root, boot.server.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_a_pattern_to_semanage_and_a_path_to_restorecon() {
        let root = Place::new("/srv/pxe.d".as_ref()).expect("plain");
        let lines = commands(&root, 80);
        assert!(lines[0].contains("-t public_content_t '/srv/pxe\\.d/wwwroot(/.*)?'"), "{lines:?}");
        assert_eq!(lines.last().map(String::as_str), Some("restorecon -R '/srv/pxe.d'"));
        assert!(!lines.iter().any(|line| line.contains("semanage port")));
        let lines = commands(&root, 8111);
        assert!(lines.iter().any(|line| line.contains("-p tcp 8111")), "{lines:?}");
    }
}
