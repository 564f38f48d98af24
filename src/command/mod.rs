//! The commands: only these know the order of steps.

pub mod adopt;
pub mod answers;
pub mod check;
pub mod entry;
pub mod extract;
pub mod generate;
pub mod host;
pub mod import;
pub mod init;
pub mod inspect;
pub mod list;
pub mod profiles;
pub mod refresh;
pub mod remove;
pub mod render;
pub mod trial;

mod adoption;
mod amending;
mod answer;
mod companions;
mod extras;
mod image;
mod live_tree;
mod making;
mod merge;
mod netboot;
mod origin;
mod owned;
mod publication;
mod secrets;

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use crate::cli::{Cli, Command, Common};
use crate::error::{Error, Result};
use crate::lock::{Lock, Wait};
use crate::media::{Disc, Hierarchy, Image, Timestamp};
use crate::monitor::Monitor;
use crate::report::Report;
use crate::site::{Root, next};

/// What is to be said of an answer file that everybody can read.
const PUBLIC: &str = "is published for the whole network to read, passwords in it too; --answer-mode 0640 \
                      leaves it to the web server's group";

/// Does what the command line says.
///
/// # Errors
/// Whatever fails; then nothing was published.
pub fn run(cli: &Cli, monitor: &dyn Monitor) -> Result<Report> {
    let common = &cli.common;
    match &cli.command {
        Command::Import(args) => import::run(args, common, monitor),
        Command::Inspect(args) => inspect::run(args, common, monitor),
        Command::Extract(args) => extract::run(args, common, monitor),
        Command::List => list::run(common, monitor),
        Command::Check(args) => check::run(args, common, monitor),
        Command::Refresh(args) => refresh::run(args, common, monitor),
        Command::Remove(args) => remove::run(args, common, monitor),
        Command::Adopt(args) => adopt::run(args, common, monitor),
        Command::Init(args) => init::run(args, common, monitor),
        Command::Entry(args) => entry::run(args, common, monitor),
        Command::Host(args) => host::run(args, common, monitor),
        Command::Render(args) => render::run(args, common, monitor),
        Command::Try(args) => trial::run(args, common, monitor),
        Command::Relay(args) => {
            // Whatever went wrong, nobody is there to be told but the machine's own connection.
            let _ = crate::http::relay::run(args.port);
            Ok(Report::Text(Vec::new()))
        }
        Command::Answer(args) => answers::run(args, common, monitor),
        Command::Profiles(args) => profiles::run(args, common),
        Command::Generate(args) => generate::run(&args.what, common),
    }
}

/// Takes the root's lock, waiting for another run if that is allowed, and mends what a killed one has
/// left.
fn locked(root: &Root, common: &Common, monitor: &dyn Monitor) -> Result<Lock> {
    let wait = if common.no_wait { Wait::No } else { Wait::Yes };
    let lock = Lock::acquire(root.path(), wait, monitor)?;
    next::recover(root)?;
    Ok(lock)
}

/// Reads the discs, in the order given.
fn open(
    paths: &[PathBuf],
    hierarchy: Option<Hierarchy>,
    monitor: &dyn Monitor,
) -> Result<Vec<Disc>> {
    paths
        .iter()
        .map(|path| {
            monitor.check()?;
            Disc::read(Image::open(path)?, hierarchy, monitor)
        })
        .collect()
}

/// As [`open`], for discs that are merged: each of them once.
fn open_set(
    paths: &[PathBuf],
    hierarchy: Option<Hierarchy>,
    monitor: &dyn Monitor,
) -> Result<Vec<Disc>> {
    let mut seen = HashSet::new();
    for path in paths {
        if let Ok(meta) = path.metadata()
            && !seen.insert((meta.dev(), meta.ino()))
        {
            return Err(Error::Usage(format!("{} is given twice", path.display())));
        }
    }
    open(paths, hierarchy, monitor)
}

/// The time of an image file's last modification; `None` for an image that is no file.
fn mtime(image: &Image) -> Result<Option<Timestamp>> {
    let Some(file) = image.file() else { return Ok(None) };
    let meta = file.metadata().map_err(|e| Error::io("stat", image.path(), e))?;
    let nanoseconds = u32::try_from(meta.mtime_nsec()).unwrap_or(0);
    Ok(Some(Timestamp::new(meta.mtime(), nanoseconds)))
}
