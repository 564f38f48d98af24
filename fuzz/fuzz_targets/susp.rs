//! System use entries in a disc that is sound but for them: those of a file, of the top directory,
//! and of the block where entries may go on.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use pxe_import::media::Hierarchy;
use pxe_import_fuzz::areas::{disc, mutate};
use pxe_import_fuzz::image::read;

fuzz_target!(|data: &[u8]| {
    read(disc(data), Some(Hierarchy::RockRidge));
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});
