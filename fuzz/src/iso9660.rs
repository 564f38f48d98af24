//! Volume descriptors, directory records and boot catalogues (ECMA-119, El Torito) and their fields.

use std::collections::BTreeSet;

use crate::field::{Kind, Structure};
use crate::sectors::{SECTOR, used};
use crate::susp::{self, Area};

const LOGICAL_SECTOR: usize = 2048;
/// Most continuation areas that are looked for.
const AREAS_MAX: usize = 256;
/// Bytes of an XA record, which may stand before the system use entries.
const XA: usize = 14;

/// A directory record (9.1), but for its name.
const RECORD: [(usize, Kind); 10] = [
    (0, Kind::Little(1)),
    (1, Kind::Little(1)),
    (2, Kind::Both(4)),
    (10, Kind::Both(4)),
    (18, Kind::Little(1)),
    (25, Kind::Little(1)),
    (26, Kind::Little(1)),
    (27, Kind::Little(1)),
    (28, Kind::Both(2)),
    (32, Kind::Little(1)),
];

/// A volume descriptor (8.4, 8.5), but for the top directory's record.
const DESCRIPTOR: [(usize, Kind); 14] = [
    (0, Kind::Little(1)),
    (6, Kind::Little(1)),
    (7, Kind::Little(1)),
    (40, Kind::Text(32)),
    (71, Kind::Little(4)),
    (80, Kind::Both(4)),
    (88, Kind::Text(3)),
    (120, Kind::Both(2)),
    (124, Kind::Both(2)),
    (128, Kind::Both(2)),
    (132, Kind::Both(4)),
    (140, Kind::Little(4)),
    (148, Kind::Big(4)),
    (881, Kind::Little(1)),
];

/// A validation entry, an initial entry, a section header and a section entry of a boot catalogue.
const CATALOGUE: [(usize, Kind); 12] = [
    (0, Kind::Little(1)),
    (1, Kind::Little(1)),
    (28, Kind::Little(2)),
    (30, Kind::Little(2)),
    (32, Kind::Little(1)),
    (33, Kind::Little(1)),
    (38, Kind::Little(2)),
    (40, Kind::Little(4)),
    (64, Kind::Little(1)),
    (65, Kind::Little(1)),
    (66, Kind::Little(2)),
    (96, Kind::Little(1)),
];

/// Everything of these kinds that the image has.
pub fn structures(image: &[u8]) -> Vec<Structure> {
    let mut found = Vec::new();
    let mut areas = Vec::new();
    let block_size = block_size(image);
    for at in used(image) {
        let sector = &image[at..];
        if at % LOGICAL_SECTOR == 0 && sector.get(1..6) == Some(b"CD001") {
            found.push(Structure::new(at, LOGICAL_SECTOR, &DESCRIPTOR));
            found.extend(record(image, at + 156).map(|(record, _)| record));
        } else if sector.starts_with(&[1]) && sector.get(30..32) == Some(b"\x55\xaa") {
            found.push(Structure::new(at, SECTOR, &CATALOGUE));
        } else if sector.get(32..34) == Some(&[1, 0]) {
            directory(image, at, &mut found, &mut areas);
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(area) = areas.pop() {
        if seen.len() < AREAS_MAX && seen.insert(area) {
            let (entries, more) = susp::entries(image, area, block_size);
            found.extend(entries);
            areas.extend(more);
        }
    }
    found
}

/// That of the first volume descriptor.
fn block_size(image: &[u8]) -> usize {
    match image.get(16 * LOGICAL_SECTOR + 128..16 * LOGICAL_SECTOR + 130) {
        Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
        _ => LOGICAL_SECTOR,
    }
}

/// The records of a directory to the end of its first sector, and their system use areas.
fn directory(image: &[u8], start: usize, found: &mut Vec<Structure>, areas: &mut Vec<Area>) {
    let end = (start / LOGICAL_SECTOR + 1) * LOGICAL_SECTOR;
    let mut at = start;
    while at < end {
        let Some((one, area)) = record(image, at) else { break };
        at += one.len;
        found.push(one);
        areas.push(area);
        // Behind an XA record as well.
        if image.get(area.0 + 6..area.0 + 8) == Some(b"XA") {
            areas.push((area.0 + XA, area.1.saturating_sub(XA)));
        }
    }
}

fn record(image: &[u8], at: usize) -> Option<(Structure, Area)> {
    let len = usize::from(*image.get(at)?);
    let name = usize::from(*image.get(at + 32)?);
    let behind = 33 + name + (33 + name) % 2;
    if len < 34 || at + len > image.len() || 33 + name > len {
        return None;
    }
    let mut fields = RECORD.to_vec();
    fields.push((33, Kind::Text(name)));
    Some((Structure::new(at, len, &fields), (at + behind, len.saturating_sub(behind))))
}

#[cfg(test)]
mod tests {
    use pxe_import_fixtures::iso9660::{Options, RockRidge, write};
    use pxe_import_fixtures::{Image, Tree};

    use super::*;
    use crate::field::Field;

    #[test]
    fn descriptors_records_and_entries_are_found() {
        let mut tree = Tree::new();
        tree.text("a longer name.txt", "x");
        let rock_ridge = RockRidge { in_record_max: 28, ..RockRidge::default() };
        let options = Options { rock_ridge: Some(rock_ridge), ..Options::default() };
        let written = write(&tree, &options);
        let image = Image::to_vec(&written.image);
        let found = structures(&image);
        let at = |at: u64| found.iter().any(|one| one.at == usize::try_from(at).expect("small"));
        assert!(at(written.descriptors[0].1));
        assert!(written.records.iter().all(|record| at(record.offset)));
        // The name is in a continuation area.
        let name = image.windows(17).position(|part| part == b"a longer name.txt").expect("there");
        let name = Field { at: name, kind: Kind::Text(17) };
        assert!(found.iter().any(|one| one.fields.contains(&name)));
    }
}
