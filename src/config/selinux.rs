//! The commands that let confined daemons use a root (semanage-fcontext(8), restorecon(8)).

use super::{Boot, Place};

/// Ports that the policy lets a web server have.
const HTTP_PORTS: [u16; 9] = [80, 81, 443, 488, 8008, 8009, 8080, 8443, 9000];

/// The commands, one a line, to be run as root.
pub fn commands(root: &Place, port: u16) -> Vec<String> {
    // HTTP and SMB both read wwwroot, and public_content_t is what both may read. What leads there has
    // types that every daemon may search; in var_run_t each makes files of a type of its own.
    let contexts = [
        ("var_t", ""),
        ("etc_t", "etc(/.*)?"),
        ("var_t", "\\.pxe-import"),
        ("var_run_t", "\\.pxe-import/run"),
        ("public_content_t", "wwwroot(/.*)?"),
        ("tftpdir_t", "pxeboot(/.*)?"),
        ("dnsmasq_etc_t", "etc/dnsmasq\\.conf"),
        ("httpd_config_t", "etc/nginx.*\\.conf"),
        ("samba_etc_t", "etc/smb\\.conf"),
        ("systemd_unit_file_t", "etc/systemd/.*\\.service"),
        ("httpd_var_run_t", "\\.pxe-import/run/nginx.*"),
        ("dnsmasq_var_run_t", "\\.pxe-import/run/dnsmasq\\.pid"),
        ("dnsmasq_lease_t", "\\.pxe-import/run/dnsmasq\\.leases"),
        ("samba_var_t", "\\.pxe-import/run/samba(/.*)?"),
    ];
    // semanage takes no blank in a pattern; an escape would not make it one that is matched.
    let regex = root.to_string().replace('.', "\\.").replace('+', "\\+").replace(' ', ".");
    let mut lines: Vec<_> = contexts
        .iter()
        .map(|(kind, path)| {
            let pattern = match *path {
                "" => format!("'{regex}'"),
                path => format!("'{regex}/{path}'"),
            };
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
        let has = |what: &str| lines.iter().any(|line| line.contains(what));
        assert!(has("-t public_content_t '/srv/pxe\\.d/wwwroot(/.*)?'"), "{lines:?}");
        // A daemon that may not search the root itself reaches nothing in it.
        assert!(has("-t var_t '/srv/pxe\\.d' "), "{lines:?}");
        assert!(has("-t var_run_t '/srv/pxe\\.d/\\.pxe-import/run' "), "{lines:?}");
        assert_eq!(lines.last().map(String::as_str), Some("restorecon -R '/srv/pxe.d'"));
        assert!(!lines.iter().any(|line| line.contains("semanage port")));
        let lines = commands(&root, 8111);
        assert!(lines.iter().any(|line| line.contains("-p tcp 8111")), "{lines:?}");
    }

    #[test]
    fn no_pattern_has_a_blank_which_semanage_refuses() {
        let lines = commands(&Place::new("/srv/my pxe".as_ref()).expect("plain"), 80);
        let (last, patterns) = lines.split_last().expect("lines");
        assert!(patterns.iter().all(|line| line.contains("'/srv/my.pxe")), "{patterns:?}");
        assert_eq!(last, "restorecon -R '/srv/my pxe'");
    }
}
