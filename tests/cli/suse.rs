//! openSUSE Leap 15: linuxrc, and what it needs of the tree.

use pxe_import_fixtures::family::suse;

use crate::site::{MENU, Site};

const URL: &str = "http://192.168.4.6/suse/openSUSE-Leap15.6";

#[test]
fn an_autoyast_profile_is_given_to_linuxrc_and_the_sums_of_the_disc_are_checked() {
    let site = Site::new();
    site.write("autoinst.xml", "<?xml version=\"1.0\"?>\n<profile xmlns=\"http://www.suse.com/1.0/yast2ns\">\n</profile>\n");
    let iso = site.disc(suse::leap_15_6);
    let report = site.json(&[
        "--server",
        "192.168.4.6",
        "leap15.6",
        iso,
        "--answer",
        "autoinst.xml",
        "--answer-mode",
        "640",
    ]);
    assert_eq!(report["warnings"], serde_json::json!([]));
    assert!(report["verified"].to_string().contains("CHECKSUMS"), "{:#}", report["verified"]);
    let menu = site.read(MENU);
    let args = format!("install={URL} netsetup=dhcp autoyast={URL}/autoinst.xml\n    IPAPPEND 2\n");
    assert!(menu.contains(&args), "{menu}");
    site.done(&["entry", "add", "leap15.6", "text", "--boot", "text"]);
    let menu = site.read(MENU);
    assert!(menu.contains(&format!("install={URL} netsetup=dhcp textmode=1\n")), "{menu}");
}

#[test]
fn a_disc_without_the_installers_root_is_said_to_be_incomplete() {
    let site = Site::new();
    site.changed("net.iso", suse::leap_15_6, |tree, options| {
        tree.remove("boot/x86_64/root");
        options.volume.volume_id = "openSUSE-Leap-15.6-NET-x86_64-Bu".into();
    });
    let ran = site.done(&["--server", "192.168.4.6", "--no-media-check", "leap15.6", "net.iso"]);
    assert!(
        ran.stderr.contains("boot/x86_64/root") && ran.stderr.contains("import the DVD"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("openSUSE-Leap15.6-net"), "{}", ran.stdout);
}

#[test]
fn a_name_of_another_release_is_refused() {
    let site = Site::new();
    let iso = site.disc(suse::leap_15_6);
    let error = site.fails(1, &["--server", "192.168.4.6", "opensuse-leap15.5", iso]);
    assert!(error.contains("openSUSE Leap 15.6"), "{error}");
    assert!(site.fails(1, &["--server", "192.168.4.6", "sles15", iso]).contains("sles15"));
}
