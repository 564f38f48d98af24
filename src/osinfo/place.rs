//! Where databases are installed, and which files make them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Most files that are looked at in one database.
const FILES_MAX: usize = 20_000;
/// Most vendors' directories of one database.
const VENDORS_MAX: usize = 2_000;

/// The directories of this system in libosinfo's order: the distribution's, this machine's, the user's;
/// each by its environment variable where that is set.
pub fn system_dirs() -> Vec<PathBuf> {
    dirs(|name| std::env::var_os(name).filter(|value| !value.is_empty()))
}

fn dirs(variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let home = || variable("HOME").map(|home| PathBuf::from(home).join(".config"));
    let mut dirs = vec![
        variable("OSINFO_SYSTEM_DIR").map_or_else(|| "/usr/share/osinfo".into(), PathBuf::from),
        "/usr/local/share/osinfo".into(),
        variable("OSINFO_LOCAL_DIR").map_or_else(|| "/etc/osinfo".into(), PathBuf::from),
    ];
    let config = || variable("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home);
    let user = variable("OSINFO_USER_DIR").map(PathBuf::from);
    dirs.extend(user.or_else(|| config().map(|config| config.join("osinfo"))));
    dirs
}

/// The files `os/VENDOR/NAME.xml` of all directories, in their order. Of files by one name the last
/// directory's counts alone, and an empty one there takes the system out.
pub(super) fn files(dirs: &[PathBuf]) -> Vec<PathBuf> {
    let mut found: BTreeMap<PathBuf, (usize, PathBuf)> = BTreeMap::new();
    for (place, dir) in dirs.iter().enumerate() {
        let top = dir.join("os");
        let vendors = entries(&top, VENDORS_MAX);
        let files = vendors.iter().flat_map(|vendor| entries(vendor, FILES_MAX));
        for file in files.take(FILES_MAX) {
            let is_xml = file.extension().is_some_and(|end| end == "xml");
            if is_xml && let Ok(name) = file.strip_prefix(&top) {
                found.insert(name.to_owned(), (place, file));
            }
        }
    }
    let mut files: Vec<_> = found.into_values().collect();
    files.sort_unstable();
    files.into_iter().map(|(_, file)| file).collect()
}

/// What is in a directory; nothing where there is none.
fn entries(dir: &Path, max: usize) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).take(max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_directory_takes_the_place_of_an_earlier_one_by_file_name() {
        let root = tempfile::tempdir().expect("a directory");
        let dirs = ["a", "b", "missing"].map(|dir| root.path().join(dir));
        for file in ["a/os/v/1.xml", "a/os/v/2.xml", "a/os/v/x.txt", "a/os/w/3.xml", "b/os/v/1.xml"]
        {
            let file = root.path().join(file);
            std::fs::create_dir_all(file.parent().expect("one")).expect("made");
            std::fs::write(file, "").expect("written");
        }
        let expected = ["a/os/v/2.xml", "a/os/w/3.xml", "b/os/v/1.xml"];
        assert_eq!(files(&dirs), expected.map(|file| root.path().join(file)));
    }

    #[test]
    fn the_environment_names_the_directories_as_for_libosinfo() {
        let plain = dirs(|name| (name == "HOME").then(|| "/home/a".into()));
        let expected = [
            "/usr/share/osinfo",
            "/usr/local/share/osinfo",
            "/etc/osinfo",
            "/home/a/.config/osinfo",
        ];
        assert_eq!(plain, expected.map(PathBuf::from));
        let set = dirs(|name| match name {
            "OSINFO_SYSTEM_DIR" => Some("/s".into()),
            "XDG_CONFIG_HOME" => Some("/c".into()),
            _ => None,
        });
        assert_eq!(set.first(), Some(&PathBuf::from("/s")));
        assert_eq!(set.last(), Some(&PathBuf::from("/c/osinfo")));
        assert_eq!(dirs(|_| None).len(), 3);
    }
}
