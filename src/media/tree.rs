//! The one model of a disc: a tree whose files are byte extents of the image.

use super::entry::{Body, Entry, Extent, Kind, coalesced, total};
use super::path::{self, NameError, TreePath};
use super::time::Timestamp;

/// Most nodes of one tree.
pub const NODES_MAX: usize = 500_000;
/// Most bytes that names, link targets and further extents of one tree may take in memory.
pub const BYTES_MAX: usize = 128 << 20;
/// Most bytes of all paths of one tree together: whoever lists them has them in memory.
pub const PATHS_MAX: usize = 128 << 20;
/// How many times the size of its image a tree may take of either: a small image makes no large tree.
pub const TIMES_MAX: u64 = 16;

/// Index of a node in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// The top directory of every tree.
    pub const ROOT: Self = Self(0);

    /// As an index into an array with one place a node.
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

#[derive(Debug, Clone, Copy)]
struct Node {
    parent: u32,
    first_child: u32,
    last_child: u32,
    next_sibling: u32,
    name_at: u32,
    name_len: u16,
    depth: u8,
    path_len: u16,
    kind: Kind,
    /// 0 where the file is not compressed.
    zisofs_log2: u8,
    mode: Option<u16>,
    mtime: Option<Timestamp>,
    size: u64,
    first: Extent,
    /// Further extents in `Tree::extents`, or a link's target in `Tree::bytes`.
    more: (u32, u32),
}

const NONE: u32 = u32::MAX;

/// The files and directories of one disc, in one arena.
#[derive(Debug, Clone)]
pub struct Tree {
    nodes: Vec<Node>,
    bytes: Vec<u8>,
    extents: Vec<Extent>,
    /// Bytes of the paths so far.
    paths: usize,
    /// Most bytes that names, targets and extents may take, and the paths.
    room: [usize; 2],
}

impl Default for Tree {
    fn default() -> Self {
        Self::new()
    }
}

/// Lengths and counts fit because of [`NODES_MAX`] and [`BYTES_MAX`]; `NONE` is never reached.
fn u32_of(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(NONE)
}

fn usize_of(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

impl Tree {
    /// A tree that has only its top directory and may grow to the limits of any tree.
    pub fn new() -> Self {
        Self::of_image(u64::MAX)
    }

    /// A tree that has only its top directory, and may grow as that of an image of `size` bytes.
    pub fn of_image(size: u64) -> Self {
        let times = usize::try_from(size.saturating_mul(TIMES_MAX)).unwrap_or(usize::MAX);
        let room = [BYTES_MAX.min(times), PATHS_MAX.min(times)];
        let root = Node {
            parent: 0,
            first_child: NONE,
            last_child: NONE,
            next_sibling: NONE,
            name_at: 0,
            name_len: 0,
            depth: 0,
            path_len: 0,
            kind: Kind::Dir,
            zisofs_log2: 0,
            mode: None,
            mtime: None,
            size: 0,
            first: Extent { offset: None, len: 0 },
            more: (0, 0),
        };
        Self { nodes: vec![root], bytes: Vec::new(), extents: Vec::new(), paths: 0, room }
    }

    #[expect(clippy::indexing_slicing, reason = "the top directory is always there")]
    fn node(&self, id: NodeId) -> &Node {
        // An id of another tree is a caller's mistake; the top directory stands in for it.
        self.nodes.get(id.index()).unwrap_or(&self.nodes[0])
    }

    /// Adds `entry` as `name` under `parent`. Two children of one name are the reader's business
    /// (see [`super::entry::Siblings`]).
    ///
    /// # Errors
    /// [`NameError`] if the name is no file name, or the tree would pass its limits.
    pub fn add(&mut self, parent: NodeId, name: &[u8], entry: Entry) -> Result<NodeId, NameError> {
        path::check_name(name)?;
        if self.nodes.len() >= NODES_MAX {
            return Err(NameError::Many);
        }
        let above = *self.node(parent);
        let depth = above.depth.checked_add(1).ok_or(NameError::Deep)?;
        let path_len = usize::from(above.path_len)
            .saturating_add(usize::from(above.depth > 0))
            .saturating_add(name.len());
        if path_len > path::PATH_MAX {
            return Err(NameError::LongPath(path_len));
        }
        let (kind, size, zisofs_log2, extents, target) = match entry.body {
            Body::Dir => (Kind::Dir, 0, 0, Vec::new(), Vec::new()),
            Body::File(extents) => (Kind::File, total(&extents), 0, extents, Vec::new()),
            Body::Zisofs { extents, size, block_log2 } => {
                (Kind::File, size, block_log2, extents, Vec::new())
            }
            Body::Link(target) => {
                let size = u64::try_from(target.len()).unwrap_or(u64::MAX);
                (Kind::Link, size, 0, Vec::new(), target)
            }
            Body::Other => (Kind::Other, 0, 0, Vec::new(), Vec::new()),
        };
        let extents = coalesced(extents);
        let held = self
            .bytes
            .len()
            .saturating_add(name.len())
            .saturating_add(target.len())
            .saturating_add(
                self.extents
                    .len()
                    .saturating_add(extents.len())
                    .saturating_mul(size_of::<Extent>()),
            );
        let paths = self.paths.saturating_add(path_len);
        let [bytes_max, paths_max] = self.room;
        if held > bytes_max || paths > paths_max {
            return Err(NameError::Large);
        }
        self.paths = paths;
        let name_at = u32_of(self.bytes.len());
        self.bytes.extend_from_slice(name);
        let more = if kind == Kind::Link {
            let at = u32_of(self.bytes.len());
            self.bytes.extend_from_slice(&target);
            (at, u32_of(target.len()))
        } else {
            let at = u32_of(self.extents.len());
            let rest = extents.get(1..).unwrap_or_default();
            self.extents.extend_from_slice(rest);
            (at, u32_of(rest.len()))
        };
        let index = u32_of(self.nodes.len());
        self.nodes.push(Node {
            parent: u32_of(parent.index()),
            first_child: NONE,
            last_child: NONE,
            next_sibling: NONE,
            name_at,
            name_len: u16::try_from(name.len()).unwrap_or(u16::MAX),
            depth,
            path_len: u16::try_from(path_len).unwrap_or(u16::MAX),
            kind,
            zisofs_log2,
            mode: entry.mode.map(|mode| mode & 0o7777),
            mtime: entry.mtime,
            size,
            first: extents.first().copied().unwrap_or(Extent { offset: None, len: 0 }),
            more,
        });
        if let Some(last) = self.nodes.get_mut(usize_of(above.last_child)) {
            last.next_sibling = index;
        }
        if let Some(above) = self.nodes.get_mut(parent.index()) {
            if above.first_child == NONE {
                above.first_child = index;
            }
            above.last_child = index;
        }
        Ok(NodeId(index))
    }

    /// Sets what the medium records of the top directory itself.
    pub fn set_root(&mut self, mode: Option<u16>, mtime: Option<Timestamp>) {
        if let Some(root) = self.nodes.first_mut() {
            root.mode = mode.map(|mode| mode & 0o7777);
            root.mtime = mtime;
        }
    }

    /// How many nodes there are, the top directory included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the top directory.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() <= 1
    }

    /// The children of a directory, in the order of the medium.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut next = self.node(id).first_child;
        std::iter::from_fn(move || {
            let here = self.nodes.get(usize_of(next))?;
            let id = NodeId(next);
            next = here.next_sibling;
            Some(id)
        })
    }

    /// Every node but the top directory, parents before children.
    pub fn iter(&self) -> impl Iterator<Item = NodeId> + '_ {
        (1..u32_of(self.nodes.len())).map(NodeId)
    }

    /// The name of a node; empty for the top directory.
    pub fn name(&self, id: NodeId) -> &[u8] {
        let Node { name_at, name_len, .. } = *self.node(id);
        let at = usize_of(name_at);
        self.bytes.get(at..at.saturating_add(usize::from(name_len))).unwrap_or_default()
    }

    /// The directory that holds a node; the top directory holds itself.
    pub fn parent(&self, id: NodeId) -> NodeId {
        NodeId(self.node(id).parent)
    }

    /// What a node is.
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    /// Size in bytes, as the kernel shows it (a compressed file's expanded size).
    pub fn size(&self, id: NodeId) -> u64 {
        self.node(id).size
    }

    /// Permission bits, where the medium records them.
    pub fn mode(&self, id: NodeId) -> Option<u16> {
        self.node(id).mode
    }

    /// Time of the last modification, where the medium records it.
    pub fn mtime(&self, id: NodeId) -> Option<Timestamp> {
        self.node(id).mtime
    }

    /// The stored extents of a file, in order; a compressed file's are its compressed stream.
    pub fn extents(&self, id: NodeId) -> impl Iterator<Item = Extent> + '_ {
        let node = self.node(id);
        let (at, len) = if node.kind == Kind::Link { (0, 0) } else { node.more };
        let rest = self.extents.get(usize_of(at)..usize_of(at).saturating_add(usize_of(len)));
        let first = (node.kind == Kind::File && node.first.len > 0).then_some(node.first);
        first.into_iter().chain(rest.unwrap_or_default().iter().copied())
    }

    /// For a file compressed by zisofs: the binary logarithm of its block size.
    pub fn zisofs(&self, id: NodeId) -> Option<u8> {
        Some(self.node(id).zisofs_log2).filter(|&log2| log2 > 0)
    }

    /// The target of a symbolic link, verbatim; empty for anything else.
    pub fn target(&self, id: NodeId) -> &[u8] {
        let node = self.node(id);
        if node.kind != Kind::Link {
            return &[];
        }
        let at = usize_of(node.more.0);
        self.bytes.get(at..at.saturating_add(usize_of(node.more.1))).unwrap_or_default()
    }

    /// The path of a node from the top; empty for the top directory itself.
    pub fn path(&self, id: NodeId) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = id;
        while at != NodeId::ROOT {
            names.push(self.name(at));
            at = self.parent(at);
        }
        names.reverse();
        names.join(&b'/')
    }

    /// The child of `dir` that is called `name`.
    pub fn child(&self, dir: NodeId, name: &[u8]) -> Option<NodeId> {
        self.children(dir).find(|&id| self.name(id) == name)
    }

    /// The node at `path`, letter case as given. Links are not followed.
    pub fn find(&self, path: &[u8]) -> Option<NodeId> {
        self.descend(path, |a, b| a == b)
    }

    /// The first node at `path`, ASCII letter case aside. Links are not followed.
    pub fn find_ignoring_case(&self, path: &[u8]) -> Option<NodeId> {
        self.descend(path, |a, b| a.eq_ignore_ascii_case(b))
    }

    fn descend(&self, path: &[u8], same: impl Fn(&[u8], &[u8]) -> bool) -> Option<NodeId> {
        path.split(|&b| b == b'/')
            .filter(|name| !name.is_empty())
            .try_fold(NodeId::ROOT, |dir, name| {
                self.children(dir).find(|&id| same(self.name(id), name))
            })
    }

    /// The validated path of a node other than the top directory.
    pub fn tree_path(&self, id: NodeId) -> Option<TreePath> {
        TreePath::new(self.path(id)).ok()
    }
}

#[cfg(test)]
mod tests;
