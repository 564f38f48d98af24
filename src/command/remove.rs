//! `pxe-import remove NAME`: entries, tree, record.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Instant;

use serde::Deserialize;

use crate::cli::{Common, Remove};
use crate::error::{Error, Result};
use crate::lossy::json_path;
use crate::monitor::{Monitor, Warning};
use crate::report::Report;
use crate::report::removed::{KeptFile, Removed, RemovedEntry};
use crate::site::name::check_name;
use crate::site::removal::{self, Removal, withdrawn};
use crate::site::survey::{Survey, survey};
use crate::site::{Record, Root, Settings, hold, menu};

/// Takes an import away. One that is not there is taken away already.
///
/// # Errors
/// Whatever stands in the way; then the import is there as a whole, its menu entries perhaps not.
pub fn run(args: &Remove, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let begun = Instant::now();
    let Remove { name, force, hold, prune } = args;
    check_name(name)?;
    let root = Root::new(&common.root);
    let settings = Settings::load(&root)?;
    let named = media_line(&root, name)?;
    let held = root.state().exists() && hold::is_held(&root, name)?;
    if let Some(line) = named.filter(|_| !hold && !held && !prune) {
        let what = format!(
            "line {line}: the images of {name} are named here, and refresh would bring it back: \
             remove this [[media]] entry, or give --hold"
        );
        return Err(Error::conflict(root.settings(), what));
    }
    let mut removed = Removed { held: held || *hold, ..Removed::new(name) };
    let cut_short = removal::cut_short(&root, name)?;
    if common.dry_run {
        removed.dry_run = true;
        if let Some(record) = Record::read(&root, name)? {
            let found = survey(&root, &record, *force, monitor)?;
            let path = root.menu();
            let text = menu::read(&root, &settings)?;
            let (edit, blocks) = withdrawn(&record, &path, &text, *force)?;
            edit.warnings.into_iter().for_each(|warning| monitor.warn(warning));
            tell(&mut removed, &root, &record, &found, &blocks);
        } else if named.is_none() && !held {
            warn_unknown(name, monitor);
        }
        removed.seconds = begun.elapsed().as_secs_f64();
        return Ok(Report::Other(Box::new(removed)));
    }
    // A root that is not there is not made to remove something from it.
    if *hold {
        root.create()?;
    }
    if root.state().exists() {
        let _lock = super::locked(&root, common, monitor)?;
        if *hold {
            hold::hold(&root, name)?;
        }
        match Record::read(&root, name)? {
            Some(record) => take(&mut removed, &root, &record, *force, monitor)?,
            None => {
                removed.target = cut_short.map(|target| format!("wwwroot/{target}"));
                if removed.target.is_some() {
                    let message =
                        "its removal was begun by a run that was cut short, and is finished";
                    monitor.warn(Warning::new("removal-finished", name, message));
                }
            }
        }
    }
    if removed.target.is_none() && named.is_none() && !removed.held {
        warn_unknown(name, monitor);
    }
    removed.seconds = begun.elapsed().as_secs_f64();
    Ok(Report::Other(Box::new(removed)))
}

/// Removes the import of `record`, and tells `removed` of it. The caller holds the lock and has
/// called [`next::recover`].
pub(super) fn take(
    removed: &mut Removed,
    root: &Root,
    record: &Record,
    force: bool,
    monitor: &dyn Monitor,
) -> Result<()> {
    let found = survey(root, record, force, monitor)?;
    // What would fail in the menu fails before anything is gone.
    if let Some(text) = read_menu(root)? {
        withdrawn(record, &root.menu(), &text, force)?;
    }
    monitor.check()?;
    let blocks = Removal::begin(root, record, force)?.finish(&Unstoppable(monitor))?;
    for kept in found.kept.iter().filter(|kept| !kept.dir) {
        let (code, message) = match kept.edited {
            true => ("edited-file", "has been edited since it was imported, and is kept"),
            false => ("foreign-file", "is none of the import's files, and is kept"),
        };
        monitor.warn(Warning::new(code, kept.path.to_string_lossy(), message));
    }
    tell(removed, root, record, &found, &blocks);
    Ok(())
}

/// From the intent on, there is no way back: it hears warnings only.
struct Unstoppable<'m>(&'m dyn Monitor);

impl Monitor for Unstoppable<'_> {
    fn warn(&self, warning: Warning) {
        self.0.warn(warning);
    }
}

/// What `removed` is to say of the import.
fn tell(
    removed: &mut Removed,
    root: &Root,
    record: &Record,
    found: &Survey,
    blocks: &[removal::Block],
) {
    let menu = root.menu();
    let file = menu.strip_prefix(root.path()).unwrap_or(&menu).to_string_lossy().into_owned();
    removed.target = Some(format!("wwwroot/{}", record.target));
    (removed.files, removed.bytes) = (found.files, found.bytes);
    let kept = found.kept.iter().filter(|kept| !kept.dir);
    removed.kept = kept
        .map(|kept| {
            // A target that is one file has no path in itself.
            let path = match kept.path.file_name() {
                Some(_) => kept.path.as_path(),
                None => Path::new(&record.target),
            };
            let (path, path_hex) = json_path(path.as_os_str().as_bytes());
            KeptFile { path, path_hex, reason: if kept.edited { "edited" } else { "foreign" } }
        })
        .collect();
    removed.menu = blocks
        .iter()
        .map(|block| RemovedEntry {
            file: file.clone(),
            label: block.label.clone(),
            removed: block.removed,
        })
        .collect();
}

fn read_menu(root: &Root) -> Result<Option<Vec<u8>>> {
    match fs::read(root.menu()) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("read", root.menu(), e)),
    }
}

fn warn_unknown(name: &str, monitor: &dyn Monitor) {
    let message = "there is no import of that name: 'pxe-import list' tells those that there are";
    monitor.warn(Warning::new("no-such-import", name, message));
}

/// The line of the settings that names the images of `name`.
fn media_line(root: &Root, name: &str) -> Result<Option<usize>> {
    #[derive(Deserialize)]
    struct Site {
        #[serde(default)]
        media: Vec<Media>,
    }
    #[derive(Deserialize)]
    struct Media {
        name: Option<toml::Spanned<String>>,
    }
    let text = match fs::read_to_string(root.settings()) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io("read", root.settings(), e)),
    };
    // The settings have been read before: what is wrong here is of no concern to us.
    let Ok(site) = toml::from_str::<Site>(&text) else { return Ok(None) };
    let named = site.media.into_iter().filter_map(|media| media.name);
    let span = named.filter(|there| there.get_ref() == name).map(|there| there.span()).next();
    let before = span.and_then(|span| text.get(..span.start));
    Ok(before.map(|before| before.matches('\n').count() + 1))
}
