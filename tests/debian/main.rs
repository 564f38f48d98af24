//! Pairs of Debian discs as a real apt sees them once they are merged.

mod apt;
mod debian_cd;
mod joined;
mod netboot;
mod pair;
