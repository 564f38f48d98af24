//! No other program is started and nothing is mounted.

use std::fs;
use std::process::{Command, Stdio};

use pxe_import_fixtures::family::{centos, esxi, ubuntu, windows, winpe};

use crate::site::Site;

const CALLS: &str = "trace=execve,execveat,fork,vfork,clone,clone3,mount,umount2,fsmount,open_tree";

/// Whether strace is there and may trace.
fn can_trace() -> bool {
    let tried = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

#[test]
fn an_import_starts_no_program_and_mounts_nothing() {
    if !can_trace() {
        eprintln!("skipped: needs strace, and the right to trace");
        return;
    }
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    let server = ["--server", "192.168.4.6"];
    for line in [
        &[&server[..], &["centos6.8", dvd1, dvd2]].concat()[..],
        &[&server[..], &["ubuntu16.04", site.disc(ubuntu::server)]].concat(),
        &["esxi5.5", site.disc(esxi::esxi55)],
        &["win8pe", site.disc(winpe::win8pe)],
        &["windows_server_2008_x64", site.disc(windows::server_2008_r2)],
        &["extract", dvd1, "--to", "tree"],
        &["inspect", dvd1],
    ] {
        let traced = site.process(line);
        let status = Command::new("strace")
            .args(["-f", "-qq", "-s", "16", "-e", CALLS, "-o", "trace"])
            .arg(traced.get_program())
            .args(traced.get_args())
            .current_dir(site.path(""))
            .env("PXE_IMPORT_ROOT", "root")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("it ran before");
        assert!(status.success(), "{line:?}");
        let trace = fs::read_to_string(site.path("trace")).expect("written");
        // Threads of its own are no programs.
        let threads = |call: &&str| call.contains("clone") && call.contains("CLONE_THREAD");
        let resumed = |call: &&str| call.contains("<... clone");
        let calls: Vec<_> = trace.lines().filter(|call| !threads(call) && !resumed(call)).collect();
        assert!(calls.len() == 1 && calls[0].contains("execve("), "{line:?}: {trace}");
    }
}
