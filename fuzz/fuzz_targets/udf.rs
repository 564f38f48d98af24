//! Any bytes as a UDF image. Checksums and CRCs are mended first, else nothing gets past them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pxe_import::media::Hierarchy;
use pxe_import_fuzz::{read, repair, unpack};

fuzz_target!(|data: &[u8]| {
    let mut image = unpack(data);
    repair(&mut image);
    read(image, Some(Hierarchy::Udf));
});
