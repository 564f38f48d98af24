//! A tree as its configs are looked for in it.

use std::cell::RefCell;
use std::collections::HashMap;

use super::path::join;

/// Most bytes of one config.
pub const CONFIG_MAX: usize = 256 << 10;
/// Most bytes of all configs together.
const TOTAL_MAX: usize = 2 << 20;
/// Most configs that are read.
const CONFIGS_MAX: usize = 96;
/// Most paths that are looked for. Each look goes through whole directories, and configs of a
/// hostile disc can name many thousands.
const LOOKS_MAX: usize = 1024;

/// A tree, wherever it lies. Paths are from its top, without a slash before them.
#[derive(Clone, Copy)]
pub struct Files<'a> {
    /// The first bytes of a file by its exact path, no more than so many; `None` for what is no
    /// file.
    pub read: &'a dyn Fn(&str, usize) -> Option<Vec<u8>>,
    /// The names in a directory by its exact path; the empty path is the top.
    pub list: &'a dyn Fn(&str) -> Vec<String>,
    /// A path as the tree spells it, letter case aside.
    pub find: &'a dyn Fn(&str) -> Option<String>,
}

impl Files<'_> {
    /// A file that holds something by its path in any letter case, as the tree spells it.
    pub fn file(&self, path: &str) -> Option<String> {
        let path = (self.find)(path)?;
        (self.read)(&path, 1).is_some_and(|bytes| !bytes.is_empty()).then_some(path)
    }
}

/// Reads configs, each of them once, within bounds.
pub(super) struct Reader<'a> {
    pub(super) files: &'a Files<'a>,
    opened: Vec<String>,
    room: usize,
    /// What was found at each path that has been looked for.
    looked: RefCell<HashMap<String, Option<String>>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(files: &'a Files<'a>) -> Self {
        Self { files, opened: Vec::new(), room: TOTAL_MAX, looked: RefCell::default() }
    }

    /// The configs that have been read.
    pub(super) fn into_opened(self) -> Vec<String> {
        self.opened
    }

    /// The config that `path` means from one of `dirs`, with its path; `None` if there is none, or it
    /// has been read before.
    pub(super) fn open(&mut self, dirs: &[&str], path: &str) -> Option<(String, Vec<u8>)> {
        let path = self.find(dirs, path).ok()?;
        if self.opened.contains(&path) || self.opened.len() >= CONFIGS_MAX || self.room == 0 {
            return None;
        }
        let bytes = (self.files.read)(&path, CONFIG_MAX.min(self.room))?;
        self.room = self.room.saturating_sub(bytes.len());
        self.opened.push(path.clone());
        Some((path, bytes))
    }

    /// The file that `path` means from one of `dirs`.
    ///
    /// # Errors
    /// The path that is not there.
    pub(super) fn find(&self, dirs: &[&str], path: &str) -> Result<String, String> {
        let meant = || dirs.iter().filter_map(|dir| join(dir, path));
        match meant().find_map(|path| self.file(path)) {
            Some(path) => Ok(path),
            None => Err(meant().next().unwrap_or_else(|| path.to_owned())),
        }
    }

    /// As [`Files::file`]: each path once, and after so many of them none.
    fn file(&self, path: String) -> Option<String> {
        let mut looked = self.looked.borrow_mut();
        if let Some(found) = looked.get(&path) {
            return found.clone();
        }
        if looked.len() >= LOOKS_MAX {
            return None;
        }
        let found = self.files.file(&path);
        looked.insert(path, found.clone());
        found
    }

    /// The names in a directory, letter case of its path aside, with that path.
    pub(super) fn list(&self, dir: &str) -> (String, Vec<String>) {
        // Only what lies in it can be found by every kind of tree.
        let mut at = String::new();
        for name in dir.split('/').filter(|name| !name.is_empty()) {
            let names = (self.files.list)(&at);
            let exact = names.iter().find(|there| *there == name);
            let alike = || names.iter().find(|there| there.eq_ignore_ascii_case(name));
            let Some(there) = exact.or_else(alike) else { return (at, Vec::new()) };
            at = if at.is_empty() { there.clone() } else { format!("{at}/{there}") };
        }
        let mut names = (self.files.list)(&at);
        names.sort_unstable();
        (at, names)
    }
}

/// The directory of a path.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// The last component of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
