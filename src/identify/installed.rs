//! What an installed osinfo-db says of a disc that no profile knows.

use super::{Found, Profiles};
use crate::media::Disc;
use crate::monitor::Monitor;
use crate::osinfo::Database;

/// Name, version and architecture; what boots the disc is not its business.
pub(super) fn find(
    disc: &Disc,
    profiles: &Profiles,
    monitor: &dyn Monitor,
) -> Option<Found<'static>> {
    let dirs = profiles.osinfo();
    if dirs.is_empty() {
        return None;
    }
    let found = Database::open(dirs, monitor).find(&disc.identifiers)?;
    Some(Found {
        family: None,
        name: Some(found.name),
        version: found.version,
        arch: found.arch,
        variant: found.variant,
        why: vec![found.why],
    })
}
