//! An import changed without its media: what `entry` and `render` share.

use std::path::Path;

use super::live_tree;
use super::making::Making;
use crate::answer::seed;
use crate::error::{Error, Result};
use crate::identify::{Product, Profile, Profiles};
use crate::menu::{Change, Entry, pxelinux};
use crate::monitor::{Monitor, Warning};
use crate::site::amendment::{Amended, Amendment, Blocks};
use crate::site::asked::Asked;
use crate::site::record::{Generated, MenuEntry, Record};
use crate::site::{self, Root, Server, Settings};

/// The mode of a file that has nothing in it to hide.
pub(super) const EMPTY_MODE: u16 = 0o644;

/// How many of a block's earlier hashes a record keeps.
const HASHES_KEPT: usize = 4;

/// What an import is to become.
#[derive(Debug)]
pub(super) struct Amends {
    pub record: Record,
    pub files: Vec<Amended>,
    pub blocks: Blocks,
}

impl Amends {
    /// Nothing yet.
    pub(super) fn of(record: &Record) -> Self {
        Self { record: record.clone(), files: Vec::new(), blocks: Blocks::default() }
    }

    /// Whether the import stays as it is.
    pub(super) fn is_empty(&self, old: &Record) -> bool {
        self.files.is_empty() && self.blocks.is_empty() && self.record == *old
    }

    /// Puts a file of ours at `path`, from the top of the tree, where `old` has one of ours or none.
    pub(super) fn put_file(&mut self, path: &str, bytes: Vec<u8>, mode: u16) {
        let published = published(&self.record.target, path);
        let blake3 = blake3::hash(&bytes).to_hex().to_string();
        let files = &mut self.record.files;
        let expect =
            files.iter().filter(|f| f.path == published).map(|f| f.blake3.clone()).collect();
        files.retain(|file| file.path != published);
        files.push(Generated { path: published, blake3 });
        let (path, bytes) = (path.to_owned(), Some(bytes));
        self.files.push(Amended { path, bytes, mode, expect });
    }

    /// Puts an answer file, with what is published beside it.
    pub(super) fn put_answer(&mut self, path: &str, bytes: Vec<u8>, mode: u16) {
        if let Some(beside) = seed::beside(path) {
            self.put_file(&beside, Vec::new(), EMPTY_MODE);
        }
        self.put_file(path, bytes, mode);
    }

    /// Takes an answer file away as [`Amends::drop_file`], with what is published beside it.
    pub(super) fn drop_answer(&mut self, path: &str, also: Option<String>) {
        self.drop_file(path, also);
        if let Some(beside) = seed::beside(path) {
            self.drop_file(&beside, None);
        }
    }

    /// Takes a file of ours away; an edited one only where `also` is its hash.
    pub(super) fn drop_file(&mut self, path: &str, also: Option<String>) {
        let published = published(&self.record.target, path);
        let files = &mut self.record.files;
        let mut expect: Vec<_> =
            files.iter().filter(|f| f.path == published).map(|f| f.blake3.clone()).collect();
        expect.extend(also);
        files.retain(|file| file.path != published);
        self.files.push(Amended { path: path.to_owned(), bytes: None, mode: 0, expect });
    }

    /// Puts an entry into the record and the menu, in the place of the one of the same label.
    ///
    /// # Errors
    /// As [`pxelinux::block`].
    pub(super) fn put_entry(&mut self, entry: Entry, asked: Option<Asked>) -> Result<()> {
        let label = entry.label.clone();
        let block = pxelinux::block(&entry)?.hash();
        let old = self.record.entries.iter().position(|there| there.entry.label == label);
        let known = self.record.blocks(&label).into_iter().filter(|there| **there != block);
        let before = known.take(HASHES_KEPT).map(str::to_owned).collect();
        let own = old.and_then(|at| self.record.entries.get(at)).is_some_and(|old| old.own);
        let new = MenuEntry { entry, block, before, own, asked };
        match old.and_then(|at| self.record.entries.get_mut(at)) {
            Some(there) => *there = new,
            None => self.record.entries.push(new),
        }
        self.blocks.put.push(label);
        Ok(())
    }

    /// Does it. The caller holds the lock and has recovered; with `dry_run` nothing is written.
    ///
    /// # Errors
    /// What would be refused is refused before anything is written.
    pub(super) fn carry_out(
        self,
        root: &Root,
        settings: &Settings,
        old: &Record,
        dry_run: bool,
        monitor: &dyn Monitor,
    ) -> Result<Vec<(String, Change)>> {
        let Self { record, files, blocks } = self;
        let text = site::menu::read(root, settings)?;
        let tried = blocks.apply(&root.menu(), &text, &record, |label| old.blocks(label))?;
        if dry_run {
            tried.0.warnings.into_iter().for_each(|warning| monitor.warn(warning));
            return Ok(tried.1);
        }
        monitor.check()?;
        let begun = Amendment::begin(root, old, &record, &files, blocks)?;
        begun.finish(monitor).inspect_err(|_| {
            let message = "is changed in part: the next command that writes does the rest first";
            monitor.warn(Warning::new("change-pending", &record.name, message));
        })
    }
}

/// What it takes to make the entries of an import's tree again.
pub(super) struct Tree<'a> {
    pub root: &'a Root,
    pub record: &'a Record,
    profile: &'a Profile,
    product: &'a Product,
    server: Option<Server>,
    smb_user: Option<String>,
}

impl<'a> Tree<'a> {
    /// Of the import of `record`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a record of a profile that there is not, or of no product.
    pub(super) fn new(
        root: &'a Root,
        settings: &Settings,
        profiles: &'a Profiles,
        record: &'a Record,
    ) -> Result<Self> {
        let again = || format!("import {} again, which needs its images", record.name);
        let unknown = |what: String| Error::invalid(root.record(&record.name), what);
        let profile = profiles.named(&record.profile).ok_or_else(|| {
            let what = format!(
                "was made by the profile {:?}, which is not there: put its file back into {}, or {}",
                record.profile,
                root.path().join("profiles").display(),
                again()
            );
            unknown(what)
        })?;
        let product = record
            .product
            .as_ref()
            .ok_or_else(|| unknown(format!("does not say what it is: {}", again())))?;
        let given = record.options.get("server").and_then(|given| given.first());
        let server = match given {
            Some(address) => Some(address.parse()?),
            None => settings.server.clone(),
        };
        let smb_user = settings.smb_user.clone();
        Ok(Self { root, record, profile, product, server, smb_user })
    }

    /// The server's address, as far as it is known.
    pub(super) fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// The profile.
    pub(super) fn profile(&self) -> &Profile {
        self.profile
    }

    /// Has `work` make something of the tree as it is served.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Making<'_>) -> T) -> T {
        let live = self.root.target(&self.record.target);
        let exists = |path: &str| live.join(path).exists();
        let find = |path: &str| find_ignoring_case(&live, path);
        let read = |path: &str, limit: usize| live_tree::read(&live, path, limit);
        let list = |path: &str| live_tree::list(&live, path);
        work(&Making {
            root: self.root,
            server: self.server.clone(),
            profile: self.profile,
            product: self.product,
            target: &self.record.target,
            exists: &exists,
            find: &find,
            size: &|path| live.join(path).metadata().ok().map(|meta| meta.len()),
            read: &read,
            list: &list,
            smb_user: self.smb_user.clone(),
        })
    }
}

/// A file below `top` by its path in any letter case, as it is written there.
fn find_ignoring_case(top: &Path, path: &str) -> Option<String> {
    let mut found = String::new();
    for wanted in path.split('/') {
        let names = std::fs::read_dir(top.join(&found)).ok()?.flatten();
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        let mut alike: Vec<_> = names.filter(|name| name.eq_ignore_ascii_case(wanted)).collect();
        // The exact name before the others, and these in an order that is the same every time.
        alike.sort_by_key(|name| (name != wanted, name.clone()));
        let slash = if found.is_empty() { "" } else { "/" };
        found = format!("{found}{slash}{}", alike.into_iter().next()?);
    }
    top.join(&found).is_file().then_some(found)
}

/// Where a file of a tree is served, relative to the root.
pub(super) fn published(target: &str, file: &str) -> String {
    format!("wwwroot/{target}/{file}")
}
