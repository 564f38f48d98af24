//! `pxe-import entry add`.

use super::{Site, report};
use crate::answer::file_name;
use crate::cli::boot::EntryAdd;
use crate::command::amending::{Amends, Tree, published};
use crate::command::{companions, extras, secrets};
use crate::error::{Error, Result};
use crate::menu::entry::{check_label, check_title};
use crate::monitor::Warning;
use crate::report::Report;
use crate::report::entries::Entries;
use crate::site::asked::{Asked, AskedAnswer};
use crate::site::record::{MenuEntry, Record, claim_label};

/// Adds an entry, or writes one that was added before anew.
pub(super) fn add(site: &Site<'_>, args: &EntryAdd) -> Result<Report> {
    let Site { root, settings, common, monitor } = *site;
    let label = args.name.as_str();
    check_label(label)?;
    args.label.as_deref().map_or(Ok(()), check_title)?;
    let records = root.records()?;
    claim_label(root, &records, &args.tree, label)?;
    let names: Vec<_> = records.iter().map(|record| record.name.clone()).collect();
    let old = records.into_iter().find(|record| record.name == args.tree).ok_or_else(|| {
        let there = match names.is_empty() {
            true => "nothing has been imported yet".to_owned(),
            false => format!("there are {}", names.join(", ")),
        };
        Error::Usage(format!("there is no import {:?}: {there}", args.tree))
    })?;
    if old.entry(label).is_some_and(|entry| entry.is_main()) {
        let what = format!(
            "has {label} as the entry of the import itself: choose another label, or import again \
             with the options that it is to have"
        );
        return Err(Error::conflict(root.menu(), what));
    }
    let profiles = crate::site::profiles::load(root)?;
    let tree = Tree::new(root, settings, &profiles, &old)?;
    let amends = amends(site, &tree, &old, args)?;
    let record = amends.record.clone();
    let changes = amends.carry_out(root, settings, &old, common.dry_run, monitor)?;
    let change = changes.iter().find(|(there, _)| there == label).map(|(_, change)| change);
    let entries = record.entry(label).map(|entry| report(&record, entry, change));
    let done = Some((format!("added the entry {label}"), common.dry_run));
    Ok(Report::Other(Box::new(Entries::new(entries.into_iter().collect(), done))))
}

fn amends(site: &Site<'_>, tree: &Tree<'_>, old: &Record, args: &EntryAdd) -> Result<Amends> {
    let Site { root, settings, monitor, .. } = *site;
    let label = args.name.as_str();
    let mut amends = Amends::of(old);
    // One of the same label that was added before: its answer file may have another name now.
    let before = old.entry(label).and_then(|entry| entry.asked.as_ref()?.answer.clone());
    let mut asked = Asked {
        main: false,
        title: args.label.clone(),
        boot: args.boot.clone(),
        args: args.args.clone(),
        answer: None,
    };
    let mut url = None;
    if args.answering.answer.is_none() {
        secrets::of(&args.answering, None, monitor)?;
    }
    if let Some(source) = &args.answering.answer {
        if root.target(&old.target).is_file() {
            let what = "is one file that is booted whole, and an answer file has no place beside \
                        it: leave out --answer";
            return Err(Error::conflict(root.target(&old.target), what));
        }
        let account = old.entry(label).and_then(MenuEntry::account);
        let account = secrets::of(&args.answering, account, monitor)?;
        let way = (label, args.boot.as_deref());
        let file =
            tree.with(|making| extras::fresh(making, way, source, &account, settings, monitor))?;
        let name = file_name(label, file.kind)?;
        let path = published(&old.target, &name);
        let there = root.path().join(&path);
        let ours = old.files.iter().any(|file| file.path == path);
        if there.symlink_metadata().is_ok() && !ours {
            let what =
                "is there already and is none of ours: move it away, or choose another label";
            return Err(Error::conflict(there, what));
        }
        if args.answering.answer_mode & 0o004 != 0 {
            monitor.warn(Warning::new("answer-is-public", &name, super::super::PUBLIC));
        }
        url = Some(tree.with(|making| making.answer(&name, file.kind))?);
        let mode = args.answering.answer_mode;
        amends.put_answer(&name, file.content.to_vec(), mode);
        asked.answer = Some(AskedAnswer { source: source.clone(), file: name, mode, account });
    }
    if let Some(before) = before
        && asked.answer.as_ref().is_none_or(|now| now.file != before.file)
    {
        amends.drop_answer(&before.file, None);
    }
    let entry = tree.with(|making| making.entry(label, &asked, url.as_ref(), monitor))?;
    let Some(entry) = entry else {
        let what = "has nothing that an entry could boot: see the warning";
        return Err(Error::conflict(root.target(&old.target), what));
    };
    let files = tree.with(|making| making.companions(label, &asked, url.as_ref(), monitor))?;
    companions::amend(&mut amends, root, label, files, |_| false, monitor)?;
    amends.put_entry(entry, Some(asked))?;
    Ok(amends)
}
