//! Any bytes as a disc image, read by each ISO 9660 hierarchy, names and contents included.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pxe_import::media::{Disc, Hierarchy, Image};
use pxe_import::monitor::Void;

fuzz_target!(|data: &[u8]| {
    for hierarchy in
        [None, Some(Hierarchy::Joliet), Some(Hierarchy::Enhanced), Some(Hierarchy::Iso9660)]
    {
        let image = Image::new("fuzz.iso", data.to_vec());
        let Ok(disc) = Disc::read(image, hierarchy, &Void) else { continue };
        for id in disc.tree.iter().take(100) {
            assert!(disc.tree.tree_path(id).is_some(), "an unsafe path came through");
            let _ = disc.content(id, 1 << 16);
        }
    }
});
