//! What makes a machine refresh its imports every night: systemd units, or a line for cron.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// What is to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The program itself.
    pub path: PathBuf,
    /// Its root directory, absolute.
    pub root: PathBuf,
}

/// A service and its timer in one text; a comment names the file that each is to be put into.
///
/// The service may write below the root and nowhere else. It keeps its view of `/tmp` and of the
/// devices, where images may lie, and may set set-group-ID bits, which directories below the root
/// may have.
///
/// # Errors
/// [`Error::Usage`] for a path that a unit file cannot hold.
pub fn systemd(program: &Program) -> Result<String> {
    let path = unit_word(&program.path)?;
    let root = unit_word(&program.root)?;
    let mount = unit_path(&program.root)?;
    Ok(format!(
        "# /etc/systemd/system/pxe-import-refresh.service
[Unit]
Description=Import new and changed install images into the PXE web root
RequiresMountsFor={mount}

[Service]
Type=oneshot
ExecStart={path} --quiet --root {root} refresh
# The owner of the root directory; without it the service runs as root.
#User=pxe
UMask=0022
Nice=10
IOSchedulingClass=idle
ProtectSystem=strict
ReadWritePaths={mount}
ProtectHome=read-only
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
NoNewPrivileges=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

# /etc/systemd/system/pxe-import-refresh.timer
# To start it: systemctl daemon-reload && systemctl enable --now pxe-import-refresh.timer
[Unit]
Description=Import new and changed install images every night

[Timer]
OnCalendar=*-*-* 03:00:00
RandomizedDelaySec=30min
Persistent=true

[Install]
WantedBy=timers.target
"
    ))
}

/// A line for a user's crontab, with a comment.
///
/// # Errors
/// [`Error::Usage`] for a path that a crontab cannot hold.
pub fn cron(program: &Program) -> Result<String> {
    let path = cron_word(&program.path)?;
    let root = cron_word(&program.root)?;
    Ok(format!(
        "# Imports new and changed install images every night; cron mails what it prints, which is news only.
# For the crontab of the root directory's owner: crontab -e
17 3 * * * {path} --quiet --root {root} refresh
"
    ))
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().filter(|text| !text.contains(char::is_control)).ok_or_else(|| {
        let shown = crate::media::printable(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()));
        Error::Usage(format!(
            "the path {shown} cannot be written into such a file: it is not UTF-8, or holds control \
             characters"
        ))
    })
}

/// A word of a unit's command line (systemd.service(5), "Command lines"): `%` and `$` are doubled, and
/// quotes are put around what is not plain.
fn unit_word(path: &Path) -> Result<String> {
    let text = text(path)?;
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    let escaped = escaped.replace('%', "%%").replace('$', "$$");
    Ok(if is_plain(text) { escaped } else { format!("\"{escaped}\"") })
}

/// A path where variables are not expanded (systemd.unit(5)).
fn unit_path(path: &Path) -> Result<String> {
    unit_word(path).map(|word| word.replace("$$", "$"))
}

/// A word for the shell that cron starts (crontab(5)): `%` ends a command unless it is escaped.
fn cron_word(path: &Path) -> Result<String> {
    let text = text(path)?;
    let quoted = match is_plain(text) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    };
    // Within quotes cron takes the backslash away all the same, before the shell sees it.
    Ok(quoted.replace('%', "\\%"))
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+,:@".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    fn program(root: &str) -> Program {
        Program { path: "/usr/bin/pxe-import".into(), root: root.into() }
    }

    #[test]
    fn plain_paths_stay_as_they_are() {
        let line = "/usr/bin/pxe-import --quiet --root /srv/pxe refresh\n";
        assert!(systemd(&program("/srv/pxe")).expect("units").contains(line));
        assert!(cron(&program("/srv/pxe")).expect("a line").ends_with(&format!("* {line}")));
    }

    #[test]
    fn what_means_something_to_the_reader_is_quoted() {
        let odd = program("/srv/a b%c$d\"e'f");
        let units = systemd(&odd).expect("units");
        assert!(units.contains(" --root \"/srv/a b%%c$$d\\\"e'f\" refresh\n"), "{units}");
        assert!(units.contains("ReadWritePaths=\"/srv/a b%%c$d\\\"e'f\"\n"), "{units}");
        let line = cron(&odd).expect("a line");
        assert!(line.contains(" --root '/srv/a b\\%c$d\"e'\\''f' refresh\n"), "{line}");
    }

    #[test]
    fn a_path_that_would_end_the_line_is_refused() {
        for root in [OsStr::new("/a\nUser=root"), OsStr::from_bytes(b"/a\xff")] {
            let program = Program { root: root.into(), ..program("/") };
            assert!(matches!(systemd(&program), Err(Error::Usage(_))));
            assert!(matches!(cron(&program), Err(Error::Usage(_))));
        }
    }
}
