//! The HTTP end of `try`: the web root as a web server shows it, on this machine's loopback alone.
//!
//! GET and HEAD, ranges, keep-alive, `//` taken for `/`; links are followed, and never out of the web
//! root. Other users of this machine are not answered. What was asked for is kept as values ([`Access`]). The only module with async code.

mod answer;
mod body;
mod log;
mod path;
mod peer;
pub mod relay;
mod serving;

pub use log::{Access, Log};
pub use path::web_path;
pub use serving::{Overlay, Serving};
