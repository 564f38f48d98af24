//! Writes the inputs that fuzzing starts from: `seeds DIR` makes one directory a target below DIR.

#![forbid(unsafe_code)]

use std::fs;
use std::io;
use std::path::Path;

use pxe_import_fixtures::iso9660::{self, Boot, Joliet, RockRidge};
use pxe_import_fixtures::udf::{self, Descriptors, Holes, Map, Strategy};
use pxe_import_fixtures::{Content, Image, Node, Tree};
use pxe_import_fuzz::pack;

fn main() -> io::Result<()> {
    let dir = std::env::args_os().nth(1).expect("usage: seeds DIR");
    let dir = Path::new(&dir);
    for (number, image) in iso9660_images().iter().enumerate() {
        for target in ["iso9660", "pipeline"] {
            put(&dir.join(target), &format!("iso9660-{number}"), &pack(&image.to_vec()))?;
        }
    }
    for (number, image) in udf_images().iter().enumerate() {
        for target in ["udf", "pipeline"] {
            put(&dir.join(target), &format!("udf-{number}"), &pack(&image.to_vec()))?;
        }
    }
    for (number, text) in BOOT_CFG.iter().enumerate() {
        put(&dir.join("boot_cfg"), &number.to_string(), text.as_bytes())?;
    }
    for (number, text) in MENUS.iter().enumerate() {
        put(&dir.join("menu"), &number.to_string(), text.as_bytes())?;
    }
    for (number, texts) in CONFIGS.iter().enumerate() {
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        put(&dir.join("guess"), &number.to_string(), &texts.join(&0xff))?;
    }
    Ok(())
}

/// isolinux's config, one that it includes, GRUB's, systemd-boot's, and an entry of that.
const CONFIGS: [[&str; 5]; 4] = [
    [
        "include a.cfg\ndefault vesamenu.c32\n",
        "label a\nmenu label ^A\nkernel /k\nappend initrd=/i boot=live -- q\n",
        "",
        "",
        "",
    ],
    [
        "",
        "",
        "set default=1\nset x=\"a b\"\nsubmenu 's' {\nmenuentry \"t\" --id u {\n\
         linux ($root)/k $x ${y}\ninitrd /i\n}\n}\n",
        "",
        "",
    ],
    ["", "", "menuentry a {\nlinux /x\ninitrd i= A\nlinux /k\n}\n", "", ""],
    ["", "", "", "default a*\n", "title A\nlinux /k\ninitrd /i\noptions root=live:LABEL=x\n"],
];

fn put(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    fs::write(dir.join(name), bytes)
}

/// One of everything, as little of it as will do.
fn tree() -> Tree {
    let mut tree = Tree::new();
    tree.text("boot.cfg", "kernel=/b.b00\n");
    tree.text("empty", "");
    tree.random("two.bin", 2100);
    tree.text("dir/sub/a longer name.txt", "x\n").mode = 0o755;
    tree.text("Gr\u{fc}\u{df}e", "y\n");
    tree.link("here", ".");
    tree.link("dir/up", "../../../etc/passwd");
    tree
}

fn iso9660_images() -> Vec<Image> {
    let rr = RockRidge::default;
    let plain = iso9660::Options::default;
    let with = |rock_ridge| iso9660::Options { rock_ridge: Some(rock_ridge), ..plain() };
    let joliet = Some(Joliet::default());
    let boot = Some(Boot::new(Some("boot.cat"), "two.bin", Some("boot.cfg")));
    let options = [
        plain(),
        iso9660::Options { block_size: 512, version: false, enhanced: true, ..plain() },
        iso9660::Options { joliet, boot: boot.clone(), ..plain() },
        iso9660::Options { joliet, boot, section_max: 2048, ..with(rr()) },
        with(RockRidge { nm_max: 3, sl_max: 5, in_record_max: 40, depth_max: 2, ..rr() }),
        with(RockRidge { in_record_max: 28, in_area_max: 120, tf_long: true, ..rr() }),
        with(RockRidge { xa: true, terminator: true, px_serial: true, nm_dots: true, ..rr() }),
    ];
    let mut images: Vec<_> =
        options.iter().map(|options| iso9660::write(&tree(), options).image).collect();
    let mut compressed = Tree::new();
    let text = Node::file(Content::bytes("compressible\n".repeat(6000)));
    compressed.put("z", text).hints.zisofs = Some(15);
    images.push(iso9660::write(&compressed, &with(rr())).image);
    images
}

fn udf_images() -> Vec<Image> {
    let small = || udf::Options { block_size: 512, ..udf::Options::default() };
    let new = || udf::Options { revision: 0x0201, extended_entries: true, ..small() };
    let options = [
        small(),
        udf::Options { block_size: 2048, ..new() },
        udf::Options { in_icb: true, attributes: true, deleted: 1, wide_names: true, ..new() },
        udf::Options {
            extent_max: 512,
            extent_gap: 1,
            descriptors: Descriptors::Long,
            descriptors_max: 2,
            ..small()
        },
        udf::Options { holes: Holes::Unallocated, tail: 2, terminated: true, ..small() },
        udf::Options {
            revision: 0x0150,
            map: Map::Sparable { packet_length: 32, replaced: vec![0] },
            ..small()
        },
        udf::Options { revision: 0x0150, map: Map::Virtual, ..small() },
        udf::Options { map: Map::Virtual, in_icb: true, ..new() },
        udf::Options {
            revision: 0x0250,
            map: Map::Metadata { duplicate: true, extent_blocks: 8, crossing: true },
            ..new()
        },
        udf::Options { strategy: Strategy::Chain { rewritten: true }, ..small() },
    ];
    options.iter().map(|options| udf::write(&tree(), options).image).collect()
}

const BOOT_CFG: [&str; 4] = [
    "bootstate=0\ntitle=Loading ESXi installer\nkernel=/tboot.b00\nkernelopt=runweasel\n\
     modules=/b.b00 --- /jumpstrt.gz --- /useropts.gz\nbuild=\nupdated=0\n",
    "prefix=/esxi/5.5/\nkernel=tboot.b00\nmodules=b.b00\n",
    "title=x\r\nprefix=\r\nkernel=/b.b00\r\nkernelopt=cdromBoot runweasel cdromBoot\r\nmodules=\r\n",
    "kernel=http://192.0.2.1/b.b00\nPREFIX=a\nprefix=b\nmodules=/a --- --- //b",
];

const MENUS: [&str; 5] = [
    "default vesamenu.c32\ntimeout 300\n\nlabel local\n    localboot 0xffff\n    menu default\n",
    "DEFAULT x\r\nMENU BEGIN\r\nLABEL local\r\nMENU END\r\nTEXT HELP\r\nlabel a\r\nENDTEXT\r\n",
    "# pxe-import begin a\nlabel a\n    kernel /k\n# pxe-import end a\n\nlabel local",
    "# pxe-import begin b\r\nlabel b\r\n# pxe-import end b\r\n# pxe-import begin a",
    "",
];
