//! What the fuzz targets share: disc images as inputs, mutations that know the structures of a
//! disc, and what must hold of whatever is made of one.

#![forbid(unsafe_code)]

pub mod areas;
pub mod disc;
pub mod disk;
pub mod field;
pub mod image;
pub mod iso9660;
pub mod mutation;
pub mod packing;
pub mod random;
pub mod sectors;
pub mod susp;
pub mod tags;
pub mod text;
pub mod udf;
pub mod wim;
pub mod zisofs;
