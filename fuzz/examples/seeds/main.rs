//! Writes the inputs that fuzzing starts from: `seeds DIR` makes one directory a target below DIR.

#![forbid(unsafe_code)]

mod images;
mod texts;

use std::fs;
use std::io;
use std::path::Path;

use pxe_import_fixtures::iso9660::zisofs::compress;
use pxe_import_fuzz::areas::Areas;
use pxe_import_fuzz::sectors::pack;
use pxe_import_fuzz::text::SEPARATOR;
use pxe_import_fuzz::wim::with_xml;
use pxe_import_fuzz::zisofs::Input;

fn main() -> io::Result<()> {
    let dir = std::env::args_os().nth(1).expect("usage: seeds DIR");
    let dir = Path::new(&dir);
    discs(dir)?;
    parts_of_discs(dir)?;
    let texts = [
        ("boot_cfg", &texts::BOOT_CFG[..]),
        ("menu", &texts::MENUS),
        ("profile", &texts::PROFILES),
    ];
    for (target, texts) in texts {
        for (number, text) in texts.iter().enumerate() {
            put(&dir.join(target), &number.to_string(), text.as_bytes())?;
        }
    }
    for (number, texts) in texts::CONFIGS.iter().enumerate() {
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        put(&dir.join("guess"), &number.to_string(), &texts.join(&0xff))?;
    }
    several_texts(dir)
}

fn put(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    fs::write(dir.join(name), bytes)
}

fn joined(texts: &[&str]) -> Vec<u8> {
    let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
    texts.join(SEPARATOR)
}

/// Whole images.
fn discs(dir: &Path) -> io::Result<()> {
    for (number, image) in images::iso9660_images().iter().enumerate() {
        for target in ["iso9660", "pipeline"] {
            put(&dir.join(target), &format!("iso9660-{number}"), &pack(&image.to_vec()))?;
        }
    }
    for (number, image) in images::udf_images().iter().enumerate() {
        for target in ["udf", "pipeline"] {
            put(&dir.join(target), &format!("udf-{number}"), &pack(&image.to_vec()))?;
        }
    }
    for (number, image) in images::known().iter().enumerate() {
        put(&dir.join("pipeline"), &format!("known-{number}"), &pack(&image.to_vec()))?;
    }
    for (name, input) in images::families() {
        put(&dir.join("pipeline"), name, &input)?;
    }
    Ok(())
}

/// System use areas, compressed files, Windows images.
fn parts_of_discs(dir: &Path) -> io::Result<()> {
    for (number, areas) in areas().iter().enumerate() {
        put(&dir.join("susp"), &number.to_string(), &areas.pack())?;
    }
    let mut text = b"compressible\n".repeat(6000);
    text.extend([0; 70_000]);
    for log2 in 15..=17 {
        for plain in [&text[..], b"x", &[0; 5000]] {
            let stored = compress(plain, log2);
            let size = u32::try_from(plain.len()).expect("small");
            let input = Input { log2, size, split: 100, stored: &stored };
            put(&dir.join("zisofs"), &format!("{log2}-{size}"), &input.pack())?;
        }
    }
    for (number, xml) in texts::WIMS.iter().enumerate() {
        let text = [b"\0", xml.as_bytes()].concat();
        put(&dir.join("wim"), &format!("xml-{number}"), &text)?;
        put(&dir.join("wim"), &number.to_string(), &[&[1], &with_xml(xml)[..]].concat())?;
    }
    Ok(())
}

/// What the targets take apart at [`SEPARATOR`].
fn several_texts(dir: &Path) -> io::Result<()> {
    for (number, (volume_id, place, text)) in texts::MARKED.iter().enumerate() {
        let mut all = vec![*volume_id];
        all.extend(vec![""; *place]);
        all.push(text);
        put(&dir.join("treeinfo"), &number.to_string(), &joined(&all))?;
    }
    // Packed in every way, with and without a check of the result.
    for packing in [0, 1, 2, 0x10, 0x11, 0x12] {
        for (number, texts) in texts::REPODATA.iter().enumerate() {
            let input = [vec![packing], joined(texts)].concat();
            put(&dir.join("repodata"), &format!("{number}-{packing}"), &input)?;
        }
        for (number, texts) in texts::DEBIAN.iter().enumerate() {
            let input = [vec![packing], joined(texts)].concat();
            put(&dir.join("debian"), &format!("{number}-{packing}"), &input)?;
        }
    }
    for (number, texts) in texts::ENTRIES.iter().enumerate() {
        put(&dir.join("entry"), &number.to_string(), &joined(texts))?;
    }
    Ok(())
}

/// An entry of each kind, in each of the places where entries may be.
fn areas() -> Vec<Areas> {
    let entry = |signature: &[u8], data: &[u8]| {
        let len = u8::try_from(data.len() + 4).expect("a short entry");
        [signature, &[len, 1], data].concat()
    };
    let both = |number: u32| [number.to_le_bytes(), number.to_be_bytes()].concat();
    let numbers = |all: &[u32]| all.iter().flat_map(|&number| both(number)).collect::<Vec<_>>();
    let announced = [entry(b"SP", b"\xbe\xef\0"), entry(b"ER", b"\x0a\0\0\x01RRIP_1991A")].concat();
    let more = |block, offset, len| entry(b"CE", &numbers(&[block, offset, len]));
    let mode = |mode| entry(b"PX", &numbers(&[mode, 1, 0, 0]));
    let name = entry(b"NM", b"\0a longer name");
    let time = entry(
        b"TF",
        b"\x0e\x74\x05\x16\x06\x04\x3b\0\x74\x05\x16\x06\x04\x3b\0\x74\x05\x16\x06\x04\x3b\0",
    );
    let link = entry(b"SL", b"\0\x04\0\0\x03etc\x01\x02pa");
    let rest = entry(b"SL", b"\0\0\x04sswd\x08\0\x02\0");
    let zisofs = [entry(b"ZF", b"pz\x04\x0f"), both(5000)].concat();
    let mut zisofs = zisofs;
    zisofs[2] = 16;
    let in_file = |area: &[&[u8]], more: &[u8]| {
        Areas([announced.clone(), area.concat(), mode(0o40755), more.to_vec()])
    };
    vec![
        in_file(&[&mode(0o100_644), &name, &time], b""),
        in_file(&[&mode(0o120_777), &link, &rest], b""),
        in_file(
            &[&mode(0o100_644), &more(19, 0, 60)],
            &[&name[..], &time, &more(20, 4, 8)].concat(),
        ),
        in_file(&[&zisofs, &mode(0o104_755)], b""),
        in_file(&[&mode(0o020_666), &entry(b"PN", &numbers(&[1, 3])), &entry(b"RR", &[0x89])], b""),
        in_file(&[&entry(b"CL", &both(21)), &entry(b"PL", &both(18)), &entry(b"RE", b"")], b""),
        in_file(&[&more(19, 0, 28)], &more(19, 0, 28)),
        in_file(&[&entry(b"ST", b""), &entry(b"SF", &numbers(&[1, 2])), &entry(b"ES", b"\0")], b""),
    ]
}
