//! Images that show each way in which the formats may be used, as small as will do.

use pxe_import_fixtures::family::{self, Size};
use pxe_import_fixtures::iso9660::{self, Boot, Joliet, RockRidge};
use pxe_import_fixtures::udf::{self, Descriptors, Holes, Map, Strategy};
use pxe_import_fixtures::{Content, Image, Node, Tree};
use pxe_import_fuzz::sectors::pack;

/// Most bytes of an input; `scripts/fuzz` tells libFuzzer the same.
const INPUT_MAX: usize = 1 << 16;

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

/// By ISO 9660.
pub fn iso9660_images() -> Vec<Image> {
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

/// By UDF.
pub fn udf_images() -> Vec<Image> {
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

/// Discs modelled on real ones that are short enough as inputs, by their names.
pub fn families() -> Vec<(&'static str, Vec<u8>)> {
    let all =
        family::ALL.iter().map(|(name, make)| (*name, pack(&make(Size::Small).image().to_vec())));
    all.filter(|(_, input)| input.len() <= INPUT_MAX).collect()
}

/// Small discs that are known, boot, and have lists of their own.
pub fn known() -> Vec<Image> {
    let kernel = "images/pxeboot/vmlinuz";
    let trees: [&[(&str, &str)]; 4] = [
        &[
            (".treeinfo", "[general]\nfamily = CentOS\nversion = 6.8\narch = x86_64\n"),
            (".discinfo", "1463897099.5\n6.8\nx86_64\nALL\n"),
            (kernel, "MZ"),
            ("images/pxeboot/initrd.img", "x"),
            ("Packages/centos-release-6-8.el6.centos.12.3.x86_64.rpm", "x"),
            (
                "repodata/repomd.xml",
                "<repomd><data type=\"primary\"><location href=\"repodata/p.xml\"/></data></repomd>",
            ),
            (
                "repodata/p.xml",
                "<metadata><package><location xml:base=\"media://1#1\" href=\"Packages/a.rpm\"/></package></metadata>",
            ),
        ],
        &[
            (
                "boot.cfg",
                "title=Loading ESXi installer\nkernel=/tboot.b00\nkernelopt=runweasel\nmodules=/b.b00 --- /useropts.gz\n",
            ),
            ("efi/boot/boot.cfg", "kernel=/tboot.b00\nmodules=/b.b00\n"),
            ("efi/boot/bootx64.efi", "MZ"),
            (
                "upgrade/metadata.xml",
                "<vum><esxVersion>5.5.0</esxVersion><product>embeddedEsx</product></vum>",
            ),
            ("mboot.c32", "x"),
            ("tboot.b00", "x"),
            ("b.b00", "x"),
            ("useropts.gz", "x"),
        ],
        &[
            (
                ".disk/info",
                "Debian GNU/Linux 12.0.0 \"Bookworm\" - Official amd64 DVD Binary-1 20230610\n",
            ),
            ("dists/x/Release", "Codename: x\nSHA256:\n 0 9 main/binary-amd64/Packages\n"),
            ("dists/x/main/binary-amd64/Packages", "Package: a\nFilename: pool/a.deb\n\n"),
            ("md5sum.txt", "d41d8cd98f00b204e9800998ecf8427e  ./pool/a.deb\n"),
            ("pool/a.deb", ""),
        ],
        &[
            (
                "isolinux/isolinux.cfg",
                "label a\nkernel /live/vmlinuz\nappend initrd=/live/initrd boot=live\n",
            ),
            ("live/vmlinuz", "MZ"),
            ("live/initrd", "x"),
            ("live/filesystem.squashfs", "x"),
        ],
    ];
    trees
        .iter()
        .map(|files| {
            let mut tree = Tree::new();
            for (path, text) in *files {
                tree.text(path, text);
            }
            let options =
                iso9660::Options { rock_ridge: Some(RockRidge::default()), ..Default::default() };
            iso9660::write(&tree, &options).image
        })
        .collect()
}
