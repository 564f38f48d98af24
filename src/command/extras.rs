//! The entries that were added to an import's tree: an import again keeps them, with their answers.

use std::fs;

use super::amending::{self, published};
use super::answer::AnswerFile;
use super::making::Making;
use super::{companions, secrets};
use crate::answer::{Account, Request, Source, seed};
use crate::content::Content;
use crate::error::{Error, Result};
use crate::identify::{Answer, companion};
use crate::menu::Entry;
use crate::monitor::{Monitor, Warning};
use crate::plan::{Plan, add_file};
use crate::site::Settings;
use crate::site::asked::{Asked, AskedAnswer};
use crate::site::record::{MenuEntry, Record};

/// An entry with what it was asked to be.
pub(super) struct Made {
    /// `None` where there is none to be in the menu.
    pub entry: Option<Entry>,
    pub asked: Asked,
    /// Its answer file.
    pub file: Option<AnswerFile>,
    /// Where that is served.
    pub url: Option<Answer>,
    /// The files that it brings along.
    pub companions: Vec<companion::Made>,
}

impl Made {
    /// Puts its answer file, and what it brings along, into the plan.
    pub(super) fn add_to(&self, plan: &mut Plan<'_>) -> Result<()> {
        for file in &self.companions {
            if plan.find(file.path.as_bytes()).is_some() {
                let what = "the disc has that path already, which a file of this entry needs: import it under another NAME";
                return Err(Error::conflict(&file.path, what));
            }
            let content = Content::Bytes(file.bytes.as_slice().into());
            add_file(plan, file.path.as_bytes(), content, 0o644)?;
        }
        let (Some(file), Some(wanted)) = (&self.file, &self.asked.answer) else { return Ok(()) };
        let content = Content::Bytes(file.content.clone());
        add_file(plan, file.name.as_bytes(), content, wanted.mode)?;
        if let Some(beside) = file.beside() {
            let empty = Content::Bytes([].into());
            add_file(plan, beside.as_bytes(), empty, amending::EMPTY_MODE)?;
        }
        Ok(())
    }
}

/// The answer file of `asked` as it is to be published now: a template rendered anew, unless its owner
/// has edited what came of it; else the file as it is served.
pub(super) fn answer(
    making: &Making<'_>,
    record: &Record,
    (label, choice): (&str, &Option<String>),
    asked: &AskedAnswer,
    settings: &Settings,
    force: bool,
    monitor: &dyn Monitor,
) -> Result<AnswerFile> {
    let relative = published(&record.target, &asked.file);
    let path = making.root.path().join(&relative);
    let live = match fs::read(&path) {
        Ok(live) => Some(live),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        Err(e) => return Err(Error::io("read", &path, e)),
    };
    let recorded = record.files.iter().find(|file| file.path == relative);
    let edited = |live: &Vec<u8>| {
        let hash = blake3::hash(live).to_hex();
        recorded.is_some_and(|file| file.blake3 != hash.as_str())
    };
    let is_edited = live.as_ref().is_some_and(edited);
    let is_template = asked.source.file().is_none();
    match live {
        Some(live) if (is_edited && !force) || !is_template => {
            if is_edited && is_template {
                let message =
                    "has been edited since it was made from its template, and is kept as it is";
                monitor.warn(Warning::new("edited-answer", &relative, message));
            }
            let kind = seed::kind(&asked.file, &live);
            Ok(AnswerFile { name: asked.file.clone(), content: live.into(), kind })
        }
        _ => {
            let way = choice.as_deref();
            let file =
                fresh(making, (label, way), &asked.source, &asked.account, settings, monitor)?;
            Ok(AnswerFile { name: asked.file.clone(), ..file })
        }
    }
}

/// The entries that were added to the tree of `record`, made again for another one, with their answer
/// files. One that the new tree cannot boot is left out with a warning.
pub(super) fn again(
    making: &Making<'_>,
    record: &Record,
    settings: &Settings,
    monitor: &dyn Monitor,
) -> Result<Vec<Made>> {
    let mut all = Vec::new();
    for MenuEntry { entry: old, asked, .. } in record.entries.iter().filter(|e| !e.is_main()) {
        let Some(asked) = asked else { continue };
        let label = old.label.as_str();
        let file = match &asked.answer {
            Some(wanted) => {
                let way = (label, &asked.boot);
                Some(answer(making, record, way, wanted, settings, false, monitor)?)
            }
            None => None,
        };
        let url = match &file {
            Some(file) => Some(making.answer(&file.name, file.kind)?),
            None => None,
        };
        match making.entry(label, asked, url.as_ref(), monitor)? {
            Some(entry) => {
                let made = making.companions(label, asked, url.as_ref(), monitor)?;
                let (root, target) = (making.root, making.target);
                let companions = companions::kept(root, target, Some(record), made, monitor)?;
                let asked = asked.clone();
                all.push(Made { entry: Some(entry), asked, file, url, companions });
            }
            None => {
                let message = "is dropped: the new tree has nothing that it could boot";
                monitor.warn(Warning::new("entry-dropped", label, message));
            }
        }
    }
    Ok(all)
}

/// The answer file as its source has it now, for the entry `label` that boots in the way `choice`.
pub(super) fn fresh(
    making: &Making<'_>,
    (label, choice): (&str, Option<&str>),
    source: &Source,
    account: &Account,
    settings: &Settings,
    monitor: &dyn Monitor,
) -> Result<AnswerFile> {
    if let Source::File(path) = source {
        return AnswerFile::read(path)?.placed(label, making.language(choice)?);
    }
    let request = Request {
        template: None,
        product: making.product,
        label,
        server: making.server("the answer file's URLs")?,
        dir: making.target,
        settings: &settings.answer,
        account,
        exists: making.exists,
    };
    let file = AnswerFile::make(making.root, source, &request)?;
    secrets::warn_of_locked(&request, &file.name, monitor);
    file.placed(label, making.language(choice)?)
}
