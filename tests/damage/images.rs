//! The images that are damaged.

use pxe_import_fixtures::family::{self, Size};
use pxe_import_fixtures::{Reads, iso9660, udf};

/// An image before it is damaged.
#[derive(Debug)]
pub(crate) struct Sound {
    pub(crate) name: &'static str,
    pub(crate) image: Vec<u8>,
    /// Where the descriptors of UDF lie.
    pub(crate) tags: Vec<usize>,
}

/// Every image that the fixtures make, but those that are broken.
pub(crate) fn all() -> Vec<Sound> {
    let mut all = Vec::new();
    for sample in iso9660::samples::all().into_iter().chain(iso9660::odd::all()) {
        if matches!(sample.reads, Reads::As { .. }) {
            all.push(Sound { name: sample.name, image: sample.image.to_vec(), tags: Vec::new() });
        }
    }
    for sample in udf::sample::all() {
        let image = sample.write().image.to_vec();
        let tags = udf::find_tags(&image);
        all.push(Sound { name: sample.name, image, tags });
    }
    for (name, build) in family::ALL {
        let image = build(Size::Small).image().to_vec();
        let tags = udf::find_tags(&image);
        all.push(Sound { name, image, tags });
    }
    all
}
