//! Imports that `refresh` is to leave alone: `.pxe-import/NAME.hold`.

use std::fs;
use std::io;

use super::atomic::{sync_dir, write_atomic};
use super::name::check_name;
use super::record::now;
use super::root::Root;
use crate::error::{Error, Result};

/// Whether `name` is held.
///
/// # Errors
/// [`Error::Io`] where that cannot be told.
pub fn is_held(root: &Root, name: &str) -> Result<bool> {
    check_name(name)?;
    let path = root.hold(name);
    path.try_exists().map_err(|e| Error::io("stat", path, e))
}

/// Holds `name`. Twice is fine.
///
/// # Errors
/// As [`write_atomic`].
pub fn hold(root: &Root, name: &str) -> Result<()> {
    check_name(name)?;
    match is_held(root, name)? {
        true => Ok(()),
        false => write_atomic(&root.hold(name), format!("{}\n", now()).as_bytes(), 0o644),
    }
}

/// Lets go of `name`: it is imported again.
///
/// # Errors
/// [`Error::Io`].
pub fn release(root: &Root, name: &str) -> Result<()> {
    check_name(name)?;
    let path = root.hold(name);
    match fs::remove_file(&path) {
        Ok(()) => sync_dir(&root.state()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Error::io("remove", path, e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_stays_until_it_is_released() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path());
        root.create().expect("made");
        assert!(!is_held(&root, "a").expect("told"));
        release(&root, "a").expect("nothing to do");
        hold(&root, "a").expect("held");
        hold(&root, "a").expect("held already");
        assert!(is_held(&root, "a").expect("told"));
        assert!(!is_held(&root, "b").expect("told"));
        release(&root, "a").expect("released");
        assert!(!is_held(&root, "a").expect("told"));
        assert!(is_held(&root, "../a").is_err());
    }
}
