use proptest::prelude::*;

use super::*;

/// Where the image lies: in memory, in a file beside the output, on another filesystem.
#[derive(Debug, Clone, Copy)]
enum Where {
    Memory,
    Beside,
    Elsewhere,
}

const ELSEWHERE: &str = "/dev/shm";

/// Writes a file of these extents, and tells what is in it and its hash.
fn written(
    (place, (piece, direct), options): (Where, (u64, bool), Options<'_>),
    all: &[u8],
    parts: &[(Option<u64>, u64)],
) -> (Vec<u8>, Option<blake3::Hash>) {
    let top = tempfile::tempdir().expect("a directory");
    let out = top.path().join("out");
    let other = tempfile::tempdir_in(ELSEWHERE);
    let discs = match (place, &other) {
        (Where::Elsewhere, Ok(other)) => one_file(file_source(other.path(), all), parts),
        (Where::Memory, _) => one_file(all.to_vec(), parts),
        _ => one_file(file_source(top.path(), all), parts),
    };
    let plan = plan_of(&discs);
    let copied =
        super::super::write_pieces(&plan, &out, options, (piece, direct), &Void).expect("written");
    let id = plan.find(b"f").expect("planned");
    (fs::read(out.join("f")).expect("there"), copied.hashes.get(id.index()).copied().flatten())
}

/// What the extents say.
fn expected(all: &[u8], parts: &[(Option<u64>, u64)]) -> Vec<u8> {
    let mut out = Vec::new();
    for &(offset, len) in parts {
        match offset {
            Some(at) => out.extend_from_slice(&all[at as usize..][..len as usize]),
            None => out.resize(out.len() + len as usize, 0),
        }
    }
    out
}

#[test]
fn a_large_file_is_the_same_however_it_is_cut_and_wherever_it_comes_from() {
    let all = bytes(5_000_003);
    let parts =
        [(Some(3), 2_000_000), (Some(1_000_000), 4_000_000), (None, 70_001), (Some(5), 100_000)];
    let whole = expected(&all, &parts);
    for place in [Where::Memory, Where::Beside, Where::Elsewhere] {
        for piece in [1 << 16, 1 << 20, 1 << 23] {
            for (options, direct) in [(PLAIN, false), (HASHED, false), (HASHED, true)] {
                let how = (place, (piece, direct), options);
                let (content, hash) = written(how, &all, &parts);
                assert!(content == whole, "{how:?}");
                assert_eq!(hash, options.hash.then(|| blake3::hash(&whole)));
            }
        }
    }
}

fn parts() -> impl Strategy<Value = Vec<(Option<u64>, u64)>> {
    let part = (proptest::option::of(0..10_000_u64), 1..9000_u64);
    proptest::collection::vec(part, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn any_extents_in_any_pieces_give_their_bytes_and_hash(
        parts in parts(),
        log2 in 10..15_u32,
        jobs in 1..4_usize,
        hash: bool,
        in_memory: bool,
        direct: bool,
    ) {
        // Large enough to go past the page cache, where it is to.
        let mut parts = parts;
        parts.extend(direct.then_some((Some(0), 70_000)));
        let all = bytes(70_000);
        let options = Options { jobs: NonZeroUsize::new(jobs), hash, ..PLAIN };
        let place = if in_memory { Where::Memory } else { Where::Beside };
        let (content, found) = written((place, (1 << log2, direct), options), &all, &parts);
        let whole = expected(&all, &parts);
        prop_assert_eq!(found, hash.then(|| blake3::hash(&whole)));
        prop_assert_eq!(content, whole);
    }
}
