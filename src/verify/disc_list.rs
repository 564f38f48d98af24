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
const BYTES_MAX: u64 = 16 << 20;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Entry as Node;
    use crate::media::{Body, Bootable, Extent, Hierarchy, Identifiers, Image, Tree};
    use crate::monitor::Collect;

    const A: &str = "0cc175b9c0f1b6a831c399e269772661";
    const B: &str = "92eb5ffee6ae2fec3ad71c777531578f";

    fn parsed(text: &str) -> Vec<(String, Option<String>)> {
        let mut all: Vec<_> = parse(text.as_bytes(), b"md5sum.txt")
            .into_iter()
            .map(|(path, sum)| {
                (String::from_utf8(path).expect("UTF-8"), sum.map(|sum| sum.to_string()))
            })
            .collect();
        all.sort();
        all
    }

    /// A disc of files at the top, one after the other; a name that ends in `@` is a link.
    fn disc(files: &[(&str, &str)]) -> Disc {
        let mut tree = Tree::new();
        let mut bytes = Vec::new();
        for (name, text) in files {
            let extent = Extent { offset: Some(bytes.len() as u64), len: text.len() as u64 };
            bytes.extend_from_slice(text.as_bytes());
            let (name, body) = match name.strip_suffix('@') {
                Some(name) => (name, Body::Link(text.as_bytes().to_vec())),
                None => (*name, Body::File(vec![extent])),
            };
            let entry = Node { body, ..Node::default() };
            tree.add(NodeId::ROOT, name.as_bytes(), entry).expect("a name");
        }
        Disc {
            image: Image::new("x.iso", bytes),
            tree,
            hierarchy: Hierarchy::RockRidge,
            identifiers: Identifiers::default(),
            bootable: Bootable::default(),
        }
    }

    /// The paths that are checked, and the warnings.
    fn checked(discs: &[Disc], change: impl FnOnce(&mut Plan<'_>)) -> (Vec<String>, Vec<String>) {
        let mut plan = Plan::new(discs);
        for (index, disc) in discs.iter().enumerate() {
            for node in disc.tree.children(NodeId::ROOT) {
                let top = crate::plan::PlanId::ROOT;
                if plan.find(disc.tree.name(node)).is_none() {
                    plan.add_node(top, index, node).expect("no device node");
                }
            }
        }
        change(&mut plan);
        let heard = Collect::default();
        let sums = sums(&plan, &heard).expect("readable");
        let path = |id| String::from_utf8(plan.path(id)).expect("UTF-8");
        let paths = sums.unchecked().into_iter().map(path).collect();
        let warnings = heard.warnings().into_iter();
        (paths, warnings.map(|w| format!("{}: {}: {}", w.code, w.path, w.message)).collect())
    }

    #[test]
    fn paths_are_those_of_a_tree_and_the_list_itself_is_passed_over() {
        let text = format!("{A}  ./a\n{A}  /b//c\n{A} *d/./e\n{B}  ./md5sum.txt\nno sum  x\n");
        let sum = Some(A.to_owned());
        let of = |path: &str| (path.to_owned(), sum.clone());
        assert_eq!(parsed(&text), [of("a"), of("b/c"), of("d/e")]);
    }

    #[test]
    fn a_path_with_two_sums_has_none() {
        let text = format!("{A}  a\n{B}  ./a\n{A}  a\n{A}  b\n{A}  ./b\n");
        assert_eq!(parsed(&text), [("a".into(), None), ("b".into(), Some(A.into()))]);
    }

    #[test]
    fn a_hostile_list_names_nothing_outside_and_panics_nowhere() {
        let text = format!("{A}  ../../etc/passwd\n{A}  .\n{A}  /\n{A}  \u{fffd}\n\0\n");
        let names: Vec<_> = parsed(&text).into_iter().map(|(path, _)| path).collect();
        assert_eq!(names, ["", "../../etc/passwd", "\u{fffd}"]);
        let (paths, warnings) = checked(&[disc(&[("md5sum.txt", &text)])], |_| {});
        assert_eq!(paths, [""; 0]);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
    }

    #[test]
    fn only_a_disc_s_own_files_are_held_against_its_list() {
        let list = format!("{A}  ./a\n{A}  ./b\n{A}  ./patched\n{A}  ./dropped\n{A}  ./link/x\n");
        let first = disc(&[
            ("md5sum.txt", &list),
            ("a", "a"),
            ("patched", "a"),
            ("dropped", "a"),
            ("link@", "."),
        ]);
        // The second has a b of its own, and an a that the first one's stands for.
        let second = disc(&[("MD5SUM.TXT", &format!("{B}  a\n")), ("a", "a"), ("b", "b")]);
        let (paths, warnings) = checked(&[first, second], |plan| {
            let patched = plan.find(b"patched").expect("there");
            plan.set_content(patched, Content::Bytes((*b"x").into()));
            plan.remove(plan.find(b"dropped").expect("there"));
        });
        assert_eq!(paths, ["a"]);
        // There is no b on the first disc; all else was left out by us.
        let missing = "listed-not-there: md5sum.txt: 1 file listed and not there on x.iso: b";
        assert_eq!(warnings, [missing]);
    }

    #[test]
    fn what_the_disc_s_writer_makes_is_known_by_its_name() {
        for path in
            ["isolinux/isolinux.bin", "ISOLINUX/BOOT.CAT", "boot/grub/efi.img", "boot.catalog"]
        {
            assert!(is_written_later(path.as_bytes()), "{path}");
        }
        for path in ["isolinux/isolinux.cfg", "boot.cat/x", "xboot.cat"] {
            assert!(!is_written_later(path.as_bytes()), "{path}");
        }
    }

    #[test]
    fn a_list_that_is_too_large_is_not_read() {
        let mut disc = disc(&[]);
        let body = Body::File(vec![Extent { offset: None, len: BYTES_MAX + 1 }]);
        let entry = Node { body, ..Node::default() };
        disc.tree.add(NodeId::ROOT, b"CHECKSUMS", entry).expect("a name");
        let (paths, warnings) = checked(&[disc], |_| {});
        assert_eq!(paths, [""; 0]);
        assert!(
            warnings[0].starts_with("sums-not-read: CHECKSUMS: has 16777217 bytes"),
            "{warnings:?}"
        );
    }
}
