//! Boot menus: pure functions from entries and a menu's text to the new text.

pub mod entry;

pub use entry::Entry;
