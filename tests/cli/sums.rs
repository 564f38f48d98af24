//! Checksums: of whole images, implanted ones, and those that a disc lists of its files.

use std::fs;
use std::process::Command;

use pxe_import::sum::{Algorithm, Hasher};
use pxe_import_fixtures::family::{Size, centos, esxi, ubuntu};
use pxe_import_fixtures::{Content, Node};
use serde_json::{Value, json};

use crate::listing::{State, state};
use crate::site::Site;

/// The sum of a file beside the root.
fn sum(site: &Site, algorithm: Algorithm, name: &str) -> String {
    let mut hasher = Hasher::new(algorithm);
    hasher.update(&fs::read(site.path(name)).expect("an image"));
    hasher.finish().to_string()
}

/// The same digits but for the first.
fn other(sum: &str) -> String {
    let first = if sum.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", &sum[1..])
}

/// A copy of an image with one bit of the byte at `at` turned.
fn flipped(site: &Site, from: &str, name: &str, at: usize) {
    let mut bytes = fs::read(site.path(from)).expect("an image");
    bytes[at] ^= 1;
    site.write(name, bytes);
}

/// What has been verified, as `(image, by)`.
fn verified(report: &Value) -> Vec<(&str, &str)> {
    let list = report["verified"].as_array().expect("a list");
    list.iter()
        .map(|v| (v["image"].as_str().expect("text"), v["by"].as_str().expect("text")))
        .collect()
}

/// What is below the root, but for the lock, which tells who held it last, and directories.
fn published(site: &Site) -> State {
    let mut all = if site.root("").exists() { state(&site.root("")) } else { State::new() };
    all.retain(|path, _| !path.ends_with("/lock") && !site.root(path).is_dir());
    all
}

/// Checks that an import fails with exit status 1 and an error that says all of `says`, and leaves
/// what was published before as it was.
#[track_caller]
fn refused(site: &Site, line: &[&str], says: &[&str]) {
    let before = published(site);
    let error = site.fails(1, line);
    for part in says {
        assert!(error.contains(part), "{part}: {error}");
    }
    let after = published(site);
    assert!(before == after, "{:?} is not {:?}", before.keys(), after.keys());
    site.assert_nothing_staged();
}

#[test]
fn a_right_sha256_an_image_is_told_and_recorded() {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    let [sum1, sum2] = [dvd1, dvd2].map(|dvd| sum(&site, Algorithm::Sha256, dvd));
    let upper = sum2.to_uppercase();
    let line = ["--server", "a", "--sha256", &sum1, "--sha256", &upper, "centos6.8", dvd1, dvd2];
    let report = site.json(&line);
    let implanted = "implanted-md5";
    let all = [(dvd1, "sha256"), (dvd1, implanted), (dvd2, "sha256"), (dvd2, implanted)];
    assert_eq!(verified(&report), all);
    assert_eq!(report["verified"][2]["sum"], sum2);
    assert_eq!(report["verified"][2]["files"], Value::Null);
    let record: Value =
        serde_json::from_str(&site.read(".pxe-import/centos6.8.json")).expect("a record");
    assert_eq!(record["verified"], report["verified"]);
    let ran = site.done(&line);
    let lines: Vec<_> = ran.stdout.lines().filter(|line| line.contains("verified")).collect();
    assert_eq!(lines[0], format!("  verified: {dvd1} by --sha256"));
    assert_eq!(lines[3], format!("  verified: {dvd2} by its implanted MD5"));
}

#[test]
fn a_wrong_sha256_publishes_nothing() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let right = sum(&site, Algorithm::Sha256, iso);
    let wrong = other(&right);
    let line = ["--sha256", &wrong, "esxi5.5", iso];
    let says = format!("error: {iso}: its SHA-256 is {right}, and --sha256 says {wrong}: ");
    refused(&site, &line, &[&says]);
    assert!(!site.root("wwwroot/esxi/5.5").exists());
    site.done(&["esxi5.5", iso]);
    refused(&site, &line, &[&says]);
    // An option of the user's own holds even so.
    refused(&site, &[&["--no-media-check"], &line[..]].concat(), &[&says]);
    let ran = site.run(&[&line[..], &["--json"]].concat());
    let failure: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(failure["error"]["path"], iso);
}

#[test]
fn sums_that_cannot_be_meant_are_misuse_and_nothing_is_read() {
    let site = Site::new();
    let sum = "a".repeat(64);
    for line in [
        // There are no such images: they are not even opened.
        &["--sha256", &sum, "lab", "a.iso", "b.iso"][..],
        &["--sha256", &sum, "--sha256", &sum, "lab", "a.iso"],
        &["--sha256", &sum[1..], "lab", "a.iso"],
        &["--sha256", "", "lab", "a.iso"],
        &["--dry-run", "--sha256", "x", "lab", "a.iso"],
    ] {
        let error = site.fails(2, line);
        assert!(error.starts_with("error: --sha256 "), "{error}");
    }
    let error = site.fails(1, &["--checksums", "SUMS", "lab", "a.iso"]);
    assert!(error.starts_with("error: cannot read SUMS: "), "{error}");
    site.write("SUMS", format!("{sum}  other.iso\n"));
    let error = site.fails(1, &["--dry-run", "--checksums", "SUMS", "lab", "d/a.iso"]);
    assert!(error.starts_with("error: SUMS: does not list a.iso, given as d/a.iso"), "{error}");
    assert_eq!(site.names(""), ["SUMS"]);
}

#[test]
fn lists_of_every_style_are_held_against_the_images() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let [md5, sha256, sha512] = [Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512]
        .map(|algorithm| sum(&site, algorithm, iso));
    let signed = |lines: &str| {
        format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# {iso}: 5 bytes\n{lines}\n\
             -----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n"
        )
    };
    for list in [
        &|sum: &str| format!("{sum}  {iso}\n{}  other.iso\n", "0".repeat(64)),
        &|sum: &str| format!("{sum} *./x/{iso}\r\n"),
        &|sum: &str| signed(&format!("{} ({iso}) = {sum}", tag(sum))),
    ] as [&dyn Fn(&str) -> String; 3]
    {
        for right in [&md5, &sha256, &sha512] {
            site.write("SUMS", list(right));
            let report = site.json(&["--checksums", "SUMS", "esxi5.5", iso]);
            assert_eq!(verified(&report), [(iso, "checksums")]);
            assert_eq!(report["verified"][0]["sum"], **right);
            site.write("SUMS", list(&other(right)));
            let line = ["--checksums", "SUMS", "esxi5.5", iso];
            refused(&site, &line, &[right, "and SUMS says", &other(right)]);
        }
    }
    // Both options: both must hold.
    site.write("SUMS", format!("{sha512}  {iso}\n"));
    let line = ["--checksums", "SUMS", "--sha256", &sha256, "esxi5.5", iso];
    assert_eq!(verified(&site.json(&line)), [(iso, "sha256"), (iso, "checksums")]);
    let wrong = other(&sha256);
    let line = ["--checksums", "SUMS", "--sha256", &wrong, "esxi5.5", iso];
    refused(&site, &line, &["--sha256 says"]);
}

fn tag(sum: &str) -> &'static str {
    match sum.len() {
        32 => "MD5",
        64 => "SHA256",
        _ => "SHA512",
    }
}

#[test]
fn a_byte_that_flipped_is_caught_by_the_implanted_md5() {
    let site = Site::new();
    let (dvd1, dvd2) = (site.disc(centos::dvd1), site.disc(centos::dvd2));
    let len = fs::metadata(site.path(dvd2)).expect("an image").len() as usize;
    // In the data, before the last sectors, which the sum leaves out.
    flipped(&site, dvd2, "bad.iso", len / 2);
    let line = ["--server", "a", "centos6.8", dvd1, "bad.iso"];
    let says = ["error: bad.iso: corrupt at byte 0x8373: ", "fetch it again", "--no-media-check"];
    refused(&site, &line, &says);
    site.done(&["--server", "a", "centos6.8", dvd1, dvd2]);
    refused(&site, &line, &says);
    // Who insists gets it, and is not told that it was verified.
    let report = site.json(&[&["--no-media-check"], &line[..]].concat());
    assert_eq!(verified(&report), []);
}

#[test]
fn an_implant_that_is_damaged_is_a_warning_and_no_check() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let whole = fs::read(site.path(dvd1)).expect("an image");
    for (from, to, says) in [
        ("SKIPSECTORS = 15", "SKIPSECTORS = 99999999", "99999999 sectors are to be skipped"),
        ("SKIPSECTORS", "SKIPSECTARS", "no number of sectors"),
        ("ISO MD5SUM = ", "ISO MD5SUM = zz", "32 hexadecimal digits"),
    ] {
        let mut bytes = whole.clone();
        let field = String::from_utf8(bytes[0x8373..0x8573].to_vec()).expect("ASCII");
        let field = field.replace(from, to);
        bytes[0x8373..0x8573].copy_from_slice(&field.as_bytes()[..512]);
        site.write("odd.iso", bytes);
        let ran = site.done(&["--server", "a", "centos6.8", "odd.iso"]);
        let start = "warning: odd.iso: its implanted MD5 cannot be checked: ";
        assert!(ran.said().starts_with(start) && ran.said().contains(says), "{}", ran.stderr);
        assert!(!ran.stdout.contains("verified"), "{}", ran.stdout);
    }
}

#[test]
fn the_real_checker_is_of_one_mind_about_an_implanted_md5() {
    let site = Site::new();
    // Of a smaller one the tool's own sums do not satisfy it.
    site.changed("good.iso", centos::dvd2, |tree, _| {
        tree.put("Packages/large.rpm", Node::file(Content::random(1, 2_000_000)));
    });
    let middle = fs::metadata(site.path("good.iso")).expect("an image").len() as usize / 2;
    flipped(&site, "good.iso", "bad.iso", middle);
    site.disc(centos::dvd1);
    let dvd1 = centos::dvd1(Size::Small).file_name;
    for (iso, good) in [("good.iso", true), ("bad.iso", false)] {
        let ran = site.run(&["--server", "a", "centos6.8", dvd1, iso]);
        assert_eq!(ran.code, Some(if good { 0 } else { 1 }), "{}", ran.stderr);
        match Command::new("checkisomd5").arg(site.path(iso)).output() {
            Ok(output) => assert_eq!(output.status.success(), good, "{iso}"),
            Err(_) => eprintln!("skipped: needs checkisomd5"),
        }
    }
}

#[test]
fn each_file_is_held_against_the_disc_s_own_list() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    let line = ["--server", "a", "ubuntu16.04", iso];
    let report = site.json(&line);
    let tree = ubuntu::server(Size::Small).tree;
    let list = tree.get("md5sum.txt").and_then(Node::content).expect("a list").to_vec();
    let lines = list.iter().filter(|&&byte| byte == b'\n').count();
    let entry = json!({ "image": iso, "by": "md5sum.txt", "sum": null, "files": lines });
    assert_eq!(report["verified"], json!([entry]));
    let ran = site.done(&line);
    let says = format!("  verified: {lines} files of {iso} by its md5sum.txt\n");
    assert!(ran.stdout.contains(&says), "{}", ran.stdout);
    assert_eq!(ran.stderr, "");
    assert_eq!(site.json(&[&["--no-media-check"], &line[..]].concat())["verified"], json!([]));
}

#[test]
fn a_file_that_is_not_what_the_list_says_is_named() {
    let site = Site::new();
    let iso = site.disc(ubuntu::server);
    site.done(&["--server", "a", "ubuntu16.04", iso]);
    site.changed("bad.iso", ubuntu::server, |tree, _| {
        let seed = "preseed/cli.seed";
        let text = tree.get(seed).and_then(Node::content).expect("there").to_vec();
        tree.text(seed, String::from_utf8(text).expect("text").replace("false", "frlse"));
    });
    let line = ["--server", "a", "ubuntu16.04", "bad.iso"];
    let says =
        ["error: bad.iso: corrupt at byte 0x", "preseed/cli.seed has the MD5 ", "md5sum.txt"];
    refused(&site, &line, &says);
    site.done(&[&["--no-media-check"], &line[..]].concat());
}

#[test]
fn what_the_disc_s_writer_changes_and_what_is_missing_are_warnings() {
    let site = Site::new();
    site.changed("odd.iso", ubuntu::server, |tree, _| {
        let list = tree.get("md5sum.txt").and_then(Node::content).expect("there").to_vec();
        let list = String::from_utf8(list).expect("text");
        let zeros = "0".repeat(32);
        let more = format!(
            "{zeros}  ./isolinux/isolinux.bin\n{zeros}  ./isolinux/boot.cat\n{zeros}  ./gone\n\
             {zeros}  ./md5sum.txt\n{zeros}  ./dists/stable/Release\nno line at all\n"
        );
        tree.text("md5sum.txt", list + &more);
        tree.remove("preseed/cli.seed");
    });
    let ran = site.done(&["--server", "a", "ubuntu16.04", "odd.iso"]);
    let mut warnings: Vec<_> = ran.stderr.lines().collect();
    warnings.sort_unstable();
    assert_eq!(warnings.len(), 3, "{}", ran.stderr);
    assert!(warnings[0].starts_with("warning: isolinux/boot.cat: has the MD5 "), "{warnings:?}");
    assert!(warnings[1].starts_with("warning: isolinux/isolinux.bin: "), "{warnings:?}");
    let missing = "warning: md5sum.txt: 2 files listed and not there on odd.iso: gone and others";
    assert_eq!(warnings[2], missing);
}

#[test]
fn a_patched_file_is_not_held_against_the_list_and_suse_s_list_is_read() {
    let site = Site::new();
    let list = |tree: &pxe_import_fixtures::Tree| {
        let mut list = String::new();
        for path in ["boot.cfg", "k.b00", "isolinux.cfg"] {
            let mut hasher = Hasher::new(Algorithm::Sha256);
            hasher.update(&tree.get(path).and_then(Node::content).expect("there").to_vec());
            list.push_str(&format!("{}  {path}\n", hasher.finish()));
        }
        list
    };
    site.changed("good.iso", esxi::esxi55, |tree, _| {
        let list = list(tree);
        tree.text("CHECKSUMS", list);
    });
    let report = site.json(&["esxi5.5", "good.iso"]);
    // boot.cfg is patched; the disc's own is kept as boot.cfg.orig.
    let entry = json!({ "image": "good.iso", "by": "CHECKSUMS", "sum": null, "files": 3 });
    assert_eq!(report["verified"], json!([entry]));
    site.changed("bad.iso", esxi::esxi55, |tree, _| {
        let list = list(tree);
        tree.text("CHECKSUMS", list);
        tree.text("k.b00", "another\n");
    });
    let says = ["k.b00 has the SHA-256 ", "CHECKSUMS of the disc says"];
    refused(&site, &["esxi5.5", "bad.iso"], &says);
}

#[test]
fn a_file_that_is_copied_in_pieces_is_checked_too() {
    let site = Site::new();
    const LEN: u64 = 65 << 20;
    let mut hasher = Hasher::new(Algorithm::Md5);
    for _ in 0..65 {
        hasher.update(&vec![0; 1 << 20]);
    }
    let right = hasher.finish().to_string();
    let wrong = other(&right);
    for (name, md5) in [("good.iso", &right), ("bad.iso", &wrong)] {
        site.changed(name, esxi::esxi55, |tree, _| {
            tree.put("large.bin", Node::file(Content::Zeros(LEN)));
            tree.text("md5sum.txt", format!("{md5}  ./large.bin\n"));
        });
    }
    refused(&site, &["esxi5.5", "bad.iso"], &["large.bin has the MD5 ", &right, &wrong]);
    let report = site.json(&["esxi5.5", "good.iso"]);
    assert_eq!(verified(&report), [("good.iso", "md5sum.txt")]);
}
