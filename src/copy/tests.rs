use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::content::Content;
use crate::media::{Body, Entry};
use crate::media::{
    Bootable, Disc, Extent, FileSource, Hierarchy, Identifiers, Image, NodeId, ReadAt, Timestamp,
    Tree,
};
use crate::monitor::{Void, Warning};

mod sums;

mod damage;
mod links;
mod pieces;
mod reuse;
mod share;

const PLAIN: Options = Options {
    jobs: NonZeroUsize::new(2),
    hash: false,
    reuse: None,
    sums: None,
    link_images: false,
    synced: false,
};
const HASHED: Options = Options { hash: true, ..PLAIN };

/// As is done where nothing goes past the page cache.
fn write_pieces(
    plan: &Plan<'_>,
    top: &Path,
    options: Options<'_>,
    piece: u64,
    monitor: &dyn Monitor,
) -> Result<Copied> {
    super::write_pieces(plan, top, options, (piece, false), monitor)
}

fn disc(source: impl ReadAt + 'static, tree: Tree) -> Disc {
    Disc {
        image: Image::new("x.iso", source),
        tree,
        hierarchy: Hierarchy::RockRidge,
        identifiers: Identifiers::default(),
        bootable: Bootable::default(),
    }
}

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 251) as u8 ^ (i / 1000) as u8).collect()
}

/// An open file with `bytes`, as images are, so that the kernel can copy from it.
fn file_source(dir: &Path, bytes: &[u8]) -> FileSource {
    let path = dir.join("source.iso");
    fs::write(&path, bytes).expect("write");
    FileSource::new(File::open(&path).expect("open")).expect("a size")
}

fn extents(extents: &[(Option<u64>, u64)]) -> Entry {
    let extents = extents.iter().map(|&(offset, len)| Extent { offset, len }).collect();
    Entry { body: Body::File(extents), ..Entry::default() }
}

/// A disc of one file `f`, and the plan's id of it.
fn one_file(source: impl ReadAt + 'static, parts: &[(Option<u64>, u64)]) -> Vec<Disc> {
    let mut tree = Tree::new();
    tree.add(NodeId::ROOT, b"f", extents(parts)).expect("a name");
    vec![disc(source, tree)]
}

/// A plan of everything on all discs.
fn plan_of(discs: &[Disc]) -> Plan<'_> {
    let mut plan = Plan::new(discs);
    for (index, disc) in discs.iter().enumerate() {
        let mut ids = vec![PlanId::ROOT; disc.tree.len()];
        for node in disc.tree.iter() {
            let parent = ids[disc.tree.parent(node).index()];
            ids[node.index()] = plan.add_node(parent, index, node).expect("no device node");
        }
    }
    plan
}

#[test]
fn a_tree_is_written_with_content_modes_mtimes_and_links() {
    let top = tempfile::tempdir().expect("a directory");
    let out = top.path().join("out");
    let old = Some(Timestamp::new(1_000_000_000, 123_456_789));
    let older = Some(Timestamp::new(-5, 0));
    let mut tree = Tree::new();
    let dir = Entry { mtime: old, ..Entry::default() };
    let dir = tree.add(NodeId::ROOT, b"dir", dir).expect("a name");
    let file = Entry { mtime: older, mode: Some(0o555), ..extents(&[(Some(10), 100)]) };
    tree.add(dir, b"run", file).expect("a name");
    let link = Entry { mtime: old, body: Body::Link(b"../x//\xff".to_vec()), ..Entry::default() };
    tree.add(dir, b"link", link).expect("a name");
    let discs = [disc(bytes(1000), tree)];
    let mut plan = plan_of(&discs);
    // Modes that every usual umask would narrow.
    let content = Content::Bytes(Arc::from(&b"ours"[..]));
    plan.add(PlanId::ROOT, b"open", Item::File(content), 0o666, None).expect("a name");
    plan.add(PlanId::ROOT, b"wide", Item::Dir, 0o777, older).expect("a name");

    let copied = write(&plan, &out, PLAIN, &Void).expect("written");
    assert_eq!((copied.files, copied.dirs, copied.links, copied.bytes), (2, 3, 1, 104));
    assert_eq!(copied.hashes, []);

    let meta = |name: &str| fs::symlink_metadata(out.join(name)).expect("there");
    let mode = |name: &str| meta(name).permissions().mode() & 0o7777;
    assert_eq!(fs::read(out.join("dir/run")).expect("readable"), bytes(1000)[10..110]);
    assert_eq!(fs::read(out.join("open")).expect("readable"), b"ours");
    assert_eq!(
        (mode("."), mode("dir"), mode("dir/run"), mode("open"), mode("wide")),
        (0o755, 0o755, 0o755, 0o666, 0o777)
    );
    let mtime = |name: &str| (meta(name).mtime(), meta(name).mtime_nsec());
    assert_eq!(mtime("dir/run"), (-5, 0));
    assert_eq!(mtime("dir"), (1_000_000_000, 123_456_789));
    assert_eq!(mtime("dir/link"), (1_000_000_000, 123_456_789));
    assert_eq!(mtime("wide"), (-5, 0));
    let target = fs::read_link(out.join("dir/link")).expect("a link");
    assert_eq!(target.as_os_str().as_encoded_bytes(), b"../x//\xff");
}

#[test]
fn many_small_files_of_two_discs_are_all_there() {
    const FILES: u64 = 700;
    let top = tempfile::tempdir().expect("a directory");
    let out = top.path().join("out");
    let all = bytes(20_000);
    let discs: Vec<_> = (0..2)
        .map(|disc_index| {
            let mut tree = Tree::new();
            for index in 0..FILES {
                // Against the order of the names, over the whole image, of all small sizes.
                let offset = (FILES - index) * 20;
                let name = format!("{disc_index}-{index}");
                let entry = extents(&[(Some(offset), index % 40)]);
                tree.add(NodeId::ROOT, name.as_bytes(), entry).expect("a name");
            }
            disc(all.clone(), tree)
        })
        .collect();
    let plan = plan_of(&discs);
    let copied = write(&plan, &out, HASHED, &Void).expect("written");
    assert_eq!(copied.files, 2 * FILES);
    for disc_index in 0..2 {
        for index in 0..FILES {
            let name = format!("{disc_index}-{index}");
            let at = ((FILES - index) * 20) as usize;
            let expected = &all[at..at + (index % 40) as usize];
            assert_eq!(fs::read(out.join(&name)).expect("there"), expected, "{name}");
            let id = plan.find(name.as_bytes()).expect("planned");
            assert_eq!(copied.hashes[id.index()], Some(blake3::hash(expected)), "{name}");
        }
    }
    assert_eq!(copied.hashes[PlanId::ROOT.index()], None);
}

#[test]
fn a_hole_takes_no_space_and_is_hashed_as_zeros() {
    const HOLE: u64 = 8 << 20;
    let parts = [(None, HOLE), (Some(0), 5000), (None, HOLE), (Some(5000), 5000), (None, HOLE)];
    let mut expected = vec![0; 3 * HOLE as usize + 10_000];
    let all = bytes(10_000);
    expected[HOLE as usize..][..5000].copy_from_slice(&all[..5000]);
    expected[2 * HOLE as usize + 5000..][..5000].copy_from_slice(&all[5000..]);
    for (options, piece) in [(PLAIN, PIECE), (HASHED, PIECE), (PLAIN, 1 << 20), (HASHED, 1 << 20)] {
        let top = tempfile::tempdir().expect("a directory");
        let out = top.path().join("out");
        let discs = one_file(file_source(top.path(), &all), &parts);
        let plan = plan_of(&discs);
        let copied = write_pieces(&plan, &out, options, piece, &Void).expect("written");
        assert!(fs::read(out.join("f")).expect("there") == expected, "{options:?} {piece}");
        let blocks = fs::metadata(out.join("f")).expect("there").blocks();
        assert!(blocks * 512 < HOLE, "{blocks} blocks, {options:?} {piece}");
        if options.hash {
            let id = plan.find(b"f").expect("planned");
            assert_eq!(copied.hashes[id.index()], Some(blake3::hash(&expected)));
        }
    }
}

#[test]
fn an_image_is_copied_whole_to_one_file() {
    let all = bytes(3_000_000);
    for (options, piece) in [(PLAIN, PIECE), (HASHED, PIECE), (PLAIN, 1 << 20), (HASHED, 1 << 20)] {
        let top = tempfile::tempdir().expect("a directory");
        let out = top.path().join("win8pe.iso");
        let discs = [disc(file_source(top.path(), &all), Tree::new())];
        let plan = Plan::single(&discs, Content::Image { disc: 0 });
        let copied = write_pieces(&plan, &out, options, piece, &Void).expect("written");
        assert_eq!((copied.files, copied.dirs, copied.bytes), (1, 0, 3_000_000));
        assert!(fs::read(&out).expect("there") == all, "{options:?} {piece}");
        assert_eq!(fs::metadata(&out).expect("there").permissions().mode() & 0o7777, 0o644);
        let hash = options.hash.then(|| blake3::hash(&all));
        assert_eq!(copied.hashes.first().copied().flatten(), hash);
    }
}

#[test]
fn an_image_is_copied_into_its_archive_by_the_kernel_and_through_buffers() {
    let all = bytes(3_000_001);
    let frame = Arc::new(crate::cpio::Frame::new("x.iso", 3_000_001).expect("small"));
    let expected = [&frame.head[..], &all, &frame.tail].concat();
    for (options, piece) in [(PLAIN, PIECE), (HASHED, PIECE), (PLAIN, 1 << 20), (HASHED, 1 << 20)] {
        let top = tempfile::tempdir().expect("a directory");
        let out = top.path().join("x.cpio");
        let discs = [disc(file_source(top.path(), &all), Tree::new())];
        let content = Content::Archived { disc: 0, frame: Arc::clone(&frame) };
        assert_eq!(content.len(&discs), expected.len() as u64);
        let plan = Plan::single(&discs, content);
        let copied = write_pieces(&plan, &out, options, piece, &Void).expect("written");
        assert_eq!(copied.bytes, expected.len() as u64);
        assert!(fs::read(&out).expect("there") == expected, "{options:?} {piece}");
        let hash = options.hash.then(|| blake3::hash(&expected));
        assert_eq!(copied.hashes.first().copied().flatten(), hash);
    }
}

#[test]
fn only_a_new_or_an_empty_directory_is_filled() {
    let top = tempfile::tempdir().expect("a directory");
    let discs = one_file(bytes(10), &[(Some(0), 10)]);
    let plan = plan_of(&discs);
    let path = |name| top.path().join(name);
    let write = |name| write(&plan, &path(name), PLAIN, &Void);

    fs::create_dir(path("empty")).expect("create");
    write("empty").expect("an empty directory will do");
    assert!(path("empty/f").exists());

    fs::create_dir(path("elsewhere")).expect("create");
    symlink("elsewhere", path("link")).expect("create");
    fs::write(path("file"), "").expect("write");
    for name in ["empty", "link", "file"] {
        let error = write(name).expect_err(name);
        assert!(matches!(error, Error::Conflict { .. }), "{name}: {error}");
        assert_eq!(error.path(), Some(&*path(name)));
    }
    assert_eq!(fs::read_dir(path("elsewhere")).expect("there").count(), 0);
}
