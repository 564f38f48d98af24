//! `adopt`: ESXi by hand, with a boot.cfg that sed has gone over, and the tree of another release.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use pxe_import_fixtures::family::esxi;

use crate::adopt::{OWN, by_hand, paths};
use crate::listing::{assert_still, state};
use crate::site::{MENU, Site};

/// The three edits that are usual for ESXi by hand.
fn seds(boot_cfg: &Path) {
    for script in ["1a\\prefix=/esxi/5.5/", "6s/\\///g", "s/^kernel=.*$/kernel=tboot.b00/g"] {
        let done = Command::new("sed").args(["-i", script]).arg(boot_cfg).status().expect("sed");
        assert!(done.success());
    }
}

#[test]
fn a_boot_cfg_that_the_seds_went_over_twice_is_mended() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    by_hand(&site, "esxi/5.5", &[iso], true);
    let boot_cfg = site.root("wwwroot/esxi/5.5/boot.cfg");
    fs::set_permissions(&boot_cfg, fs::Permissions::from_mode(0o644)).expect("set");
    seds(&boot_cfg);
    let once = fs::read_to_string(&boot_cfg).expect("read");
    seds(&boot_cfg);
    let twice = fs::read_to_string(&boot_cfg).expect("read");
    assert_ne!(once, twice);
    site.write("root/wwwroot/esxi/5.5/ks.cfg", "accepteula\n");
    site.write(&format!("root/{MENU}"), OWN);

    let ran = site.run(&["adopt", "esxi5.5", iso, "--json"]);
    assert_eq!(ran.code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(report["adopted"], false);
    let differing = paths(&report["differences"]);
    assert!(differing.contains(&"boot.cfg"), "{differing:?}");

    let ran = site.done(&["adopt", "esxi5.5", iso, "--repair"]);
    let kept = "  with your arguments ks=http://a/esxi/5.5/ks.cfg\n";
    assert!(ran.stdout.ends_with(kept), "{}", ran.stdout);
    assert_eq!(site.read("wwwroot/esxi/5.5/boot.cfg"), once);
    assert_eq!(site.read("wwwroot/esxi/5.5/boot.cfg.pxe-save"), twice);
    assert_eq!(site.read("wwwroot/esxi/5.5/ks.cfg"), "accepteula\n");
    let menu = site.read(MENU);
    let block = "# pxe-import begin esxi5.5\nlabel esxi5.5\n    menu label Install ESXI for us\n    \
                 kernel /esxi/5.5/mboot.c32\n    append -c /esxi/5.5/boot.cfg \
                 ks=http://a/esxi/5.5/ks.cfg\n# pxe-import end esxi5.5\n    MENU Install ESXI for us\n";
    assert!(menu.contains(block), "{menu}");
    let report = site.json(&["check", "esxi5.5"]);
    assert!(!report["findings"].to_string().contains("\"fault\""), "{report}");
    // The next import keeps all of it, and the one after that.
    let before = state(&site.root("wwwroot"));
    for _ in 0..2 {
        site.done(&["esxi5.5", iso]);
        assert_still(&site.root("wwwroot"), &before);
    }
    // Until it is told otherwise, once and for all.
    site.done(&["esxi5.5", iso, "--arg", "other=1"]);
    let menu = site.read(MENU);
    assert!(menu.contains("append -c /esxi/5.5/boot.cfg other=1\n"), "{menu}");
    site.done(&["esxi5.5", iso]);
    assert!(!site.read(MENU).contains("esxi/5.5/ks.cfg"), "{}", site.read(MENU));
}

#[test]
fn the_tree_of_another_disc_is_not_mended_into_a_mixture() {
    let site = Site::new();
    let (old, new) = (site.disc(esxi::esxi55), site.disc(esxi::esxi70));
    fs::create_dir_all(site.root("wwwroot/esxi")).expect("made");
    site.done(&["extract", old, "--to", "root/wwwroot/esxi/5.5"]);
    let before = state(&site.root(""));
    for repair in [&[][..], &["--repair"]] {
        let line = [&["adopt", "esxi7.0", new, "--dir", "esxi/5.5"][..], repair].concat();
        let error = site.fails(1, &line);
        assert!(error.contains("is no tree of these discs"), "{error}");
        assert_still(&site.root(""), &before);
    }
    // What is left of a removal is no tree of anything: it stays beside.
    site.write("root/wwwroot/esxi/7.0/ks.cfg", "by hand\n");
    site.done(&["adopt", "esxi7.0", new, "--repair"]);
    assert_eq!(site.read("wwwroot/esxi/7.0/ks.cfg"), "by hand\n");
}
