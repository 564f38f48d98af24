//! One file of the database: what it says of a system and of the media that install it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::pattern::Pattern;

/// Largest file in bytes.
const FILE_MAX: usize = 4 << 20;
/// Deepest nesting.
const DEPTH_MAX: usize = 32;
/// Longest text of one element in characters that is kept.
const TEXT_MAX: usize = 4096;
/// Where a system is described.
const OS: &str = "/libosinfo/os";
/// Most systems of one file, and most media of one system.
const ITEMS_MAX: usize = 1000;

/// A system.
#[derive(Debug, Default)]
pub(super) struct Os {
    pub(super) id: String,
    pub(super) short_id: String,
    pub(super) name: String,
    /// Empty for what stands for all releases.
    pub(super) version: String,
    pub(super) vendor: String,
    pub(super) family: String,
    pub(super) distro: String,
    pub(super) media: Vec<Medium>,
}

/// A medium of a system: what its volume descriptor has.
#[derive(Debug, Default)]
pub(super) struct Medium {
    /// `None` for all architectures.
    pub(super) arch: Option<String>,
    pub(super) live: bool,
    pub(super) variant: Option<String>,
    pub(super) kernel: Option<String>,
    pub(super) initrd: Option<String>,
    pub(super) volume_id: Option<Pattern>,
    pub(super) system_id: Option<Pattern>,
    pub(super) publisher_id: Option<Pattern>,
    pub(super) application_id: Option<Pattern>,
    /// Bytes.
    pub(super) volume_size: Option<u64>,
    /// Those of the disc, where the database names them one by one.
    pub(super) languages: Vec<String>,
}

/// The systems of a file; none of an empty one. The failure is what is wrong with it.
pub(super) fn read(path: &Path) -> Result<Vec<Os>, String> {
    let file = File::open(path).map_err(|e| e.to_string())?;
    if file.metadata().is_ok_and(|meta| !meta.is_file()) {
        return Ok(Vec::new());
    }
    let mut text = String::new();
    let limit = u64::try_from(FILE_MAX).unwrap_or(u64::MAX);
    let mut bounded = file.take(limit.saturating_add(1));
    bounded.read_to_string(&mut text).map_err(|e| e.to_string())?;
    if text.len() > FILE_MAX {
        return Err(format!("is larger than {} MiB", FILE_MAX >> 20));
    }
    parse(&text)
}

/// The systems of a document; none of one that names no media.
pub(super) fn parse(text: &str) -> Result<Vec<Os>, String> {
    // Half of the files do, and translations make them long.
    if !text.contains("<media") {
        return Ok(Vec::new());
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut path = String::new();
    let mut depth = 0_usize;
    let mut out = Systems::default();
    let mut own = String::new();
    // Translations are passed over: they are most of the file.
    let mut wanted = false;
    let fault = |at: u64, what: String| format!("byte {at}: {what}");
    loop {
        let at = reader.buffer_position();
        match reader.read_event().map_err(|e| fault(reader.error_position(), e.to_string()))? {
            Event::Start(start) => {
                if depth >= DEPTH_MAX {
                    return Err(fault(at, format!("elements nested deeper than {DEPTH_MAX}")));
                }
                depth = depth.saturating_add(1);
                path.push('/');
                path.push_str(start.local_name().as_ref());
                own.clear();
                wanted = out.start(&path, &start);
            }
            Event::Text(part) if wanted => append(&mut own, &part.xml10_content()),
            Event::CData(part) if wanted => append(&mut own, &part.xml10_content()),
            Event::GeneralRef(entity) if wanted => {
                if let Ok(Some(c)) = entity.resolve_char_ref() {
                    append(&mut own, c.encode_utf8(&mut [0; 4]));
                } else if let Some(text) = resolve_predefined_entity(&entity.xml10_content()) {
                    append(&mut own, text);
                }
            }
            Event::End(_) => {
                out.end(&path, if wanted { own.trim() } else { "" });
                wanted = false;
                depth = depth.saturating_sub(1);
                path.truncate(path.rfind('/').unwrap_or(0));
            }
            Event::Eof if depth == 0 => return Ok(out.done),
            Event::Eof => return Err(fault(at, "ends within an element".to_owned())),
            _ => {}
        }
    }
}

fn append(own: &mut String, more: &str) {
    let room = TEXT_MAX.saturating_sub(own.len());
    own.extend(more.chars().take(room));
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.try_get_attribute(name).ok()??;
    Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// The systems as they come.
#[derive(Default)]
struct Systems {
    done: Vec<Os>,
    os: Os,
    medium: Medium,
}

impl Systems {
    /// Whether the element's text is wanted.
    fn start(&mut self, path: &str, start: &BytesStart<'_>) -> bool {
        let Some(name) = path.strip_prefix(OS) else { return false };
        match name {
            "" => {
                self.os = Os { id: attribute(start, "id").unwrap_or_default(), ..Os::default() };
                false
            }
            "/media" => {
                self.medium = Medium {
                    arch: attribute(start, "arch").filter(|arch| arch != "all"),
                    live: attribute(start, "live").is_some_and(|live| live == "true"),
                    ..Medium::default()
                };
                false
            }
            "/media/variant" => {
                self.medium.variant = attribute(start, "id");
                false
            }
            "/name" | "/vendor" => attribute(start, "xml:lang").is_none(),
            "/media/iso/l10n-language" => {
                attribute(start, "regex").is_none_or(|regex| regex != "true")
            }
            "/short-id" | "/version" | "/family" | "/distro" | "/media/kernel"
            | "/media/initrd" => true,
            name => name.starts_with("/media/iso/"),
        }
    }

    fn end(&mut self, path: &str, text: &str) {
        let Some(name) = path.strip_prefix(OS) else { return };
        let some = || (!text.is_empty()).then(|| text.to_owned());
        let pattern = || some().map(Pattern::new);
        let (os, medium) = (&mut self.os, &mut self.medium);
        match name {
            "" => {
                let os = std::mem::take(&mut self.os);
                if self.done.len() < ITEMS_MAX && !os.id.is_empty() {
                    self.done.push(os);
                }
            }
            "/media" => {
                let medium = std::mem::take(&mut self.medium);
                if os.media.len() < ITEMS_MAX {
                    os.media.push(medium);
                }
            }
            // The first is the one that libosinfo has as the identifier; others are aliases.
            "/short-id" if os.short_id.is_empty() => text.clone_into(&mut os.short_id),
            "/name" if !text.is_empty() => text.clone_into(&mut os.name),
            "/vendor" if !text.is_empty() => text.clone_into(&mut os.vendor),
            // `opensuse-unknown` is what no release of openSUSE fits.
            "/version" if text != "unknown" => text.clone_into(&mut os.version),
            "/family" => text.clone_into(&mut os.family),
            "/distro" => text.clone_into(&mut os.distro),
            "/media/kernel" => medium.kernel = some(),
            "/media/initrd" => medium.initrd = some(),
            "/media/iso/volume-id" => medium.volume_id = pattern(),
            "/media/iso/system-id" => medium.system_id = pattern(),
            "/media/iso/publisher-id" => medium.publisher_id = pattern(),
            "/media/iso/application-id" => medium.application_id = pattern(),
            "/media/iso/volume-size" => {
                medium.volume_size = text.parse().ok().filter(|&size| size > 0);
            }
            "/media/iso/l10n-language" if medium.languages.len() < ITEMS_MAX => {
                medium.languages.extend(some());
            }
            _ => {}
        }
    }
}
