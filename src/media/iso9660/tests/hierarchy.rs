use super::builder::{Builder, ROOT, SECTOR, announcement, listing, nm, px};
use crate::error::Error;
use crate::media::iso9660::Iso9660;
use crate::media::iso9660::directory::tests::record;
use crate::media::{Bootable, Disc, Hierarchy, Image};
use crate::monitor::Void;

/// Rock Ridge (or not), Joliet at block 25 and an enhanced descriptor at block 26.
fn disc(root_system_use: &[u8], file: &[Vec<u8>]) -> Builder {
    let mut builder = Builder::new(2048);
    builder.descriptor(2, 1, b"%/E", 25);
    builder.descriptor(2, 2, b"", 26);
    builder.directory(ROOT, root_system_use, file);
    let name: Vec<u8> = "Ünder.txt;1".encode_utf16().flat_map(u16::to_be_bytes).collect();
    builder.directory(25, b"", &[record(&name, 0, 30, 5, b"")]);
    builder.directory(26, b"", &[record(b"Long Name.txt;1", 0, 30, 5, b"")]);
    builder
}

fn file(system_use: &[u8]) -> Vec<Vec<u8>> {
    vec![record(b"UNDER.TXT;1", 0, 30, 5, system_use)]
}

#[test]
fn rock_ridge_goes_first_and_an_enhanced_descriptor_last() {
    use Hierarchy::{Enhanced, Iso9660, Joliet, RockRidge};
    let rock_ridge = disc(&announcement(0), &file(b""));
    assert_eq!(rock_ridge.hierarchies().expect("ok"), [RockRidge, Joliet, Iso9660, Enhanced]);
    assert_eq!(disc(b"", &file(b"")).hierarchies().expect("ok"), [Joliet, Iso9660, Enhanced]);
}

#[test]
fn each_hierarchy_has_its_own_names() {
    let builder = disc(&announcement(0), &file(&nm(b"under_ground")));
    let names = |hierarchy| builder.listing(hierarchy).0;
    assert_eq!(names(Hierarchy::RockRidge), ["under_ground 5"]);
    assert_eq!(names(Hierarchy::Joliet), ["Ünder.txt 5"]);
    assert_eq!(names(Hierarchy::Enhanced), ["Long Name.txt 5"]);
    assert_eq!(names(Hierarchy::Iso9660), ["under.txt 5"]);
}

#[test]
fn rock_ridge_that_is_not_announced_gives_way_to_joliet() {
    use Hierarchy::{Iso9660, Joliet, RockRidge};
    let builder = disc(&px(0o040_755), &file(&nm(b"under_ground")));
    assert_eq!(builder.hierarchies().expect("ok")[..2], [Joliet, RockRidge]);
    let mut alone = Builder::new(2048);
    alone.directory(ROOT, b"", &file(&nm(b"under_ground")));
    assert_eq!(alone.hierarchies().expect("ok"), [RockRidge, Iso9660]);
    assert_eq!(alone.listing(RockRidge).0, ["under_ground 5"]);
}

#[test]
fn an_empty_rock_ridge_side_gives_way_to_joliet() {
    let builder = disc(&announcement(0), &[]);
    assert_eq!(builder.hierarchies().expect("ok")[0], Hierarchy::Joliet);
}

#[test]
fn a_damaged_rock_ridge_side_is_no_reason_to_take_another() {
    let mut builder = disc(&announcement(0), &file(b""));
    builder.put(ROOT, &[0; 2048]);
    assert_eq!(builder.hierarchies().expect("ok")[0], Hierarchy::RockRidge);
    assert!(builder.read(Hierarchy::RockRidge).is_err());
    assert_eq!(builder.listing(Hierarchy::Joliet).0, ["Ünder.txt 5"]);
}

#[test]
fn a_hierarchy_that_is_not_there_is_refused() {
    let mut builder = Builder::new(2048);
    builder.directory(ROOT, b"", &[]);
    for absent in [Hierarchy::Udf, Hierarchy::RockRidge, Hierarchy::Joliet, Hierarchy::Enhanced] {
        let error = builder.read(absent).expect_err("absent");
        assert_eq!(error.to_string(), format!("test.iso: has no {absent} hierarchy"));
    }
}

#[test]
fn an_image_shorter_than_its_volume_lacks_so_many_bytes() {
    let mut builder = disc(&announcement(0), &file(b""));
    builder.bytes.truncate(builder.bytes.len() - 1000);
    for error in [
        builder.hierarchies().expect_err("cut"),
        Disc::read(builder.image(), None, &Void).expect_err("cut"),
    ] {
        let Error::Corrupt { offset, what, .. } = error else { panic!("{error}") };
        assert_eq!(offset, 16 * 2048 + 80);
        assert!(what.contains(": 1000 bytes are missing, the download is incomplete"), "{what}");
    }
}

#[test]
fn logical_blocks_of_another_size_are_unsupported() {
    for size in [0_u16, 1, 2047, 4096, 65535] {
        let mut builder = Builder::new(2048);
        builder.directory(ROOT, b"", &[]);
        builder.bytes[16 * SECTOR + 128..][..2].copy_from_slice(&size.to_le_bytes());
        builder.bytes[16 * SECTOR + 80..][..4].fill(0);
        assert_eq!(builder.hierarchies().expect_err("refused").kind(), "unsupported");
    }
}

#[test]
fn descriptors_are_looked_for_behind_others_and_no_further_than_the_terminator() {
    let mut builder = Builder::new(2048);
    builder.directory(ROOT, b"", &[]);
    let primary = builder.bytes[16 * SECTOR..17 * SECTOR].to_vec();
    builder.bytes[16 * SECTOR..17 * SECTOR].fill(0xee);
    builder.bytes[18 * SECTOR..19 * SECTOR].copy_from_slice(&primary);
    assert!(Iso9660::open(&builder.image()).expect("readable").is_some());
    builder.bytes[17 * SECTOR..][..7].copy_from_slice(b"\xffCD001\x01");
    assert!(Iso9660::open(&builder.image()).expect("readable").is_none());
}

#[test]
fn a_high_sierra_disc_is_unsupported() {
    let mut bytes = vec![0; 40 * SECTOR];
    bytes[16 * SECTOR + 9..][..5].copy_from_slice(b"CDROM");
    let error = Iso9660::open(&Image::new("old.iso", bytes)).expect_err("refused");
    assert_eq!(error.kind(), "unsupported");
    assert_eq!(error.offset(), Some(0x8000));
}

#[test]
fn an_image_of_any_length_without_descriptors_is_none() {
    for len in [0, 1, 0x8000, 0x8001, 0x8800, 300_000] {
        let image = Image::new("a", vec![0; len]);
        assert!(Iso9660::open(&image).expect("readable").is_none(), "{len}");
    }
}

#[test]
fn a_boot_record_leads_to_the_catalogue() {
    let mut builder = Builder::new(2048);
    builder.directory(ROOT, b"", &[]);
    let boot = &mut builder.bytes[17 * SECTOR..18 * SECTOR];
    boot[..7].copy_from_slice(b"\0CD001\x01");
    boot[7..30].copy_from_slice(b"EL TORITO SPECIFICATION");
    boot[71] = 33;
    let catalog = &mut builder.bytes[33 * SECTOR..];
    catalog[0] = 1;
    catalog[28..32].copy_from_slice(&[0xaa, 0x55, 0x55, 0xaa]);
    catalog[32] = 0x88;
    let image = builder.image();
    let iso = Iso9660::open(&image).expect("readable").expect("a disc");
    let found = iso.bootable(&image).expect("readable");
    assert_eq!(found, Bootable { bios: true, uefi: false });
    assert_eq!(iso.identifiers().volume_id, "TEST");
    assert_eq!(iso.size_bytes(), 40 * 2048);
    let disc = Disc::read(image, None, &Void).expect("a good image");
    assert_eq!((disc.hierarchy, disc.bootable), (Hierarchy::Iso9660, found));
    assert!(listing(&disc.tree).is_empty());
}
