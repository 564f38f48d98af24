//! `pxe-import entry rename` and `entry remove`.

use std::fs;

use super::{Site, report};
use crate::answer::{file_name, seed};
use crate::command::amending::{Amends, Tree, published};
use crate::command::companions;
use crate::error::{Error, Result};
use crate::menu::Change;
use crate::menu::entry::check_label;
use crate::menu::pxelinux;
use crate::report::Report;
use crate::report::entries::Entries;
use crate::site::amendment::Gone;
use crate::site::record::{MenuEntry, Record, claim_label};

/// Gives an entry another label; its answer file goes with it.
pub(super) fn rename(site: &Site<'_>, label: &str, new: &str) -> Result<Report> {
    let Site { root, settings, common, monitor } = *site;
    check_label(new)?;
    let records = root.records()?;
    let old = site.of_label(records.clone(), label)?;
    if label == new {
        return Err(Error::Usage(format!("{label:?} is the entry's label already")));
    }
    claim_label(root, &records, &old.name, new)?;
    if old.entry(new).is_some() {
        let what = format!("has an entry {new} of the import {} already", old.name);
        return Err(Error::conflict(root.menu(), what));
    }
    let Some(MenuEntry { entry, own, asked, .. }) = old.entry(label).cloned() else {
        return Err(Error::Usage(format!("there is no entry {label:?}")));
    };
    let mut amends = Amends::of(&old);
    let mut asked = asked;
    let mut answer = None;
    if let Some(wanted) = asked.as_mut().and_then(|asked| asked.answer.as_mut()) {
        let before = published(&old.target, &wanted.file);
        let path = root.path().join(&before);
        let bytes = fs::read(&path).map_err(|e| Error::io("read the answer file", &path, e))?;
        let kind = seed::kind(&wanted.file, &bytes);
        if wanted.file == file_name(label, kind)? {
            let hash = blake3::hash(&bytes).to_hex().to_string();
            amends.drop_answer(&wanted.file, Some(hash));
            wanted.file = file_name(new, kind)?;
            amends.put_answer(&wanted.file, bytes, wanted.mode);
            // What its owner has edited stays edited under its new name.
            let known = old.files.iter().find(|file| file.path == before);
            if let (Some(known), Some(file)) = (known, amends.record.files.last_mut()) {
                file.blake3.clone_from(&known.blake3);
            }
        }
        answer = Some((wanted.file.clone(), kind));
    }
    let renamed = match &asked {
        // What the administrator has written stays as it is.
        Some(asked) if !own => {
            let profiles = crate::site::profiles::load(root)?;
            let tree = Tree::new(root, settings, &profiles, &old)?;
            let (made, files) = tree.with(|making| {
                let url = answer.map(|(file, kind)| making.answer(&file, kind)).transpose()?;
                let made = making.entry(new, asked, url.as_ref(), monitor)?;
                Ok((made, making.companions(new, asked, url.as_ref(), monitor)?))
            })?;
            companions::rename(&mut amends, root, label, new, files)?;
            made.unwrap_or_else(|| crate::menu::Entry { label: new.to_owned(), ..entry.clone() })
        }
        _ => crate::menu::Entry { label: new.to_owned(), ..entry.clone() },
    };
    let block = pxelinux::block(&renamed)?.hash();
    for there in amends.record.entries.iter_mut().filter(|there| there.entry.label == label) {
        let entry = renamed.clone();
        let (block, asked) = (block.clone(), asked.clone());
        *there = MenuEntry { entry, block, before: Vec::new(), own, asked };
    }
    amends.blocks.renamed.push((label.to_owned(), new.to_owned()));
    let record = amends.record.clone();
    refuse_edited(&amends, site, &old)?;
    let changes = amends.carry_out(root, settings, &old, common.dry_run, monitor)?;

    let change = changes.first().map(|(_, change)| change);
    let entries = record.entry(new).map(|entry| report(&record, entry, change));
    let done = Some((format!("renamed the entry {label} to {new}"), common.dry_run));
    Ok(Report::Other(Box::new(Entries::new(entries.into_iter().collect(), done))))
}

/// A block that was edited by hand would keep its old label, and a record of the new one would lie.
fn refuse_edited(amends: &Amends, site: &Site<'_>, old: &Record) -> Result<()> {
    let menu = site.root.menu();
    let text = crate::site::menu::read(site.root, site.settings)?;
    let (_, changes) =
        amends.blocks.apply(&menu, &text, &amends.record, |label| old.blocks(label))?;
    match changes.iter().find(|(_, change)| matches!(change, Change::Kept { .. })) {
        Some((label, _)) => {
            let what = format!(
                "the block that is to be called {label} has been edited since it was written: take \
                 the edit back, or remove the entry with --force and add it anew"
            );
            Err(Error::conflict(menu, what))
        }
        None => Ok(()),
    }
}

/// Takes an entry away, and its answer file.
pub(super) fn remove(site: &Site<'_>, label: &str, force: bool) -> Result<Report> {
    let Site { root, settings, common, monitor } = *site;
    let old = site.of_label(root.records()?, label)?;
    let Some(gone) = old.entry(label).cloned() else {
        return Err(Error::Usage(format!("there is no entry {label:?}")));
    };
    let mut amends = Amends::of(&old);
    amends.record.entries.retain(|there| there.entry.label != label);
    amends.record.no_main |= gone.is_main();
    if let Some(answer) = gone.asked.as_ref().and_then(|asked| asked.answer.as_ref()) {
        let path = root.path().join(published(&old.target, &answer.file));
        let hash = fs::read(path).ok().map(|bytes| blake3::hash(&bytes).to_hex().to_string());
        amends.drop_answer(&answer.file, hash.filter(|_| force));
    }
    companions::remove(&mut amends, root, label, force)?;
    let hashes = old.blocks(label).into_iter().map(str::to_owned).collect();
    amends.blocks.gone.push(Gone { label: label.to_owned(), hashes });
    amends.blocks.force = force;
    let changes = amends.carry_out(root, settings, &old, common.dry_run, monitor)?;
    let change = changes.first().map(|(_, change)| change);
    let done = Some((format!("removed the entry {label}"), common.dry_run));
    Ok(Report::Other(Box::new(Entries::new(vec![report(&old, &gone, change)], done))))
}
