//! A UDF image. Checksums and CRCs are mended first, else nothing gets past them.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use pxe_import::media::Hierarchy;
use pxe_import_fuzz::image::read;
use pxe_import_fuzz::mutation::mutate;
use pxe_import_fuzz::sectors::unpack;
use pxe_import_fuzz::tags::repair;

fuzz_target!(|data: &[u8]| {
    let mut image = unpack(data);
    repair(&mut image);
    read(image, Some(Hierarchy::Udf));
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});
