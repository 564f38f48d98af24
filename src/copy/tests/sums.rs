use super::*;
use crate::monitor::Collect;
use crate::sum::{Algorithm, Hasher as SumHasher, Sum};

fn sum(algorithm: Algorithm, bytes: &[u8]) -> Sum {
    let mut hasher = SumHasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish()
}

/// Copies the one file of `discs` in pieces of `piece`, which must hash to `sum`.
fn copied(discs: &[Disc], sum: Sum, lenient: bool, piece: u64) -> (Result<Copied>, Sums, Collect) {
    let top = tempfile::tempdir().expect("a directory");
    let plan = plan_of(discs);
    let mut sums = Sums::default();
    sums.expect(plan.find(b"f").expect("planned"), sum, "md5sum.txt", lenient);
    let heard = Collect::default();
    let options = Options { sums: Some(&sums), ..HASHED };
    let done = write_pieces(&plan, &top.path().join("out"), options, piece, &heard);
    (done, sums, heard)
}

#[test]
fn a_file_is_held_against_its_sum_as_it_is_copied_holes_and_all() {
    let all = bytes(500_000);
    let parts = [(Some(7), 300_000), (None, 100_000), (Some(0), 5)];
    let whole = [&all[7..300_007], &vec![0; 100_000], &all[..5]].concat();
    for algorithm in [Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512] {
        let discs = one_file(all.clone(), &parts);
        let (done, sums, heard) = copied(&discs, sum(algorithm, &whole), false, PIECE);
        let plan = plan_of(&discs);
        let hash = done.expect("right").hashes[plan.find(b"f").expect("planned").index()];
        assert_eq!(hash, Some(blake3::hash(&whole)));
        assert_eq!(sums.unchecked(), []);
        assert_eq!(sums.held(&plan), [(0, "md5sum.txt", 1)]);
        assert_eq!(heard.warnings(), []);
    }
}

#[test]
fn a_wrong_sum_ends_the_copy_with_the_file_and_where_it_lies() {
    let discs = one_file(bytes(5000), &[(None, 10), (Some(2000), 100)]);
    let wanted = sum(Algorithm::Md5, b"");
    let (done, sums, _) = copied(&discs, wanted, false, PIECE);
    let error = done.expect_err("wrong");
    assert_eq!((error.kind(), error.offset()), ("corrupt", Some(2000)));
    let text = error.to_string();
    assert!(text.starts_with("x.iso: corrupt at byte 0x7d0: f has the MD5 "), "{text}");
    assert!(text.contains(&format!("md5sum.txt of the disc says {wanted}")), "{text}");
    assert_eq!(sums.held(&plan_of(&discs)), []);
}

#[test]
fn what_may_differ_is_a_warning_given_once() {
    let discs = one_file(bytes(5000), &[(Some(0), 100)]);
    let (done, sums, heard) = copied(&discs, sum(Algorithm::Md5, b""), true, PIECE);
    done.expect("a warning only");
    let plan = plan_of(&discs);
    let id = plan.find(b"f").expect("planned");
    assert!(sums.read(&plan, id, &|_| Ok(true), &heard).expect("a warning only"));
    let codes: Vec<_> = heard.warnings().iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["boot-file-sum"]);
    assert_eq!(sums.held(&plan), []);
}

#[test]
fn a_file_that_is_copied_in_pieces_is_left_to_be_read_in_order() {
    let all = bytes(300_000);
    let discs = one_file(all.clone(), &[(Some(0), 300_000)]);
    let plan = plan_of(&discs);
    let id = plan.find(b"f").expect("planned");
    for (wanted, right) in [(sum(Algorithm::Md5, &all), true), (sum(Algorithm::Md5, b""), false)] {
        let (done, sums, heard) = copied(&discs, wanted, false, 1 << 16);
        assert_eq!(done.expect("copied").hashes[id.index()], Some(blake3::hash(&all)));
        assert_eq!(sums.unchecked(), [id]);
        assert!(!sums.read(&plan, id, &|_| Ok(false), &heard).expect("stopped"));
        assert_eq!(sums.unchecked(), [id]);
        assert_eq!(sums.read(&plan, id, &|_| Ok(true), &heard).is_ok(), right);
        assert_eq!(sums.unchecked(), []);
    }
}

#[test]
fn an_empty_file_has_a_sum_too() {
    let discs = one_file(bytes(10), &[]);
    let (done, sums, _) = copied(&discs, sum(Algorithm::Sha256, b""), false, PIECE);
    done.expect("right");
    assert_eq!(sums.unchecked(), []);
    let (done, ..) = copied(&discs, sum(Algorithm::Sha256, b"x"), false, PIECE);
    done.expect_err("wrong");
}

#[test]
fn files_are_split_above_a_piece_and_not_at_it() {
    assert!(!is_split(PIECE) && is_split(PIECE + 1));
}
