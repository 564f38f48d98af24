//! What must hold of a directory after anything of a hostile disc's has been written into it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

/// Makes sure that `dir` holds directories, plain files and links alone, that no mode has a bit beyond
/// permissions, and that no link leads out of `top`, on its way either; both paths are without links.
///
/// # Panics
/// If it is otherwise.
pub fn check(dir: &Path, top: &Path) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        let meta = path.symlink_metadata().expect("a name in its directory");
        let kind = meta.file_type();
        if kind.is_symlink() {
            follow(&path, top);
            continue;
        }
        assert!(kind.is_dir() || kind.is_file(), "{path:?} is {kind:?}");
        let mode = meta.permissions().mode() & 0o7000;
        assert_eq!(mode, 0, "{path:?} has mode {mode:o}");
        if kind.is_dir() {
            check(&path, top);
        }
    }
}

/// Goes where the link at `path` leads. What is not there is taken by the letter: it may be some day.
fn follow(path: &Path, top: &Path) {
    let target = fs::read_link(path).expect("a link");
    let mut at = path.parent().expect("a directory").to_owned();
    for component in target.components() {
        match component {
            Component::ParentDir => drop(at.pop()),
            Component::CurDir => {}
            Component::Normal(name) => {
                let next = at.join(name);
                at = next.canonicalize().unwrap_or(next);
            }
            Component::RootDir | Component::Prefix(_) => at = PathBuf::from("/"),
        }
        assert!(at.starts_with(top), "{path:?} -> {target:?} leads to {at:?}");
    }
}

/// Makes sure that `dir` has no other names than `known`.
///
/// # Panics
/// If it has.
pub fn check_names(dir: &Path, known: &[&str]) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let name = entry.expect("an entry").file_name();
        assert!(known.iter().any(|known| *known == name), "{name:?} lies in {dir:?}");
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn a_link_that_leads_out_is_found_and_one_that_stays_inside_is_not() {
        let dir = tempfile::tempdir().expect("a directory");
        let top = dir.path().canonicalize().expect("a path").join("top");
        fs::create_dir_all(top.join("a/b")).expect("directories");
        for (target, inside) in
            [("..", true), ("b/../../x", true), ("b/b/c", true), ("../..", false), ("/etc", false)]
        {
            let link = top.join("a/link");
            symlink(target, &link).expect("a link");
            assert_eq!(catch_unwind(|| check(&top, &top)).is_ok(), inside, "{target}");
            fs::remove_file(link).expect("removed");
        }
    }
}
