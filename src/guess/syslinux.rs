//! The configs of syslinux, isolinux and extlinux.
//!
//! Keywords are case-blind; a path is relative to the directory that the loader works in, which is
//! the one of the first config and not of one that is included (syslinux's wiki, "Config").

use super::CANDIDATES_MAX;
use super::candidate::{Candidate, Loader, Module};
use super::files::{Reader, name, parent};
use crate::menu::config::{after, trim};

/// Where the loaders look, isolinux before the others.
const DIRS: [&str; 12] = [
    "isolinux",
    "boot/isolinux",
    "",
    "boot/syslinux",
    "syslinux",
    "boot/x86_64/loader",
    "boot/i386/loader",
    "boot/loader",
    "EFI/syslinux",
    "EFI/BOOT",
    "boot/extlinux",
    "boot",
];
const NAMES: [&str; 3] = ["isolinux.cfg", "syslinux.cfg", "extlinux.conf"];
/// How deep configs include one another.
const DEPTH_MAX: usize = 8;
/// Longest line in bytes that is read.
const LINE_MAX: usize = 4096;
/// Most labels of one config.
const LABELS_MAX: usize = 256;

/// Most initial ramdisks of a label.
const INITRDS_MAX: usize = 16;

/// Modules that only show menus, and read a config if they are given one.
const MENUS: [&str; 2] = ["menu.c32", "vesamenu.c32"];
/// Modules that start nothing of the disc.
const IDLE: [&str; 16] = [
    "chain.c32",
    "reboot.c32",
    "poweroff.c32",
    "whichsys.c32",
    "ifcpu.c32",
    "ifcpu64.c32",
    "gfxboot.c32",
    "localboot.c32",
    "config.c32",
    "ls.c32",
    "pxechn.c32",
    "menu.c32",
    "vesamenu.c32",
    "exec.c32",
    "poweroff.com",
    "cmd.c32",
];

/// A label as it is written.
#[derive(Debug, Default)]
struct Label {
    name: String,
    config: String,
    line: usize,
    title: Option<String>,
    kernel: String,
    append: Option<String>,
    initrd: String,
    default: bool,
    bootif: bool,
}

/// All that one config and those that it includes say.
#[derive(Default)]
struct Menu {
    /// Where the loader works.
    dir: String,
    labels: Vec<Label>,
    /// Whether the last label is still open.
    open: bool,
    append: String,
    /// What is booted by itself, the last one last.
    defaults: Vec<String>,
    /// Configs that a menu leads to.
    later: Vec<String>,
}

/// The entries of every config that is there.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<Candidate> {
    let mut all = Vec::new();
    for dir in DIRS {
        for name in NAMES {
            let mut menu = Menu { dir: dir.to_owned(), ..Menu::default() };
            menu.include(reader, name, 0);
            let mut rounds = 0_usize;
            while let Some(config) = menu.later.pop()
                && rounds < DEPTH_MAX
            {
                menu.open = false;
                menu.include(reader, &config, 1);
                rounds = rounds.saturating_add(1);
            }
            menu.mark_default();
            let room = CANDIDATES_MAX.saturating_sub(all.len());
            let labels = menu.labels.iter();
            all.extend(labels.filter_map(|label| menu.candidate(label, reader)).take(room));
        }
    }
    all
}

impl Menu {
    fn include(&mut self, reader: &mut Reader<'_>, path: &str, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        // Some include from the top what others include from where they are.
        let dirs = [self.dir.as_str(), ""];
        let dirs = dirs.get(..if depth == 0 { 1 } else { 2 }).unwrap_or_default();
        let Some((config, bytes)) = reader.open(dirs, path) else { return };
        if depth == 0 {
            parent(&config).clone_into(&mut self.dir);
        }
        let mut in_text = false;
        for (line, number) in bytes.split(|&b| b == b'\n').zip(1_usize..) {
            let line = trim(line.get(..LINE_MAX.min(line.len())).unwrap_or_default());
            if in_text {
                in_text = after(line, "endtext").is_none();
            } else if after(line, "text").is_some() {
                in_text = true;
            } else {
                self.directive(reader, &config, number, line, depth);
            }
        }
    }

    fn directive(
        &mut self,
        reader: &mut Reader<'_>,
        config: &str,
        number: usize,
        line: &[u8],
        depth: usize,
    ) {
        let value = |keyword: &str| {
            after(line, keyword).map(|value| String::from_utf8_lossy(value).into_owned())
        };
        let first = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
        if let Some(name) = value("label") {
            if self.labels.len() < LABELS_MAX {
                let config = config.to_owned();
                self.labels.push(Label { name, config, line: number, ..Label::default() });
            }
            self.open = self.labels.len() <= LABELS_MAX;
        } else if let Some(path) = value("include") {
            self.include(reader, &first(&path), depth.saturating_add(1));
        } else if let Some(rest) = after(line, "menu") {
            self.menu(reader, rest, depth);
        } else if let Some(default) = ["default", "ontimeout"].into_iter().find_map(value) {
            self.defaults.push(default);
        } else if let Some(path) = value("config") {
            self.later.insert(0, first(&path));
        } else if let Some(text) = value("append") {
            match self.label() {
                Some(label) => label.append = Some(text),
                None => self.append = text,
            }
        } else if let Some(text) = value("ui") {
            self.lead(&text);
        } else if let Some(label) = self.label() {
            if let Some(kernel) = ["kernel", "linux", "com32", "boot"].into_iter().find_map(value) {
                label.kernel = kernel;
            } else if let Some(initrd) = value("initrd") {
                label.initrd = initrd;
            } else if let Some(bits) = ["ipappend", "sysappend"].into_iter().find_map(value) {
                label.bootif = bits.parse::<u32>().is_ok_and(|bits| bits & 2 != 0);
            }
        }
    }

    fn menu(&mut self, reader: &mut Reader<'_>, rest: &[u8], depth: usize) {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        if let Some(title) = after(rest, "label") {
            let title = text(title).replace('^', "");
            if let Some(label) = self.label() {
                label.title = Some(title);
            }
        } else if after(rest, "default").is_some() {
            if let Some(label) = self.label() {
                label.default = true;
            }
        } else if let Some(path) = after(rest, "include") {
            let path = text(path);
            let path = path.split_whitespace().next().unwrap_or_default();
            self.include(reader, path, depth.saturating_add(1));
        } else if after(rest, "begin").is_some() || after(rest, "end").is_some() {
            self.open = false;
        }
    }

    fn label(&mut self) -> Option<&mut Label> {
        self.labels.last_mut().filter(|_| self.open)
    }

    /// Remembers the config that a menu module is given.
    fn lead(&mut self, command: &str) {
        let mut words = command.split_whitespace();
        let module = name(words.next().unwrap_or_default()).to_ascii_lowercase();
        if MENUS.contains(&module.as_str()) {
            let configs = words.filter(|word| *word != "~").take(DEPTH_MAX).map(str::to_owned);
            self.later.extend(configs);
        }
    }

    /// The label that is booted by itself: the one that `menu default` marks where a menu is shown,
    /// the one that `default` names, or the first.
    fn mark_default(&mut self) {
        let named = |default: &String| self.labels.iter().position(|l| l.name == *default);
        let by_name = self.defaults.iter().rev().find_map(named);
        let marked = self.labels.iter().position(|label| label.default);
        let is_label = self.defaults.last().is_some_and(|last| named(last).is_some());
        let at = if is_label { by_name } else { marked.or(by_name).or(Some(0)) };
        for (index, label) in self.labels.iter_mut().enumerate() {
            label.default = Some(index) == at;
        }
    }

    fn candidate(&self, label: &Label, reader: &Reader<'_>) -> Option<Candidate> {
        let dirs = [self.dir.as_str(), ""];
        let mut kernel = label.kernel.split_whitespace();
        let mut program = kernel.next()?.to_owned();
        let append = match label.append.as_deref() {
            Some("-") => "",
            Some(append) => append,
            None => &self.append,
        };
        let mut words: Vec<String> =
            kernel.chain(append.split_whitespace()).map(str::to_owned).collect();
        let mut made = Candidate {
            config: label.config.clone(),
            line: label.line,
            title: label.title.clone().unwrap_or_else(|| label.name.clone()),
            default: label.default,
            bootif: label.bootif,
            ..Candidate::default()
        };
        let mut file = name(&program).to_ascii_lowercase();
        if file == "linux.c32" && !words.is_empty() {
            program = words.remove(0);
            file = name(&program).to_ascii_lowercase();
        }
        if IDLE.contains(&file.as_str()) {
            return None;
        }
        let mut found = |path: &str| {
            reader.find(&dirs, path).unwrap_or_else(|missing| {
                made.missing.push(missing.clone());
                missing
            })
        };
        if file == "mboot.c32" {
            let mut parts = words.split(|word| word == "---").filter_map(|part| {
                let (path, args) = part.split_first()?;
                Some(Module { path: found(path), args: args.to_vec() })
            });
            let kernel = parts.next()?;
            made.modules = parts.collect();
            (made.kernel, made.args) = (kernel.path, kernel.args);
            made.loader = Loader::Multiboot(reader.find(&dirs, &program).ok());
            return Some(made.without_unfit());
        }
        made.kernel = found(&program);
        let is_initrd = |word: &String| word.starts_with("initrd=");
        let mut lists = words.iter().filter_map(|word| word.strip_prefix("initrd="));
        // The last one wins, and the directive over the argument.
        let list = Some(label.initrd.as_str()).filter(|list| !list.is_empty());
        let list = list.or(lists.next_back()).unwrap_or_default();
        let paths = list.split(',').map(str::trim).filter(|path| !path.is_empty());
        made.initrds = paths.take(INITRDS_MAX).map(&mut found).collect();
        words.retain(|word| !is_initrd(word) && !word.starts_with("BOOT_IMAGE="));
        made.args = words;
        if file.ends_with(".c32") {
            made.loader = Loader::Com32;
        }
        Some(made.without_unfit())
    }
}
