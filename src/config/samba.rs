//! Samba's config: one share that nobody can write to, from which Windows is installed.

use std::fmt::Write;

use super::Boot;

/// What the share is called.
pub const SHARE: &str = "public";
/// What it shares, below the web root.
pub const SHARED: &str = "windows";

/// The config. What smbd writes lies in the root, and is not in the share.
///
/// `acl allow execute always`: the files' modes have no execute bits, and Windows would refuse to start
/// setup.exe.
pub fn config(boot: &Boot) -> String {
    let run = boot.root.join(".pxe-import/run/samba");
    let conf = boot.root.quoted("etc/smb.conf");
    let mut out = String::from("# Samba for Windows setup, written by pxe-import init.\n");
    let _ = writeln!(out, "# Started as root: smbd --foreground --configfile={conf}");
    if let Some(user) = &boot.smb_user {
        let _ = writeln!(out, "# The account's password: smbpasswd -c {conf} -a {user}");
    }
    let _ = write!(
        out,
        "\
[global]
    server role = standalone server
    server string = Installation media
    server min protocol = SMB2_02
    disable netbios = yes
    smb ports = 445
    map to guest = {guest}
    guest account = nobody
    load printers = no
    printcap name = /dev/null
    disable spoolss = yes
    log file = {run}/log.%m
    max log size = 1000
    lock directory = {run}
    state directory = {run}
    cache directory = {run}
    private dir = {run}
    pid directory = {run}
    ncalrpc dir = {run}/ncalrpc

[{SHARE}]
    comment = Windows installation media
    path = {path}
    read only = yes
    acl allow execute always = yes
",
        guest = if boot.smb_user.is_some() { "never" } else { "bad user" },
        path = boot.root.join(&format!("wwwroot/{SHARED}")),
    );
    match &boot.smb_user {
        Some(user) => {
            let _ = writeln!(out, "    guest ok = no\n    valid users = {user}");
        }
        None => out.push_str("    guest ok = yes\n"),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::sample::boot;

    #[test]
    fn guests_read_and_nobody_writes_or_is_root() {
        let text = config(&boot());
        for line in [
            "    path = /data/wwwroot/windows",
            "    read only = yes",
            "    guest ok = yes",
            "    acl allow execute always = yes",
            "    map to guest = bad user",
        ] {
            assert!(text.lines().any(|there| there == line), "{line}: {text}");
        }
        for never in ["force user", "recycle", "vfs objects", "writable", "valid users"] {
            assert!(!text.contains(never), "{never}: {text}");
        }
    }

    #[test]
    fn with_an_account_no_guest_is_let_in() {
        let text = config(&Boot { smb_user: Some("install".into()), ..boot() });
        assert!(text.contains("    guest ok = no\n    valid users = install\n"), "{text}");
        assert!(text.contains("    map to guest = never\n"), "{text}");
        assert!(text.contains("smbpasswd -c /data/etc/smb.conf -a install\n"), "{text}");
    }
}
