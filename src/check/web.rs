//! What a web server finds at a path: links followed, and never out of the root.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// Most links on one way, as the kernel has it.
const LINKS_MAX: usize = 40;

/// The root directory, as far as it is served.
#[derive(Debug)]
pub(super) struct Web {
    /// As the user named it.
    given: PathBuf,
    /// Without links.
    root: PathBuf,
}

/// What is there.
#[derive(Debug)]
pub(super) struct Found {
    /// Where, relative to the root, without links.
    pub path: PathBuf,
    /// Of the file or directory itself.
    pub meta: Metadata,
    /// What of the way, and at its end, the web server's user may not enter or read: paths
    /// relative to the root, and the `chmod` that mends it.
    pub refused: Vec<(PathBuf, &'static str)>,
}

/// Why there is nothing to be had. All paths are relative to the root.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing of this name.
    Missing(PathBuf),
    /// A link that leads nowhere.
    Dangling(PathBuf),
    /// A link out of the root.
    Outside(PathBuf),
    /// Links that lead in a circle.
    Loop(PathBuf),
    /// The system does not say.
    Unknown(PathBuf, io::Error),
}

impl Web {
    /// Of the root at `path`.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        Ok(Self { given: path.to_owned(), root: fs::canonicalize(path)? })
    }

    /// The path of what is `relative` to the root, for a command line.
    pub(super) fn shown(&self, relative: &Path) -> PathBuf {
        self.given.join(relative)
    }

    /// What is at `path`, given as components below the web root.
    pub(super) fn find(&self, path: &[Vec<u8>]) -> Result<Found, Failure> {
        let path = path.iter().map(|name| OsString::from_vec(name.clone()));
        self.walk(std::iter::once(OsString::from("wwwroot")).chain(path).collect())
    }

    fn walk(&self, mut todo: VecDeque<OsString>) -> Result<Found, Failure> {
        let mut here = PathBuf::new();
        let mut refused = Vec::new();
        let mut links = 0;
        // The link that was followed last, and how many components there are behind it.
        let mut link: Option<(PathBuf, usize)> = None;
        let mut meta = None;
        while let Some(name) = todo.pop_front() {
            if name == ".." {
                if !here.pop() {
                    return Err(Failure::Outside(link.map_or(here, |(link, _)| link)));
                }
                meta = None;
                continue;
            }
            let next = here.join(&name);
            let found = match fs::symlink_metadata(self.root.join(&next)) {
                Ok(found) => found,
                Err(e) if is_missing(&e) => {
                    return Err(match link {
                        Some((link, tail)) if todo.len() >= tail => Failure::Dangling(link),
                        _ => Failure::Missing(next),
                    });
                }
                Err(e) => return Err(Failure::Unknown(next, e)),
            };
            if found.is_symlink() {
                links += 1;
                if links > LINKS_MAX {
                    return Err(Failure::Loop(next));
                }
                let to = fs::read_link(self.root.join(&next))
                    .map_err(|e| Failure::Unknown(next.clone(), e))?;
                if to.is_absolute() {
                    here = PathBuf::new();
                }
                let Some(to) = self.inside(&to) else { return Err(Failure::Outside(next)) };
                link = Some((next, todo.len()));
                for part in to.components().rev() {
                    match part {
                        Component::Normal(name) => todo.push_front(name.to_owned()),
                        Component::ParentDir => todo.push_front("..".into()),
                        _ => {}
                    }
                }
                meta = None;
                continue;
            }
            let mode = found.mode();
            if found.is_dir() && mode & 0o001 == 0 {
                refused.push((next.clone(), "o+x"));
            } else if !found.is_dir() && mode & 0o004 == 0 {
                refused.push((next.clone(), "o+r"));
            }
            if !found.is_dir() && !todo.is_empty() {
                let Some(below) = todo.pop_front() else { break };
                return Err(Failure::Missing(next.join(below)));
            }
            here = next;
            meta = Some(found);
        }
        let meta = match meta {
            Some(meta) => meta,
            None => fs::symlink_metadata(self.root.join(&here))
                .map_err(|e| Failure::Unknown(here.clone(), e))?,
        };
        refused.sort();
        refused.dedup();
        Ok(Found { path: here, meta, refused })
    }

    /// A link's text relative to where it starts from: its directory, or the root.
    fn inside(&self, to: &Path) -> Option<PathBuf> {
        if !to.is_absolute() {
            return Some(to.to_owned());
        }
        let direct = to.strip_prefix(&self.root).or_else(|_| to.strip_prefix(&self.given));
        match direct {
            Ok(rest) if !rest.components().any(|part| part == Component::ParentDir) => {
                return Some(rest.to_owned());
            }
            _ => {}
        }
        let real = fs::canonicalize(to).ok()?;
        real.strip_prefix(&self.root).map(Path::to_owned).ok()
    }
}

fn is_missing(e: &io::Error) -> bool {
    matches!(
        e.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    ) || e.raw_os_error().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn site() -> (tempfile::TempDir, Web) {
        let dir = tempfile::tempdir().expect("a directory");
        let root = dir.path().join("root");
        for path in ["wwwroot/pxefiles", "wwwroot/yum/X"] {
            fs::create_dir_all(root.join(path)).expect("made");
        }
        fs::set_permissions(root.join("wwwroot"), fs::Permissions::from_mode(0o755)).expect("set");
        fs::write(root.join("wwwroot/yum/X/k"), "k").expect("written");
        symlink("../yum", root.join("wwwroot/pxefiles/yum")).expect("linked");
        let web = Web::new(&root).expect("there");
        (dir, web)
    }

    fn find(web: &Web, path: &str) -> Result<Found, Failure> {
        let parts: Vec<_> = path.split('/').map(|part| part.as_bytes().to_vec()).collect();
        web.find(&parts)
    }

    fn link(web: &Web, to: impl AsRef<Path>, at: &str) {
        symlink(to, web.root.join("wwwroot").join(at)).expect("linked");
    }

    #[test]
    fn a_link_in_pxefiles_leads_to_the_tree() {
        let (_dir, web) = site();
        let found = find(&web, "pxefiles/yum/X/k").expect("there");
        assert_eq!(found.path, Path::new("wwwroot/yum/X/k"));
        assert_eq!(found.meta.len(), 1);
        link(&web, web.root.join("wwwroot/yum"), "pxefiles/apt");
        assert_eq!(find(&web, "pxefiles/apt/X/k").expect("there").path, found.path);
        assert!(find(&web, "yum/X").expect("there").meta.is_dir());
    }

    #[test]
    fn links_do_not_lead_out_nor_in_circles() {
        let (dir, web) = site();
        fs::write(dir.path().join("secret"), "s").expect("written");
        link(&web, "../../secret", "a");
        link(&web, dir.path().join("secret"), "b");
        link(&web, "/proc/self/root/etc", "c");
        link(&web, "d", "d");
        link(&web, "f", "e");
        link(&web, "e", "f");
        for path in ["a", "b", "c/passwd"] {
            let failure = find(&web, path).expect_err(path);
            assert!(matches!(failure, Failure::Outside(_)), "{path}: {failure:?}");
        }
        for path in ["d", "e/x"] {
            let failure = find(&web, path).expect_err(path);
            assert!(matches!(failure, Failure::Loop(_)), "{path}: {failure:?}");
        }
    }

    #[test]
    fn what_is_missing_is_told_from_a_link_that_leads_nowhere() {
        let (_dir, web) = site();
        link(&web, "../esxi", "pxefiles/esxi");
        let dangling = find(&web, "pxefiles/esxi/5.5/k").expect_err("nowhere");
        assert!(
            matches!(&dangling, Failure::Dangling(at) if at.ends_with("pxefiles/esxi")),
            "{dangling:?}"
        );
        for path in ["pxefiles/yum/X/l", "yum/X/k/l", "a\0b"] {
            let failure = find(&web, path).expect_err(path);
            assert!(matches!(failure, Failure::Missing(_)), "{path}: {failure:?}");
        }
        let long = "x".repeat(300);
        assert!(matches!(find(&web, &long), Err(Failure::Missing(_))));
    }

    #[test]
    fn what_others_may_not_read_is_named_with_its_mend() {
        let (_dir, web) = site();
        let set = |path: &str, mode| {
            let path = web.root.join(path);
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
        };
        for path in ["wwwroot/pxefiles", "wwwroot/yum"] {
            set(path, 0o755);
        }
        set("wwwroot/yum/X", 0o750);
        set("wwwroot/yum/X/k", 0o600);
        let refused = find(&web, "pxefiles/yum/X/k").expect("there").refused;
        let expected = [("wwwroot/yum/X", "o+x"), ("wwwroot/yum/X/k", "o+r")];
        assert_eq!(refused, expected.map(|(path, how)| (PathBuf::from(path), how)));
    }
}
