//! `pxe-import render`: everything generated, again, from settings and records.

use crate::cli::Common;
use crate::cli::boot::Render;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::report::Report;

/// Not there yet.
///
/// # Errors
/// Always.
pub fn run(_args: &Render, _common: &Common, _monitor: &dyn Monitor) -> Result<Report> {
    Err(Error::Usage("this command is being built".into()))
}
