use super::*;
use crate::media::{Body, Entry};
use crate::media::{Bootable, Hierarchy, Identifiers, Image, NodeId, Timestamp, Tree};
use crate::monitor::{Collect, Void};
use crate::plan::tree::Item;

mod random;

/// What a disc has at a path.
#[derive(Debug, Clone, PartialEq)]
enum Thing {
    Dir,
    File(Vec<u8>),
    Link(&'static str),
    Device,
}

fn file(bytes: &str) -> Thing {
    Thing::File(bytes.as_bytes().to_vec())
}

/// A disc with the paths given, parents made as needed. Its mtimes and modes are `stamp`'s.
fn disc(image: &str, stamp: i64, things: &[(&str, Thing)]) -> Disc {
    let (mut tree, mut bytes) = (Tree::new(), vec![0; 7]);
    let mtime = Some(Timestamp::new(stamp, 0));
    tree.set_root(None, mtime);
    for (path, thing) in things {
        let mut dir = NodeId::ROOT;
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            let name = name.as_bytes();
            let there = tree.children(dir).find(|&id| tree.name(id) == name);
            let body = match thing {
                _ if names.peek().is_some() => Body::Dir,
                Thing::Dir => Body::Dir,
                Thing::Link(target) => Body::Link(target.as_bytes().to_vec()),
                Thing::Device => Body::Other,
                Thing::File(content) => {
                    let (offset, len) = (bytes.len() as u64, content.len() as u64);
                    bytes.extend_from_slice(content);
                    Body::File(vec![crate::media::Extent { offset: Some(offset), len }])
                }
            };
            let entry =
                Entry { mode: Some(if stamp % 2 == 0 { 0o755 } else { 0o644 }), mtime, body };
            dir = there.unwrap_or_else(|| tree.add(dir, name, entry).expect("a name"));
        }
    }
    Disc {
        image: Image::new(image, bytes),
        tree,
        hierarchy: Hierarchy::RockRidge,
        identifiers: Identifiers::default(),
        bootable: Bootable::default(),
    }
}

fn read(content: &Content, discs: &[Disc]) -> Vec<u8> {
    let reader = content.reader(discs).expect("readable");
    let mut buf = vec![0; usize::try_from(reader.len()).expect("small")];
    reader.read_exact_at(0, &mut buf).expect("readable");
    buf
}

/// Merges and compares the bytes of the pairs, as a command does.
fn merged<'d>(discs: &'d [Disc], rules: &Rules, policy: OnConflict) -> Result<Merged<'d>> {
    let merge = merge(discs, rules, policy, &Void)?;
    let equal: Vec<_> =
        merge.pairs.iter().map(|p| read(&p.left, discs) == read(&p.right, discs)).collect();
    merge.settle(&equal)
}

fn content(plan: &Plan<'_>, path: &str) -> Option<Vec<u8>> {
    match plan.item(plan.find(path.as_bytes())?) {
        Item::File(content) => Some(read(content, plan.discs())),
        _ => None,
    }
}

fn told(conflicts: &[Conflict]) -> Vec<(&str, usize, &[usize], &str)> {
    conflicts.iter().map(|c| (&*c.path, c.kept, &*c.images, &*c.rule)).collect()
}

fn el_rules() -> Rules {
    let first = [".treeinfo", ".discinfo", "repodata/", "images/", "isolinux/", "EFI/"];
    Rules::new(&["**/TRANS.TBL"], &first).expect("rules")
}

#[test]
fn equal_files_are_taken_once_with_the_first_discs_mode_and_mtime() {
    let discs = [
        disc("a.iso", 1000, &[("Packages/x.sh", file("same")), ("GPL", file(""))]),
        disc("b.iso", 2001, &[("Packages/x.sh", file("same")), ("GPL", file(""))]),
    ];
    let Merged { plan, conflicts } =
        merged(&discs, &Rules::default(), OnConflict::Later).expect("merged");
    assert_eq!(conflicts, []);
    let id = plan.find(b"Packages/x.sh").expect("there");
    assert_eq!((plan.disc(id), plan.mode(id)), (Some(0), 0o755));
    assert_eq!(plan.mtime(id), Some(Timestamp::new(1000, 0)));
    assert_eq!(plan.mtime(PlanId::ROOT), Some(Timestamp::new(1000, 0)));
    assert_eq!(plan.files(), 2);
}

#[test]
fn the_policy_says_which_of_two_contents_stays() {
    let discs = [
        disc(
            "a.iso",
            1,
            &[("same-size", file("aa")), ("size", file("a")), ("link", Thing::Link("x"))],
        ),
        disc(
            "b.iso",
            2,
            &[("same-size", file("bb")), ("size", file("b2")), ("link", Thing::Link("y"))],
        ),
    ];
    let paths = ["link", "same-size", "size"];
    for (policy, kept, rule) in [(OnConflict::Later, 1, "later"), (OnConflict::First, 0, "first")] {
        let Merged { plan, conflicts } = merged(&discs, &Rules::default(), policy).expect("merged");
        let expected: Vec<_> = paths.iter().map(|&p| (p, kept, &[0, 1][..], rule)).collect();
        assert_eq!(told(&conflicts), expected);
        for path in paths {
            assert_eq!(plan.disc(plan.find(path.as_bytes()).expect("there")), Some(kept));
        }
        assert_eq!(plan.iter().count(), 3);
    }
}

#[test]
fn fail_refuses_what_differs_and_says_how_to_go_on() {
    let discs = [
        disc("a.iso", 1, &[("b", file("1")), ("a", file("1")), ("c", file("1"))]),
        disc("b.iso", 2, &[("b", file("2")), ("a", file("22")), ("c", file("1"))]),
    ];
    // The size of `a` shows without reading, so that nobody has to wait for the rest.
    let error = merge(&discs, &Rules::default(), OnConflict::Fail, &Void).expect_err("differs");
    assert_eq!(
        error.to_string(),
        "a: differs between a.iso and b.iso: --on-conflict later or first says which one stays"
    );
    let discs = [
        disc("a.iso", 1, &[("b", file("1")), ("c", file("1")), ("a", file("1"))]),
        disc("b.iso", 2, &[("b", file("2")), ("c", file("2")), ("a", file("1"))]),
    ];
    let error = merged(&discs, &Rules::default(), OnConflict::Fail).expect_err("differs");
    assert_eq!(
        error.to_string(),
        "b: differs between a.iso and b.iso, the first of 2 such paths: --on-conflict later or first \
         says which one stays"
    );
    assert_eq!(error.kind(), "conflict");
}

#[test]
fn fail_takes_what_is_equal_or_ruled() {
    let discs = [
        disc("a.iso", 1, &[("GPL", file("1")), ("TRANS.TBL", file("1")), ("images/x", file("1"))]),
        disc("b.iso", 2, &[("GPL", file("1")), ("TRANS.TBL", file("2")), ("images/x", file("2"))]),
    ];
    let Merged { plan, conflicts } =
        merged(&discs, &el_rules(), OnConflict::Fail).expect("nothing is open");
    assert_eq!(told(&conflicts), [("images/x", 0, &[0, 1][..], "first:images/")]);
    assert_eq!(content(&plan, "images/x"), Some(b"1".to_vec()));
}

#[test]
fn a_link_against_a_file_is_the_policys_to_decide() {
    let discs =
        [disc("a.iso", 1, &[("x", file("1"))]), disc("b.iso", 2, &[("x", Thing::Link("y"))])];
    let Merged { plan, conflicts } =
        merged(&discs, &Rules::default(), OnConflict::Later).expect("merged");
    assert_eq!(told(&conflicts), [("x", 1, &[0, 1][..], "later")]);
    assert_eq!(plan.item(plan.find(b"x").expect("there")), &Item::Link((*b"y").into()));
}

#[test]
fn a_directory_against_a_file_or_link_is_refused_under_every_policy_and_rule() {
    for thing in [file("1"), Thing::Link("y")] {
        let discs = [
            disc("a.iso", 1, &[("d/images", Thing::Dir)]),
            disc("b.iso", 2, &[("d/images", thing)]),
        ];
        for rules in [Rules::default(), Rules::new(&[], &["d/"]).expect("rules")] {
            for policy in [OnConflict::Later, OnConflict::First, OnConflict::Fail] {
                let error = merge(&discs, &rules, policy, &Void).expect_err("refused");
                assert_eq!(error.kind(), "conflict");
                let text = error.to_string();
                assert!(text.starts_with("d/images: is a directory on a.iso and a "), "{text}");
                assert!(text.contains(" on b.iso: "), "{text}");
            }
        }
    }
}

#[test]
fn later_discs_are_merged_one_after_another() {
    let one = |stamp, text| disc("x.iso", stamp, &[("f", file(text))]);
    let cases: [(&[&str], Option<usize>); 5] = [
        (&["a", "a", "a"], None),
        (&["a", "a", "b"], Some(2)),
        (&["a", "b", "b"], Some(1)),
        (&["a", "b", "a"], Some(2)),
        (&["a", "b", "bb", "bb"], Some(2)),
    ];
    for (texts, kept) in cases {
        let discs: Vec<_> = texts.iter().zip(0..).map(|(text, n)| one(n, *text)).collect();
        let Merged { plan, conflicts } =
            merged(&discs, &Rules::default(), OnConflict::Later).expect("merged");
        assert_eq!(conflicts.first().map(|c| c.kept), kept, "{texts:?}");
        assert_eq!(content(&plan, "f").as_deref(), texts.last().map(|t| t.as_bytes()));
        let id = plan.find(b"f").expect("there");
        assert_eq!(plan.disc(id), Some(kept.unwrap_or(0)));
        assert!(conflicts.iter().all(|c| c.images.len() == texts.len()));
    }
}

#[test]
fn first_keeps_the_first_of_many() {
    let discs: Vec<_> =
        ["a", "b", "a"].iter().map(|text| disc("x.iso", 1, &[("f", file(text))])).collect();
    let Merged { plan, conflicts } =
        merged(&discs, &Rules::default(), OnConflict::First).expect("merged");
    assert_eq!(told(&conflicts), [("f", 0, &[0, 1, 2][..], "first")]);
    assert_eq!(content(&plan, "f"), Some(b"a".to_vec()));
}

#[test]
fn names_under_drop_are_copied_from_no_disc() {
    let rules = Rules::new(&["**/TRANS.TBL", "junk/"], &[]).expect("rules");
    let discs = [
        disc(
            "a.iso",
            1,
            &[("TRANS.TBL", file("1")), ("d/trans.tbl", file("1")), ("d/f", file("1"))],
        ),
        disc("b.iso", 2, &[("d/TRANS.TBL", file("2")), ("junk/deep/f", file("2"))]),
    ];
    let Merged { plan, conflicts } = merged(&discs, &rules, OnConflict::Later).expect("merged");
    assert_eq!(conflicts, []);
    let paths: Vec<_> = plan.iter().map(|id| plan.path(id)).collect();
    assert_eq!(paths, [b"d".to_vec(), b"d/f".to_vec()]);
}

#[test]
fn the_first_disc_keeps_what_it_owns_and_nothing_is_added_below() {
    let discs = [
        disc(
            "dvd1.iso",
            1,
            &[
                (".treeinfo", file("one")),
                ("repodata/repomd.xml", file("one")),
                ("repodata/sub/x", file("same")),
                ("Packages/a.rpm", file("a")),
            ],
        ),
        disc(
            "dvd2.iso",
            2,
            &[
                (".treeinfo", file("two")),
                ("repodata/repomd.xml", file("two!")),
                ("repodata/sub/x", file("same")),
                ("repodata/sub/y", file("y")),
                ("repodata/more/z", file("z")),
                ("Packages/b.rpm", file("b")),
            ],
        ),
    ];
    let heard = Collect::default();
    let merge = merge(&discs, &el_rules(), OnConflict::Later, &heard).expect("merged");
    let equal: Vec<_> =
        merge.pairs.iter().map(|p| read(&p.left, &discs) == read(&p.right, &discs)).collect();
    let Merged { plan, conflicts } = merge.settle(&equal).expect("settled");
    assert_eq!(
        told(&conflicts),
        [
            (".treeinfo", 0, &[0, 1][..], "first:.treeinfo"),
            ("repodata/repomd.xml", 0, &[0, 1][..], "first:repodata/"),
        ]
    );
    assert_eq!(content(&plan, ".treeinfo"), Some(b"one".to_vec()));
    assert_eq!(content(&plan, "repodata/repomd.xml"), Some(b"one".to_vec()));
    assert_eq!(content(&plan, "Packages/b.rpm"), Some(b"b".to_vec()));
    assert_eq!(plan.find(b"repodata/sub/y"), None);
    assert_eq!(plan.find(b"repodata/more"), None);
    let mut said: Vec<_> =
        heard.warnings().into_iter().map(|w| (w.code, w.path, w.message)).collect();
    said.sort();
    let why = "is on dvd2.iso and not on dvd1.iso, which owns repodata/: not copied".to_owned();
    assert_eq!(
        said,
        [
            ("left-out", "repodata/more".to_owned(), why.clone()),
            ("left-out", "repodata/sub/y".to_owned(), why),
        ]
    );
}

#[test]
fn the_owner_is_the_first_disc_that_has_the_path() {
    let discs = [
        disc("dvd2.iso", 2, &[("Packages/b.rpm", file("b"))]),
        disc("dvd1.iso", 1, &[("repodata/repomd.xml", file("one"))]),
        disc("dvd3.iso", 1, &[("REPODATA/repomd.xml", file("three"))]),
    ];
    let Merged { plan, conflicts } =
        merged(&discs, &el_rules(), OnConflict::Later).expect("merged");
    assert_eq!(conflicts, []);
    assert_eq!(content(&plan, "repodata/repomd.xml"), Some(b"one".to_vec()));
    assert_eq!(plan.find(b"REPODATA"), None);
}

#[test]
fn the_disc_that_describes_the_set_owns_what_another_one_before_it_has_too() {
    let rules = Rules::new(&[], &[".treeinfo", ".discinfo", "notes"]).expect("sound");
    let discs = [
        disc("2", 2, &[(".discinfo", file("2")), ("notes", file("of 2"))]),
        disc("1", 1, &[(".treeinfo", file("t")), (".discinfo", file("1"))]),
        disc("3", 3, &[(".discinfo", file("3")), ("notes", file("of 3"))]),
    ];
    let merged = merged(&discs, &rules, OnConflict::Later).expect("merged");
    let text = |path: &str| {
        let id = merged.plan.find(path.as_bytes()).expect("there");
        let Item::File(content) = merged.plan.item(id) else { panic!("a file") };
        String::from_utf8(read(content, &discs)).expect("text")
    };
    assert_eq!([".treeinfo", ".discinfo", "notes"].map(text), ["t", "1", "of 2"]);
}

#[test]
fn a_name_that_the_first_disc_owns_is_decided_directory_by_directory() {
    let rules = Rules::new(&[], &["**/INDEX"]).expect("rules");
    let discs = [
        disc("a.iso", 1, &[("x/INDEX", file("a"))]),
        disc("b.iso", 2, &[("x/INDEX", file("b")), ("y/INDEX", file("b"))]),
    ];
    let Merged { plan, conflicts } = merged(&discs, &rules, OnConflict::Later).expect("merged");
    assert_eq!(told(&conflicts), [("x/INDEX", 0, &[0, 1][..], "first:**/INDEX")]);
    assert_eq!(content(&plan, "y/INDEX"), Some(b"b".to_vec()));
}

#[test]
fn device_nodes_are_told_and_never_created() {
    let discs = [
        disc("a.iso", 1, &[("dev/null", Thing::Device), ("dev/x", Thing::Device)]),
        disc("b.iso", 2, &[("dev/x", file("x"))]),
    ];
    let heard = Collect::default();
    let merge = merge(&discs, &Rules::default(), OnConflict::Later, &heard).expect("merged");
    let Merged { plan, conflicts } = merge.settle(&[]).expect("settled");
    assert_eq!(conflicts, []);
    assert_eq!(plan.find(b"dev/null"), None);
    assert_eq!(content(&plan, "dev/x"), Some(b"x".to_vec()));
    let said: Vec<_> = heard.warnings().into_iter().map(|w| (w.code, w.path)).collect();
    assert_eq!(said, [("device-node", "dev/null".to_owned()), ("device-node", "dev/x".to_owned())]);
}

#[test]
fn no_disc_and_an_empty_disc_make_an_empty_plan() {
    assert!(merged(&[], &el_rules(), OnConflict::Later).expect("merged").plan.is_empty());
    let discs = [disc("a.iso", 1, &[])];
    assert!(merged(&discs, &el_rules(), OnConflict::Later).expect("merged").plan.is_empty());
}

#[test]
fn what_is_joined_is_no_conflict_for_the_policy_and_the_first_stands_in() {
    let discs = [
        disc("a.iso", 1, &[("dists/x/Release", file("1")), ("md5sum.txt", file("a"))]),
        disc(
            "b.iso",
            2,
            &[
                ("dists/x/Release", file("2")),
                ("dists/x/new", file("n")),
                ("md5sum.txt", file("b2")),
            ],
        ),
    ];
    let rules = Rules::default().joining(&["dists/", "md5sum.txt"]).expect("rules");
    for policy in [OnConflict::Later, OnConflict::First, OnConflict::Fail] {
        let Merged { plan, conflicts } = merged(&discs, &rules, policy).expect("no conflict");
        let both = &[0, 1][..];
        let expected = [
            ("dists/x/Release", 0, both, "join:dists/"),
            ("md5sum.txt", 0, both, "join:md5sum.txt"),
        ];
        assert_eq!(told(&conflicts), expected);
        assert_eq!(content(&plan, "dists/x/Release"), Some(b"1".to_vec()));
        assert_eq!(content(&plan, "dists/x/new"), Some(b"n".to_vec()), "nobody owns it");
    }
}

#[test]
fn a_directory_that_the_first_disc_owns_is_not_joined() {
    let discs = [
        disc("a.iso", 1, &[("dists/x", file("1"))]),
        disc("b.iso", 2, &[("dists/x", file("2")), ("dists/new", file("n"))]),
    ];
    let rules = Rules::new(&[], &["dists/"]).and_then(|rules| rules.joining(&["dists/"]));
    let Merged { plan, conflicts } =
        merged(&discs, &rules.expect("rules"), OnConflict::Later).expect("merged");
    assert_eq!(told(&conflicts), [("dists/x", 0, &[0, 1][..], "first:dists/")]);
    assert_eq!(content(&plan, "dists/new"), None);
}
