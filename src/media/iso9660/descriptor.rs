//! Volume descriptors (ECMA-119, clause 8): what a disc is and where its trees begin.

use super::field;

/// Bytes of a sector; a volume descriptor fills one whatever the logical block size.
pub(super) const SECTOR: usize = 2048;
/// First sector of the volume descriptor set.
const FIRST: u64 = 16;
/// Where Linux gives up looking for the terminator.
const END: u64 = 100;
/// Standard identifier of a volume descriptor (8.1.2).
const STANDARD_ID: &[u8] = b"CD001";
/// Standard identifier of the format before the standard, nine bytes into the sector.
const HIGH_SIERRA_ID: &[u8] = b"CDROM";
/// Boot system identifier of an El Torito disc.
const EL_TORITO_ID: &[u8] = b"EL TORITO SPECIFICATION";

/// Byte offsets in the image of the sectors where descriptors are looked for.
pub(super) fn offsets() -> impl Iterator<Item = u64> {
    (FIRST..END).map(|sector| sector.saturating_mul(field::to_u64(SECTOR)))
}

/// One volume descriptor.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Descriptor {
    /// A boot record (8.2) that leads to an El Torito catalogue at this sector.
    Boot(u32),
    /// The primary volume descriptor (8.4).
    Primary(VolumeDescriptor),
    /// A supplementary volume descriptor (8.5) whose names are UCS-2.
    Joliet(VolumeDescriptor),
    /// An enhanced volume descriptor (ISO 9660:1999, 8.5).
    Enhanced(VolumeDescriptor),
    /// The end of the set (8.3).
    Terminator,
    /// The format before the standard.
    HighSierra,
    /// Anything else, to be passed over.
    Other,
}

/// The fields that the primary and the supplementary volume descriptor share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct VolumeDescriptor {
    /// Byte offset of the descriptor in the image.
    pub(super) offset: u64,
    /// System identifier (8.4.5).
    pub(super) system_identifier: String,
    /// Volume identifier (8.4.6).
    pub(super) volume_identifier: String,
    /// Publisher identifier (8.4.20).
    pub(super) publisher_identifier: String,
    /// Application identifier (8.4.22).
    pub(super) application_identifier: String,
    /// Size of the volume in logical blocks (8.4.8).
    pub(super) volume_space_size: u32,
    /// Bytes of a logical block (8.4.12).
    pub(super) logical_block_size: u16,
    /// First logical block of the top directory, its extended attribute record passed over.
    pub(super) root_block: u32,
}

impl VolumeDescriptor {
    /// Byte offset of the volume space size.
    pub(super) fn space_size_offset(&self) -> u64 {
        self.offset.saturating_add(80)
    }

    /// Byte offset of the logical block size.
    pub(super) fn block_size_offset(&self) -> u64 {
        self.offset.saturating_add(128)
    }

    /// Byte offset of the root directory record (8.4.18).
    pub(super) fn root_record_offset(&self) -> u64 {
        self.offset.saturating_add(156)
    }

    /// Size of the volume in bytes.
    pub(super) fn size(&self) -> u64 {
        u64::from(self.volume_space_size).saturating_mul(self.logical_block_size.into())
    }

    fn parse(sector: &[u8], offset: u64) -> Option<Self> {
        let extent = field::u32_at(sector, 158)?;
        let extended_attribute_record = u32::from(field::u8_at(sector, 157)?);
        Some(Self {
            offset,
            system_identifier: text(sector.get(8..40)?),
            volume_identifier: text(sector.get(40..72)?),
            publisher_identifier: text(sector.get(318..446)?),
            application_identifier: text(sector.get(574..702)?),
            volume_space_size: field::u32_at(sector, 80)?,
            logical_block_size: field::u16_at(sector, 128)?,
            root_block: extent.saturating_add(extended_attribute_record),
        })
    }
}

/// Reads the descriptor in one sector that lies at byte `offset` of the image.
pub(super) fn parse(sector: &[u8], offset: u64) -> Descriptor {
    classify(sector, offset).unwrap_or(Descriptor::Other)
}

fn classify(sector: &[u8], offset: u64) -> Option<Descriptor> {
    if sector.get(1..6)? != STANDARD_ID {
        let older = sector.get(9..14)? == HIGH_SIERRA_ID;
        return Some(if older { Descriptor::HighSierra } else { Descriptor::Other });
    }
    let volume = || VolumeDescriptor::parse(sector, offset);
    Some(match field::u8_at(sector, 0)? {
        0 if sector.get(7..)?.starts_with(EL_TORITO_ID) => {
            Descriptor::Boot(field::u32_at(sector, 71)?)
        }
        1 => Descriptor::Primary(volume()?),
        2 if is_joliet(sector.get(88..120)?) => Descriptor::Joliet(volume()?),
        2 if field::u8_at(sector, 6)? == 2 => Descriptor::Enhanced(volume()?),
        255 => Descriptor::Terminator,
        _ => Descriptor::Other,
    })
}

/// Whether escape sequences (8.5.6) announce UCS-2 level 1, 2 or 3.
fn is_joliet(escape_sequences: &[u8]) -> bool {
    [b"%/@", b"%/C", b"%/E"].iter().any(|level| escape_sequences.starts_with(*level))
}

/// An identifier without what fills its field up.
fn text(field: &[u8]) -> String {
    let end = field.iter().position(|&b| b == 0).unwrap_or(field.len());
    let text = field.get(..end).unwrap_or_default();
    String::from_utf8_lossy(text).trim_end_matches(' ').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sector(kind: u8, version: u8) -> Vec<u8> {
        let mut sector = vec![0; SECTOR];
        sector[0] = kind;
        sector[1..6].copy_from_slice(b"CD001");
        sector[6] = version;
        sector
    }

    #[test]
    fn a_primary_descriptor_gives_identifiers_sizes_and_the_root() {
        let mut bytes = sector(1, 1);
        bytes[8..40].copy_from_slice(b"LINUX                           ");
        bytes[40..72].copy_from_slice(b"CentOS_6.8_Final                ");
        bytes[318..325].copy_from_slice(b"CentOS ");
        bytes[574..582].copy_from_slice(b"MKISOFS\0");
        bytes[80..84].copy_from_slice(&1000u32.to_le_bytes());
        bytes[128..130].copy_from_slice(&2048u16.to_le_bytes());
        bytes[157] = 1;
        bytes[158..162].copy_from_slice(&20u32.to_le_bytes());
        let Descriptor::Primary(volume) = parse(&bytes, 0x8000) else {
            panic!("not a primary descriptor")
        };
        assert_eq!(volume.system_identifier, "LINUX");
        assert_eq!(volume.volume_identifier, "CentOS_6.8_Final");
        assert_eq!(volume.publisher_identifier, "CentOS");
        assert_eq!(volume.application_identifier, "MKISOFS");
        assert_eq!(volume.size(), 2_048_000);
        assert_eq!(volume.root_block, 21);
        assert_eq!(volume.root_record_offset(), 0x8000 + 156);
    }

    #[test]
    fn the_escape_sequences_of_all_three_levels_mean_joliet() {
        for level in [b"%/@", b"%/C", b"%/E"] {
            let mut bytes = sector(2, 1);
            bytes[88..91].copy_from_slice(level);
            assert!(matches!(parse(&bytes, 0), Descriptor::Joliet(_)), "{level:?}");
        }
        let mut unknown = sector(2, 1);
        unknown[88..91].copy_from_slice(b"%/G");
        assert_eq!(parse(&unknown, 0), Descriptor::Other);
    }

    #[test]
    fn version_2_without_escape_sequences_is_an_enhanced_descriptor() {
        assert!(matches!(parse(&sector(2, 2), 0), Descriptor::Enhanced(_)));
        assert_eq!(parse(&sector(2, 1), 0), Descriptor::Other);
    }

    #[test]
    fn a_boot_record_counts_only_with_the_el_torito_identifier() {
        let mut bytes = sector(0, 1);
        bytes[71..75].copy_from_slice(&33u32.to_le_bytes());
        assert_eq!(parse(&bytes, 0), Descriptor::Other);
        bytes[7..30].copy_from_slice(EL_TORITO_ID);
        assert_eq!(parse(&bytes, 0), Descriptor::Boot(33));
    }

    #[test]
    fn the_format_before_the_standard_is_told_apart() {
        let mut bytes = vec![0; SECTOR];
        bytes[9..14].copy_from_slice(b"CDROM");
        assert_eq!(parse(&bytes, 0), Descriptor::HighSierra);
        assert_eq!(parse(&sector(255, 1), 0), Descriptor::Terminator);
    }

    #[test]
    fn a_short_sector_is_passed_over() {
        for len in 0..200 {
            assert_eq!(parse(&sector(1, 1)[..len], 0), Descriptor::Other, "{len}");
        }
    }
}
