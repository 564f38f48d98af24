//! VMware ESXi's installer discs.

use super::profile::Profile;
use super::{Found, text, xml};
use crate::error::Result;
use crate::media::Disc;

/// `None` where nothing but a `boot.cfg` speaks for ESXi.
pub(super) fn read<'p>(disc: &Disc, profile: &'p Profile) -> Result<Option<Found<'p>>> {
    let boot = text(disc, "boot.cfg")?;
    let build = boot.as_deref().and_then(build_of);
    let metadata = text(disc, "upgrade/metadata.xml")?.and_then(|text| version_in(&text));
    let licence = text(disc, "vmware-esx-base-osl.txt")?;
    let licensed = licence.as_deref().and_then(release_in);
    if build.is_none() && metadata.is_none() && licence.is_none() {
        return Ok(None);
    }
    let there = |path: &str| disc.tree.find_ignoring_case(path.as_bytes()).is_some();
    let arch = if there("efi/boot/bootaa64.efi") {
        Some("aarch64")
    } else {
        (there("mboot.c32") || there("efi/boot/bootx64.efi")).then_some("x86_64")
    };
    let sources = [
        ("boot.cfg has a build", build.is_some().then(|| build.clone().flatten())),
        ("upgrade/metadata.xml has a version", metadata.is_some().then(|| metadata.clone())),
        ("the licence is VMware's", licence.is_some().then(|| licensed.clone())),
    ];
    let why = sources.into_iter().filter_map(|(what, there)| match there? {
        Some(version) => Some(format!("{what}: {version}")),
        None => Some(what.to_owned()),
    });
    let why = why.collect();
    Ok(Some(Found {
        family: profile.families.first(),
        name: None,
        version: build
            .flatten()
            .or(metadata)
            .or(licensed)
            .or_else(|| release_in(&disc.identifiers.volume_id)),
        arch: arch.map(str::to_owned),
        variant: vendor(disc, profile)?,
        why,
    }))
}

/// The version in `build=7.0.2-0.0.17630552`; the key is there on every ESXi, its value is empty
/// before 6.0. The outer option tells whether there is a key.
fn build_of(boot_cfg: &str) -> Option<Option<String>> {
    let is_build = |line: &str| {
        let (key, value) = line.trim().split_once('=')?;
        key.eq_ignore_ascii_case("build").then(|| value.trim().to_owned())
    };
    let value = boot_cfg.lines().filter_map(is_build).next_back()?;
    let version = value.split('-').next().unwrap_or_default().to_owned();
    Some(Some(version).filter(|v| v.starts_with(|c: char| c.is_ascii_digit())))
}

/// `<esxVersion>5.5.0</esxVersion>`, wherever in the document.
fn version_in(metadata: &str) -> Option<String> {
    let mut version = None;
    let read = xml::elements(metadata, |path, text| {
        if path.ends_with("/esxVersion") && !text.is_empty() {
            version.get_or_insert_with(|| text.to_owned());
        }
    });
    // What stands before a fault in the document is as good as the rest.
    read.ok();
    version
}

/// The release in the heading of the licence (`ESXi 7.0U3d GA`, `VMware ESXi 5.5`) or in a volume
/// identifier (`ESXI-7.0U3D-19482537-STANDARD`); from 9.0 on it is called ESX again. From 7.0 on the update is the third number of
/// the version.
fn release_in(text: &str) -> Option<String> {
    let after = |line: &str| {
        let at = line.to_ascii_lowercase().find("esx")?;
        let rest = line.get(at..).and_then(|rest| rest.get("esx".len()..))?;
        Some(rest.strip_prefix(['i', 'I']).unwrap_or(rest).to_owned())
    };
    let heading = text.lines().take(5).find_map(after)?;
    let release = heading.trim_start_matches([' ', '-', 'v', 'V']);
    let end = release.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(release.len());
    let (version, rest) = release.split_at_checked(end)?;
    let version = version.trim_end_matches('.');
    let numbers = super::product::numbers(version);
    let update: String = rest
        .strip_prefix(['U', 'u'])
        .map(|update| update.chars().take_while(char::is_ascii_digit).collect())
        .unwrap_or_default();
    if numbers.len() < 2 {
        return None;
    }
    if numbers.len() == 2 && numbers.first() >= Some(&7) && !update.is_empty() {
        return Some(format!("{version}.{update}"));
    }
    Some(version.to_owned())
}

/// Whose image it is, where it is not VMware's own.
fn vendor(disc: &Disc, profile: &Profile) -> Result<Option<String>> {
    let mut said = vec![disc.identifiers.volume_id.clone()];
    if let Some(image) = text(disc, "upgrade/profile.xml")? {
        let read = xml::elements(&image, |path, text| {
            if matches!(path, "imageprofile/name" | "imageprofile/creator") {
                said.push(text.to_owned());
            }
        });
        read.ok();
    }
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase).collect()
    };
    let said: Vec<String> = said.iter().flat_map(|text| words(text)).collect();
    Ok(profile.vendors.iter().map(|v| v.to_ascii_lowercase()).find(|v| said.contains(v)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_key_counts_even_when_it_is_empty() {
        assert_eq!(build_of("title=x\nbuild=\nupdated=0\n"), Some(None));
        assert_eq!(build_of("BUILD=7.0.2-0.0.17630552\r\n"), Some(Some("7.0.2".into())));
        assert_eq!(build_of("kernel=/tboot.b00\n"), None);
    }

    #[test]
    fn the_licence_heading_tells_the_release() {
        assert_eq!(release_in("ESXi 7.0U3d GA"), Some("7.0.3".into()));
        assert_eq!(release_in("\u{fffd}VMware ESXi 5.5\nterms"), Some("5.5".into()));
        assert_eq!(release_in("VMware ESXi v6.0"), Some("6.0".into()));
        assert_eq!(release_in("ESXI-7.0U3D-19482537-STANDARD"), Some("7.0.3".into()));
        assert_eq!(release_in("ESXI-5.5.0-1331820-STANDARD"), Some("5.5.0".into()));
        assert_eq!(release_in("VMware ESX 9.0.1 GA"), Some("9.0.1".into()));
        assert_eq!(release_in("ESXIMAGE"), None);
        assert_eq!(release_in("terms and conditions"), None);
    }

    #[test]
    fn the_version_is_read_from_metadata_even_when_its_end_is_damaged() {
        let text = "<vum><product><esxVersion>5.5.0</esxVersion></product><broken";
        assert_eq!(version_in(text), Some("5.5.0".into()));
    }
}
