//! `adopt`: a tree that was copied from mounted discs becomes an import.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use pxe_import_fixtures::family::{centos, esxi, winpe};

use crate::listing::{State, assert_still, state};
use crate::site::{MENU, Site};

const TREE: &str = "wwwroot/yum/CentOS6.8";

/// The menu of a boot server by hand.
pub(crate) const OWN: &str = "\
default vesamenu.c32
timeout 300

# the lab's own
label six
    menu label Install six for the lab
    kernel /yum/CentOS6.8/images/pxeboot/vmlinuz
    append initrd=/yum/CentOS6.8/images/pxeboot/initrd.img ks=http://a/yum/CentOS6.8/ks-lab.cfg ksdevice=eth0

LABEL Install ESXI for us
    MENU Install ESXI for us
    kernel /esxi/5.5/mboot.c32
    append -c /esxi/5.5/boot.cfg ks=http://a/esxi/5.5/ks.cfg 

label local
    menu label Boot from local drive
    menu default
    localboot 0xffff
";

/// Copies what a shell's `*` finds in `from`: at the top, no name with a dot; modes as a mounted
/// disc has them, times as of now.
fn copy(from: &Path, to: &Path, top: bool) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("readable");
        let name = entry.file_name();
        // The discs' tables for readers without long names would only be more files by hand.
        if top && name.to_string_lossy().starts_with('.') || name == "TRANS.TBL" {
            continue;
        }
        let (from, to) = (entry.path(), to.join(&name));
        if entry.file_type().expect("known").is_dir() {
            copy(&from, &to, false);
            continue;
        }
        fs::write(&to, fs::read(&from).expect("read")).expect("written");
        fs::set_permissions(&to, fs::Permissions::from_mode(0o444)).expect("set");
    }
}

/// A tree by hand at `target` from these discs, and the link to it by its absolute path.
pub(crate) fn by_hand(site: &Site, target: &str, discs: &[&str], top: bool) {
    let mut line = vec!["extract"];
    line.extend(discs);
    line.extend(["--to", "mnt"]);
    site.done(&line);
    copy(&site.path("mnt"), &site.root("wwwroot").join(target), top);
    fs::remove_dir_all(site.path("mnt")).expect("removed");
    let first = target.split('/').next().expect("a name");
    fs::create_dir_all(site.root("wwwroot/pxefiles")).expect("made");
    let to = site.root("wwwroot").join(first).canonicalize().expect("there");
    symlink(to, site.root("wwwroot/pxefiles").join(first)).expect("a link");
}

/// Both DVDs copied by hand, with a kickstart and the menu.
fn centos_by_hand(top: bool) -> (Site, [&'static str; 2]) {
    let site = Site::new();
    let discs = [site.disc(centos::dvd1), site.disc(centos::dvd2)];
    by_hand(&site, "yum/CentOS6.8", &discs, top);
    site.write(&format!("root/{TREE}/ks-lab.cfg"), "install\n");
    site.write(&format!("root/{MENU}"), OWN);
    (site, discs)
}

pub(crate) fn paths(list: &serde_json::Value) -> Vec<&str> {
    list.as_array()
        .expect("a list")
        .iter()
        .map(|one| one["path"].as_str().expect("a path"))
        .collect()
}

/// The files of a tree with their bytes, but for those that are `left_out`.
fn files(site: &Site, tree: &str, left_out: &[&str]) -> State {
    let mut state = state(&site.root(tree));
    state.values_mut().for_each(|(mode, _)| *mode = 0);
    for path in left_out {
        assert!(state.remove(*path).is_some(), "{path}");
    }
    state
}

#[test]
fn an_import_over_a_tree_by_hand_is_refused_and_names_adopt() {
    let (site, [dvd1, dvd2]) = centos_by_hand(true);
    let before = state(&site.root(""));
    let error = site.fails(1, &["--server", "a", "centos6.8", dvd1, dvd2]);
    assert!(error.contains("'pxe-import adopt centos6.8 ISO...'"), "{error}");
    assert_still(&site.root(""), &before);
}

#[test]
fn what_differs_is_listed_and_nothing_changed() {
    let (site, [dvd1, dvd2]) = centos_by_hand(true);
    site.write(&format!("root/{TREE}/EULA2"), "by hand\n");
    fs::remove_file(site.root(TREE).join("GPL")).expect("removed");
    site.write(&format!("root/{TREE}/GPL"), "another licence\n");
    fs::remove_file(site.root(TREE).join("CentOS_BuildTag")).expect("removed");
    fs::create_dir(site.root(TREE).join("CentOS_BuildTag")).expect("made");
    let before = state(&site.root(""));
    for dry in [&["--dry-run"][..], &[]] {
        let line = [dry, &["adopt", "--server", "a", "centos6.8", dvd1, dvd2]].concat();
        let ran = site.run(&line);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.stdout.contains("give --repair to mend them from the discs"), "{ran:?}");
        for line in [
            "missing     .treeinfo",
            "missing     .discinfo",
            "differs     GPL",
            "other type  CentOS_BuildTag",
            "yours       EULA2",
            "yours       ks-lab.cfg",
        ] {
            assert!(ran.stdout.contains(&format!("  {line}\n")), "{line}: {ran:?}");
        }
        assert_eq!(ran.stdout.matches("  missing").count(), 2, "{ran:?}");
        assert_eq!(ran.stdout.matches("  differs").count(), 1, "{ran:?}");
    }
    let quiet = site.run(&["adopt", "--quiet", "--server", "a", "centos6.8", dvd1, dvd2]);
    assert_eq!((quiet.code, quiet.stdout.as_str()), (Some(1), ""));
    assert!(quiet.stderr.contains(".treeinfo"), "{quiet:?}");
    // The lock is all that an attempt may leave.
    fs::remove_dir_all(site.root(".pxe-import")).ok();
    assert_still(&site.root(""), &before);
}

#[test]
fn a_tree_that_is_as_on_the_discs_is_adopted_as_it_is() {
    let (site, [dvd1, dvd2]) = centos_by_hand(false);
    let before = state(&site.root(TREE));
    let inode = |path: &str| {
        std::os::unix::fs::MetadataExt::ino(
            &fs::metadata(site.root(TREE).join(path)).expect("there"),
        )
    };
    let kernel = inode("images/pxeboot/vmlinuz");
    let line = ["adopt", "--server", "a", "centos6.8", dvd1, dvd2];
    let report = site.json(&[&line[..], &["--dry-run"]].concat());
    assert_eq!(report["adopted"], true);
    assert!(!site.root(".pxe-import/centos6.8.json").exists());

    let report = site.json(&line);
    assert_still(&site.root(TREE), &before);
    assert_eq!(inode("images/pxeboot/vmlinuz"), kernel);
    assert_eq!(report["adopted"], true);
    assert_eq!(report["repaired"], false);
    assert_eq!(report["differences"], serde_json::json!([]));
    assert_eq!(paths(&report["foreign"]), ["ks-lab.cfg"]);
    assert_eq!(report["taken"]["label"], "six");
    assert_eq!(report["taken"]["line"], 5);
    assert_eq!(report["taken"]["args"][0], "ks=http://a/yum/CentOS6.8/ks-lab.cfg");
    assert!(!site.root(".pxe-import/centos6.8.next").exists());

    // The administrator's label is ours, in its place, and says what it said.
    let expected = OWN
        .replace("label six\n", "# pxe-import begin centos6.8\nlabel centos6.8\n")
        .replace("ksdevice=eth0\n", "ksdevice=eth0\n# pxe-import end centos6.8\n");
    assert_eq!(site.read(MENU), expected);

    // It is an import from now on: nothing of it is taken for edited.
    for quick in [&["--quick"][..], &[]] {
        let report = site.json(&[&["check", "centos6.8"], quick].concat());
        let faults = report["findings"].to_string();
        assert!(!faults.contains("\"fault\"") && !faults.contains("file-"), "{faults}");
    }
    let error = site.fails(1, &line);
    assert!(error.contains("is the import centos6.8 already"), "{error}");
    let report = site.json(&["remove", "centos6.8"]);
    assert_eq!(paths(&report["kept"]), ["ks-lab.cfg"]);
    assert!(!site.read(MENU).contains("centos6.8"), "{}", site.read(MENU));
    assert!(site.root("wwwroot/pxefiles/yum").is_symlink(), "the administrator's own link");
}

#[test]
fn the_manifest_of_an_adopted_tree_is_that_of_an_import() {
    let (site, [dvd1, dvd2]) = centos_by_hand(false);
    site.done(&["adopt", "--no-menu", "--server", "a", "centos6.8", dvd1, dvd2]);
    assert_eq!(site.read(MENU), OWN);
    let other = Site::new();
    let discs = [other.disc(centos::dvd1), other.disc(centos::dvd2)];
    other.done(&["--server", "a", "centos6.8", discs[0], discs[1]]);
    assert_eq!(site.read(".pxe-import/centos6.8.b3"), other.read(".pxe-import/centos6.8.b3"));
    // Importing again gives what a first import would have given, and what was by hand.
    let ran = site.done(&["--no-menu", "--server", "a", "centos6.8", dvd1, dvd2]);
    assert!(!ran.stderr.contains("edited"), "{}", ran.stderr);
    assert!(files(&site, TREE, &["ks-lab.cfg"]) == files(&other, TREE, &[]));
}

#[test]
fn repair_mends_from_the_discs_and_keeps_what_was_by_hand() {
    let (site, [dvd1, dvd2]) = centos_by_hand(true);
    fs::remove_file(site.root(TREE).join("GPL")).expect("removed");
    site.write(&format!("root/{TREE}/GPL"), "another licence\n");
    let line = ["adopt", "--repair", "--server", "a", "centos6.8", dvd1, dvd2];
    let before = state(&site.root(""));
    let ran = site.done(&[&line[..], &["--dry-run"]].concat());
    assert!(ran.stdout.contains("would mend 3 paths from the discs:\n"), "{ran:?}");
    assert_still(&site.root(""), &before);

    let ran = site.done(&line);
    assert!(ran.stdout.contains("mended 3 paths from the discs:\n"), "{ran:?}");
    assert!(ran.stderr.contains("GPL: differs from the discs: kept as GPL.pxe-save"), "{ran:?}");
    assert_eq!(site.read(&format!("{TREE}/GPL.pxe-save")), "another licence\n");
    assert_eq!(site.read(&format!("{TREE}/ks-lab.cfg")), "install\n");
    assert!(site.read(&format!("{TREE}/.treeinfo")).contains("6.8"));
    assert!(
        site.read(MENU).contains("\nlabel centos6.8\n    menu label Install six for the lab\n")
    );
    site.assert_nothing_staged();

    let other = Site::new();
    let discs = [other.disc(centos::dvd1), other.disc(centos::dvd2)];
    other.done(&["--server", "a", "centos6.8", discs[0], discs[1]]);
    let now = files(&site, TREE, &["GPL.pxe-save", "ks-lab.cfg"]);
    assert!(now == files(&other, TREE, &[]));
}

#[test]
fn without_a_label_of_the_administrators_an_entry_is_added() {
    let (site, [dvd1, dvd2]) = centos_by_hand(false);
    site.write(&format!("root/{MENU}"), "default x\nlabel x\n");
    let report = site.json(&["adopt", "--server", "a", "centos6.8", dvd1, dvd2]);
    assert_eq!(report["taken"], serde_json::Value::Null);
    assert!(site.read(MENU).starts_with("default x\nlabel x\n\n# pxe-import begin centos6.8\n"));
    assert!(site.read(MENU).contains("menu label Install CentOS 6.8"), "{}", site.read(MENU));
}

#[test]
fn other_labels_stay_and_a_default_that_named_the_label_is_told() {
    let (site, [dvd1, dvd2]) = centos_by_hand(false);
    let second = "label seven\n    kernel yum/CentOS6.8/isolinux/vmlinuz\n\nlabel local\n";
    let own = OWN.replace("default vesamenu.c32", "default six").replace("label local\n", second);
    site.write(&format!("root/{MENU}"), &own);
    let ran = site.done(&["adopt", "--server", "a", "--label", "Six", "centos6.8", dvd1, dvd2]);
    assert!(ran.stderr.contains("your label seven leads into this tree as well"), "{ran:?}");
    assert!(ran.stderr.contains("line 1 names your label six, which is centos6.8 now"), "{ran:?}");
    let menu = site.read(MENU);
    assert!(menu.contains("label seven\n    kernel yum"), "{menu}");
    assert!(menu.contains("label centos6.8\n    menu label Six\n"), "{menu}");
}

#[test]
fn a_single_image_is_adopted_and_another_in_its_place_is_kept_beside_it() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    let target = site.root("wwwroot/windows/win8pe.iso");
    fs::create_dir_all(target.parent().expect("a name")).expect("made");
    fs::copy(site.path(iso), &target).expect("copied");
    let report = site.json(&["adopt", "win8pe", iso]);
    assert_eq!(report["differences"], serde_json::json!([]));
    site.done(&["remove", "win8pe"]);
    assert!(!target.exists());
    site.write("root/wwwroot/windows/win8pe.iso", "another\n");
    let ran = site.run(&["adopt", "win8pe", iso]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("differs     wwwroot/windows/win8pe.iso\n"), "{ran:?}");
    site.done(&["adopt", "win8pe", iso, "--repair"]);
    assert_eq!(fs::read(&target).expect("read"), fs::read(site.path(iso)).expect("read"));
    assert_eq!(site.read("wwwroot/windows/win8pe.iso.pxe-save"), "another\n");
}

#[test]
fn there_must_be_a_tree_and_no_link() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let error = site.fails(1, &["adopt", "esxi5.5", iso]);
    assert!(error.contains("wwwroot/esxi/5.5: is not there"), "{error}");
    assert!(!site.root("").exists());
    by_hand(&site, "esxi/other", &[iso], false);
    symlink("other", site.root("wwwroot/esxi/5.5")).expect("a link");
    let before = state(&site.root("wwwroot"));
    for repair in [&["--repair"][..], &[]] {
        let line = [&["adopt"][..], repair, &["esxi5.5", iso]].concat();
        let error = site.fails(1, &line);
        assert!(error.contains("is a link"), "{error}");
        assert_still(&site.root("wwwroot"), &before);
    }
}

#[test]
fn a_kill_at_any_step_leaves_a_tree_by_hand_or_an_import() {
    for repair in [false, true] {
        let (site, [dvd1, dvd2]) = centos_by_hand(repair);
        let other = site.disc(esxi::esxi55);
        let mut line = vec!["adopt", "--server", "a", "centos6.8", dvd1, dvd2];
        line.extend(repair.then_some("--repair"));
        fs::create_dir(site.path("saved")).expect("made");
        let whole = |from: &str, to: &str| {
            let done =
                Command::new("cp").arg("-a").arg(site.path(from)).arg(site.path(to)).status();
            assert!(done.expect("cp").success());
        };
        whole("root", "saved/root");
        // The link by hand is absolute, and leads to the same place in every round.
        let (mut by_hand, mut adopted) = (0, 0);
        for n in (1..).step_by(if repair { 7 } else { 1 }) {
            let Some(done) = site.killed_at(n, &line) else {
                eprintln!("skipped: needs strace");
                return;
            };
            site.done(&["esxi5.5", other]);
            let record = site.root(".pxe-import/centos6.8.json").exists();
            assert!(!site.root(".pxe-import/centos6.8.next").exists(), "{n}");
            let menu = site.read(MENU);
            assert_eq!(menu.contains("\nlabel six\n"), !record, "{n}: {menu}");
            assert_eq!(menu.contains("\nlabel centos6.8\n"), record, "{n}: {menu}");
            assert_eq!(site.read(&format!("{TREE}/ks-lab.cfg")), "install\n");
            assert_eq!(site.root(TREE).join(".treeinfo").exists(), record || !repair, "{n}");
            match record {
                true => {
                    adopted += 1;
                    site.fails(1, &line);
                }
                false => {
                    by_hand += 1;
                    site.done(&line);
                }
            }
            site.done(&["remove", "centos6.8"]);
            assert_eq!(fs::read_dir(site.root(TREE)).expect("there").count(), 1, "{n}");
            fs::remove_dir_all(site.root("")).expect("removed");
            whole("saved/root", "root");
            if done {
                break;
            }
        }
        assert!(by_hand > 0 && adopted > 3, "{by_hand} {adopted}");
    }
}
