//! `pxe-import extract`: merge and copy only.

use std::time::Instant;

use super::merge::merged;
use crate::cli::{Common, Extract};
use crate::copy::{self, Copied, Options};
use crate::error::Result;
use crate::monitor::Monitor;
use crate::patch;
use crate::plan::{Merged, Rules};
use crate::publish::{Extraction, check_space, needed};
use crate::report::{Done, Report};

/// Merges the discs into a new or empty directory; neither hashes nor syncs.
///
/// # Errors
/// If an image cannot be read, the directory is in use, or the copy fails; then nothing is left.
pub fn run(args: &Extract, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let begun = Instant::now();
    // Before the discs are read and compared, which takes a while; and for --dry-run.
    Extraction::check(&args.to)?;
    let discs = super::open_set(&args.images, args.merge.hierarchy, monitor)?;
    let Merged { plan, conflicts } =
        merged(&discs, &Rules::default(), &args.merge, common.jobs(), monitor)?;
    patch::debian::warn_unjoined(&conflicts, monitor);
    let mut copied = Copied::default();
    if common.dry_run {
        Extraction::check(&args.to)?;
    } else {
        let extraction = Extraction::to(&args.to)?;
        check_space(&args.to, |block| needed(&plan, block, |_| false))?;
        let options = Options { jobs: common.jobs(), ..Options::default() };
        copied = copy::write(&plan, &extraction.tree(), options, monitor)?;
        extraction.finish()?;
    }
    Ok(Report::Done(Box::new(Done {
        target: args.to.to_string_lossy().into_owned(),
        read: copied.read,
        written: copied.bytes,
        conflicts,
        seconds: begun.elapsed().as_secs_f64(),
        dry_run: common.dry_run,
        ..Done::default().with(plan.totals())
    })))
}
