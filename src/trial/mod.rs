//! Trying an entry: what it needs, what a virtual machine asked for and said, and whether that is a
//! boot.
//!
//! **The rule.** A tree that is broken must never be called booted, so a boot takes both of these:
//!
//! 1. Everything that the entry needs (kernel, ramdisk, each module) was fetched whole: by one answer,
//!    or by ranges that cover it, and of the size that the import has recorded; and from the first of
//!    them on, no boot loader asked for anything that is not there.
//! 2. A sign of life after that, which no boot loader gives: text on the serial console, or on
//!    a BIOS machine's text screen, that is none of the loaders' own messages and none of the menu's; a request of a program that is no boot loader (an installer fetching
//!    its answer file); or the machine switching itself off. With `--until`, the text that was asked
//!    for and nothing else.
//!
//! A loader's complaint, a kernel's panic or a reset of the machine is no boot, whatever came before:
//! after the first sign of life the machine is watched a little longer for that. A kernel that prints
//! nothing where it is heard cannot be told from one that hangs, so that is no boot either, and
//! told apart as `silent`: everything was fetched whole, nothing was heard.

pub mod bios;
pub mod bridge;
pub mod directory;
pub mod fetch;
pub mod loader;
pub mod menus;
pub mod need;
pub mod route;
pub mod run;
pub mod uefi;
pub mod verdict;

pub use fetch::{Fetch, State};
pub use menus::{By, Menus};
pub use need::Need;
pub use verdict::{Seen, Verdict};
