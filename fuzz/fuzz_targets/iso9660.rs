//! Any bytes as a disc image, read by each ISO 9660 hierarchy, names and contents included.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pxe_import::media::Hierarchy;
use pxe_import_fuzz::{read, unpack};

fuzz_target!(|data: &[u8]| {
    let image = unpack(data);
    let wanted = [Hierarchy::RockRidge, Hierarchy::Joliet, Hierarchy::Enhanced, Hierarchy::Iso9660];
    for hierarchy in wanted {
        read(image.clone(), Some(hierarchy));
    }
});
