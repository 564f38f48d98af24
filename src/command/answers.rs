//! `pxe-import answer`: an answer file, printed.

use crate::cli::Common;
use crate::cli::boot::Answer;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::report::Report;

/// Not there yet.
///
/// # Errors
/// Always.
pub fn run(_args: &Answer, _common: &Common, _monitor: &dyn Monitor) -> Result<Report> {
    Err(Error::Usage("this command is being built".into()))
}
