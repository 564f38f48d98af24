//! The lists of sums that discs carry of their own files: `md5sum.txt` (Debian, Ubuntu) and
//! `CHECKSUMS` (SUSE).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::list;
use crate::content::Content;
use crate::copy::Sums;
use crate::error::Result;
use crate::media::{Disc, Kind, NodeId, printable};
use crate::monitor::{Monitor, Warning};
use crate::plan::{Item, Plan};
use crate::sum::Sum;

/// The lists, at the top of a disc.
const NAMES: [&str; 2] = ["md5sum.txt", "CHECKSUMS"];
/// Most bytes of a list: 60,000 files of a Debian Blu-ray disc take 6 MiB.
const BYTES_MAX: u64 = 32 << 20;
/// Most names of a list that are looked for on the disc once they were not found in the plan.
const MISSING_MAX: usize = 1000;
/// Files that are changed or made when the disc is written, after they were listed: the boot
/// catalogue, and the images that get a table of where they lie. On a sound Ubuntu 20.04 disc
/// efi.img is another one than its list says.
const WRITTEN_LATER: [&str; 5] =
    ["isolinux.bin", "boot.cat", "boot.catalog", "eltorito.img", "efi.img"];

/// What one list of one disc says, by path from the top.
struct Listed {
    list: &'static str,
    disc: usize,
    /// `None` for a path that has two different sums.
    sums: HashMap<Vec<u8>, Option<Sum>>,
}

/// The sums of those files of the plan that are a disc's own, and named by that disc's list.
///
/// Warns of a list that cannot be used (`sums-not-read`), and, once a list, of files that it names
/// and that are not there (`listed-not-there`) or have two sums (`listed-twice`).
pub(super) fn sums(plan: &Plan<'_>, monitor: &dyn Monitor) -> Result<Sums> {
    let mut lists = Vec::new();
    for (index, disc) in plan.discs().iter().enumerate() {
        monitor.check()?;
        for name in NAMES {
            lists.extend(read(index, disc, name, monitor)?);
        }
    }
    let mut sums = Sums::default();
    if lists.is_empty() {
        return Ok(sums);
    }
    for id in plan.iter() {
        let Item::File(Content::Node { disc, node }) = plan.item(id) else { continue };
        let Some(tree) = plan.discs().get(*disc).map(|disc| &disc.tree) else { continue };
        for listed in lists.iter_mut().filter(|listed| listed.disc == *disc) {
            let path = tree.path(*node);
            if let Some((_, Some(sum))) = listed.sums.remove_entry(&path) {
                sums.expect(id, sum, listed.list, is_written_later(&path));
            }
        }
    }
    for listed in lists {
        if let Some(disc) = plan.discs().get(listed.disc) {
            listed.warn(disc, monitor);
        }
    }
    Ok(sums)
}

fn is_written_later(path: &[u8]) -> bool {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    WRITTEN_LATER.iter().any(|later| name.eq_ignore_ascii_case(later.as_bytes()))
}

/// The list `name` of a disc, if there is one.
fn read(
    index: usize,
    disc: &Disc,
    name: &'static str,
    monitor: &dyn Monitor,
) -> Result<Option<Listed>> {
    let tree = &disc.tree;
    let found = tree.find_ignoring_case(name.as_bytes());
    let Some(node) = found.filter(|&node| tree.kind(node) == Kind::File) else { return Ok(None) };
    if tree.size(node) > BYTES_MAX {
        let message = format!(
            "has {} bytes on {}, which no such list has (at most {BYTES_MAX}): the files are not \
             checked against it",
            tree.size(node),
            disc.image.path().display()
        );
        monitor.warn(Warning::new("sums-not-read", name, message));
        return Ok(None);
    }
    let reader = crate::content::Reader::of_node(disc, node)?;
    let mut text = vec![0; usize::try_from(reader.len()).unwrap_or(0)];
    reader.read_exact_at(0, &mut text)?;
    Ok(Some(Listed { list: name, disc: index, sums: parse(&text, &tree.path(node)) }))
}

/// The sums of a list that lies at `own`.
fn parse(text: &[u8], own: &[u8]) -> HashMap<Vec<u8>, Option<Sum>> {
    let mut sums = HashMap::new();
    for line in list::parse(text) {
        let path = clean(&line.name);
        let Ok(sum) = line.sum else { continue };
        if path == own {
            continue;
        }
        match sums.entry(path) {
            Entry::Vacant(place) => drop(place.insert(Some(sum))),
            Entry::Occupied(mut place) => {
                if *place.get() != Some(sum) {
                    place.insert(None);
                }
            }
        }
    }
    sums
}

/// A path as a tree has it: without `./`, a slash at the beginning, or slashes in a row.
fn clean(name: &[u8]) -> Vec<u8> {
    let parts = name.split(|&byte| byte == b'/').filter(|part| !matches!(part, [] | [b'.']));
    parts.collect::<Vec<_>>().join(&b'/')
}

impl Listed {
    /// Tells of what no file of the plan answers to. What the disc has and the plan has not was left
    /// out for a reason of its own.
    fn warn(self, disc: &Disc, monitor: &dyn Monitor) {
        let Self { list, sums, .. } = self;
        let image = disc.image.path().display().to_string();
        let (twice, rest): (Vec<_>, Vec<_>) = sums.into_iter().partition(|(_, sum)| sum.is_none());
        let say = |code, mut paths: Vec<Vec<u8>>, what: &str| {
            paths.sort();
            if let Some(first) = paths.first() {
                let count = match paths.len() {
                    1 => "1 file".to_owned(),
                    n if n < MISSING_MAX => format!("{n} files"),
                    n => format!("{n} files and perhaps more"),
                };
                let message = format!("{count} {what} {image}: {}", printable(first));
                let more = if paths.len() > 1 { " and others" } else { "" };
                monitor.warn(Warning::new(code, list, message + more));
            }
        };
        say("listed-twice", twice.into_iter().map(|(path, _)| path).collect(), "have two sums on");
        let mut missing: Vec<_> = rest.into_iter().map(|(path, _)| path).collect();
        missing.sort();
        missing.truncate(MISSING_MAX);
        missing.retain(|path| !is_there(disc, path));
        say("listed-not-there", missing, "listed and not there on");
    }
}

/// Whether a path leads to something on the disc, if only to a link that leads on.
fn is_there(disc: &Disc, path: &[u8]) -> bool {
    let tree = &disc.tree;
    let mut at = NodeId::ROOT;
    for name in path.split(|&byte| byte == b'/') {
        match tree.child(at, name) {
            Some(next) => at = next,
            None => return tree.kind(at) == Kind::Link,
        }
    }
    true
}
