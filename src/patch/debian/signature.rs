//! Signatures of a suite's `Release`, which hold as long as nothing of it is made anew.

use super::suite::child;
use crate::media::printable;
use crate::monitor::{Monitor, Warning};
use crate::plan::{Plan, PlanId};

/// What a joined archive cannot keep.
const SIGNED: [&[u8]; 2] = [b"Release.gpg", b"InRelease"];

/// Leaves out the signatures of a `Release` that is no longer what was signed.
pub(super) fn drop_all(plan: &mut Plan<'_>, dir: PlanId, monitor: &dyn Monitor) {
    let gone: Vec<_> = SIGNED.iter().filter_map(|name| child(plan, dir, name)).collect();
    let names: Vec<_> = gone.iter().map(|&id| printable(plan.name(id))).collect();
    if gone.is_empty() {
        return;
    }
    let message = format!(
        "{} signed the indexes of one disc, and these are of all: left out. apt takes packages from \
         it with [trusted=yes] in its sources, the installer with \
         debian-installer/allow_unauthenticated=true",
        names.join(" and ")
    );
    monitor.warn(Warning::new("signature-dropped", printable(&plan.path(dir)), message));
    plan.remove_all(&gone);
}

/// Where nothing was made anew: they stay if all discs have the `same` text, or if they are of the
/// disc whose text stays.
pub(super) fn keep_own(
    plan: &mut Plan<'_>,
    dir: PlanId,
    disc: usize,
    same: bool,
    monitor: &dyn Monitor,
) {
    let of_another = |name: &&[u8]| {
        let owner = child(plan, dir, name).and_then(|id| plan.disc(id));
        owner.is_some_and(|owner| owner != disc)
    };
    if !same && SIGNED.iter().any(of_another) {
        drop_all(plan, dir, monitor);
    }
}
