//! Any texts as the indexes of two Debian discs, which are joined to one archive.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pxe_import::check::{Findings, proof};
use pxe_import::copy::{self, Options};
use pxe_import::media::Disc;
use pxe_import::monitor::Void;
use pxe_import::patch::debian;
use pxe_import::plan::{OnConflict, Rules, merge};
use pxe_import_fuzz::disc::disc;
use pxe_import_fuzz::packing::pack;
use pxe_import_fuzz::text::parts;

fuzz_target!(|data: &[u8]| {
    let Some((&packing, data)) = data.split_first() else { return };
    let texts = parts::<8>(data);
    let discs = [&texts[..4], &texts[4..]].map(|texts| made(packing, texts));
    let rules = Rules::default().joining(&["dists/", "md5sum.txt"]).expect("rules");
    let merge = merge(&discs, &rules, OnConflict::Later, &Void).expect("two discs");
    let equal = vec![false; merge.pairs.len()];
    let mut merged = merge.settle(&equal).expect("the later disc counts");
    if debian(&mut merged.plan, &merged.conflicts, &Void).is_err() || packing & 0x10 == 0 {
        return;
    }
    let outside = tempfile::tempdir().expect("a temporary directory");
    let top = outside.path().join("tree");
    let options = Options { jobs: 1.try_into().ok(), ..Options::default() };
    copy::write(&merged.plan, &top, options, &Void).expect("a small tree");
    let mut findings = Findings::default();
    proof::prove(&top, "x", None, &mut findings, &Void).expect("a tree");
});

/// `Release`, `Packages`, a translation, `md5sum.txt`.
fn made(packing: u8, texts: &[&[u8]]) -> Disc {
    let packages = pack(packing, texts[1]);
    let suffix = if packages.starts_with(b"\x1f\x8b") { ".gz" } else { "" };
    let path = format!("dists/x/main/binary-amd64/Packages{suffix}");
    let files = [
        ("dists/x/Release", texts[0]),
        (&path, &packages),
        ("dists/x/main/i18n/Translation-en", texts[2]),
        ("md5sum.txt", texts[3]),
        ("pool/main/a/a_1_amd64.deb", b"a"),
    ];
    let there = files.iter().filter(|(_, text)| !text.is_empty());
    disc("", &there.copied().collect::<Vec<_>>())
}
