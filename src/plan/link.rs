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
mod tests {
    use super::*;
    use crate::content::Content;
    use crate::monitor::Collect;

    /// A plan of directories (`d/`), links (`l -> target`) and files, parents made as needed.
    fn plan(lines: &[&str]) -> Plan<'static> {
        let mut plan = Plan::new(&[]);
        for line in lines {
            let (path, item) = match line.split_once(" -> ") {
                Some((path, target)) => (path, Item::Link(target.as_bytes().into())),
                None if line.ends_with('/') => (line.trim_end_matches('/'), Item::Dir),
                None => (*line, Item::File(Content::Bytes((*b"").into()))),
            };
            let (dirs, name) = path.rsplit_once('/').unwrap_or(("", path));
            let mut dir = PlanId::ROOT;
            for name in dirs.split('/').filter(|name| !name.is_empty()) {
                dir = match plan.names(dir).get(name.as_bytes()).copied() {
                    Some(dir) => dir,
                    None => plan.add(dir, name.as_bytes(), Item::Dir, 0o755, None).expect("name"),
                };
            }
            plan.add(dir, name.as_bytes(), item, 0o644, None).expect("a name");
        }
        plan
    }

    /// Paths of the links that stay, and those warned about with their messages.
    fn judged(lines: &[&str]) -> (Vec<String>, Vec<(String, String)>) {
        let mut plan = plan(lines);
        let heard = Collect::default();
        judge(&mut plan, false, &heard);
        let is_link = |id: &PlanId| matches!(plan.item(*id), Item::Link(_));
        let text = |id| String::from_utf8(plan.path(id)).expect("ascii");
        let left = plan.iter().filter(is_link).map(text).collect();
        let said = heard.warnings().into_iter().map(|w| {
            assert_eq!(w.code, "unsafe-link");
            (w.path, w.message)
        });
        (left, said.collect())
    }

    fn kept(lines: &[&str]) -> Vec<String> {
        judged(lines).0
    }

    #[test]
    fn a_link_to_its_own_directory_stays() {
        assert_eq!(kept(&["ubuntu -> .", "d/up -> ..", "d/also -> ../d/./"]).len(), 3);
    }

    #[test]
    fn an_absolute_link_is_not_created_and_its_target_is_escaped() {
        let (left, said) = judged(&["l -> /etc/\x1b[1m"]);
        assert!(left.is_empty());
        let message = "links to '/etc/\\x1b[1m', an absolute path: not created";
        assert_eq!(said, [("l".to_owned(), message.to_owned())]);
    }

    #[test]
    fn a_link_above_the_top_is_not_created() {
        let (left, said) = judged(&["l -> ..", "d/ok -> ../x", "d/l -> ../../x", "m -> ../tree/x"]);
        assert_eq!(left, ["d/ok"]);
        let message = "links to '../../x', which leads outside the tree: not created";
        assert_eq!(said[1], ("d/l".to_owned(), message.to_owned()));
        assert_eq!(said.len(), 3);
    }

    #[test]
    fn links_that_lead_out_stay_where_they_are_wanted_and_are_told_all_the_same() {
        let long = format!("x -> {}", "a/".repeat(2048));
        let mut plan = plan(&["l -> /etc", "m -> ../x", "n -> l/passwd", "e -> ", &long, "f"]);
        let heard = Collect::default();
        judge(&mut plan, true, &heard);
        let names: Vec<_> = plan.iter().map(|id| plan.path(id)).collect();
        assert_eq!(names, [b"l", b"m", b"n", b"f"]);
        let said = heard.warnings();
        assert_eq!(said.len(), 5);
        let fate = "kept, and a web server that follows links hands out what is there";
        assert_eq!(said[0].message, format!("links to '/etc', an absolute path: {fate}"));
        assert!(said[3].message.ends_with("which no link can have: not created"));
    }

    #[test]
    fn a_link_that_dangles_inside_is_created() {
        assert_eq!(kept(&["l -> gone", "m -> gone/../x", "d/n -> f/x", "d/f"]).len(), 3);
    }

    #[test]
    fn what_is_missing_counts_as_a_directory_on_the_way_up() {
        assert_eq!(kept(&["l -> gone/../../x", "f", "m -> f/../../x"]), [""; 0]);
    }

    #[test]
    fn a_way_out_through_other_links_is_found() {
        // By the letter `deep/../..` stays inside; the link `deep` leads to the top.
        assert_eq!(kept(&["a/b/deep -> ../..", "a/b/l -> deep/../x"]), ["a/b/deep"]);
        assert_eq!(kept(&["a/b/", "s -> a/b", "l -> s/../../x"]), ["s", "l"]);
        assert_eq!(kept(&["s -> t", "t -> /etc", "l -> s/passwd"]), [""; 0]);
    }

    #[test]
    fn links_after_the_one_that_they_lead_through_are_judged_alike() {
        assert_eq!(kept(&["t -> /etc", "s -> t", "l -> s/passwd"]), [""; 0]);
    }

    #[test]
    fn a_loop_dangles() {
        assert_eq!(kept(&["a -> a", "b -> c", "c -> b", "d -> b/x"]).len(), 4);
        assert_eq!(kept(&["a -> a/../../x"]), [""; 0]);
    }

    #[test]
    fn forty_links_are_followed_and_no_more() {
        let chain = |n: u32| {
            let mut lines: Vec<_> = (1..n).map(|k| format!("l{k} -> l{}", k + 1)).collect();
            lines.push(format!("l{n} -> f"));
            lines.push("f".into());
            lines
        };
        let count = |lines: &[String]| {
            let lines: Vec<_> = lines.iter().map(String::as_str).collect();
            kept(&lines).len()
        };
        assert_eq!(count(&chain(40)), 40);
        assert_eq!(count(&chain(42)), 40);
    }

    #[test]
    fn a_target_that_the_system_refuses_is_not_created() {
        let long = format!("l -> {}", "a/".repeat(2048));
        assert_eq!(kept(&["e -> ", "n -> a\0b", &long]), [""; 0]);
        assert_eq!(kept(&["e -> ", "through -> e/x", "up -> e/../../x"]), ["through"]);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let mut lines: Vec<_> = (0..50_000).map(|k| format!("l{k} -> l{}", k + 1)).collect();
        lines.push("l50000 -> .".into());
        let mut plan = Plan::new(&[]);
        for line in &lines {
            let (name, target) = line.split_once(" -> ").expect("a link");
            let item = Item::Link(target.as_bytes().into());
            plan.add(PlanId::ROOT, name.as_bytes(), item, 0o777, None).expect("a name");
        }
        let heard = Collect::default();
        judge(&mut plan, false, &heard);
        assert_eq!(plan.iter().count(), 40);
        assert_eq!(heard.warnings().len(), super::super::capped::MOST + 1);
    }

    #[test]
    fn paths_are_found_through_links() {
        let plan = plan(&["a/b/f", "s -> a/b", "t -> s/f", "x -> gone"]);
        let mut links = Links::new(&plan);
        let f = plan.find(b"a/b/f");
        assert!(f.is_some());
        for path in [&b"a/b/f"[..], b"s/f", b"t", b"a//b/./f", b"s/../b/f"] {
            assert_eq!(links.find(path), f, "{}", printable(path));
        }
        assert_eq!(links.find(b"x"), None);
        assert_eq!(links.find(b"../a"), None);
    }
}
