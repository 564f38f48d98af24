//! System use entries (IEEE P1281, P1282) and their fields.

use crate::field::{Field, Kind, Structure};

/// Where entries go on: byte offset and length.
pub type Area = (usize, usize);

/// The entries in the bytes `area` of the image, one after the other, and where they go on;
/// `block_size` is that of a logical block.
pub fn entries(image: &[u8], area: Area, block_size: usize) -> (Vec<Structure>, Vec<Area>) {
    let (mut found, mut more) = (Vec::new(), Vec::new());
    let (mut at, end) = (area.0, area.0.saturating_add(area.1).min(image.len()));
    while at + 4 <= end {
        let len = usize::from(image[at + 2]);
        let letters = image[at..at + 2].iter().all(u8::is_ascii_uppercase);
        if !letters || len < 4 || at + len > end {
            break;
        }
        let entry = Structure::new(at, len, &fields(&image[at..at + len]));
        if image[at..].starts_with(b"CE") && len >= 28 {
            let number = |offset| Field { at: at + offset, kind: Kind::Both(4) }.number(image);
            let number = |offset| usize::try_from(number(offset).unwrap_or(0)).unwrap_or(0);
            more.push((
                number(4).saturating_mul(block_size).saturating_add(number(12)),
                number(20),
            ));
        }
        found.push(entry);
        at += len;
    }
    (found, more)
}

/// The fields of one entry, by their offsets in it.
fn fields(entry: &[u8]) -> Vec<(usize, Kind)> {
    let rest = entry.len().saturating_sub(5);
    // Signature, length, version: another kind of entry, or one that ends elsewhere.
    let mut fields = vec![(0, Kind::Text(2)), (2, Kind::Little(1)), (3, Kind::Little(1))];
    let numbers = |count: usize| (0..count).map(|index| (4 + index * 8, Kind::Both(4)));
    match entry.get(..2) {
        Some(b"CE") => fields.extend(numbers(3)),
        Some(b"PX") => fields.extend(numbers(5)),
        Some(b"PN") => fields.extend(numbers(2)),
        Some(b"CL" | b"PL") => fields.extend(numbers(1)),
        Some(b"SP") => fields.extend([(4, Kind::Little(2)), (6, Kind::Little(1))]),
        Some(b"ER") => fields.extend((4..8).map(|at| (at, Kind::Little(1)))),
        Some(b"NM") => fields.extend([(4, Kind::Little(1)), (5, Kind::Text(rest))]),
        Some(b"SL") => {
            fields.push((4, Kind::Little(1)));
            // Components: flags, length, text.
            let mut at = 5;
            while at + 2 <= entry.len() {
                let len = usize::from(entry[at + 1]).min(entry.len() - at - 2);
                fields.extend([(at, Kind::Little(1)), (at + 1, Kind::Little(1))]);
                fields.push((at + 2, Kind::Text(len)));
                at += 2 + len;
            }
        }
        Some(b"TF") => fields.extend((4..entry.len()).map(|at| (at, Kind::Little(1)))),
        Some(b"ZF") => {
            fields.extend([(4, Kind::Text(2)), (6, Kind::Little(1)), (7, Kind::Little(1))]);
            fields.push((8, Kind::Both(4)));
        }
        _ => fields.extend((4..entry.len().min(12)).map(|at| (at, Kind::Little(1)))),
    }
    let fits = |&(at, kind): &(usize, Kind)| match kind {
        Kind::Both(width) => at + 2 * width <= entry.len(),
        Kind::Little(width) | Kind::Big(width) | Kind::Text(width) => at + width <= entry.len(),
    };
    fields.into_iter().filter(fits).collect()
}

/// Signatures that an entry may be given.
pub const SIGNATURES: [&[u8; 2]; 16] = [
    b"CE", b"PX", b"PN", b"SL", b"NM", b"CL", b"PL", b"RE", b"TF", b"SF", b"SP", b"ST", b"ER",
    b"ES", b"RR", b"ZF",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_with_the_areas_where_they_go_on() {
        let mut area = b"NM\x06\x01\0xCE\x1c\x01".to_vec();
        for number in [3_u32, 16, 40] {
            area.extend(number.to_le_bytes());
            area.extend(number.to_be_bytes());
        }
        area.extend([0; 9]);
        let (found, more) = entries(&area, (0, area.len()), 2048);
        assert_eq!(
            found.iter().map(|one| (one.at, one.len)).collect::<Vec<_>>(),
            [(0, 6), (6, 28)]
        );
        assert_eq!(more, [(3 * 2048 + 16, 40)]);
        assert!(found[0].fields.contains(&Field { at: 5, kind: Kind::Text(1) }));
    }
}
