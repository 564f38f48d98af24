//! What will be written: a pure value that does not know where.
//!
//! [`merge::merge`] makes one [`Plan`] of several discs; [`link`] and [`case`] look over the
//! result, [`bulk`] at the discs before, [`add_file`] adds what no disc has.

pub mod bulk;
pub mod case;
pub mod conflict;
pub mod link;
pub mod merge;
pub mod rule;
pub mod tree;

mod add;
mod capped;
mod look;
mod total;

pub use add::add_file;
pub use conflict::{Conflict, OnConflict};
pub use merge::{Merge, Merged, Pair, merge};
pub use rule::{Pattern, Rules};
pub use total::Totals;
pub use tree::{Item, Plan, PlanId};
