//! `pxe-import check`: is everything there that a client will ask for.

use crate::cli::Common;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::report::Report;

/// Not written yet.
///
/// # Errors
/// Always.
pub fn run(_args: &crate::cli::Check, _common: &Common, _monitor: &dyn Monitor) -> Result<Report> {
    Err(Error::Usage("not written yet".into()))
}
