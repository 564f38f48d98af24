use super::builder::{
    ASSOCIATED, Builder, CONTINUED, DIRECTORY, ROOT, SECTOR, announcement, listing, nm, px,
};
use crate::media::iso9660::directory::tests::record;
use crate::media::iso9660::field::to_u64;
use crate::media::iso9660::susp::tests::{continuation, entry};
use crate::media::{Extent, Hierarchy, NodeId};

fn plain(records: &[Vec<u8>]) -> Builder {
    let mut builder = Builder::new(2048);
    builder.directory(ROOT, b"", records);
    builder
}

fn rock_ridge(records: &[Vec<u8>]) -> Builder {
    let mut builder = Builder::new(2048);
    builder.directory(ROOT, &announcement(0), records);
    builder
}

#[test]
fn a_plain_tree_has_lower_case_names_and_no_modes() {
    let mut builder =
        plain(&[record(b"BOOT.CFG;1", 0, 30, 5, b""), record(b"EFI", DIRECTORY, 21, 2048, b"")]);
    builder.directory(21, b"", &[record(b"EMPTY.;1", 0, 31, 1, b"")]);
    let tree = builder.read(Hierarchy::Iso9660).expect("a good image");
    assert_eq!(listing(&tree), ["boot.cfg 5", "efi/", "efi/empty 1"]);
    let file = tree.find(b"boot.cfg").expect("a file");
    assert_eq!(tree.mode(file), None);
    assert_eq!(tree.mtime(file).expect("a date").rfc3339(), "2016-05-22T06:04:59Z");
    let extent = Extent { offset: Some(30 * 2048), len: 5 };
    assert_eq!(tree.extents(file).collect::<Vec<_>>(), [extent]);
}

#[test]
fn small_logical_blocks_count_in_their_own_size() {
    for block_size in [512_u16, 1024] {
        let blocks = 2048 / u32::from(block_size);
        let mut builder = Builder::new(block_size);
        let root = 20 * blocks;
        builder.bytes[16 * SECTOR + 156 + 2..][..4].copy_from_slice(&root.to_le_bytes());
        builder.directory(root, b"", &[record(b"A;1", 0, 30 * blocks + 1, 5, b"")]);
        let tree = builder.read(Hierarchy::Iso9660).expect("a good image");
        let file = tree.find(b"a").expect("a file");
        let offset = tree.extents(file).next().expect("an extent").offset;
        assert_eq!(offset, Some(30 * 2048 + u64::from(block_size)));
    }
}

#[test]
fn hidden_files_are_shown_and_associated_ones_are_not() {
    let builder = plain(&[
        record(b"A;1", ASSOCIATED, 30, 5, b""),
        record(b"A;1", 0, 31, 6, b""),
        record(b"B;1", 1, 32, 7, b""),
    ]);
    assert_eq!(builder.listing(Hierarchy::Iso9660), (vec!["a 6".into(), "b 7".into()], vec![]));
}

#[test]
fn an_extended_attribute_record_is_passed_over() {
    let mut with = record(b"A;1", 0, 30, 5, b"");
    with[1] = 2;
    let tree = plain(&[with]).read(Hierarchy::Iso9660).expect("a good image");
    let file = tree.find(b"a").expect("a file");
    assert_eq!(tree.extents(file).next().expect("an extent").offset, Some(32 * 2048));
}

#[test]
fn the_sections_of_a_file_become_one() {
    let builder = plain(&[
        record(b"BIG;1", CONTINUED, 30, 2048, b""),
        record(b"BIG;1", CONTINUED, 31, 2048, b""),
        record(b"BIG;1", 0, 35, 100, b""),
    ]);
    let tree = builder.read(Hierarchy::Iso9660).expect("a good image");
    assert_eq!(listing(&tree), ["big 4196"]);
    let file = tree.find(b"big").expect("a file");
    let extents = [
        Extent { offset: Some(30 * 2048), len: 4096 },
        Extent { offset: Some(35 * 2048), len: 100 },
    ];
    assert_eq!(tree.extents(file).collect::<Vec<_>>(), extents);
}

#[test]
fn a_section_without_its_next_one_is_refused() {
    let unfinished = record(b"BIG;1", CONTINUED, 30, 2048, b"");
    let builder = plain(&[unfinished.clone(), record(b"C;1", 0, 31, 1, b"")]);
    let (offset, what) = builder.fault(Hierarchy::Iso9660);
    assert_eq!(offset, 20 * 2048 + 34 + 34);
    assert!(what.contains("'BIG;1' is said to go on"), "{what}");
    assert!(plain(&[unfinished]).fault(Hierarchy::Iso9660).1.contains("said to go on"));
}

#[test]
fn an_interleaved_file_is_left_empty_with_a_warning() {
    let mut interleaved = record(b"A;1", 0, 30, 5, b"");
    (interleaved[26], interleaved[27]) = (1, 1);
    let (files, warnings) = plain(&[interleaved]).listing(Hierarchy::Iso9660);
    assert_eq!(files, ["a 0"]);
    assert_eq!(warnings, ["interleaved-file: a"]);
}

#[test]
fn the_location_of_an_empty_file_means_nothing() {
    let builder = plain(&[record(b"A;1", 0, u32::MAX, 0, b"")]);
    assert_eq!(builder.listing(Hierarchy::Iso9660).0, ["a 0"]);
}

#[test]
fn a_file_beyond_the_end_of_the_image_is_refused_at_its_record() {
    for (extent, len) in [(40, 1), (39, 2049), (u32::MAX, u32::MAX)] {
        let builder = plain(&[record(b"A;1", 0, extent, len, b"")]);
        let (offset, what) = builder.fault(Hierarchy::Iso9660);
        assert_eq!(offset, 20 * 2048 + 68);
        assert!(what.contains("'a'") && what.contains("beyond the end"), "{what}");
    }
}

#[test]
fn of_two_files_with_one_name_the_first_is_taken() {
    let builder = plain(&[record(b"A;1", 0, 30, 5, b""), record(b"a;1", 0, 31, 6, b"")]);
    let (files, warnings) = builder.listing(Hierarchy::Iso9660);
    assert_eq!(files, ["a 5"]);
    assert_eq!(warnings, ["duplicate-name: a"]);
}

#[test]
fn many_warnings_end_in_their_number() {
    let builder = plain(&vec![record(b"A;1", 0, 30, 5, b""); 31]);
    let (_, warnings) = builder.listing(Hierarchy::Iso9660);
    assert_eq!(warnings.len(), 21);
    assert_eq!(warnings[20], "more-warnings: test.iso");
}

#[test]
fn a_name_that_could_leave_its_directory_is_refused_at_its_record() {
    for name in [&b".."[..], b".", b"a/b", b"a\0b", &[b'x'; 200].repeat(2)] {
        let pieces: Vec<u8> = name.chunks(100).flat_map(nm).collect();
        let mut builder = rock_ridge(&[record(b"A;1", 0, 30, 5, &continuation(36, 0, 2048))]);
        builder.put(36, &[pieces, entry(b"ST", b"")].concat());
        let (offset, what) = builder.fault(Hierarchy::RockRidge);
        let own = record(&[0], DIRECTORY, ROOT, 2048, &announcement(0)).len();
        assert_eq!(offset, 20 * 2048 + to_u64(own) + 34, "{what}");
        assert!(what.contains("a file name"), "{what}");
    }
    let (_, what) = plain(&[record(b".;1", 0, 30, 5, b"")]).fault(Hierarchy::Iso9660);
    assert!(what.contains("an empty file name"), "{what}");
}

#[test]
fn a_directory_that_holds_itself_is_refused() {
    let builder = plain(&[record(b"LOOP", DIRECTORY, ROOT, 2048, b"")]);
    let (offset, what) = builder.fault(Hierarchy::Iso9660);
    assert_eq!(offset, 20 * 2048 + 68);
    assert!(what.contains("'loop' lies at byte 0xa000"), "{what}");
}

#[test]
fn two_directories_that_hold_each_other_are_refused() {
    let mut builder = plain(&[record(b"A", DIRECTORY, 21, 2048, b"")]);
    builder.directory(21, b"", &[record(b"B", DIRECTORY, 22, 2048, b"")]);
    builder.directory(22, b"", &[record(b"C", DIRECTORY, 21, 2048, b"")]);
    assert!(builder.fault(Hierarchy::Iso9660).1.contains("'a/b/c'"));
}

#[test]
fn a_directory_trusts_its_own_record() {
    let mut builder = plain(&[record(b"A", DIRECTORY, 21, 0, b"")]);
    builder.directory(21, b"", &[record(b"B;1", 0, 30, 5, b"")]);
    assert_eq!(builder.listing(Hierarchy::Iso9660).0, ["a/", "a/b 5"]);
}

#[test]
fn a_directory_without_its_own_record_is_refused() {
    let mut builder = plain(&[record(b"A", DIRECTORY, 21, 2048, b"")]);
    assert!(builder.fault(Hierarchy::Iso9660).1.contains("length 0 is below 34"));
    builder.put(21, &record(b"B;1", 0, 30, 5, b""));
    let (offset, what) = builder.fault(Hierarchy::Iso9660);
    assert_eq!(offset, 21 * 2048);
    assert!(what.contains("does not begin with the record of itself"), "{what}");
}

#[test]
fn a_directory_beyond_the_end_of_the_image_is_refused() {
    let beyond = plain(&[record(b"A", DIRECTORY, 40, 2048, b"")]);
    assert!(beyond.fault(Hierarchy::Iso9660).1.contains("beyond the end"));
    let mut long = plain(&[record(b"A", DIRECTORY, 21, 2048, b"")]);
    long.put(21, &record(&[0], DIRECTORY, 21, u32::MAX, b""));
    assert!(long.fault(Hierarchy::Iso9660).1.contains("4294967295 bytes"));
}

#[test]
fn rock_ridge_gives_names_modes_links_and_other_files() {
    let link = [px(0o120_777), nm(b"latest"), entry(b"SL", b"\0\x02\0\0\x01x")].concat();
    let mut builder = rock_ridge(&[
        record(b"A.;1", 0, 30, 5, &[px(0o100_644), nm(b"A mixed Name")].concat()),
        record(b"D", DIRECTORY, 21, 2048, &[px(0o040_700), nm(b"Dir")].concat()),
        record(b"L.;1", 0, 0, 0, &link),
        record(b"P.;1", 0, 0, 0, &[px(0o010_644), nm(b"pipe")].concat()),
    ]);
    builder.directory(21, &px(0o040_755), &[]);
    let tree = builder.read(Hierarchy::RockRidge).expect("a good image");
    assert_eq!(listing(&tree), ["A mixed Name 5", "Dir/", "latest -> ./x", "pipe other"]);
    let mode = |path: &[u8]| tree.mode(tree.find(path).expect("a node"));
    assert_eq!(mode(b"A mixed Name"), Some(0o644));
    assert_eq!(mode(b"Dir"), Some(0o755));
    let plain = builder.listing(Hierarchy::Iso9660).0;
    assert_eq!(plain, ["a 5", "d/", "l 0", "p 0"]);
}

#[test]
fn a_record_without_a_rock_ridge_name_has_its_plain_one() {
    let current = [px(0o100_644), entry(b"NM", b"\x02")].concat();
    let broken = [nm(b"lost"), vec![b'X', b'X', 99, 1]].concat();
    let builder =
        rock_ridge(&[record(b"A.;1", 0, 30, 5, &current), record(b"B;1", 0, 30, 5, &broken)]);
    assert_eq!(builder.listing(Hierarchy::RockRidge).0, ["a 5", "b 5"]);
}

#[test]
fn the_time_of_modification_goes_before_the_recording_date() {
    let tf = entry(b"TF", &[2, 100, 1, 2, 3, 4, 5, 0]);
    let builder =
        rock_ridge(&[record(b"A;1", 0, 30, 5, &tf), record(b"B;1", 0, 30, 5, &px(0o100_644))]);
    let tree = builder.read(Hierarchy::RockRidge).expect("a good image");
    let time = |path: &[u8]| {
        let node = tree.find(path).expect("a file");
        tree.mtime(node).expect("a date").rfc3339()
    };
    assert_eq!(time(b"a"), "2000-01-02T03:04:05Z");
    assert_eq!(time(b"b"), "2016-05-22T06:04:59Z");
}

#[test]
fn a_relocated_directory_stands_where_it_belongs_and_its_holder_is_empty() {
    let both = |n: u32| [n.to_le_bytes(), n.to_be_bytes()].concat();
    let mut builder = rock_ridge(&[
        record(b"RR_MOVED", DIRECTORY, 21, 2048, &nm(b"rr_moved")),
        record(b"DEEP.;1", 0, 0, 0, &[nm(b"deep"), entry(b"CL", &both(22))].concat()),
    ]);
    let moved = [nm(b"deep"), entry(b"RE", b"")].concat();
    builder.directory(21, b"", &[record(b"DEEP", DIRECTORY, 22, 2048, &moved)]);
    let parent = entry(b"PL", &both(ROOT));
    builder.directory(22, &[px(0o040_750), parent].concat(), &[record(b"F;1", 0, 30, 5, b"")]);
    let tree = builder.read(Hierarchy::RockRidge).expect("a good image");
    assert_eq!(listing(&tree), ["deep/", "deep/f 5", "rr_moved/"]);
    assert_eq!(tree.mode(tree.find(b"deep").expect("a directory")), Some(0o750));
}

#[test]
fn a_relocation_to_a_directory_above_is_refused() {
    let both = |n: u32| [n.to_le_bytes(), n.to_be_bytes()].concat();
    let builder = rock_ridge(&[record(b"D;1", 0, 0, 0, &entry(b"CL", &both(ROOT)))]);
    assert!(builder.fault(Hierarchy::RockRidge).1.contains("where another one lies"));
}

#[test]
fn continuation_areas_are_followed_with_their_offset_and_in_chains() {
    let second = continuation(37, 5, 8);
    let mut builder = rock_ridge(&[record(b"A;1", 0, 30, 5, &continuation(36, 100, 28))]);
    let mut block = vec![0xff; 2048];
    block[100..128].copy_from_slice(&second);
    builder.put(36, &block);
    builder.put(37, &[&b"xxxxx"[..], &nm(b"abc")].concat());
    assert_eq!(builder.listing(Hierarchy::RockRidge).0, ["abc 5"]);
}

#[test]
fn a_loop_of_continuation_areas_is_refused() {
    let mut builder = rock_ridge(&[record(b"A;1", 0, 30, 5, &continuation(36, 0, 28))]);
    builder.put(36, &continuation(36, 0, 28));
    let (_, what) = builder.fault(Hierarchy::RockRidge);
    assert!(what.contains("more than 31 areas"), "{what}");
}

#[test]
fn a_continuation_area_that_leaves_its_block_or_the_image_is_refused() {
    for (block, offset, length) in [(36, 2000, 49), (36, u32::MAX, u32::MAX), (40, 0, 28)] {
        let area = continuation(block, offset, length);
        let builder = rock_ridge(&[record(b"A;1", 0, 30, 5, &area)]);
        let (_, what) = builder.fault(Hierarchy::RockRidge);
        assert!(what.starts_with("system use entries go on"), "{what}");
    }
}

#[test]
fn entries_behind_an_xa_record_are_found_by_the_skip_length() {
    let xa = [&[0; 6][..], b"XA", &[0; 6]].concat();
    let mut builder = Builder::new(2048);
    let name = [xa.clone(), nm(b"Name")].concat();
    builder.directory(ROOT, &[xa, announcement(14)].concat(), &[record(b"A;1", 0, 30, 5, &name)]);
    assert_eq!(builder.listing(Hierarchy::RockRidge).0, ["Name 5"]);
}

#[test]
fn a_compressed_file_has_its_expanded_size_and_its_stored_extents() {
    let zf = |algorithm: &[u8]| {
        entry(b"ZF", &[algorithm, &[4, 15], &70_000_u32.to_le_bytes(), &[0; 4]].concat())
    };
    let builder = rock_ridge(&[record(b"A;1", 0, 30, 500, &zf(b"pz"))]);
    let tree = builder.read(Hierarchy::RockRidge).expect("a good image");
    let file = tree.find(b"a").expect("a file");
    assert_eq!((tree.size(file), tree.zisofs(file)), (70_000, Some(15)));
    assert_eq!(tree.extents(file).map(|e| e.len).sum::<u64>(), 500);
    let unknown = rock_ridge(&[record(b"A;1", 0, 30, 500, &zf(b"PZ"))]);
    assert!(unknown.fault(Hierarchy::RockRidge).1.contains("compressed as 'PZ'"));
}

#[test]
fn a_link_without_a_target_is_refused() {
    let builder = rock_ridge(&[record(b"L;1", 0, 0, 0, &px(0o120_777))]);
    assert!(builder.fault(Hierarchy::RockRidge).1.contains("without a target"));
}

#[test]
fn the_top_directory_has_its_own_mode_and_time() {
    let mut builder = Builder::new(2048);
    builder.directory(ROOT, &[announcement(0), px(0o040_711)].concat(), &[]);
    let tree = builder.read(Hierarchy::RockRidge).expect("a good image");
    assert_eq!(tree.mode(NodeId::ROOT), Some(0o711));
    let time = tree.mtime(NodeId::ROOT).expect("a date");
    assert_eq!(time.rfc3339(), "2016-05-22T06:04:59Z");
}
