//! Metadata made to lead the checker astray.

use std::fs;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{Site, gzip, sha256};

#[test]
fn nothing_outside_of_the_tree_is_looked_at() {
    let site = Site::new();
    fs::write(site.dir.path().join("secret"), "abc").expect("written");
    site.link("out", "../secret");
    site.link("up", "..");
    let refs = ["../secret", "/etc/passwd", "a/../../secret", "", "out", "up/secret", "a\u{1b}"];
    let mut primary = "<metadata>".to_owned();
    let mut index = String::new();
    for href in refs {
        let one = format!("<package><location href=\"{href}\"/></package>");
        primary += &one;
        index += &format!("Filename: {href}\n\n");
    }
    site.primary("", &gzip((primary + "</metadata>").as_bytes()));
    let index = index.into_bytes();
    site.write("dists/x/Packages", &index);
    let release = format!("SHA256:\n {} {} Packages\n", sha256(&index), index.len());
    site.write("dists/x/Release", format!("{release} 00 1 ../../../secret\n"));
    let info = "[general]\narch = x\n[images-x]\nkernel = ../secret\ninitrd = out\n";
    site.write(".treeinfo", info);
    let found = site.found(None);
    assert!(found.iter().all(|one| one.path.starts_with("www/t/")), "{found:#?}");
    let astray: Vec<_> = found
        .iter()
        .filter(|one| one.message.contains("out of the tree"))
        .map(|one| one.path.as_str())
        .collect();
    let expected = [
        "www/t/.treeinfo",
        "www/t/out",
        "www/t/repodata/primary.xml.gz",
        "www/t/out",
        "www/t/up/secret",
        "www/t/dists/x/Release",
        "www/t/dists/x/Packages",
    ];
    assert_eq!(astray, expected);
    assert!(found.iter().any(|one| one.path == "www/t/a\\x1b"), "no control characters");
}

#[test]
fn a_fifo_in_every_place_stops_nothing() {
    let fifo = |site: &Site, path: &str| {
        fs::create_dir_all(site.path(path).parent().expect("a parent")).expect("made");
        mknodat(CWD, site.path(path), FileType::Fifo, Mode::RWXU, 0).expect("made");
    };
    let site = Site::new();
    for path in [".treeinfo", "repodata/repomd.xml", "dists/a/Release", "Packages/a.rpm"] {
        fifo(&site, path);
    }
    site.write("dists/b/Release", "SHA256:\n 00 3 Packages\n");
    fifo(&site, "dists/b/Packages");
    site.repository("Server", &[("../Packages/a.rpm".into(), "")], 0);
    let found = site.found(None);
    let fifos = found.iter().filter(|one| one.message == "is no regular file").count();
    assert_eq!(fifos, 6, "{found:#?}");
}

#[test]
fn a_bomb_and_deep_nesting_are_damage() {
    let site = Site::new();
    let deep = format!("<metadata>{}", "<a>".repeat(100_000));
    site.primary("", &gzip(deep.as_bytes()));
    let found = site.found(None);
    assert!(found[0].message.contains("deeper"), "{found:#?}");
    // Without an end the text would be held whole; it is refused after some MiB.
    let long = [b"<metadata>".to_vec(), vec![b'x'; 16 << 20]].concat();
    site.primary("", &gzip(&long));
    let found = site.found(None);
    assert!(found[0].message.contains("longer"), "{found:#?}");
}

#[test]
fn a_million_lies_are_some_findings() {
    let site = Site::new();
    let images: String = (0..40_000).map(|n| format!("i{n} = gone/{n}\n")).collect();
    site.write(".treeinfo", format!("[images-x]\n{images}"));
    let found = site.found(None);
    assert!(found.len() < 2100, "{}", found.len());
    assert_eq!(found[0].code, "findings-many");
    // Looked up one by one, these would take minutes.
    site.write(".treeinfo", "[images-a]\nb=c\n[images-b]\n".repeat(35_000));
    assert_eq!(site.list(), ["note treeinfo-image-unused www/t/c"]);
    site.write(".treeinfo", "[a]\nrepository=b\n".repeat(50_000));
    assert_eq!(site.list(), ["note repository-missing www/t/b"]);
}

#[test]
fn no_message_is_endless_or_moves_the_cursor() {
    let site = Site::new();
    let name = format!("\u{1b}[2J{}", "x".repeat(5000));
    site.write(".treeinfo", format!("[images-{name}]\n{name}=../a\n[{name}]\nrepository=/\n"));
    site.write("repodata/repomd.xml", format!("<{name}/>"));
    site.write("Server/repodata/repomd.xml", format!("<x{}/>", "x".repeat(5000)));
    let found = site.found(None);
    assert_eq!(found.len(), 4, "{found:#?}");
    for one in found {
        assert!(one.message.len() < 700 && !one.message.contains('\u{1b}'), "{one:?}");
    }
}

#[test]
fn entities_are_not_expanded() {
    let site = Site::new();
    let text = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;\">\
                <!ENTITY f SYSTEM \"file:///etc/passwd\">]>\
                <metadata><package><location href=\"&b;\"/></package></metadata>";
    site.primary("", text.as_bytes());
    let found = site.found(None);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, "repodata-unreadable");
}

#[test]
fn noise_in_every_file_is_no_more_than_a_finding() {
    let noise: Vec<u8> =
        (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for head in [&b""[..], b"\x1f\x8b\x08\0", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"<metadata>"] {
        let bytes = [head, &noise].concat();
        let site = Site::new();
        site.primary("", &bytes);
        site.write(".treeinfo", &bytes);
        site.write("dists/a/Packages", &bytes);
        site.write(
            "dists/a/Release",
            format!("SHA256:\n {} {} Packages\n", sha256(&bytes), bytes.len()),
        );
        assert!(site.list().iter().any(|line| line.starts_with("fault")));
        for path in ["repodata/repomd.xml", "dists/a/Release"] {
            site.write(path, &bytes);
        }
        assert!(site.list().iter().any(|line| line.starts_with("fault")));
    }
}
