//! What a disc holds, as one reader sees it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use md5::{Digest, Md5};
use pxe_import::Result;
use pxe_import::content::Reader;
use pxe_import::media::{Disc, Kind, NodeId};
use pxe_import_fixtures::{Body, Tree};

/// Everything below the top directory, by path.
pub(crate) type View = BTreeMap<Vec<u8>, What>;

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Dir,
    /// With its target.
    Link(Vec<u8>),
    File {
        size: u64,
        md5: [u8; 16],
    },
    /// A device node, FIFO or socket.
    Other,
    /// The reader has it in a directory and cannot read it.
    Unreadable(String),
}

impl What {
    pub(crate) fn file(bytes: &[u8]) -> Self {
        Self::File { size: bytes.len() as u64, md5: Md5::digest(bytes).into() }
    }

    pub(crate) fn is_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }
}

/// What is recorded of a path besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// Permission bits, setuid and the like among them; no reader shows a link's.
    pub(crate) mode: Option<u16>,
    /// Seconds since 1970.
    pub(crate) mtime: Option<i64>,
}

/// Attributes by path; the top directory's path is empty.
pub(crate) type AttributesOf = BTreeMap<Vec<u8>, Attributes>;

/// As our reader sees them.
pub(crate) fn attributes(disc: &Disc) -> AttributesOf {
    let tree = &disc.tree;
    let of = |id| Attributes {
        mode: tree.mode(id).filter(|_| tree.kind(id) != Kind::Link),
        mtime: tree.mtime(id).map(|time| time.seconds),
    };
    std::iter::once(NodeId::ROOT).chain(tree.iter()).map(|id| (tree.path(id), of(id))).collect()
}

/// As our reader sees a disc.
pub(crate) fn of_disc(disc: &Disc) -> Result<View> {
    let tree = &disc.tree;
    let mut view = View::new();
    let mut buffer = vec![0; 1 << 20];
    for id in tree.iter() {
        let what = match tree.kind(id) {
            Kind::Dir => What::Dir,
            Kind::Link => What::Link(tree.target(id).to_vec()),
            Kind::Other => What::Other,
            Kind::File => {
                let reader = Reader::of_node(disc, id)?;
                let mut hasher = Md5::new();
                let mut size = 0;
                loop {
                    let len = reader.read_at(size, &mut buffer)?;
                    if len == 0 {
                        break;
                    }
                    hasher.update(&buffer[..len]);
                    size += len as u64;
                }
                assert_eq!(size, tree.size(id), "bytes read are not the size listed");
                What::File { size, md5: hasher.finalize().into() }
            }
        };
        let path = tree.path(id);
        assert!(!view.contains_key(&path), "two nodes are at {}", path.escape_ascii());
        view.insert(path, what);
    }
    Ok(view)
}

/// As a fixture is described.
pub(crate) fn of_description(tree: &Tree) -> View {
    let what = |body: &Body| match body {
        Body::Dir(_) => What::Dir,
        Body::Link(target) => What::Link(target.clone()),
        Body::File(content) => What::file(&content.to_vec()),
        Body::Device { .. } | Body::Fifo => What::Other,
    };
    tree.walk().into_iter().map(|(path, node)| (path, what(&node.body))).collect()
}

/// As a program has written it to disk. Permissions are widened where need be, so that it can be
/// read and deleted.
pub(crate) fn of_dir(dir: &Path) -> io::Result<View> {
    let mut view = View::new();
    descend(dir, &mut Vec::new(), &mut view)?;
    Ok(view)
}

fn descend(dir: &Path, above: &mut Vec<u8>, view: &mut View) -> io::Result<()> {
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let len = above.len();
        if len > 0 {
            above.push(b'/');
        }
        above.extend_from_slice(entry.file_name().as_bytes());
        let (path, kind) = (entry.path(), entry.file_type()?);
        let what = if kind.is_dir() {
            descend(&path, above, view)?;
            What::Dir
        } else if kind.is_symlink() {
            What::Link(fs::read_link(&path)?.into_os_string().into_vec())
        } else if kind.is_file() {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
            What::file(&fs::read(&path)?)
        } else {
            What::Other
        };
        view.insert(above.clone(), what);
        above.truncate(len);
    }
    Ok(())
}
