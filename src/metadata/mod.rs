//! What install trees say of themselves in files: compressed lists, XML, checksums. Shared by those
//! who check such files and those who mend them. All of it comes from media: what is read is
//! bounded.

#![deny(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    expect(clippy::indexing_slicing, reason = "a test that is out of bounds fails, as it should")
)]

pub(crate) mod checksum;
pub(crate) mod href;
pub(crate) mod packed;
pub(crate) mod primary;
pub(crate) mod repomd;
pub(crate) mod xml;
