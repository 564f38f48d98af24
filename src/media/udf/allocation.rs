//! Allocation descriptors (ECMA-167 4/14.14): the extents that a file is made of, as recorded.

use super::field::{Address, slice, u32_at};

/// How an extent's blocks stand (4/14.14.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recording {
    /// They hold data.
    Recorded,
    /// They read as zeros: allocated or not, nothing was recorded.
    NotRecorded,
    /// They hold further allocation descriptors.
    Continuation,
}

/// One allocation descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AllocationDescriptor {
    /// How the blocks stand.
    pub(super) recording: Recording,
    /// How many bytes of the file they are.
    pub(super) len: u64,
    /// The first block.
    pub(super) address: Address,
}

/// Which kind of allocation descriptors a file has (flags of the ICB tag, 4/14.6.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// short_ad: blocks of the partition that the file entry is in.
    Short,
    /// long_ad: blocks of any partition.
    Long,
    /// ext_ad: as long_ad, with the length of the data apart.
    Extended,
    /// None: the data itself is in their place.
    InIcb,
}

impl Form {
    /// From the three lowest bits of the flags.
    pub(super) fn of_flags(flags: u16) -> Option<Self> {
        match flags & 7 {
            0 => Some(Self::Short),
            1 => Some(Self::Long),
            2 => Some(Self::Extended),
            3 => Some(Self::InIcb),
            _ => None,
        }
    }

    fn size(self) -> usize {
        match self {
            Self::Short => 8,
            Self::Long => 16,
            Self::Extended => 20,
            Self::InIcb => 0,
        }
    }
}

/// Takes an area of allocation descriptors apart, up to its end or a descriptor of length 0;
/// `partition` is the one that short descriptors are of.
pub(super) fn descriptors(
    form: Form,
    area: &[u8],
    partition: u16,
) -> impl Iterator<Item = Result<AllocationDescriptor, String>> + '_ {
    area.chunks_exact(form.size().max(1))
        .take_while(move |_| form != Form::InIcb)
        .map(move |raw| parse(form, raw, partition))
        .take_while(|found| !matches!(found, Ok(found) if found.is_end()))
}

impl AllocationDescriptor {
    fn is_end(&self) -> bool {
        self.recording == Recording::Recorded && self.len == 0
    }
}

fn parse(form: Form, raw: &[u8], partition: u16) -> Result<AllocationDescriptor, String> {
    let extent_length = u32_at(raw, 0);
    let recording = match extent_length >> 30 {
        0 => Recording::Recorded,
        3 => Recording::Continuation,
        _ => Recording::NotRecorded,
    };
    let mut len = extent_length & 0x3fff_ffff;
    let address = match form {
        Form::Short => Address { block: u32_at(raw, 4), partition },
        Form::Long => Address::at(raw, 4),
        Form::Extended | Form::InIcb => Address::at(raw, 12),
    };
    if form == Form::Extended && recording == Recording::Recorded && len > 0 {
        let (recorded_length, information_length) = (u32_at(raw, 4), u32_at(raw, 8));
        if recorded_length != information_length {
            return Err(format!(
                "an extent of {information_length} bytes recorded as {recorded_length}: \
                 compressed extents are not read"
            ));
        }
        len = len.min(information_length);
    }
    Ok(AllocationDescriptor { recording, len: len.into(), address })
}

/// The allocation descriptors of an allocation extent descriptor (4/14.5), whose tag has been
/// checked.
///
/// # Errors
/// If they do not fit in the block.
pub(super) fn continuation(block: &[u8]) -> Result<&[u8], String> {
    let length = super::field::usize_of(u32_at(block, 20));
    let area = slice(block, 24, length);
    if area.len() < length {
        return Err(format!(
            "allocation extent descriptor: {length} bytes of descriptors do not fit in its block"
        ));
    }
    Ok(area)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(form: Form, area: &[u8]) -> Vec<AllocationDescriptor> {
        descriptors(form, area, 9).collect::<Result<_, _>>().expect("readable")
    }

    fn extent(recording: Recording, len: u64, block: u32, partition: u16) -> AllocationDescriptor {
        AllocationDescriptor { recording, len, address: Address { block, partition } }
    }

    #[test]
    fn short_descriptors_are_of_the_partition_of_their_entry() {
        let area = [0, 8, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0x40, 0, 0, 0, 0, 7, 7, 7];
        let expected =
            [extent(Recording::Recorded, 2048, 5, 9), extent(Recording::NotRecorded, 1, 0, 9)];
        assert_eq!(all(Form::Short, &area), expected);
    }

    #[test]
    fn long_descriptors_name_their_partition() {
        let mut area = vec![0xff, 0xff, 0xff, 0xff, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        area.extend([0, 0, 0, 0x80, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let expected = [
            extent(Recording::Continuation, 0x3fff_ffff, 5, 1),
            extent(Recording::NotRecorded, 0, 6, 0),
        ];
        assert_eq!(all(Form::Long, &area), expected);
    }

    #[test]
    fn extended_descriptors_tell_data_from_what_is_recorded() {
        let mut area = vec![0, 8, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0];
        assert_eq!(all(Form::Extended, &area), [extent(Recording::Recorded, 9, 5, 1)]);
        area[4] = 8;
        assert!(descriptors(Form::Extended, &area, 0).any(|found| found.is_err()));
    }

    #[test]
    fn a_length_of_zero_ends_the_list() {
        let area = [[0; 8], [1; 8]].concat();
        assert_eq!(all(Form::Short, &area), []);
        assert_eq!(all(Form::InIcb, &[1; 40]), []);
    }

    #[test]
    fn a_continuation_that_does_not_fit_is_refused() {
        let mut block = vec![0; 512];
        block[20] = 16;
        assert_eq!(continuation(&block).map(<[u8]>::len), Ok(16));
        block[21] = 2;
        assert!(continuation(&block).is_err());
    }
}
