//! How much the files of a disc hold, against the size of its image.
//!
//! Files may share bytes of the image, have holes, or expand: sound discs do so, and an image of a
//! megabyte can so promise petabytes. Discs of several Windows editions that share their files are up to
//! ten times as large as their image; nothing that is known is above that.

use crate::human::human;
use crate::media::{Disc, Extent, Kind, NodeId};

/// How many times the size of its image the files of a disc may hold.
pub const TIMES_MAX: u64 = 16;
/// What they may hold however small the image is, in bytes: no disk minds that.
pub const BYTES_MIN: u64 = 64 << 20;

/// Why the files of `disc` hold more than an image of its size should, as a sentence without its
/// subject; `None` if they do not.
pub fn excess(disc: &Disc) -> Option<String> {
    let tree = &disc.tree;
    let files = || tree.iter().filter(|&id| tree.kind(id) == Kind::File);
    let bytes = files().map(|id| tree.size(id)).fold(0, u64::saturating_add);
    let image = disc.image.size();
    if bytes <= image.saturating_mul(TIMES_MAX).max(BYTES_MIN) {
        return None;
    }
    let mut reasons = Vec::new();
    let (sharing, shared) = sharing(disc, files());
    if sharing > 0 {
        let them = if sharing == 1 { "reads" } else { "read" };
        reasons.push(format!("{sharing} of them {them} the same bytes again, {}", human(shared)));
    }
    let holes = files().filter(|&id| tree.zisofs(id).is_none());
    let holes = holes.flat_map(|id| tree.extents(id)).filter(|extent| extent.offset.is_none());
    let holes = holes.fold(0_u64, |sum, hole| sum.saturating_add(hole.len));
    if holes > 0 {
        reasons.push(format!("{} are holes", human(holes)));
    }
    let stored = |id| tree.extents(id).fold(0_u64, |sum, extent| sum.saturating_add(extent.len));
    let packed = files().filter(|&id| tree.zisofs(id).is_some());
    let grown = packed.map(|id| tree.size(id).saturating_sub(stored(id)));
    let grown = grown.fold(0, u64::saturating_add);
    if grown > 0 {
        reasons.push(format!("compressed files expand by {}", human(grown)));
    }
    Some(format!(
        "its {} files would take {} out of an image of {}: {}; sound discs stay below {TIMES_MAX} times the \
         size of their image",
        files().count(),
        human(bytes),
        human(image),
        reasons.join(", "),
    ))
}

/// How many files read bytes that have been read for another file, or twice for themselves, and how many bytes
/// that are.
fn sharing(disc: &Disc, files: impl Iterator<Item = NodeId>) -> (usize, u64) {
    let tree = &disc.tree;
    let mut runs = Vec::new();
    for id in files {
        let run = |extent: Extent| {
            let start = extent.offset?;
            Some((start, start.saturating_add(extent.len), id))
        };
        runs.extend(tree.extents(id).filter_map(run));
    }
    runs.sort_unstable();
    let mut again = vec![false; tree.len()];
    let mut shared = 0_u64;
    let mut reached = 0;
    for (start, end, id) in runs {
        if start < reached {
            shared = shared.saturating_add(end.min(reached).saturating_sub(start));
            if let Some(again) = again.get_mut(id.index()) {
                *again = true;
            }
        }
        reached = reached.max(end);
    }
    (again.into_iter().filter(|&again| again).count(), shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Body, Bootable, Entry, Hierarchy, Identifiers, Image, Tree};

    const MIB: u64 = 1 << 20;

    fn disc(bodies: Vec<Body>) -> Disc {
        let mut tree = Tree::new();
        for (n, body) in bodies.into_iter().enumerate() {
            let entry = Entry { body, ..Entry::default() };
            tree.add(NodeId::ROOT, format!("f{n}").as_bytes(), entry).expect("a name");
        }
        Disc {
            image: Image::new("x.iso", vec![0; 8 << 20]),
            tree,
            hierarchy: Hierarchy::RockRidge,
            identifiers: Identifiers::default(),
            bootable: Bootable::default(),
        }
    }

    fn file(offset: Option<u64>, len: u64) -> Body {
        Body::File(vec![Extent { offset, len }])
    }

    #[test]
    fn files_that_share_their_bytes_as_sound_discs_do_are_no_matter() {
        // Sixteen times the image, to the byte.
        let all = |n: usize| (0..n).map(|_| file(Some(0), 8 * MIB)).collect();
        assert_eq!(excess(&disc(all(16))), None);
        let said = excess(&disc(all(17))).expect("too much");
        assert_eq!(
            said,
            "its 17 files would take 136.0 MiB out of an image of 8.0 MiB: 16 of them read the same bytes \
             again, 128.0 MiB; sound discs stay below 16 times the size of their image"
        );
    }

    #[test]
    fn a_small_image_may_hold_what_no_disk_minds() {
        let mut small = disc(vec![file(None, BYTES_MIN)]);
        small.image = Image::new("x.iso", vec![0; 4096]);
        assert_eq!(excess(&small), None);
        small
            .tree
            .add(NodeId::ROOT, b"one", Entry { body: file(None, 1), ..Entry::default() })
            .expect("a name");
        assert!(excess(&small).is_some());
    }

    #[test]
    fn holes_compressed_files_and_overlaps_are_each_named() {
        let body = Body::Zisofs {
            extents: vec![Extent { offset: Some(0), len: MIB }],
            size: 65 * MIB,
            block_log2: 15,
        };
        let twice = [Some(2 * MIB), Some(2 * MIB + 512), None];
        let extents = twice.map(|offset| Extent { offset, len: MIB }).to_vec();
        let disc = disc(vec![body, Body::File(extents), file(None, 100 * MIB)]);
        let said = excess(&disc).expect("too much");
        assert!(said.contains("1 of them reads the same bytes again, 1023.5 KiB, "), "{said}");
        assert!(
            said.contains(", 101.0 MiB are holes, compressed files expand by 64.0 MiB;"),
            "{said}"
        );
    }

    #[test]
    fn sizes_that_add_up_beyond_all_numbers_are_too_much() {
        let disc = disc(vec![file(None, u64::MAX), file(None, u64::MAX)]);
        assert!(excess(&disc).expect("too much").contains("16.0 EiB"));
    }
}
