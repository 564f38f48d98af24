//! The editions of Windows on a disc: what set-up asks which of to install.

use std::fmt;

use super::windows::{PLACES, main_wim};
use super::{product, wim};
use crate::error::Result;
use crate::media::{Disc, Kind, printable};
use crate::monitor::{Monitor, Warning};

/// Longest name in characters that is kept.
const NAME_MAX: usize = 200;

/// One image of `install.wim` or `install.esd`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Edition {
    /// The WIM's path on the disc.
    pub file: String,
    /// The number by which answer files and imaging tools know it.
    pub index: Option<u32>,
    /// The image's name, which answer files may give instead: `Windows Server 2008 R2 SERVERSTANDARD`.
    pub name: String,
    /// The name that set-up shows.
    pub display_name: Option<String>,
    /// The edition's identifier: `ServerStandard`.
    pub edition: Option<String>,
    /// The architecture as the kernel names it.
    pub arch: Option<String>,
    /// Major, minor and build number: `6.1.7601`.
    pub version: Option<String>,
    /// The build with what it has been brought to: `7601.17514`.
    pub build: Option<String>,
    /// `en-US`.
    pub languages: Vec<String>,
}

/// The editions of all WIMs that set-up installs from; `None` where the disc has none. A WIM that cannot
/// be read is a warning, as when the disc is named.
///
/// # Errors
/// Only those of reading the image.
pub fn editions(disc: &Disc, monitor: &dyn Monitor) -> Result<Option<Vec<Edition>>> {
    let mut found: Option<Vec<Edition>> = None;
    for place in PLACES.iter().filter(|place| place.contains("/install.")) {
        let Some(id) = disc.tree.find_ignoring_case(place.as_bytes()) else { continue };
        if disc.tree.kind(id) != Kind::File {
            continue;
        }
        let editions = found.get_or_insert_default();
        let file = printable(&disc.tree.path(id));
        match wim::read(disc, id)? {
            Ok(wim) => {
                editions.extend(wim.images.into_iter().map(|image| edition(&file, image)));
            }
            // That of the main one is said when the disc is named.
            Err(_) if main_wim(disc) == Some(id) => {}
            Err(what) => {
                let message = format!("{what}: its editions stay unknown");
                monitor.warn(Warning::new("wim-unreadable", file, message));
            }
        }
    }
    Ok(found)
}

fn edition(file: &str, image: wim::WimImage) -> Edition {
    let name = |text: String| text.chars().take(NAME_MAX).collect::<String>();
    let build = image.version.as_deref().and_then(|version| version.rsplit('.').next());
    let build = build.map(|build| match image.service_build {
        Some(service) => format!("{build}.{service}"),
        None => build.to_owned(),
    });
    Edition {
        file: file.to_owned(),
        index: image.index,
        name: name(image.name),
        display_name: image.display_name.map(name),
        edition: image.edition.as_deref().and_then(product::word),
        arch: image.arch.map(str::to_owned),
        build,
        version: image.version,
        languages: image.languages.iter().filter_map(|language| product::word(language)).collect(),
    }
}

/// `  1  Windows Server 2008 R2 Standard (ServerStandard), x86_64, 7601.17514, en-US`.
impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = self.index.map_or_else(|| "-".to_owned(), |index| index.to_string());
        let name = self.display_name.as_deref().unwrap_or(&self.name);
        write!(f, "{index:>3}  {name}")?;
        if let Some(edition) = &self.edition {
            write!(f, " ({edition})")?;
        }
        for more in [&self.arch, &self.build].into_iter().flatten() {
            write!(f, ", {more}")?;
        }
        if !self.languages.is_empty() {
            write!(f, ", {}", self.languages.join(" "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::sample::disc;
    use crate::identify::wim::tests::{SERVER, wim};
    use crate::monitor::Collect;

    fn read(files: &[(&str, &[u8])]) -> (Option<Vec<Edition>>, Vec<Warning>) {
        let monitor = Collect::default();
        let editions = editions(&disc("", files), &monitor).expect("readable");
        (editions, monitor.warnings())
    }

    #[test]
    fn each_image_of_install_wim_is_an_edition() {
        let wim = wim(SERVER);
        let (editions, warnings) =
            read(&[("Sources/INSTALL.WIM", &wim), ("sources/boot.wim", b"")]);
        assert_eq!(warnings, []);
        let editions = editions.expect("some");
        assert_eq!(editions.len(), 2);
        assert_eq!(editions[0].file, "Sources/INSTALL.WIM");
        assert_eq!(
            editions[0].to_string(),
            "  1  Windows Server 2008 R2 Standard (Full Installation) (ServerStandard), x86_64, \
             7601.17514, en-US de-DE"
        );
        assert_eq!(editions[1].to_string(), "  2  Windows Server 2008 R2 SERVERWEB, x86_64");
    }

    #[test]
    fn a_disc_for_two_architectures_has_the_editions_of_both() {
        let wim = wim(SERVER);
        let files = [("x86/sources/install.esd", &wim[..]), ("x64/sources/install.esd", &wim)];
        let files: Vec<_> = read(&files).0.expect("some").into_iter().map(|one| one.file).collect();
        let (x64, x86) = ("x64/sources/install.esd", "x86/sources/install.esd");
        assert_eq!(files, [x64, x64, x86, x86]);
    }

    #[test]
    fn without_install_wim_there_are_no_editions_and_of_a_broken_one_none_are_known() {
        let wim = wim(SERVER);
        assert_eq!(read(&[("sources/boot.wim", &wim)]), (None, Vec::new()));
        let (editions, warnings) = read(&[("sources/install.wim", b"MSWIM")]);
        assert_eq!((editions, warnings), (Some(Vec::new()), Vec::new()));
        let two = [("sources/install.wim", &wim[..]), ("x86/sources/install.wim", b"MSWIM")];
        let (editions, warnings) = read(&two);
        assert_eq!(editions.map(|editions| editions.len()), Some(2));
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].path, "x86/sources/install.wim");
    }

    #[test]
    fn what_a_wim_says_is_bounded_and_words_are_words() {
        let long = "x".repeat(4000);
        let xml = format!(
            "<WIM><IMAGE INDEX=\"-1\"><NAME>{long}</NAME><WINDOWS><EDITIONID>a b</EDITIONID>\
             <LANGUAGES>{}</LANGUAGES></WINDOWS></IMAGE></WIM>",
            "<LANGUAGE>en-US</LANGUAGE><LANGUAGE>../..</LANGUAGE>".repeat(200)
        );
        let editions = read(&[("sources/install.wim", &wim(&xml))]).0.expect("some");
        assert_eq!(editions[0].name.len(), NAME_MAX);
        assert_eq!((editions[0].index, &editions[0].edition), (None, &None));
        assert_eq!(editions[0].languages.len(), 50);
    }
}
