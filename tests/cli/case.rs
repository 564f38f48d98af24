//! Names that differ in letter case only, which Windows clients cannot tell apart.

use pxe_import_fixtures::family::centos;

use crate::site::Site;

/// Discs of which the second calls a directory of the first by other letters, and has two such
/// names itself.
fn discs(site: &Site) -> [&'static str; 2] {
    let first = site.disc(centos::dvd1);
    site.changed("DVD2.iso", centos::dvd2, |tree, _| {
        tree.text("PACKAGES/more.txt", "more\n");
        tree.text("notes/Readme", "one\n");
        tree.text("notes/README", "other\n");
    });
    [first, "DVD2.iso"]
}

#[test]
fn import_and_extract_name_them_and_samba_and_keep_both() {
    let site = Site::new();
    let [first, second] = discs(&site);
    let import = site.done(&["--server", "a", "centos6.8", first, second]);
    let extract = site.done(&["extract", "--to", "out", first, second]);
    for (ran, tree) in [(import, "root/wwwroot/yum/CentOS6.8"), (extract, "out")] {
        let mut told: Vec<_> =
            ran.stderr.lines().filter(|line| line.contains("in letter case only")).collect();
        told.sort_unstable();
        // One disc's names come in the disc's own order.
        let [dir, file] = told[..] else { panic!("{}", ran.stderr) };
        assert_eq!(
            dir,
            "warning: PACKAGES: differs from 'Packages' of image 1 in letter case only: over Samba \
             one hides the other with all that is in it"
        );
        assert!(file.starts_with("warning: notes/R") && file.contains("differs from 'R"), "{file}");
        assert!(file.ends_with("in letter case only: over Samba one hides the other"), "{file}");
        for path in ["PACKAGES/more.txt", "Packages", "notes/Readme", "notes/README"] {
            assert!(site.path(tree).join(path).exists(), "{path}");
        }
    }
}

#[test]
fn a_single_disc_is_looked_at_too_and_quiet_does_not_hide_it() {
    let site = Site::new();
    let [_, second] = discs(&site);
    let ran = site.done(&["--quiet", "extract", "--to", "out", second]);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr.matches("over Samba one hides the other").count(), 2, "{}", ran.stderr);
}
