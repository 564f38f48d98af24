//! The worst of ISO 9660, Rock Ridge and zisofs.

use crate::Case;
use crate::iso::{
    CONTINUED, DIRECTORY, Iso, ROOT, SECTOR, SECTORS, announcement, ce, entry, name, nm, px, record,
};

/// Sectors behind the top directory's first.
const REST: usize = SECTORS - ROOT as usize;
/// All of the image as the content of a file.
const WHOLE: u32 = (SECTORS * SECTOR) as u32;

pub(crate) const CASES: &[Case] = &[
    Case::new("as many records as fit", "", || vec![full(|n| record(&name(n), 0, 0, 0, b""))]),
    Case::new("one extent in all files", "read the same bytes again", || {
        vec![full(|n| record(&name(n), 0, 0, WHOLE, b""))]
    }),
    Case::new("as much as is let through", "", || {
        vec![few(64, |n| record(&name(n), 0, 0, WHOLE, b""))]
    }),
    Case::new("files of a hundred sections", "read the same bytes again", || {
        vec![few(27_000, |n| {
            record(&name(n / 100), if n % 100 == 99 { 0 } else { CONTINUED }, 0, WHOLE, b"")
        })]
    }),
    Case::new("one file of too many sections", "a file of more than 100 sections", || {
        vec![full(|_| record(b"A", CONTINUED, 0, 1, b""))]
    }),
    Case::new("directories that overlap", "they overlap", || vec![overlapping()]),
    Case::new("directories in a circle", "contain each other", || vec![circle()]),
    Case::new("directories too deep", "nested deeper than 255", || vec![deep(1, 300)]),
    Case::new("paths too long", "a path of ", || vec![deep(200, 100)]),
    Case::new("long paths in numbers", "times the image's size", || vec![long_paths()]),
    Case::new("continuation areas in a circle", "in more than 31 areas", || vec![chain(None)]),
    Case::new("continuation areas over and over", "again and again", || vec![chain(Some(31))]),
    Case::new("links through links", "through more than 40 links", || vec![links()]),
    Case::new("devices", "is a device node", || vec![devices()]),
    Case::new("zisofs beyond all bounds", "compressed files expand by", || {
        vec![zisofs(4000, u32::MAX)]
    }),
    Case::new("zisofs as far as it goes", "", || vec![zisofs(60, 1 << 20)]),
    Case::new("a boot catalogue without end", "", || vec![catalogue()]),
];

/// A disc of one directory that goes on to the end of the image.
fn full(file: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    few(usize::MAX, file)
}

fn few(most: usize, file: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let mut iso = Iso::new();
    iso.directory(ROOT, REST, b"", &mut (0..most).map(file));
    iso.0
}

/// In each sector a directory that goes on to the end of the image; all of them name all that follow.
fn overlapping() -> Vec<u8> {
    let mut iso = Iso::new();
    for block in ROOT..SECTORS as u32 {
        let next = block as usize + 1..SECTORS;
        let mut records = next.map(|at| record(&name(at), DIRECTORY, at as u32, 2048, b""));
        iso.directory(block, 1, b"", &mut records);
        let own = record(&[0], DIRECTORY, block, (SECTORS as u32 - block) * 2048, b"");
        iso.put(block, &own);
    }
    iso.0
}

fn circle() -> Vec<u8> {
    let mut iso = Iso::new();
    for block in ROOT..SECTORS as u32 {
        let all = ROOT..SECTORS as u32;
        let mut records = all.map(|at| record(&name(at as usize), DIRECTORY, at, 2048, b""));
        iso.directory(block, 1, b"", &mut records);
    }
    iso.0
}

/// Directories in each other, with names of `len` bytes.
fn deep(len: usize, levels: u32) -> Vec<u8> {
    let mut iso = Iso::new();
    for level in 0..levels {
        let own = if level == 0 { announcement() } else { Vec::new() };
        let block = ROOT + level;
        let name = nm(&vec![b'd'; len]);
        let below = record(b"D", DIRECTORY, block + 1, 2048, &name);
        iso.directory(block, 1, &own, &mut std::iter::once(below));
    }
    iso.directory(ROOT + levels, 1, b"", &mut std::iter::empty());
    iso.0
}

/// Many files below as long a path as can be.
fn long_paths() -> Vec<u8> {
    let mut iso = Iso(deep(200, 19));
    iso.directory(ROOT + 19, REST - 19, b"", &mut (0..).map(|n| record(&name(n), 0, 0, 0, b"")));
    iso.0
}

/// Files whose system use entries go on in areas that lead to each other; in a circle, or `most` of them.
fn chain(most: Option<u32>) -> Vec<u8> {
    let mut iso = Iso::new();
    let areas = ROOT + 1;
    let dir = areas + 40;
    let file = |n| record(&name(n), 0, 0, 0, &ce(areas, 0, 2028));
    let top = record(b"D", DIRECTORY, dir, 2048, b"");
    iso.directory(ROOT, 1, &announcement(), &mut std::iter::once(top));
    iso.directory(dir, SECTORS - dir as usize, b"", &mut (0..).map(file));
    for area in 0..32 {
        // Entries that nobody knows, as short as they can be.
        let mut bytes = b"XX\x04\x01".repeat(500);
        let next = match most {
            None => Some((area + 1) % 32),
            Some(most) => Some(area + 1).filter(|next| *next < most),
        };
        bytes.extend(next.map(|next| ce(areas + next, 0, 2028)).unwrap_or_default());
        iso.put(areas + area, &bytes);
    }
    iso.0
}

fn links() -> Vec<u8> {
    let mut iso = Iso::new();
    let link = |n: usize| {
        let to = [&[0, 3][..], &name(n + 1)].concat();
        let system_use = [px(0o120_777), entry(b"SL", &[&[0][..], &to].concat())].concat();
        record(&name(n), 0, 0, 0, &[system_use, nm(&name(n))].concat())
    };
    iso.directory(ROOT, REST, &announcement(), &mut (0..).map(link));
    iso.0
}

fn devices() -> Vec<u8> {
    let mut iso = Iso::new();
    let kinds = [0o010_777, 0o020_777, 0o060_777, 0o140_777];
    let mut files = (0..).map(|n| record(&name(n), 0, 0, 0, &px(kinds[n % 4])));
    iso.directory(ROOT, REST, &announcement(), &mut files);
    iso.0
}

/// Files of one compressed stream, of which all blocks are zeros.
fn zisofs(files: usize, size: u32) -> Vec<u8> {
    let mut iso = Iso::new();
    let blocks = size.div_ceil(1 << 17) as usize;
    let table = 16 + 4 * (blocks + 1);
    let mut stream = [0x37, 0xe4, 0x53, 0x96, 0xc9, 0xdb, 0xd6, 0x07].to_vec();
    stream.extend(size.to_le_bytes());
    stream.extend([4, 17, 0, 0]);
    stream.extend((table as u32).to_le_bytes().repeat(blocks + 1));
    let at = 300;
    iso.put(at, &stream);
    let both = [size.to_le_bytes(), size.to_be_bytes()].concat();
    let zf = entry(b"ZF", &[&b"pz\x04\x11"[..], &both].concat());
    let len = stream.len() as u32;
    let mut records = (0..files).map(|n| record(&name(n), 0, at, len, &zf));
    iso.directory(ROOT, at as usize - ROOT as usize, &announcement(), &mut records);
    iso.0
}

/// El Torito: a catalogue of section headers that all say that more follow.
fn catalogue() -> Vec<u8> {
    let mut iso = Iso::new();
    iso.directory(ROOT, 1, b"", &mut std::iter::once(record(&name(0), 0, 0, 0, b"")));
    let mut boot = b"\0CD001\x01EL TORITO SPECIFICATION".to_vec();
    boot.resize(71, 0);
    boot.extend(400_u32.to_le_bytes());
    iso.put(17, &boot);
    iso.put(18, b"\xffCD001\x01");
    let mut catalogue = vec![1, 0, 0, 0];
    catalogue.resize(32, 0);
    catalogue[28..32].copy_from_slice(&[0xaa, 0x55, 0x55, 0xaa]);
    for _ in 0..2000 {
        let mut header = vec![0x90, 0xef, 0xff, 0xff];
        header.resize(32, 0);
        catalogue.extend(header);
    }
    iso.put(400, &catalogue);
    iso.0
}
