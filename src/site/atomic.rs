//! Files that are there whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Writes `bytes` to `path`, by a temporary file beside it, synced and renamed. Whoever writes to a root holds
/// its lock.
///
/// A file that is there already keeps its mode, and its owner and group as far as that is allowed; a
/// new one gets `mode`, whatever the umask. A symbolic link stays, and the file that it leads to is
/// replaced.
///
/// # Errors
/// [`Error::Io`]; [`Error::Conflict`] where `path` is no regular file or a link to nothing.
pub fn write_atomic(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    write_atomic_by(path, &|out| out.write_all(bytes), mode)
}

/// What writes a file's bytes.
pub type Fill<'f> = &'f dyn Fn(&mut dyn Write) -> io::Result<()>;

/// As [`write_atomic`], for bytes that need not be in memory all at once.
///
/// # Errors
/// As [`write_atomic`].
pub fn write_atomic_by(path: &Path, fill: Fill<'_>, mode: u32) -> Result<()> {
    let real = resolve(path)?;
    let old = match fs::symlink_metadata(&real) {
        Ok(old) if old.is_file() => Some(old),
        Ok(_) => return Err(Error::conflict(path, "is not a regular file: move it away")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::io("read", &real, error)),
    };
    let dir = parent(&real);
    let write = |error| Error::io("write", path, error);
    // Named after the file: what a killed run has left is replaced by whoever finishes its work, and no
    // directory that is served fills up with the rest.
    let name = real.file_name().unwrap_or_default();
    let mut temporary = OsString::from(".pxe-import-");
    temporary.push(name);
    match fs::remove_file(dir.join(&temporary)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::io("remove", dir.join(&temporary), error));
        }
        _ => {}
    }
    let mut file = tempfile::Builder::new()
        .prefix(&temporary)
        .rand_bytes(0)
        .tempfile_in(dir)
        .map_err(|error| Error::io("create a file in", dir, error))?;
    let mut out = BufWriter::new(&mut file);
    fill(&mut out).and_then(|()| out.flush()).map_err(write)?;
    drop(out);
    if let Some(old) = &old {
        // Only root can give a file away, anybody to a group that they are in; what cannot be kept
        // becomes the writer's own.
        let _ = fchown(file.as_file(), Some(old.uid()), Some(old.gid()))
            .or_else(|_| fchown(file.as_file(), None, Some(old.gid())));
    }
    let mode = old.map_or(mode, |old| old.mode() & 0o7777);
    file.as_file().set_permissions(Permissions::from_mode(mode)).map_err(write)?;
    file.as_file().sync_all().map_err(write)?;
    file.persist(&real).map_err(|error| Error::io("replace", path, error.error))?;
    sync_dir(dir)
}

/// Makes the names in `dir` durable.
///
/// # Errors
/// [`Error::Io`], but for filesystems that cannot sync a directory.
pub fn sync_dir(dir: &Path) -> Result<()> {
    match File::open(dir).and_then(|file| file.sync_all()) {
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Err(Error::io("sync", dir, error))
        }
        _ => Ok(()),
    }
}

fn resolve(path: &Path) -> Result<PathBuf> {
    match fs::read_link(path) {
        Err(_) => Ok(path.to_owned()),
        Ok(to) => fs::canonicalize(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::conflict(
                path,
                format!("is a link to {}, which is not there: delete the link", to.display()),
            ),
            _ => Error::io("follow the link", path, error),
        }),
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).expect("a directory");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").mode() & 0o7777
    }

    #[test]
    fn what_a_killed_run_has_left_goes_with_the_next_writing_and_a_link_in_its_place_is_not_followed()
     {
        let dir = tempfile::tempdir().expect("a directory");
        let other = dir.path().join("other");
        for left in [false, true] {
            let temporary = dir.path().join(".pxe-import-default");
            fs::write(&other, "mine").expect("written");
            match left {
                true => symlink("other", &temporary).expect("linked"),
                false => fs::write(&temporary, "half").expect("written"),
            }
            write_atomic(&dir.path().join("default"), b"one", 0o644).expect("written");
            assert_eq!(names(dir.path()), ["default", "other"]);
            assert_eq!(fs::read(&other).expect("there"), b"mine");
        }
    }

    #[test]
    fn a_new_file_gets_the_mode_and_an_old_one_keeps_its_own() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("default");
        write_atomic(&path, b"one", 0o664).expect("written");
        assert_eq!(mode(&path), 0o664);
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("set");
        write_atomic(&path, b"two", 0o664).expect("written");
        assert_eq!(mode(&path), 0o640);
        assert_eq!(fs::read(&path).expect("there"), b"two");
        assert_eq!(names(dir.path()), ["default"]);
    }

    #[test]
    fn a_link_stays_and_its_file_is_replaced() {
        let dir = tempfile::tempdir().expect("a directory");
        let etc = dir.path().join("etc");
        fs::create_dir(&etc).expect("made");
        fs::write(etc.join("real"), b"old").expect("written");
        let link = dir.path().join("default");
        symlink("etc/real", &link).expect("linked");
        write_atomic(&link, b"new", 0o644).expect("written");
        assert_eq!(fs::read_link(&link).expect("still a link"), Path::new("etc/real"));
        assert_eq!(fs::read(etc.join("real")).expect("there"), b"new");
        assert_eq!(names(&etc), ["real"]);
        assert_eq!(names(dir.path()), ["default", "etc"]);
    }

    #[test]
    fn a_directory_and_a_link_to_nothing_are_in_the_way() {
        let dir = tempfile::tempdir().expect("a directory");
        let link = dir.path().join("link");
        symlink("gone", &link).expect("linked");
        let error = write_atomic(&link, b"", 0o644).expect_err("dangling");
        assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
        assert!(error.to_string().contains("is a link to gone"), "{error}");
        let sub = dir.path().join("sub");
        fs::create_dir(&sub).expect("made");
        let error = write_atomic(&sub, b"", 0o644).expect_err("a directory");
        assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
    }

    #[test]
    fn a_missing_directory_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        let error = write_atomic(&dir.path().join("no/file"), b"", 0o644).expect_err("missing");
        assert_eq!(error.path(), Some(dir.path().join("no").as_path()));
    }
}
