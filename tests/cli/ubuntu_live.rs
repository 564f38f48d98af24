//! Ubuntu's live server: the image beside its tree.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use pxe_import_fixtures::family::{Disc, Size, ubuntu, ubuntu_live};
use serde_json::Value;

use crate::listing::{assert_holds, assert_still, listing, state};
use crate::site::{MENU, Site};

pub(crate) const TREE: &str = "wwwroot/apt/ubuntu22.04";
pub(crate) const NAME: &str = "ubuntu22.04";
pub(crate) const USER_DATA: &str = "#cloud-config\nautoinstall:\n  version: 1\n";
pub(crate) const URL: &str = "http://192.168.4.6/apt/ubuntu22.04";

/// A site of the server 192.168.4.6 with the disc of 22.04, its name, and a user-data file.
pub(crate) fn site() -> (Site, &'static str) {
    let site = Site::new();
    site.write("root/pxe-import.toml", "server = \"192.168.4.6\"\n");
    site.write("my.yaml", USER_DATA);
    let iso = site.disc(ubuntu_live::live_2204);
    site.chmod(iso, 0o644);
    (site, iso)
}

fn inode(path: impl AsRef<Path>) -> u64 {
    fs::metadata(path).expect("there").ino()
}

pub(crate) fn assert_checked(site: &Site) {
    let checked = site.run(&["check", "--json"]);
    let report: Value = serde_json::from_str(&checked.stdout).expect("JSON");
    assert_eq!(report["imports"][0]["state"], "ok", "{report:#}");
}

/// The block of a label.
pub(crate) fn block(site: &Site, label: &str) -> String {
    let menu = site.read(MENU);
    let block = menu.split(&format!("# pxe-import begin {label}\n")).nth(1).expect("a block");
    block.split("# pxe-import end").next().unwrap_or_default().to_owned()
}

#[test]
fn each_release_boots_from_its_image() {
    for (build, version) in [
        (ubuntu_live::live_2004 as fn(Size) -> Disc, "20.04"),
        (ubuntu_live::live_2204, "22.04"),
        (ubuntu_live::live_2404, "24.04"),
    ] {
        let site = Site::new();
        let iso = site.disc(build);
        let (name, dir) = (format!("ubuntu{version}"), format!("apt/ubuntu{version}"));
        let ran = site.done(&["--server", "192.168.4.6", &name, iso]);
        assert_eq!(ran.stderr, "");
        let tree = build(Size::Small).tree;
        let top = site.root(format!("wwwroot/{dir}"));
        assert_holds(&top, &tree, &["install.iso"], &["isolinux/boot.cat", "boot.catalog"]);
        assert!(
            fs::read(top.join("install.iso")).expect("there")
                == fs::read(site.path(iso)).expect("there")
        );
        assert_ne!(inode(top.join("install.iso")), inode(site.path(iso)));
        let block = block(&site, &name);
        let append = format!(
            "append initrd=/{dir}/casper/initrd root=/dev/ram0 ramdisk_size=1500000 ip=dhcp \
             url=http://192.168.4.6/{dir}/install.iso cloud-config-url=/dev/null\n    IPAPPEND 2\n"
        );
        assert!(block.contains(&append), "{block}");
        assert!(block.contains(" LTS amd64 (2.5 GiB RAM)\n"), "{block}");
        assert_checked(&site);
        let sums = site.read(&format!(".pxe-import/{name}.b3"));
        assert!(sums.contains("  install.iso\n"), "{sums}");
    }
}

#[test]
fn the_report_says_how_much_memory_a_client_needs() {
    let (site, iso) = site();
    let size = fs::metadata(site.path(iso)).expect("there").len();
    assert_eq!(site.json(&[NAME, iso])["ram"], size + (2 << 30));
}

#[test]
fn live_18_04_is_a_tree_without_an_entry_and_without_its_image() {
    let site = Site::new();
    let iso = site.disc(ubuntu_live::live_1804);
    let ran = site.done(&["--server", "192.168.4.6", "ubuntu18.04", iso]);
    assert!(
        ran.stderr.contains("ubuntu-18.04.6-server-amd64.iso, not live-server"),
        "{}",
        ran.stderr
    );
    assert!(site.root("wwwroot/apt/ubuntu18.04/casper/vmlinuz").exists());
    assert!(!site.root("wwwroot/apt/ubuntu18.04/install.iso").exists());
    assert!(!site.root(MENU).exists());
    let error = site.fails(2, &["--server", "192.168.4.6", "--link-iso", "ubuntu18.04", iso]);
    assert!(error.contains("--link-iso: ") && error.contains("leave it out"), "{error}");
}

#[test]
fn the_newer_kernel_is_asked_for_by_its_name() {
    let (site, iso) = site();
    site.done(&[NAME, iso]);
    site.done(&["entry", "add", NAME, "hwe", "--boot", "hwe", "--answer", "my.yaml"]);
    let block = block(&site, "hwe");
    assert!(block.contains("kernel /apt/ubuntu22.04/casper/hwe-vmlinuz\n"), "{block}");
    assert!(block.contains("initrd=/apt/ubuntu22.04/casper/hwe-initrd "), "{block}");
    let seed =
        format!("autoinstall ds=nocloud-net;s={URL}/answers/hwe/ cloud-config-url=/dev/null");
    assert!(block.contains(&seed), "{block}");
    assert!(block.contains("HWE (2.5 GiB RAM)"), "{block}");
    assert_checked(&site);
}

#[test]
fn a_second_import_writes_nothing_whether_the_image_is_a_copy_or_a_link() {
    for link in [&[][..], &["--link-iso"]] {
        let (site, iso) = site();
        let line = [&[NAME, iso, "--answer", "my.yaml"], link].concat();
        site.done(&line);
        let before = (state(&site.root("")), listing(&site.root(TREE)));
        let same = |site: &Site| inode(site.root(TREE).join("install.iso"));
        let stamp = |site: &Site| {
            let meta = fs::metadata(site.path(iso)).expect("there");
            (meta.ino(), meta.mode(), meta.mtime(), meta.mtime_nsec(), meta.len())
        };
        let (image, source) = (same(&site), stamp(&site));
        assert_eq!(image == inode(site.path(iso)), !link.is_empty());
        let report = site.json(&line);
        // The answer file alone, which has no time that would tell of it.
        assert_eq!(report["written"], USER_DATA.len(), "{report:#}");
        assert_still(&site.root(""), &before.0);
        assert_eq!((listing(&site.root(TREE)), same(&site)), (before.1, image));
        assert_eq!(stamp(&site), source);
        assert_checked(&site);
    }
}

#[test]
fn a_linked_image_is_never_touched() {
    let (site, iso) = site();
    site.chmod(iso, 0o640);
    let stamp = |site: &Site| {
        let meta = fs::metadata(site.path(iso)).expect("there");
        (meta.ino(), meta.mode(), meta.mtime(), meta.mtime_nsec(), meta.len(), meta.uid())
    };
    let bytes = fs::read(site.path(iso)).expect("there");
    let before = stamp(&site);
    let ran = site.done(&[NAME, iso, "--link-iso"]);
    assert!(ran.stderr.contains("may not be read by others"), "{}", ran.stderr);
    let live = site.root(TREE).join("install.iso");
    assert_eq!(inode(&live), before.0);
    let checked = site.run(&["check"]);
    assert!(checked.stdout.contains("install.iso"), "{}", checked.stdout);
    site.chmod(iso, 0o644);
    let before = stamp(&site);
    site.done(&[NAME, iso, "--link-iso"]);
    site.done(&["entry", "add", NAME, "two", "--answer", "my.yaml"]);
    site.done(&["render"]);
    assert_eq!((inode(&live), stamp(&site)), (before.0, before));
    // A copy next, in the place of the link.
    site.done(&[NAME, iso]);
    assert_ne!(inode(&live), before.0);
    assert_eq!(stamp(&site), before);
    site.done(&[NAME, iso, "--link-iso", "--no-reuse"]);
    assert_eq!((inode(&live), stamp(&site)), (before.0, before));
    site.done(&["remove", NAME]);
    assert!(!live.exists());
    assert_eq!(stamp(&site), before);
    assert!(fs::read(site.path(iso)).expect("there") == bytes);
}

#[test]
fn an_option_that_links_an_image_is_refused_where_none_is_kept() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    let error = site.fails(2, &["--server", "192.168.4.6", "--link-iso", "ubuntu16.04", iso]);
    assert!(error.contains("does not boot from its whole image"), "{error}");
    assert!(!site.root("wwwroot").exists());
}

#[test]
fn refresh_links_what_the_settings_say_is_linked() {
    let (site, iso) = site();
    site.write(
        "root/pxe-import.toml",
        format!(
            "server = \"192.168.4.6\"\n[[media]]\nname = \"{NAME}\"\nimages = [\"../{iso}\"]\n\
             link-iso = true\nanswer = \"../my.yaml\"\n"
        ),
    );
    let refresh = ["refresh", "--settle", "0"];
    site.done(&refresh);
    let live = site.root(TREE).join("install.iso");
    assert_eq!(inode(&live), inode(site.path(iso)));
    let before = state(&site.root("wwwroot"));
    site.done(&refresh);
    assert_still(&site.root("wwwroot"), &before);
    // Other answers are another import.
    site.write("my.yaml", format!("{USER_DATA}  locale: C\n"));
    site.done(&refresh);
    let published = site.read(&format!("{TREE}/answers/{NAME}/user-data"));
    assert!(published.ends_with("locale: C\n"), "{published}");
    assert_eq!(inode(&live), inode(site.path(iso)));
    assert_checked(&site);
}

#[test]
fn an_image_or_a_seed_that_is_gone_is_a_fault_of_the_menu() {
    let (site, iso) = site();
    site.done(&[NAME, iso, "--answer", "my.yaml"]);
    for gone in ["install.iso", "answers/ubuntu22.04/user-data"] {
        let path = site.root(TREE).join(gone);
        let aside = site.path("aside");
        fs::rename(&path, &aside).expect("moved");
        let checked = site.run(&["check"]);
        assert_eq!(checked.code, Some(1), "{}", checked.stdout);
        assert!(checked.stdout.contains(gone), "{gone}: {}", checked.stdout);
        fs::rename(&aside, &path).expect("moved");
    }
    assert_checked(&site);
}

#[test]
fn a_tree_by_hand_is_adopted_with_its_image_and_mended_without() {
    for (with, linked) in [(true, false), (false, false), (false, true)] {
        let (site, iso) = site();
        let tree = site.root(TREE);
        fs::create_dir_all(tree.parent().expect("above")).expect("made");
        let tree = tree.to_str().expect("UTF-8");
        site.done(&["extract", iso, "--to", tree]);
        if with {
            fs::copy(site.path(iso), site.root(TREE).join("install.iso")).expect("copied");
            site.done(&["adopt", NAME, iso]);
        } else {
            let ran = site.run(&["adopt", NAME, iso]);
            assert_eq!(ran.code, Some(1), "{}", ran.stdout);
            assert!(ran.stdout.contains("install.iso"), "{}", ran.stdout);
            let link: &[&str] = if linked { &["--link-iso"] } else { &[] };
            site.done(&[&["adopt", NAME, iso, "--repair"], link].concat());
            let same = inode(site.root(TREE).join("install.iso")) == inode(site.path(iso));
            assert_eq!(same, linked);
        }
        assert_checked(&site);
    }
}

#[test]
fn a_disc_with_a_file_in_the_images_place_is_refused_with_what_to_do() {
    let site = Site::new();
    site.changed("odd.iso", ubuntu_live::live_2404, |tree, _| {
        tree.text("install.iso", "x");
    });
    let line = ["--server", "192.168.4.6", "--no-media-check", "ubuntu24.04", "odd.iso"];
    let error = site.fails(1, &line);
    assert!(error.contains("install.iso: ") && error.contains("keep-image"), "{error}");
    assert!(!site.root("wwwroot/apt").join("ubuntu24.04").exists());
}
