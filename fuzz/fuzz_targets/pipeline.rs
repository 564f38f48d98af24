//! A disc image through the program, as people run it: told what it is, copied, imported, checked,
//! removed. Nothing may appear outside of where it belongs, no link may lead out of there, no report or
//! menu may hold what is no text.
#![no_main]

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use clap::{CommandFactory, Parser};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use pxe_import::cli::{Cli, insert_import};
use pxe_import::identify::edition::editions;
use pxe_import::identify::{Profiles, guessed, identify};
use pxe_import::media::{Disc, Image};
use pxe_import::monitor::Void;
use pxe_import::report::Report;
use pxe_import::{Result, command};
use pxe_import_fuzz::disk;
use pxe_import_fuzz::mutation::mutate;
use pxe_import_fuzz::sectors::{unpack, used};
use pxe_import_fuzz::tags::repair;
use pxe_import_fuzz::text::{assert_line, assert_plain, assert_text};

static PROFILES: LazyLock<Profiles> = LazyLock::new(|| Profiles::builtin().expect("sound"));

/// More than this is not written.
const BYTES_MAX: u64 = 4 << 20;
/// Directories around what is written, for `..` to lead to.
const AROUND: &str = "around/it";

fuzz_target!(|data: &[u8]| {
    let mut image = unpack(data);
    repair(&mut image);
    // An error is as good as success.
    let Ok(disc) = Disc::read(Image::new("fuzz.iso", image.clone()), None, &Void) else { return };
    let bytes = disc.tree.iter().map(|id| disc.tree.size(id)).fold(0, u64::saturating_add);
    look(&disc);
    drop(disc);
    let outside = tempfile::tempdir().expect("a temporary directory");
    let inside = outside.path().canonicalize().expect("a path").join(AROUND);
    fs::create_dir_all(&inside).expect("directories");
    fs::write(inside.join("one.iso"), &image).expect("a file");
    // To read all profiles for each input takes longer than all the rest.
    let sum = data.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) % 4;
    if sum == 0 {
        run(&inside, &["inspect", "--files", "--explain", "one.iso"]);
    }
    if bytes <= BYTES_MAX {
        match sum {
            0 => import(&inside),
            1 => copy(&inside, &["one.iso", second(&inside, image)]),
            _ => copy(&inside, &["one.iso"]),
        }
    }
    disk::check_names(outside.path(), &["around"]);
    disk::check_names(&outside.path().join("around"), &["it"]);
    disk::check_names(&inside, &["one.iso", "two.iso", "tree", "root"]);
});

/// Says what it is.
fn look(disc: &Disc) {
    if let Ok(identified) = identify(disc, &PROFILES, &Void)
        && let Some(product) = identified.product
    {
        assert_line(&product.to_string());
    }
    for edition in editions(disc, &Void).ok().flatten().unwrap_or_default() {
        let _ = edition.to_string();
    }
    let guess = guessed::of_disc(disc);
    for file in guess.chosen.iter().flat_map(|chosen| chosen.files()) {
        assert!(disc.tree.find(file.as_bytes()).is_some(), "{file:?} is not there");
    }
}

/// A second disc, which is the first but for a byte, of a file in most cases.
fn second(inside: &Path, mut image: Vec<u8>) -> &'static str {
    if let Some(&last) = used(&image).last() {
        image[last] ^= 1;
    }
    fs::write(inside.join("two.iso"), image).expect("a file");
    "two.iso"
}

/// Extracts them.
fn copy(inside: &Path, discs: &[&str]) {
    let tree = inside.join("tree");
    let words = [&["extract", "--to", "tree"], discs].concat();
    if run(inside, &words) {
        disk::check(&tree, &tree);
    } else {
        assert!(!tree.exists(), "a failed extraction has left something");
    }
}

/// Imports it, checks what has been imported, and removes it.
fn import(inside: &Path) {
    let imported = run(inside, &["import", "--server", "192.0.2.1", "x", "one.iso"]);
    let root = inside.join("root");
    if root.exists() {
        disk::check(&root, &root);
    }
    for menu in ["pxelinux.cfg/default", "uefi.ipxe"] {
        let path = root.join("wwwroot/pxefiles").join(menu);
        if let Ok(text) = fs::read(path) {
            assert_plain(menu, &text);
        }
    }
    if imported {
        run(inside, &["check", "x"]);
        run(inside, &["list"]);
        assert!(run(inside, &["remove", "x"]), "what has been imported cannot be removed");
    }
}

/// Whether it went well; what is said of it must be text.
fn run(inside: &Path, words: &[&str]) -> bool {
    let path = |word: &&str| match *word {
        "one.iso" | "two.iso" | "tree" => inside.join(word).into_os_string(),
        word => word.into(),
    };
    let root = inside.join("root").into_os_string();
    let first = ["pxe-import".into(), "--jobs=1".into(), "--root".into(), root];
    let args: Vec<OsString> = first.into_iter().chain(words.iter().map(path)).collect();
    let run = || -> Result<Report> {
        let cli =
            Cli::try_parse_from(insert_import(&Cli::command(), args)?).expect("a command line");
        command::run(&cli, &Void)
    };
    match run() {
        Ok(report) => {
            assert_text(words[0], &report.text());
            assert_text("JSON", &report.json());
            true
        }
        Err(_) => false,
    }
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});
