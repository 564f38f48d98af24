//! An entry of a boot loader's config.

use super::path::is_plain;

/// Longest command line in bytes that is taken over, the paths of the files included.
pub const COMMAND_MAX: usize = 1200;

/// Endings of what syslinux takes for a boot sector, an image or a program of its own
/// (syslinux's wiki, "Config", KERNEL).
const SECTORS: [&str; 7] = [".0", ".bin", ".bs", ".bss", ".img", ".com", ".cbt"];

/// Most arguments that are remembered as unfit for a menu, and most characters of one.
const DROPPED_MAX: usize = 64;

/// An entry of a boot loader's config. Paths are from the top of the tree, as they are spelt there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidate {
    /// The config that has it.
    pub config: String,
    /// Its line there, counted from 1.
    pub line: usize,
    /// What the menu shows; the label where it shows none.
    pub title: String,
    /// The kernel, or the program of another kind.
    pub kernel: String,
    /// Initial ramdisks, in order.
    pub initrds: Vec<String>,
    /// Arguments of the kernel.
    pub args: Vec<String>,
    /// What is loaded beside a multiboot kernel.
    pub modules: Vec<Module>,
    /// What starts the kernel.
    pub loader: Loader,
    /// Whether the config boots it by itself.
    pub default: bool,
    /// Whether the kernel is told the NIC that booted.
    pub bootif: bool,
    /// Files that it names and that are not in the tree.
    pub missing: Vec<String>,
    /// Arguments that no boot menu can hold.
    pub dropped: Vec<String>,
}

/// A multiboot module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Module {
    /// The file.
    pub path: String,
    /// Its command line.
    pub args: Vec<String>,
}

/// What starts a kernel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Loader {
    /// The boot loader itself, as Linux is.
    #[default]
    Linux,
    /// The kernel is a COM32 module of syslinux.
    Com32,
    /// `mboot.c32`, at this path of the tree if the disc has one.
    Multiboot(Option<String>),
}

impl Candidate {
    /// Every file that a client fetches of it.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let mboot = match &self.loader {
            Loader::Multiboot(Some(path)) => Some(path.as_str()),
            _ => None,
        };
        [self.kernel.as_str()]
            .into_iter()
            .chain(mboot)
            .chain(self.initrds.iter().map(String::as_str))
            .chain(self.modules.iter().map(|module| module.path.as_str()))
    }

    /// Why it cannot be an entry of a network's boot menu; `None` where it can.
    pub fn fault(&self) -> Option<String> {
        if let Some(missing) = self.missing.first() {
            return Some(format!("{missing} is not in the tree"));
        }
        if let Some(path) = self.files().find(|path| !is_plain(path)) {
            return Some(format!("the path {path:?} cannot stand in a boot menu"));
        }
        let kernel = self.kernel.to_ascii_lowercase();
        if let Some(end) = SECTORS.iter().find(|end| kernel.ends_with(*end)) {
            return Some(format!(
                "pxelinux takes {} for no kernel, as it ends in {end}",
                self.kernel
            ));
        }
        let modules = self.modules.iter().flat_map(|module| &module.args);
        let args = || self.args.iter().chain(modules.clone());
        // A variable of the loader that only its own menu can fill.
        if let Some(arg) = args().find(|arg| arg.contains("${")) {
            return Some(format!("the argument {arg:?} is for the loader to fill"));
        }
        let length = |len: usize, text: &str| len.saturating_add(text.len()).saturating_add(1);
        let bytes = args().map(String::as_str).chain(self.files()).fold(0, length);
        (bytes > COMMAND_MAX).then(|| format!("its command line has {bytes} bytes"))
    }

    /// Takes out the arguments that no boot menu can hold.
    pub(super) fn without_unfit(mut self) -> Self {
        let dropped = &mut self.dropped;
        let mut fit = |arg: &String| {
            let fits = arg.bytes().all(|b| b.is_ascii_graphic());
            if !fits && dropped.len() < DROPPED_MAX {
                dropped.push(arg.chars().take(DROPPED_MAX).collect());
            }
            fits && !arg.is_empty()
        };
        self.args.retain(&mut fit);
        self.modules.iter_mut().for_each(|module| module.args.retain(&mut fit));
        self
    }
}
