//! `check`: silent about what is sound, exact about what is broken.

use std::fs;
use std::os::unix::fs::symlink;

use pxe_import_fixtures::family::{
    Disc, Size, centos, esxi, proxmox, suse, ubuntu, ubuntu_live, windows, winpe, xcp_ng,
};
use serde_json::Value;

use crate::listing::{assert_still, state};
use crate::site::Site;

/// What to import: a NAME, and its discs.
pub(crate) type Wanted = (&'static str, &'static [fn(Size) -> Disc]);

pub(crate) const YUM: &str = "wwwroot/yum/CentOS6.8";

/// A site with these imported for the server 192.168.4.6.
pub(crate) fn site(imports: &[Wanted]) -> Site {
    let site = Site::new();
    for (name, discs) in imports {
        let mut line = vec!["--server", "192.168.4.6", name];
        line.extend(discs.iter().map(|&disc| site.disc(disc)));
        site.done(&line);
    }
    site
}

pub(crate) fn centos() -> Site {
    site(&[("centos6.8", &[centos::dvd1, centos::dvd2])])
}

/// What `check` with these arguments finds: severity, code and path of each.
#[track_caller]
pub(crate) fn found(site: &Site, args: &[&str]) -> Vec<(String, String, String)> {
    let ran = site.run(&[&["check", "--json"], args].concat());
    let json: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}{}", ran.stdout, ran.stderr));
    let findings = json["findings"].as_array().expect("a list");
    let text = |finding: &Value, key: &str| finding[key].as_str().expect("text").to_owned();
    for finding in findings {
        let mend = text(finding, "mend");
        assert_eq!(mend.is_empty(), finding["severity"] == "note", "{finding}");
    }
    let list: Vec<_> = findings
        .iter()
        .map(|one| (text(one, "severity"), text(one, "code"), text(one, "path")))
        .collect();
    let faulty = list.iter().any(|(severity, ..)| severity == "fault");
    assert_eq!(ran.code, Some(i32::from(faulty)), "{}", ran.stdout);
    list
}

/// The same without the warning that there is no boot loader.
#[track_caller]
pub(crate) fn of_import(site: &Site, args: &[&str]) -> Vec<(String, String, String)> {
    let mut list = found(site, args);
    list.retain(|(_, code, _)| code != "loader-missing" && !OF_ALL_CENTOS.contains(&code.as_str()));
    list
}

/// What holds for every tree of CentOS 6, or of its first disc alone.
const OF_ALL_CENTOS: [&str; 3] =
    ["repodata-media-base", "treeinfo-image-unused", "package-other-disc"];

pub(crate) fn is(severity: &str, code: &str, path: &str) -> (String, String, String) {
    (severity.into(), code.into(), path.into())
}

#[test]
fn every_fresh_import_is_sound() {
    let all: [Wanted; 14] = [
        ("centos6.8", &[centos::dvd1, centos::dvd2]),
        ("ubuntu16.04", &[ubuntu::server]),
        ("esxi5.5", &[esxi::esxi55]),
        ("esxi7.0", &[esxi::esxi70]),
        ("win8pe", &[winpe::win8pe]),
        ("windows_server_2008_x64", &[windows::server_2008_r2]),
        ("windows11", &[windows::windows_11]),
        ("ubuntu18.04", &[ubuntu_live::live_1804]),
        ("ubuntu20.04", &[ubuntu_live::live_2004]),
        ("ubuntu22.04", &[ubuntu_live::live_2204]),
        ("ubuntu24.04", &[ubuntu_live::live_2404]),
        ("suse15.6", &[suse::leap_15_6]),
        ("xcp-ng8.3", &[xcp_ng::xcp_ng_8_3]),
        ("proxmox8.2", &[proxmox::ve_8_2]),
    ];
    let site = site(&all);
    let before = state(&site.root(""));
    let missing = [is("warning", "loader-missing", "wwwroot/pxefiles")];
    for quick in [&[][..], &["--quick"]] {
        let mut all_of_it = found(&site, quick);
        all_of_it.retain(|(_, code, _)| !OF_ALL_CENTOS.contains(&code.as_str()));
        assert_eq!(all_of_it, missing, "{quick:?}");
        for (name, _) in all {
            assert_eq!(of_import(&site, &[&[name], quick].concat()), [], "{name} {quick:?}");
        }
    }
    assert_still(&site.root(""), &before);
    let ran = site.done(&["check", "centos6.8"]);
    let mut lines = ran.stdout.lines().filter(|line| !line.starts_with("note: "));
    let line = lines.next().unwrap_or_default();
    assert!(line.starts_with("centos6.8: ok, 61 files, "), "{}", ran.stdout);
    assert_eq!(lines.next(), None);
    let ran = site.done(&["check", "--quiet"]);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("warning: wwwroot/pxefiles: "), "{}", ran.stderr);
}

#[test]
fn a_root_without_imports_gets_one_warning_and_no_root_is_an_error() {
    let site = Site::new();
    let error = site.fails(1, &["check"]);
    assert!(error.contains("root"), "{error}");
    fs::create_dir(site.root("")).expect("made");
    assert_eq!(found(&site, &[]), [is("warning", "loader-missing", "wwwroot/pxefiles")]);
    let ran = site.done(&["check"]);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
}

#[test]
fn an_unknown_name_is_a_usage_error_that_names_list() {
    let site = site(&[("esxi5.5", &[esxi::esxi55])]);
    for name in ["esxi", "../x"] {
        let error = site.fails(2, &["check", "esxi5.5", name]);
        assert!(error.contains(name) && error.contains("pxe-import list"), "{error}");
    }
}

#[test]
fn a_file_that_was_edited_is_found_by_its_bytes_and_its_removal_too() {
    let site = centos();
    let gpl = site.root(format!("{YUM}/GPL"));
    let meta = fs::metadata(&gpl).expect("there");
    let mut text = fs::read(&gpl).expect("readable");
    text[0] ^= 1;
    fs::write(&gpl, &text).expect("written");
    let file = fs::File::options().write(true).open(&gpl).expect("open");
    file.set_modified(meta.modified().expect("a time")).expect("set");
    // Of the same size and time: only its bytes tell.
    let changed = [is("fault", "file-changed", &format!("{YUM}/GPL"))];
    assert_eq!(of_import(&site, &["--quick"]), []);
    assert_eq!(of_import(&site, &[]), changed);
    fs::write(&gpl, [&text[..], b"x"].concat()).expect("written");
    assert_eq!(of_import(&site, &["--quick"]), changed);
    fs::remove_file(&gpl).expect("removed");
    assert_eq!(of_import(&site, &[]), [is("fault", "file-missing", &format!("{YUM}/GPL"))]);
    let ran = site.run(&["check", "centos6.8"]);
    assert_eq!(ran.code, Some(1));
    let first = format!("fault: {YUM}/GPL: is missing; import centos6.8 again\n");
    assert!(ran.stdout.starts_with(&first), "{}", ran.stdout);
    assert!(ran.stdout.contains("\ncentos6.8: 1 fault, 61 files, "), "{}", ran.stdout);
}

#[test]
fn a_time_alone_is_a_note_and_unsure_when_quick() {
    let site = centos();
    let gpl = site.root(format!("{YUM}/GPL"));
    let text = fs::read(&gpl).expect("readable");
    fs::write(&gpl, text).expect("written");
    let path = format!("{YUM}/GPL");
    assert_eq!(of_import(&site, &[]), [is("note", "mtime-changed", &path)]);
    assert_eq!(of_import(&site, &["--quick"]), [is("warning", "file-touched", &path)]);
}

#[test]
fn what_an_entry_names_must_be_readable_for_all() {
    let site = centos();
    let kernel = format!("{YUM}/images/pxeboot/vmlinuz");
    site.chmod(&format!("root/{kernel}"), 0o600);
    assert_eq!(of_import(&site, &[]), [is("fault", "not-readable", &kernel)]);
    let ran = site.run(&["check", "centos6.8"]);
    assert!(ran.stdout.contains(&format!("; chmod o+r root/{kernel}\n")), "{}", ran.stdout);
    site.chmod(&format!("root/{kernel}"), 0o644);
    site.chmod(&format!("root/{YUM}/images"), 0o700);
    assert_eq!(of_import(&site, &[]), [is("fault", "not-readable", &format!("{YUM}/images"))]);
    site.chmod(&format!("root/{YUM}/images"), 0o755);
    site.chmod(&format!("root/{YUM}/GPL"), 0o600);
    assert_eq!(of_import(&site, &[]), [is("warning", "mode-changed", &format!("{YUM}/GPL"))]);
    site.chmod(&format!("root/{YUM}/GPL"), 0o644);
    site.chmod(&format!("root/{YUM}/Packages"), 0o700);
    assert_eq!(of_import(&site, &[]), [is("fault", "mode-changed", &format!("{YUM}/Packages"))]);
}

#[test]
fn an_answer_file_must_be_readable_unless_it_was_published_for_fewer() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    site.write("ks.cfg", "install\n");
    let line = ["--server", "a", "centos6.8", dvd1, "--answer", "ks.cfg", "--answer-mode"];
    site.done(&[&line[..], &["0640"]].concat());
    assert_eq!(of_import(&site, &[]), []);
    site.done(&[&line[..], &["0644"]].concat());
    assert_eq!(of_import(&site, &[]), []);
    let answer = format!("{YUM}/ks.cfg");
    site.chmod(&format!("root/{answer}"), 0o640);
    assert_eq!(of_import(&site, &[]), [is("fault", "not-readable", &answer)]);
    fs::remove_file(site.root(&answer)).expect("removed");
    let both = [is("fault", "file-missing", &answer), is("fault", "path-missing", &answer)];
    assert_eq!(of_import(&site, &[]), both);
}

#[test]
fn links_and_kinds_are_as_recorded() {
    let site = site(&[("ubuntu16.04", &[ubuntu::server])]);
    let tree = "wwwroot/apt/ubuntu16.04";
    let link = site.root(format!("{tree}/ubuntu"));
    fs::remove_file(&link).expect("a link");
    symlink("..", &link).expect("linked");
    let changed = is("fault", "link-changed", &format!("{tree}/ubuntu"));
    assert_eq!(of_import(&site, &[]), [changed]);
    fs::remove_file(&link).expect("a link");
    fs::create_dir(&link).expect("made");
    assert_eq!(of_import(&site, &[]), [is("fault", "type-changed", &format!("{tree}/ubuntu"))]);
}

#[test]
fn nothing_in_a_tree_makes_it_wait_or_follow() {
    let site = centos();
    let pipe = site.root(format!("{YUM}/GPL"));
    fs::remove_file(&pipe).expect("removed");
    let mode = rustix::fs::Mode::from_raw_mode(0o644);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0)
        .expect("a pipe");
    // The files are all there, but behind a link.
    let packages = site.root(format!("{YUM}/Packages"));
    fs::rename(&packages, site.path("elsewhere")).expect("moved");
    symlink(site.path("elsewhere"), &packages).expect("linked");
    let expected = [
        is("fault", "type-changed", &format!("{YUM}/GPL")),
        is("fault", "type-changed", &format!("{YUM}/Packages")),
    ];
    for quick in [&[][..], &["--quick"]] {
        let mut found = of_import(&site, quick);
        found.retain(|(_, code, _)| code == "type-changed");
        assert_eq!(found, expected);
    }
    symlink("loop", site.root(format!("{YUM}/loop"))).expect("linked");
    let foreign = is("note", "foreign-file", &format!("{YUM}/loop"));
    assert!(of_import(&site, &[]).contains(&foreign));
}

#[test]
fn foreign_files_are_notes() {
    let site = centos();
    site.write(&format!("root/{YUM}/ks.cfg"), "mine\n");
    site.write(&format!("root/{YUM}/mine/a"), "mine\n");
    let notes = ["ks.cfg", "mine"].map(|name| is("note", "foreign-file", &format!("{YUM}/{name}")));
    assert_eq!(of_import(&site, &[]), notes);
    let ran = site.done(&["check", "centos6.8", "--quiet"]);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_tree_that_is_gone_is_one_fault_of_the_tree() {
    let site = site(&[("windows_server_2008_x64", &[windows::server_2008_r2])]);
    let tree = "wwwroot/windows/windows_server_2008_x64";
    fs::remove_dir_all(site.root(tree)).expect("removed");
    assert_eq!(of_import(&site, &[]), [is("fault", "file-missing", tree)]);
    fs::remove_dir(site.root("wwwroot/windows")).expect("removed");
    assert_eq!(of_import(&site, &[]), [is("fault", "file-missing", tree)]);
    symlink("/", site.root("wwwroot/windows")).expect("linked");
    let found = of_import(&site, &[]);
    assert!(found.contains(&is("fault", "path-leaves-root", tree)), "{found:?}");
}

#[test]
fn a_target_that_is_one_file_is_checked_as_well() {
    let site = site(&[("win8pe", &[winpe::win8pe])]);
    let iso = "wwwroot/windows/win8pe.iso";
    let mut bytes = fs::read(site.root(iso)).expect("there");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(site.root(iso), &bytes).expect("written");
    let file = fs::File::options().write(true).open(site.root(iso)).expect("open");
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("set");
    assert_eq!(of_import(&site, &[]), [is("fault", "file-changed", iso)]);
    assert_eq!(of_import(&site, &["--quick"]), [is("warning", "file-touched", iso)]);
    fs::remove_file(site.root(iso)).expect("removed");
    let both = [is("fault", "file-missing", iso), is("fault", "path-missing", iso)];
    assert_eq!(of_import(&site, &[]), both);
}

#[test]
fn state_files_that_are_missing_or_damaged_are_faults_and_the_rest_goes_on() {
    let site = site(&[("esxi5.5", &[esxi::esxi55]), ("win8pe", &[winpe::win8pe])]);
    for (file, missing) in [("b3", "manifest-damaged"), ("meta", "meta-damaged")] {
        let path = format!(".pxe-import/esxi5.5.{file}");
        let good = site.read(&path);
        fs::remove_file(site.root(&path)).expect("removed");
        assert_eq!(of_import(&site, &[]), [is("fault", missing, &path)]);
        site.write(&format!("root/{path}"), "\0damaged\n");
        assert_eq!(of_import(&site, &[]), [is("fault", missing, &path)]);
        site.write(&format!("root/{path}"), good);
    }
    let path = ".pxe-import/esxi5.5.json";
    site.write(&format!("root/{path}"), "{}");
    assert_eq!(of_import(&site, &[]), [is("fault", "record-damaged", path)]);
    assert_eq!(of_import(&site, &["win8pe"]), []);
}

#[test]
fn an_interrupted_publication_is_a_warning() {
    let site = site(&[("esxi5.5", &[esxi::esxi55])]);
    fs::create_dir(site.root(".pxe-import/esxi5.5.next")).expect("made");
    fs::create_dir(site.root(".pxe-import/other.next")).expect("made");
    let warning = |name: &str| is("warning", "publication-interrupted", name);
    let expected = ["esxi5.5", "other"].map(|n| warning(&format!(".pxe-import/{n}.next")));
    assert_eq!(of_import(&site, &[]), expected);
}

#[test]
fn broken_settings_are_a_fault_and_the_rest_goes_on() {
    let site = site(&[("esxi5.5", &[esxi::esxi55])]);
    site.write("root/pxe-import.toml", "sever = 1\n");
    assert_eq!(of_import(&site, &[]), [is("fault", "settings-invalid", "pxe-import.toml")]);
}

/// The identity of a tree, as a publication that is not finished has it.
fn identity(path: &std::path::Path) -> String {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    let wanted = StatxFlags::INO | StatxFlags::BTIME;
    let stat = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, wanted).expect("there");
    let known = StatxFlags::from_bits_retain(stat.stx_mask).contains(StatxFlags::BTIME);
    let birth = known.then_some((stat.stx_btime.tv_sec, stat.stx_btime.tv_nsec));
    let device = (stat.stx_dev_major, stat.stx_dev_minor);
    serde_json::json!({"device": device, "inode": stat.stx_ino, "birth": birth}).to_string()
}

#[test]
fn a_kill_between_the_exchange_and_the_record_is_a_warning_and_no_fault() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let names = [("json", "record.json"), ("b3", "manifest.b3"), ("meta", "meta")];
    let old = names.map(|(end, _)| site.read(&format!(".pxe-import/esxi5.5.{end}")));
    // Another prefix, so that boot.cfg is another.
    site.done(&["--server", "http://a/b", "esxi5.5", iso]);
    fs::create_dir(site.root(".pxe-import/esxi5.5.next")).expect("made");
    for ((end, staged), old) in names.iter().zip(old) {
        let state = site.root(format!(".pxe-import/esxi5.5.{end}"));
        fs::rename(&state, site.root(format!(".pxe-import/esxi5.5.next/{staged}"))).expect("moved");
        fs::write(&state, old).expect("written");
    }
    let warning = is("warning", "publication-interrupted", ".pxe-import/esxi5.5.next");
    let tree = identity(&site.root("wwwroot/esxi/5.5"));
    site.write("root/.pxe-import/esxi5.5.next/tree.json", tree);
    assert_eq!(of_import(&site, &[]), [warning]);
    // Had the exchange not happened, the files would have to be those of the old record.
    site.write("root/.pxe-import/esxi5.5.next/tree.json", "{}");
    let found = of_import(&site, &[]);
    let changed = is("fault", "file-changed", "wwwroot/esxi/5.5/boot.cfg");
    assert!(found.contains(&changed), "{found:?}");
}
