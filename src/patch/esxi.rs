//! The boot.cfg files of an ESXi tree.

use super::PatchReport;
use super::boot_cfg;
use crate::content::Content;
use crate::error::{Error, Result};
use crate::media::printable;
use crate::monitor::{Monitor, Warning};
use crate::plan::link::Links;
use crate::plan::{Item, Plan, PlanId};

/// Where mboot's settings lie, for BIOS and for UEFI, in any letter case.
const PATHS: [&[&[u8]]; 2] = [&[b"boot.cfg"], &[b"efi", b"boot", b"boot.cfg"]];
/// Most bytes of a boot.cfg; real ones have 1,200 to 5,000.
const BYTES_MAX: u64 = 64 << 10;

/// Patches `boot.cfg` and `efi/boot/boot.cfg` so that they load their files from `prefix`, and
/// keeps the disc's own beside them as `boot.cfg.orig`. What needs no change gets none.
///
/// Warns of each file that they name and that is not in the tree or empty (`missing-module`), of a
/// file that cannot be a boot.cfg (`not-patched`), and of a disc's own `.orig`, which stays
/// (`original-not-kept`).
///
/// # Errors
/// If a boot.cfg cannot be read from its image.
pub fn esxi(plan: &mut Plan<'_>, prefix: &str, monitor: &dyn Monitor) -> Result<Vec<PatchReport>> {
    let mut reports = Vec::new();
    for id in boot_cfgs(plan) {
        let path = printable(&plan.path(id));
        let Item::File(content) = plan.item(id).clone() else { continue };
        let Some(old) = read(plan, &content)? else {
            let message = format!(
                "has {} bytes, which no boot.cfg has (at most {BYTES_MAX}): left as it is",
                plan.size(id)
            );
            monitor.warn(Warning::new("not-patched", path, message));
            continue;
        };
        let mut links = Links::new(plan);
        let patched = boot_cfg::patch(&old, prefix, |name| {
            links.find(name).is_some_and(|id| plan.size(id) > 0)
        });
        warn_missing(&path, &patched, monitor);
        if patched.text == old {
            continue;
        }
        keep_original(plan, id, content, monitor)?;
        reports.push(PatchReport::new(&path, &old, &patched.text));
        plan.set_content(id, Content::Bytes(patched.text.into()));
    }
    Ok(reports)
}

/// The files at [`PATHS`], links followed, each once.
fn boot_cfgs(plan: &Plan<'_>) -> Vec<PlanId> {
    let mut links = Links::new(plan);
    let mut found = Vec::new();
    for path in PATHS {
        let mut here = vec![PlanId::ROOT];
        for name in path {
            let children = here.iter().flat_map(|&dir| plan.children(dir)).copied();
            here = children.filter(|&id| plan.name(id).eq_ignore_ascii_case(name)).collect();
        }
        found.extend(here.into_iter().filter_map(|id| links.resolve(id)));
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|&id| matches!(plan.item(id), Item::File(_)) && seen.insert(id));
    found
}

/// The bytes of a boot.cfg; `None` if there are too many.
fn read(plan: &Plan<'_>, content: &Content) -> Result<Option<Vec<u8>>> {
    let len = content.len(plan.discs());
    if len > BYTES_MAX {
        return Ok(None);
    }
    let mut text = vec![0; usize::try_from(len).unwrap_or(0)];
    content.reader(plan.discs())?.read_exact_at(0, &mut text)?;
    Ok(Some(text))
}

fn warn_missing(path: &str, patched: &boot_cfg::Patched, monitor: &dyn Monitor) {
    if boot_cfg::parse(&patched.text).kernel.is_empty() {
        let message = "names no kernel, and there is no tboot.b00: nothing can be booted with it";
        monitor.warn(Warning::new("missing-module", path, message));
    }
    for name in &patched.missing {
        let message = format!(
            "{path} names it, and it is not in the tree or is empty: ESXi stops there while it \
             loads; fetch the image again"
        );
        monitor.warn(Warning::new("missing-module", printable(name), message));
    }
}

/// Puts the disc's own version beside the node as `.orig`.
fn keep_original(
    plan: &mut Plan<'_>,
    id: PlanId,
    content: Content,
    monitor: &dyn Monitor,
) -> Result<()> {
    let (dir, mode, mtime) = (plan.parent(id), plan.mode(id), plan.mtime(id));
    let name = [plan.name(id), b".orig"].concat();
    if plan.names(dir).contains_key(&*name) {
        let path = printable(&plan.path(id));
        let message = "the disc has a file of this name, which stays: the original of boot.cfg is \
                       not kept, it is on the image";
        monitor.warn(Warning::new("original-not-kept", format!("{path}.orig"), message));
        return Ok(());
    }
    plan.add(dir, &name, Item::File(content), mode, mtime)
        .map(drop)
        .map_err(|e| Error::conflict(printable(&name), format!("cannot be kept: {e}")))
}

#[cfg(test)]
mod tests;
