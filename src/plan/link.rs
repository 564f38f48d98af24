//! Symbolic links of the merged tree: where each one leads.
//!
//! A web server that follows links must not be led out of the tree by a disc, so that a link that
//! could do so is never created. What only dangles inside is the disc's business.

use std::collections::HashMap;

use super::capped::Capped;
use super::tree::{Item, Plan, PlanId};
use crate::media::path::PATH_MAX;
use crate::media::printable;
use crate::monitor::Monitor;

/// Most links that one path may lead through, as in Linux.
pub const LINKS_MAX: u32 = 40;

/// Takes every link out of the plan that cannot be created or must not be: one that is absolute,
/// one that leads outside the tree by itself or through other links, one that leads through more
/// than [`LINKS_MAX`] links, one whose target the system does not accept. Warns of each
/// (`unsafe-link`). With `keep` only the last kind goes, and the others are warned of all the same.
///
/// All are judged in the whole tree before the first is removed, so that the order of the links
/// does not matter. What follows a name that is not there is taken by the letter: `gone/../..`
/// leads as far up as if `gone` were a directory, for it may become one.
pub fn judge(plan: &mut Plan<'_>, keep: bool, monitor: &dyn Monitor) {
    let mut warnings = Capped::new("unsafe-link", monitor);
    let mut links = Links::new(plan);
    let mut bad = Vec::new();
    for id in plan.iter() {
        let Item::Link(target) = plan.item(id) else { continue };
        let outcome = links.follow(id);
        let why = match outcome {
            Outcome::Inside { .. } => continue,
            Outcome::Outside if target.starts_with(b"/") => "an absolute path",
            Outcome::Outside => "which leads outside the tree",
            Outcome::TooMany => "which leads through more than 40 links",
            Outcome::Unusable => "which no link can have",
        };
        let kept = keep && outcome != Outcome::Unusable;
        let fate = match kept {
            false => "not created",
            true => "kept, and a web server that follows links hands out what is there",
        };
        warnings.warn(
            || printable(&plan.path(id)),
            || format!("links to '{}', {why}: {fate}", printable(target)),
        );
        if !kept {
            bad.push(id);
        }
    }
    warnings.finish();
    plan.remove_all(&bad);
}

/// Where a link leads in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// To `missing` names that are not there below `at`; to `at` itself where that is 0.
    Inside { at: PlanId, missing: u32, links: u32 },
    /// Above the top, or to an absolute path.
    Outside,
    /// Through more than [`LINKS_MAX`] links.
    TooMany,
    /// Nowhere: the target is empty, over-long or holds a NUL byte.
    Unusable,
}

impl Outcome {
    fn node(self) -> Option<PlanId> {
        match self {
            Self::Inside { at, missing: 0, .. } => Some(at),
            _ => None,
        }
    }
}

/// A link that is being followed.
struct Frame<'p> {
    link: Option<PlanId>,
    rest: &'p [u8],
    at: PlanId,
    missing: u32,
    links: u32,
    over: Option<Outcome>,
}

impl<'p> Frame<'p> {
    fn new(link: Option<PlanId>, target: &'p [u8], at: PlanId) -> Self {
        Self { link, rest: target, at, missing: 0, links: u32::from(link.is_some()), over: None }
    }

    /// Goes on from where a link on the way has led.
    fn take(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Inside { at, missing, links } => {
                self.at = at;
                self.missing = missing;
                self.links = self.links.saturating_add(links);
                if self.links > LINKS_MAX {
                    self.over = Some(Outcome::TooMany);
                }
            }
            Outcome::Unusable => self.missing = 1,
            Outcome::Outside | Outcome::TooMany => self.over = Some(outcome),
        }
    }

    /// The next name of the target, past slashes and dots.
    fn name(&mut self) -> Option<&'p [u8]> {
        while !self.rest.is_empty() {
            let end = self.rest.iter().position(|&b| b == b'/').unwrap_or(self.rest.len());
            let (name, rest) = self.rest.split_at(end);
            self.rest = rest.strip_prefix(b"/").unwrap_or(rest);
            if !name.is_empty() && name != b"." {
                return Some(name);
            }
        }
        None
    }
}

/// Follows links through a plan, each link once.
pub(crate) struct Links<'p, 'd> {
    plan: &'p Plan<'d>,
    names: HashMap<PlanId, HashMap<&'p [u8], PlanId>>,
    /// `None` for a link that is being followed: meeting it again is a loop.
    known: HashMap<PlanId, Option<Outcome>>,
}

impl<'p, 'd> Links<'p, 'd> {
    pub(crate) fn new(plan: &'p Plan<'d>) -> Self {
        Self { plan, names: HashMap::new(), known: HashMap::new() }
    }

    /// The node that `path`, taken from the top, leads to, links followed.
    pub(crate) fn find(&mut self, path: &[u8]) -> Option<PlanId> {
        self.run(Frame::new(None, path, PlanId::ROOT)).node()
    }

    /// The node that a link leads to; any other node is itself.
    pub(crate) fn resolve(&mut self, id: PlanId) -> Option<PlanId> {
        match self.plan.item(id) {
            Item::Link(_) => self.follow(id).node(),
            _ => Some(id),
        }
    }

    fn follow(&mut self, link: PlanId) -> Outcome {
        if let Some(Some(outcome)) = self.known.get(&link) {
            return *outcome;
        }
        match self.enter(link) {
            Ok(frame) => self.run(frame),
            Err(outcome) => outcome,
        }
    }

    /// Begins to follow a link from the directory that holds it.
    fn enter(&mut self, link: PlanId) -> Result<Frame<'p>, Outcome> {
        let plan = self.plan;
        let target: &[u8] = match plan.item(link) {
            Item::Link(target) => target,
            _ => &[],
        };
        let outcome = if target.is_empty() || target.len() > PATH_MAX || target.contains(&0) {
            Some(Outcome::Unusable)
        } else {
            target.starts_with(b"/").then_some(Outcome::Outside)
        };
        self.known.insert(link, outcome);
        outcome.map_or_else(|| Ok(Frame::new(Some(link), target, plan.parent(link))), Err)
    }

    /// Follows to the end. A disc can chain half a million links: the stack is our own.
    fn run<'f>(&mut self, first: Frame<'f>) -> Outcome
    where
        'p: 'f,
    {
        let mut below: Vec<Frame<'f>> = Vec::new();
        let mut frame = first;
        loop {
            let outcome = match self.advance(&mut frame) {
                Ok(outcome) => outcome,
                Err(link) => {
                    match self.enter(link) {
                        Ok(next) => below.push(std::mem::replace(&mut frame, next)),
                        Err(outcome) => frame.take(outcome),
                    }
                    continue;
                }
            };
            if let Some(link) = frame.link {
                self.known.insert(link, Some(outcome));
            }
            match below.pop() {
                None => return outcome,
                Some(above) => frame = above,
            }
            frame.take(outcome);
        }
    }

    /// Goes on to the end, or to a link that has to be followed first.
    fn advance(&mut self, frame: &mut Frame<'_>) -> Result<Outcome, PlanId> {
        loop {
            if let Some(outcome) = frame.over {
                return Ok(outcome);
            }
            let Some(name) = frame.name() else { break };
            if name == b".." {
                if frame.missing > 0 {
                    frame.missing -= 1;
                } else if frame.at == PlanId::ROOT {
                    return Ok(Outcome::Outside);
                } else {
                    frame.at = self.plan.parent(frame.at);
                }
                continue;
            }
            let child = if frame.missing > 0 { None } else { self.child(frame.at, name) };
            let Some(child) = child else {
                frame.missing = frame.missing.saturating_add(1);
                continue;
            };
            match (self.plan.item(child), self.known.get(&child)) {
                (Item::Link(_), None) => return Err(child),
                (Item::Link(_), Some(Some(outcome))) => frame.take(*outcome),
                (Item::Link(_), Some(None)) => frame.missing = 1,
                _ => frame.at = child,
            }
        }
        Ok(Outcome::Inside { at: frame.at, missing: frame.missing, links: frame.links })
    }

    fn child(&mut self, dir: PlanId, name: &[u8]) -> Option<PlanId> {
        let plan = self.plan;
        let names = self.names.entry(dir).or_insert_with(|| plan.names(dir));
        names.get(name).copied()
    }
}

#[cfg(test)]
mod tests;
