//! A file compressed with zisofs: what is read of it does not depend on the pieces.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use pxe_import::media::iso9660::zisofs::Zisofs;
use pxe_import::media::{Extent, Image};
use pxe_import_fuzz::zisofs::{Input, mutate};

/// Most bytes that are expanded.
const BYTES_MAX: u64 = 1 << 19;

fuzz_target!(|data: &[u8]| {
    let Some(Input { log2, size, split, stored }) = Input::of(data) else { return };
    // In two extents, which lie the other way round.
    let (first, second) = stored.split_at(split.min(stored.len()));
    let len = |bytes: &[u8]| u64::try_from(bytes.len()).expect("an input is short");
    let extents = [
        Extent { offset: Some(len(second)), len: len(first) },
        Extent { offset: Some(0), len: len(second) },
    ];
    let image = Image::new("fuzz.iso", [second, first].concat());
    let Ok(file) = Zisofs::open(&image, &extents, size.into(), log2) else { return };
    let mut whole = vec![0; usize::try_from(u64::from(size).min(BYTES_MAX)).expect("small")];
    let read = file.read_at(&image, 0, &mut whole);
    if let Ok(n) = read {
        assert_eq!(n, whole.len());
    }
    for (number, piece) in whole.chunks(40_000).enumerate() {
        let mut again = vec![0; piece.len()];
        let at = u64::try_from(number * 40_000).expect("small");
        let one = file.read_at(&image, at, &mut again);
        if read.is_ok() {
            assert!(one.is_ok() && again == piece, "other bytes at {at}");
        }
    }
    let mut none = [0; 1];
    assert_eq!(file.read_at(&image, size.into(), &mut none).expect("the end"), 0);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, seed).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});
