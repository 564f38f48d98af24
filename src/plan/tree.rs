//! The tree of output files: names and metadata are the discs', referred to and not copied.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::content::Content;
use crate::media::path::{NameError, check_name};
use crate::media::{Disc, Kind, NodeId, Timestamp};

/// Index of a node in a [`Plan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanId(u32);

impl PlanId {
    /// The top of the plan: a directory, or the one file of a plan made by [`Plan::single`].
    pub const ROOT: Self = Self(0);

    /// As an index into an array with one place a node.
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// What a node of the plan is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A directory.
    Dir,
    /// A regular file.
    File(Content),
    /// A symbolic link with its target.
    Link(Arc<[u8]>),
}

#[derive(Debug)]
enum Name {
    /// The name of a node of the disc of that index, which is where it comes from.
    Of(u32, NodeId),
    /// A name of our own.
    Own(Box<[u8]>),
}

/// There are as many as the discs have files: each byte here is half a megabyte.
#[derive(Debug)]
struct Node {
    parent: PlanId,
    /// Index of a directory's children in [`Plan::children`], from 1; 0 where it has none yet.
    dir: u32,
    name: Name,
    item: Item,
    mtime: Option<Timestamp>,
    mode: u16,
    removed: bool,
}

/// Every output path with its content.
#[derive(Debug)]
pub struct Plan<'d> {
    discs: &'d [Disc],
    nodes: Vec<Node>,
    /// Of the directories that have some, by [`Node::dir`].
    children: Vec<Vec<PlanId>>,
}

impl<'d> Plan<'d> {
    /// A plan that has only its top directory.
    pub fn new(discs: &'d [Disc]) -> Self {
        Self { discs, nodes: vec![top(Item::Dir, 0o755)], children: Vec::new() }
    }

    /// A plan that is one file and no directory.
    pub fn single(discs: &'d [Disc], content: Content) -> Self {
        Self { discs, nodes: vec![top(Item::File(content), 0o644)], children: Vec::new() }
    }

    /// The discs that the plan refers to, in order.
    pub fn discs(&self) -> &'d [Disc] {
        self.discs
    }

    /// Sizes of the discs' images added up, in bytes.
    pub fn image_bytes(&self) -> u64 {
        self.discs.iter().fold(0, |sum: u64, disc| sum.saturating_add(disc.image.size()))
    }

    fn node(&self, id: PlanId) -> &Node {
        // An id of another plan is a caller's mistake; the top stands in for it.
        self.nodes.get(id.index()).unwrap_or(&self.nodes[0])
    }

    fn push(&mut self, node: Node) -> PlanId {
        let id = PlanId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let parent = node.parent.index();
        self.nodes.push(node);
        if let Some(parent) = self.nodes.get_mut(parent) {
            if parent.dir == 0 {
                self.children.push(Vec::new());
                parent.dir = u32::try_from(self.children.len()).unwrap_or(u32::MAX);
            }
            let dir = parent.dir;
            if let Some(children) = self.children_mut(dir) {
                children.push(id);
            }
        }
        id
    }

    fn children_mut(&mut self, dir: u32) -> Option<&mut Vec<PlanId>> {
        self.children.get_mut(index(dir)?)
    }

    /// Adds a disc's node under `parent`, without its children, with the mode that it has in a web
    /// root and the medium's mtime. The caller has made sure that the name is free. `None` for a
    /// device node, which is never created.
    pub fn add_node(&mut self, parent: PlanId, disc: usize, node: NodeId) -> Option<PlanId> {
        let tree = &self.discs.get(disc)?.tree;
        let item = match tree.kind(node) {
            Kind::Dir => Item::Dir,
            Kind::File => Item::File(Content::Node { disc, node }),
            Kind::Link => Item::Link(tree.target(node).into()),
            Kind::Other => return None,
        };
        Some(self.push(Node {
            parent,
            dir: 0,
            name: Name::Of(u32::try_from(disc).ok()?, node),
            mode: self.web_mode(disc, node),
            mtime: tree.mtime(node),
            item,
            removed: false,
        }))
    }

    /// The mode in a web root: directories 0755, files 0644, 0755 where Rock Ridge or UDF says
    /// that the owner may execute; packages never.
    fn web_mode(&self, disc: usize, node: NodeId) -> u16 {
        let Some(Disc { tree, hierarchy, .. }) = self.discs.get(disc) else { return 0o644 };
        if tree.kind(node) == Kind::Dir {
            return 0o755;
        }
        let recorded =
            matches!(hierarchy, crate::media::Hierarchy::RockRidge | crate::media::Hierarchy::Udf);
        let executable = recorded && tree.mode(node).is_some_and(|mode| mode & 0o100 != 0);
        let name = tree.name(node);
        let package = [&b".rpm"[..], b".deb", b".udeb"].iter().any(|end| name.ends_with(end));
        if executable && !package { 0o755 } else { 0o644 }
    }

    /// Adds an item of our own under `parent`.
    ///
    /// # Errors
    /// [`NameError`] if `name` is no file name. The caller has made sure that it is free.
    pub fn add(
        &mut self,
        parent: PlanId,
        name: &[u8],
        item: Item,
        mode: u16,
        mtime: Option<Timestamp>,
    ) -> Result<PlanId, NameError> {
        check_name(name)?;
        let name = Name::Own(name.into());
        Ok(self.push(Node { parent, dir: 0, name, item, mtime, mode, removed: false }))
    }

    /// Takes over a later disc's version of the node at `id`, which is no directory.
    pub fn replace(&mut self, id: PlanId, disc: usize, node: NodeId) {
        let mode = self.web_mode(disc, node);
        let Some(Disc { tree, .. }) = self.discs.get(disc) else { return };
        let Ok(from) = u32::try_from(disc) else { return };
        let item = match tree.kind(node) {
            Kind::File => Item::File(Content::Node { disc, node }),
            Kind::Link => Item::Link(tree.target(node).into()),
            Kind::Dir | Kind::Other => return,
        };
        let mtime = tree.mtime(node);
        if let Some(here) = self.nodes.get_mut(id.index()) {
            *here = Node {
                item,
                mode,
                mtime,
                name: Name::Of(from, node),
                parent: here.parent,
                dir: 0,
                removed: false,
            };
        }
    }

    /// Puts other content in place of a file's.
    pub fn set_content(&mut self, id: PlanId, content: Content) {
        if let Some(node) = self.nodes.get_mut(id.index()) {
            node.item = Item::File(content);
        }
    }

    /// Sets the time of the last modification of a node, or of the top.
    pub fn set_mtime(&mut self, id: PlanId, mtime: Option<Timestamp>) {
        if let Some(node) = self.nodes.get_mut(id.index()) {
            node.mtime = mtime;
        }
    }

    /// Takes a node and all below it out of the plan.
    pub fn remove(&mut self, id: PlanId) {
        self.remove_all(&[id]);
    }

    /// Takes nodes and all below them out of the plan, in one pass over each directory that holds
    /// some of them.
    pub fn remove_all(&mut self, ids: &[PlanId]) {
        let gone: HashSet<PlanId> = ids.iter().copied().collect();
        let parents: HashSet<PlanId> = ids.iter().map(|&id| self.parent(id)).collect();
        for parent in parents {
            let dir = self.node(parent).dir;
            if let Some(children) = self.children_mut(dir) {
                children.retain(|child| !gone.contains(child));
            }
        }
        let mut open = ids.to_vec();
        while let Some(id) = open.pop() {
            if let Some(node) = self.nodes.get_mut(id.index()) {
                node.removed = true;
                let dir = node.dir;
                open.append(&mut self.children_mut(dir).map(std::mem::take).unwrap_or_default());
            }
        }
    }

    /// Every node but the top, parents before children, what was removed left out.
    pub fn iter(&self) -> impl Iterator<Item = PlanId> + '_ {
        (1_u32..)
            .zip(self.nodes.iter().skip(1))
            .filter(|(_, node)| !node.removed)
            .map(|(id, _)| PlanId(id))
    }

    /// How many ids there are (one above the largest index), the top included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the top.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The directory that holds a node.
    pub fn parent(&self, id: PlanId) -> PlanId {
        self.node(id).parent
    }

    /// The children of a directory.
    pub fn children(&self, id: PlanId) -> &[PlanId] {
        let children = index(self.node(id).dir).and_then(|index| self.children.get(index));
        children.map(Vec::as_slice).unwrap_or_default()
    }

    /// The name of a node; empty for the top.
    pub fn name(&self, id: PlanId) -> &[u8] {
        match &self.node(id).name {
            Name::Of(disc, node) => {
                let disc = usize::try_from(*disc).ok().and_then(|disc| self.discs.get(disc));
                disc.map_or(&[], |disc| disc.tree.name(*node))
            }
            Name::Own(name) => name,
        }
    }

    /// What a node is.
    pub fn item(&self, id: PlanId) -> &Item {
        &self.node(id).item
    }

    /// Index of the disc that a node comes from; `None` for what was added.
    pub fn disc(&self, id: PlanId) -> Option<usize> {
        match self.node(id).name {
            Name::Of(disc, _) => usize::try_from(disc).ok(),
            Name::Own(_) => None,
        }
    }

    /// Permission bits to set.
    pub fn mode(&self, id: PlanId) -> u16 {
        self.node(id).mode
    }

    /// Time of the last modification to set.
    pub fn mtime(&self, id: PlanId) -> Option<Timestamp> {
        self.node(id).mtime
    }

    /// Size in bytes of a file; 0 for anything else.
    pub fn size(&self, id: PlanId) -> u64 {
        match self.item(id) {
            Item::File(content) => content.len(self.discs),
            _ => 0,
        }
    }

    /// The path of a node from the top; empty for the top itself.
    pub fn path(&self, id: PlanId) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = id;
        while at != PlanId::ROOT {
            names.push(self.name(at));
            at = self.parent(at);
        }
        names.reverse();
        names.join(&b'/')
    }

    /// The node at `path`, letter case as given. Links are not followed.
    pub fn find(&self, path: &[u8]) -> Option<PlanId> {
        path.split(|&b| b == b'/')
            .filter(|name| !name.is_empty())
            .try_fold(PlanId::ROOT, |dir, name| {
                self.children(dir).iter().copied().find(|&id| self.name(id) == name)
            })
    }

    /// The path that is `path` but for letter case, as it is spelt here; the exact one before others.
    pub fn find_ignoring_case(&self, path: &[u8]) -> Option<Vec<u8>> {
        let names = path.split(|&b| b == b'/').filter(|name| !name.is_empty());
        let found = names.into_iter().try_fold(PlanId::ROOT, |dir, name| {
            let named = |same: fn(&[u8], &[u8]) -> bool| {
                self.children(dir).iter().copied().find(|&id| same(self.name(id), name))
            };
            named(|a, b| a == b).or_else(|| named(<[u8]>::eq_ignore_ascii_case))
        });
        found.map(|id| self.path(id))
    }

    /// The children of a directory by name, for merging.
    pub fn names(&self, dir: PlanId) -> HashMap<&[u8], PlanId> {
        self.children(dir).iter().map(|&id| (self.name(id), id)).collect()
    }
}

fn top(item: Item, mode: u16) -> Node {
    Node {
        parent: PlanId::ROOT,
        dir: 0,
        name: Name::Own(Box::default()),
        item,
        mtime: None,
        mode,
        removed: false,
    }
}

/// Where in [`Plan::children`] those of a directory are that has this [`Node::dir`].
fn index(dir: u32) -> Option<usize> {
    usize::try_from(dir).ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_small_for_there_are_half_a_million() {
        assert!(size_of::<Node>() <= 72, "{}", size_of::<Node>());
    }
}
