//! `[[media]]` in `ROOT/pxe-import.toml`: the images that an import is made of, and its options.
//!
//! ```toml
//! [[media]]
//! name = "centos6.8"
//! images = ["/srv/iso/CentOS-6.8-x86_64-bin-DVD*.iso"]
//! answer = "answers/ks.cfg"
//! arg = ["console=ttyS0", "text"]
//! no-media-check = true
//! ```
//!
//! `name` is the import's NAME. `images` are glob patterns; what one pattern matches is put into
//! natural order ([`super::natural`]), the order of the patterns is kept. Every other key is an
//! option of `pxe-import import` by its long name: a string, `true` for a flag, a list for an option
//! that can be repeated. Relative paths and patterns begin at the root directory.

use std::any::TypeId;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Args, FromArgMatches};
use glob::{MatchOptions, Pattern};

use super::natural;
use crate::answer::Source;
use crate::cli::Import;
use crate::error::{Error, Result};

mod read;

pub(super) use read::read;

/// An entry of `[[media]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// The NAME of the import.
    pub name: String,
    /// Patterns of its images, in order.
    pub images: Vec<String>,
    /// Import options by their long names, in the order of a command line; a flag has no value.
    options: Vec<(String, Option<String>)>,
}

/// What an entry's patterns match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The images, each of them once.
    pub images: Vec<PathBuf>,
    /// Patterns that match nothing.
    pub empty: Vec<String>,
}

impl Media {
    /// Looks for the images; relative patterns begin at `base`.
    ///
    /// # Errors
    /// [`Error::Io`] for a directory that cannot be read; [`Error::Usage`] for a `base` that is not UTF-8.
    pub fn find(&self, base: &Path) -> Result<Found> {
        let mut found = Found::default();
        for pattern in &self.images {
            let mut images = matches(base, pattern)?;
            if images.is_empty() {
                found.empty.push(pattern.clone());
            }
            images.sort_by(|a, b| {
                natural::compare(a.as_os_str().as_bytes(), b.as_os_str().as_bytes())
            });
            // However two patterns spell it, an image is given once.
            images.retain(|image| !found.images.iter().any(|other| same_file(image, other)));
            found.images.append(&mut images);
        }
        Ok(found)
    }

    /// The import of `images` with this entry's options; relative paths begin at `base`.
    ///
    /// # Errors
    /// [`Error::Usage`] for options that contradict each other.
    pub fn import(&self, base: &Path, images: &[PathBuf]) -> Result<Import> {
        self.parse(base, images).map_err(|error| Error::Usage(one_line(&error)))
    }

    /// Has the command line's own definitions make an [`Import`] of it, so that both know the same
    /// options and values.
    fn parse(&self, base: &Path, images: &[PathBuf]) -> Result<Import, clap::Error> {
        let mut command = import();
        let option = |(key, value): &(String, Option<String>)| {
            let mut word = OsString::from(format!("--{key}"));
            if let Some(value) = value {
                word.push("=");
                match command.get_arguments().find(|arg| arg.get_long() == Some(key)) {
                    Some(arg) if is_path(arg) => word.push(base.join(value)),
                    Some(arg) if is_source(arg) => {
                        word.push(Source::from(OsString::from(value)).below(base).to_string());
                    }
                    _ => word.push(value),
                }
            }
            word
        };
        let mut words = vec![OsString::from("import")];
        words.extend(self.options.iter().map(option));
        words.extend([OsString::from("--"), OsString::from(&self.name)]);
        words.extend(images.iter().map(|image| image.clone().into_os_string()));
        let matches = command.try_get_matches_from_mut(words)?;
        Ok(Import { media: true, ..Import::from_arg_matches(&matches)? })
    }
}

/// Whether both paths are those of one file, however they are spelt.
pub fn same_file(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

fn matches(base: &Path, pattern: &str) -> Result<Vec<PathBuf>> {
    let base = base.to_str().ok_or_else(|| {
        Error::Usage(format!("the root directory {} is not UTF-8, as patterns are", base.display()))
    })?;
    let full = match Path::new(pattern).is_absolute() {
        true => pattern.to_owned(),
        false => format!("{}/{pattern}", Pattern::escape(base)),
    };
    // A hidden file is what a download in progress likes to be.
    let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::new() };
    let paths = glob::glob_with(&full, options)
        .map_err(|error| Error::Usage(format!("the pattern {pattern:?} is none: {}", error.msg)))?;
    paths
        .map(|path| {
            path.map_err(|error| {
                let path = error.path().to_owned();
                Error::io("read", path, error.into())
            })
        })
        .collect()
}

/// An option that makes no sense by the clock.
const PROMPT: &str = "root-password";

/// What the command line knows as `pxe-import import`.
fn import() -> clap::Command {
    Import::augment_args(clap::Command::new("import"))
}

/// The options of `pxe-import import`.
fn options() -> Vec<Arg> {
    import()
        .get_arguments()
        .filter(|arg| arg.get_long().is_some_and(|long| long != PROMPT))
        .cloned()
        .collect()
}

fn is_path(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<PathBuf>()
}

/// A path, or a template, which is none.
fn is_source(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<Source>()
}

fn is_list(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

/// What clap says, without its hints on usage.
fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
    let text = lines.collect::<Vec<_>>().join(" ");
    text.strip_prefix("error: ").map(str::to_owned).unwrap_or(text)
}

/// The long name of the option that clap finds fault with.
fn option_at_fault(error: &clap::Error) -> Option<&str> {
    let ContextValue::String(text) = error.get(ContextKind::InvalidArg)? else { return None };
    text.strip_prefix("--")?.split([' ', '=']).next()
}

#[cfg(test)]
mod tests;
