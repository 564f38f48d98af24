//! Whether what is served is what was imported, and whether a client can boot from it.
//!
//! Nothing is written and no lock is taken: an import may go on meanwhile, and [`Recorded::is_stale`]
//! tells that it did. What cannot be read is a finding, no error.

mod address;
mod boot_cfg;
mod bridge;
mod capped;
mod content;
mod disk;
mod files;
mod finding;
mod import;
mod loader;
mod menu;
mod old;
pub mod proof;
mod recorded;
mod requirement;
mod served;
pub(crate) mod shell;
mod site;
mod tidy;
mod uefi;
mod web;

pub use finding::{Finding, Findings, Severity};
pub use import::{Depth, import};
pub use recorded::Recorded;
pub use site::Site;
pub use tidy::tidy;
