//! pxelinux's menu on disk.

use std::fs;
use std::io;
use std::path::Path;

use super::atomic::write_atomic;
use super::root::Root;
use super::settings::Settings;
use crate::error::{Error, Result};
use crate::menu::pxelinux::{SPLASH, default_config};
use crate::menu::{Change, Edit};
use crate::monitor::Monitor;

/// The menu as it stands, or as it would begin.
///
/// # Errors
/// [`Error::Io`].
pub fn read(root: &Root, settings: &Settings) -> Result<Vec<u8>> {
    let path = root.menu();
    match fs::read(&path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let splash = root.pxefiles().join(SPLASH).exists();
            begin(settings, splash).map(String::into_bytes)
        }
        Err(error) => Err(Error::io("read", path, error)),
    }
}

/// The menu to begin with.
///
/// # Errors
/// As [`default_config`].
pub fn begin(settings: &Settings, splash: bool) -> Result<String> {
    default_config(&settings.menu_title, settings.timeout.saturating_mul(10), splash)
}

/// Applies `edit`, which is given the menu's path and text, and writes the menu if that changed it.
/// What it warns of goes to `monitor`.
///
/// # Errors
/// As [`read`], `edit` and [`write_atomic`]; then the menu is as it was.
pub fn update(
    root: &Root,
    settings: &Settings,
    edit: impl FnOnce(&Path, &[u8]) -> Result<Edit>,
    monitor: &dyn Monitor,
) -> Result<Change> {
    let path = root.menu();
    let old = read(root, settings)?;
    let Edit { text, change, warnings } = edit(&path, &old)?;
    if text != old {
        root.check_way(&path)?;
        write_atomic(&path, &text, 0o644)?;
    }
    for warning in warnings {
        monitor.warn(warning);
    }
    Ok(change)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::menu::{Block, Entry, edit, pxelinux};
    use crate::monitor::Collect;

    fn block(arg: &str) -> Block {
        pxelinux::block(&Entry {
            label: "a".into(),
            title: "A".into(),
            kernel: "/a".into(),
            initrd: None,
            args: vec![arg.into()],
            bootif: false,
            efi: Default::default(),
        })
        .expect("valid")
    }

    fn site() -> (tempfile::TempDir, Root, Settings) {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path());
        root.create().expect("made");
        (dir, root, Settings::default())
    }

    #[test]
    fn the_first_entry_makes_the_menu() {
        let (_dir, root, settings) = site();
        let block = block("one");
        let put = |path: &Path, text: &[u8]| edit::upsert(path, text, &block, &[], false);
        let monitor = Collect::default();
        assert_eq!(update(&root, &settings, put, &monitor).expect("written"), Change::Added);
        let text = fs::read_to_string(root.menu()).expect("there");
        assert!(text.starts_with("default vesamenu.c32\ntimeout 300\n"), "{text}");
        assert!(text.contains(block.text()), "{text}");
        let inode = fs::metadata(root.menu()).expect("there").ino();
        let put = |path: &Path, text: &[u8]| edit::upsert(path, text, &block, &[], false);
        assert_eq!(update(&root, &settings, put, &monitor).expect("read"), Change::Unchanged);
        assert_eq!(fs::metadata(root.menu()).expect("there").ino(), inode);
        assert!(monitor.warnings().is_empty());
    }

    #[test]
    fn removing_from_no_menu_makes_none() {
        let (_dir, root, settings) = site();
        let take = |path: &Path, text: &[u8]| edit::remove(path, text, "a");
        let change = update(&root, &settings, take, &Collect::default()).expect("nothing to do");
        assert_eq!(change, Change::Absent);
        assert!(!root.menu().exists());
    }

    #[test]
    fn a_link_that_leads_the_menu_out_must_be_the_owners() {
        let (dir, root, settings) = site();
        let outside = tempfile::tempdir().expect("a directory");
        let file = outside.path().join("default");
        fs::write(&file, "").expect("written");
        std::os::unix::fs::symlink(&file, root.menu()).expect("linked");
        let block = block("one");
        let put = || {
            update(
                &root,
                &settings,
                |path, text| edit::upsert(path, text, &block, &[], false),
                &Collect::default(),
            )
        };
        put().expect("a link of our own");
        assert!(!fs::read(&file).expect("there").is_empty());
        fs::write(&file, "").expect("written");
        if std::os::unix::fs::lchown(root.menu(), Some(65533), Some(65533)).is_err() {
            println!("skipped: needs root");
            return;
        }
        let error = put().expect_err("somebody else's");
        assert!(error.to_string().contains("a link of somebody else's"), "{error}");
        assert!(fs::read(&file).expect("there").is_empty());
        drop(dir);
    }

    #[test]
    fn a_refused_edit_leaves_the_menu_as_it_is_and_warnings_are_passed_on() {
        let (_dir, root, settings) = site();
        fs::write(root.menu(), "label a\n").expect("written");
        let block_one = block("one");
        let put = |path: &Path, text: &[u8]| edit::upsert(path, text, &block_one, &[], false);
        let error = update(&root, &settings, put, &Collect::default()).expect_err("foreign");
        assert_eq!(error.path(), Some(root.menu().as_path()));
        assert_eq!(fs::read(root.menu()).expect("there"), b"label a\n");

        fs::write(root.menu(), block("edited").text()).expect("written");
        let put = |path: &Path, text: &[u8]| edit::upsert(path, text, &block_one, &[], false);
        let monitor = Collect::default();
        let change = update(&root, &settings, put, &monitor).expect("kept");
        assert!(matches!(change, Change::Kept { .. }), "{change:?}");
        assert_eq!(monitor.warnings().len(), 1);
    }
}
