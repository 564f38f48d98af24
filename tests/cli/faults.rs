//! The system refuses something at every point of an import: a full disk, a disk that fails, a limit.
//! One clear error, and what was served is served on.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use pxe_import_fixtures::family::{esxi, winpe};

use crate::listing::{State, assert_still, state};
use crate::site::{MENU, Ran, Site};

/// How many calls of one kind are made to fail, spread over all that there are.
const POINTS: usize = 10;

/// What can fail while something is written, and how.
const WRITING: [(&str, &str); 17] = [
    ("pwrite64", "ENOSPC"),
    ("pwrite64", "EDQUOT"),
    ("write", "ENOSPC"),
    ("copy_file_range", "ENOSPC"),
    ("mkdirat", "ENOSPC"),
    ("mkdir", "ENOSPC"),
    ("openat", "EMFILE"),
    ("symlinkat", "ENOSPC"),
    ("linkat", "EMLINK"),
    ("ftruncate", "EFBIG"),
    ("fsync", "EIO"),
    ("syncfs", "EIO"),
    ("renameat2", "EIO"),
    ("rename", "ENOSPC"),
    ("fchmod", "EROFS"),
    ("utimensat", "EIO"),
    ("pread64", "EIO"),
];

pub(crate) fn has_strace() -> bool {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    let works = traced.is_ok_and(|traced| traced.status.success());
    if !works {
        println!("skipped: needs strace");
    }
    works
}

/// The program under strace; `options` say what it is to do there.
pub(crate) fn traced(site: &Site, options: &[&str], line: &[&str]) -> Ran {
    let plain = site.process(line);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "trace"]).args(options).arg("--").arg(plain.get_program());
    command.args(plain.get_args()).current_dir(site.path("")).env("PXE_IMPORT_ROOT", "root");
    command.stdin(Stdio::null()).output().expect("it runs").into()
}

/// How often `line` calls `call`.
pub(crate) fn calls(site: &Site, call: &str, line: &[&str]) -> usize {
    let only = format!("trace={call}");
    assert_eq!(traced(site, &["-e", &only], line).code, Some(0));
    let trace = fs::read_to_string(site.path("trace")).expect("written");
    trace.lines().filter(|line| line.contains(&format!(" {call}("))).count()
}

/// Some of 1 to `all`, the first and the last among them.
pub(crate) fn points(all: usize) -> BTreeSet<usize> {
    let last = all.saturating_sub(1);
    let steps = POINTS - 1;
    (0..=steps).filter(|_| all > 0).map(|step| 1 + last * step / steps).collect()
}

/// Checks that the run has done all or nothing, and that the next one is as if nothing had been.
#[track_caller]
fn all_or_nothing(site: &Site, ran: &Ran, what: &str, old: &State, new: &State, line: &[&str]) {
    let tree = state(&site.root("wwwroot"));
    let errors = ran.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    match ran.code {
        Some(0) => assert!(tree == *new, "{what}: it says that all is done: {}", ran.stderr),
        Some(1) => {
            assert_eq!(errors, 1, "{what}: {}", ran.stderr);
            // A report that nobody can read is a failure of its own, after all is done.
            let unsaid = ran.stderr.contains("cannot write to standard output");
            let expected = if unsaid { new } else { old };
            assert!(tree == *expected, "{what}: it says that nothing is done: {}", ran.stderr);
        }
        // The dynamic loader needs the same calls, before the program has begun.
        Some(127) => assert!(tree == *old, "{what}: {}", ran.stderr),
        code => panic!("{what}: {code:?}: {}", ran.stderr),
    }
    site.done(line);
    assert!(state(&site.root("wwwroot")) == *new, "{what}: the next run mends it");
    site.assert_nothing_staged();
}

/// A site with an import, and two versions of its disc.
fn versions() -> Site {
    let site = Site::new();
    for (name, text) in [("old.iso", "old\n"), ("new.iso", "new\n")] {
        site.changed(name, esxi::esxi55, |tree, _| {
            tree.text("upgrade/notes.txt", text);
            tree.text("upgrade/more.txt", text);
        });
    }
    site
}

/// The line that imports one of the versions.
fn line(iso: &str) -> [&str; 4] {
    ["esxi5.5", iso, "--jobs", "1"]
}

/// What both versions lead to; the old one is served when this returns.
fn served(site: &Site) -> [State; 2] {
    let one = |iso| {
        site.done(&line(iso));
        state(&site.root("wwwroot"))
    };
    let new = one("new.iso");
    [one("old.iso"), new]
}

#[test]
fn whatever_call_fails_an_import_is_done_or_not_done() {
    if !has_strace() {
        return;
    }
    let site = versions();
    let [old, new] = served(&site);
    let mut tried = 0;
    for (call, error) in WRITING {
        let all = calls(&site, call, &line("new.iso"));
        site.done(&line("old.iso"));
        for point in points(all) {
            let fault = format!("inject={call}:error={error}:when={point}");
            let ran = traced(&site, &["-e", &fault], &line("new.iso"));
            all_or_nothing(&site, &ran, &fault, &old, &new, &line("new.iso"));
            site.done(&line("old.iso"));
            tried += 1;
        }
    }
    println!("{tried} faults");
    assert!(tried > 60, "{tried}");
}

#[test]
fn from_some_call_on_all_fail_and_the_old_tree_is_served() {
    if !has_strace() {
        return;
    }
    let site = versions();
    let [old, new] = served(&site);
    // As on a disk that is full and stays so: nothing can be written any more.
    let full = "pwrite64,write,copy_file_range,mkdirat,mkdir,symlinkat,ftruncate";
    let mut failed = 0;
    for point in 1.. {
        let fault = format!("inject={full}:error=ENOSPC:when={point}+");
        let ran = traced(&site, &["-e", &fault], &line("new.iso"));
        if ran.code == Some(0) {
            // There were fewer calls of each kind.
            assert!(state(&site.root("wwwroot")) == new);
            break;
        }
        assert_eq!(ran.code, Some(1), "{fault}");
        assert_still(&site.root("wwwroot"), &old);
        // It cannot even say so: its standard error is written to as well.
        let ran = Ran { stderr: "error: ".into(), ..ran };
        all_or_nothing(&site, &ran, &fault, &old, &new, &line("new.iso"));
        site.done(&line("old.iso"));
        failed += 1;
    }
    assert!(failed > 5, "{failed}");
}

/// What changes the disk, or makes a change last.
const STEPS: [&str; 12] = [
    "rename",
    "renameat2",
    "fsync",
    "syncfs",
    "linkat",
    "mkdir",
    "mkdirat",
    "symlinkat",
    "symlink",
    "unlinkat",
    "unlink",
    "rmdir",
];

#[test]
fn a_kill_at_any_step_leaves_the_old_tree_or_the_new_and_its_menu() {
    if !has_strace() {
        return;
    }
    let site = versions();
    let at = |site: &Site| (state(&site.root("wwwroot/esxi")), site.read(MENU));
    site.done(&[&line("new.iso")[..], &["--arg", "new"]].concat());
    let new = at(&site);
    site.done(&line("old.iso"));
    let old = at(&site);
    let (mut tried, mut published) = (0, 0);
    for call in STEPS {
        let to_new = [&line("new.iso")[..], &["--arg", "new"]].concat();
        let all = calls(&site, call, &to_new);
        site.done(&line("old.iso"));
        for point in points(all) {
            let fault = format!("inject={call}:signal=KILL:when={point}");
            let ran = traced(&site, &["-e", &fault], &to_new);
            assert_eq!(ran.code, None, "{fault}");
            let (tree, menu) = at(&site);
            assert!(tree == old.0 || tree == new.0, "{fault}: half a tree");
            assert!(menu == old.1 || menu == new.1, "{fault}: half a menu");
            // Any other command that writes mends it: tree and menu are of one import again.
            site.done(&["win8pe", site.disc(winpe::win8pe)]);
            site.done(&["remove", "win8pe"]);
            let mended = at(&site);
            assert!(mended == old || mended == new, "{fault}: {}", mended.1);
            assert!(mended.0 == tree, "{fault}: the tree was changed");
            site.assert_nothing_staged();
            published += usize::from(mended == new);
            tried += 1;
            site.done(&line("old.iso"));
        }
    }
    println!("{tried} kills, {published} after the publication");
    assert!(tried > 30 && published > 0 && published < tried, "{tried} {published}");
}

#[test]
fn without_exchange_and_noreplace_an_import_again_still_works() {
    if !has_strace() {
        return;
    }
    let site = versions();
    site.done(&["esxi5.5", "new.iso"]);
    let new = state(&site.root("wwwroot"));
    site.done(&["esxi5.5", "old.iso"]);
    let fault = "inject=renameat2:error=EINVAL";
    let ran = traced(&site, &["-e", fault], &["esxi5.5", "new.iso"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(state(&site.root("wwwroot")) == new);
    site.assert_nothing_staged();
    // And without hard links.
    site.done(&["esxi5.5", "old.iso"]);
    let ran = traced(&site, &["-e", "inject=linkat:error=EPERM"], &["esxi5.5", "new.iso"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(state(&site.root("wwwroot")) == new);
}

#[test]
fn without_exchange_a_kill_at_any_step_is_mended_by_the_next_run() {
    if !has_strace() {
        return;
    }
    let site = versions();
    site.done(&["esxi5.5", "new.iso"]);
    let new = state(&site.root("wwwroot/esxi/5.5"));
    site.done(&["esxi5.5", "old.iso"]);
    let old = state(&site.root("wwwroot/esxi/5.5"));
    let pe = site.disc(winpe::win8pe);
    let (mut back, mut missing) = (0, 0);
    for call in ["renameat", "fsync", "rename", "unlinkat"] {
        for point in 1..=12 {
            let faults = [
                "inject=renameat2:error=EINVAL",
                &format!("inject={call}:signal=KILL:when={point}"),
            ]
            .map(str::to_owned);
            let ran = traced(&site, &["-e", &faults[0], "-e", &faults[1]], &["esxi5.5", "new.iso"]);
            if ran.code == Some(0) {
                site.done(&["esxi5.5", "old.iso"]);
                break;
            }
            missing += usize::from(!site.root("wwwroot/esxi/5.5").exists());
            // Any other command that writes.
            site.done(&["win8pe", pe]);
            let now = state(&site.root("wwwroot/esxi/5.5"));
            assert!(now == old || now == new, "{faults:?}");
            back += usize::from(now == old);
            site.assert_nothing_staged();
            site.done(&["esxi5.5", "old.iso"]);
        }
    }
    assert!(back > 0 && missing > 0, "{back} {missing}");
}

/// Runs `script` with a filesystem of its own of `size` KiB at `root`; `None` where nobody may mount.
fn on_small_disk(site: &Site, size: u64, script: &str) -> Option<Ran> {
    let script = format!("mount -t tmpfs -o size={size}k none root || exit 77; {script}",);
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.arg("-r");
    }
    command.args(["-m", "sh", "-c", &script]).current_dir(site.path(""));
    let program = site.process(&[]).get_program().to_owned();
    let ran: Ran = command.env("PROGRAM", program).output().ok()?.into();
    (ran.code != Some(77) && !ran.stderr.starts_with("unshare:")).then_some(ran)
}

#[test]
fn a_disk_of_any_size_holds_all_of_an_import_or_nothing() {
    let site = Site::new();
    site.changed("big.iso", esxi::esxi55, |tree, _| {
        for number in 0..40 {
            tree.random(format!("upgrade/{number}.bin"), 20_000);
        }
    });
    fs::create_dir(site.root("")).expect("made");
    let (mut failed, mut done) = (0, 0);
    for size in (64..1600).step_by(64) {
        let script = "\"$PROGRAM\" --root root esxi5.5 big.iso; code=$?; \
                      echo tree=$(ls root/wwwroot/esxi/5.5 2>/dev/null | wc -l); \
                      echo label=$(grep -c '^label esxi' root/wwwroot/pxefiles/pxelinux.cfg/default 2>/dev/null); \
                      echo record=$(ls root/.pxe-import/*.json 2>/dev/null | wc -l); \
                      echo staged=$(ls root/.pxe-import/staging 2>/dev/null | wc -l); exit $code";
        let Some(ran) = on_small_disk(&site, size, script) else {
            println!("skipped: needs the right to mount");
            return;
        };
        let said = |what: &str| {
            let found = ran.stdout.lines().find_map(|line| line.strip_prefix(what));
            found.and_then(|count| count.trim().parse::<u32>().ok()).unwrap_or_default()
        };
        let there = [said("tree=") > 0, said("label=") > 0, said("record=") > 0];
        match ran.code {
            Some(0) => {
                assert_eq!(there, [true; 3], "{size} KiB: {}{}", ran.stdout, ran.stderr);
                done += 1;
            }
            Some(1) => {
                assert_eq!(there, [false; 3], "{size} KiB: {}{}", ran.stdout, ran.stderr);
                assert!(ran.stderr.starts_with("error: "), "{size} KiB: {}", ran.stderr);
                assert!(ran.stderr.contains("make room") || ran.stderr.contains("No space left"));
                failed += 1;
            }
            code => panic!("{size} KiB: {code:?}: {}", ran.stderr),
        }
        assert_eq!(said("staged="), 0, "{size} KiB");
    }
    assert!(failed > 3 && done > 3, "{failed} failed, {done} done");
}

/// Runs an import that waits three seconds before its `syncfs`; `meddle` is done meanwhile, as soon as
/// the tree is staged.
fn meddled(site: &Site, iso: &str, meddle: impl FnOnce()) -> std::process::Output {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=syncfs"]);
    command.args(["-e", "inject=syncfs:delay_enter=3000000"]);
    command.arg(assert_cmd::cargo::cargo_bin!("pxe-import")).args(["esxi5.5", iso]);
    command.current_dir(site.path("")).env("PXE_IMPORT_ROOT", "root");
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("strace runs");
    let next = site.root(".pxe-import/esxi5.5.next/tree.json");
    while !next.exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    meddle();
    child.wait_with_output().expect("it ends")
}

#[test]
fn what_is_put_at_the_place_or_into_the_tree_during_the_sync_is_not_lost() {
    if !has_strace() {
        return;
    }
    let site = Site::new();
    let iso = site.disc(pxe_import_fixtures::family::esxi::esxi55);
    let tree = "root/wwwroot/esxi/5.5";
    let mine = |name: &str| {
        site.write(&format!("{tree}/{name}"), "by hand\n");
    };
    let refused = |output: std::process::Output| {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("has been changed while the copy ran"), "{said}");
        site.assert_nothing_staged();
    };
    refused(meddled(&site, iso, || mine("mine.txt")));
    assert_eq!(site.names(tree), ["mine.txt"]);
    std::fs::remove_dir_all(site.path(tree)).expect("removed");

    site.done(&["esxi5.5", iso]);
    refused(meddled(&site, iso, || mine("ks-late.cfg")));
    assert!(site.path(tree).join("ks-late.cfg").exists());
    refused(meddled(&site, iso, || mine("boot.cfg")));
    assert_eq!(site.read("wwwroot/esxi/5.5/boot.cfg"), "by hand\n");
    let output = meddled(&site, iso, || mine("ks-late.cfg"));
    assert!(output.status.success(), "the same file, written in place: {output:?}");
    assert_eq!(site.read("wwwroot/esxi/5.5/boot.cfg.pxe-save"), "by hand\n");
}
