//! `.disk/info`: one line by which Debian's and Ubuntu's discs name themselves.

use super::profile::Profile;
use super::{Found, text};
use crate::error::Result;
use crate::media::Disc;

/// What the line says.
#[derive(Debug, PartialEq, Eq)]
struct DiskInfo<'t> {
    /// `Ubuntu-Server`, `Debian GNU/Linux`.
    product: &'t str,
    /// `16.04.4`; none on snapshots.
    version: Option<&'t str>,
    /// What stands before the code name: `Ubuntu-Server 16.04.4 LTS`.
    title: &'t str,
    /// What stands after it: `Release amd64 (20180228)`.
    build: &'t str,
}

impl<'t> DiskInfo<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let line = text.strip_prefix('\u{feff}').unwrap_or(text).lines().next()?.trim();
        let (title, build) = match line.split_once('"') {
            Some((title, rest)) => (title.trim(), rest.split_once('"').map_or("", |(_, b)| b)),
            None => line.split_once(" - ").map(|(title, build)| (title.trim(), build))?,
        };
        let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
        let version = title.split_whitespace().find(is_version);
        let product = match version {
            Some(version) => title.split_once(version).map_or(title, |(product, _)| product).trim(),
            None => title,
        };
        Some(Self { product, version, title, build: build.trim_start_matches([' ', '-']).trim() })
    }

    fn arch(&self) -> Option<&'t str> {
        const ARCHS: [&str; 13] = [
            "amd64", "i386", "arm64", "armhf", "armel", "ppc64el", "powerpc", "s390x", "riscv64",
            "mips64el", "mipsel", "mips", "ia64",
        ];
        self.build.split_whitespace().find(|word| ARCHS.contains(word))
    }
}

/// `None` where the line names no family of the profile.
pub(super) fn read<'p>(disc: &Disc, profile: &'p Profile) -> Result<Option<Found<'p>>> {
    let Some(text) = text(disc, ".disk/info")? else { return Ok(None) };
    let Some(info) = DiskInfo::parse(&text) else { return Ok(None) };
    let Some(family) = profile.family_that_says(info.product) else { return Ok(None) };
    let netinst = info.build.split_whitespace().any(|word| word.eq_ignore_ascii_case("netinst"));
    let variant = netinst.then(|| "netinst".to_owned()).or_else(|| family.variant.clone());
    Ok(Some(Found {
        family: Some(family),
        name: Some(info.title.replace('-', " ")),
        version: info.version.map(str::to_owned),
        arch: info.arch().map(str::to_owned),
        variant,
        why: vec![format!(".disk/info says {}", text.lines().next().unwrap_or_default().trim())],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_line_names_product_version_and_architecture() {
        let line = "Ubuntu-Server 16.04.4 LTS \"Xenial Xerus\" - Release amd64 (20180228)";
        let info = DiskInfo::parse(line).expect("parsable");
        assert_eq!(info.product, "Ubuntu-Server");
        assert_eq!(info.version, Some("16.04.4"));
        assert_eq!(info.title, "Ubuntu-Server 16.04.4 LTS");
        assert_eq!(info.arch(), Some("amd64"));
    }

    #[test]
    fn debian_says_more_after_the_code_name() {
        let line = "Debian GNU/Linux 12.9.0 \"Bookworm\" - Official i386 NETINST with firmware\n";
        let info = DiskInfo::parse(line).expect("parsable");
        assert_eq!(info.product, "Debian GNU/Linux");
        assert_eq!(info.version, Some("12.9.0"));
        assert_eq!(info.arch(), Some("i386"));
    }

    #[test]
    fn a_snapshot_has_no_version_and_other_text_is_none() {
        let line = "Debian GNU/Linux testing \"Trixie\" - Official Snapshot amd64 NETINST";
        assert_eq!(DiskInfo::parse(line).and_then(|info| info.version), None);
        assert_eq!(DiskInfo::parse(""), None);
        assert_eq!(DiskInfo::parse("garbage"), None);
    }
}
