//! Boot menus: pure functions from entries and a menu's text to the new text.
//!
//! A menu is the administrator's file. What is ours in it are blocks between two marker comments,
//! one block a label; [`edit`] touches nothing else. A format gives [`Block`]s
//! ([`pxelinux::block`]) and needs no more than that to be kept up to date in place.

pub mod asked;
pub mod block;
pub mod config;
pub mod edit;
pub mod entry;
pub mod esxi;
pub mod head;
pub mod ipxe;
pub mod pe;
pub mod pxelinux;
pub mod takeover;

pub use block::Block;
pub use config::{Label, blocks, labels};
pub use edit::{Change, Edit};
pub use entry::{Efi, Entry};
