//! `uefi.ipxe` on disk: the menu of UEFI clients, and pxelinux 3.86's configs for ESXi.

use super::root::Root;
use super::settings::Settings;
use crate::error::Result;
use crate::monitor::Monitor;

/// Writes them from the records and the menu as they stand. The caller holds the lock.
///
/// # Errors
/// None yet.
pub fn render(_root: &Root, _settings: &Settings, _monitor: &dyn Monitor) -> Result<()> {
    Ok(())
}
