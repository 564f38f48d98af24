//! Any bytes as each of the configs: what is chosen is in the tree, and fit for a menu.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pxe_import::guess::{Arg, CANDIDATES_MAX, Files, guess, medium};

/// Parts of the input become these, in order, parted by a byte that no config has.
const CONFIGS: [&str; 5] = [
    "isolinux/isolinux.cfg",
    "isolinux/a.cfg",
    "boot/grub/grub.cfg",
    "loader/loader.conf",
    "loader/entries/a.conf",
];
const FILES: [&str; 3] = ["k", "i", "live/filesystem.squashfs"];

fuzz_target!(|data: &[u8]| {
    let parts: Vec<&[u8]> = data.split(|&b| b == 0xff).collect();
    let content = |path: &str| match CONFIGS.iter().position(|config| *config == path) {
        Some(at) => parts.get(at).copied(),
        None => FILES.contains(&path).then_some(&b"x"[..]),
    };
    let all = || CONFIGS.into_iter().chain(FILES);
    let files = Files {
        read: &|path, limit| content(path).map(|bytes| bytes[..limit.min(bytes.len())].to_vec()),
        list: &|dir| {
            let top = if dir.is_empty() { String::new() } else { format!("{dir}/") };
            let below = all().filter_map(|path| path.strip_prefix(&top));
            let mut names: Vec<_> = below.filter_map(|path| path.split('/').next()).collect();
            names.dedup();
            names.into_iter().map(str::to_owned).collect()
        },
        find: &|path| all().find(|there| there.eq_ignore_ascii_case(path)).map(str::to_owned),
    };
    let guess = guess(&files);
    assert!(guess.candidates.len() <= CANDIDATES_MAX);
    let Some(chosen) = &guess.chosen else { return };
    for path in chosen.files() {
        assert!(content(path).is_some(), "{path:?} is not there");
    }
    for arg in medium::form(chosen, &files).args {
        let (Arg::Plain(text) | Arg::Url(text, _)) = &arg;
        assert!(text.bytes().all(|b| b.is_ascii_graphic()), "{arg:?}");
    }
});
