//! Our readers against others: bsdtar, xorriso, 7-Zip, and the hadris crates; on our own images, on
//! those of other writers, and on real ones.

mod difference;
mod fixtures;
mod hadris;
mod image;
mod judge;
mod known;
mod program;
mod real;
mod view;
