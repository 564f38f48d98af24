//! What a publication leaves in the record: entries, files of ours, images, options.

use super::Publication;
use crate::command::origin;
use crate::content::Content;
use crate::copy::Copied;
use crate::error::Result;
use crate::menu::{Block, Entry, esxi};
use crate::plan::{Item, PlanId};
use crate::site::asked::Asked;
use crate::site::record::{self, Generated, MenuEntry, Record};
use crate::verify::Verified;

/// How many of a block's earlier hashes a record keeps: one a kill that may have come between the
/// exchange and the menu.
const HASHES_KEPT: usize = 4;

impl Publication<'_> {
    /// The entries as the menu has them once this is done.
    fn menu_entries(&self, old: Option<&Record>) -> Vec<MenuEntry> {
        // Without a new one (--no-menu) the old one stays in the menu, and stays ours.
        let of_old = old.and_then(Record::main);
        let kept = of_old.filter(|_| !self.entries.iter().any(|(_, asked)| asked.main));
        let entries = self.entries.iter().zip(self.blocks);
        let entry = |((entry, asked), block): (&(Entry, Asked), &Block)| {
            let hash = block.hash();
            let earlier = old.map(|old| old.blocks(block.label())).unwrap_or_default();
            let before = earlier.into_iter().filter(|earlier| *earlier != hash);
            let before = before.take(HASHES_KEPT).map(str::to_owned).collect();
            let taken = self.adoption.is_some_and(|adoption| adoption.own.is_some());
            let theirs = old.and_then(|old| old.own(block.label()));
            let plain = |entry| esxi::plain(entry).args;
            let own = taken || theirs.is_some_and(|theirs| plain(theirs) == plain(entry));
            let asked = Some(asked.clone());
            MenuEntry { entry: entry.clone(), block: hash, before, own, asked }
        };
        kept.cloned().into_iter().chain(entries.map(entry)).collect()
    }

    /// What is not a disc's: the answer file, and what was patched.
    fn generated(&self, copied: &Copied, old: Option<&Record>) -> Vec<Generated> {
        // An answer that was taken over as its owner has edited it keeps the hash that it was made with:
        // it is no less edited for having been imported again.
        let edited = |file: Generated| {
            let known = old.and_then(|old| old.files.iter().find(|known| known.path == file.path));
            let live = || std::fs::read(self.root.path().join(&file.path)).ok();
            match known.filter(|known| known.blake3 != file.blake3) {
                Some(known) if live().is_some_and(|live| is(&live, &file.blake3)) => known.clone(),
                _ => file,
            }
        };

        let ours = |id: &PlanId| matches!(self.plan.item(*id), Item::File(Content::Bytes(_)));
        let file = |id: PlanId| {
            let hash = copied.hashes.get(id.index()).copied().flatten()?;
            let path = self.plan.path(id);
            let path = std::str::from_utf8(&path).ok()?;
            Some(Generated {
                path: format!("wwwroot/{}/{path}", self.target),
                blake3: hash.to_hex().to_string(),
            })
        };
        self.plan.iter().filter(ours).filter_map(file).map(edited).collect()
    }

    /// What is known of the import once it is published.
    pub(super) fn record(
        &self,
        copied: &Copied,
        verified: &[Verified],
        old: Option<&Record>,
    ) -> Result<Record> {
        let args = self.args;
        let images = self.plan.discs().iter().map(origin::image).collect::<Result<_>>()?;
        let entries = self.menu_entries(old);
        let files = self.generated(copied, old);
        Ok(Record {
            schema: record::SCHEMA,
            name: args.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            profile: self.product.profile.clone(),
            product: Some(self.product.clone()),
            target: self.target.to_owned(),
            images,
            options: origin::options(args),
            entries,
            files,
            verified: verified.to_vec(),
            server: origin::server(args, self.settings)?.map(|server| server.to_string()),
            published: record::now(),
            media: args.media && old.is_none_or(|old| old.media),
            no_main: old.is_some_and(|old| old.no_main),
        })
    }
}

fn is(bytes: &[u8], hash: &str) -> bool {
    blake3::hash(bytes).to_hex().as_str() == hash
}
