//! One tree of several discs, in the order of the command line.
//!
//! Directories of one name become one. Of a file or link that several discs have, the sizes,
//! kinds and targets are compared here; where bytes have to be read the caller does it, and says
//! what it found to [`Merge::settle`].

use std::collections::HashMap;

use super::capped::Capped;
use super::conflict::{Conflict, Contest, Judge, OnConflict, Verdict, Version, refuse_open};
use super::rule::{Pattern, Rules};
use super::tree::{Plan, PlanId};
use crate::content::Content;
use crate::error::{Error, Result};
use crate::media::{Disc, Kind, printable};
use crate::monitor::Monitor;

/// Two files of one path and size, from different discs, whose bytes have to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Where in the plan.
    pub id: PlanId,
    /// The earlier version.
    pub left: Content,
    /// The later version.
    pub right: Content,
    /// Size of both in bytes, never 0.
    pub size: u64,
}

/// A merge that waits for the bytes of [`Merge::pairs`] to be compared.
#[derive(Debug)]
pub struct Merge<'d> {
    /// The merged tree as it would be if all pairs were equal and nothing else differed.
    pub plan: Plan<'d>,
    /// What the caller has to compare.
    pub pairs: Vec<Pair>,
    contests: Vec<Contest>,
    /// The names of the rules, as conflicts tell them.
    rules: Vec<String>,
    policy: OnConflict,
}

/// What several discs make together.
#[derive(Debug)]
pub struct Merged<'d> {
    /// The tree.
    pub plan: Plan<'d>,
    /// Every path that differed, by path: those that a rule decided too.
    pub conflicts: Vec<Conflict>,
}

impl<'d> Merge<'d> {
    /// Takes over the results of the comparisons: `equal[i]` says whether the bytes of `pairs[i]`
    /// are the same. What is not said counts as different.
    ///
    /// # Errors
    /// [`Error::Conflict`] under [`OnConflict::Fail`] for the first path that differs and that no
    /// rule decides.
    pub fn settle(self, equal: &[bool]) -> Result<Merged<'d>> {
        let Self { mut plan, mut contests, rules, policy, .. } = self;
        for contest in &mut contests {
            contest.answer(equal);
        }
        if policy == OnConflict::Fail {
            refuse_open(&plan, &contests)?;
        }
        let mut conflicts: Vec<_> = contests
            .iter()
            .filter_map(|contest| contest.settle(&mut plan, policy, &rules))
            .collect();
        conflicts.sort_by(|a, b| a.raw.cmp(&b.raw));
        Ok(Merged { plan, conflicts })
    }
}

/// Merges discs in their order. Modes and mtimes are not compared: of equal versions the first
/// disc's stay.
///
/// Warns of device nodes (`device-node`), which are never created, and of what a later disc has
/// below a directory that the first one owns (`left-out`).
///
/// # Errors
/// [`Error::Conflict`] for a directory against a file or link, whatever the policy; under
/// [`OnConflict::Fail`] for a difference that shows without reading bytes.
pub fn merge<'d>(
    discs: &'d [Disc],
    rules: &Rules,
    policy: OnConflict,
    monitor: &dyn Monitor,
) -> Result<Merge<'d>> {
    let mut walk = Walk {
        discs,
        rules,
        policy,
        owners: owners(discs, rules),
        plan: Plan::new(discs),
        pairs: Vec::new(),
        contests: Vec::new(),
        open: Vec::new(),
        devices: Capped::new("device-node", monitor),
        left_out: Capped::new("left-out", monitor),
    };
    walk.run()?;
    let Walk { plan, pairs, contests, devices, left_out, .. } = walk;
    devices.finish();
    left_out.finish();
    if policy == OnConflict::Fail {
        refuse_open(&plan, &contests)?;
    }
    Ok(Merge { plan, pairs, contests, rules: rules.names(), policy })
}

/// The disc that owns the path of each `first` rule. The chief disc is the first one that has what
/// the first of the rules names; it owns whatever it has, and of the rest the first disc that has it
/// does. So it does not matter in which order the user gives a pair of which one disc has no
/// repository data, or a set of which each disc says its own number. `None` for rules about a name at
/// any depth, where it is found path by path.
fn owners(discs: &[Disc], rules: &Rules) -> Vec<Option<usize>> {
    let has = |disc: &Disc, path: &str, dir_only: bool| {
        disc.tree.find_ignoring_case(path.as_bytes()).is_some_and(|id| {
            let kind = disc.tree.kind(id);
            kind != Kind::Other && (!dir_only || kind == Kind::Dir)
        })
    };
    let first =
        |(path, dir_only): (String, bool)| discs.iter().position(|disc| has(disc, &path, dir_only));
    let chief = rules.first.iter().filter_map(Pattern::path).find_map(first);
    let owner = |(path, dir_only): (String, bool)| {
        let chief = chief.filter(|&at| discs.get(at).is_some_and(|d| has(d, &path, dir_only)));
        chief.or_else(|| first((path, dir_only)))
    };
    rules.first.iter().map(|pattern| pattern.path().and_then(owner)).collect()
}

/// A rule in force, and the disc that it favours.
#[derive(Debug, Clone, Copy)]
struct Owner {
    rule: usize,
    disc: usize,
}

/// A directory of the plan whose children are still to be merged.
struct Folder {
    id: PlanId,
    versions: Vec<Version>,
    owner: Option<Owner>,
    /// The rule that has all below made anew, by its index in `join`.
    joined: Option<usize>,
}

struct Walk<'a, 'd> {
    discs: &'d [Disc],
    rules: &'a Rules,
    policy: OnConflict,
    owners: Vec<Option<usize>>,
    plan: Plan<'d>,
    pairs: Vec<Pair>,
    contests: Vec<Contest>,
    open: Vec<Folder>,
    devices: Capped<'a>,
    left_out: Capped<'a>,
}

impl<'d> Walk<'_, 'd> {
    fn run(&mut self) -> Result<()> {
        let top = crate::media::NodeId::ROOT;
        let versions: Vec<_> =
            (0..self.discs.len()).map(|disc| Version { disc, node: top }).collect();
        if let Some(first) = self.discs.first() {
            self.plan.set_mtime(PlanId::ROOT, first.tree.mtime(top));
        }
        self.open.push(Folder { id: PlanId::ROOT, versions, owner: None, joined: None });
        while let Some(folder) = self.open.pop() {
            let path = self.plan.path(folder.id);
            for versions in self.by_name(&folder.versions) {
                self.entry(&folder, &path, versions)?;
            }
        }
        Ok(())
    }

    fn kind(&self, version: Version) -> Kind {
        self.discs.get(version.disc).map_or(Kind::Other, |disc| disc.tree.kind(version.node))
    }

    fn name(&self, version: Version) -> &'d [u8] {
        self.discs.get(version.disc).map_or(&[], |disc| disc.tree.name(version.node))
    }

    fn image(&self, disc: usize) -> String {
        self.discs.get(disc).map(|d| d.image.path().display().to_string()).unwrap_or_default()
    }

    /// The children of the directories, those of one name together, discs in order.
    fn by_name(&self, dirs: &[Version]) -> Vec<Vec<Version>> {
        let children = dirs.iter().flat_map(|dir| {
            let disc = dir.disc;
            let tree = self.discs.get(disc).map(|disc| &disc.tree);
            tree.into_iter()
                .flat_map(|tree| tree.children(dir.node))
                .map(move |node| Version { disc, node })
        });
        if dirs.len() < 2 {
            return children.map(|child| vec![child]).collect();
        }
        let mut places: HashMap<&[u8], usize> = HashMap::new();
        let mut entries: Vec<Vec<Version>> = Vec::new();
        for child in children {
            let place = *places.entry(self.name(child)).or_insert(entries.len());
            match entries.get_mut(place) {
                Some(versions) => versions.push(child),
                None => entries.push(vec![child]),
            }
        }
        entries
    }

    /// Merges what the discs have of one name in one directory.
    fn entry(&mut self, folder: &Folder, path: &[u8], mut versions: Vec<Version>) -> Result<()> {
        let Some(&any) = versions.first() else { return Ok(()) };
        let name = self.name(any);
        versions.retain(|&version| !self.rules.drops(path, name, self.kind(version)));
        self.skip_devices(path, &mut versions);
        let Some(&first) = versions.first() else { return Ok(()) };
        let kind = self.kind(first);
        let other = |&&version: &&Version| (self.kind(version) == Kind::Dir) != (kind == Kind::Dir);
        if let Some(&other) = versions.iter().find(other) {
            return Err(self.clash(path, first, other));
        }
        let owner = folder.owner.or_else(|| {
            let rule = self.rules.owned(path, name, kind)?;
            let disc = self.owners.get(rule).copied().flatten().unwrap_or(first.disc);
            Some(Owner { rule, disc })
        });
        let joined = folder.joined.or_else(|| self.rules.joined(path, name, kind));
        let judge = match (owner, joined) {
            (None, None) => Judge::Policy,
            (None, Some(rule)) => {
                Judge::Rule { rule: self.rules.first.len().saturating_add(rule), keep: 0 }
            }
            (Some(Owner { rule, disc }), _) => {
                let Some(keep) = versions.iter().position(|version| version.disc == disc) else {
                    self.leave_out(path, first, rule, disc);
                    return Ok(());
                };
                Judge::Rule { rule, keep }
            }
        };
        let base = match judge {
            Judge::Rule { keep, .. } => versions.get(keep).copied().unwrap_or(first),
            Judge::Policy => first,
        };
        let Some(id) = self.plan.add_node(folder.id, base.disc, base.node) else { return Ok(()) };
        if kind == Kind::Dir {
            self.open.push(Folder { id, versions, owner, joined });
        } else if versions.len() > 1 {
            self.contest(id, versions, judge);
        }
        Ok(())
    }

    fn skip_devices(&mut self, path: &[u8], versions: &mut Vec<Version>) {
        let discs = self.discs;
        versions.retain(|version| {
            let Some(Disc { tree, image, .. }) = discs.get(version.disc) else { return false };
            if tree.kind(version.node) != Kind::Other {
                return true;
            }
            self.devices.warn(
                || joined(path, tree.name(version.node)),
                || {
                    let image = image.path().display();
                    format!("is a device node, FIFO or socket on {image}: not created")
                },
            );
            false
        });
    }

    fn leave_out(&mut self, path: &[u8], version: Version, rule: usize, owner: usize) {
        let name = self.name(version);
        let (image, owner) = (self.image(version.disc), self.image(owner));
        let rule = self.rules.first.get(rule).map(ToString::to_string).unwrap_or_default();
        self.left_out.warn(
            || joined(path, name),
            || format!("is on {image} and not on {owner}, which owns {rule}: not copied"),
        );
    }

    fn clash(&self, path: &[u8], a: Version, b: Version) -> Error {
        let what = |version| match self.kind(version) {
            Kind::Dir => "a directory",
            Kind::Link => "a link",
            Kind::File | Kind::Other => "a file",
        };
        Error::conflict(
            joined(path, self.name(a)),
            format!(
                "is {} on {} and {} on {}: these discs cannot be merged, import them under two \
                 names or leave one out",
                what(a),
                self.image(a.disc),
                what(b),
                self.image(b.disc)
            ),
        )
    }

    fn contest(&mut self, id: PlanId, versions: Vec<Version>, judge: Judge) {
        let mut verdicts = Vec::with_capacity(versions.len());
        for (k, &version) in versions.iter().enumerate() {
            let against = judge.against(k, self.policy);
            let verdict = match versions.get(against) {
                Some(&base) if against != k => self.compare(id, base, version),
                _ => Verdict::Same,
            };
            verdicts.push(verdict);
        }
        if verdicts.iter().any(|&verdict| verdict != Verdict::Same) {
            self.contests.push(Contest { id, versions, verdicts, judge });
        }
    }

    /// Compares two versions as far as that goes without their bytes.
    fn compare(&mut self, id: PlanId, a: Version, b: Version) -> Verdict {
        let (Some(left), Some(right)) = (self.discs.get(a.disc), self.discs.get(b.disc)) else {
            return Verdict::Differs;
        };
        let (left, right) = (&left.tree, &right.tree);
        let same = match (left.kind(a.node), right.kind(b.node)) {
            (Kind::Link, Kind::Link) => left.target(a.node) == right.target(b.node),
            (Kind::File, Kind::File) => {
                let size = left.size(a.node);
                if size == right.size(b.node) && size > 0 {
                    let content = |v: Version| Content::Node { disc: v.disc, node: v.node };
                    let (left, right) = if a.disc <= b.disc {
                        (content(a), content(b))
                    } else {
                        (content(b), content(a))
                    };
                    self.pairs.push(Pair { id, left, right, size });
                    return Verdict::Asked(self.pairs.len().saturating_sub(1));
                }
                size == right.size(b.node)
            }
            _ => false,
        };
        if same { Verdict::Same } else { Verdict::Differs }
    }
}

/// A path for people.
fn joined(dir: &[u8], name: &[u8]) -> String {
    if dir.is_empty() {
        return printable(name);
    }
    printable(&[dir, name].join(&b'/'))
}

#[cfg(test)]
mod tests;
