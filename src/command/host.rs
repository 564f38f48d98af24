//! `pxe-import host`: what a machine boots without a menu.

use crate::cli::Common;
use crate::cli::boot::Host;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::report::Report;

/// Not there yet.
///
/// # Errors
/// Always.
pub fn run(_args: &Host, _common: &Common, _monitor: &dyn Monitor) -> Result<Report> {
    Err(Error::Usage("this command is being built".into()))
}
