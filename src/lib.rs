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

pub mod answer;
pub mod check;
pub mod cli;
pub mod command;
pub mod compare;
pub mod config;
pub mod content;
pub mod copy;
pub mod cpio;
pub mod difference;
mod dir;
pub mod error;
pub mod guess;
pub mod http;
pub mod human;
pub mod identify;
pub mod lines;
pub mod lock;
pub mod lossy;
pub mod manifest;
pub mod media;
pub mod menu;
pub mod meta;
mod metadata;
pub mod monitor;
pub mod netboot;
pub mod osinfo;
pub mod patch;
pub mod path_map;
pub mod plan;
pub mod publish;
pub mod qemu;
pub mod report;
pub mod site;
pub mod sum;
pub mod term;
pub mod trial;
pub mod verify;

mod threads;

pub use error::{Error, Result};
