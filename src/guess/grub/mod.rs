//! The configs of GRUB 2.
//!
//! No script is run: commands are taken in their order, both branches of a condition included, where
//! the first one sets a variable and the other does not set it again.

mod lexer;

use std::collections::HashMap;

use super::CANDIDATES_MAX;
use super::candidate::{Candidate, Loader, Module};
use super::files::{Reader, parent};
use lexer::{Piece, Token, tokens};

/// Where discs have them.
const PATHS: [&str; 8] = [
    "boot/grub/grub.cfg",
    "boot/grub2/grub.cfg",
    "EFI/BOOT/grub.cfg",
    "grub/grub.cfg",
    "boot/grub/x86_64-efi/grub.cfg",
    "boot/grub/i386-efi/grub.cfg",
    "boot/grub/arm64-efi/grub.cfg",
    "grub.cfg",
];
/// How deep configs include one another, and menus lie in menus.
const DEPTH_MAX: usize = 8;
/// Most variables.
const VARIABLES_MAX: usize = 256;
/// Longest value, and longest word, in bytes.
const VALUE_MAX: usize = 4096;
/// Most words of a command.
const WORDS_MAX: usize = 256;

/// Most initial ramdisks, and most modules, of an entry.
const INITRDS_MAX: usize = 16;
const MODULES_MAX: usize = 64;

/// An open brace.
enum Frame {
    /// Of `menuentry`.
    Entry(Box<Open>),
    /// Of `submenu`, with its place.
    Submenu(String),
    /// Of a function or of nothing.
    Other,
}

/// An entry that is being read.
struct Open {
    made: Candidate,
    /// By what `default` may call it.
    names: Vec<String>,
}

struct Script<'r, 'f> {
    reader: &'r mut Reader<'f>,
    variables: HashMap<String, String>,
    frames: Vec<Frame>,
    /// How many entries and submenus there are in each open menu.
    counts: Vec<usize>,
    done: Vec<Open>,
    /// Whether commands are an `else` branch's.
    otherwise: Vec<bool>,
}

/// The entries of every config that is there.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<Candidate> {
    let mut paths: Vec<String> = PATHS.iter().map(|&path| path.to_owned()).collect();
    let (efi, vendors) = reader.list("EFI");
    paths.extend(vendors.iter().take(32).map(|vendor| format!("{efi}/{vendor}/grub.cfg")));
    let mut all = Vec::new();
    for path in paths {
        let mut script = Script {
            reader,
            variables: HashMap::new(),
            frames: Vec::new(),
            counts: vec![0],
            done: Vec::new(),
            otherwise: Vec::new(),
        };
        script.source(&path, 0);
        let room = CANDIDATES_MAX.saturating_sub(all.len());
        all.extend(script.finish().into_iter().take(room));
    }
    all
}

impl Script<'_, '_> {
    fn finish(self) -> Vec<Candidate> {
        let default = self.variables.get("default").map_or("0", String::as_str);
        let named = |open: &Open| open.names.iter().any(|name| name == default);
        let at = self.done.iter().position(named);
        // What is not known, a saved one above all, is the first.
        let at = at.or((!default.bytes().all(|b| b.is_ascii_digit())).then_some(0));
        let candidates = self.done.into_iter().enumerate().map(|(index, open)| {
            Candidate { default: Some(index) == at, ..open.made }.without_unfit()
        });
        candidates.filter(|candidate| !candidate.kernel.is_empty()).collect()
    }

    fn source(&mut self, path: &str, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        let Some((config, bytes)) = self.reader.open(&["", "boot/grub"], path) else { return };
        if depth == 0 {
            self.variables.insert("prefix".to_owned(), format!("/{}", parent(&config)));
        }
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        let frames = self.frames.len();
        let mut words: Vec<String> = Vec::new();
        let mut line = 1;
        for token in tokens(&text) {
            match token {
                Token::Word(pieces, at) => {
                    if words.is_empty() {
                        line = at;
                    }
                    self.expand(&pieces, &mut words);
                }
                Token::End => self.command(std::mem::take(&mut words), &config, line, depth),
                Token::Open => self.open(std::mem::take(&mut words), &config, line),
                Token::Close => {
                    self.command(std::mem::take(&mut words), &config, line, depth);
                    if self.frames.len() > frames {
                        self.close();
                    }
                }
            }
        }
        self.command(words, &config, line, depth);
        while self.frames.len() > frames {
            self.close();
        }
    }

    /// Adds the words that `pieces` mean.
    fn expand(&self, pieces: &[Piece], words: &mut Vec<String>) {
        let mut word = String::new();
        let mut whole = false;
        for piece in pieces {
            let (text, split) = match piece {
                Piece::Text(text) => {
                    whole = true;
                    (text.as_str(), false)
                }
                Piece::Variable { name, quoted } => {
                    whole |= quoted;
                    (self.variables.get(name).map_or("", String::as_str), !quoted)
                }
            };
            let mut parts = text.split_whitespace();
            if split && text.contains(char::is_whitespace) {
                if !text.starts_with(char::is_whitespace) {
                    word.push_str(parts.next().unwrap_or_default());
                }
                for part in parts {
                    words.push(std::mem::take(&mut word));
                    part.clone_into(&mut word);
                }
            } else {
                word.push_str(text);
            }
            if word.len() > VALUE_MAX || words.len() > WORDS_MAX {
                return;
            }
        }
        if whole || !word.is_empty() {
            words.push(word);
        }
    }

    fn open(&mut self, words: Vec<String>, config: &str, line: usize) {
        let mut rest = words.iter().skip(1);
        let mut title = None;
        let mut id = None;
        while let Some(word) = rest.next() {
            match word.split_once('=') {
                Some(("--id", value)) => id = Some(value.to_owned()),
                _ if word == "--id" || word == "$menuentry_id_option" => id = rest.next().cloned(),
                _ if matches!(word.as_str(), "--class" | "--users" | "--hotkey" | "--source") => {
                    rest.next();
                }
                _ if word.starts_with("--") => {}
                // What stands behind the title is an argument of the entry's, or its id where
                // the variable that holds the option is set by GRUB itself.
                _ if title.is_none() => title = Some(word.clone()),
                _ => id = id.or_else(|| Some(word.clone())),
            }
        }
        let title = title.unwrap_or_default();
        let is_menu = matches!(words.first().map(String::as_str), Some("menuentry" | "submenu"));
        let frame = if is_menu {
            let number = self.counts.last().copied().unwrap_or_default();
            if let Some(count) = self.counts.last_mut() {
                *count = count.saturating_add(1);
            }
            let above = self.frames.iter().rev().find_map(|frame| match frame {
                Frame::Submenu(place) => Some(format!("{place}>")),
                _ => None,
            });
            let above = above.unwrap_or_default();
            let place = format!("{above}{number}");
            if words.first().is_some_and(|word| word == "submenu") {
                self.counts.push(0);
                Frame::Submenu(place)
            } else {
                let names = [Some(place), Some(title.clone()), id].into_iter().flatten();
                let made = Candidate {
                    config: config.to_owned(),
                    line,
                    title: title.clone(),
                    ..Candidate::default()
                };
                Frame::Entry(Box::new(Open { made, names: names.collect() }))
            }
        } else {
            Frame::Other
        };
        self.frames.push(frame);
    }

    fn close(&mut self) {
        match self.frames.pop() {
            Some(Frame::Entry(mut open)) if self.done.len() < CANDIDATES_MAX => {
                // What a later command has replaced is not fetched.
                let made = &mut open.made;
                let missing = std::mem::take(&mut made.missing);
                let is_fetched = |missing: &String| made.files().any(|path| path == missing);
                made.missing = missing.into_iter().filter(is_fetched).collect();
                self.done.push(*open);
            }
            Some(Frame::Submenu(_)) => drop(self.counts.pop()),
            _ => {}
        }
    }

    fn command(&mut self, words: Vec<String>, config: &str, line: usize, depth: usize) {
        let mut words = words.into_iter();
        let Some(mut command) = words.next() else { return };
        // A keyword and its command may stand in one line.
        loop {
            match command.as_str() {
                "if" => self.otherwise.push(false),
                "else" | "elif" => {
                    if let Some(last) = self.otherwise.last_mut() {
                        *last = true;
                    }
                }
                "fi" => drop(self.otherwise.pop()),
                "then" | "do" | "!" => {}
                _ => break,
            }
            if self.otherwise.len() > WORDS_MAX {
                self.otherwise.clear();
            }
            match words.next() {
                Some(next) => command = next,
                None => return,
            }
        }
        let words: Vec<String> = words.collect();
        match command.as_str() {
            "set" => {
                if let Some((name, value)) = words.first().and_then(|word| word.split_once('=')) {
                    self.set(name, value);
                }
            }
            "source" | "." | "configfile" | "extract_entries_source" | "normal" => {
                if let Some(path) = words.iter().find(|word| !word.starts_with("--")) {
                    self.source(path, depth.saturating_add(1));
                }
            }
            "submenu" | "menuentry" => {
                self.open([command].into_iter().chain(words).collect(), config, line)
            }
            _ => match command.split_once('=') {
                Some((name, value)) if words.is_empty() => self.set(name, value),
                _ => self.boot(&command, &words),
            },
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.chars().all(is_name) || value.len() > VALUE_MAX || name == "root" {
            return;
        }
        let known = self.variables.get(name);
        let otherwise = self.otherwise.iter().any(|&otherwise| otherwise);
        if (known.is_none() && self.variables.len() < VARIABLES_MAX)
            || known.is_some_and(|_| !otherwise)
        {
            self.variables.insert(name.to_owned(), value.to_owned());
        }
    }

    /// A command of an entry that loads something.
    fn boot(&mut self, command: &str, words: &[String]) {
        let Self { reader, frames, .. } = self;
        let entry = frames.iter_mut().rev().find_map(|frame| match frame {
            Frame::Entry(open) => Some(&mut open.made),
            _ => None,
        });
        let Some(made) = entry else { return };
        let words: Vec<&String> = words.iter().skip_while(|word| word.starts_with("--")).collect();
        let mut found = |path: &str| {
            reader.find(&[""], path).unwrap_or_else(|missing| {
                made.missing.push(missing.clone());
                missing
            })
        };
        let Some((first, args)) = words.split_first() else { return };
        let args = || args.iter().map(|&arg| arg.clone()).collect::<Vec<_>>();
        match command {
            "linux" | "linuxefi" | "linux16" | "$linux" => {
                let is_there = !made.kernel.is_empty() && !made.missing.contains(&made.kernel);
                match reader.find(&[""], first) {
                    // Another branch has one that is there.
                    Err(_) if is_there => return,
                    Err(missing) => {
                        made.missing.push(missing.clone());
                        made.kernel = missing;
                    }
                    Ok(kernel) => made.kernel = kernel,
                }
                let is_ours = |arg: &String| !arg.starts_with("initrd=");
                made.args = args().into_iter().filter(is_ours).collect();
                made.loader = Loader::Linux;
            }
            "initrd" | "initrdefi" | "initrd16" => {
                made.initrds = words.iter().take(INITRDS_MAX).map(|path| found(path)).collect();
            }
            "multiboot" | "multiboot2" | "xen_hypervisor" => {
                made.kernel = found(first);
                made.args = args();
                let mboot = ["isolinux", "boot/isolinux", "boot/syslinux", "syslinux"];
                made.loader = Loader::Multiboot(reader.find(&mboot, "mboot.c32").ok());
            }
            "module" | "module2" | "xen_module" if made.modules.len() < MODULES_MAX => {
                made.modules.push(Module { path: found(first), args: args() });
            }
            _ => {}
        }
    }
}
