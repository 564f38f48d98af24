//! `pxe-import adopt NAME ISO...`: a tree made by hand becomes an import.

use std::time::Instant;

use super::adoption::Adoption;
use super::import;
use super::origin;
use super::publication::{Publication, Published};
use crate::cli::{Adopt, Common};
use crate::difference::{Compared, compare};
use crate::error::Result;
use crate::lossy::json_path;
use crate::menu::takeover::{self, Keep};
use crate::menu::{Block, Entry, esxi, pxelinux};
use crate::monitor::{Monitor, Warning};
use crate::report::Report;
use crate::report::adopted::{Adopted, Differing, TakenOver};
use crate::site::asked::Asked;
use crate::site::pxelinux::bios;
use crate::site::{hold, menu};

/// Compares the tree that is there with what its discs would make of it. Where nothing differs, or
/// `--repair` mends what does, it is an import from now on, with the administrator's own label.
///
/// # Errors
/// As an import; what differs without `--repair` is a report that has failed.
pub fn run(args: &Adopt, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let begun = Instant::now();
    let mut adopted = Adopted::new(&args.import.name, args.repair, common.dry_run);
    let done = import::prepared(&args.import, common, monitor, |publication| {
        adopt(publication, args, common, &mut adopted, monitor)
    })?;
    adopted.target = done.target;
    (adopted.files, adopted.links, adopted.bytes) = (done.files, done.links, done.bytes);
    adopted.menu = done.menu;
    adopted.product = done.product.unwrap_or_default();
    adopted.seconds = begun.elapsed().as_secs_f64();
    Ok(Report::Other(Box::new(adopted)))
}

fn adopt(
    publication: &Publication<'_>,
    args: &Adopt,
    common: &Common,
    adopted: &mut Adopted,
    monitor: &dyn Monitor,
) -> Result<Published> {
    let Publication { root, settings, plan, target, .. } = *publication;
    let mut adoption = Adoption { compared: Compared::default(), own: None };
    let mut entries = publication.entries.to_vec();
    if let Some((entry, _)) = entries.first_mut() {
        let (path, text) = (root.menu(), menu::read(root, settings)?);
        let mut found = takeover::find(&path, &text, &entry.label, target)?.into_iter();
        adoption.own = found.next();
        let file = path.to_string_lossy();
        for other in found {
            let message = format!(
                "line {}: your label {} leads into this tree as well, and stays yours",
                other.line, other.label
            );
            monitor.warn(Warning::new("label-left", file.clone(), message));
        }
        if let Some(own) = &adoption.own {
            let ours = esxi::plain(entry);
            let server = origin::server(&args.import, settings)?;
            *entry = taken(own, &ours, args);
            if own.label != entry.label {
                for line in takeover::named_by(&text, &own.label) {
                    let message = format!(
                        "line {line} names your label {}, which is {} now: change it",
                        own.label, entry.label
                    );
                    monitor.warn(Warning::new("label-renamed", file.clone(), message));
                }
            }
            // What the command line has added is in ours already.
            let given = &args.import.args;
            let theirs = |arg: &&String| given.contains(arg) || !ours.args.contains(arg);
            let own_args: Vec<_> = entry.args.iter().filter(theirs).cloned().collect();
            adopted.taken = Some(TakenOver {
                label: own.label.clone(),
                line: own.line,
                title: entry.title.clone(),
                args: own_args,
            });
            *entry = esxi::adapt(entry, &bios(root, server.as_ref()));
        }
    }
    let block = |(entry, _): &(Entry, Asked)| pxelinux::block(entry);
    let blocks = entries.iter().map(block).collect::<Result<Vec<Block>>>()?;
    // What would be refused is refused before every byte is read.
    adopting(publication, &entries, &blocks, &adoption).check()?;

    let live = root.target(target);
    adoption.compared = compare(plan, &live, common.jobs().or(settings.jobs), monitor)?;
    adopted.differences = adoption
        .compared
        .differences
        .iter()
        .map(|difference| {
            let (path, path_hex) = json_path(&plan.path(difference.id));
            Differing { path, path_hex, kind: difference.kind }
        })
        .collect();
    let foreign = Adoption::foreign(plan, &live, monitor)?;
    adoption.check_same(plan, &live, &foreign)?;
    adopted.set_foreign(&foreign);
    let publication = adopting(publication, &entries, &blocks, &adoption);
    if adopted.failed_to_match() {
        adopted.taken = None;
        return Ok(Published::default());
    }
    if common.dry_run {
        return publication.try_out();
    }
    let published = match adopted.differences.is_empty() {
        true => publication.adopt(&adoption, common, monitor)?,
        false => publication.run(common, monitor)?,
    };
    hold::release(root, &args.import.name)?;
    Ok(published)
}

/// The publication with these entries.
fn adopting<'b>(
    publication: &Publication<'b>,
    entries: &'b [(Entry, Asked)],
    blocks: &'b [Block],
    adoption: &'b Adoption,
) -> Publication<'b> {
    Publication { entries, blocks, adoption: Some(adoption), ..*publication }
}

/// Our entry with what the administrator has written, as far as the command line does not say
/// otherwise.
fn taken(own: &takeover::Own, ours: &Entry, args: &Adopt) -> Entry {
    let given = &args.import;
    let keep = Keep { title: given.label.is_none(), args: given.answering.answer.is_none() };
    let mut entry = own.entry(ours, keep);
    for arg in &given.args {
        if !entry.args.contains(arg) {
            entry.args.push(arg.clone());
        }
    }
    entry
}
