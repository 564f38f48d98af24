//! `pxe-import list`: what has been imported.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::Deserialize;

use crate::cli::Common;
use crate::error::{Error, Result};
use crate::lossy::json_path;
use crate::monitor::{Monitor, Warning};
use crate::report::listed::{ImportState, Listed, ListedImage, State};
use crate::report::{self, Report};
use crate::site::known::anew;
use crate::site::name::check_name;
use crate::site::standing::Standing;
use crate::site::{Record, Root, hold, next};

/// Looks at every import's record, tree and images; writes nothing and waits for nobody.
///
/// # Errors
/// [`Error::Io`] where the root's state cannot be read. A record that cannot be read is a warning.
pub fn run(common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let root = Root::new(&common.root);
    let mut imports = Vec::new();
    for name in names(&root)? {
        monitor.check()?;
        match record(&root, &name).and_then(|found| found.map(|r| state(&root, r)).transpose()) {
            Ok(found) => imports.extend(found),
            Err(error) => {
                let message = format!("cannot be listed: {}", error.chain());
                monitor.warn(Warning::new("unreadable-record", name, message));
            }
        }
    }
    Ok(Report::Other(Box::new(Listed {
        schema: report::SCHEMA,
        imports,
        warnings: Vec::new(),
        root: common.root.to_string_lossy().into_owned(),
    })))
}

/// The NAMEs that there is a record of, or the beginning of one.
fn names(root: &Root) -> Result<BTreeSet<String>> {
    let state = root.state();
    let read = |error| Error::io("read", &state, error);
    let entries = match fs::read_dir(&state) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(read(error)),
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let file = entry.map_err(read)?.file_name();
        let file = file.to_str().unwrap_or_default();
        let name = file.strip_suffix(".json").or_else(|| file.strip_suffix(".next"));
        names.extend(name.filter(|name| check_name(name).is_ok()).map(str::to_owned));
    }
    Ok(names)
}

/// The record in force, or that of a first import which was cut short; `None` for one that has
/// vanished meanwhile, or whose making had hardly begun.
fn record(root: &Root, name: &str) -> Result<Option<Record>> {
    match Record::read(root, name)? {
        Some(record) => Ok(Some(record)),
        None => next::record(root, name),
    }
}

fn state(root: &Root, record: Record) -> Result<ImportState> {
    let name = &record.name;
    let images: Vec<_> = record.images.iter().map(image).collect();
    let sizes = sizes(root, name)?;
    let fault = fault(root, &record, sizes.is_none())?;
    let worst = images.iter().max_by_key(|image| image.state);
    let (state, hint) = match (fault, worst.map(|image| (image.state, &image.path))) {
        (Some(fault), _) => (State::Incomplete, Some(fault)),
        (None, Some((Standing::Changed, path))) => {
            let hint = format!(
                "{path} is no longer the image that was imported: import it again, or let refresh do it"
            );
            (State::ChangedImage, Some(hint))
        }
        (None, Some((Standing::Unreadable, path))) => {
            (State::MissingImage, Some(format!("{path} cannot be read")))
        }
        (None, Some((Standing::Missing, path))) => {
            (State::MissingImage, Some(format!("{path} is not there; clients do not need it")))
        }
        (None, _) => (State::Ok, None),
    };
    let (files, bytes) = sizes.unwrap_or_default();
    Ok(ImportState {
        held: hold::is_held(root, name)?,
        name: record.name,
        product: record.product,
        profile: record.profile,
        target: format!("wwwroot/{}", record.target),
        files,
        bytes,
        images,
        published: record.published,
        state,
        hint,
    })
}

fn image(recorded: &crate::site::record::Image) -> ListedImage {
    let (path, path_hex) = json_path(recorded.path().as_os_str().as_bytes());
    ListedImage {
        path,
        path_hex,
        size: recorded.size,
        mtime: recorded.mtime.clone(),
        volume_id: recorded.volume_id.clone(),
        state: Standing::of(recorded),
    }
}

/// What keeps the import from being whole, and what to do about it.
fn fault(root: &Root, record: &Record, no_sizes: bool) -> Result<Option<String>> {
    let name = &record.name;
    let there = |path: &Path| path.try_exists().map_err(|error| Error::io("stat", path, error));
    if there(&root.next(name))? {
        let hint = "it is being changed, or a run was cut short: the next one that writes finishes that or drops it";
        return Ok(Some(hint.into()));
    }
    if !there(&root.target(&record.target))? {
        return Ok(Some(format!("wwwroot/{} is missing: import it again", record.target)));
    }
    if root.target(&record.target).is_symlink() {
        let hint = format!("wwwroot/{} is a link: put the tree itself there", record.target);
        return Ok(Some(hint));
    }
    if !there(&root.manifest(name))? {
        return Ok(Some(format!(".pxe-import/{name}.b3 is missing: import it again")));
    }
    if no_sizes {
        let mend = anew(name);
        return Ok(Some(format!(".pxe-import/{name}.meta is missing or damaged: {mend}")));
    }
    Ok(None)
}

/// How many files, and their bytes; `None` where nothing tells.
fn sizes(root: &Root, name: &str) -> Result<Option<(u64, u64)>> {
    #[derive(Deserialize)]
    struct Line<'l> {
        #[serde(borrow)]
        r#type: Cow<'l, str>,
        size: Option<u64>,
    }
    let path = root.meta(name);
    let file = match fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", path, error)),
    };
    let (mut files, mut bytes) = (0_u64, 0_u64);
    for line in BufReader::new(file).lines() {
        let line = match line {
            Ok(line) => line,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(None),
            Err(error) => return Err(Error::io("read", path, error)),
        };
        let Ok(line) = serde_json::from_str::<Line<'_>>(&line) else { return Ok(None) };
        if line.r#type == "file" {
            files = files.saturating_add(1);
            bytes = bytes.saturating_add(line.size.unwrap_or(0));
        }
    }
    Ok(Some((files, bytes)))
}
