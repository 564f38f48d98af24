//! Any bytes as a repository's metadata, packed as they may be: what is mended stays mended.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pxe_import::check::{Findings, proof};
use pxe_import::copy::{self, Options};
use pxe_import::monitor::Void;
use pxe_import::patch::media_urls;
use pxe_import::plan::{OnConflict, Rules, merge};
use pxe_import_fuzz::disc::disc;
use pxe_import_fuzz::packing::pack;
use pxe_import_fuzz::text::parts;

fuzz_target!(|data: &[u8]| {
    let Some((&packing, data)) = data.split_first() else { return };
    let [repomd, primary, treeinfo] = parts(data);
    let primary = pack(packing, primary);
    let files = [
        ("repodata/repomd.xml", repomd),
        ("repodata/primary.xml.gz", &primary),
        (".treeinfo", treeinfo),
        ("Packages/a.rpm", b"a"),
        ("images/boot.iso", b"b"),
    ];
    let discs = [disc("", &files)];
    let merged = merge(&discs, &Rules::default(), OnConflict::Later, &Void).expect("one disc");
    let mut plan = merged.settle(&[]).expect("one disc").plan;
    media_urls(&mut plan, false, &Void).expect("nothing was asked for");
    // The first time no more is read than up to the first media://: damage behind it may show later.
    if media_urls(&mut plan, true, &Void).is_ok()
        && let Ok(again) = media_urls(&mut plan, true, &Void)
    {
        assert_eq!(again, []);
    }
    // What is checked is checked on disk; every second time, as it takes longer than all the rest.
    if packing & 0x10 != 0 {
        let outside = tempfile::tempdir().expect("a temporary directory");
        let top = outside.path().join("tree");
        let options = Options { jobs: 1.try_into().ok(), ..Options::default() };
        copy::write(&plan, &top, options, &Void).expect("a small tree");
        let mut findings = Findings::default();
        proof::prove(&top, "x", None, &mut findings, &Void).expect("a tree");
        for finding in findings.into_sorted() {
            pxe_import_fuzz::text::assert_line(&finding.message);
        }
    }
});
