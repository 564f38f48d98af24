//! Discs that are made in memory, of files by their paths.

use pxe_import::identify::Context;
use pxe_import::media::{
    Body, Bootable, Disc, Entry, Extent, Hierarchy, Identifiers, Image, Kind, NodeId, Tree,
};

/// A disc of files; directories come by themselves. A path that cannot be there is left out.
pub fn disc(volume_id: &str, files: &[(&str, &[u8])]) -> Disc {
    let (mut tree, mut bytes) = (Tree::new(), Vec::new());
    for (path, content) in files {
        let mut dir = NodeId::ROOT;
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            let body = if names.peek().is_some() {
                Body::Dir
            } else {
                let number = |n: usize| u64::try_from(n).unwrap_or(0);
                let extent =
                    Extent { offset: Some(number(bytes.len())), len: number(content.len()) };
                bytes.extend_from_slice(content);
                Body::File(vec![extent])
            };
            let there = tree.child(dir, name.as_bytes());
            let entry = Entry { body, ..Entry::default() };
            let Some(id) = there.or_else(|| tree.add(dir, name.as_bytes(), entry).ok()) else {
                break;
            };
            dir = id;
        }
    }
    Disc {
        image: Image::new("fuzz.iso", bytes),
        tree,
        hierarchy: Hierarchy::RockRidge,
        identifiers: Identifiers { volume_id: volume_id.into(), ..Identifiers::default() },
        bootable: Bootable::default(),
    }
}

/// Hands `work` what an entry is made of, where the disc's tree is served.
pub fn with_context<T>(disc: &Disc, work: impl FnOnce(&Context<'_>) -> T) -> T {
    let tree = &disc.tree;
    let file = |path: &str| tree.find(path.as_bytes()).filter(|&id| tree.kind(id) == Kind::File);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    work(&Context {
        dir: "other/x",
        url: Some("http://192.0.2.1/other/x"),
        host: Some("192.0.2.1"),
        path_prefix: "",
        answer: None,
        exists: &|path| tree.find(path.as_bytes()).is_some(),
        find: &|path| text(&tree.path(tree.find_ignoring_case(path.as_bytes())?)),
        read: &|path, limit| disc.content(file(path)?, limit).ok(),
        list: &|path| match tree.find(path.as_bytes()) {
            Some(dir) => tree.children(dir).filter_map(|id| text(tree.name(id))).collect(),
            None => Vec::new(),
        },
        loader: &|_| false,
        image: None,
        size: &|path| Some(tree.size(tree.find_ignoring_case(path.as_bytes())?)),
    })
}
