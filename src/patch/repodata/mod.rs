//! Repositories of RPM packages that were made for discs, and what mends them. Their metadata may
//! give the packages' places as `media://ID#NUMBER`. yum and anaconda of EL 5 and 6 ignore that over
//! HTTP, dnf does not: it fetches nothing from such a repository.
//!
//! Mended are `primary.xml`, `repomd.xml` with the new sums, and the sum of that in `.treeinfo`.
//! What cannot be mended leaves the tree: `primary.sqlite`, which says the same as `primary.xml`,
//! its zchunk form, and a signature that no longer holds. The discs still have all of it.

#![deny(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    expect(clippy::indexing_slicing, reason = "a test that is out of bounds fails, as it should")
)]

mod pack;
mod primary;
mod repomd;
mod repository;
mod rewrite;
mod treeinfo;

use quick_xml::events::BytesStart;

use super::PatchReport;
use crate::content::Content;
use crate::error::{Error, Result};
use crate::media::printable;
use crate::metadata::packed::Budget;
use crate::metadata::xml::place;
use crate::monitor::{Monitor, Warning};
use crate::plan::{Item, Plan, PlanId};

use repository::Repository;

/// What names packages' places on media begin with.
const MEDIA: &str = "media://";
/// Most repositories of one tree; Fedora's and RHEL's have up to ten.
const REPOSITORIES_MAX: usize = 64;
/// Most bytes of a file that is read whole: `repomd.xml`, `.treeinfo`.
const WHOLE_MAX: u64 = 4 << 20;
/// Where a tree says what it is.
const TREEINFOS: [&[u8]; 2] = [b".treeinfo", b"treeinfo"];

/// Looks for repositories that give their packages' places as `media://`, and warns of them
/// (`media-urls`) or, where `rewrite` asks for it, mends them. A modular repository, which no tool
/// for discs has split, is left as it is in any case. What is not asked for is no error, however
/// damaged the metadata are: `check` says what is wrong with them.
///
/// # Errors
/// With `rewrite` [`Error::Invalid`] for metadata that cannot be read or written again, with their
/// path; [`Error::Interrupted`].
pub fn media_urls(
    plan: &mut Plan<'_>,
    rewrite: bool,
    monitor: &dyn Monitor,
) -> Result<Vec<PatchReport>> {
    let (mut reports, mut told) = (Vec::new(), Vec::new());
    // Of all repositories together.
    let budget = Budget::of_images(plan.image_bytes());
    for id in repomds(plan, monitor) {
        monitor.check()?;
        let repository = match Repository::read(plan, id) {
            Ok(repository) => repository,
            Err(error) if rewrite => return Err(error),
            Err(_) => continue,
        };
        if !rewrite || repository.is_modular() {
            if repository.says_media(plan, &budget, monitor)? {
                told.push(repository);
            }
            continue;
        }
        let Some(new) = repository.mend(plan, &budget, monitor, &mut reports)? else { continue };
        renew_treeinfo(plan, repository.path(), &new, &mut reports)?;
    }
    warn(&told, rewrite, monitor);
    Ok(reports)
}

/// One warning for all repositories.
fn warn(told: &[Repository], rewrite: bool, monitor: &dyn Monitor) {
    let Some(first) = told.first() else { return };
    let others = match told.len() {
        1 => String::new(),
        2 => " (and so does another repository)".to_owned(),
        many => format!(" (and so do {} other repositories)", many.saturating_sub(1)),
    };
    let mend = match rewrite {
        true => "it has modules, and such a repository is left as it is",
        false => "import with --rewrite-media-urls to mend it",
    };
    let message = format!(
        "gives the packages' places as media://{others}: yum and anaconda of EL 5 and 6 ignore that \
         over HTTP, dnf does not find a package: {mend}"
    );
    monitor.warn(Warning::new("media-urls", printable(first.path().as_bytes()), message));
}

/// Every `repodata/repomd.xml`, wherever it is.
fn repomds(plan: &Plan<'_>, monitor: &dyn Monitor) -> Vec<PlanId> {
    let is_repomd = |&id: &PlanId| {
        plan.name(id) == b"repomd.xml"
            && plan.name(plan.parent(id)) == b"repodata"
            && matches!(plan.item(id), Item::File(_))
    };
    let mut found: Vec<_> = plan.iter().filter(is_repomd).collect();
    if found.len() > REPOSITORIES_MAX {
        let what = format!(
            "the tree has {} repositories, and only {REPOSITORIES_MAX} are looked at for media://",
            found.len()
        );
        monitor.warn(Warning::new("repository-many", "", what));
        found.truncate(REPOSITORIES_MAX);
    }
    found
}

/// Renews the sum that `.treeinfo` has for `path`, which is `content` now.
fn renew_treeinfo(
    plan: &mut Plan<'_>,
    path: &str,
    content: &[u8],
    reports: &mut Vec<PatchReport>,
) -> Result<()> {
    for name in TREEINFOS {
        let Some(id) = plan.find(name) else { continue };
        let Some(old) = whole(plan, id)? else { continue };
        if let Some(new) = treeinfo::resummed(&old, path, content) {
            reports.push(PatchReport::new(&printable(name), &old, &new));
            plan.set_content(id, Content::Bytes(new.into()));
        }
    }
    Ok(())
}

/// The bytes of a file that is read whole; `None` if it is none, or has too many.
fn whole(plan: &Plan<'_>, id: PlanId) -> Result<Option<Vec<u8>>> {
    let Item::File(content) = plan.item(id) else { return Ok(None) };
    let len = content.len(plan.discs());
    if len > WHOLE_MAX {
        return Ok(None);
    }
    let mut text = vec![0; usize::try_from(len).unwrap_or(0)];
    content.reader(plan.discs())?.read_exact_at(0, &mut text)?;
    Ok(Some(text))
}

fn is_media(base: &str) -> bool {
    base.starts_with(MEDIA)
}

/// The element without an attribute and the blanks before it.
fn without(start: &BytesStart<'_>, attribute: &str) -> BytesStart<'static> {
    edited(start, |attributes| {
        let place = place(attributes, attribute)?;
        let (before, after) = around(attributes, place.whole)?;
        Some([before, after].concat())
    })
}

/// The element with another value, escaped already, of an attribute that it has.
fn with(start: &BytesStart<'_>, attribute: &str, value: &str) -> BytesStart<'static> {
    edited(start, |attributes| {
        let place = place(attributes, attribute)?;
        let (before, after) = around(attributes, place.value)?;
        Some([before, value, after].concat())
    })
}

fn around(text: &str, range: std::ops::Range<usize>) -> Option<(&str, &str)> {
    Some((text.get(..range.start)?, text.get(range.end..)?))
}

fn edited(
    start: &BytesStart<'_>,
    edit: impl FnOnce(&str) -> Option<String>,
) -> BytesStart<'static> {
    let name = start.name().as_ref().to_owned();
    match edit(start.attributes_raw()) {
        Some(attributes) => {
            let len = name.len();
            BytesStart::from_content(name + &attributes, len)
        }
        None => start.clone().into_owned(),
    }
}

/// Metadata that cannot be mended.
fn unmendable(path: &str, what: impl std::fmt::Display) -> Error {
    let what = format!("cannot be rid of media://: {what}: import without --rewrite-media-urls");
    Error::invalid(printable(path.as_bytes()), what)
}

#[cfg(test)]
mod tests;
