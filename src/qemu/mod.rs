//! A virtual machine of QEMU's, without a screen and without anybody's rights: found, started,
//! watched and ended.

mod console;
pub mod find;
pub mod keys;
mod machine;
pub mod network;
pub mod options;
mod qmp;
pub mod screen;

pub use console::Console;
pub use machine::{Ended, Machine};
pub use network::Network;
pub use options::Setup;
