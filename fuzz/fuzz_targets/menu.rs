//! Any bytes as a menu: our block goes in once, and everything else stays byte for byte.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use pxe_import::menu::edit::{Change, remove, upsert};
use pxe_import::menu::{Block, Entry, pxelinux};

fn block(arg: &str) -> Block {
    let entry = Entry {
        label: "a".into(),
        title: "A".into(),
        kernel: "/k".into(),
        initrd: None,
        args: vec![arg.into()],
        bootif: false,
        efi: Default::default(),
    };
    pxelinux::block(&entry).expect("a valid entry")
}

fuzz_target!(|data: &[u8]| {
    let path = Path::new("default");
    let Ok(first) = upsert(path, data, &block("x"), &[], true) else { return };
    let again = upsert(path, &first.text, &block("x"), &[], false).expect("our own result");
    assert_eq!((again.change, &again.text), (Change::Unchanged, &first.text));

    // What there was before is there still, around what has been put in.
    if first.change == Change::Added {
        let same = |(a, b): &(&u8, &u8)| a == b;
        let before = data.iter().zip(&first.text).take_while(same).count();
        let after = data.iter().rev().zip(first.text.iter().rev()).take_while(same).count();
        assert!(before + after >= data.len(), "{:?}", String::from_utf8_lossy(&first.text));
    }

    // Another block takes its place, and leaves the same when it is taken out.
    let hash = block("x").hash();
    let second = upsert(path, &first.text, &block("y"), &[&hash], false).expect("the same block");
    assert_eq!(second.change, Change::Replaced);
    let without = |text| remove(path, text, "a").expect("a whole block").text;
    assert_eq!(without(&second.text), without(&first.text));
});
