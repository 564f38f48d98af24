//! What the messages advise mends what they speak of, and what they say is so.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use pxe_import_fixtures::family::{centos, esxi, winpe};

use crate::listing::{assert_still, state};
use crate::site::Site;

const YUM: &str = "wwwroot/yum/CentOS6.8";
const ADOPT: &str = "delete .pxe-import/centos6.8.json, then take the tree over with 'pxe-import \
                     adopt centos6.8 ISO...'";

fn centos() -> (Site, [&'static str; 5]) {
    let site = Site::new();
    let line =
        ["--server", "192.168.4.6", "centos6.8", site.disc(centos::dvd1), site.disc(centos::dvd2)];
    site.done(&line);
    (site, line)
}

/// Gives every file below `dir` the present time, as a copy without times does.
fn touch(dir: &Path) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            touch(&path);
        } else {
            let file = fs::File::options().write(true).open(&path).expect("a file");
            file.set_modified(SystemTime::now()).expect("set");
        }
    }
}

#[test]
fn files_that_have_another_time_alone_are_not_edited() {
    let (site, line) = centos();
    let before = state(&site.root(""));
    touch(&site.root(YUM));
    let ran = site.done(&line);
    assert!(!ran.stderr.contains("edited"), "{}", ran.stderr);
    assert_still(&site.root(""), &before);

    touch(&site.root(YUM));
    // Of the same size, and other bytes.
    let eula = site.read(&format!("{YUM}/EULA"));
    site.write(&format!("root/{YUM}/EULA"), "x".repeat(eula.len()));
    let ran = site.done(&["remove", "centos6.8"]);
    assert!(ran.stderr.starts_with("warning: EULA: has been edited"), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
}

#[test]
fn one_file_that_has_another_time_alone_is_removed() {
    let site = Site::new();
    site.done(&["win8pe", site.disc(winpe::win8pe)]);
    touch(&site.root("wwwroot/windows"));
    site.done(&["remove", "win8pe"]);
    assert!(!site.root("wwwroot/windows/win8pe.iso").exists());
}

#[test]
fn state_that_is_lost_is_mended_as_check_says() {
    let damages: [fn(&Path); 3] = [
        |state| fs::remove_file(state.join("centos6.8.meta")).expect("removed"),
        |state| fs::write(state.join("centos6.8.meta"), "{").expect("written"),
        |state| fs::write(state.join("centos6.8.json"), "{").expect("written"),
    ];
    for damage in damages {
        let (site, line) = centos();
        site.write(&format!("root/{YUM}/ks.cfg"), "by hand\n");
        damage(&site.root(".pxe-import"));
        let checked = site.run(&["check"]);
        assert!(format!("{}{}", checked.stdout, checked.stderr).contains(ADOPT), "{checked:?}");
        let before = state(&site.root(YUM));
        let error = site.fails(1, &line);
        assert!(!error.contains("put there by hand"), "{error}");
        assert_still(&site.root(YUM), &before);

        fs::remove_file(site.root(".pxe-import/centos6.8.json")).expect("removed");
        site.done(&[&["adopt"], &line[..]].concat());
        site.done(&["check"]);
        assert_eq!(site.read(&format!("{YUM}/ks.cfg")), "by hand\n");
    }
}

#[test]
fn a_record_of_a_newer_version_asks_for_that_version() {
    let (site, _) = centos();
    let record =
        site.read(".pxe-import/centos6.8.json").replacen("\"schema\": 1", "\"schema\": 99", 1);
    site.write("root/.pxe-import/centos6.8.json", record);
    let checked = site.run(&["check", "--json"]);
    assert!(checked.stdout.contains("\"mend\": \"use version"), "{}", checked.stdout);
}

#[test]
fn what_no_import_brings_back_is_to_be_put_there() {
    let site = Site::new();
    site.done(&[
        "--arg",
        "ks=http://192.168.4.6/ks.cfg",
        "--server",
        "192.168.4.6",
        "centos6.8",
        site.disc(centos::dvd1),
        site.disc(centos::dvd2),
    ]);
    let checked = site.run(&["check", "--json"]);
    assert!(
        checked.stdout.contains("\"mend\": \"put it there, or correct the menu\""),
        "{}",
        checked.stdout
    );
}

#[test]
fn what_imports_share_is_told_once() {
    let site = Site::new();
    site.done(&["esxi5.5", site.disc(esxi::esxi55)]);
    site.done(&["esxi7.0", site.disc(esxi::esxi70)]);
    fs::remove_file(site.root("wwwroot/pxefiles/esxi")).expect("removed");
    let checked = site.run(&["check"]);
    let all = format!("{}{}", checked.stdout, checked.stderr);
    assert_eq!(all.matches("pxefiles/esxi: is missing").count(), 1, "{all}");
    assert_eq!(all.matches(": 1 fault").count(), 2, "{all}");
}

#[test]
fn a_root_that_is_not_there_is_no_root_without_imports() {
    let site = Site::new();
    for command in ["refresh", "check"] {
        let error = site.fails(1, &["--root", "nosuch", "--quiet", command]);
        assert_eq!(error, "error: cannot read nosuch: No such file or directory (os error 2)");
    }
}

#[test]
fn a_lost_record_is_told_and_taking_the_tree_over_mends_it() {
    let (site, line) = centos();
    fs::remove_file(site.root(".pxe-import/centos6.8.json")).expect("removed");
    let ran = site.done(&["check", "--quick"]);
    assert!(
        ran.stdout.contains("warning: .pxe-import/centos6.8.json: is missing"),
        "{}",
        ran.stdout
    );
    site.done(&[&["adopt"], &line[..]].concat());
    let ran = site.done(&["check", "--quick"]);
    assert!(!ran.stdout.contains("centos6.8.json"), "{}", ran.stdout);
    assert!(ran.stdout.contains("centos6.8: ok, "), "{}", ran.stdout);
}
