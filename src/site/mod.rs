//! The boot server's own files: where they lie, the site's settings, what has been imported.

pub mod amendment;
mod aside;
pub mod asked;
pub mod atomic;
pub mod catalog;
pub mod generated;
pub mod hold;
pub mod host;
pub mod interface;
pub mod known;
pub mod link;
pub mod loader;
pub mod mac;
pub mod media;
pub mod menu;
pub mod name;
pub mod natural;
pub mod network;
pub mod next;
pub mod profiles;
pub mod pxelinux;
pub mod record;
pub mod removal;
pub mod root;
pub mod schedule;
pub mod server;
pub mod settings;
pub mod standing;
pub mod survey;
pub mod uefi;

pub use mac::Mac;
pub use media::Media;
pub use record::Record;
pub use root::Root;
pub use server::Server;
pub use settings::Settings;
