//! The whole reader against volumes that no program at hand makes.

use super::super::directory::tests::fid;
use super::super::field::{u64_of, usize_of};
use super::super::icb::file_type;
use super::super::tag::{self, identifier};
use super::volume::{BLOCK, SECTORS, START, Volume, address, long_ad, short_ad, type_2, with_root};
use super::*;
use crate::media::Extent;
use crate::monitor::Collect;

fn read(image: &Image) -> Result<Tree> {
    Udf::open(image)?.expect("there is UDF").read(image, &Void)
}

fn sector(sector: u32, len: u64) -> Extent {
    Extent { offset: Some(u64::from(sector) * BLOCK), len }
}

fn hole(len: u64) -> Extent {
    Extent { offset: None, len }
}

fn extents(tree: &Tree, path: &str) -> Vec<Extent> {
    tree.extents(tree.find(path.as_bytes()).expect("the file")).collect()
}

#[test]
fn extents_that_are_not_recorded_and_a_missing_tail_are_holes() {
    let mut volume = with_root(&[("f", 2)]);
    let allocation =
        [short_ad(512, 10), short_ad(0x4000_0200, 11), short_ad(0x8000_0200, 0), short_ad(99, 20)];
    volume.file(2, file_type::REGULAR, 0, 3000, &allocation.concat());
    let tree = read(&volume.image()).expect("a good volume");
    let expected = [sector(310, 512), hole(1024), sector(320, 99), hole(3000 - 1635)];
    assert_eq!(extents(&tree, "f"), expected);
    assert_eq!(tree.size(tree.find(b"f").expect("f")), 3000);
}

#[test]
fn the_information_length_cuts_the_last_extent() {
    let mut volume = with_root(&[("f", 2)]);
    let allocation = [long_ad(512, 10, 0), long_ad(1024, 11, 0), long_ad(512, 999_999, 0)];
    volume.file(2, file_type::REGULAR, 1, 700, &allocation.concat());
    let tree = read(&volume.image()).expect("what lies behind the end is not looked at");
    assert_eq!(extents(&tree, "f"), [sector(310, 700)]);
}

#[test]
fn extended_allocation_descriptors_name_blocks_too() {
    let mut volume = with_root(&[("f", 2)]);
    let mut allocation = [short_ad(512, 512), short_ad(512, 10)].concat();
    allocation.extend([0; 4]);
    volume.file(2, file_type::REGULAR, 2, 512, &allocation);
    assert_eq!(extents(&read(&volume.image()).expect("good"), "f"), [sector(310, 512)]);
}

#[test]
fn allocation_descriptors_go_on_in_another_block() {
    let mut volume = with_root(&[("f", 2)]);
    let allocation = [short_ad(512, 10), short_ad(0xc000_0200, 30), short_ad(512, 77)];
    volume.file(2, file_type::REGULAR, 0, 1024, &allocation.concat());
    let more = short_ad(512, 20);
    volume.put(START + 30, 30, identifier::ALLOCATION_EXTENT, &[(20, &[8]), (24, &more)]);
    let tree = read(&volume.image()).expect("a good volume");
    assert_eq!(extents(&tree, "f"), [sector(310, 512), sector(320, 512)]);
}

#[test]
fn allocation_descriptors_in_a_circle_are_refused() {
    let mut volume = with_root(&[("f", 2)]);
    volume.file(2, file_type::REGULAR, 0, 1024, &short_ad(0xc000_0200, 30));
    let more = short_ad(0xc000_0200, 30);
    volume.put(START + 30, 30, identifier::ALLOCATION_EXTENT, &[(20, &[8]), (24, &more)]);
    let error = read(&volume.image()).expect_err("a loop");
    assert_eq!(error.offset(), Some(330 * BLOCK));
    assert!(error.to_string().contains("loop"), "{error}");
}

#[test]
fn embedded_data_is_an_extent_of_the_image() {
    let mut volume = with_root(&[("f", 2), ("empty", 3)]);
    volume.file(2, file_type::REGULAR, 3, 5, b"hello");
    volume.file(3, file_type::REGULAR, 3, 0, b"");
    let tree = read(&volume.image()).expect("a good volume");
    let expected = Extent { offset: Some(302 * BLOCK + 176), len: 5 };
    assert_eq!(extents(&tree, "f"), [expected]);
    assert_eq!(extents(&tree, "empty"), []);
}

#[test]
fn links_and_devices_are_told_from_files() {
    let mut volume = with_root(&[("link", 2), ("tty", 3), ("sub", 4)]);
    volume.file(2, file_type::SYMBOLIC_LINK, 3, 14, b"\x03\0\0\0\x05\x06\0\0\x08there");
    volume.file(3, 7, 3, 0, b"");
    volume.directory(4, &[fid(8, b"", address(1, 0)), fid(2, b"\x08f", address(5, 0))]);
    volume.file(5, file_type::UNSPECIFIED, 3, 1, b"x");
    let tree = read(&volume.image()).expect("a good volume");
    assert_eq!(listing(&tree), ["link -> ../there", "sub/", "sub/f 1", "tty ?"]);
    assert_eq!(tree.mode(tree.find(b"link").expect("the link")), Some(0o777));
}

#[test]
fn hidden_files_are_not_shown_and_of_twins_the_first_one_is() {
    let mut volume = Volume::new().with_file_set();
    let twin = |block| fid(0, b"\x08twin", address(block, 0));
    let unknown = fid(0, b"\x09?", address(2, 0));
    volume.directory(1, &[fid(1, b"\x08h", address(2, 0)), twin(2), twin(3), unknown]);
    volume.file(2, file_type::REGULAR, 3, 1, b"1");
    let image = volume.image();
    let heard = Collect::default();
    let udf = Udf::open(&image).expect("good").expect("UDF");
    assert_eq!(listing(&udf.read(&image, &heard).expect("good")), ["twin 1"]);
    let codes: Vec<_> = heard.warnings().iter().map(|w| w.code).collect();
    assert_eq!(codes, ["duplicate-name", "unreadable-name"]);
}

#[test]
fn a_name_that_is_no_file_name_is_refused_at_its_entry() {
    let long = [b"\x08".to_vec(), vec![0xe9; 128]].concat();
    for name in [&b"\x08"[..], b"\x08.", b"\x08..", b"\x08a/b", b"\x08a\0", b"", &long] {
        let mut volume = Volume::new().with_file_set();
        volume.directory(1, &[fid(0, b"\x08good", address(2, 0)), fid(0, name, address(2, 0))]);
        volume.file(2, file_type::REGULAR, 3, 1, b"1");
        let error = read(&volume.image()).expect_err("a bad name");
        assert_eq!(error.offset(), Some(301 * BLOCK + 176 + 44), "{name:?}");
        assert!(error.to_string().contains("file name"), "{error}");
    }
}

#[test]
fn a_directory_that_leads_back_is_refused() {
    let mut volume = with_root(&[("a", 2)]);
    volume.directory(2, &[fid(2, b"\x08b", address(1, 0))]);
    let error = read(&volume.image()).expect_err("a loop");
    assert_eq!(error.offset(), Some(302 * BLOCK + 176));
    assert!(error.to_string().contains("loop"), "{error}");
}

#[test]
fn an_extent_beyond_the_end_of_the_image_is_refused_at_its_entry() {
    let mut volume = with_root(&[("f", 2)]);
    volume.file(2, file_type::REGULAR, 0, 1024, &short_ad(1024, 699));
    let error = read(&volume.image()).expect_err("beyond the end");
    assert_eq!(error.offset(), Some(302 * BLOCK));
    let mut volume = with_root(&[("f", 700)]);
    volume.directory(5, &[]);
    assert_eq!(
        read(&volume.image()).expect_err("beyond the end").offset(),
        Some(301 * BLOCK + 176)
    );
}

#[test]
fn a_bad_tag_is_an_error_at_its_byte() {
    let mut volume = with_root(&[("f", 2)]);
    volume.file(2, file_type::REGULAR, 3, 1, b"1");
    for (sector, byte) in [(300, 100), (301, 30), (302, 176)] {
        let mut bytes = volume.bytes.clone();
        bytes[sector * 512 + byte] ^= 4;
        let damaged = Volume { bytes, maps: volume.maps.clone(), reference: 0 };
        let error = read(&damaged.image()).expect_err("a bad CRC");
        assert_eq!(error.offset(), Some(BLOCK * u64_of(sector)));
        assert_eq!(error.kind(), "corrupt");
    }
}

#[test]
fn an_image_that_ends_before_its_partition_says_how_much_is_missing() {
    let mut image = with_root(&[]).image();
    let bytes = image.read_vec(0, usize_of(SECTORS) * 512 - 700).expect("readable");
    image = Image::new("cut.iso", bytes);
    let error = Udf::open(&image).expect_err("cut off");
    assert!(error.to_string().contains("700 bytes are missing"), "{error}");
    assert_eq!(error.offset(), Some(102 * BLOCK));
}

#[test]
fn an_entry_of_strategy_4096_is_followed_to_the_latest_one() {
    let mut volume = with_root(&[("f", 2)]);
    volume.file(2, file_type::REGULAR, 3, 3, b"old");
    let entry = START + 2;
    volume.put(entry, 2, identifier::FILE_ENTRY, &[(20, &4096_u16.to_le_bytes())]);
    let next = long_ad(512, 9, 0);
    volume.put(entry + 1, 3, identifier::INDIRECT_ENTRY, &[(36, &next)]);
    volume.file(9, file_type::REGULAR, 3, 4, b"new!");
    let tree = read(&volume.image()).expect("a good volume");
    assert_eq!(listing(&tree), ["f 4"]);
}

#[test]
fn entries_that_replace_each_other_in_a_circle_are_refused() {
    let mut volume = with_root(&[("f", 2)]);
    for (block, next) in [(2, 9), (9, 2)] {
        let entry = START + block;
        volume.file(block, file_type::REGULAR, 3, 3, b"old");
        volume.put(entry, block, identifier::FILE_ENTRY, &[(20, &4096_u16.to_le_bytes())]);
        let next = long_ad(512, next, 0);
        volume.put(entry + 1, block + 1, identifier::INDIRECT_ENTRY, &[(36, &next)]);
    }
    let error = read(&volume.image()).expect_err("a loop");
    // At one of the two indirect entries.
    let places = [3, 10].map(|block| Some(u64::from(START + block) * BLOCK));
    assert!(places.contains(&error.offset()), "{error}");
    assert!(error.to_string().contains("replaced too many times, or a loop"), "{error}");
}

#[test]
fn other_strategies_are_not_supported() {
    let mut volume = with_root(&[("f", 2)]);
    volume.put(START + 2, 2, identifier::FILE_ENTRY, &[(20, &[1])]);
    assert_eq!(read(&volume.image()).expect_err("strategy 1").kind(), "unsupported");
}

#[test]
fn a_replaced_packet_of_a_sparable_partition_is_read_from_its_replacement() {
    let mut volume = with_root(&[("f", 34)]);
    volume.maps = vec![type_2(
        b"*UDF Sparable Partition",
        &[(40, &[32, 0, 1]), (44, &[0, 2]), (48, &200_u32.to_le_bytes())],
    )];
    let entry = [32_u32.to_le_bytes(), 210_u32.to_le_bytes()].concat();
    volume.put(
        200,
        200,
        identifier::SPARING_TABLE,
        &[(17, b"*UDF Sparing Table"), (48, &[1]), (56, &entry)],
    );
    // Block 34 is the third of the packet that was replaced; the file reaches over its end.
    volume.entry(212, 34, file_type::REGULAR, 0, 2048, &short_ad(2048, 62));
    let tree = read(&volume.image()).expect("a good volume");
    assert_eq!(extents(&tree, "f"), [sector(240, 1024), sector(364, 1024)]);
}

#[test]
fn a_virtual_partition_goes_by_the_table_at_the_end_of_the_image() {
    for revision in [0x0150_u16, 0x0200] {
        let mut volume = Volume::new();
        let virtual_map = type_2(b"*UDF Virtual Partition", &[(28, &revision.to_le_bytes())]);
        volume.maps.push(virtual_map);
        volume.reference = 1;
        let root = long_ad(512, 1, 1);
        volume.put(START + 50, 0, identifier::FILE_SET, &[(400, &root)]);
        let content = fid(0, b"\x08f", address(2, 1));
        let len = u64_of(content.len());
        volume.entry(START + 61, 1, file_type::DIRECTORY, 3, len, &content);
        volume.entry(START + 40, 2, file_type::REGULAR, 1, 9, &long_ad(9, 70, 0));
        let entries = [50_u32, 61, 40].map(u32::to_le_bytes).concat();
        let (table, file_type) = if revision == 0x0150 {
            let trailer = [&[0][..], b"*UDF Virtual Alloc Tbl", &[0; 13]].concat();
            ([entries, trailer].concat(), file_type::UNSPECIFIED)
        } else {
            let mut header = vec![0; 152];
            header[0] = 152;
            ([header, entries].concat(), file_type::VIRTUAL_ALLOCATION_TABLE)
        };
        // Three blocks of padding follow.
        let block = SECTORS - START - 4;
        volume.file(block, file_type, 3, u64_of(table.len()), &table);
        let tree = read(&volume.image()).expect("a good volume");
        assert_eq!(extents(&tree, "f"), [sector(370, 9)], "{revision:#x}");
    }
}

#[test]
fn a_write_once_disc_without_its_table_is_refused() {
    let mut volume = Volume::new();
    volume.maps.push(type_2(b"*UDF Virtual Partition", &[(29, &[2])]));
    let error = read(&volume.image()).expect_err("no table");
    assert!(error.to_string().contains("virtual allocation table"), "{error}");
}

/// A metadata partition: file entry in block 100, mirror's in 200; content in blocks 110 to 113,
/// in two extents, and 210 to 213.
fn with_metadata() -> Volume {
    let mut volume = Volume::new();
    volume.maps.push(type_2(b"*UDF Metadata Partition", &[(40, &[100]), (44, &[200]), (58, &[1])]));
    volume.reference = 1;
    let main = [short_ad(1024, 110), short_ad(1024, 120)].concat();
    volume.file(100, file_type::METADATA, 0, 2048, &main);
    volume.file(200, file_type::METADATA_MIRROR, 0, 2048, &short_ad(2048, 210));
    for [file_set, root, file] in [[410, 411, 420], [510, 511, 512]] {
        volume.put(file_set, 0, identifier::FILE_SET, &[(400, &long_ad(512, 1, 1))]);
        let content = fid(0, b"\x08f", address(2, 1));
        volume.entry(root, 1, file_type::DIRECTORY, 3, u64_of(content.len()), &content);
        volume.entry(file, 2, file_type::REGULAR, 1, 600, &long_ad(600, 70, 0));
    }
    volume
}

#[test]
fn a_metadata_partition_is_read_through_its_file() {
    let tree = read(&with_metadata().image()).expect("a good volume");
    assert_eq!(extents(&tree, "f"), [sector(370, 600)]);
}

#[test]
fn the_mirror_stands_in_for_a_damaged_metadata_file() {
    for sector in [400, 410, 411, 420] {
        let mut volume = with_metadata();
        volume.bytes[sector * 512 + 20] ^= 1;
        let tree = read(&volume.image()).expect("the mirror is good");
        assert_eq!(listing(&tree), ["f 600"], "{sector}");
    }
    let mut volume = with_metadata();
    volume.bytes[420 * 512 + 20] ^= 1;
    volume.bytes[512 * 512 + 20] ^= 1;
    assert_eq!(read(&volume.image()).expect_err("both damaged").offset(), Some(420 * BLOCK));
}

#[test]
fn an_unknown_partition_map_is_not_supported() {
    let mut volume = with_root(&[]);
    volume.maps = vec![type_2(b"*Somebody's", &[])];
    let error = read(&volume.image()).expect_err("an unknown map");
    assert_eq!((error.kind(), error.offset()), ("unsupported", Some(101 * BLOCK)));
}

#[test]
fn no_flipped_byte_makes_the_reader_panic_even_where_the_tag_is_repaired() {
    let image = with_metadata().image();
    read(&image).expect("good as long as nothing is flipped");
    let good = image.read_vec(0, usize_of(SECTORS) * 512).expect("readable");
    for sector in [101, 102, 256, 400, 410, 411, 420] {
        let location = u32::from_le_bytes(
            good[sector * 512 + 12..sector * 512 + 16].try_into().expect("four bytes"),
        );
        for byte in (16..512).step_by(3) {
            for value in [0, 0x7f, 0xff] {
                let mut bytes = good.clone();
                let block = &mut bytes[sector * 512..sector * 512 + 512];
                block[byte] = value;
                let identifier = u16::from_le_bytes([block[0], block[1]]);
                tag::seal(block, identifier, location);
                let image = Image::new("bent.iso", bytes);
                if let Err(error) = read(&image) {
                    assert!(error.offset().is_some(), "{error}");
                }
            }
        }
    }
}
