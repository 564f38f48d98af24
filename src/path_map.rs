//! Values by path, as compact as can be: there are as many as an import has files.

use std::cmp::Ordering;
use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Values by path from the top of a tree, which is the empty path; in the order of [`Path`], so that a
/// directory is followed by what is in it. A path is of names with one slash between them, and holds no
/// NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMap<T> {
    /// The paths, each with a NUL behind it.
    bytes: Vec<u8>,
    /// Where in `bytes` a path begins, and its value; in the order of the paths.
    entries: Vec<(usize, T)>,
}

impl<T> PathMap<T> {
    /// One without a path.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many paths there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All of it, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &T)> {
        self.entries.iter().map(|(at, value)| (as_path(path_at(&self.bytes, *at)), value))
    }

    /// The paths, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Path> {
        self.iter().map(|(path, _)| path)
    }

    /// The values, in the order of their paths.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The path and value of an index, which counts in order from 0.
    pub fn nth(&self, index: usize) -> Option<(&Path, &T)> {
        self.entries.get(index).map(|(at, value)| (as_path(path_at(&self.bytes, *at)), value))
    }

    /// The value of the path of that index.
    pub fn nth_value(&self, index: usize) -> Option<&T> {
        self.entries.get(index).map(|(_, value)| value)
    }

    /// The value of a path.
    pub fn get(&self, path: &Path) -> Option<&T> {
        self.entries.get(self.find(path)?).map(|(_, value)| value)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, path: &Path) -> Option<&mut T> {
        let index = self.find(path)?;
        self.entries.get_mut(index).map(|(_, value)| value)
    }

    /// Whether there is such a path.
    pub fn contains(&self, path: &Path) -> bool {
        self.find(path).is_some()
    }

    /// Whether there is such a path, or one below it.
    pub fn holds(&self, path: &Path) -> bool {
        let path = path.as_os_str().as_bytes();
        let next = self.entries.get(self.first_from(path));
        next.is_some_and(|(at, _)| as_path(path_at(&self.bytes, *at)).starts_with(as_path(path)))
    }

    /// Index of the first that is not before `path`.
    fn first_from(&self, path: &[u8]) -> usize {
        self.entries.partition_point(|(at, _)| order(from(&self.bytes, *at), path).is_lt())
    }

    fn find(&self, path: &Path) -> Option<usize> {
        let path = path.as_os_str().as_bytes();
        let index = self.first_from(path);
        let (at, _) = self.entries.get(index)?;
        order(from(&self.bytes, *at), path).is_eq().then_some(index)
    }

    fn sort(&mut self) {
        let Self { bytes, entries } = self;
        bytes.shrink_to_fit();
        // Of the same path the last one comes first, which is the one that is kept.
        entries.sort_unstable_by(|(a, _), (b, _)| {
            order(from(bytes, *a), from(bytes, *b)).then(b.cmp(a))
        });
        entries.dedup_by(|(a, _), (b, _)| order(from(bytes, *a), from(bytes, *b)).is_eq());
    }
}

/// A [`PathMap`] that is being made.
#[derive(Debug)]
pub struct Builder<T>(PathMap<T>);

impl<T> Builder<T> {
    /// One without a path.
    pub fn new() -> Self {
        Self(PathMap::new())
    }

    /// Adds a path; if it is there already, this value counts.
    pub fn push(&mut self, path: &Path, value: T) {
        let Self(PathMap { bytes, entries }) = self;
        entries.push((bytes.len(), value));
        bytes.extend(path.as_os_str().as_bytes().iter().take_while(|&&b| b != 0));
        bytes.push(0);
    }

    /// All of it, in order.
    pub fn build(self) -> PathMap<T> {
        let Self(mut map) = self;
        map.sort();
        map
    }
}

impl<T> Default for Builder<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Default for PathMap<T> {
    fn default() -> Self {
        Self { bytes: Vec::new(), entries: Vec::new() }
    }
}

/// Of a path that is there twice, the last value counts.
impl<P: AsRef<Path>, T> Extend<(P, T)> for PathMap<T> {
    fn extend<I: IntoIterator<Item = (P, T)>>(&mut self, all: I) {
        let mut builder = Builder(std::mem::take(self));
        all.into_iter().for_each(|(path, value)| builder.push(path.as_ref(), value));
        *self = builder.build();
    }
}

impl<P: AsRef<Path>, T> FromIterator<(P, T)> for PathMap<T> {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(all: I) -> Self {
        let mut map = Self::new();
        map.extend(all);
        map
    }
}

/// A path and all that is behind it.
fn from(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or_default()
}

fn path_at(bytes: &[u8], at: usize) -> &[u8] {
    CStr::from_bytes_until_nul(from(bytes, at)).map(CStr::to_bytes).unwrap_or_default()
}

fn as_path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// As [`Path`] orders them, name by name: the end is less than a slash, which is less than any byte of a
/// name. A path ends with its slice or with a NUL.
fn order(a: &[u8], b: &[u8]) -> Ordering {
    let differ = a.iter().zip(b).position(|(a, b)| a != b || *a == 0);
    let place = differ.unwrap_or(a.len().min(b.len()));
    let key = |path: &[u8]| match path.get(place).copied().unwrap_or(0) {
        0 => 0,
        b'/' => 1,
        byte => u16::from(byte) + 1,
    };
    key(a).cmp(&key(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    fn map(paths: &[&str]) -> PathMap<usize> {
        paths.iter().enumerate().map(|(index, path)| (path, index)).collect()
    }

    #[test]
    fn a_directory_is_followed_by_what_is_in_it() {
        let map = map(&["a.b", "a/c", "", "a0", "a/b/c", "a", "a/b"]);
        let paths: Vec<_> = map.keys().map(|path| path.to_str().expect("text")).collect();
        assert_eq!(paths, ["", "a", "a/b", "a/b/c", "a/c", "a.b", "a0"]);
    }

    #[test]
    fn of_a_path_that_is_there_twice_the_last_value_counts() {
        let mut map = map(&["b", "a", "b"]);
        assert_eq!(map.len(), 2);
        assert_eq!(map.get(Path::new("b")), Some(&2));
        map.extend([("b", 7), ("c", 8)]);
        assert_eq!(map.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [1, 7, 8]);
    }

    #[test]
    fn a_directory_without_a_line_of_its_own_holds_what_is_below_it() {
        let map = map(&["a/b/c", "ab"]);
        let holds = |path: &str| map.holds(Path::new(path));
        assert!(holds("a") && holds("a/b") && holds("a/b/c") && holds("ab") && holds(""));
        assert!(!holds("a/b/d") && !holds("a/b/cc") && !holds("b"));
        assert!(!map.contains(Path::new("a")));
        assert!(!PathMap::<()>::new().holds(Path::new("")));
    }

    proptest! {
        #[test]
        fn it_is_as_a_map_of_paths(
            paths in proptest::collection::vec("([ab./0\u{1}]{1,3}/){0,2}[ab0.\u{1}]{1,3}", 0..20)
        ) {
            let name = |name: &std::path::Component<'_>| matches!(name, std::path::Component::Normal(_));
            let normal = |path: &String| Path::new(path).components().filter(name).collect::<PathBuf>();
            let all: Vec<_> = paths.iter().map(normal).zip(0..).collect();
            let ours: PathMap<i32> = all.iter().cloned().collect();
            let theirs: BTreeMap<PathBuf, i32> = all.iter().cloned().collect();
            prop_assert_eq!(ours.len(), theirs.len());
            prop_assert!(ours.iter().eq(theirs.iter().map(|(path, value)| (path.as_path(), value))));
            for path in theirs.keys().flat_map(|path| path.ancestors()) {
                prop_assert_eq!(ours.get(path), theirs.get(path));
                let next = theirs.range(path.to_owned()..).next();
                prop_assert_eq!(ours.holds(path), next.is_some_and(|(next, _)| next.starts_with(path)));
            }
        }
    }
}
