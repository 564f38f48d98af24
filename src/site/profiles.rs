//! Where the administrator's own profiles lie.

use std::collections::HashSet;
use std::path::PathBuf;

use super::record::Record;
use super::root::Root;
use crate::error::Result;
use crate::identify::Profiles;
use crate::osinfo;

/// The directories with profiles, the first of which counts most: `ROOT/profiles`, and
/// `pxe-import/profiles` in the user's configuration (`$XDG_CONFIG_HOME`, or else `~/.config`).
pub fn dirs(root: &Root) -> Vec<PathBuf> {
    let absolute =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let user = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    let user = user.map(|config| config.join("pxe-import/profiles"));
    std::iter::once(root.path().join("profiles")).chain(user).collect()
}

/// The profiles that count for a root, and the databases of osinfo-db that are installed.
///
/// # Errors
/// As [`Profiles::load`].
pub fn load(root: &Root) -> Result<Profiles> {
    Ok(Profiles::load(&dirs(root))?.with_osinfo(osinfo::system_dirs()))
}

/// The profiles that these records were made by, and perhaps others.
///
/// # Errors
/// As [`Profiles::load`].
pub fn of<'r>(root: &Root, records: impl IntoIterator<Item = &'r Record>) -> Result<Profiles> {
    let names: HashSet<&str> = records.into_iter().map(|record| &*record.profile).collect();
    Profiles::load_of(&dirs(root), |name| names.contains(name))
}
