//! The worst of what is read from the files of a disc: configs, lists, metadata, WIMs.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use pxe_import_fixtures::family::{Disc, Format, Size, centos, esxi, ubuntu, windows};
use pxe_import_fixtures::iso9660::{self, Names, Options, RockRidge};
use pxe_import_fixtures::{Node, Tree};

use crate::Case;

pub(crate) const CASES: &[Case] = &[
    Case::new("isolinux: configs that include each other", "", || vec![isolinux()]),
    Case::new("grub: words without end", "", || vec![grub(b"linux /k ${a}\"$(")]),
    Case::new("grub: blocks in blocks", "", || vec![grub(b"if true; then menuentry 'a' {\n")]),
    Case::new("grub: functions that call each other", "", || {
        vec![grub(b"function a { b; b; }\nfunction b { a; a; }\na\nsource /boot/grub/grub.cfg\n")]
    }),
    Case::new("loader entries in numbers", "", || vec![loader_entries()]),
    Case::new("texts of a megabyte that name the disc", "", || vec![texts()]),
    Case::new("a list of sums that expands", "", || vec![sums()]),
    Case::new("repodata: a gzip bomb", "", || vec![repodata(gzip_bomb(b"<package> ", 200))]),
    Case::new("repodata: open elements", "", || vec![repodata(gzip_bomb(b"<a>", 200))]),
    Case::new("repodata: an xz bomb", "", || vec![repodata(xz_bomb())]),
    Case::new("repodata: repositories in numbers", "", || vec![repositories()]),
    Case::new("windows: a WIM whose XML is all of it", "", || vec![wim(|_, len| (0, len))]),
    Case::new("windows: a WIM whose XML is beyond its end", "", || {
        vec![wim(|at, _| (at, u64::MAX >> 8))]
    }),
    Case::new("windows: images in numbers", "", || vec![images()]),
    Case::new("esxi: modules without end", "", || vec![modules()]),
    Case::new("debian: gzip bombs on two discs", "the tree's lists unpack to more than", || {
        vec![packages(1, b"Package: a\nVersion: 1\n\n"), packages(2, b"Package: b\nVersion: 2\n\n")]
    }),
    Case::new("debian: one package of a gigabyte", "the tree's lists unpack to more than", || {
        vec![packages(1, b"Package: a "), packages(2, b"Package: b ")]
    }),
];

fn rock_ridge() -> Options {
    Options { names: Names::Same, rock_ridge: Some(RockRidge::default()), ..Options::default() }
}

fn image(tree: &Tree, options: &Options) -> Vec<u8> {
    iso9660::write(tree, options).image.to_vec()
}

fn isolinux() -> Vec<u8> {
    let mut tree = Tree::new();
    let line = |n: usize| {
        format!("include c{:02}.cfg\nlabel l{n}\nkernel k{n}\nappend initrd=i{n} a b c\n", n % 90)
    };
    let config = |from: usize| (from..from + 130).map(line).collect::<String>();
    tree.text("isolinux/isolinux.cfg", config(0));
    for n in 0..90 {
        tree.text(format!("isolinux/c{n:02}.cfg"), config(n));
    }
    tree.text("isolinux/k0", "kernel");
    image(&tree, &rock_ridge())
}

fn grub(line: &[u8]) -> Vec<u8> {
    let mut tree = Tree::new();
    tree.text("boot/grub/grub.cfg", line.repeat((250 << 10) / line.len()));
    tree.text("boot/grub/loopback.cfg", line.repeat((250 << 10) / line.len()));
    tree.text("EFI/BOOT/grub.cfg", line.repeat((250 << 10) / line.len()));
    tree.text("k", "kernel");
    image(&tree, &rock_ridge())
}

fn loader_entries() -> Vec<u8> {
    let mut tree = Tree::new();
    for n in 0..400 {
        let entry = format!("title {n}\nlinux /k\ninitrd /i\noptions {}\n", "a ".repeat(100));
        tree.text(format!("loader/entries/{n}.conf"), entry);
    }
    tree.text("loader/loader.conf", "default *-*-*-*-*-*-*-*-*-*x.conf\n");
    tree.text("k", "kernel");
    image(&tree, &rock_ridge())
}

fn texts() -> Vec<u8> {
    let mut tree = Tree::new();
    tree.text(
        ".treeinfo",
        "[general]\nfamily = a\nversion = 1\n[images-x86_64]\nkernel = k\n".repeat(6000),
    );
    tree.text(".discinfo", "1,".repeat(100_000));
    tree.text(".disk/info", "Ubuntu 16.04 \"".repeat(10_000));
    tree.text("media.1/products", "/ openSUSE-Leap 15.6-1\n".repeat(5000));
    image(&tree, &rock_ridge())
}

/// A list of 8 MiB, of which the disc holds a quarter of a megabyte.
fn sums() -> Vec<u8> {
    let mut tree = Tree::new();
    let line = |n: u32| format!("{:032x}  {n:06}\n", 0);
    let list: String = (0..8 << 20).step_by(line(0).len()).map(|at| line(at / 41)).collect();
    tree.text("md5sum.txt", list).hints.zisofs = Some(17);
    for n in 0..100 {
        tree.text(format!("{n:06}"), "");
    }
    image(&tree, &rock_ridge())
}

/// `count` MiB of the text over and over, in gzip members of one MiB.
fn gzip_bomb(text: &[u8], count: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let mib = text.repeat((1 << 20) / text.len());
    encoder.write_all(&mib).expect("in memory");
    let member = encoder.finish().expect("in memory");
    assert!(member.len() * count < 700 << 10, "{} bytes", member.len());
    member.repeat(count)
}

/// 800 MiB in streams of 1 MiB.
fn xz_bomb() -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
    encoder.write_all(&vec![b' '; 1 << 20]).expect("in memory");
    encoder.finish().expect("in memory").repeat(800)
}

fn of(disc: &Disc) -> Vec<u8> {
    disc.image().to_vec()
}

fn repomd(name: &str) -> String {
    format!(
        "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\"><data type=\"primary\"><location \
         href=\"repodata/{name}\"/></data></repomd>"
    )
}

fn repodata(primary: Vec<u8>) -> Vec<u8> {
    let mut disc = centos::dvd1(Size::Small);
    disc.tree.remove("Packages");
    disc.tree.text("repodata/repomd.xml", repomd("primary.xml.gz"));
    disc.tree.text("repodata/primary.xml.gz", primary);
    of(&disc)
}

fn repositories() -> Vec<u8> {
    let mut tree = Tree::new();
    let bomb = gzip_bomb(b"<package> ", 2);
    for n in 0..66 {
        tree.text(format!("r{n}/repodata/repomd.xml"), repomd("p"));
        tree.text(format!("r{n}/repodata/p"), &bomb);
    }
    image(&tree, &rock_ridge())
}

/// A Windows disc whose install.wim places its XML where `place` says, given where it begins and how long the file
/// is.
fn wim(place: impl Fn(u64, u64) -> (u64, u64)) -> Vec<u8> {
    let mut disc = windows::server_2008_r2(Size::Small);
    let name = "sources/install.wim";
    let mut bytes = disc.tree.get(name).and_then(Node::content).expect("a WIM").to_vec();
    let at = u64::from_le_bytes(bytes[80..88].try_into().expect("eight"));
    let (from, len) = place(at, bytes.len() as u64);
    bytes[72..80].copy_from_slice(&len.to_le_bytes());
    bytes[80..88].copy_from_slice(&from.to_le_bytes());
    disc.tree.text(name, bytes);
    of(&disc)
}

/// 1,300 images in the XML of a WIM.
fn images() -> Vec<u8> {
    let mut disc = windows::server_2008_r2(Size::Small);
    let image = "<IMAGE INDEX=\"1\"><NAME>N</NAME><WINDOWS><ARCH>9</ARCH><EDITIONID>E</EDITIONID></WINDOWS></IMAGE>";
    let text = format!("\u{feff}<WIM>{}</WIM>", image.repeat(1300));
    let xml: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut bytes =
        disc.tree.get("sources/install.wim").and_then(Node::content).expect("a WIM").to_vec();
    bytes[72..80].copy_from_slice(&(xml.len() as u64).to_le_bytes());
    bytes[80..88].copy_from_slice(&208_u64.to_le_bytes());
    bytes.truncate(208);
    bytes.extend(xml);
    disc.tree.text("sources/install.wim", bytes);
    of(&disc)
}

fn modules() -> Vec<u8> {
    let mut disc = esxi::esxi55(Size::Small);
    let line = format!("kernel=/tboot.b00\nmodules={}\n", "/a.v00 --- ".repeat(5000));
    disc.tree.text("boot.cfg", &line);
    disc.tree.text("efi/boot/boot.cfg", &line);
    of(&disc)
}

/// A disc of a set of Ubuntu's, whose list of packages expands.
fn packages(number: usize, stanza: &[u8]) -> Vec<u8> {
    let mut disc = ubuntu::server(Size::Small);
    disc.tree.remove("pool");
    disc.tree.remove("dists/xenial/main/debian-installer");
    let path = "dists/xenial/main/binary-amd64/Packages.gz";
    disc.tree.text(path, gzip_bomb(stanza, 150));
    disc.tree.text(format!("disc{number}"), "");
    let Format::Iso9660(options) = &mut disc.format else { panic!("no ISO 9660 disc") };
    options.joliet = None;
    of(&disc)
}
