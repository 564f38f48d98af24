//! Whether a tree will fit, before it is written.

use std::io;
use std::path::Path;

use super::staging::nearest;
use crate::content::Content;
use crate::error::{Error, Result};
use crate::human::human;
use crate::plan::{Item, Plan, PlanId};

/// Bytes that a plan takes on a disk with blocks of `block` bytes: each file rounded up, holes
/// not counted, one block for a directory or a link. What is `there` takes none.
pub fn needed(plan: &Plan<'_>, block: u64, there: impl Fn(PlanId) -> bool) -> u64 {
    let block = block.max(1);
    std::iter::once(PlanId::ROOT).chain(plan.iter()).fold(0, |sum: u64, id| {
        let bytes = match plan.item(id) {
            Item::File(_) if there(id) => 0,
            Item::File(content) => recorded(plan, content),
            Item::Dir | Item::Link(_) => 1,
        };
        sum.saturating_add(bytes.div_ceil(block).saturating_mul(block))
    })
}

/// Bytes of a file that will be written.
fn recorded(plan: &Plan<'_>, content: &Content) -> u64 {
    let len = content.len(plan.discs());
    let Content::Node { disc, node } = content else { return len };
    let Some(disc) = plan.discs().get(*disc) else { return len };
    if disc.tree.zisofs(*node).is_some() {
        return len;
    }
    let extents = disc.tree.extents(*node).filter(|extent| extent.offset.is_some());
    extents.fold(0, |sum: u64, extent| sum.saturating_add(extent.len))
}

/// Checks that the filesystem that `dir` is on, or will be once it is made, has room for what
/// `needed` asks, given the size of its blocks in bytes.
///
/// # Errors
/// [`Error::Io`] with both figures.
pub fn check_space(dir: &Path, needed: impl FnOnce(u64) -> u64) -> Result<()> {
    let at = nearest(dir);
    let stat = rustix::fs::statvfs(at).map_err(|e| Error::io("stat", at, e.into()))?;
    // Some FUSE filesystems do not know how large they are.
    if stat.f_blocks == 0 {
        return Ok(());
    }
    let needed = needed(stat.f_frsize);
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if needed <= free {
        return Ok(());
    }
    let what = match (human(needed), human(free)) {
        (a, b) if a == b => format!("{needed} bytes are needed and {free} are free: make room"),
        (a, b) => format!("{a} are needed and {b} are free: make room"),
    };
    Err(Error::io("write to", dir, io::Error::new(io::ErrorKind::StorageFull, what)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn an_image_beside_its_tree_counts_unless_it_is_linked() {
        use crate::media::{Bootable, Disc, Hierarchy, Identifiers, Image, Tree};
        let disc = Disc {
            image: Image::new("x.iso", vec![0; 5000]),
            tree: Tree::new(),
            hierarchy: Hierarchy::RockRidge,
            identifiers: Identifiers::default(),
            bootable: Bootable::default(),
        };
        let discs = [disc];
        let mut plan = Plan::new(&discs);
        let content = Content::Image { disc: 0 };
        crate::plan::add_file(&mut plan, b"install.iso", content, 0o644).expect("free");
        // The block of the top directory is the first.
        assert_eq!(needed(&plan, 4096, |_| false), 3 * 4096);
        assert_eq!(needed(&plan, 4096, |id| crate::copy::is_image(&plan, id)), 4096);
    }

    #[test]
    fn too_little_space_is_an_error_with_both_figures() {
        let top = tempfile::tempdir().expect("a directory");
        let dir = top.path().join("not/yet/made");
        check_space(&dir, |_| 1).expect("room for one byte");
        let error = check_space(&dir, |_| u64::MAX).expect_err("no disk is that large");
        let Error::Io { path, source, .. } = error else { panic!("{error}") };
        assert_eq!(path, dir);
        assert!(source.to_string().starts_with("16.0 EiB are needed and "), "{source}");
    }
}
