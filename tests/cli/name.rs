//! The NAME: what may be one, and whether it fits the disc.

use pxe_import_fixtures::family::{centos, esxi, ubuntu, winpe};

use crate::site::Site;

#[test]
fn a_name_that_contradicts_the_disc_is_refused_saying_what_the_disc_is() {
    let site = Site::new();
    let (dvd1, server) = (site.disc(centos::dvd1), site.disc(ubuntu::server));
    let (esxi, winpe) = (site.disc(esxi::esxi55), site.disc(winpe::win8pe));
    for (name, iso, is) in [
        ("centos6.9", dvd1, "CentOS 6.8"),
        ("centos7", dvd1, "CentOS 6.8"),
        ("ubuntu16.04", dvd1, "CentOS 6.8"),
        ("Ubuntu-16.04-dvd", dvd1, "CentOS 6.8"),
        ("centos6.8", server, "Ubuntu Server 16.04.4"),
        ("ubuntu14.04", server, "Ubuntu Server 16.04.4"),
        ("esxi5.1", esxi, "VMware ESXi 5.5.0"),
        ("esxi5.5", winpe, "Windows PE"),
        ("centos6.8", winpe, "Windows PE"),
    ] {
        let error = site.fails(1, &["--server", "a", name, iso]);
        assert!(error.starts_with(&format!("error: {iso}: ")), "{name}: {error}");
        assert!(error.contains(name) && error.contains(is), "{name}: {error}");
    }
    assert!(!site.root("").exists());
}

#[test]
fn a_name_fits_when_its_numbers_begin_the_discs_or_it_claims_nothing() {
    let site = Site::new();
    let (dvd1, winpe) = (site.disc(centos::dvd1), site.disc(winpe::win8pe));
    for name in ["centos6", "centos6.8", "CentOS-6.8", "centos6.8-ks2", "rack7", "lab", "el6"] {
        site.done(&["--dry-run", "--server", "a", name, dvd1]);
    }
    for name in ["win8pe", "windows10", "winpe5.1", "rescue"] {
        site.done(&["--dry-run", name, winpe]);
    }
    assert!(!site.root("").exists());
}

#[test]
fn what_is_no_name_is_a_usage_error() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    let long = "x".repeat(65);
    for name in ["", ".a", "a/b", "../a", "a b", "\u{e4}", "_a", &long] {
        let error = site.fails(2, &["import", name, iso]);
        assert!(error.contains("cannot be used"), "{name}: {error}");
    }
    assert!(!site.root("").exists());
}

#[test]
fn reserved_words_name_no_import() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    for word in ["serve", "publish", "status", "profiles"] {
        let error = site.fails(2, &[word, iso]);
        assert!(error.contains("reserved word"), "{word}: {error}");
    }
    for word in [
        "list", "check", "import", "extract", "help", "generate", "init", "entry", "host", "render",
    ] {
        let error = site.fails(2, &["import", word, iso]);
        assert!(error.contains("reserved word"), "{word}: {error}");
    }
    assert!(!site.root("").exists());
}

#[test]
fn a_lone_unknown_word_is_answered_with_what_was_meant() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    for (word, meant) in [
        ("inspcet", "did you mean 'inspect'?"),
        ("centos6.8", "did you mean 'pxe-import centos6.8 ISO...'?"),
        (iso, "an image needs a NAME before it"),
    ] {
        let ran = site.run(&[word]);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{word}");
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(meant), "{}", ran.stderr);
        assert!(ran.stderr.contains("--help"), "{}", ran.stderr);
    }
}

#[test]
fn the_word_import_may_be_said_and_options_may_stand_anywhere() {
    let site = Site::new();
    let iso = site.disc(winpe::win8pe);
    site.done(&["import", "win8pe", iso, "--root", "one"]);
    site.done(&["win8pe", "--root=two", iso]);
    site.done(&["--root", "three", "win8pe", iso]);
    for root in ["one", "two", "three"] {
        assert!(site.path(root).join("wwwroot/windows/win8pe.iso").exists(), "{root}");
    }
}
