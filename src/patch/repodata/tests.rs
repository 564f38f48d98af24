use std::io::{Read, Write};

use super::*;
use crate::metadata::checksum::Kind;
use crate::metadata::packed::{Packing, unpack};
use crate::monitor::{Collect, Void};

const PRIMARY: &str = "<metadata>\
    <package><location xml:base=\"media://7.5#1\" href=\"Packages/a.rpm\"/></package>\
    <package><location xml:base=\"media://7.5#2\" href=\"Packages/b.rpm\"/></package></metadata>\n";

/// A path and what is there.
type File<'p> = (&'p str, Vec<u8>);

/// A plan of these files.
fn plan(files: &[File<'_>]) -> Plan<'static> {
    let mut plan = Plan::new(&[]);
    for (path, content) in files {
        let mut parts: Vec<_> = path.split('/').collect();
        let name = parts.pop().expect("a name");
        let mut dir = PlanId::ROOT;
        for part in parts {
            let there = plan.names(dir).get(part.as_bytes()).copied();
            dir = there.unwrap_or_else(|| {
                plan.add(dir, part.as_bytes(), Item::Dir, 0o755, None).expect("a name")
            });
        }
        let item = Item::File(Content::Bytes(content.as_slice().into()));
        plan.add(dir, name.as_bytes(), item, 0o644, None).expect("a name");
    }
    plan
}

fn paths(plan: &Plan<'_>) -> Vec<String> {
    let files = plan.iter().filter(|&id| matches!(plan.item(id), Item::File(_)));
    let mut paths: Vec<_> =
        files.map(|id| String::from_utf8(plan.path(id)).expect("UTF-8")).collect();
    paths.sort();
    paths
}

fn bytes(plan: &Plan<'_>, path: &str) -> Vec<u8> {
    let id = plan.find(path.as_bytes()).expect(path);
    whole(plan, id).expect("readable").expect("a file")
}

fn text(plan: &Plan<'_>, path: &str) -> String {
    let bytes = bytes(plan, path);
    let mut text = String::new();
    let budget = Budget::default();
    unpack(&bytes[..], &budget, &Void)
        .and_then(|mut input| input.read_to_string(&mut text))
        .expect("unpacked");
    text
}

fn data(kind: &str, sum: &str, href: &str) -> String {
    format!(
        "<data type=\"{kind}\"><checksum type=\"{sum}</checksum><location href=\"{href}\"/></data>"
    )
}

/// A repository in `dir` whose primary is packed so, with what else it names.
fn repository(dir: &str, packing: Packing, more: &str) -> Vec<(String, Vec<u8>)> {
    let primary = pack::pack(packing, PRIMARY.as_bytes()).expect("packed");
    let sum = Kind::Sha256.of(&primary);
    let name = format!("repodata/{sum}-primary.xml");
    let repomd =
        format!("<repomd>{}{more}</repomd>", data("primary", &format!("sha256\">{sum}"), &name));
    vec![
        (format!("{dir}{name}"), primary),
        (format!("{dir}repodata/repomd.xml"), repomd.into()),
        (format!("{dir}Packages/a.rpm"), b"a".to_vec()),
        (format!("{dir}Packages/b.rpm"), b"b".to_vec()),
    ]
}

fn planned(files: &[(String, Vec<u8>)]) -> Plan<'static> {
    let files: Vec<_> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())).collect();
    plan(&files)
}

#[test]
fn every_packing_is_mended_under_a_name_with_its_sum() {
    for packing in [Packing::Plain, Packing::Gzip, Packing::Xz, Packing::Zstd] {
        let mut plan = planned(&repository("Server/", packing, ""));
        let heard = Collect::default();
        let reports = media_urls(&mut plan, true, &heard).expect("mended");
        assert_eq!(heard.warnings(), []);
        let [.., primary, repomd] = &paths(&plan)[..] else { panic!("{:?}", paths(&plan)) };
        assert_eq!(repomd, "Server/repodata/repomd.xml");
        let sum = Kind::Sha256.of(&bytes(&plan, primary));
        assert_eq!(*primary, format!("Server/repodata/{sum}-primary.xml"));
        assert_eq!(Packing::of(&bytes(&plan, primary)), packing);
        let without = PRIMARY.replace(" xml:base=\"media://7.5#1\"", "");
        let without = without.replace(" xml:base=\"media://7.5#2\"", "");
        assert_eq!(text(&plan, primary), without);
        let expected = data("primary", &format!("sha256\">{sum}"), &primary["Server/".len()..]);
        assert_eq!(text(&plan, repomd), format!("<repomd>{expected}</repomd>"));
        let told: Vec<_> = reports.iter().map(|one| (&one.path, one.note.is_some())).collect();
        assert_eq!(told, [(primary, true), (repomd, false)]);
        let note = "media:// taken from the places of 2 packages";
        assert_eq!(reports[0].note.as_deref(), Some(note));

        assert_eq!(media_urls(&mut plan, true, &heard).expect("nothing to do"), []);
        assert_eq!(heard.warnings(), []);
    }
}

#[test]
fn packages_of_a_disc_that_was_not_given_are_told_with_its_number() {
    let mut files = repository("Server/", Packing::Gzip, "");
    files.retain(|(path, _)| !path.ends_with("b.rpm"));
    let heard = Collect::default();
    media_urls(&mut planned(&files), true, &heard).expect("mended");
    let warnings = heard.warnings();
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].code, "package-other-disc");
    assert_eq!(
        warnings[0].message,
        "1 of the 2 packages that it lists are not on the images (disc 2 of the set): import all \
         discs of the set in one command"
    );
}

#[test]
fn without_the_option_nothing_changes_and_one_warning_says_what_to_do() {
    let mut files = repository("", Packing::Gzip, "");
    files.extend(repository("Cluster/", Packing::Xz, ""));
    let mut plan = planned(&files);
    let before = paths(&plan);
    let heard = Collect::default();
    assert_eq!(media_urls(&mut plan, false, &heard).expect("looked"), []);
    assert_eq!(paths(&plan), before);
    let warnings = heard.warnings();
    assert_eq!(warnings.len(), 1);
    assert_eq!(
        (warnings[0].code, warnings[0].path.as_str()),
        ("media-urls", "repodata/repomd.xml")
    );
    assert_eq!(
        warnings[0].message,
        "gives the packages' places as media:// (and so does another repository): yum and anaconda \
         of EL 5 and 6 ignore that over HTTP, dnf does not find a package: import with \
         --rewrite-media-urls to mend it"
    );
}

#[test]
fn the_other_forms_the_signature_and_the_sum_in_treeinfo_follow() {
    let more = data("primary_db", "sha256\">00", "repodata/p.sqlite.bz2")
        + &data("primary_zck", "sha256\">00", "repodata/p.xml.zck")
        + &data("filelists_db", "sha256\">00", "repodata/f.sqlite.bz2");
    let mut files = repository("", Packing::Gzip, &more);
    for name in ["p.sqlite.bz2", "p.xml.zck", "f.sqlite.bz2", "repomd.xml.asc", "repomd.xml.key"] {
        files.push((format!("repodata/{name}"), b"x".to_vec()));
    }
    let treeinfo = "[checksums]\nrepodata/repomd.xml = sha256:00\n";
    files.push((".treeinfo".into(), treeinfo.into()));
    let mut plan = planned(&files);
    let heard = Collect::default();
    let reports = media_urls(&mut plan, true, &heard).expect("mended");
    let left = paths(&plan);
    let left: Vec<_> = left
        .iter()
        .filter(|path| !path.ends_with("-primary.xml") && !path.ends_with(".rpm"))
        .collect();
    assert_eq!(
        left,
        [".treeinfo", "repodata/f.sqlite.bz2", "repodata/repomd.xml", "repodata/repomd.xml.key"]
    );
    let repomd = bytes(&plan, "repodata/repomd.xml");
    assert!(!String::from_utf8_lossy(&repomd).contains("primary_"));
    let sum = Kind::Sha256.of(&repomd);
    assert_eq!(text(&plan, ".treeinfo"), treeinfo.replace("00", &sum));
    let warned: Vec<_> = heard.warnings().into_iter().map(|one| (one.code, one.path)).collect();
    assert_eq!(warned, [("signature-dropped", "repodata/repomd.xml.asc".to_owned())]);
    let told: Vec<_> = reports[1..].iter().map(|one| one.path.as_str()).collect();
    let expected =
        ["repodata/p.sqlite.bz2", "repodata/p.xml.zck", "repodata/repomd.xml", ".treeinfo"];
    assert_eq!(told, expected);
}

#[test]
fn a_base_in_repomd_alone_is_mended_there() {
    let primary = "<metadata><package><location href=\"a.rpm\"/></package></metadata>";
    let repomd = "<repomd><data type=\"primary\">\
        <location xml:base=\"media://1#1\" href=\"repodata/primary.xml\"/></data>\
        <data type=\"primary_db\"><location href=\"repodata/p.sqlite\"/></data></repomd>";
    let mut plan = plan(&[
        ("repodata/primary.xml", primary.into()),
        ("repodata/p.sqlite", b"x".to_vec()),
        ("repodata/repomd.xml", repomd.into()),
    ]);
    let heard = Collect::default();
    media_urls(&mut plan, false, &heard).expect("looked");
    assert_eq!(heard.warnings().len(), 1);
    media_urls(&mut plan, true, &heard).expect("mended");
    assert_eq!(text(&plan, "repodata/repomd.xml"), repomd.replace(" xml:base=\"media://1#1\"", ""));
    assert_eq!(text(&plan, "repodata/primary.xml"), primary);
    assert_eq!(paths(&plan).len(), 3);
}

#[test]
fn a_modular_repository_is_left_alone_and_told() {
    let files =
        repository("AppStream/", Packing::Gzip, &data("modules", "sha256\">0", "repodata/m"));
    let mut plan = planned(&files);
    let heard = Collect::default();
    assert_eq!(media_urls(&mut plan, true, &heard).expect("looked"), []);
    assert_eq!(bytes(&plan, &files[0].0), files[0].1);
    assert_eq!(bytes(&plan, &files[1].0), files[1].1);
    let warnings = heard.warnings();
    assert_eq!(warnings.len(), 1);
    assert!(
        warnings[0].message.ends_with("it has modules, and such a repository is left as it is")
    );
}

#[test]
fn what_cannot_be_mended_is_an_error_with_the_option_alone() {
    let repomd = |href: &str| {
        let repomd = format!("<repomd>{}</repomd>", data("primary", "sha256\">00", href));
        ("repodata/repomd.xml", repomd.into_bytes())
    };
    let cut = &pack::pack(Packing::Gzip, PRIMARY.as_bytes()).expect("packed")[..60];
    let kind = repomd("repodata/p").1;
    let kind = String::from_utf8(kind).expect("UTF-8").replace("sha256", "crc").into_bytes();
    let cases: [(&str, Vec<File<'_>>); 6] = [
        ("bzip2", vec![repomd("repodata/p"), ("repodata/p", b"BZh91AY&SY".to_vec())]),
        ("repodata/p", vec![repomd("repodata/p"), ("repodata/p", cut.to_vec())]),
        ("not in the tree", vec![repomd("repodata/p")]),
        ("not in the tree", vec![repomd("../../p"), ("p", PRIMARY.into())]),
        ("\"crc\"", vec![("repodata/repomd.xml", kind), ("repodata/p", PRIMARY.into())]),
        ("repomd.xml", vec![("repodata/repomd.xml", b"<html/>".to_vec())]),
    ];
    for (part, files) in cases {
        let mut plan = plan(&files);
        media_urls(&mut plan, false, &Void).expect("nothing was asked for");
        let error = media_urls(&mut plan, true, &Void).expect_err(part);
        assert_eq!(error.kind(), "invalid");
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.to_string().ends_with("import without --rewrite-media-urls"), "{error}");
    }
}

#[test]
fn a_flipped_byte_anywhere_is_no_panic() {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gz.write_all(PRIMARY.as_bytes()).expect("a vector takes all");
    let primary = gz.finish().expect("done");
    let repomd = format!("<repomd>{}</repomd>", data("primary", "sha256\">00", "repodata/p"));
    let mut refused = 0;
    let whole = [("repodata/p", primary), ("repodata/repomd.xml", repomd.into_bytes())];
    for file in 0..2 {
        for at in 0..whole[file].1.len() {
            let mut files = whole.clone();
            files[file].1[at] ^= 0x15;
            let mut plan = plan(&files);
            refused += usize::from(media_urls(&mut plan, true, &Void).is_err());
        }
    }
    assert!(refused > whole[0].1.len() / 2, "{refused}");
}
