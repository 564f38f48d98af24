//! The merged plan of some discs: what `extract` and `import` share.

use std::num::NonZeroUsize;

use crate::cli;
use crate::compare;
use crate::content::Content;
use crate::error::{Error, Result};
use crate::media::Disc;
use crate::monitor::{Monitor, Warning};
use crate::plan::{self, Merged, Pair, Rules};

/// Merges, compares what two discs have, and leaves out what must not be created.
///
/// # Errors
/// [`Error::Conflict`] for a disc that holds more than its image can, before any of its files is read; as the
/// merge.
pub(super) fn merged<'d>(
    discs: &'d [Disc],
    rules: &Rules,
    options: &cli::Merge,
    jobs: Option<NonZeroUsize>,
    monitor: &dyn Monitor,
) -> Result<Merged<'d>> {
    check_bulk(discs, options.no_size_check, monitor)?;
    let merge = plan::merge(discs, rules, options.on_conflict, monitor)?;
    let pairs: Vec<_> = merge.pairs.iter().map(versions).collect::<Result<_>>()?;
    let equal = compare::all(discs, &pairs, jobs, monitor)?;
    let mut merged = merge.settle(&equal)?;
    let keep = options.keep_unsafe_links;
    plan::link::judge(&mut merged.plan, keep, monitor);
    plan::case::warn_collisions(&merged.plan, monitor);
    Ok(merged)
}

/// What `inspect` warns of, and nothing is written for.
pub(super) const TOO_LARGE: &str = "tree-too-large";

fn check_bulk(discs: &[Disc], allowed: bool, monitor: &dyn Monitor) -> Result<()> {
    for disc in discs {
        let Some(what) = plan::bulk::excess(disc) else { continue };
        let path = disc.image.path();
        if !allowed {
            let what = format!(
                "{what}: fetch it again, and if it is meant to be so, take it with --no-size-check"
            );
            return Err(Error::conflict(path, what));
        }
        monitor.warn(Warning::new(TOO_LARGE, path.display().to_string(), what));
    }
    Ok(())
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
