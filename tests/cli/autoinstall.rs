//! Autoinstall's answers: a seed for cloud-init in a directory of its own.

use std::fs;
use std::process::Command;

use crate::site::{MENU, Site};
use crate::ubuntu_live::{NAME, TREE, URL, USER_DATA, assert_checked, block, site};

#[test]
fn an_answer_file_is_a_seed_with_an_empty_meta_data() {
    let (site, iso) = site();
    let report = site.json(&[NAME, iso, "--answer", "my.yaml"]);
    let seed = format!("{URL}/answers/{NAME}/");
    assert_eq!(report["answer"], seed);
    let dir = format!("{TREE}/answers/{NAME}");
    assert_eq!(site.names(&format!("root/{dir}")), ["meta-data", "user-data"]);
    assert_eq!(site.read(&format!("{dir}/user-data")), USER_DATA);
    assert_eq!(site.read(&format!("{dir}/meta-data")), "");
    let block = block(&site, NAME);
    assert!(
        block.contains(&format!(
            " autoinstall ds=nocloud-net;s={seed} cloud-config-url=/dev/null\n"
        )),
        "{block}"
    );
    let uefi = site.read("wwwroot/pxefiles/uefi.ipxe");
    assert!(uefi.contains(&format!(" ds=nocloud-net;s={seed} ")), "{uefi}");
    assert_checked(&site);
    assert_eq!(site.done(&["answer", NAME]).stdout, USER_DATA);
    // What is missing of it is a fault.
    fs::remove_file(site.root(format!("{dir}/meta-data"))).expect("there");
    let checked = site.run(&["check"]);
    assert_eq!(checked.code, Some(1));
    assert!(checked.stdout.contains("meta-data"), "{}", checked.stdout);
    site.done(&["render"]);
    assert_checked(&site);
}

#[test]
fn entries_with_seeds_are_added_renamed_and_removed_with_their_directories() {
    let (site, iso) = site();
    site.done(&[NAME, iso]);
    site.write("web.yaml", format!("{USER_DATA}  locale: C\n"));
    site.done(&["entry", "add", NAME, "web", "--answer", "web.yaml", "--answer-mode", "0640"]);
    site.done(&["entry", "add", NAME, "db", "--answer", "my.yaml"]);
    let answers = format!("root/{TREE}/answers");
    assert_eq!(site.names(&answers), ["db", "web"]);
    assert_eq!(site.mode(&format!("{TREE}/answers/web/user-data")), 0o640);
    assert_eq!(site.mode(&format!("{TREE}/answers/web")), 0o755);
    assert_checked(&site);

    site.done(&["entry", "rename", "web", "www"]);
    assert_eq!(site.names(&answers), ["db", "www"]);
    assert_eq!(site.names(&format!("{answers}/www")), ["meta-data", "user-data"]);
    assert!(block(&site, "www").contains(&format!("s={URL}/answers/www/ ")));
    assert_checked(&site);

    // An import again keeps them.
    fs::remove_file(site.path("web.yaml")).expect("removed");
    site.done(&[NAME, iso]);
    assert!(site.read(&format!("{TREE}/answers/www/user-data")).ends_with("locale: C\n"));
    assert_checked(&site);

    site.done(&["entry", "remove", "db"]);
    assert_eq!(site.names(&answers), ["www"]);
    // What its owner has put there stays.
    site.write(&format!("{answers}/www/network-config"), "version: 2\n");
    site.done(&["entry", "remove", "www"]);
    assert_eq!(site.names(&format!("{answers}/www")), ["network-config"]);
    fs::remove_file(site.path(format!("{answers}/www/network-config"))).expect("removed");
    site.done(&["entry", "add", NAME, "www", "--answer", "my.yaml"]);
    site.done(&["entry", "remove", "www"]);
    assert!(!site.path(&answers).exists());
    assert_checked(&site);
    site.done(&["remove", NAME]);
    assert!(!site.root("wwwroot/apt").exists());
}

#[test]
fn user_data_that_cloud_init_would_not_know_is_refused() {
    let (site, iso) = site();
    for bad in ["autoinstall:\n  version: 1\n", "version: 1\n", "\u{feff}#cloud-config\n"] {
        site.write("bad.yaml", bad);
        let error = site.fails(1, &[NAME, iso, "--answer", "bad.yaml"]);
        assert!(
            error.contains("bad.yaml: ") && error.contains("so that cloud-init would ignore it"),
            "{error}"
        );
    }
    assert!(!site.root("wwwroot/apt").exists());
}

#[test]
fn a_template_answers_and_render_makes_it_again() {
    let (site, iso) = site();
    let hash = "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.";
    let line = [NAME, iso, "--answer", "template", "--answer-mode", "0640"];
    let ran = site.done(&[&line[..], &["--root-password-hash", hash]].concat());
    assert_eq!(ran.stderr, "");
    let path = format!("{TREE}/answers/{NAME}/user-data");
    let text = site.read(&path);
    assert!(text.starts_with("#cloud-config\n") && text.contains(hash), "{text}");
    assert!(text.contains("interactive-sections: [storage]"), "{text}");
    site.write(
        "root/pxe-import.toml",
        "server = \"192.168.4.6\"\n[answer.ubuntu]\ndisk = \"vda\"\n",
    );
    site.done(&["render"]);
    assert!(site.read(&path).contains("path: \"/dev/vda\"\n"), "{}", site.read(&path));
    assert_checked(&site);
}

#[test]
fn a_family_of_a_version_has_the_template_that_its_installer_reads() {
    let site = Site::new();
    site.write("root/pxe-import.toml", "server = \"192.168.4.6\"\n");
    let first = |args: &[&str]| {
        let text = site.done(&[&["answer"], args].concat()).stdout;
        text.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(first(&["ubuntu22.04"]), "#cloud-config");
    assert_eq!(first(&["ubuntu24.04.1"]), "#cloud-config");
    let by_name = ["ubuntu16.04", "--template", "autoinstall-ubuntu"];
    assert_eq!(first(&by_name), "#cloud-config");
    let kickstart = first(&["ubuntu16.04"]);
    assert!(kickstart.ends_with("from the template ks-ubuntu."), "{kickstart}");
}

#[test]
fn a_kill_at_any_step_leaves_a_seed_whole_or_not_there() {
    for (begin, last, there_before) in [("add", "web", false), ("remove", "web", true)] {
        let mut killed = 0;
        let (imported, iso) = site();
        imported.done(&[NAME, iso]);
        let add = ["entry", "add", NAME, last, "--answer", "my.yaml"];
        let remove = ["entry", "remove", last];
        if there_before {
            imported.done(&add);
        }
        for n in 1..60 {
            let site = Site::new();
            site.write("my.yaml", USER_DATA);
            let (from, to) = (imported.path("root"), site.path("root"));
            let copied = Command::new("cp").arg("-a").args([from, to]).status().expect("cp");
            assert!(copied.success());
            let line: &[&str] = if begin == "add" { &add } else { &remove };
            let Some(done) = site.killed_at(n, line) else {
                println!("skipped: needs strace");
                return;
            };
            if done {
                break;
            }
            killed += 1;
            // Any command that writes finishes or drops what was begun.
            site.done(&["entry", "add", NAME, "other"]);
            let there = site.read(MENU).contains("label web\n");
            let dir = site.root(TREE).join("answers");
            assert_eq!(dir.exists(), there, "{begin}, step {n}");
            assert_eq!(dir.join("web/meta-data").exists(), there, "{begin}, step {n}");
            assert_eq!(dir.join("web/user-data").exists(), there, "{begin}, step {n}");
            assert_checked(&site);
        }
        assert!(killed > 5, "{killed}");
    }
}
