use std::time::{Duration, Instant};

use super::builder::{Builder, DIRECTORY, ROOT, SECTOR, announcement, nm, px};
use crate::content::Reader;
use crate::media::iso9660::Iso9660;
use crate::media::iso9660::directory::tests::record;
use crate::media::iso9660::susp::tests::{continuation, entry};
use crate::media::{Disc, Hierarchy, Image};
use crate::monitor::Void;

/// A disc with something of everything.
fn disc() -> Builder {
    let mut builder = Builder::new(2048);
    builder.descriptor(2, 1, b"%/E", 25);
    let link = [px(0o120_777), nm(b"link"), entry(b"SL", b"\0\x04\0\0\x01x")].concat();
    let zf = entry(b"ZF", b"pz\x04\x0f\0\x80\0\0\0\0\x80\0");
    let far = [px(0o100_644), continuation(28, 10, 16)].concat();
    builder.directory(
        ROOT,
        &announcement(0),
        &[
            record(b"A.;1", 0, 30, 5, &far),
            record(b"D", DIRECTORY, 21, 2048, &[px(0o040_755), nm(b"Dir")].concat()),
            record(b"L.;1", 0, 0, 0, &link),
            record(b"M.;1", 0x80, 30, 2048, &nm(b"multi")),
            record(b"M.;1", 0, 31, 100, &nm(b"multi")),
            record(b"Z.;1", 0, 32, 24, &zf),
        ],
    );
    builder.directory(21, &px(0o040_755), &[record(b"F;1", 0, 30, 5, &nm(b"file"))]);
    builder.directory(25, b"", &[record(b"\0J\0;\x001", 0, 30, 5, b"")]);
    builder.put(28, &[&[0; 10][..], &nm(b"a long name"), &[0; 3]].concat());
    builder.put(32, b"\x37\xe4\x53\x96\xc9\xdb\xd6\x07\0\x80\0\0\x04\x0f\0\0\x18\0\0\0\x18\0\0\0");
    builder
}

/// Reads all there is to read; whether it works is not asked.
fn exercise(bytes: Vec<u8>) {
    let image = || Image::new("damaged.iso", bytes.clone());
    for wanted in [None, Some(Hierarchy::Joliet), Some(Hierarchy::Iso9660)] {
        let Ok(disc) = Disc::read(image(), wanted, &Void) else { continue };
        for id in disc.tree.iter() {
            if let Ok(reader) = Reader::of_node(&disc, id) {
                let len = usize::try_from(reader.len()).unwrap_or(usize::MAX).min(1 << 17);
                let _ = reader.read_exact_at(0, &mut vec![0; len]);
            }
        }
    }
}

#[test]
fn the_disc_that_is_damaged_below_is_good_to_begin_with() {
    let builder = disc();
    let names = builder.listing(Hierarchy::RockRidge).0;
    let expected = ["Dir/", "Dir/file 5", "a long name 5", "link -> ../x", "multi 2148", "z 32768"];
    assert_eq!(names, expected);
    let disc = Disc::read(builder.image(), None, &Void).expect("a good image");
    let zeros = disc.content(disc.tree.find(b"z").expect("a file"), 1 << 20).expect("readable");
    assert_eq!(zeros, vec![0; 32768]);
}

#[test]
fn no_changed_byte_of_the_metadata_makes_the_reader_panic() {
    let good = disc().bytes;
    let used: Vec<usize> = (16 * SECTOR..33 * SECTOR)
        .filter(|&at| good[at] != 0 || good[at.saturating_sub(2)..at].iter().any(|&b| b != 0))
        .collect();
    for at in used {
        for value in [0, 1, 0x7f, 0xff, good[at] ^ 0x80, good[at].wrapping_add(1)] {
            let mut bad = good.clone();
            bad[at] = value;
            exercise(bad);
        }
    }
}

#[test]
fn no_cut_makes_the_reader_panic_and_every_cut_is_an_error() {
    let good = disc().bytes;
    for len in (0..good.len()).step_by(331) {
        exercise(good[..len].to_vec());
        let cut = Disc::read(Image::new("cut.iso", good[..len].to_vec()), None, &Void);
        assert!(cut.is_err(), "{len} bytes");
    }
}

/// Directories that each hold 60 of the next level would be 60^200 entries; each may lie in one
/// place only.
#[test]
fn a_directory_reached_by_many_ways_does_not_multiply() {
    let mut builder = Builder::new(2048);
    for level in 0..18 {
        let block = ROOT + level;
        let next = |n: u8| record(&[b'A' + n], DIRECTORY, block + 1, 2048, b"");
        builder.directory(block, b"", &(0..50).map(next).collect::<Vec<_>>());
    }
    let began = Instant::now();
    assert!(builder.read(Hierarchy::Iso9660).is_err());
    assert!(began.elapsed() < Duration::from_secs(5));
}

/// A directory that claims to fill the image, in an image of holes, is bounded by the budget.
#[test]
fn metadata_without_end_is_refused() {
    struct Endless(Vec<u8>);
    impl crate::media::ReadAt for Endless {
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
            match crate::media::ReadAt::read_at(&self.0, offset, buf)? {
                0 => {
                    buf.fill(0);
                    Ok(buf.len())
                }
                n => Ok(n),
            }
        }
        fn size(&self) -> u64 {
            1 << 45
        }
    }
    let mut builder = Builder::new(2048);
    builder.put(ROOT, &record(&[0], DIRECTORY, ROOT, u32::MAX, b""));
    let image = Image::new("endless.iso", Endless(builder.bytes));
    let iso = Iso9660::open(&image).expect("readable").expect("a disc");
    let error = iso.read(&image, Hierarchy::Iso9660, &Void).expect_err("too much");
    assert!(error.to_string().contains("more than 256 MiB of directories"), "{error}");
}
