//! The System Use Sharing Protocol (IEEE P1281): the entries behind the name of a directory
//! record, and where they go on.

use super::field;

/// How many continuation areas one record may have; Linux gives up at the same number.
pub(super) const CONTINUATIONS_MAX: usize = 31;

/// One system use entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// Signature word.
    pub(super) signature: [u8; 2],
    /// What follows the signature, the length and the version.
    pub(super) data: &'a [u8],
}

/// Where entries go on (`CE`, 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Continuation {
    /// Logical block.
    pub(super) block: u32,
    /// First byte within that block.
    pub(super) offset: u32,
    /// Bytes.
    pub(super) length: u32,
}

impl Continuation {
    fn parse(data: &[u8]) -> Option<Self> {
        let block = field::u32_at(data, 0)?;
        let offset = field::u32_at(data, 8)?;
        let length = field::u32_at(data, 16)?;
        // Linux takes block 0, which can hold no entries, for none at all.
        (block != 0).then_some(Self { block, offset, length })
    }
}

/// How the entries of a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Where they should, or at an `ST` entry.
    Complete,
    /// At an entry whose length makes no sense.
    Malformed,
}

/// Goes through the entries of a record, following `CE` by way of `read`, which is told how many
/// continuation areas there have been. `CE` and `ST` are seen to here and not handed on.
///
/// # Errors
/// Those of `read` and `take`.
pub(super) fn walk<E>(
    system_use: &[u8],
    mut read: impl FnMut(usize, Continuation) -> Result<Vec<u8>, E>,
    mut take: impl FnMut(Entry<'_>) -> Result<(), E>,
) -> Result<End, E> {
    let mut area = system_use.to_vec();
    let mut areas = 0_usize;
    loop {
        let mut next = None;
        let mut rest = area.as_slice();
        // Up to three bytes at the end are padding.
        while rest.len() > 3 {
            let Some((entry, after)) = split(rest) else { return Ok(End::Malformed) };
            rest = after;
            match &entry.signature {
                // It counts from the end of the area on, and the last one wins.
                b"CE" => next = Continuation::parse(entry.data).or(next),
                b"ST" => break,
                _ => take(entry)?,
            }
        }
        let Some(continuation) = next else { return Ok(End::Complete) };
        areas = areas.saturating_add(1);
        area = read(areas, continuation)?;
    }
}

/// The first entry of an area and what follows it.
fn split(area: &[u8]) -> Option<(Entry<'_>, &[u8])> {
    let &[first, second, len, _version] = area.first_chunk::<4>()?;
    let (entry, rest) = area.split_at_checked(len.into())?;
    Some((Entry { signature: [first, second], data: entry.get(4..)? }, rest))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An entry with its length filled in.
    pub(crate) fn entry(signature: &[u8; 2], data: &[u8]) -> Vec<u8> {
        let len = u8::try_from(data.len() + 4).expect("a short entry");
        [signature, [len, 1].as_slice(), data].concat()
    }

    /// A `CE` entry.
    pub(crate) fn continuation(block: u32, offset: u32, length: u32) -> Vec<u8> {
        let both = |n: u32| [n.to_le_bytes(), n.to_be_bytes()].concat();
        entry(b"CE", &[both(block), both(offset), both(length)].concat())
    }

    type Signatures = Vec<[u8; 2]>;

    /// The signatures that come up, how the walk ends and what it asks for.
    fn signatures(area: &[u8], next: &[&[u8]]) -> (Signatures, End, Vec<Continuation>) {
        let mut seen = Vec::new();
        let mut asked = Vec::new();
        let mut next = next.iter();
        let end = walk(
            area,
            |_, continuation| {
                asked.push(continuation);
                next.next().map(|area| area.to_vec()).ok_or(())
            },
            |entry| {
                seen.push(entry.signature);
                Ok(())
            },
        );
        (seen, end.expect("areas enough"), asked)
    }

    #[test]
    fn entries_come_in_order_and_padding_is_passed_over() {
        let area = [entry(b"PX", &[1, 2]), entry(b"NM", b"\0x"), vec![0, 0]].concat();
        let (seen, end, asked) = signatures(&area, &[]);
        assert_eq!(seen, [*b"PX", *b"NM"]);
        assert_eq!((end, asked.len()), (End::Complete, 0));
    }

    #[test]
    fn a_continuation_is_read_after_the_rest_of_its_area() {
        let area = [continuation(20, 100, 30), entry(b"PX", &[])].concat();
        let (seen, end, asked) = signatures(&area, &[&entry(b"NM", b"\0x")]);
        assert_eq!(seen, [*b"PX", *b"NM"]);
        assert_eq!(end, End::Complete);
        assert_eq!(asked, [Continuation { block: 20, offset: 100, length: 30 }]);
    }

    #[test]
    fn continuations_form_chains() {
        let second = [entry(b"AA", &[]), continuation(21, 0, 4)].concat();
        let (seen, _, asked) = signatures(&continuation(20, 0, 4), &[&second, &entry(b"BB", &[])]);
        assert_eq!(seen, [*b"AA", *b"BB"]);
        assert_eq!(asked.len(), 2);
    }

    #[test]
    fn a_terminator_ends_the_area_and_not_the_chain() {
        let area = [continuation(20, 0, 4), entry(b"ST", &[]), vec![0xff; 9], vec![0; 9]].concat();
        let (seen, end, _) = signatures(&area, &[&entry(b"NM", b"\0x")]);
        assert_eq!((seen, end), (vec![*b"NM"], End::Complete));
    }

    #[test]
    fn a_length_that_makes_no_sense_is_malformed() {
        for bad in [0, 3, 9] {
            let area = [entry(b"PX", &[]), vec![b'N', b'M', bad, 1, 0, 0]].concat();
            let (seen, end, _) = signatures(&area, &[]);
            assert_eq!((seen, end), (vec![*b"PX"], End::Malformed), "{bad}");
        }
    }

    #[test]
    fn the_reader_of_continuations_can_stop_a_loop() {
        let area = continuation(20, 0, 28);
        let mut count = 0;
        let end = walk(
            &area,
            |areas, _| {
                count = areas;
                if areas > CONTINUATIONS_MAX { Err("a loop") } else { Ok(area.clone()) }
            },
            |_| Ok(()),
        );
        assert_eq!((end, count), (Err("a loop"), CONTINUATIONS_MAX + 1));
    }
}
