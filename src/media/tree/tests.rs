//! What a tree holds, and where its growth ends.

use super::*;

fn file(offset: u64, len: u64) -> Entry {
    let body = Body::File(vec![Extent { offset: Some(offset), len }]);
    Entry { body, ..Entry::default() }
}

#[test]
fn paths_lead_to_nodes_and_back() {
    let mut tree = Tree::new();
    let dir = tree.add(NodeId::ROOT, b"Images", Entry::default()).expect("a name");
    let id = tree.add(dir, b"vmlinuz", file(2048, 5)).expect("a name");
    assert_eq!(tree.path(id), b"Images/vmlinuz");
    assert_eq!(tree.find(b"Images/vmlinuz"), Some(id));
    assert_eq!(tree.find(b"images/vmlinuz"), None);
    assert_eq!(tree.find_ignoring_case(b"images/VMLINUZ"), Some(id));
    assert_eq!(tree.size(id), 5);
}

#[test]
fn extents_that_follow_each_other_become_one() {
    let mut tree = Tree::new();
    let extents = vec![
        Extent { offset: Some(0), len: 2048 },
        Extent { offset: Some(2048), len: 0 },
        Extent { offset: Some(2048), len: 10 },
        Extent { offset: None, len: 5 },
        Extent { offset: None, len: 6 },
    ];
    let entry = Entry { body: Body::File(extents), ..Entry::default() };
    let id = tree.add(NodeId::ROOT, b"f", entry).expect("a name");
    let expected = [Extent { offset: Some(0), len: 2058 }, Extent { offset: None, len: 11 }];
    assert_eq!(tree.extents(id).collect::<Vec<_>>(), expected);
    assert_eq!(tree.size(id), 2069);
}

#[test]
fn a_link_keeps_its_target_verbatim() {
    let mut tree = Tree::new();
    let entry = Entry { body: Body::Link(b"a//../b".to_vec()), ..Entry::default() };
    let id = tree.add(NodeId::ROOT, b"l", entry).expect("a name");
    assert_eq!(tree.target(id), b"a//../b");
    assert_eq!(tree.extents(id).count(), 0);
}

#[test]
fn entries_are_bounded() {
    let mut tree = Tree::new();
    for _ in 1..NODES_MAX {
        tree.add(NodeId::ROOT, b"one", Entry::default()).expect("within the limit");
    }
    assert_eq!(tree.add(NodeId::ROOT, b"one", Entry::default()), Err(NameError::Many));
}

#[test]
fn nesting_is_bounded() {
    let mut tree = Tree::new();
    let mut dir = NodeId::ROOT;
    for _ in 0..path::DEPTH_MAX {
        dir = tree.add(dir, b"d", Entry::default()).expect("within the limit");
    }
    assert_eq!(tree.add(dir, b"d", Entry::default()), Err(NameError::Deep));
}

#[test]
fn names_links_extents_and_paths_are_bounded_by_the_size_of_the_image() {
    let long = [b'n'; 250];
    let mut tree = Tree::of_image(100);
    let fits = (0..6_u8).all(|n| {
        let name = [&long[..], &[n + 1]].concat();
        tree.add(NodeId::ROOT, &name, file(0, 1)).is_ok()
    });
    assert!(fits);
    assert_eq!(tree.add(NodeId::ROOT, &long, file(0, 1)), Err(NameError::Large));
    let mut tree = Tree::of_image(100);
    let extents = (0..70).map(|n| Extent { offset: Some(n * 4096), len: 1 }).collect();
    let entry = Entry { body: Body::File(extents), ..Entry::default() };
    assert_eq!(tree.add(NodeId::ROOT, b"f", entry), Err(NameError::Large));
    // The names themselves are short.
    let mut tree = Tree::of_image(100);
    let mut dir = NodeId::ROOT;
    let deep = (0..100).find_map(|_| match tree.add(dir, b"d", Entry::default()) {
        Ok(below) => {
            dir = below;
            None
        }
        Err(error) => Some(error),
    });
    assert_eq!(deep, Some(NameError::Large));
}

#[test]
fn children_come_in_the_order_of_the_medium() {
    let mut tree = Tree::new();
    for name in [b"b", b"a", b"c"] {
        tree.add(NodeId::ROOT, name, file(0, 1)).expect("a name");
    }
    let names: Vec<_> = tree.children(NodeId::ROOT).map(|id| tree.name(id)).collect();
    assert_eq!(names, [b"b", b"a", b"c"]);
}

#[test]
fn a_node_stays_within_the_memory_budget() {
    assert!(size_of::<Node>() <= 128, "{}", size_of::<Node>());
}

#[test]
fn a_node_is_small_for_there_are_half_a_million() {
    assert!(size_of::<Node>() <= 88, "{}", size_of::<Node>());
}
