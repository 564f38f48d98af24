//! What of one import differs from what its record and the settings would make it now.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::How;
use crate::answer::{Account, Source};
use crate::command::amending::{Amends, EMPTY_MODE, Tree, published};
use crate::command::{companions, extras};
use crate::error::{Error, Result};
use crate::identify::Profiles;
use crate::identify::profile::Patch;
use crate::monitor::{Monitor, Warning};
use crate::patch::boot_cfg;
use crate::site::asked::{Asked, AskedAnswer};
use crate::site::record::{MenuEntry, Record};
use crate::site::{Root, Settings};

/// Most bytes of a boot.cfg.
const BOOT_CFG_MAX: u64 = 64 << 10;

/// The import of `record` as it is to be.
pub(super) fn amends(
    root: &Root,
    settings: &Settings,
    profiles: &Profiles,
    record: &Record,
    how: &How<'_>,
    monitor: &dyn Monitor,
) -> Result<Amends> {
    let tree = Tree::new(root, settings, profiles, record)?;
    let mut amends = Amends::of(record);
    amends.record.server = tree.server().map(ToString::to_string);
    for there in &record.entries {
        // What was taken over from the administrator is theirs, but for how a loader is told of it.
        if there.own {
            let adapted = tree.with(|making| making.adapted(there.entry.clone()));
            if adapted != there.entry {
                amends.put_entry(adapted, there.asked.clone())?;
            }
            continue;
        }
        entry(&tree, settings, there, how, &mut amends, monitor)?;
    }
    if tree.profile().patch == Some(Patch::Esxi) {
        boot_cfgs(&tree, how, &mut amends, monitor)?;
    }
    Ok(amends)
}

fn entry(
    tree: &Tree<'_>,
    settings: &Settings,
    there: &MenuEntry,
    how: &How<'_>,
    amends: &mut Amends,
    monitor: &dyn Monitor,
) -> Result<()> {
    let record = tree.record;
    let label = there.entry.label.as_str();
    let asked = there.asked.clone().unwrap_or_else(|| of_options(record));
    let mut url = None;
    if let Some(wanted) = &asked.answer {
        let path = published(&record.target, &wanted.file);
        let force = how.forces(&path);
        let way = (label, &asked.boot);
        let file = tree
            .with(|making| extras::answer(making, record, way, wanted, settings, force, monitor))?;
        let hash = blake3::hash(&file.content).to_hex();
        let recorded = record.files.iter().find(|file| file.path == path);
        let live = fs::read(tree.root.path().join(&path)).ok();
        let is_template = wanted.source.file().is_none();
        // A file of the administrator's is theirs to edit where it is served.
        if is_template
            && (recorded.is_none_or(|file| file.blake3 != hash.as_str()) || live.is_none() || force)
            && live.as_deref() != Some(&*file.content)
        {
            amends.put_file(&wanted.file, file.content.to_vec(), wanted.mode);
            if let (true, Some(live), Some(put)) = (force, &live, amends.files.last_mut()) {
                put.expect.push(blake3::hash(live).to_hex().to_string());
            }
        }
        if let Some(beside) = file.beside() {
            let there = tree.root.path().join(published(&record.target, &beside));
            if !there.exists() {
                amends.put_file(&beside, Vec::new(), EMPTY_MODE);
            }
        }
        url = Some(tree.with(|making| making.answer(&wanted.file, file.kind))?);
    }
    let made = tree.with(|making| making.entry(label, &asked, url.as_ref(), monitor))?;
    if made.is_some() {
        let files = tree.with(|making| making.companions(label, &asked, url.as_ref(), monitor))?;
        companions::amend(amends, tree.root, label, files, |path| how.forces(path), monitor)?;
    }
    match made {
        Some(made) if made != there.entry => amends.put_entry(made, there.asked.clone()),
        _ => Ok(()),
    }
}

/// What the import's own entry was asked to be, by a record that keeps options only.
fn of_options(record: &Record) -> Asked {
    let all = |key: &str| record.options.get(key).cloned().unwrap_or_default();
    let one = |key: &str| all(key).into_iter().next();
    let answer = one("answer").and_then(|path| {
        let file = std::path::Path::new(&path).file_name()?.to_str()?.to_owned();
        let mode = one("answer-mode").and_then(|mode| u16::from_str_radix(&mode, 8).ok());
        Some(AskedAnswer {
            source: Source::File(path.into()),
            file,
            mode: mode.unwrap_or(0o644),
            account: Account::default(),
        })
    });
    Asked { main: true, title: one("label"), boot: one("boot"), args: all("arg"), answer }
}

/// The patched boot.cfg files, for another prefix.
fn boot_cfgs(
    tree: &Tree<'_>,
    how: &How<'_>,
    amends: &mut Amends,
    monitor: &dyn Monitor,
) -> Result<()> {
    let record = tree.record;
    let top = published(&record.target, "");
    let prefix = tree.with(|making| making.prefix());
    for file in &record.files {
        let Some(path) = file.path.strip_prefix(&top) else { continue };
        let name = path.rsplit('/').next().unwrap_or(path);
        if !name.eq_ignore_ascii_case("boot.cfg") {
            continue;
        }
        let full = tree.root.path().join(&file.path);
        let stat = match fs::symlink_metadata(&full) {
            Ok(stat) if stat.is_file() && stat.len() <= BOOT_CFG_MAX => stat,
            _ => continue,
        };
        let live = fs::read(&full).map_err(|e| Error::io("read", &full, e))?;
        // Every name was looked for when it was imported.
        let patched = boot_cfg::patch(&live, &prefix, |_| true);
        if patched.text == live {
            continue;
        }
        let hash = blake3::hash(&live).to_hex().to_string();
        let force = how.forces(&file.path);
        if hash != file.blake3 && !force {
            let message = format!(
                "has been edited since it was imported, and is kept: its prefix is to be {prefix}; \
                 'pxe-import render --force {}' writes it",
                file.path
            );
            monitor.warn(Warning::new("edited-boot-cfg", &file.path, message));
            continue;
        }
        let mode = u16::try_from(stat.permissions().mode() & 0o777).unwrap_or(0o644);
        amends.put_file(path, patched.text, mode);
        if let Some(put) = amends.files.last_mut() {
            put.expect.push(hash);
        }
    }
    Ok(())
}
