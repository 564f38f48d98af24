//! An image as a disc, all of it looked at.

use pxe_import::media::{Disc, Hierarchy, Image, Kind};
use pxe_import::monitor::Void;

/// Files of an image whose content is read.
const FILES_MAX: usize = 100;
/// Bytes that are read of each.
const BYTES_MAX: usize = 1 << 16;

/// Reads `image` as `hierarchy`, and the start of each of its first files.
///
/// # Panics
/// If a path came through that leads out of the tree.
pub fn read(image: Vec<u8>, hierarchy: Option<Hierarchy>) {
    let Ok(disc) = Disc::read(Image::new("fuzz.iso", image), hierarchy, &Void) else { return };
    for id in disc.tree.iter() {
        assert!(disc.tree.tree_path(id).is_some(), "an unsafe path came through");
        if disc.tree.kind(id) == Kind::File && id.index() < FILES_MAX {
            // Damaged content is an error; the point is that it is no panic.
            let _ = disc.content(id, BYTES_MAX);
        }
    }
}
