//! Whether what is served is what was imported, and whether a client can boot from it.

pub mod proof;

mod finding;

pub use finding::{Finding, Findings, Severity};
