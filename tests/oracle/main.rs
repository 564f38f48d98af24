//! Our readers against others: Linux, bsdtar, xorriso, 7-Zip, and the hadris crates; on our own images, on
//! those of other writers, and on real ones.

mod agreement;
mod corpora;
mod difference;
mod fixtures;
mod hadris;
mod image;
mod judge;
mod known;
mod known_linux;
mod linux;
mod listing;
mod program;
mod real;
mod store;
mod view;
