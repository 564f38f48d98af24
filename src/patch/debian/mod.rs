//! Debian archives of several discs: their indexes joined, so that every package is listed.
//!
//! Each disc of a set lists its own packages under the same names as the others. Whichever of two
//! lists stays, the packages of the other disc are there and nobody finds them. So lists are
//! joined, and what vouches for them (`Release`, `md5sum.txt`) is made anew.

#![deny(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
#![cfg_attr(test, expect(clippy::as_conversions, reason = "what a test counts is small"))]

mod index;
mod packing;
mod release;
mod signature;
mod stanza;
mod suite;
mod sums;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::HashSet;

use super::PatchReport;
use crate::error::Result;
use crate::metadata::packed::Budget;
use crate::monitor::{Monitor, Warning};
use crate::plan::{Conflict, Item, Plan, PlanId};

use suite::Joining;

/// Where the suites of an archive lie.
const DISTS: &[u8] = b"dists";
/// Most warnings about files that differ and are nothing that can be joined.
const NOT_JOINED_MAX: usize = 20;

/// Joins the indexes of the suites of two or more discs, makes their `Release` files anew, and
/// joins the discs' `md5sum.txt`. `conflicts` are the paths that differ between the discs. What is
/// equal on all discs stays as it is, signatures too.
///
/// Warns of signatures that hold no longer (`signature-dropped`), and of files below `dists` that
/// differ and that nobody can join (`not-joined`): the first disc's stay.
///
/// # Errors
/// [`crate::Error::Corrupt`] if an index cannot be read: with what is left of it packages would be
/// missing, and nobody would see which.
pub fn debian(
    plan: &mut Plan<'_>,
    conflicts: &[Conflict],
    monitor: &dyn Monitor,
) -> Result<Vec<PatchReport>> {
    if plan.discs().len() < 2 || *plan.item(PlanId::ROOT) != Item::Dir {
        return Ok(Vec::new());
    }
    let differing: HashSet<&[u8]> = conflicts.iter().map(|one| one.raw.as_slice()).collect();
    let budget = Budget::of_images(plan.image_bytes());
    let joining = Joining { differing: &differing, budget: &budget, kept: Cell::new(0), monitor };
    let mut reports = Vec::new();
    for id in suites(plan) {
        reports.extend(suite::join(plan, id, &joining)?);
    }
    reports.extend(sums::join(plan, monitor)?);
    warn_rest(plan, conflicts, &reports, monitor);
    Ok(reports)
}

/// Says of discs that are put together without a profile that each of them lists its own packages
/// only (`indexes-not-joined`).
pub fn warn_unjoined(conflicts: &[Conflict], monitor: &dyn Monitor) {
    let is_index = |conflict: &&Conflict| {
        let below = conflict.raw.strip_prefix(b"dists/").unwrap_or_default();
        index::kind(index::split(below).0) == Some(index::Kind::Packages)
    };
    let Some(first) = conflicts.iter().find(is_index) else { return };
    let message = "each disc lists its own packages, and only one list stays: apt does not see the \
                   packages of the other discs; 'pxe-import NAME ISO...' joins them";
    monitor.warn(Warning::new("indexes-not-joined", &first.path, message));
}

/// The directories of the suites. Links beside them (`stable`) lead to one of them.
fn suites(plan: &Plan<'_>) -> Vec<PlanId> {
    let Some(dists) = plan.find(DISTS) else { return Vec::new() };
    let is_dir = |id: &PlanId| *plan.item(*id) == Item::Dir;
    plan.children(dists).iter().copied().filter(is_dir).collect()
}

/// Tells of what was left to the first disc though its rule says that it is joined.
fn warn_rest(
    plan: &Plan<'_>,
    conflicts: &[Conflict],
    reports: &[PatchReport],
    monitor: &dyn Monitor,
) {
    let made: HashSet<&str> = reports.iter().map(|report| report.path.as_str()).collect();
    let is_rest = |conflict: &&Conflict| {
        conflict.rule.starts_with("join:")
            && !made.contains(conflict.path.as_str())
            && plan.find(&conflict.raw).is_some()
            && !is_told(&conflict.raw)
            && conflict.raw != sums::NAME
    };
    let rest: Vec<_> = conflicts.iter().filter(is_rest).collect();
    for conflict in rest.iter().take(NOT_JOINED_MAX) {
        let message = "differs between the discs and is nothing that can be joined: that of the \
                       first disc stays";
        monitor.warn(Warning::new("not-joined", &conflict.path, message));
    }
    if let Some(more) = rest.len().checked_sub(NOT_JOINED_MAX).filter(|more| *more > 0) {
        let message = format!("{more} more of the same kind are not listed");
        monitor.warn(Warning::new("not-joined", "", message));
    }
}

/// Whether a path below `dists` is an index or a `Release`: the first disc's stays where they tell
/// the same, but for sums, dates and how they are packed.
fn is_told(path: &[u8]) -> bool {
    let Some(below) = path.strip_prefix(b"dists/") else { return false };
    let suite = below.iter().position(|&b| b == b'/').unwrap_or(below.len());
    let inside = below.get(suite.saturating_add(1)..).unwrap_or_default();
    let name = path.rsplit(|&b| b == b'/').next();
    index::kind(index::split(inside).0).is_some() || name == Some(b"Release")
}
