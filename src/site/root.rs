//! The root directory: everything a boot server serves, and what we know about it.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::error::{Error, Result};

/// Paths below the root directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    path: PathBuf,
}

impl Root {
    /// Where the root is if nobody says otherwise.
    pub const DEFAULT: &str = "/data";

    /// The root at `path`, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The root itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The HTTP root.
    pub fn wwwroot(&self) -> PathBuf {
        self.path.join("wwwroot")
    }

    /// The tree or file of an import, `target` being relative to the HTTP root.
    pub fn target(&self, target: &str) -> PathBuf {
        self.wwwroot().join(target)
    }

    /// pxelinux, its modules and menus, and the links to the trees.
    pub fn pxefiles(&self) -> PathBuf {
        self.wwwroot().join("pxefiles")
    }

    /// pxelinux 3.86 with links of its own, where its owner has supplied it.
    pub fn px386(&self) -> PathBuf {
        self.wwwroot().join("px386")
    }

    /// pxelinux's menu.
    pub fn menu(&self) -> PathBuf {
        self.pxefiles().join("pxelinux.cfg/default")
    }

    /// The site's settings, edited by their owner.
    pub fn settings(&self) -> PathBuf {
        self.path.join("pxe-import.toml")
    }

    /// Our own state, never served.
    pub fn state(&self) -> PathBuf {
        self.path.join(".pxe-import")
    }

    /// What is known about an import.
    pub fn record(&self, name: &str) -> PathBuf {
        self.state().join(format!("{name}.json"))
    }

    /// The hashes of an import's files.
    pub fn manifest(&self, name: &str) -> PathBuf {
        self.state().join(format!("{name}.b3"))
    }

    /// Sizes and times of an import's files.
    pub fn meta(&self, name: &str) -> PathBuf {
        self.state().join(format!("{name}.meta"))
    }

    /// There while an import is not to be refreshed.
    pub fn hold(&self, name: &str) -> PathBuf {
        self.state().join(format!("{name}.hold"))
    }

    /// Record and manifest of an import that is about to be published.
    pub fn next(&self, name: &str) -> PathBuf {
        self.state().join(format!("{name}.next"))
    }

    /// Where trees grow before they are published.
    pub fn staging(&self) -> PathBuf {
        self.state().join("staging")
    }

    /// Held by whoever changes something.
    pub fn lock(&self) -> PathBuf {
        self.state().join("lock")
    }

    /// Makes the directories that an import needs and that are not there. Of those, what is served
    /// can be entered by everybody whatever the umask, the staging directory by its owner only.
    ///
    /// # Errors
    /// [`Error::Io`] with the way to choose another root where this one must not be written to;
    /// [`Error::Conflict`] where something else is in a directory's place.
    pub fn create(&self) -> Result<()> {
        if let Some(parent) = self.path.parent().filter(|p| !p.as_os_str().is_empty()) {
            // From the top down, so that what is served can be reached whatever the umask.
            let missing: Vec<_> = parent.ancestors().take_while(|p| !p.exists()).collect();
            for dir in missing.into_iter().rev().filter(|p| !p.as_os_str().is_empty()) {
                make(dir, 0o755)?;
            }
        }
        make(&self.path, 0o755)?;
        make(&self.wwwroot(), 0o755)?;
        self.check_wwwroot()?;
        make(&self.pxefiles(), 0o755)?;
        make(&self.pxefiles().join("pxelinux.cfg"), 0o755)?;
        make(&self.state(), 0o755)?;
        make(&self.staging(), 0o700)?;
        if self.staging().is_symlink() {
            let what = "is a link, and what it leads to would be cleared: make it a directory";
            return Err(Error::conflict(self.staging(), what));
        }
        for dir in [self.state(), self.staging()] {
            access(&dir, Access::WRITE_OK | Access::EXEC_OK)
                .map_err(|errno| refused("write to", &dir, errno.into()))?;
        }
        Ok(())
    }
}

impl Root {
    /// Checks that the HTTP root, where it is there, lies in the root: trees are put nowhere else.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a link that leads out.
    pub fn check_wwwroot(&self) -> Result<()> {
        let www = self.wwwroot();
        let (Ok(root), Ok(real)) = (self.path.canonicalize(), www.canonicalize()) else {
            return Ok(());
        };
        if real.starts_with(&root) {
            return Ok(());
        }
        let what = format!(
            "is a link to {}, which is outside of the root, and nothing is written there: make it \
             a directory, or mount the other one on it (mount --bind)",
            real.display()
        );
        Err(Error::conflict(www, what))
    }
}

impl Root {
    /// Makes the directories above the file at `path`, which is relative to the root.
    ///
    /// # Errors
    /// As [`Root::create`] and [`Root::check_way`].
    pub fn make_way(&self, path: &Path) -> Result<()> {
        let mut dir = self.path.clone();
        for step in path.parent().into_iter().flat_map(Path::components) {
            dir.push(step);
            self.check_way(&dir)?;
            make(&dir, 0o755)?;
        }
        self.check_way(&self.path.join(path))
    }

    /// Checks that no link on the way to `path`, which lies in the root, leads out of it but one of the
    /// root directory's owner, of root's or of ours: whoever else may write into the web root shall not
    /// choose what we write to.
    ///
    /// # Errors
    /// [`Error::Conflict`] for such a link; [`Error::Io`].
    pub fn check_way(&self, path: &Path) -> Result<()> {
        let owner = |path: &Path| fs::symlink_metadata(path).map(|there| there.uid());
        let top = owner(&self.path).map_err(|e| Error::io("stat", &self.path, e))?;
        let trusted = [0, top, rustix::process::geteuid().as_raw()];
        let real = self.path.canonicalize().map_err(|e| Error::io("follow", &self.path, e))?;
        for step in path.ancestors().take_while(|step| *step != self.path) {
            if !step.is_symlink() || owner(step).is_ok_and(|owner| trusted.contains(&owner)) {
                continue;
            }
            let to = step.canonicalize().map_err(|e| Error::io("follow the link", step, e))?;
            if !to.starts_with(&real) {
                let what = format!(
                    "is a link of somebody else's to {}, outside of the root: nothing is written there; \
                     put the file itself there, or make the link as the root directory's owner",
                    to.display()
                );
                return Err(Error::conflict(step, what));
            }
        }
        Ok(())
    }
}

fn make(dir: &Path, mode: u32) -> Result<()> {
    match DirBuilder::new().mode(mode).create(dir) {
        Ok(()) => widen(dir, mode),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if fs::metadata(dir).is_ok_and(|there| there.is_dir()) {
                return Ok(());
            }
            Err(Error::conflict(dir, "is in the place of a directory: move it away"))
        }
        Err(error) => Err(refused("create", dir, error)),
    }
}

/// Gives back what the umask took, and leaves a set-group-ID bit that came from above.
fn widen(dir: &Path, mode: u32) -> Result<()> {
    let fail = |error| Error::io("set the mode of", dir, error);
    let old = fs::metadata(dir).map_err(fail)?.mode() & 0o7777;
    if old & mode == mode {
        return Ok(());
    }
    fs::set_permissions(dir, Permissions::from_mode(old | mode)).map_err(fail)
}

fn refused(action: &'static str, dir: &Path, error: io::Error) -> Error {
    let why = match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied",
        io::ErrorKind::ReadOnlyFilesystem => "the filesystem is read-only",
        _ => return Error::io(action, dir, error),
    };
    let hint = format!("{why}: choose a root of your own with --root DIR or PXE_IMPORT_ROOT");
    Error::io(action, dir, io::Error::new(error.kind(), hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_are_those_of_the_layout() {
        let root = Root::new("/srv/boot");
        assert_eq!(root.menu(), Path::new("/srv/boot/wwwroot/pxefiles/pxelinux.cfg/default"));
        assert_eq!(root.record("a"), Path::new("/srv/boot/.pxe-import/a.json"));
        assert_eq!(root.manifest("a"), Path::new("/srv/boot/.pxe-import/a.b3"));
        assert_eq!(root.staging(), Path::new("/srv/boot/.pxe-import/staging"));
        assert_eq!(root.settings(), Path::new("/srv/boot/pxe-import.toml"));
        assert_eq!(root.target("yum/a"), Path::new("/srv/boot/wwwroot/yum/a"));
    }

    #[test]
    fn a_web_root_that_is_a_link_out_of_the_root_is_left_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        let (root, www) = (Root::new(dir.path().join("root")), dir.path().join("www"));
        fs::create_dir_all(root.path()).expect("made");
        fs::create_dir(&www).expect("made");
        std::os::unix::fs::symlink("../www", root.wwwroot()).expect("linked");
        let error = root.create().expect_err("leads out").to_string();
        assert!(error.contains("outside of the root"), "{error}");
        assert_eq!(fs::read_dir(&www).expect("there").count(), 0);
        let inside = root.path().join("srv");
        fs::create_dir(&inside).expect("made");
        fs::remove_file(root.wwwroot()).expect("removed");
        std::os::unix::fs::symlink("srv", root.wwwroot()).expect("linked");
        root.create().expect("inside");
    }

    #[test]
    fn what_is_missing_is_made_and_what_is_there_is_kept() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path().join("deep/root"));
        root.create().expect("made");
        root.create().expect("made again");
        let mode = |path: &Path| fs::metadata(path).expect("there").mode() & 0o777;
        assert_eq!(mode(root.menu().parent().expect("a parent")), 0o755);
        assert_eq!(mode(&root.state()), 0o755);
        assert_eq!(mode(&root.staging()), 0o700);
        let own = Permissions::from_mode(0o750);
        fs::set_permissions(root.wwwroot(), own).expect("set");
        root.create().expect("made again");
        assert_eq!(mode(&root.wwwroot()), 0o750);
        assert!(!root.menu().exists() && !root.settings().exists());
    }

    #[test]
    fn a_file_in_the_place_of_a_directory_is_a_conflict() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path());
        fs::write(root.wwwroot(), b"").expect("written");
        let error = root.create().expect_err("in the way");
        assert!(matches!(&error, Error::Conflict { path, .. } if *path == root.wwwroot()));
    }

    #[test]
    fn a_root_that_must_not_be_written_to_names_the_ways_to_choose_another() {
        let error = refused("create", Path::new("/data"), io::ErrorKind::PermissionDenied.into());
        assert_eq!(error.to_string(), "cannot create /data");
        let source = std::error::Error::source(&error).expect("a source").to_string();
        assert_eq!(
            source,
            "permission denied: choose a root of your own with --root DIR or PXE_IMPORT_ROOT"
        );
        let error = refused("create", Path::new("/data"), io::ErrorKind::StorageFull.into());
        let source = std::error::Error::source(&error).expect("a source").to_string();
        assert!(!source.contains("--root"), "{source}");
    }

    #[test]
    fn a_directory_that_cannot_be_written_to_is_refused_with_the_hint() {
        if rustix::process::geteuid().is_root() {
            println!("skipped: needs a user who is not root");
            return;
        }
        let dir = tempfile::tempdir().expect("a directory");
        fs::set_permissions(dir.path(), Permissions::from_mode(0o555)).expect("set");
        let error = Root::new(dir.path()).create().expect_err("read-only");
        let source = std::error::Error::source(&error).expect("a source").to_string();
        assert!(source.contains("--root DIR"), "{source}");
    }
}
