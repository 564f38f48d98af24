//! Any texts as a menu entry: in every menu it is one entry, or it is refused. And any bytes as the
//! program that it starts.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use pxe_import::menu::edit::upsert;
use pxe_import::menu::ipxe::{self, Item, Menu};
use pxe_import::menu::{Efi, Entry, blocks, labels, pe, pxelinux};
use pxe_import_fuzz::text::{assert_plain, parts};

fuzz_target!(|data: &[u8]| {
    let _ = pe::machine(data);
    let texts = parts::<8>(data).map(|text| String::from_utf8_lossy(text).into_owned());
    let [label, title, kernel, initrd, first, second, path, flags] = texts;
    let bits = flags.bytes().next().unwrap_or(0);
    let efi = match bits % 4 {
        0 => Efi::Kernel,
        1 => Efi::Program { path, args: vec![flags.clone()] },
        2 => Efi::Wimboot(vec![(flags.clone(), path)]),
        _ => Efi::None,
    };
    let entry = Entry {
        label,
        title,
        kernel,
        initrd: Some(initrd).filter(|text| !text.is_empty()),
        args: [first, second].into_iter().filter(|text| !text.is_empty()).collect(),
        bootif: bits & 4 != 0,
        efi,
    };
    in_pxelinux(&entry);
    in_ipxe(&entry);
});

fn in_pxelinux(entry: &Entry) {
    let Ok(block) = pxelinux::block(entry) else { return };
    let path = Path::new("default");
    let menu = upsert(path, b"default x\n", &block, &[], false).expect("an empty menu takes it");
    let found = labels(path, &menu.text).expect("a sound menu");
    assert_eq!(found.len(), 1, "{:?}", block.text());
    assert_eq!(blocks(path, &menu.text).expect("a sound menu").len(), 1);
    let again = upsert(path, &menu.text, &block, &[], false).expect("our own result");
    assert_eq!(again.text, menu.text);
}

fn in_ipxe(entry: &Entry) {
    let item = Item { entry, base: "http://192.0.2.1", machine: pe::Machine::X86_64 };
    let menu = Menu { title: &entry.title, items: vec![item], ..Menu::default() };
    let (script, _) = ipxe::script(&menu);
    if entry.check().is_err() {
        return;
    }
    assert_plain("uefi.ipxe", script.as_bytes());
    let without = ipxe::script(&Menu { items: Vec::new(), ..menu }).0;
    let count = |script: &str, word: &str| {
        script.lines().filter(|line| line.split(' ').next() == Some(word)).count()
    };
    // One item of its own, whatever its texts say.
    assert!(count(&script, "item") <= count(&without, "item") + 1, "{script}");
    assert_eq!(count(&script, "choose"), count(&without, "choose"), "{script}");
}
