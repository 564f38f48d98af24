//! `[[media]]` as written, and what is wrong with it, by line.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction};
use glob::Pattern;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::{Media, PROMPT, is_list, one_line, option_at_fault, options};
use crate::cli::RESERVED;
use crate::error::{Error, Result};
use crate::site::name::check_name;
use crate::site::settings::line;

/// What is wrong, and where in the text.
type Fault = (Range<usize>, String);

/// The entries of `text`, which was read from `path` and is TOML.
///
/// # Errors
/// [`Error::Invalid`] with the line for an unknown key, a value of the wrong type or that an option
/// cannot have, a name that is no NAME or stands there twice, a pattern that is none.
pub(in crate::site) fn read(path: &Path, text: &str) -> Result<Vec<Media>> {
    let invalid = |(span, what): Fault| {
        Error::invalid(path, format!("line {}: {what}", line(text, span.start)))
    };
    let table = DeTable::parse(text).map_err(|error| {
        invalid((error.span().unwrap_or_default(), error.message().replace('\n', ", ")))
    })?;
    let Some(written) = table.get_ref().get("media") else { return Ok(Vec::new()) };
    let reader = Reader { known: options(), lines: text };
    reader.entries(written).map_err(invalid)
}

struct Reader<'t> {
    known: Vec<Arg>,
    lines: &'t str,
}

impl Reader<'_> {
    fn entries(&self, written: &Spanned<DeValue<'_>>) -> Result<Vec<Media>, Fault> {
        let no_table = |span| (span, "media is written as a table: [[media]]".to_owned());
        let array = written.get_ref().as_array().ok_or_else(|| no_table(written.span()))?;
        let mut names = HashMap::new();
        let mut entries = Vec::new();
        for entry in array {
            let table = entry.get_ref().as_table().ok_or_else(|| no_table(entry.span()))?;
            let (media, at) = self.entry(entry.span(), table)?;
            if let Some(first) = names.insert(media.name.clone(), at.start) {
                let what = format!(
                    "there is a [[media]] entry named '{}' in line {} already",
                    media.name,
                    line(self.lines, first)
                );
                return Err((at, what));
            }
            entries.push(media);
        }
        Ok(entries)
    }

    /// An entry, and where its name is.
    fn entry(
        &self,
        span: Range<usize>,
        table: &DeTable<'_>,
    ) -> Result<(Media, Range<usize>), Fault> {
        let mut name = None;
        let mut images = None;
        let mut options = Vec::new();
        let mut places = HashMap::new();
        for (key, value) in table {
            match &**key.get_ref() {
                "name" => {
                    let text = string("name", value)?;
                    check_name(text).map_err(|error| (value.span(), error.to_string()))?;
                    if RESERVED.contains(&text) {
                        return Err((value.span(), format!("'{text}' is a reserved word")));
                    }
                    name = Some((text.to_owned(), value.span()));
                }
                "images" => images = Some(patterns(value)?),
                PROMPT => {
                    let what = format!(
                        "'{PROMPT}' asks on a terminal, and nobody is there by the clock: give \
                         {PROMPT}-file or {PROMPT}-hash"
                    );
                    return Err((key.span(), what));
                }
                long => {
                    let Some(arg) = self.known.iter().find(|arg| arg.get_long() == Some(long))
                    else {
                        return Err((key.span(), self.unknown(long)));
                    };
                    places.insert(long.to_owned(), value.span());
                    self.option(arg, long, value, &mut options)?;
                }
            }
        }
        let missing = |key: &str| (span.clone(), format!("this [[media]] entry has no '{key}'"));
        let (name, at) = name.ok_or_else(|| missing("name"))?;
        let images = images.ok_or_else(|| missing("images"))?;
        let media = Media { name, images, options };
        // The images are not there to be seen yet: any name stands for them.
        if let Err(error) = media.parse(Path::new("/"), &[PathBuf::from("image.iso")]) {
            let place = option_at_fault(&error).and_then(|long| places.remove(long));
            return Err((place.unwrap_or(at), one_line(&error)));
        }
        Ok((media, at))
    }

    fn option(
        &self,
        arg: &Arg,
        long: &str,
        value: &Spanned<DeValue<'_>>,
        options: &mut Vec<(String, Option<String>)>,
    ) -> Result<(), Fault> {
        let mut add = |text: Option<&str>| options.push((long.to_owned(), text.map(str::to_owned)));
        match (arg.get_action(), value.get_ref()) {
            (ArgAction::SetTrue, DeValue::Boolean(true)) => add(None),
            (ArgAction::SetTrue, DeValue::Boolean(false)) => {}
            (ArgAction::SetTrue, _) => {
                return Err((value.span(), format!("'{long}' is a flag: true or false")));
            }
            (_, DeValue::Array(list)) if is_list(arg) => {
                for one in list {
                    add(Some(string(long, one)?));
                }
            }
            _ => add(Some(string(long, value)?)),
        }
        Ok(())
    }

    fn unknown(&self, key: &str) -> String {
        let known: Vec<_> = self.known.iter().filter_map(Arg::get_long).collect();
        format!("unknown key '{key}': there are name, images, {}", known.join(", "))
    }
}

fn string<'v>(key: &str, value: &'v Spanned<DeValue<'_>>) -> Result<&'v str, Fault> {
    let text = value.get_ref().as_str();
    text.ok_or_else(|| {
        let is = value.get_ref().type_str();
        (value.span(), format!("'{key}' is a string in quotes, and this is of the type {is}"))
    })
}

fn patterns(value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, Fault> {
    let list = || (value.span(), "'images' is a list of patterns: [\"/srv/a*.iso\"]".to_owned());
    let array: &DeArray<'_> = value.get_ref().as_array().ok_or_else(list)?;
    if array.is_empty() {
        return Err(list());
    }
    let pattern = |one: &Spanned<DeValue<'_>>| {
        let text = string("images", one)?;
        let fault = |why: &str| (one.span(), format!("the pattern {text:?} is none: {why}"));
        if text.is_empty() {
            return Err(fault("it is empty"));
        }
        Pattern::new(text).map_err(|error| fault(error.msg))?;
        Ok(text.to_owned())
    };
    array.iter().map(pattern).collect()
}
