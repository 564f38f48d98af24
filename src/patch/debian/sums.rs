//! `md5sum.txt` of a joined tree: what the lists of all discs say of the files that are in it.

use std::collections::{HashMap, HashSet};

use super::suite::set;
use crate::content::{Content, Reader};
use crate::error::Result;
use crate::media::{Kind, printable};
use crate::monitor::{Monitor, Warning};
use crate::patch::PatchReport;
use crate::plan::link::Links;
use crate::plan::{Item, Plan, PlanId};
use crate::sum::{Algorithm, Hasher};

/// At the top of a disc.
pub(super) const NAME: &[u8] = b"md5sum.txt";
/// Most bytes of a list: 60,000 files of a Blu-ray disc take 6 MiB.
const BYTES_MAX: u64 = 16 << 20;

/// Makes the list of the merged tree out of those of the discs; where there is none, nothing.
pub(super) fn join(plan: &mut Plan<'_>, monitor: &dyn Monitor) -> Result<Option<PatchReport>> {
    let mut lists = Vec::new();
    for (index, disc) in plan.discs().iter().enumerate() {
        let node = disc.tree.find(NAME).filter(|&node| disc.tree.kind(node) == Kind::File);
        let Some(node) = node else { continue };
        if disc.tree.size(node) > BYTES_MAX {
            let image = disc.image.path().display();
            let message = format!(
                "has {} bytes on {image}, which no such list has: the discs' lists are not joined",
                disc.tree.size(node)
            );
            monitor.warn(Warning::new("not-joined", printable(NAME), message));
            return Ok(None);
        }
        let reader = Reader::of_node(disc, node)?;
        let mut text = vec![0; usize::try_from(reader.len()).unwrap_or(0)];
        reader.read_exact_at(0, &mut text)?;
        lists.push((index, text));
    }
    let Some((first, old)) = lists.first() else { return Ok(None) };
    let new = joined(plan, &lists);
    if new == *old && plan.find(NAME).and_then(|id| plan.disc(id)) == Some(*first) {
        return Ok(None);
    }
    set(plan, PlanId::ROOT, NAME, new)?;
    Ok(Some(PatchReport { path: printable(NAME), diff: String::new(), note: None }))
}

/// The lines of all lists, each path once: that of the disc whose file is in the tree, with a new
/// sum where the file was made anew. What is not in the tree is not listed.
fn joined(plan: &Plan<'_>, lists: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let mut by_path: HashMap<(usize, &[u8]), &[u8]> = HashMap::new();
    for (disc, text) in lists {
        for line in text.split(|&b| b == b'\n') {
            if let Some(path) = path(line) {
                by_path.entry((*disc, path)).or_insert(line);
            }
        }
    }
    let mut links = Links::new(plan);
    let mut seen: HashSet<&[u8]> = HashSet::new();
    let mut out = Vec::new();
    let paths = lists.iter().flat_map(|(disc, text)| {
        text.split(|&b| b == b'\n').filter_map(path).map(move |path| (*disc, path))
    });
    for (listing, path) in paths {
        if seen.contains(path) {
            continue;
        }
        let Some(id) = links.find(path) else { continue };
        let line = match plan.item(id) {
            Item::File(Content::Node { disc, .. }) => match by_path.get(&(*disc, path)) {
                Some(line) => line.to_vec(),
                // Another disc lists it: its bytes are the same, or they are not known here.
                None => continue,
            },
            Item::File(Content::Bytes(bytes)) => summed(bytes, by_path.get(&(listing, path))),
            _ => continue,
        };
        seen.insert(path);
        out.extend_from_slice(&line);
        out.push(b'\n');
    }
    out
}

/// The path of a line, as it is without its `./`; `None` for what is no line of a list.
fn path(line: &[u8]) -> Option<&[u8]> {
    let (digits, rest) = line.split_at_checked(DIGITS)?;
    let name = rest.strip_prefix(b"  ").or_else(|| rest.strip_prefix(b" *"))?;
    let name = name.strip_prefix(b"./").unwrap_or(name);
    (digits.iter().all(u8::is_ascii_hexdigit) && !name.is_empty() && name != NAME).then_some(name)
}

/// Digits of an MD5.
const DIGITS: usize = 32;

/// A line with the sum of other bytes.
fn summed(bytes: &[u8], line: Option<&&[u8]>) -> Vec<u8> {
    let mut hasher = Hasher::new(Algorithm::Md5);
    hasher.update(bytes);
    let rest = line.and_then(|line| line.get(DIGITS..)).unwrap_or_default();
    [hasher.finish().to_string().as_bytes(), rest].concat()
}
