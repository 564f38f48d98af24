//! Discs and products made in memory, for tests.

use std::collections::HashMap;

use super::{Product, Profile};
use crate::media::{
    Body, Bootable, Disc, Entry, Extent, Hierarchy, Identifiers, Image, NodeId, Tree,
};

/// A disc with these files; directories come by themselves.
pub(super) fn disc(volume_id: &str, files: &[(&str, &[u8])]) -> Disc {
    let mut tree = Tree::new();
    let mut bytes = Vec::new();
    let mut dirs: HashMap<String, NodeId> = HashMap::from([(String::new(), NodeId::ROOT)]);
    for (path, content) in files {
        let mut parent = NodeId::ROOT;
        let mut so_far = String::new();
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            let body = if names.peek().is_none() {
                let offset = u64::try_from(bytes.len()).expect("small");
                let len = u64::try_from(content.len()).expect("small");
                bytes.extend_from_slice(content);
                Body::File(vec![Extent { offset: Some(offset), len }])
            } else {
                Body::Dir
            };
            so_far = format!("{so_far}/{name}");
            parent = match dirs.get(&so_far) {
                Some(&dir) => dir,
                None => {
                    let is_dir = matches!(body, Body::Dir);
                    let entry = Entry { body, ..Entry::default() };
                    let id = tree.add(parent, name.as_bytes(), entry).expect("a name");
                    if is_dir {
                        dirs.insert(so_far.clone(), id);
                    }
                    id
                }
            };
        }
    }
    Disc {
        image: Image::new("x.iso", bytes),
        tree,
        hierarchy: Hierarchy::RockRidge,
        identifiers: Identifiers { volume_id: volume_id.into(), ..Identifiers::default() },
        bootable: Bootable::default(),
    }
}

/// A product from `FAMILY VERSION ARCH VARIANT`; `-` or nothing for what is unknown.
pub(super) fn product(profile: &Profile, spec: &str) -> Product {
    let mut words = spec.split(' ');
    let mut next = || words.next().filter(|word| *word != "-").map(str::to_owned);
    let family = next().expect("a family");
    let version = next();
    Product {
        name: format!("{family} {}", version.clone().unwrap_or_default()).trim().to_owned(),
        family,
        version,
        arch: next(),
        variant: next(),
        profile: profile.name.clone(),
    }
}
