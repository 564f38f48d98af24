//! Any bytes as a UDF image. The tags' checksums and CRCs are mended first, else nothing gets past them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pxe_import::media::{Disc, Hierarchy, Image};
use pxe_import::monitor::Void;

fuzz_target!(|data: &[u8]| {
    let mut data = data.to_vec();
    pxe_import_fixtures::udf::repair_tags(&mut data);
    let image = Image::new("fuzz.iso", data);
    let Ok(disc) = Disc::read(image, Some(Hierarchy::Udf), &Void) else { return };
    for id in disc.tree.iter().take(100) {
        assert!(disc.tree.tree_path(id).is_some(), "an unsafe path came through");
        let _ = disc.content(id, 1 << 16);
    }
});
