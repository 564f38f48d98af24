//! `pxe-import NAME ISO...`: the word `import` put in where it was left out.

use std::ffi::OsString;

use clap::Command;

use super::RESERVED;
use crate::error::{Error, Result};

/// Puts `import` into a command line whose first positional word is no command of `root`, which is what
/// [`Cli`](super::Cli) defines.
///
/// # Errors
/// [`Error::Usage`] for a lone word that is neither a command nor help.
pub fn insert_import(root: &Command, mut args: Vec<OsString>) -> Result<Vec<OsString>> {
    let mut words = args.iter().enumerate().skip(1);
    let mut positionals: Vec<(usize, &OsString)> = Vec::new();
    while let Some((at, word)) = words.next() {
        let text = word.to_string_lossy();
        if text == "--" {
            positionals.extend(words);
            break;
        }
        if text.len() < 2 || !text.starts_with('-') {
            positionals.push((at, word));
        } else if takes_next_word(root, &text) {
            words.next();
        } else if matches!(&*text, "-h" | "--help" | "-V" | "--version") && positionals.is_empty() {
            return Ok(args);
        }
    }
    let Some(&(at, first)) = positionals.first() else { return Ok(args) };
    let first = first.to_string_lossy().into_owned();
    let known = |word: &str| root.get_subcommands().any(|command| command.get_name() == word);
    if known(&first) {
        return Ok(args);
    }
    if first == "help" {
        if let Some((_, topic)) = positionals.get(1) {
            let topic = topic.to_string_lossy();
            if !known(&topic) {
                return Err(Error::Usage(format!("there is no command '{topic}' to explain")));
            }
        }
        args.remove(at);
        args.push("--help".into());
        return Ok(args);
    }
    if RESERVED.contains(&first.as_str()) {
        return Err(Error::Usage(format!(
            "'{first}' is no command of this version, and a reserved word that cannot name an import"
        )));
    }
    if is_image(&first) && positionals.len() > 1 {
        return Err(Error::Usage(lone_word(root, &first)));
    }
    if positionals.len() == 1 && !args.iter().any(|word| *word == *"--help" || *word == *"-h") {
        return Err(Error::Usage(lone_word(root, &first)));
    }
    args.insert(1, "import".into());
    Ok(args)
}

fn takes_next_word(root: &Command, option: &str) -> bool {
    if option.contains('=') {
        return false;
    }
    // Options before the command are everybody's, or those of an import whose word is left out.
    let commands = std::iter::once(root).chain(root.find_subcommand("import"));
    commands.flat_map(Command::get_arguments).any(|arg| {
        let long = arg.get_long().is_some_and(|long| option.strip_prefix("--") == Some(long));
        let short = arg.get_short().is_some_and(|short| option == format!("-{short}"));
        (long || short) && arg.get_action().takes_values()
    })
}

fn is_image(word: &str) -> bool {
    word.to_ascii_lowercase().ends_with(".iso")
}

fn lone_word(root: &Command, word: &str) -> String {
    if is_image(word) {
        return format!("an image needs a NAME before it: pxe-import NAME {word}");
    }
    let near = root
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(|command| {
            let ratio = similar::TextDiff::from_chars(word, command.get_name()).ratio();
            (ratio, command.get_name())
        })
        .filter(|(ratio, _)| *ratio > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, command)) => format!("unknown command '{word}'; did you mean '{command}'?"),
        None => format!("unknown command '{word}'; did you mean 'pxe-import {word} ISO...'?"),
    }
}
