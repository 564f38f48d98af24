//! No config leads to a panic, out of the tree, or to what a menu cannot hold.

use std::cell::Cell;

use proptest::prelude::*;

use super::super::medium::{Arg, form};
use super::super::{CANDIDATES_MAX, Files, Guess, guess};
use super::Disc;

const PATHS: [&str; 8] = [
    "isolinux/isolinux.cfg",
    "isolinux/a.cfg",
    "boot/grub/grub.cfg",
    "EFI/BOOT/grub.cfg",
    "boot/grub/a.cfg",
    "loader/loader.conf",
    "loader/entries/a.conf",
    "syslinux.cfg",
];
const FILES: [&str; 5] = ["k", "isolinux/k", "boot/i", "live/filesystem.squashfs", "a b"];

/// Whatever is chosen is in the tree and fit for a menu.
fn check(disc: &Disc) -> Guess {
    let guess = disc.guess();
    assert!(guess.candidates.len() <= CANDIDATES_MAX);
    if let Some(chosen) = &guess.chosen {
        disc.with(|files| {
            for path in chosen.files() {
                assert!((files.read)(path, 1).is_some(), "{path:?} is not there");
                assert!(!path.starts_with('/') && !path.contains(".."), "{path:?}");
            }
            for arg in form(chosen, files).args {
                let (Arg::Plain(a) | Arg::Url(a, _)) = &arg;
                assert!(a.bytes().all(|b| b.is_ascii_graphic()), "{arg:?}");
                assert!(!a.contains("${"), "{arg:?}");
            }
        });
    }
    guess
}

/// Lines of the words that the parsers know.
fn config() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "label",
        "kernel",
        "linux",
        "initrd",
        "append",
        "include",
        "menu",
        "default",
        "begin",
        "end",
        "text",
        "endtext",
        "config",
        "ui",
        "vesamenu.c32",
        "mboot.c32",
        "linux.c32",
        "a.cfg",
        "k",
        "/k",
        "../../k",
        "boot/i",
        "/boot/i",
        "initrd=/boot/i",
        "---",
        "-",
        "menuentry",
        "submenu",
        "{",
        "}",
        "'",
        "\"",
        "\\",
        "$x",
        "${x}",
        "$",
        "set",
        "x=y",
        "x=$x$x",
        "default=1>0",
        "source",
        "(cd0)/k",
        "if",
        "else",
        "fi",
        "multiboot",
        "module",
        "title",
        "options",
        "01*",
        "boot=live",
        "root=live:LABEL=x",
        "inst.stage2=hd:x",
        "inst.ks=cdrom:/../k",
        "\u{1}",
        "\u{e9}",
        "\r",
        ";",
        "#",
        "::k",
        "\n",
        "\n",
        "\n",
    ]);
    prop::collection::vec(word, 0..120).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn what_is_chosen_is_in_the_tree_and_fit_for_a_menu(
        texts in prop::collection::vec((prop::sample::select(PATHS.to_vec()), config()), 1..5)
    ) {
        let configs: Vec<_> = texts.iter().map(|(path, text)| (*path, text.as_str())).collect();
        check(&Disc::new(&configs, &FILES));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(
        path in prop::sample::select(PATHS.to_vec()),
        bytes in prop::collection::vec(any::<u8>(), 0..2000)
    ) {
        let text = String::from_utf8_lossy(&bytes);
        check(&Disc::new(&[(path, &text)], &FILES));
    }
}

/// A config cut short, doubled and with bytes changed, by a small generator of numbers.
#[test]
fn changed_configs_are_read_without_a_panic() {
    let seeds = [
        "default a\nlabel a\nmenu label ^A\nkernel /k\nappend initrd=/boot/i x=1 --- y\nmenu begin\nmenu end\n",
        "set default=0\nmenuentry \"A $x\" --id 'b' {\n linux ($root)/k ${y} a\\ b\n initrd /boot/i\n}\n",
        "title A\nlinux /k\ninitrd /boot/i\noptions a=b\n",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for round in 0..3000 {
        let mut text = seeds[round % seeds.len()].as_bytes().to_vec();
        for _ in 0..next() % 8 {
            let at = usize::try_from(next()).unwrap_or(0) % text.len();
            match next() % 3 {
                0 => text[at] = next().to_le_bytes()[0],
                1 => text.truncate(at.max(1)),
                _ => text.extend_from_within(at..),
            }
        }
        let text = String::from_utf8_lossy(&text);
        check(&Disc::new(&[(PATHS[round % PATHS.len()], &text)], &FILES));
    }
}

#[test]
fn loops_and_floods_are_bounded() {
    let own = "include isolinux.cfg\nmenu include a.cfg\nui vesamenu.c32 isolinux.cfg a.cfg\n";
    let guess =
        check(&Disc::new(&[("isolinux/isolinux.cfg", own), ("isolinux/a.cfg", own)], &FILES));
    assert_eq!(guess.configs.len(), 2);
    let labels = "label a\nkernel /k\n".repeat(20_000);
    let entries = "menuentry a {\nlinux /k\n}\n".repeat(20_000);
    let configs = [("isolinux/isolinux.cfg", labels.as_str()), ("boot/grub/grub.cfg", &entries)];
    assert_eq!(check(&Disc::new(&configs, &FILES)).candidates.len(), CANDIDATES_MAX);
    let doubling =
        format!("set x=aaaaaaaa\n{}menuentry a {{\nlinux /k $x\n}}\n", "set x=$x$x\n".repeat(64));
    let deep = "submenu a {\n".repeat(50_000);
    let long = format!("label a\nkernel /k\nappend {}\n", "x".repeat(100_000));
    for text in
        [doubling, deep, "'".repeat(100_000), "{".repeat(200_000), "if ".repeat(80_000), long]
    {
        for path in PATHS {
            check(&Disc::new(&[(path, &text)], &FILES));
        }
    }
}

/// Each look goes through whole directories, which may have 100,000 names.
#[test]
fn configs_that_name_a_hundred_thousand_paths_look_for_few_of_them() {
    let mut text = String::new();
    for label in 0..200 {
        let modules: Vec<_> = (0..500).map(|module| format!("/m{label}-{module}")).collect();
        text += &format!("label l{label}\nkernel mboot.c32\nappend {}\n", modules.join(" --- "));
    }
    let disc = Disc::new(&[("isolinux/isolinux.cfg", &text)], &FILES);
    let looks = Cell::new(0);
    disc.with(|files| {
        let find = |path: &str| {
            looks.set(looks.get() + 1);
            (files.find)(path)
        };
        guess(&Files { find: &find, ..*files })
    });
    assert!(looks.get() < 2000, "{}", looks.get());
}
