//! Answer files: what an installer is told beforehand, made from templates.

pub mod account;
pub mod source;

pub use account::Account;
pub use source::Source;
