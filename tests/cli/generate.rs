//! `generate`: the manual page and the completions are such that their readers take them.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::site::Site;

/// Runs a tool on `text`; `None`, with a word about it, where the tool is missing.
fn feed(tool: &str, args: &[&str], text: &str) -> Option<Output> {
    let spawned = Command::new(tool)
        .args(args)
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        eprintln!("skipped: needs {tool}");
        return None;
    };
    let mut input = child.stdin.take().expect("a pipe");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("written");
    Some(output)
}

#[test]
fn the_manual_page_names_every_command_and_option() {
    let page = Site::new().done(&["generate", "man"]).stdout;
    assert!(page.contains(".TH "), "{page}");
    let plain = page.replace("\\-", "-");
    for word in [
        "IMPORT",
        "INSPECT",
        "EXTRACT",
        "GENERATE",
        "FILES",
        "EXIT STATUS",
        "--server",
        "--answer",
        "--answer-mode",
        "--on-conflict",
        "--hierarchy",
        "--no-menu",
        "--root",
        "--json",
        "--dry-run",
        "--jobs",
        "--no-wait",
        "--quiet",
        "--files",
        "--to",
        "--force",
        "--label",
    ] {
        assert!(plain.contains(word), "{word}");
    }
}

#[test]
fn groff_takes_the_manual_page_without_a_word() {
    let page = Site::new().done(&["generate", "man"]).stdout;
    let args = ["-man", "-Tascii", "-ww", "-b", "-z"];
    let Some(checked) = feed("groff", &args, &page) else { return };
    assert!(checked.status.success());
    assert_eq!(String::from_utf8_lossy(&checked.stderr), "");
}

#[test]
fn each_shell_can_parse_its_completions() {
    let site = Site::new();
    for (shell, args) in [("bash", &["-n"][..]), ("zsh", &["-n"]), ("fish", &["--no-execute"])] {
        let script = site.done(&["generate", "completions", shell]).stdout;
        assert!(script.contains("pxe-import") && script.contains("answer-mode"), "{shell}");
        if let Some(checked) = feed(shell, args, &script) {
            let said = String::from_utf8_lossy(&checked.stderr);
            assert!(checked.status.success() && said.is_empty(), "{shell}: {said}");
        }
    }
}

#[test]
fn what_is_generated_is_printed_even_when_quiet() {
    let site = Site::new();
    let quiet = site.done(&["--quiet", "generate", "man"]);
    assert_eq!(quiet.stdout, site.done(&["generate", "man"]).stdout);
    assert!(!quiet.stdout.is_empty());
}

#[test]
fn systemd_takes_the_units() {
    let site = Site::new();
    let root = site.path("a root");
    let root = root.to_str().expect("UTF-8");
    let text = site.done(&["generate", "systemd", "--root", root]).stdout;
    let mut files: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# /etc/systemd/system/") {
            files.push((name, String::new()));
        } else {
            let (_, unit) = files.last_mut().expect("a name before the first line");
            unit.push_str(&format!("{line}\n"));
        }
    }
    let names: Vec<_> = files.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["pxe-import-refresh.service", "pxe-import-refresh.timer"]);
    let start = format!(" --quiet --root \"{root}\" refresh\n");
    assert!(files[0].1.contains(&start), "{text}");
    assert!(files[1].1.contains("\nPersistent=true\n"), "{text}");
    let paths = files.iter().map(|(name, unit)| site.write(name, unit)).collect::<Vec<_>>();
    let verified =
        Command::new("systemd-analyze").arg("verify").args(&paths).env("LC_ALL", "C").output();
    let Ok(verified) = verified else {
        eprintln!("skipped: needs systemd-analyze");
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success(), "{said}");
    // Whatever else it finds fault with on this machine.
    let ours: Vec<_> = said.lines().filter(|line| line.contains("pxe-import-refresh")).collect();
    assert_eq!(ours, [""; 0], "{said}");
}

#[test]
fn the_line_for_cron_starts_a_quiet_refresh_of_this_root() {
    let site = Site::new();
    let text = site.done(&["generate", "cron"]).stdout;
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let root = site.root("");
    let root = root.to_str().expect("UTF-8").trim_end_matches('/');
    let end = format!("pxe-import --quiet --root {root} refresh");
    assert_eq!(lines.len(), 1, "{text}");
    let (clock, command) = lines[0].split_at("17 3 * * * ".len());
    assert_eq!(clock, "17 3 * * * ");
    assert!(command.starts_with('/') && command.ends_with(&end), "{text}");
}
