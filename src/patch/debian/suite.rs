//! One suite of a joined archive: which of its indexes are made anew, and its `Release`.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read;

use super::index::{self, Form, Kind};
use super::packing::{Bytes, TEXT_MAX, damaged, pack, text};
use super::release::{Release, Summed};
use super::stanza;
use crate::content::Content;
use crate::error::{Error, Result};
use crate::media::{self, NodeId, printable};
use crate::metadata::packed::{Budget, unpack};
use crate::monitor::{Monitor, Warning};
use crate::patch::PatchReport;
use crate::plan::{Item, Plan, PlanId};
use crate::sum::{Algorithm, Hasher};

/// Most bytes of a `Release`.
const RELEASE_MAX: u64 = 16 << 20;
/// Most bytes that are kept of all indexes that are made anew.
const KEPT_MAX: u64 = 1 << 30;
/// Bytes that are hashed at a time.
const BUFFER: usize = 256 << 10;

/// A file of a disc.
#[derive(Debug, Clone, Copy)]
struct Source {
    disc: usize,
    form: Form,
    node: NodeId,
}

/// What joining needs to know besides the plan.
pub(super) struct Joining<'a> {
    /// Paths that differ between discs.
    pub(super) differing: &'a HashSet<&'a [u8]>,
    pub(super) budget: &'a Budget,
    /// Bytes of the indexes that were made anew so far.
    pub(super) kept: Cell<u64>,
    pub(super) monitor: &'a dyn Monitor,
}

/// Joins the indexes of the suite in the directory `id` and makes its `Release` anew.
pub(super) fn join(
    plan: &mut Plan<'_>,
    id: PlanId,
    joining: &Joining<'_>,
) -> Result<Vec<PatchReport>> {
    let dir = plan.path(id);
    let releases = releases(plan, &dir)?;
    let mut reports = Vec::new();
    // The sums of joined indexes, by their plain paths below the suite.
    let mut joined: BTreeMap<Vec<u8>, Summed> = BTreeMap::new();
    for (stem, sources) in indexes(plan, &dir) {
        joining.monitor.check()?;
        let full = [&dir[..], &stem].join(&b'/');
        let Some(new) = joined_text(plan, &full, &sources, joining)? else { continue };
        joined.insert(stem, sums(new.as_slice(), &full, joining.monitor)?);
        reports.extend(put(plan, &full, &new, &sources, &joining.kept)?);
    }
    let Some((first_disc, old, first)) = releases.first() else { return Ok(reports) };
    let others: Vec<Release> = releases.iter().skip(1).map(|(_, _, other)| other.clone()).collect();
    let known: HashSet<&[u8]> = first.listed().iter().map(Vec::as_slice).collect();
    let more = |other: &Release| {
        let path = |path: &[u8]| [&dir[..], path].join(&b'/');
        let new = |one: &&Vec<u8>| !known.contains(one.as_slice());
        !first.covers(other)
            || other.listed().iter().filter(new).any(|p| file(plan, &path(p)).is_some())
    };
    if joined.is_empty() && !others.iter().any(more) {
        let same = releases.windows(2).all(|pair| matches!(pair, [a, b] if a.1 == b.1));
        super::signature::keep_own(plan, id, *first_disc, same, joining.monitor);
        return Ok(reports);
    }
    let files = summed(plan, &dir, &joined, releases.iter().map(|(_, _, one)| one), joining)?;
    let new = first.made_anew(&others, &files);
    let path = printable(&[&dir[..], b"Release"].join(&b'/'));
    reports.push(PatchReport::new(&path, old, &new));
    set(plan, id, b"Release", new)?;
    super::signature::drop_all(plan, id, joining.monitor);
    Ok(reports)
}

/// What each disc has of `Release`, or of what `InRelease` signs.
fn releases(plan: &Plan<'_>, dir: &[u8]) -> Result<Vec<(usize, Vec<u8>, Release)>> {
    let mut found = Vec::new();
    for (index, disc) in plan.discs().iter().enumerate() {
        let Some(top) = disc.tree.find(dir) else { continue };
        let named = |name: &[u8]| disc.tree.child(top, name);
        let Some(node) = named(b"Release").or_else(|| named(b"InRelease")) else { continue };
        if disc.tree.kind(node) != media::Kind::File {
            continue;
        }
        let size = disc.tree.size(node);
        if size > RELEASE_MAX {
            let path = printable(&disc.tree.path(node));
            let image = disc.image.path().display();
            let what = format!("has {size} bytes on {image}, which no Release has: fetch it again");
            return Err(Error::conflict(path, what));
        }
        let content = Content::Node { disc: index, node };
        let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
        content.reader(plan.discs())?.read_exact_at(0, &mut bytes)?;
        let release = Release::parse(&bytes);
        found.push((index, bytes, release));
    }
    Ok(found)
}

/// The indexes of all discs by their plain paths below the suite.
fn indexes(plan: &Plan<'_>, dir: &[u8]) -> BTreeMap<Vec<u8>, Vec<Source>> {
    let mut found: BTreeMap<Vec<u8>, Vec<Source>> = BTreeMap::new();
    for (index, disc) in plan.discs().iter().enumerate() {
        let tree = &disc.tree;
        let Some(top) = tree.find(dir).filter(|&top| tree.kind(top) == media::Kind::Dir) else {
            continue;
        };
        let mut open = vec![(top, Vec::new())];
        while let Some((at, path)) = open.pop() {
            for node in tree.children(at) {
                let mut path: Vec<u8> = path.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(tree.name(node));
                if tree.kind(node) == media::Kind::Dir {
                    open.push((node, path));
                    continue;
                }
                let (stem, form) = index::split(&path);
                if index::kind(stem).is_some() {
                    let source = Source { disc: index, form, node };
                    found.entry(stem.to_vec()).or_default().push(source);
                }
            }
        }
    }
    found
}

/// The text of an index that the discs do not have in common; `None` for one that stays as it is.
fn joined_text(
    plan: &Plan<'_>,
    path: &[u8],
    sources: &[Source],
    joining: &Joining<'_>,
) -> Result<Option<Vec<u8>>> {
    let by_disc = by_disc(sources);
    if by_disc.len() < 2 {
        return Ok(None);
    }
    let forms = |sources: &[Source]| sources.iter().map(|one| one.form).collect::<BTreeSet<_>>();
    let all: BTreeSet<Form> = forms(sources);
    let differs = |form: &Form| {
        let name = [path, form.suffix().as_bytes()].concat();
        joining.differing.contains(name.as_slice())
    };
    if !all.iter().any(differs) && by_disc.values().all(|one| forms(one) == all) {
        return Ok(None);
    }
    let (mut texts, mut sum) = (Vec::new(), 0_u64);
    for (&disc, sources) in &by_disc {
        let readable = sources.iter().filter(|one| one.form.is_read()).min_by_key(|one| one.form);
        let Some(source) = readable else { return unread(plan, path, disc, joining.monitor) };
        let tree = plan.discs().get(disc).map(|disc| &disc.tree);
        if tree.map(|tree| tree.kind(source.node)) != Some(media::Kind::File) {
            let what = "is a link on one disc and a file on another, which is no archive's index: \
                        import the discs under two names";
            return Err(Error::conflict(printable(path), what));
        }
        let content = Content::Node { disc, node: source.node };
        let name = [path, source.form.suffix().as_bytes()].concat();
        let one = text(plan.discs(), &content, &name, joining.budget, joining.monitor)?;
        sum = sum.saturating_add(u64::try_from(one.len()).unwrap_or(u64::MAX));
        if sum > TEXT_MAX {
            let what = format!("those of all discs hold more than {} MiB", TEXT_MAX >> 20);
            return Err(damaged(plan.discs(), &content, &name, &what));
        }
        texts.push(one);
    }
    if texts.windows(2).all(|pair| matches!(pair, [a, b] if a == b)) {
        return Ok(None);
    }
    let joined = stanza::join(&texts, stanza::STANZAS_MAX).ok_or_else(|| {
        let most = stanza::STANZAS_MAX;
        let what = format!(
            "has more than {most} packages, which no archive has: import each disc by itself"
        );
        Error::conflict(printable(path), what)
    })?;
    Ok(Some(joined.text))
}

fn by_disc(sources: &[Source]) -> BTreeMap<usize, Vec<Source>> {
    let mut by_disc: BTreeMap<usize, Vec<Source>> = BTreeMap::new();
    for source in sources {
        by_disc.entry(source.disc).or_default().push(*source);
    }
    by_disc
}

/// An index that is there only in forms that are not read here: without its packages the import
/// would be a lie, without its translations it is not.
fn unread(
    plan: &Plan<'_>,
    path: &[u8],
    disc: usize,
    monitor: &dyn Monitor,
) -> Result<Option<Vec<u8>>> {
    let image = plan.discs().get(disc).map(|disc| disc.image.path().display().to_string());
    let image = image.unwrap_or_default();
    let what = format!("is packed with bzip2 or LZMA alone on {image}, which is not read");
    if index::kind(path) == Some(Kind::Translation) {
        let what = format!("{what}: that of the first disc stays");
        monitor.warn(Warning::new("not-joined", printable(path), what));
        return Ok(None);
    }
    Err(Error::conflict(printable(path), format!("{what}: import each disc by itself")))
}

/// Puts a joined index into the plan: in the forms that it had and that can be written, in gzip's
/// always, which every apt and every installer reads; forms that would be stale go.
fn put(
    plan: &mut Plan<'_>,
    path: &[u8],
    text: &[u8],
    sources: &[Source],
    kept: &Cell<u64>,
) -> Result<Vec<PatchReport>> {
    let mut reports = Vec::new();
    let (dir, name) = match path.iter().rposition(|&b| b == b'/') {
        Some(at) => (path.get(..at), path.get(at.saturating_add(1)..)),
        None => (None, Some(path)),
    };
    let (Some(dir), Some(name)) = (plan.find(dir.unwrap_or_default()), name) else {
        return Ok(reports);
    };
    for form in Form::ALL {
        let name = [name, form.suffix().as_bytes()].concat();
        let there = sources.iter().any(|source| source.form == form);
        if !form.is_written() {
            if let Some(stale) = child(plan, dir, &name) {
                plan.remove(stale);
            }
        } else if there || form == Form::Gzip {
            let full = printable(&[path, form.suffix().as_bytes()].concat());
            let packed = pack(text, form).map_err(|e| Error::io("pack", &full, e))?;
            let packed = packed.unwrap_or_default();
            let len = u64::try_from(packed.len()).unwrap_or(u64::MAX);
            kept.set(kept.get().saturating_add(len));
            if kept.get() > KEPT_MAX {
                let what = format!(
                    "with it the indexes of these discs have more than {} MiB, which no archive's \
                     have: import each disc by itself",
                    KEPT_MAX >> 20
                );
                return Err(Error::conflict(full, what));
            }
            set(plan, dir, &name, packed)?;
            // What would be shown of it is as long as the index.
            reports.push(PatchReport { path: full, diff: String::new(), note: None });
        }
    }
    Ok(reports)
}

pub(super) fn child(plan: &Plan<'_>, dir: PlanId, name: &[u8]) -> Option<PlanId> {
    plan.children(dir).iter().copied().find(|&id| plan.name(id) == name)
}

/// Gives a file in `dir` other bytes, or adds it with the time of the directory.
pub(super) fn set(plan: &mut Plan<'_>, dir: PlanId, name: &[u8], bytes: Vec<u8>) -> Result<()> {
    let content = Content::Bytes(bytes.into());
    match child(plan, dir, name) {
        Some(id) => plan.set_content(id, content),
        None => {
            let mtime = plan.mtime(dir);
            plan.add(dir, name, Item::File(content), 0o644, mtime)
                .map_err(|e| Error::conflict(printable(name), format!("cannot be added: {e}")))?;
        }
    }
    Ok(())
}

fn file(plan: &Plan<'_>, path: &[u8]) -> Option<Content> {
    match plan.item(plan.find(path)?) {
        Item::File(content) => Some(content.clone()),
        _ => None,
    }
}

/// The sums of all files that are to be listed: what a disc lists and the tree has, and what is
/// joined. An index is listed in its plain form even where only packed ones are there, since that
/// is what apt compares it with once it is unpacked.
fn summed<'r>(
    plan: &Plan<'_>,
    dir: &[u8],
    joined: &BTreeMap<Vec<u8>, Summed>,
    releases: impl Iterator<Item = &'r Release>,
    joining: &Joining<'_>,
) -> Result<BTreeMap<Vec<u8>, Summed>> {
    let monitor = joining.monitor;
    let mut files = BTreeMap::new();
    let written = joined.keys().flat_map(|stem| {
        Form::ALL.map(|form| [stem.as_slice(), form.suffix().as_bytes()].concat())
    });
    let listed = releases.flat_map(Release::listed).cloned();
    for path in written.chain(listed).collect::<BTreeSet<_>>() {
        if std::str::from_utf8(&path).is_err() {
            continue;
        }
        let full = [dir, &path].join(&b'/');
        let sums = if let Some(content) = file(plan, &full) {
            sums(Bytes::new(content.reader(plan.discs())?), &full, monitor)?
        } else if let Some(sums) = joined.get(&path) {
            sums.clone()
        } else if let Some(content) = packed(plan, &full) {
            let stream = std::io::BufReader::new(Bytes::new(content.reader(plan.discs())?));
            match unpack(stream, joining.budget, monitor) {
                Ok(text) => match sums(text, &full, monitor) {
                    Ok(sums) => sums,
                    Err(stop @ Error::Interrupted(_)) => return Err(stop),
                    // It has not been changed: apt finds out whether it needs it.
                    Err(_) => continue,
                },
                Err(_) => continue,
            }
        } else {
            continue;
        };
        files.insert(path, sums);
    }
    Ok(files)
}

/// An index that is there in a packed form alone.
fn packed(plan: &Plan<'_>, plain: &[u8]) -> Option<Content> {
    let forms = Form::ALL.into_iter().filter(|form| *form != Form::Plain && form.is_read());
    forms.filter_map(|form| file(plan, &[plain, form.suffix().as_bytes()].concat())).next()
}

fn sums(mut input: impl Read, path: &[u8], monitor: &dyn Monitor) -> Result<Summed> {
    let kinds = [Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512];
    let mut hashers = kinds.map(Hasher::new);
    let mut size = 0_u64;
    let mut buffer = vec![0; BUFFER];
    loop {
        monitor.check()?;
        let n = match input.read(&mut buffer) {
            Ok(n) => n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(Error::io("read", printable(path), e)),
        };
        let Some(bytes) = buffer.get(..n).filter(|bytes| !bytes.is_empty()) else { break };
        hashers.iter_mut().for_each(|hasher| hasher.update(bytes));
        size = size.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
    }
    let [md5, sha256, sha512] = hashers.map(|hasher| hasher.finish().to_string());
    Ok(Summed { size, md5, sha256, sha512 })
}
