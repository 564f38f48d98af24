//! A disc of a system that osinfo-db knows and no profile.

use super::Found;
use crate::osinfo::Match;

/// Its name, version and architecture; what boots it is not the database's business.
pub(super) fn found(of: Match) -> Found<'static> {
    Found {
        family: None,
        name: Some(of.name),
        version: of.version,
        arch: of.arch,
        variant: of.variant,
        why: Vec::new(),
    }
}
