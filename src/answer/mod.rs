//! Answer files: what an installer is told beforehand, made from templates.
//!
//! Pure: a [`Request`] says what is known, [`render()`] makes the text of it, and reading and
//! publishing are the commands' part.

pub mod account;
pub mod builtin;
pub mod crypt;
pub mod facts;
pub mod keys;
pub mod render;
pub mod seed;
pub mod settings;
pub mod source;
pub mod word;

pub use account::Account;
pub use builtin::Choice;
pub use render::{Request, file_name, is_locked, render};
pub use settings::Settings;
pub use source::Source;
