use super::packing::{Bytes, pack};
use super::*;
use crate::content::Content;
use crate::error::Error;
use crate::media::{
    Body, Bootable, Disc, Entry, Extent, Hierarchy, Identifiers, Image, NodeId, Tree,
};
use crate::monitor::Collect;
use crate::plan::{OnConflict, Rules, merge};
use std::io::Read;

const PACKAGES: &str = "dists/x/main/binary-amd64/Packages";

fn gz(text: &str) -> Vec<u8> {
    pack(text.as_bytes(), index::Form::Gzip).expect("packed").expect("written")
}

/// A disc of files, at any depth.
fn disc(image: &str, files: &[(&str, &[u8])]) -> Disc {
    let (mut tree, mut bytes) = (Tree::new(), Vec::new());
    for (path, content) in files {
        let mut dir = NodeId::ROOT;
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            let body = if names.peek().is_some() {
                Body::Dir
            } else {
                let extent = Extent { offset: Some(bytes.len() as u64), len: content.len() as u64 };
                bytes.extend_from_slice(content);
                Body::File(vec![extent])
            };
            let there = tree.child(dir, name.as_bytes());
            let entry = Entry { body, ..Entry::default() };
            dir = there.unwrap_or_else(|| tree.add(dir, name.as_bytes(), entry).expect("a name"));
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

fn read(plan: &Plan<'_>, path: &str) -> Option<Vec<u8>> {
    let Item::File(content) = plan.item(plan.find(path.as_bytes())?) else { return None };
    let mut bytes = Vec::new();
    Bytes::new(content.reader(plan.discs()).expect("readable"))
        .read_to_end(&mut bytes)
        .expect("read");
    Some(bytes)
}

fn text(plan: &Plan<'_>, path: &str) -> String {
    String::from_utf8(read(plan, path).unwrap_or_else(|| panic!("no {path}"))).expect("UTF-8")
}

/// Merges and joins; what became of it, and the warnings as `code: path`.
fn joined(discs: &[Disc]) -> (Result<Plan<'_>>, Vec<String>) {
    let heard = Collect::default();
    let rules = Rules::default().joining(&["dists/", "md5sum.txt"]).expect("rules");
    let merge = merge(discs, &rules, OnConflict::Fail, &heard).expect("merged");
    let bytes = |content: &Content| {
        let mut bytes = Vec::new();
        Bytes::new(content.reader(discs).expect("readable")).read_to_end(&mut bytes).expect("read");
        bytes
    };
    let equal: Vec<_> = merge.pairs.iter().map(|p| bytes(&p.left) == bytes(&p.right)).collect();
    let mut merged = merge.settle(&equal).expect("rules decide all");
    let result = debian(&mut merged.plan, &merged.conflicts, &heard).map(|_| merged.plan);
    let warnings = heard.warnings().into_iter().map(|one| format!("{}: {}", one.code, one.path));
    (result, warnings.collect())
}

fn stanza(name: &str) -> String {
    format!("Package: {name}\nFilename: pool/{name}.deb\n\n")
}

#[test]
fn forms_that_are_not_written_go_and_are_listed_no_more() {
    let release =
        b"Codename: x\nSHA256:\n 0 1 main/binary-amd64/Packages.bz2\n 0 1 gone/Packages\n";
    let gz_path = format!("{PACKAGES}.gz");
    let bz2 = format!("{PACKAGES}.bz2");
    let (a, b) = (gz(&stanza("a")), gz(&stanza("b")));
    let files =
        |packed: &'static [u8]| [(bz2.clone(), packed), ("dists/x/Release".into(), release)];
    let (one, two) = (files(b"BZh1"), files(b"BZh2"));
    let both = [(&one, &a), (&two, &b)].map(|(files, gz)| {
        let mut files: Vec<_> = files.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
        files.push((&gz_path, gz));
        disc("a.iso", &files)
    });
    let (plan, warnings) = joined(&both);
    let plan = plan.expect("joined");
    assert_eq!(warnings, [""; 0]);
    assert_eq!(read(&plan, &bz2), None);
    assert_eq!(read(&plan, PACKAGES), None, "no disc has the plain form");
    assert_eq!(read(&plan, &gz_path), Some(gz(&(stanza("a") + &stanza("b")))));
    let release = text(&plan, "dists/x/Release");
    assert!(!release.contains("bz2") && !release.contains("gone"), "{release}");
    for end in ["Packages\n", "Packages.gz\n"] {
        assert_eq!(release.matches(&format!(" main/binary-amd64/{end}")).count(), 2, "{release}");
    }
}

fn signed(name: &str, release: &'static [u8]) -> Disc {
    disc(
        "a.iso",
        &[
            (PACKAGES, stanza(name).as_bytes()),
            ("dists/x/Release", release),
            ("dists/x/Release.gpg", b"signature"),
            ("dists/x/InRelease", b"-----BEGIN PGP SIGNED MESSAGE-----\n"),
        ],
    )
}

#[test]
fn a_signature_goes_with_what_it_signed() {
    let discs = [signed("a", b"Codename: x\n"), signed("b", b"Codename: x\n")];
    let (plan, warnings) = joined(&discs);
    let plan = plan.expect("joined");
    assert_eq!(warnings, ["signature-dropped: dists/x"]);
    assert_eq!(text(&plan, PACKAGES), stanza("a") + &stanza("b"));
    assert_eq!(read(&plan, "dists/x/Release.gpg"), None);
    assert_eq!(read(&plan, "dists/x/InRelease"), None);
}

#[test]
fn where_nothing_differs_everything_stays_signatures_too() {
    let discs = [signed("a", b"Codename: x\n"), signed("a", b"Codename: x\n")];
    let (plan, warnings) = joined(&discs);
    let plan = plan.expect("joined");
    assert_eq!(warnings, [""; 0]);
    assert_eq!(text(&plan, "dists/x/Release"), "Codename: x\n");
    assert_eq!(text(&plan, "dists/x/Release.gpg"), "signature");
    let ours = |id| matches!(plan.item(id), Item::File(Content::Bytes(_)));
    assert!(!plan.iter().any(ours), "nothing was made anew");
}

#[test]
fn a_signature_of_another_disc_than_the_release_that_stays_goes() {
    let of = |image, release: &'static [u8], gpg: Option<&'static [u8]>| {
        let mut files = vec![(PACKAGES, &b"x"[..]), ("dists/x/Release", release)];
        files.extend(gpg.map(|gpg| ("dists/x/Release.gpg", gpg)));
        disc(image, &files)
    };
    let signed = |first: Option<&'static [u8]>, second: &'static [u8]| {
        let discs = [of("a.iso", b"Date: 1\n", first), of("b.iso", second, Some(b"2"))];
        let (plan, _) = joined(&discs);
        read(&plan.expect("joined"), "dists/x/Release.gpg")
    };
    assert_eq!(signed(None, b"Date: 2\n"), None);
    assert_eq!(signed(None, b"Date: 1\n"), Some(b"2".to_vec()));
    assert_eq!(signed(Some(b"1"), b"Date: 2\n"), Some(b"1".to_vec()));
}

#[test]
fn a_component_that_only_a_later_disc_has_is_listed() {
    let other = b"Components: main more\nSHA256:\n 0 1 more/binary-amd64/Packages\n";
    let later = "dists/x/more/binary-amd64/Packages";
    let discs = [
        signed("a", b"Components: main\n"),
        disc("b.iso", &[("dists/x/Release", other), (later, stanza("b").as_bytes())]),
    ];
    let (plan, warnings) = joined(&discs);
    let plan = plan.expect("joined");
    assert_eq!(warnings, ["signature-dropped: dists/x"]);
    let release = text(&plan, "dists/x/Release");
    assert!(release.starts_with("Components: main more\nMD5Sum:\n"), "{release}");
    assert_eq!(release.matches(" more/binary-amd64/Packages\n").count(), 2, "{release}");
    assert_eq!(text(&plan, later), stanza("b"));
}

#[test]
fn an_index_that_cannot_be_read_is_an_error_that_names_it_and_its_image() {
    let mut cut = gz(&stanza("b").repeat(50));
    cut.truncate(30);
    let path = format!("{PACKAGES}.gz");
    let discs = [disc("a.iso", &[(&path, &gz(&stanza("a")))]), disc("b.iso", &[(&path, &cut)])];
    let (plan, _) = joined(&discs);
    let error = plan.expect_err("damaged");
    assert!(matches!(&error, Error::Corrupt { image, .. } if image.ends_with("b.iso")), "{error}");
    assert!(error.to_string().contains(&path), "{error}");
}

#[test]
fn packages_that_nobody_can_read_are_an_error_and_translations_a_warning() {
    let with = |path: &'static str| {
        joined_once(&[disc("a.iso", &[(path, b"BZh1")]), disc("b.iso", &[(path, b"BZh2")])])
    };
    let (fine, warnings) = with("dists/x/main/i18n/Translation-de.bz2");
    assert!(fine);
    assert_eq!(warnings, ["not-joined: dists/x/main/i18n/Translation-de"]);
    assert!(!with("dists/x/main/source/Sources.bz2").0);
}

fn joined_once(discs: &[Disc]) -> (bool, Vec<String>) {
    let (plan, warnings) = joined(discs);
    (plan.is_ok(), warnings)
}

#[test]
fn what_differs_and_is_no_index_stays_as_on_the_first_disc_and_is_told() {
    let path = "dists/x/main/Contents-amd64.gz";
    let discs = [disc("a.iso", &[(path, b"1")]), disc("b.iso", &[(path, b"2")])];
    let (plan, warnings) = joined(&discs);
    assert_eq!(text(&plan.expect("joined"), path), "1");
    assert_eq!(warnings, [format!("not-joined: {path}")]);
}

#[test]
fn the_list_of_sums_has_the_lines_of_the_files_that_are_there() {
    let sum = |byte: char| byte.to_string().repeat(32);
    let (a, b) = (stanza("a"), stanza("b"));
    let one = format!(
        "{}  ./only-one\n{}  ./both\n{}  ./{PACKAGES}\n{}  ./gone\nno line\n",
        sum('1'),
        sum('2'),
        sum('3'),
        sum('4')
    );
    let two = format!("{}  ./both\n{}  ./only-two\n", sum('2'), sum('5'));
    let discs = [
        disc(
            "a.iso",
            &[
                ("md5sum.txt", one.as_bytes()),
                ("only-one", b"1"),
                ("both", b"2"),
                (PACKAGES, a.as_bytes()),
            ],
        ),
        disc(
            "b.iso",
            &[
                ("md5sum.txt", two.as_bytes()),
                ("only-two", b"5"),
                ("both", b"2"),
                (PACKAGES, b.as_bytes()),
            ],
        ),
    ];
    let (plan, warnings) = joined(&discs);
    let plan = plan.expect("joined");
    assert_eq!(warnings, [""; 0]);
    let mut hasher = crate::sum::Hasher::new(crate::sum::Algorithm::Md5);
    hasher.update(&read(&plan, PACKAGES).expect("there"));
    let expected = format!(
        "{}  ./only-one\n{}  ./both\n{}  ./{PACKAGES}\n{}  ./only-two\n",
        sum('1'),
        sum('2'),
        hasher.finish(),
        sum('5')
    );
    assert_eq!(text(&plan, "md5sum.txt"), expected);
}

#[test]
fn a_single_disc_and_discs_without_an_archive_stay_as_they_are() {
    for discs in [
        vec![disc("a.iso", &[(PACKAGES, b"x")])],
        vec![disc("a.iso", &[("a", b"1")]), disc("b.iso", &[("b", b"2")])],
    ] {
        let (plan, warnings) = joined(&discs);
        let plan = plan.expect("joined");
        assert!(!plan.iter().any(|id| matches!(plan.item(id), Item::File(Content::Bytes(_)))));
        assert_eq!(warnings, [""; 0]);
    }
}

#[test]
fn indexes_that_were_not_joined_are_told_once() {
    let heard = Collect::default();
    let conflict = |path: &str| Conflict {
        path: path.to_owned(),
        path_hex: None,
        raw: path.as_bytes().to_vec(),
        kept: 1,
        images: vec![0, 1],
        rule: "later".into(),
    };
    warn_unjoined(&[conflict("a/Packages"), conflict("dists/x/Release")], &heard);
    assert!(heard.warnings().is_empty());
    warn_unjoined(&[conflict(PACKAGES), conflict(&format!("{PACKAGES}.gz"))], &heard);
    assert_eq!(heard.warnings().len(), 1);
}
