//! The merged plan of some discs: what `extract` and `import` share.

use std::num::NonZeroUsize;

use crate::compare;
use crate::content::Content;
use crate::error::{Error, Result};
use crate::media::Disc;
use crate::monitor::Monitor;
use crate::plan::{self, Merged, OnConflict, Pair, Rules};

/// Merges, compares what two discs have, and leaves out what must not be created.
pub(super) fn merged<'d>(
    discs: &'d [Disc],
    rules: &Rules,
    policy: OnConflict,
    jobs: Option<NonZeroUsize>,
    monitor: &dyn Monitor,
) -> Result<Merged<'d>> {
    let merge = plan::merge(discs, rules, policy, monitor)?;
    let pairs: Vec<_> = merge.pairs.iter().map(versions).collect::<Result<_>>()?;
    let equal = compare::all(discs, &pairs, jobs, monitor)?;
    let mut merged = merge.settle(&equal)?;
    plan::link::drop_unsafe(&mut merged.plan, monitor);
    plan::case::warn_collisions(&merged.plan, monitor);
    Ok(merged)
}

/// Both versions as files of discs, which is all that a merge pairs.
fn versions(pair: &Pair) -> Result<(compare::File, compare::File)> {
    match (&pair.left, &pair.right) {
        (Content::Node { disc: left, node: a }, Content::Node { disc: right, node: b }) => {
            Ok(((*left, *a), (*right, *b)))
        }
        _ => Err(Error::Usage("only files of discs can be compared".into())),
    }
}
