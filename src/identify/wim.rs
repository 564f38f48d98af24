//! Windows images: the header and the XML that names the editions inside.
//!
//! Names are those of Microsoft's description of the format ("Windows Imaging File Format").

use super::xml;
use crate::content::Reader;
use crate::error::{Error, Result};
use crate::media::Disc;
use crate::media::NodeId;

/// Size of the header in bytes.
const HEADER_LEN: usize = 208;
/// Most bytes of XML that are read.
const XML_MAX: usize = 16 << 20;
/// Most images of one file that are looked at.
const IMAGES_MAX: usize = 1000;
/// Most languages of one image that are kept.
const LANGUAGES_MAX: usize = 100;

/// What a WIM says of the systems inside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wim {
    /// The images, in the order of their indices.
    pub images: Vec<WimImage>,
}

/// One image of a WIM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WimImage {
    /// `INDEX`, from 1 on: by this number set-up and imaging tools know the image.
    pub index: Option<u32>,
    /// For people: `Windows Server 2008 R2 SERVERSTANDARD`.
    pub name: String,
    /// The name that set-up shows, where there is one.
    pub display_name: Option<String>,
    /// `EDITIONID`: `ServerStandard`.
    pub edition: Option<String>,
    /// The architecture as the kernel names it: `x86_64`.
    pub arch: Option<&'static str>,
    /// Major, minor and build number: `6.1.7601`.
    pub version: Option<String>,
    /// `SPBUILD`: what the build has been brought to, `17514`.
    pub service_build: Option<u32>,
    /// `LANGUAGES`: `en-US`.
    pub languages: Vec<String>,
}

/// Reads a WIM on a disc; the second form of failure is a file that is no readable WIM.
///
/// # Errors
/// [`Error::Io`] alone fails outright: damage is told apart, as it must not stop an import.
pub fn read(disc: &Disc, id: NodeId) -> Result<Result<Wim, String>> {
    match read_xml(disc, id) {
        Ok(xml) => Ok(xml.and_then(|xml| parse(&xml))),
        Err(error @ Error::Io { .. }) => Err(error),
        Err(error) => Ok(Err(error.to_string())),
    }
}

fn read_xml(disc: &Disc, id: NodeId) -> Result<Result<String, String>> {
    let reader = Reader::of_node(disc, id)?;
    let mut header = [0; HEADER_LEN];
    if reader.len() < u64::try_from(HEADER_LEN).unwrap_or(u64::MAX) {
        return Ok(Err(format!("{} bytes are too few for a WIM header", reader.len())));
    }
    reader.read_exact_at(0, &mut header)?;
    let (offset, len) = match Header::parse(&header).and_then(|h| h.xml(reader.len())) {
        Ok(place) => place,
        Err(what) => return Ok(Err(what)),
    };
    let mut bytes = vec![0; len];
    reader.read_exact_at(offset, &mut bytes)?;
    let units =
        bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)));
    Ok(Ok(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()))
}

/// The fields of the header that are needed.
#[derive(Debug)]
struct Header {
    /// Offset 44.
    image_count: u32,
    /// Offset 72: flags in the top byte, the stored size in the others.
    xml_size_and_flags: u64,
    /// Offset 80.
    xml_offset: u64,
}

/// Flag of a resource that is stored compressed.
const COMPRESSED: u64 = 0x04;

impl Header {
    fn parse(bytes: &[u8; HEADER_LEN]) -> Result<Self, String> {
        if !bytes.starts_with(b"MSWIM\0\0\0") {
            return Err("does not begin with MSWIM".to_owned());
        }
        let u64_at = |at: usize| -> Option<u64> {
            let field = bytes.get(at..at.checked_add(8)?)?;
            Some(u64::from_le_bytes(field.try_into().ok()?))
        };
        let image_count = bytes.get(44..48).and_then(|field| field.try_into().ok());
        let fields = || {
            Some(Self {
                image_count: u32::from_le_bytes(image_count?),
                xml_size_and_flags: u64_at(72)?,
                xml_offset: u64_at(80)?,
            })
        };
        fields().ok_or_else(|| "has a header that is too short".to_owned())
    }

    /// Offset and length of the XML in a file of `len` bytes.
    fn xml(&self, len: u64) -> Result<(u64, usize), String> {
        let flags = self.xml_size_and_flags >> 56;
        let size = self.xml_size_and_flags & ((1 << 56) - 1);
        if flags & COMPRESSED != 0 {
            return Err("has compressed XML".to_owned());
        }
        let end = self.xml_offset.checked_add(size);
        if self.image_count == 0 || size < 2 || end.is_none_or(|end| end > len) {
            return Err(format!(
                "names no XML within the file (offset {:#x}, {size} bytes)",
                self.xml_offset
            ));
        }
        match usize::try_from(size) {
            Ok(size) if size <= XML_MAX => Ok((self.xml_offset, size)),
            _ => Err(format!("has {size} bytes of XML, above the limit of {XML_MAX}")),
        }
    }
}

fn parse(text: &str) -> Result<Wim, String> {
    let mut wim = Wim::default();
    let mut image = WimImage::default();
    let mut numbers: [Option<u32>; 3] = [None; 3];
    xml::elements(text, |path, text| {
        let some = || Some(text.to_owned()).filter(|text| !text.is_empty());
        match path {
            "WIM/IMAGE/NAME" => text.clone_into(&mut image.name),
            "WIM/IMAGE/DISPLAYNAME" => image.display_name = some(),
            "WIM/IMAGE/WINDOWS/EDITIONID" => image.edition = some(),
            "WIM/IMAGE/WINDOWS/ARCH" => image.arch = arch(text),
            "WIM/IMAGE/@INDEX" => image.index = text.parse().ok(),
            "WIM/IMAGE/WINDOWS/VERSION/SPBUILD" => image.service_build = text.parse().ok(),
            "WIM/IMAGE/WINDOWS/LANGUAGES/LANGUAGE" if image.languages.len() < LANGUAGES_MAX => {
                image.languages.extend(some());
            }
            "WIM/IMAGE/WINDOWS/VERSION/MAJOR" => numbers[0] = text.parse().ok(),
            "WIM/IMAGE/WINDOWS/VERSION/MINOR" => numbers[1] = text.parse().ok(),
            "WIM/IMAGE/WINDOWS/VERSION/BUILD" => numbers[2] = text.parse().ok(),
            "WIM/IMAGE" => {
                if let [Some(major), Some(minor), Some(build)] = std::mem::take(&mut numbers) {
                    image.version = Some(format!("{major}.{minor}.{build}"));
                }
                let image = std::mem::take(&mut image);
                if wim.images.len() < IMAGES_MAX {
                    wim.images.push(image);
                }
            }
            _ => {}
        }
    })?;
    Ok(wim)
}

/// `PROCESSOR_ARCHITECTURE_*` of the Windows headers.
fn arch(number: &str) -> Option<&'static str> {
    Some(match number {
        "0" => "i386",
        "5" => "arm",
        "6" => "ia64",
        "9" => "x86_64",
        "12" => "aarch64",
        _ => return None,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::identify::sample::disc;

    /// A WIM that is nothing but its header and this XML.
    pub(in crate::identify) fn wim(xml: &str) -> Vec<u8> {
        let xml: Vec<u8> = "\u{feff}"
            .encode_utf16()
            .chain(xml.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let size = u64::try_from(xml.len()).expect("small");
        let mut bytes = vec![0; HEADER_LEN];
        bytes[..8].copy_from_slice(b"MSWIM\0\0\0");
        bytes[8..12].copy_from_slice(&208_u32.to_le_bytes());
        bytes[44..48].copy_from_slice(&2_u32.to_le_bytes());
        bytes[72..80].copy_from_slice(&(size | 0x02 << 56).to_le_bytes());
        bytes[80..88].copy_from_slice(&208_u64.to_le_bytes());
        bytes[88..96].copy_from_slice(&size.to_le_bytes());
        bytes.extend(xml);
        bytes
    }

    /// XML as in the install.wim of a Windows Server DVD with two editions.
    pub(in crate::identify) const SERVER: &str = "<WIM><TOTALBYTES>99</TOTALBYTES>\
        <IMAGE INDEX=\"1\"><WINDOWS><ARCH>9</ARCH><EDITIONID>ServerStandard</EDITIONID>\
        <VERSION><MAJOR>6</MAJOR><MINOR>1</MINOR><BUILD>7601</BUILD><SPBUILD>17514</SPBUILD></VERSION>\
        <LANGUAGES><LANGUAGE>en-US</LANGUAGE><LANGUAGE>de-DE</LANGUAGE><DEFAULT>en-US</DEFAULT></LANGUAGES>\
        </WINDOWS><NAME>Windows Server 2008 R2 SERVERSTANDARD</NAME>\
        <DISPLAYNAME>Windows Server 2008 R2 Standard (Full Installation)</DISPLAYNAME></IMAGE>\
        <IMAGE INDEX=\"2\"><WINDOWS><ARCH>9</ARCH></WINDOWS>\
        <NAME>Windows Server 2008 R2 SERVERWEB</NAME></IMAGE></WIM>";

    fn read(bytes: &[u8]) -> Result<Wim, String> {
        let disc = disc("", &[("w.wim", bytes)]);
        let id = disc.tree.find(b"w.wim").expect("there");
        super::read(&disc, id).expect("no I/O error")
    }

    #[test]
    fn the_xml_names_edition_architecture_and_build() {
        let wim = read(&wim(SERVER)).expect("readable");
        assert_eq!(wim.images.len(), 2);
        assert_eq!(wim.images[0].edition.as_deref(), Some("ServerStandard"));
        assert_eq!(wim.images[0].arch, Some("x86_64"));
        assert_eq!(wim.images[0].version.as_deref(), Some("6.1.7601"));
        assert_eq!((wim.images[0].index, wim.images[1].index), (Some(1), Some(2)));
        assert_eq!(wim.images[0].service_build, Some(17514));
        assert_eq!(wim.images[0].languages, ["en-US", "de-DE"]);
        assert_eq!(wim.images[1].name, "Windows Server 2008 R2 SERVERWEB");
        assert_eq!(wim.images[1].version, None);
    }

    #[test]
    fn damage_is_told_in_words_and_never_a_panic() {
        let good = wim(SERVER);
        assert!(read(b"MSWIM").expect_err("short").contains("too few"));
        assert!(read(&[0; 300]).expect_err("no magic").contains("MSWIM"));
        let mut far = good.clone();
        far[80..88].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(read(&far).expect_err("beyond the end").contains("within the file"));
        let mut packed = good.clone();
        packed[79] = 0x06;
        assert!(read(&packed).expect_err("compressed").contains("compressed"));
        for len in (0..good.len()).step_by(7) {
            assert!(read(&good[..len]).is_err(), "cut at {len}");
        }
    }
}
