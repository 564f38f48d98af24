//! Whether what is served is what was imported, and whether a client can boot from it.

mod finding;

pub use finding::{Finding, Findings, Severity};
