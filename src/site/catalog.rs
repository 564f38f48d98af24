//! Every entry in force, with what the served tree says of it.

use std::path::{Path, PathBuf};

use super::pxelinux::head;
use super::root::Root;
use super::settings::Settings;
use crate::error::Result;
use crate::menu::asked::{Role, asked};
use crate::menu::ipxe::WIMBOOT;
use crate::menu::pe::{self, Machine};
use crate::menu::{Efi, Entry, blocks, esxi, pxelinux};

/// An entry that clients are offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// As recorded.
    pub entry: Entry,
    /// The URL of the web root without a slash at its end, where it is known.
    pub base: Option<String>,
    /// What UEFI clients can do with it.
    pub start: Start,
    /// Its block, as pxelinux's menu has it: somebody may have edited it there.
    pub block: String,
    /// Whether pxelinux's menu has it.
    pub in_menu: bool,
}

/// What UEFI clients can do with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Its program is for this machine.
    Machine(Machine),
    /// What it starts is no EFI program.
    Foreign,
    /// What it starts is not there.
    Absent,
    /// It has no form for UEFI.
    Never,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// In the order of pxelinux's menu, those that it does not have behind them.
    pub offers: Vec<Offer>,
    /// Labels of pxelinux's menu that boot something and are not ours.
    pub foreign: Vec<String>,
}

impl Catalog {
    /// Reads records, menu and the first bytes of what boots.
    ///
    /// # Errors
    /// [`crate::Error::Io`]; as [`Root::records`]. A menu that is damaged gives no order.
    pub fn read(root: &Root, settings: &Settings) -> Result<Self> {
        let path = root.menu();
        let text = super::next::read(&path)?.unwrap_or_default();
        // A menu that is gone or damaged takes nothing away from anybody else.
        let found = blocks(&path, &text).ok().filter(|_| !text.is_empty());
        let there = found.clone().unwrap_or_default();
        let base = settings.server.as_ref().map(ToString::to_string);
        let mut offers = Vec::new();
        for record in root.records()? {
            // An address that the import was given is its own, whatever the settings say.
            let base = match (&record.server, record.options.contains_key("server")) {
                (Some(own), true) => Some(own.clone()),
                (own, _) => base.clone().or_else(|| own.clone()),
            };
            for entry in record.entries.into_iter().map(|entry| entry.entry) {
                let of_menu = there.iter().position(|(label, _)| *label == entry.label.as_bytes());
                let block = match of_menu.and_then(|at| there.get(at)) {
                    Some((_, block)) => String::from_utf8_lossy(block).into_owned(),
                    None => {
                        pxelinux::block(&entry).map(|b| b.text().to_owned()).unwrap_or_default()
                    }
                };
                let start = start(root, base.as_deref(), &entry);
                offers.push((
                    of_menu,
                    Offer {
                        entry,
                        base: base.clone(),
                        start,
                        block,
                        in_menu: found.is_none() || of_menu.is_some(),
                    },
                ));
            }
        }
        offers.sort_by_key(|(at, _)| at.unwrap_or(usize::MAX));
        let offers = offers.into_iter().map(|(_, offer)| offer).collect();
        let mut foreign = Vec::new();
        for one in asked(&path, &text).unwrap_or_default().asked {
            let boots = matches!(one.role, Role::Kernel | Role::Module) && one.block.is_none();
            if let Some(label) = one.label.filter(|_| boots) {
                let label = String::from_utf8_lossy(&label).into_owned();
                if !foreign.contains(&label) {
                    foreign.push(label);
                }
            }
        }
        Ok(Self { offers, foreign })
    }

    /// The entry of this label.
    pub fn find(&self, label: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.entry.label == label)
    }

    /// The first components of the trees whose entries are bridged to pxelinux 3.86.
    pub(super) fn bridged(&self) -> impl Iterator<Item = &Offer> {
        self.offers.iter().filter(|offer| esxi::is_bridge(&offer.entry))
    }
}

/// What UEFI clients can do with `entry`, by the header of what they would start.
fn start(root: &Root, base: Option<&str>, entry: &Entry) -> Start {
    let program = match &entry.efi {
        Efi::None => return Start::Never,
        Efi::Kernel => &entry.kernel,
        Efi::Program { path, .. } => path,
        Efi::Wimboot(_) => WIMBOOT,
    };
    let own = base.and_then(|base| program.strip_prefix(base));
    match served(root, own.unwrap_or(program)).map(|path| head(&path, pe::HEAD)) {
        Some(Ok(head)) => pe::machine(&head).map_or(Start::Foreign, Start::Machine),
        _ => Start::Absent,
    }
}

/// Where what pxelinux would fetch for `path` lies, links followed; `None` if that is not in the root.
fn served(root: &Root, path: &str) -> Option<PathBuf> {
    let www = match path.strip_prefix('/') {
        Some(path) => root.wwwroot().join(path.trim_start_matches('/')),
        None => root.pxefiles().join(path),
    };
    let real = www.canonicalize().ok()?;
    let top: &Path = root.path();
    real.starts_with(top.canonicalize().ok()?).then_some(real)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn program() -> Vec<u8> {
        let mut head = vec![0; 0x46];
        head[..2].copy_from_slice(b"MZ");
        head[0x3c] = 0x40;
        head[0x40..].copy_from_slice(b"PE\0\0\x64\x86");
        head
    }

    #[test]
    fn what_a_client_can_start_is_read_from_the_served_tree_and_nowhere_else() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path().join("root"));
        root.create().expect("made");
        fs::create_dir_all(root.target("yum/x")).expect("made");
        fs::write(root.target("yum/x/efi"), program()).expect("written");
        fs::write(root.target("yum/x/old"), b"\x1f\x8b").expect("written");
        fs::write(dir.path().join("secret"), program()).expect("written");
        symlink("../../../../secret", root.target("yum/x/out")).expect("linked");
        symlink("efi", root.target("yum/x/in")).expect("linked");
        fs::write(root.pxefiles().join("memdisk"), "boot sector").expect("written");
        let start = |kernel: &str| {
            let entry = Entry {
                label: "a".into(),
                title: "A".into(),
                kernel: kernel.into(),
                initrd: None,
                args: Vec::new(),
                bootif: false,
                efi: Efi::Kernel,
            };
            start(&root, Some("http://h"), &entry)
        };
        for good in ["/yum/x/efi", "/yum/x/in", "//yum/x/efi", "http://h/yum/x/efi"] {
            assert_eq!(start(good), Start::Machine(Machine::X86_64), "{good}");
        }
        for old in ["/yum/x/old", "memdisk"] {
            assert_eq!(start(old), Start::Foreign, "{old}");
        }
        for none in
            ["/yum/x/out", "/yum/x", "/yum/x/none", "/../../secret", "http://other/yum/x/efi"]
        {
            assert_eq!(start(none), Start::Absent, "{none}");
        }
    }
}
