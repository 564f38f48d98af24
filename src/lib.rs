//! Install media in, a PXE boot server's web root out.
//!
//! Data flows one way:
//!
//! ```text
//! image files --media--> Tree (per disc) --identify--> Product + Profile
//!                           \--plan: merge, patch, links--> Plan --copy--> staging --publish--> live tree
//! ```
//!
//! The library prints nothing and keeps no global state; it reports through a
//! [`monitor::Monitor`], always the last argument.

pub mod content;
pub mod error;
pub mod media;
pub mod monitor;
pub mod plan;

pub use error::{Error, Result};
