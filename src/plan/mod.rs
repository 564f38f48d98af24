//! What will be written: a pure value that does not know where.
//!
//! [`merge::merge`] makes one [`Plan`] of several discs; [`link`] and [`case`] look over the
//! result, [`add_top_file`] adds what no disc has.

pub mod case;
pub mod conflict;
pub mod link;
pub mod merge;
pub mod rule;
pub mod tree;

mod add;
mod capped;
mod total;

pub use add::{add_file, add_top_file};
pub use conflict::{Conflict, OnConflict};
pub use merge::{Merge, Merged, Pair, merge};
pub use rule::{Pattern, Rules};
pub use total::Totals;
pub use tree::{Item, Plan, PlanId};
