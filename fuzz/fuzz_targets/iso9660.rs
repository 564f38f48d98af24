//! A disc image, read by each ISO 9660 hierarchy, names and contents included.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use pxe_import::media::Hierarchy;
use pxe_import_fuzz::image::read;
use pxe_import_fuzz::mutation::mutate;
use pxe_import_fuzz::sectors::unpack;

fuzz_target!(|data: &[u8]| {
    let image = unpack(data);
    let wanted = [Hierarchy::RockRidge, Hierarchy::Joliet, Hierarchy::Enhanced, Hierarchy::Iso9660];
    for hierarchy in wanted {
        read(image.clone(), Some(hierarchy));
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});
