//! Descriptors of UDF (ECMA-167, parts 3 and 4) and their fields.

use crate::field::{Field, Kind, Structure};
use crate::tags;

const ONE: Kind = Kind::Little(1);
const TWO: Kind = Kind::Little(2);
const FOUR: Kind = Kind::Little(4);
const EIGHT: Kind = Kind::Little(8);

/// What every descriptor begins with: identifier, version, CRC length, location.
const TAG: [(usize, Kind); 4] = [(0, TWO), (2, TWO), (10, TWO), (12, FOUR)];
/// Most allocation descriptors of one entry that count.
const ALLOCATION_MAX: usize = 16;

/// Everything of these kinds that the image has.
pub fn structures(image: &[u8]) -> Vec<Structure> {
    tags::find(image).into_iter().map(|at| structure(image, at)).collect()
}

fn structure(image: &[u8], at: usize) -> Structure {
    let number = |offset, kind| {
        let number = Field { at: at + offset, kind }.number(image).unwrap_or(0);
        usize::try_from(number).unwrap_or(usize::MAX).min(1 << 20)
    };
    let mut fields = TAG.to_vec();
    let mut len = 512;
    match number(0, TWO) {
        // Anchor: extents of both sequences (3/10.2).
        2 => fields.extend([16, 20, 24, 28].map(|at| (at, FOUR))),
        // Pointer to the next part of a sequence (3/10.3).
        3 => fields.extend([16, 20, 24].map(|at| (at, FOUR))),
        // Partition (3/10.5): flags, number, contents, access type, start and length.
        5 => {
            fields.extend([(20, TWO), (22, TWO), (25, FOUR), (184, FOUR), (188, FOUR), (192, FOUR)])
        }
        6 => fields.extend(logical_volume(number(264, FOUR), number(268, FOUR))),
        // File set (4/14.1): the top directory's entry, the next file set.
        256 => fields.extend([(400, FOUR), (404, FOUR), (408, TWO), (448, FOUR), (452, FOUR)]),
        257 => {
            let (name, implementation) = (number(19, ONE), number(36, TWO));
            len = 38 + name + implementation;
            fields.extend([(16, TWO), (18, ONE), (19, ONE), (36, TWO)]);
            fields.extend([(20, FOUR), (24, FOUR), (28, TWO)]);
            fields.extend([(38 + implementation, ONE), (39 + implementation, Kind::Text(name))]);
        }
        // Allocation extent (4/14.5), and extents behind it.
        258 => {
            fields.push((20, FOUR));
            fields.extend(allocation(24, number(20, FOUR)));
        }
        // Indirect entry (4/14.7).
        259 => fields.extend([(20, TWO), (27, ONE), (36, FOUR), (40, FOUR), (44, TWO)]),
        261 => fields.extend(entry(168, 176, number(168, FOUR), number(172, FOUR))),
        266 => {
            fields.push((64, EIGHT));
            fields.extend(entry(208, 216, number(208, FOUR), number(212, FOUR)));
        }
        _ => fields.extend([(16, FOUR), (20, FOUR)]),
    }
    Structure::new(at, len, &fields)
}

/// Logical volume (3/10.6): block size, the file set's place, the partition maps.
fn logical_volume(bytes: usize, maps: usize) -> Vec<(usize, Kind)> {
    let mut fields =
        vec![(212, FOUR), (248, FOUR), (252, FOUR), (256, TWO), (264, FOUR), (268, FOUR)];
    fields.push((218, TWO));
    fields.extend((440..440 + bytes.min(8)).map(|at| (at, ONE)));
    // A map of the second type: its identifier, volume, partition and what UDF has behind them.
    if maps > 1 || bytes > 6 {
        let second = if bytes % 64 == 6 { 446 } else { 440 };
        fields.extend([(second + 5, Kind::Text(23)), (second + 36, TWO), (second + 38, TWO)]);
        fields.extend([40, 44, 48, 52, 56].map(|at| (second + at, FOUR)));
        fields.extend([(second + 40, TWO), (second + 42, ONE), (second + 60, TWO)]);
    }
    fields
}

/// (Extended) file entry (4/14.9, 4/14.17), whose two lengths lie at `lengths` and what they
/// measure at `behind`.
fn entry(lengths: usize, behind: usize, attributes: usize, bytes: usize) -> Vec<(usize, Kind)> {
    // The ICB tag: prior entries, strategy, its parameter, entries, type, parent, flags.
    let mut fields =
        vec![(16, FOUR), (20, TWO), (22, TWO), (24, TWO), (27, ONE), (28, FOUR), (32, TWO)];
    fields.extend([(34, TWO), (34, ONE), (44, FOUR), (48, TWO), (56, EIGHT)]);
    fields.extend([(lengths, FOUR), (lengths + 4, FOUR)]);
    fields.extend(allocation(behind + attributes, bytes));
    fields
}

/// Short or long allocation descriptors (4/14.14), which share their multiples of four bytes.
fn allocation(at: usize, bytes: usize) -> impl Iterator<Item = (usize, Kind)> {
    (0..(bytes / 4).min(ALLOCATION_MAX * 2)).map(move |index| (at + index * 4, FOUR))
}

#[cfg(test)]
mod tests {
    use pxe_import_fixtures::Tree;
    use pxe_import_fixtures::udf::{Options, write};

    use super::*;

    #[test]
    fn descriptors_are_found_with_their_extents_and_names() {
        let mut tree = Tree::new();
        tree.random("a name", 2100);
        let written = write(&tree, &Options { block_size: 512, ..Options::default() });
        let image = written.image.to_vec();
        let found = structures(&image);
        let place = written.entry("a name");
        let at = |at: u64| {
            let at = usize::try_from(at).expect("small");
            found.iter().find(|one| one.at == at).expect("found")
        };
        let identifier = at(place.identifier.expect("in a directory"));
        assert!(identifier.fields.iter().any(|field| field.kind == Kind::Text(7)));
        let data = place.data.expect("with data") - written.partition;
        let entry = at(place.entry);
        assert!(entry.fields.iter().any(|field| field.number(&image) == Some(data / 512)));
        assert!(written.anchors.iter().all(|&anchor| at(anchor).fields.len() == 8));
    }
}
