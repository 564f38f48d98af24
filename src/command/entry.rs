//! `pxe-import entry`: any number of menu entries on one imported tree.

use crate::cli::Common;
use crate::cli::boot::Entry;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::report::Report;

/// Not there yet.
///
/// # Errors
/// Always.
pub fn run(_args: &Entry, _common: &Common, _monitor: &dyn Monitor) -> Result<Report> {
    Err(Error::Usage("this command is being built".into()))
}
