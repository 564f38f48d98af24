//! Any text as a profile: one that is taken can be used on any disc.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pxe_import::identify::{Profile, identify_as};
use pxe_import::monitor::Void;
use pxe_import::site;
use pxe_import_fuzz::disc::{disc, with_context};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(profile) = Profile::parse("profile.toml", text) else { return };
    let files: [(&str, &[u8]); 5] = [
        (".treeinfo", b"[general]\nfamily = X\nversion = 1.2\narch = x86_64\n"),
        (".disk/info", b"X 1.2 \"N\" - Release amd64 (20200101)"),
        ("k", b"kernel"),
        ("i", b"initrd"),
        ("x", b"X 1.2 x86_64"),
    ];
    let disc = disc("X 1.2", &files);
    let _ = profile.markers.found_on(&disc.tree);
    let product = identify_as(&disc, &profile, &Void).expect("a disc in memory is readable");
    if let Ok(target) = profile.target(&product, "x", None) {
        // What a profile says is checked where it is used.
        let _ = site::name::target(&target.path);
    }
    let made = with_context(&disc, |context| profile.entries(&product, "x", None, context, &Void));
    for entry in made.unwrap_or_default() {
        if let Ok(block) = pxe_import::menu::pxelinux::block(&entry) {
            assert_eq!(block.label(), "x");
        }
    }
});
