//! `pxe-import init`: the root of a boot server, its loaders, configs and menus.

use crate::cli::Common;
use crate::cli::boot::Init;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::report::Report;

/// Not there yet.
///
/// # Errors
/// Always.
pub fn run(_args: &Init, _common: &Common, _monitor: &dyn Monitor) -> Result<Report> {
    Err(Error::Usage("this command is being built".into()))
}
