//! What of pxelinux's menu is the site's own: its head, and the entry of a public boot service.

use std::fs;
use std::io;
use std::path::Path;

use crate::error::{Error, Result};
use crate::menu::entry::PUBLIC_NETBOOT as NETBOOT;
use crate::menu::{Block, Change, Edit, Entry, edit, head, pxelinux};
use crate::monitor::Warning;
use crate::site::generated::{Ledger, Outcome, Put, diff};
use crate::site::{self, Root, Settings};

/// The menu's path in the root.
pub(super) const MENU: &str = "wwwroot/pxefiles/pxelinux.cfg/default";
/// What the ledger calls the menu's head.
const HEAD: &str = "wwwroot/pxefiles/pxelinux.cfg/default: head";
/// What it calls that block.
const BLOCK: &str = "wwwroot/pxefiles/pxelinux.cfg/default: public-netboot";

/// The menu as it is to be.
#[derive(Debug)]
pub(super) struct Menu {
    /// As it is; `None` where there is none.
    old: Option<Vec<u8>>,
    /// As it is to be.
    new: Vec<u8>,
    /// The hash of its head, where that is ours.
    head: Option<String>,
    /// Whether the head has been edited, or is not ours, and is kept.
    kept: bool,
    block: Option<Block>,
    /// What the administrator should know.
    pub warnings: Vec<Warning>,
}

/// Works out the menu; `lkrn` is whether the public boot service's loader is there.
///
/// # Errors
/// [`Error::Io`]; [`Error::Invalid`] for damaged markers; [`Error::Conflict`] where the label of the
/// public boot service is somebody else's.
pub(super) fn plan(
    root: &Root,
    settings: &Settings,
    ledger: &Ledger,
    lkrn: bool,
    force: bool,
) -> Result<Menu> {
    let path = root.menu();
    let old = match fs::read(&path) {
        Ok(text) => Some(text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(Error::io("read", path, e)),
    };
    let wanted = site::menu::begin(settings, true)?.into_bytes();
    let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
    let (mut text, kept) = match &old {
        None => (wanted.clone(), false),
        Some(text) => {
            let there = head::head(&path, text)?;
            let ours = head::is_ours(&there) || ledger.part(HEAD).contains(&hash(&there).as_str());
            if there == wanted {
                (text.clone(), false)
            } else if force || ours {
                (head::replace(&path, text, &wanted)?, false)
            } else {
                (text.clone(), true)
            }
        }
    };
    let mut warnings = Vec::new();
    let mut block = None;
    let recorded = ledger.part(BLOCK);
    if let Some(url) = &settings.public_netboot {
        if lkrn {
            let made = pxelinux::block(&entry(url))?;
            let edit = edit::upsert(&path, &text, &made, &recorded, force)?;
            if matches!(edit.change, Change::Added | Change::Replaced | Change::Unchanged) {
                block = Some(made);
            }
            text = take(edit, &mut warnings);
        } else {
            let message = "has no entry of the public boot service: ipxe.lkrn was not found, which the \
                           iPXE package has";
            warnings.push(Warning::new("public-netboot", MENU, message));
        }
    } else {
        text = take(edit::withdraw(&path, &text, NETBOOT, &recorded, force)?, &mut warnings);
    }
    let head = (!kept).then(|| hash(&wanted));
    Ok(Menu { old, new: text, head, kept, block, warnings })
}

fn take(edit: Edit, warnings: &mut Vec<Warning>) -> Vec<u8> {
    warnings.extend(edit.warnings);
    edit.text
}

/// iPXE as a Linux kernel, whose command line is its script.
fn entry(url: &str) -> Entry {
    let args = ["dhcp", "&&", "chain", "--autofree", url];
    Entry {
        label: NETBOOT.to_owned(),
        title: "Public boot service".to_owned(),
        kernel: "ipxe.lkrn".to_owned(),
        initrd: None,
        args: args.map(str::to_owned).to_vec(),
        bootif: false,
        efi: Default::default(),
    }
}

impl Menu {
    /// What becomes of the file.
    pub(super) fn put(&self) -> Put {
        let old = self.old.as_deref();
        let outcome = match old {
            None => Outcome::Added,
            Some(old) if old != self.new => Outcome::Replaced,
            Some(_) if self.kept => Outcome::Kept,
            Some(_) => Outcome::Unchanged,
        };
        Put {
            outcome,
            diff: old.map_or_else(String::new, |old| diff(MENU.as_ref(), old, &self.new)),
        }
    }

    /// Whether the head stays although another one is wanted.
    pub(super) fn kept(&self) -> bool {
        self.kept
    }

    /// Writes it, what is ours in it recorded first.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn write(&self, root: &Root, ledger: &mut Ledger) -> Result<()> {
        if let Some(head) = &self.head {
            ledger.note_part(root, HEAD, head)?;
        }
        if let Some(block) = &self.block {
            ledger.note_part(root, BLOCK, &block.hash())?;
        }
        if self.old.as_deref() == Some(&*self.new) {
            return Ok(());
        }
        root.make_way(Path::new(MENU))?;
        site::atomic::write_atomic(&root.menu(), &self.new, 0o644)
    }
}
