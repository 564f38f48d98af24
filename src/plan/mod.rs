//! What will be written: a pure value that does not know where.

pub mod tree;

pub use tree::{Item, Plan, PlanId};
