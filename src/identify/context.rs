//! Where an entry's files and URLs are, and what is in the tree.

use super::answer::Answer;

/// Where an entry's files and URLs are.
pub struct Context<'a> {
    /// The target, relative to the web root: `yum/CentOS6.8`, `windows/win8pe.iso`.
    pub dir: &'a str,
    /// The URL of the target, without a slash at its end.
    pub url: Option<&'a str>,
    /// The server as URLs name it, with its port if it has one.
    pub host: Option<&'a str>,
    /// The path of the server's URL: empty, or `/boot`.
    pub path_prefix: &'a str,
    /// The answer file.
    pub answer: Option<&'a Answer>,
    /// Whether a path is in the tree.
    pub exists: &'a dyn Fn(&str) -> bool,
    /// A path in the tree as the disc spells it, found whatever its letter case.
    pub find: &'a dyn Fn(&str) -> Option<String>,
    /// The first bytes of a file in the tree by its exact path, no more than so many; `None` for
    /// what is no file.
    pub read: &'a dyn Fn(&str, usize) -> Option<Vec<u8>>,
    /// The names in a directory of the tree by its exact path; the empty path is the top.
    pub list: &'a dyn Fn(&str) -> Vec<String>,
    /// Whether a loader of this name lies beside `pxelinux.0`.
    pub loader: &'a dyn Fn(&str) -> bool,
    /// Size in bytes of the image that is kept in the tree, where there is one.
    pub image: Option<u64>,
    /// Size in bytes of a file of the tree by its path in any letter case.
    pub size: &'a dyn Fn(&str) -> Option<u64>,
}
