//! What is no sound disc image: one error line that names it, and nothing written.

use std::fs;

use pxe_import_fixtures::Content;
use pxe_import_fixtures::family::{Format, Size, centos, esxi, ubuntu, windows, winpe};
use pxe_import_fixtures::iso9660::{self, Kind, RockRidge};

use crate::listing::{assert_still, state};
use crate::site::Site;

/// Imports, extracts and inspects `iso`, which must all fail with exit status 1 and one line that
/// holds `says`, without a trace on the disk.
#[track_caller]
fn refused(site: &Site, iso: &str, says: &str) {
    let before = site.names("");
    let import = ["--server", "a", "lab", iso];
    let extract = ["extract", iso, "--to", "to"];
    for line in [&import[..], &["--dry-run", "lab", iso], &extract, &["inspect", iso]] {
        let error = site.fails(1, line);
        assert!(error.contains(iso), "{line:?}: {error}");
        assert!(error.contains(says), "{line:?}: {error}");
        assert_eq!(site.names(""), before, "{line:?}");
    }
}

#[test]
fn what_is_no_image_is_refused() {
    let site = Site::new();
    site.write("notes.txt", "no image\n".repeat(10_000));
    site.write("short.txt", "no image\n");
    site.write("empty.iso", "");
    site.write("zeros.iso", vec![0; 1 << 20]);
    fs::create_dir(site.path("dir.iso")).expect("made");
    refused(&site, "notes.txt", "");
    refused(&site, "short.txt", "");
    refused(&site, "empty.iso", "empty");
    refused(&site, "zeros.iso", "");
    refused(&site, "dir.iso", "directory");
    refused(&site, "missing.iso", "No such file");
}

#[test]
fn a_compressed_download_is_named_as_what_it_is() {
    let site = Site::new();
    for (name, magic) in [
        ("a.iso.xz", &b"\xfd7zXZ\0"[..]),
        ("a.iso.gz", b"\x1f\x8b\x08\0"),
        ("a.iso.bz2", b"BZh91AY&SY"),
        ("a.iso.zst", b"\x28\xb5\x2f\xfd"),
        // The name does not matter.
        ("b.iso", b"\xfd7zXZ\0"),
    ] {
        site.write(name, [magic, &[0x5a; 100_000]].concat());
        refused(&site, name, "compressed");
    }
}

#[test]
fn a_truncated_image_is_refused_whatever_the_family() {
    let site = Site::new();
    for iso in [
        site.disc(centos::dvd1),
        site.disc(ubuntu::server),
        site.disc(esxi::esxi55),
        site.disc(winpe::win8pe),
        site.disc(windows::server_2008_r2),
    ] {
        let whole = fs::read(site.path(iso)).expect("an image");
        // The last sector of a UDF disc is a spare anchor, without which all else can be read.
        for len in [1, 32_768, 40_000, whole.len() / 2, whole.len() - 2049] {
            site.write("cut.iso", &whole[..len]);
            refused(&site, "cut.iso", "");
        }
    }
}

#[test]
fn a_truncated_second_disc_leaves_the_first_unpublished() {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    let whole = fs::read(site.path(dvd2)).expect("an image");
    site.write("cut.iso", &whole[..whole.len() / 2]);
    let error = site.fails(1, &["--server", "a", "centos6.8", dvd1, "cut.iso"]);
    assert!(error.starts_with("error: cut.iso: "), "{error}");
    assert!(!site.root("").exists());
}

#[test]
fn a_broken_directory_is_an_error_with_its_offset() {
    let site = Site::new();
    let disc = esxi::esxi55(Size::Small);
    let Format::Iso9660(options) = &disc.format else { panic!("no ISO 9660 disc") };
    let mut written = iso9660::write(&disc.tree, options);
    let at = written.record(Kind::Primary, "upgrade").offset;
    // A length below that of the fixed fields (ECMA-119 9.1).
    written.image.patch(at, &[5]);
    written.image.create(&site.path("bad.iso"), false).expect("an image");
    refused(&site, "bad.iso", &format!("corrupt at byte {at:#x}: "));
    let ran = site.run(&["inspect", "bad.iso", "--json"]);
    let failure: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(failure["error"]["offset"], at);
}

/// Compressed data that turn out to be broken when they are copied, after much else has been.
fn broken_file(site: &Site) {
    let mut disc = esxi::esxi55(Size::Small);
    let Format::Iso9660(options) = &mut disc.format else { panic!("no ISO 9660 disc") };
    options.rock_ridge = Some(RockRidge::default());
    let node = disc.tree.text("upgrade/zz.bin", "many words, many words\n".repeat(5_000));
    node.hints.zisofs = Some(15);
    let mut written = iso9660::write(&disc.tree, options);
    let record = written.record(Kind::Primary, "upgrade/zz.bin").offset;
    let block = written.image.read(record + 2, 4).try_into().expect("four bytes");
    let at = u64::from(u32::from_le_bytes(block)) * 2048;
    written.image.patch(at + 60, &[0xff; 40]);
    written.image.create(&site.path("bad.iso"), false).expect("an image");
}

#[test]
fn damage_that_shows_in_the_copy_leaves_nothing_behind() {
    let site = Site::new();
    broken_file(&site);
    let error = site.fails(1, &["esxi5.5", "bad.iso"]);
    assert!(error.starts_with("error: bad.iso: corrupt at byte 0x"), "{error}");
    site.assert_nothing_staged();
    assert!(!site.root("wwwroot/esxi/5.5").exists());
    assert!(!site.root("wwwroot/pxefiles/pxelinux.cfg/default").exists());
    assert!(!site.root(".pxe-import/esxi5.5.json").exists());
    site.fails(1, &["extract", "bad.iso", "--to", "to"]);
    assert_eq!(site.names(""), ["bad.iso", "root"]);
}

#[test]
fn a_failed_import_leaves_the_old_tree_and_menu_as_they_were() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let before = state(&site.root(""));
    broken_file(&site);
    site.fails(1, &["esxi5.5", "bad.iso"]);
    assert_still(&site.root(""), &before);
    site.write("bad.iso", "no image\n");
    site.fails(1, &["esxi5.5", "bad.iso"]);
    assert_still(&site.root(""), &before);
}

#[test]
fn a_file_that_reaches_behind_the_end_is_refused_before_the_copy() {
    let site = Site::new();
    let disc = esxi::esxi55(Size::Small);
    let Format::Iso9660(options) = &disc.format else { panic!("no ISO 9660 disc") };
    let mut tree = disc.tree.clone();
    tree.put("upgrade/big.bin", pxe_import_fixtures::Node::file(Content::random(1, 5000)));
    let mut written = iso9660::write(&tree, options);
    let record = written.record(Kind::Primary, "upgrade/big.bin").offset;
    let length = 0x4000_0000_u32;
    written.image.patch(record + 10, &[length.to_le_bytes(), length.to_be_bytes()].concat());
    written.image.create(&site.path("bad.iso"), false).expect("an image");
    refused(&site, "bad.iso", "at byte 0x");
}
