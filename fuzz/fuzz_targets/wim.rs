//! Any bytes as a Windows image, and any text as the XML of a sound one: what it says of its editions is
//! bounded.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pxe_import::identify::edition::editions;
use pxe_import::identify::{Profiles, identify, wim};
use pxe_import::monitor::Void;
use pxe_import_fuzz::disc::disc;
use pxe_import_fuzz::wim::with_xml;

static PROFILES: LazyLock<Profiles> = LazyLock::new(|| Profiles::builtin().expect("sound"));
const PATH: &str = "sources/install.wim";

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    let wim = match kind % 2 {
        0 => with_xml(&String::from_utf8_lossy(rest)),
        _ => rest.to_vec(),
    };
    let disc = disc("", &[(PATH, &wim), ("sources/boot.wim", &wim), ("setup.exe", b"x")]);
    let id = disc.tree.find(PATH.as_bytes()).expect("there");
    let read = wim::read(&disc, id).expect("a disc in memory is readable");
    let editions = editions(&disc, &Void).expect("a disc in memory is readable");
    let count = editions.map_or(0, |editions| editions.len());
    assert_eq!(count, read.map_or(0, |wim| wim.images.len()));
    identify(&disc, &PROFILES, &Void).expect("a disc in memory is readable");
});
