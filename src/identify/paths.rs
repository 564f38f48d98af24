//! A path of a tree, or several of which the first that is there is meant.

use serde::Deserialize;

/// `"sources/boot.wim"`, or `["x64/sources/boot.wim", "sources/boot.wim"]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a path, or a list of paths")]
pub enum Paths {
    /// One.
    One(String),
    /// The first of these that is there.
    First(Vec<String>),
}

impl Paths {
    /// The paths, in the order in which they are looked for.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let all = match self {
            Self::One(path) => std::slice::from_ref(path),
            Self::First(paths) => paths,
        };
        all.iter().map(String::as_str)
    }
}

impl<const N: usize> From<[&str; N]> for Paths {
    fn from(paths: [&str; N]) -> Self {
        Self::First(paths.map(str::to_owned).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_path_is_a_list_of_one() {
        assert_eq!(Paths::One("a".into()).iter().collect::<Vec<_>>(), ["a"]);
        assert_eq!(Paths::from(["b", "a"]).iter().collect::<Vec<_>>(), ["b", "a"]);
    }
}
