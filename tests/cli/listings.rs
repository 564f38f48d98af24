//! Discs made of the lists of files of published ones (`tests/listings`): each is known for what it is, and every
//! file that its entry boots is on it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use pxe_import_fixtures::iso9660::{Joliet, Names, Options, RockRidge, Volume};
use pxe_import_fixtures::{Body, Tree};
use serde_json::Value;

use crate::site::{MENU, Site};

/// Discs that have no entry by themselves: the installer is not on them in a form that boots over a network.
const WITHOUT_ENTRY: [&str; 1] = [
    // It needs the network installer of Debian besides.
    "debian-13.2.0-amd64-netinst",
];

/// A list of one disc's files.
struct Listing {
    name: &'static str,
    volume_id: &'static str,
    /// `FAMILY VERSION ARCH VARIANT`; `-` for what the disc does not say.
    is: &'static str,
    /// Plain ISO 9660, without Rock Ridge and Joliet.
    plain: bool,
}

fn listing(name: &'static str, volume_id: &'static str, is: &'static str) -> Listing {
    Listing { name, volume_id, is, plain: false }
}

fn dir(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/listings").join(name)
}

/// What a file holds of which the list has the name alone. None may be empty where that would be a fault.
fn content(path: &str) -> &'static str {
    match path.rsplit('/').next() {
        // No sums, and no packages.
        Some("md5sum.txt" | "CHECKSUMS") => "",
        Some("repomd.xml") => "<repomd/>\n",
        _ => "x",
    }
}

impl Listing {
    fn tree(&self) -> Tree {
        let dir = dir(self.name);
        let index = fs::read_to_string(dir.join("index")).expect("a list");
        let mut tree = Tree::new();
        for path in index.lines().filter(|path| !path.is_empty()) {
            tree.text(path, content(path));
        }
        texts(&mut tree, &dir.join("files"), "");
        tree
    }

    fn options(&self) -> Options {
        let volume = Volume { volume_id: self.volume_id.into(), ..Volume::default() };
        match self.plain {
            true => Options { volume, names: Names::Upper, ..Options::default() },
            false => Options {
                volume,
                names: Names::Level2,
                rock_ridge: Some(RockRidge::default()),
                joliet: Some(Joliet::default()),
                ..Options::default()
            },
        }
    }

    /// Has it identified and imported; gives the block of its entry.
    fn imported(&self) -> String {
        let site = Site::new();
        site.write("root/pxe-import.toml", "server = \"192.168.4.6\"\n");
        site.write("root/pxeboot/menu.ipxe", "#!ipxe\n");
        site.iso("disc.iso", &self.tree(), &self.options());
        let inspected = site.json(&["inspect", "disc.iso"]);
        let product = &inspected["images"][0]["product"];
        let word = |key: &str| product[key].as_str().unwrap_or("-").to_owned();
        let is = ["family", "version", "arch", "variant"].map(word).join(" ");
        assert_eq!(is, self.is, "{product}");

        let report = site.json(&["it", "disc.iso"]);
        let codes: BTreeSet<&str> = codes(&report);
        assert!(!codes.contains("incomplete-tree"), "{report:#}");
        let target = report["target"].as_str().expect("text").to_owned();
        if WITHOUT_ENTRY.contains(&self.name) {
            assert!(codes.contains("no-entry"), "{report:#}");
            return format!("{target}: no entry\n");
        }
        let menu = site.read(MENU);
        let start = menu.find("# pxe-import begin it\n").expect("a block");
        let block =
            menu[start..].split_inclusive('\n').take_while(|line| *line != "# pxe-import end it\n");
        let block: String = block.collect();
        let script = site.read("wwwroot/pxefiles/uefi.ipxe");
        let below = target.strip_prefix("wwwroot").expect("below it");
        let named = boot_files(&block, below).into_iter().chain(boot_files(&script, below));
        let named: BTreeSet<String> = named.collect();
        assert!(named.len() >= 2, "{block}{script}");
        for path in named {
            let file = site.root(format!("wwwroot{path}"));
            assert!(
                fs::metadata(&file).is_ok_and(|meta| meta.is_file() && meta.len() > 0),
                "{path}"
            );
        }
        format!("{target}:\n{block}")
    }
}

/// The text files that are filled in.
fn texts(tree: &mut Tree, dir: &Path, below: &str) {
    for entry in fs::read_dir(dir).expect("there").map(|entry| entry.expect("readable")) {
        let path = format!("{below}{}", entry.file_name().to_str().expect("UTF-8"));
        if entry.file_type().expect("known").is_dir() {
            texts(tree, &entry.path(), &format!("{path}/"));
        } else {
            let bytes = fs::read(entry.path()).expect("readable");
            let known = tree.get(&path).is_some_and(|node| matches!(node.body, Body::File(_)));
            assert!(known, "{path} is not in the list");
            tree.text(&path, bytes);
        }
    }
}

fn codes(report: &Value) -> BTreeSet<&str> {
    let warnings = report["warnings"].as_array().expect("a list").iter();
    warnings.map(|warning| warning["code"].as_str().expect("text")).collect()
}

/// The files of the tree that kernels, RAM disks, loaders and their settings are fetched from, by their paths in the
/// web root.
fn boot_files(text: &str, below: &str) -> Vec<String> {
    let commands = ["kernel", "initrd", "append", "chain"];
    let lines = text.lines().map(str::trim).filter(|line| {
        commands
            .iter()
            .any(|command| line.strip_prefix(command).is_some_and(|rest| rest.starts_with(' ')))
    });
    let words = lines.flat_map(|line| line.split([' ', ',']));
    let paths = words.filter_map(|word| {
        let path = word
            .strip_prefix("initrd=")
            .or_else(|| word.strip_prefix("http://192.168.4.6"))
            .unwrap_or(word);
        let rest = path.strip_prefix(below)?;
        rest.starts_with('/').then(|| path.to_owned())
    });
    paths.collect()
}

#[test]
fn almalinux_10() {
    let disc = listing(
        "AlmaLinux-10.0-x86_64-minimal",
        "AlmaLinux-10-0-x86_64-dvd",
        "almalinux 10.0 x86_64 minimal",
    );
    assert_snapshot!("almalinux_10", disc.imported());
}

#[test]
fn almalinux_8() {
    let disc = listing(
        "AlmaLinux-8.9-x86_64-minimal",
        "AlmaLinux-8-9-x86_64-dvd",
        "almalinux 8.9 x86_64 minimal",
    );
    assert_snapshot!("almalinux_8", disc.imported());
}

#[test]
fn cloudlinux_7() {
    let disc =
        listing("CloudLinux-DVD-x86_64-7.9", "CloudLinux 7.9 x86_64", "cloudlinux 7.9 x86_64 -");
    assert_snapshot!("cloudlinux_7", disc.imported());
}

#[test]
fn fedora_43() {
    let disc =
        listing("Fedora-Server-dvd-x86_64-43-1.6", "Fedora-S-dvd-x86_64-43", "fedora 43 x86_64 -");
    assert_snapshot!("fedora_43", disc.imported());
}

#[test]
fn rocky_9() {
    let disc =
        listing("Rocky-9.3-x86_64-minimal", "Rocky-9-3-x86_64-dvd", "rocky 9.3 x86_64 minimal");
    assert_snapshot!("rocky_9", disc.imported());
}

#[test]
fn esxi_7() {
    let disc = Listing {
        plain: true,
        ..listing(
            "VMware-VMvisor-Installer-7.0U3d-19482537.x86_64",
            "ESXI-7.0U3D-19482537-STANDARD",
            "esxi 7.0.3 x86_64 -",
        )
    };
    assert_snapshot!("esxi_7", disc.imported());
}

#[test]
fn xenserver_7() {
    let disc = listing("XenServer-7.0.0-install-cd", "XenServer-7.0.0", "xenserver 7.0.0 x86_64 -");
    assert_snapshot!("xenserver_7", disc.imported());
}

#[test]
fn debian_13() {
    let disc = listing(
        "debian-13.2.0-amd64-netinst",
        "Debian 13.2.0 amd64 n",
        "debian 13.2.0 amd64 netinst",
    );
    assert_snapshot!("debian_13", disc.imported());
}

#[test]
fn opensuse_leap_15() {
    let disc = listing(
        "openSUSE-Leap-15.5-DVD-x86_64-Media",
        "openSUSE-Leap-15.5-DVD-x86_64-Bu",
        "opensuse-leap 15.5 x86_64 -",
    );
    assert_snapshot!("opensuse_leap_15", disc.imported());
}

#[test]
fn ubuntu_14_04() {
    let disc = listing(
        "ubuntu-14.04.6-server-amd64",
        "Ubuntu-Server 14.04.6 LTS amd64",
        "ubuntu 14.04.6 amd64 -",
    );
    assert_snapshot!("ubuntu_14_04", disc.imported());
}

#[test]
fn ubuntu_16_04() {
    let disc = listing(
        "ubuntu-16.04.7-server-amd64",
        "Ubuntu-Server 16.04.7 LTS amd64",
        "ubuntu 16.04.7 amd64 -",
    );
    assert_snapshot!("ubuntu_16_04", disc.imported());
}

#[test]
fn ubuntu_22_04_live() {
    let disc = listing(
        "ubuntu-22.04.1-live-server-amd64",
        "Ubuntu-Server 22.04.1 LTS amd64",
        "ubuntu 22.04.1 amd64 -",
    );
    assert_snapshot!("ubuntu_22_04_live", disc.imported());
}

#[test]
fn ubuntu_25_04_live() {
    let disc = listing(
        "ubuntu-25.04-live-server-amd64",
        "Ubuntu-Server 25.04 amd64",
        "ubuntu 25.04 amd64 -",
    );
    assert_snapshot!("ubuntu_25_04_live", disc.imported());
}

#[test]
fn every_list_has_its_test() {
    let source = include_str!("listings.rs");
    let lists = fs::read_dir(dir("")).expect("there").map(|entry| entry.expect("readable"));
    let lists = lists.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    for list in lists {
        let name = list.file_name().into_string().expect("UTF-8");
        assert!(source.contains(&format!("\"{name}\"")), "{name}");
        assert!(fs::metadata(list.path().join("index")).expect("there").len() < 300_000, "{name}");
    }
}
