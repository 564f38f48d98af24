//! Debian archives: `dists` and `pool`.

use super::{Site, gzip, sha256};

const INDEX: &str = "main/binary-amd64/Packages";

/// An archive of the packages `pool/0.deb` and so on, of which the first `there` are written.
fn archive(count: usize, there: usize) -> Site {
    let site = Site::new();
    let mut index = String::new();
    for number in 0..count {
        let path = format!("pool/{number}.deb");
        index += &format!("Package: p{number}\nFilename: {path}\nSize: 3\n\n");
        if number < there {
            site.write(&path, "deb");
        }
    }
    let packed = gzip(index.as_bytes());
    site.write(&format!("dists/xenial/{INDEX}.gz"), &packed);
    release(&site, &[(INDEX, index.as_bytes()), (&format!("{INDEX}.gz"), &packed)]);
    site.link("dists/stable", "xenial");
    site.link("ubuntu", ".");
    site
}

fn release(site: &Site, files: &[(&str, &[u8])]) {
    let mut text = "Suite: xenial\nMD5Sum:\n 00 1 main/never/Read.gz\nSHA256:\n".to_owned();
    for (path, bytes) in files {
        text += &format!(" {} {:>16} {path}\n", sha256(bytes), bytes.len());
    }
    // As on every disc, most of what it lists is not there.
    text += " 00 99999 main/Contents-amd64.gz\n 00 0 universe/binary-amd64/Packages\n";
    site.write("dists/xenial/Release", text);
}

#[test]
fn a_whole_archive_is_clean() {
    assert_eq!(archive(3, 3).list(), [""; 0]);
}

#[test]
fn packages_that_are_missing_or_cut_are_faults_once() {
    let site = archive(4, 3);
    site.write("pool/0.deb", "d");
    let said = ["fault package-missing www/t/pool/3.deb", "fault package-wrong www/t/pool/0.deb"];
    assert_eq!(site.list(), said);
    let found = archive(40, 10).found(None);
    assert_eq!(found.len(), 21);
    assert_eq!(found[20].message, "and 10 more: packages are not there");
}

#[test]
fn an_index_that_release_does_not_know_is_a_fault() {
    let site = archive(1, 1);
    let path = format!("dists/xenial/{INDEX}.gz");
    let mut bytes = std::fs::read(site.path(&path)).expect("there");
    // The time in gzip's head, which changes nothing but the sum.
    bytes[4] ^= 1;
    site.write(&path, &bytes);
    let found = site.found(None);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, "release-wrong");
    assert!(found[0].message.starts_with("has another checksum"), "{}", found[0].message);
    // As a merge by "later file wins" leaves it: the list of another disc.
    site.write(&path, gzip(b"Filename: pool/0.deb\nSize: 3\nDescription: of the second disc\n"));
    let found = site.found(None);
    assert!(found[0].message.contains("dists/xenial/Release says"), "{}", found[0].message);
}

#[test]
fn a_list_of_packages_must_be_there_in_one_form() {
    let site = archive(3, 3);
    let gz = format!("dists/xenial/{INDEX}.gz");
    site.remove(&gz);
    assert_eq!(site.list(), [format!("warning index-missing www/t/dists/xenial/{INDEX}")]);
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    std::io::Write::write_all(&mut xz, b"Filename: pool/x.deb\n").expect("a vector takes all");
    site.write(&format!("dists/xenial/{INDEX}.xz"), xz.finish().expect("done"));
    assert_eq!(site.list(), ["fault package-missing www/t/pool/x.deb"]);
}

#[test]
fn md5_serves_where_there_is_nothing_better() {
    let site = archive(1, 1);
    let text = "MD5Sum:\n 900150983cd24fb0d6963f7d28e17f72 3 a\n \
                900150983cd24fb0d6963f7d28e17f72 3 b\n";
    site.write("dists/xenial/Release", text);
    site.write("dists/xenial/a", "abc");
    site.write("dists/xenial/b", "abd");
    assert_eq!(site.list(), ["fault release-wrong www/t/dists/xenial/b"]);
}

#[test]
fn a_suite_without_release_is_a_warning_and_a_signed_one_will_do() {
    let site = archive(1, 0);
    let path = site.path("dists/xenial/Release");
    std::fs::rename(path, site.path("dists/xenial/InRelease")).expect("renamed");
    assert_eq!(site.list(), ["fault package-missing www/t/pool/0.deb"]);
    site.remove("dists/xenial/InRelease");
    assert_eq!(site.list(), ["warning release-missing www/t/dists/xenial"]);
}
