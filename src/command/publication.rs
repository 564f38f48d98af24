//! From a finished plan to a tree that is served, with its links, record and menu entries.

mod recorded;

use std::path::Path;

use super::adoption::Adoption;
use super::owned::{Owned, Theirs, changed, standing};
use crate::cli::{Common, Import};
use crate::copy::{self, Copied, Options};
use crate::error::{Error, Result};
use crate::identify::Product;
use crate::lock::Lock;
use crate::manifest;
use crate::menu::{Block, Change, Edit, Entry, edit, takeover};
use crate::meta;
use crate::monitor::{Monitor, Warning};
use crate::plan::Plan;
use crate::publish::{Durability, Place, Staging, check_space, clear_stale, needed};
use crate::report::MenuReport;
use crate::site::asked::Asked;
use crate::site::atomic::Fill;
use crate::site::next::Next;
use crate::site::record::{self, MenuEntry, Record};
use crate::site::{self, Root, Settings, hold, link};
use crate::verify::{Checks, Verified, Wanted};

/// Whether an old tree, where it is now, is the one that was looked through.
type Still<'s> = dyn Fn(&Path) -> Result<bool> + 's;

/// Everything that is decided before the first byte is written.
pub(super) struct Publication<'a> {
    pub args: &'a Import,
    pub root: &'a Root,
    pub settings: &'a Settings,
    pub product: &'a Product,
    /// Below the web root.
    pub target: &'a str,
    pub plan: &'a Plan<'a>,
    /// The menu entries, with what they were asked to be.
    pub entries: &'a [(Entry, Asked)],
    pub blocks: &'a [Block],
    /// The record that the entries were made after.
    pub seen: Option<&'a Record>,
    /// The sums that the images must have.
    pub wanted: &'a Wanted,
    /// The tree by hand that becomes an import.
    pub adoption: Option<&'a Adoption>,
}

/// What has been done.
#[derive(Debug, Default)]
pub(super) struct Published {
    pub menu: Vec<MenuReport>,
    /// What was checked of the images.
    pub verified: Vec<Verified>,
    /// Bytes that were read from the images.
    pub read: u64,
    /// Bytes of files that were taken over from the old tree.
    pub reused: u64,
    /// Bytes of files that were written.
    pub written: u64,
}

impl Publication<'_> {
    /// Finds what would be refused, and what would become of the menu.
    pub(super) fn try_out(&self) -> Result<Published> {
        let old = self.check()?;
        let text = site::menu::read(self.root, self.settings)?;
        let menu = self.edit(&self.root.menu(), &text, old.as_ref())?.1;
        Ok(Published { menu, ..Published::default() })
    }

    /// Finds what would be refused, before the copy: returns the record of an earlier import.
    pub(super) fn check(&self) -> Result<Option<Record>> {
        let Self { args, root, target, .. } = self;
        root.check_wwwroot()?;
        let records = root.records()?;
        record::claim(root, &records, &args.name, target)?;
        for (Entry { label, .. }, _) in self.entries {
            record::claim_label(root, &records, &args.name, label)?;
        }
        let old = records.into_iter().find(|record| record.name == args.name);
        let place = root.target(target);
        match &old {
            _ if self.adoption.is_some() => {
                Adoption::check(&args.name, old.as_ref(), &place)?;
            }
            Some(old) if old.target != *target => {
                let what = format!(
                    "{} is the import at {}: give --dir {}, or import under another NAME",
                    args.name, old.target, old.target
                );
                return Err(Error::conflict(place, what));
            }
            // An interrupted publication may be what put it there: its recovery will tell.
            None if place.symlink_metadata().is_ok() && !root.next(&args.name).exists() => {
                let what = format!(
                    "is there already and was not imported by this program: take it over with \
                     'pxe-import adopt {} ISO...', move it away, or choose another place with --dir",
                    args.name
                );
                return Err(Error::conflict(place, what));
            }
            _ => {}
        }
        let first = target.split('/').next().unwrap_or(target);
        link::find(root, first)?;
        let text = site::menu::read(root, self.settings)?;
        self.edit(&root.menu(), &text, old.as_ref())?;
        Ok(old)
    }

    /// Takes the root's lock and mends what a killed run has left.
    fn lock(&self, common: &Common, monitor: &dyn Monitor) -> Result<(Lock, Option<Record>)> {
        self.check()?;
        self.root.create()?;
        let lock = super::locked(self.root, common, monitor)?;
        // Another run may have changed things while this one waited.
        let old = self.check()?;
        let now = Settings::load(self.root)?;
        if (&now.server, &now.answer) != (&self.settings.server, &self.settings.answer) {
            let what = "has been changed meanwhile: run this again";
            return Err(Error::conflict(self.root.settings(), what));
        }
        if self.adoption.is_none() && outline(self.seen) != outline(old.as_ref()) {
            let what = "its entries have been changed by another run meanwhile: run this again";
            return Err(Error::conflict(self.root.record(&self.args.name), what));
        }
        Ok((lock, old))
    }

    /// Records the tree that is at the target as it is, which is as the discs have it, with links
    /// and menu.
    pub(super) fn adopt(
        &self,
        adoption: &Adoption,
        common: &Common,
        monitor: &dyn Monitor,
    ) -> Result<Published> {
        let (_lock, _) = self.lock(common, monitor)?;
        let place = self.root.target(self.target);
        adoption.check_still(self.plan, &place)?;
        let checks = self.checks(monitor)?;
        checks.alongside(monitor, |_| Ok(()))?;
        let hashes = adoption.compared.hashes.clone();
        let record =
            self.record(&Copied { hashes, ..Copied::default() }, &checks.verified(), None)?;
        let label = adoption.label();
        let hashes = &adoption.compared.hashes;
        let sums: Fill<'_> = &|out| manifest::write_plan(out, self.plan, hashes, self.file());
        let meta: Fill<'_> = &|out| meta::write_tree(out, self.plan, &adoption.compared.found);
        let next = Next::adopt(self.root, &record, sums, meta, &place, label)?;
        let linked = link::ensure(self.root, self.target);
        match linked.and_then(|_| self.write_menu(None, monitor)) {
            Ok(menu) => {
                next.commit(monitor)?;
                Ok(Published { menu, verified: checks.verified(), ..Published::default() })
            }
            Err(error) => {
                let _ = next.discard();
                Err(error)
            }
        }
    }

    /// What must be true of the discs' bytes.
    fn checks(&self, monitor: &dyn Monitor) -> Result<Checks<'_>> {
        Checks::new(self.plan, self.wanted, !self.args.sums.no_media_check, monitor)
    }

    /// The target's own name.
    fn file(&self) -> &str {
        self.target.rsplit('/').next().unwrap_or(self.target)
    }

    /// Copies into the staging directory and makes it all visible: tree, links, record, menu.
    pub(super) fn run(&self, common: &Common, monitor: &dyn Monitor) -> Result<Published> {
        let Self { args, root, target, plan, .. } = self;
        let (_lock, old) = self.lock(common, monitor)?;
        let relative = Path::new("wwwroot").join(target);
        let place = Place::beneath(root.path(), &relative)?;
        let before = standing(place.path());
        if old.is_none() && self.adoption.is_none() && before.is_some() {
            return Err(changed(place.path()));
        }
        clear_stale(&root.staging(), "".as_ref())?;
        if let Some(above) = place.path().parent() {
            clear_stale(above, &Staging::prefix_beside(place.path()))?;
        }
        let staging = Staging::near(&root.staging(), &args.name, place.path())?;
        let checks = self.checks(monitor)?;
        let owned = old.as_ref().map(|record| Owned { root, record });
        let copied = checks.alongside(monitor, |monitor| {
            self.copy(&staging, &place, owned.as_ref(), checks.files(), common, monitor)
        })?;
        let verified = checks.verified();
        let known = owned.as_ref().map(Owned::known).transpose()?.flatten();
        let lost = known.is_none();
        let known = known.unwrap_or_default();
        let theirs = |live: &Path| match (&owned, self.adoption) {
            (Some(owned), _) => Ok(owned.look(&known, live, monitor)?.theirs(live)),
            (None, Some(adoption)) => adoption.theirs(plan, live, monitor),
            (None, None) => Ok(Theirs::new()),
        };
        let found = match &owned {
            None => theirs(place.path())?,
            Some(owned) => {
                let finds = owned.look(&known, place.path(), monitor)?;
                let found = finds.theirs(place.path());
                if lost && !found.is_empty() {
                    return Err(owned.lost(place.path()));
                }
                owned.carry(&finds, place.path(), &staging.tree(), monitor)?;
                found
            }
        };
        let still =
            |old: &Path| Ok(standing(old) == before && (before.is_none() || theirs(old)? == found));
        if let Some(adoption) = self.adoption {
            adoption.carry(plan, place.path(), &staging.tree(), monitor)?;
        }
        let record = self.record(&copied, &verified, old.as_ref())?;
        let menu =
            self.publish(staging, (&place, &still), &copied, &record, old.as_ref(), monitor)?;
        let Copied { read, reused, linked, bytes, .. } = copied;
        let written = bytes.saturating_sub(reused).saturating_sub(linked);
        Ok(Published { menu, verified, read, reused, written })
    }

    /// Writes the tree, as far as the old one does not have it.
    fn copy(
        &self,
        staging: &Staging,
        place: &Place,
        owned: Option<&Owned<'_>>,
        sums: Option<&copy::Sums>,
        common: &Common,
        monitor: &dyn Monitor,
    ) -> Result<Copied> {
        let jobs = common.jobs().or(self.settings.jobs);
        let link_images = self.args.link_iso;
        let options = Options { jobs, hash: true, sums, reuse: None, link_images, synced: true };
        let wanted = owned.filter(|_| !self.args.no_reuse);
        let old = wanted.and_then(|owned| owned.files(place.path()));
        let examine = |old| copy::examine(self.plan, old, options, monitor);
        let reuse = old.as_ref().map(examine).transpose()?;
        let there = |id| {
            reuse.as_ref().is_some_and(|reuse| reuse.has(id))
                || link_images && copy::is_image(self.plan, id)
        };
        check_space(staging.path(), |block| needed(self.plan, block, there))?;
        let options = Options { reuse: reuse.as_ref(), ..options };
        copy::write(self.plan, &staging.tree(), options, monitor)
    }

    /// The step from invisible to visible; on a failure everything is as it was.
    fn publish(
        &self,
        staging: Staging,
        (place, still): (&Place, &Still<'_>),
        copied: &Copied,
        record: &Record,
        old: Option<&Record>,
        monitor: &dyn Monitor,
    ) -> Result<Vec<MenuReport>> {
        let sums: Fill<'_> =
            &|out| manifest::write_plan(out, self.plan, &copied.hashes, self.file());
        let meta: Fill<'_> = &|out| meta::write_plan(out, self.plan);
        monitor.check()?;
        let tree = staging.tree();
        let next = match self.adoption {
            None => Next::prepare(self.root, record, sums, meta, &tree)?,
            Some(adoption) => Next::adopt(self.root, record, sums, meta, &tree, adoption.label())?,
        };
        let replaced = match staging.publish(place, Durability::Synced) {
            Ok(replaced) => replaced,
            Err(error) => {
                // What is left of it is dropped by the next run, which has to know of it where the
                // old tree could not be put back.
                if old.is_none() || place.path().symlink_metadata().is_ok() {
                    let _ = next.discard();
                }
                return Err(error);
            }
        };
        // What has been put there while the copy ran has not been looked through for what is its
        // owner's, and would be deleted as the old tree.
        let seen = replaced.old().map_or(Ok(true), |old| still(&old));
        if !matches!(seen, Ok(true)) {
            replaced.undo(place)?;
            let _ = next.discard();
            return seen.and(Err(changed(place.path())));
        }
        let linked = link::ensure(self.root, self.target);
        let menu = match linked.and_then(|_| self.write_menu(old, monitor)) {
            Ok(menu) => menu,
            Err(error) => {
                replaced.undo(place)?;
                let _ = next.discard();
                return Err(error);
            }
        };
        // The tree, its links and its menu entries are what is served: that is no failure any more.
        if let Err(error) = next.commit(monitor) {
            let message = format!(
                "is imported, but its record is not in force yet ({}): the next command that writes \
                 finishes that",
                error.chain()
            );
            monitor.warn(Warning::new("record-pending", &self.args.name, message));
        }
        if let Err(error) = hold::release(self.root, &self.args.name) {
            let message = format!("is imported, and refresh will still leave it alone: {error}");
            monitor.warn(Warning::new("still-held", &self.args.name, message));
        }
        if let Err(error) = replaced.remove() {
            let message = format!("the old tree is replaced and could not be removed: {error}");
            monitor.warn(Warning::new("old-tree-left", self.target, message));
        }
        Ok(menu)
    }

    fn write_menu(&self, old: Option<&Record>, monitor: &dyn Monitor) -> Result<Vec<MenuReport>> {
        if self.blocks.is_empty() && old.is_none_or(|old| old.entries.is_empty()) {
            return Ok(Vec::new());
        }
        let mut reports = Vec::new();
        let apply = |path: &Path, text: &[u8]| {
            let (edit, made) = self.edit(path, text, old)?;
            reports = made;
            Ok(edit)
        };
        site::menu::update(self.root, self.settings, apply, monitor)?;
        Ok(reports)
    }

    /// The menu's text with all our blocks in it.
    fn edit(
        &self,
        path: &Path,
        text: &[u8],
        old: Option<&Record>,
    ) -> Result<(Edit, Vec<MenuReport>)> {
        let file = path.strip_prefix(self.root.path()).unwrap_or(path).to_string_lossy();
        let text = match (self.adoption, self.blocks.first()) {
            (Some(adoption), Some(block)) => {
                takeover::apply(path, text, block, self.target, adoption.label())?
            }
            _ => text.to_owned(),
        };
        let mut done = Edit { text, change: Change::Unchanged, warnings: Vec::new() };
        let mut reports = Vec::new();
        for block in self.blocks {
            let label = block.label();
            let recorded = old.map(|old| old.blocks(label)).unwrap_or_default();
            let edit = edit::upsert(path, &done.text, block, &recorded, self.args.force)?;
            done.warnings.extend(edit.warnings);
            done.text = edit.text;
            let diff = match &edit.change {
                Change::Kept { diff } => Some(diff.clone()),
                _ => None,
            };
            reports.push(MenuReport { file: file.to_string(), label: label.to_owned(), diff });
            done.change = edit.change;
        }
        // An entry that the new tree cannot boot leads nowhere.
        let added = old.into_iter().flat_map(|old| &old.entries).filter(|one| !one.is_main());
        for MenuEntry { entry: Entry { label, .. }, .. } in added {
            if self.blocks.iter().all(|block| block.label() != label) {
                let recorded = old.map(|old| old.blocks(label)).unwrap_or_default();
                let edit = edit::withdraw(path, &done.text, label, &recorded, self.args.force)?;
                done.warnings.extend(edit.warnings);
                done.text = edit.text;
            }
        }
        Ok((done, reports))
    }
}

/// What an import again takes over of a record's entries.
fn outline(record: Option<&Record>) -> Option<(Option<&str>, Vec<&MenuEntry>)> {
    let record = record?;
    let main = record.main().map(|main| main.entry.label.as_str());
    let added: Vec<_> = record.entries.iter().filter(|entry| !entry.is_main()).collect();
    // One that has the entry that every import has says no more than one that is not there.
    let plain = added.is_empty() && !record.no_main && main.is_none_or(|main| main == record.name);
    (!plain).then_some((main, added))
}
