//! The links in `pxefiles` by which pxelinux finds the trees.
//!
//! pxelinux puts its prefix before every path, so `/yum/X` is fetched as `/pxefiles//yum/X`: one
//! link for each first component of a target leads back to the web root. Links of ours are
//! relative, so that the root can be moved, or served from another place than it was made in.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::atomic::sync_dir;
use super::root::Root;
use crate::error::{Error, Result};

/// How it stands with a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// It was made.
    Created,
    /// It was there already.
    Present,
    /// Another one that leads to the same directory was there already.
    Accepted {
        /// Its text.
        to: PathBuf,
    },
}

/// Sees to it that `pxefiles` has a link for `target`, a path relative to the web root: for
/// `yum/CentOS6.8` it is `yum -> ../yum`. Where pxelinux 3.86 has a directory of its own, with its own
/// prefix, the same link is made there.
///
/// # Errors
/// [`Error::Io`]; [`Error::Conflict`] where something else has the name.
pub fn ensure(root: &Root, target: &str) -> Result<Link> {
    let first = target.split('/').next().unwrap_or(target);
    let px386 = root.px386();
    if first != "px386" && px386.is_dir() {
        ensure_in(root, &px386, first)?;
    }
    ensure_in(root, &root.pxefiles(), first)
}

fn ensure_in(root: &Root, dir: &Path, first: &str) -> Result<Link> {
    let link = dir.join(first);
    match find_in(root, dir, first)? {
        Some(there) => Ok(there),
        None => {
            if !same(root, dir, first, &text(first)) {
                return Err(Error::conflict(
                    dir,
                    format!(
                        "does not lie in the web root, so that a link to {} in it would lead \
                         nowhere: make it a directory there, or make an absolute link {first} in it",
                        text(first).display()
                    ),
                ));
            }
            // A link appears at once, and never over something.
            match symlink(text(first), &link) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    return find_in(root, dir, first)?
                        .ok_or_else(|| Error::io("create the link", &link, error));
                }
                Err(error) => return Err(Error::io("create the link", &link, error)),
            }
            sync_dir(dir)?;
            Ok(Link::Created)
        }
    }
}

/// Looks for the link of the first component `first`; `None` where [`ensure`] would make it.
///
/// # Errors
/// As [`ensure`].
pub fn find(root: &Root, first: &str) -> Result<Option<Link>> {
    if first != "px386" && root.px386().is_dir() {
        find_in(root, &root.px386(), first)?;
    }
    find_in(root, &root.pxefiles(), first)
}

fn find_in(root: &Root, dir: &Path, first: &str) -> Result<Option<Link>> {
    let link = dir.join(first);
    let text = text(first);
    let there = match fs::symlink_metadata(&link) {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", link, error)),
    };
    if !there.is_symlink() {
        let what = if there.is_dir() { "a directory" } else { "a file" };
        return Err(Error::conflict(
            link,
            format!(
                "is {what} where the link to {} belongs: move it away, or choose another target \
                 with --dir",
                text.display()
            ),
        ));
    }
    let to = fs::read_link(&link).map_err(|error| Error::io("read the link", &link, error))?;
    if same(root, dir, first, &to) {
        return Ok(Some(if to == text { Link::Present } else { Link::Accepted { to } }));
    }
    Err(Error::conflict(
        link,
        format!(
            "is a link to {} where one to {} belongs: delete it, or choose another target with \
             --dir",
            to.display(),
            text.display()
        ),
    ))
}

/// Whether a link in `dir` with the text `to` leads to `first` in the web root.
fn same(root: &Root, dir: &Path, first: &str, to: &Path) -> bool {
    let there = destination(&dir.join(to));
    there.is_some() && there == destination(&root.wwwroot().join(first))
}

fn text(first: &str) -> PathBuf {
    Path::new("..").join(first)
}

/// Where `path` leads; its last component need not be there yet.
fn destination(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path)
        .or_else(|_| {
            let name = path.file_name().ok_or(io::ErrorKind::NotFound)?;
            let parent = path.parent().ok_or(io::ErrorKind::NotFound)?;
            Ok::<_, io::Error>(fs::canonicalize(parent)?.join(name))
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path().join("root"));
        root.create().expect("made");
        (dir, root)
    }

    fn conflict(root: &Root, target: &str) -> String {
        let error = ensure(root, target).expect_err("in the way");
        assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
        error.to_string()
    }

    #[test]
    fn a_link_is_made_once_for_each_first_component() {
        let (_dir, root) = site();
        assert_eq!(ensure(&root, "yum/CentOS6.8").expect("made"), Link::Created);
        assert_eq!(ensure(&root, "yum/CentOS7").expect("there"), Link::Present);
        let link = root.pxefiles().join("yum");
        assert_eq!(fs::read_link(&link).expect("a link"), Path::new("../yum"));
        fs::create_dir(root.wwwroot().join("yum")).expect("made");
        fs::write(root.wwwroot().join("yum/a"), b"x").expect("written");
        assert_eq!(fs::read(link.join("a")).expect("reachable"), b"x");
        assert_eq!(find(&root, "apt").expect("absent"), None);
    }

    #[test]
    fn the_directory_of_pxelinux_3_86_gets_the_same_link() {
        let (_dir, root) = site();
        ensure(&root, "yum/a").expect("made");
        assert!(!root.px386().exists());
        fs::create_dir(root.px386()).expect("made");
        assert_eq!(ensure(&root, "yum/a").expect("there"), Link::Present);
        let text = fs::read_link(root.px386().join("yum")).expect("a link");
        assert_eq!(text, Path::new("../yum"));
        fs::write(root.px386().join("esxi"), "").expect("written");
        assert!(conflict(&root, "esxi/5.5").contains("px386/esxi: is a file where"));
        assert!(!root.pxefiles().join("esxi").exists());
    }

    #[test]
    fn an_absolute_link_to_the_right_directory_is_accepted() {
        let (_dir, root) = site();
        let to = root.wwwroot().join("yum");
        symlink(&to, root.pxefiles().join("yum")).expect("linked");
        let accepted = Link::Accepted { to: to.clone() };
        assert_eq!(ensure(&root, "yum/a").expect("before it is there"), accepted);
        fs::create_dir(&to).expect("made");
        assert_eq!(ensure(&root, "yum/a").expect("when it is there"), accepted);
    }

    #[test]
    fn a_relative_link_is_not_made_where_it_would_lead_astray() {
        let (dir, root) = site();
        let tftp = dir.path().join("tftp/pxe");
        fs::create_dir_all(&tftp).expect("made");
        fs::remove_dir_all(root.pxefiles()).expect("removed");
        symlink(&tftp, root.pxefiles()).expect("linked");
        assert!(conflict(&root, "yum/a").contains("does not lie in the web root"));
        symlink(root.wwwroot().join("yum"), tftp.join("yum")).expect("linked");
        assert!(matches!(ensure(&root, "yum/a").expect("leads there"), Link::Accepted { .. }));
    }

    #[test]
    fn anything_else_is_a_conflict_and_stays() {
        let (dir, root) = site();
        let names = root.pxefiles();
        fs::create_dir(names.join("apt")).expect("made");
        assert!(conflict(&root, "apt/a").contains("is a directory where the link to ../apt"));
        fs::write(names.join("esxi"), b"").expect("written");
        assert!(conflict(&root, "esxi/5.5").contains("is a file where"));
        fs::create_dir(dir.path().join("yum")).expect("made");
        symlink(dir.path().join("yum"), names.join("yum")).expect("linked");
        assert!(conflict(&root, "yum/a").contains("where one to ../yum belongs"));
        symlink("loop", names.join("loop")).expect("linked");
        conflict(&root, "loop/a");
        assert!(names.join("apt").is_dir() && names.join("esxi").is_file());
    }
}
