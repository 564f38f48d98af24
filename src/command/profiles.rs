//! `pxe-import profiles`: the kinds of discs that are known.

use crate::cli::{self, Common};
use crate::error::{Error, Result};
use crate::identify::support;
use crate::report::Report;
use crate::report::profiled::{ProfileReport, Profiled};
use crate::site::{Root, profiles};

/// Lists the profiles, shows one, or prints what they support.
///
/// # Errors
/// [`Error::Usage`] for a NAME that no profile has; [`Error::Invalid`] with the line for a profile that is
/// wrong.
pub fn run(args: &cli::Profiles, common: &Common) -> Result<Report> {
    let all = profiles::load(&Root::new(&common.root))?;
    let shown = match &args.name {
        Some(name) => Some(all.get(name).ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|profile| profile.name.as_str()).collect();
            Error::Usage(format!("there is no profile '{name}': there are {}", names.join(", ")))
        })?),
        None => None,
    };
    let listed = all.iter().filter(|one| shown.is_none_or(|shown| shown.name == one.name));
    let listed = listed.map(|profile| ProfileReport::new(profile, shown.is_some())).collect();
    let rows = args.table.then(|| support::rows(&all));
    Ok(Report::Other(Box::new(Profiled::new(listed, rows))))
}
