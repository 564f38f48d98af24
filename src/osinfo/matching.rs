//! Which medium of which system a volume descriptor is of.

use std::collections::BTreeSet;

use super::document::{Medium, Os};
use crate::media::{Identifiers, printable};

/// A system that fits a disc.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Match {
    /// The identifier of the system: `http://centos.org/centos/6.8`.
    pub id: String,
    /// The short one: `centos6.8`.
    pub short_id: String,
    /// For people: `CentOS 6.8`.
    pub name: String,
    /// The release: `6.8`.
    pub version: Option<String>,
    /// Who makes it.
    pub vendor: Option<String>,
    /// The kind of system: `linux`, `winnt`, `freebsd`.
    pub family: String,
    /// The line of releases: `centos`, `rhel`, `win`.
    pub distro: String,
    /// The architecture in the database's word: `x86_64`, `i686`, `aarch64`.
    pub arch: Option<String>,
    /// The edition: `server`, `netinst`.
    pub variant: Option<String>,
    /// Path of the kernel on the disc.
    pub kernel: Option<String>,
    /// Path of the initial RAM disk on the disc.
    pub initrd: Option<String>,
    /// The languages on the disc, as far as the database names them.
    pub languages: Vec<String>,
    /// Whether it is a system that runs from the disc.
    pub live: bool,
    /// Why, in a sentence without its full stop.
    pub why: String,
}

/// How well a medium fits: whether it is of a release by name, then the volume's size, then how many
/// identifiers it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    release: bool,
    sized: Sized,
    patterns: u8,
}

/// What became of the volume's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sized {
    /// Another one: a remaster, or a release that the database does not know.
    Differs,
    /// The medium has any size.
    Any,
    /// The one that the database has.
    Same,
}

/// The systems whose media fit best, one entry each.
pub(super) fn best(systems: &[Os], identifiers: &Identifiers) -> Vec<Match> {
    let fitting = systems.iter().flat_map(|os| {
        os.media.iter().filter_map(move |medium| Some((rank(os, medium, identifiers)?, os, medium)))
    });
    let mut top: Option<Rank> = None;
    let mut media: Vec<(&Os, &Medium)> = Vec::new();
    for (rank, os, medium) in fitting {
        if top.is_none_or(|top| rank > top) {
            top = Some(rank);
            media.clear();
        }
        if top == Some(rank) {
            media.push((os, medium));
        }
    }
    let Some(top) = top else { return Vec::new() };
    let why = why(top, identifiers);
    media
        .chunk_by(|(a, _), (b, _)| a.id == b.id)
        .filter_map(|of_one| {
            let (os, _) = of_one.first()?;
            let media: Vec<_> = of_one.iter().map(|(_, medium)| *medium).collect();
            Some(entry(os, &media, &why))
        })
        .collect()
}

/// `None` where an identifier does not fit, or where the medium asks for no volume identifier: it would
/// fit any disc of its publisher. Nor does another size where the volume identifier does not name the
/// release: then the size is what tells releases apart (`CentOS`, `CDROM`).
fn rank(os: &Os, medium: &Medium, identifiers: &Identifiers) -> Option<Rank> {
    let volume_id = medium.volume_id.as_ref()?;
    if identifiers.volume_id.is_empty() || !volume_id.fits(&identifiers.volume_id) {
        return None;
    }
    let mut patterns = 1_u8;
    for (pattern, text) in [
        (&medium.system_id, &identifiers.system_id),
        (&medium.publisher_id, &identifiers.publisher_id),
        (&medium.application_id, &identifiers.application_id),
    ] {
        if let Some(pattern) = pattern {
            if !pattern.fits(text) {
                return None;
            }
            patterns = patterns.saturating_add(1);
        }
    }
    let sized = match medium.volume_size {
        None => Sized::Any,
        Some(size) if Some(size) == identifiers.volume_bytes => Sized::Same,
        Some(_) if names(&identifiers.volume_id, &os.version) => Sized::Differs,
        Some(_) => return None,
    };
    Some(Rank { release: !os.version.is_empty(), sized, patterns })
}

/// Whether a version stands in a text, and not as part of a longer number.
fn names(text: &str, version: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let alone = |(at, _): (usize, &str)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at.saturating_add(version.len())..).and_then(|t| t.chars().next());
        !digit(before) && !digit(after)
    };
    !version.is_empty() && text.match_indices(version).any(alone)
}

fn why(rank: Rank, identifiers: &Identifiers) -> String {
    let size = match rank.sized {
        Sized::Same => ", and its size is the one that is known",
        Sized::Any => "",
        Sized::Differs => ", though its size is another",
    };
    let volume_id = printable(identifiers.volume_id.as_bytes());
    format!("osinfo-db knows its volume identifier {volume_id:?}{size}")
}

fn entry(os: &Os, media: &[&Medium], why: &str) -> Match {
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    Match {
        id: os.id.clone(),
        short_id: os.short_id.clone(),
        name: os.name.clone(),
        version: some(&os.version),
        vendor: some(&os.vendor),
        family: os.family.clone(),
        distro: os.distro.clone(),
        arch: agreed(media, |medium| medium.arch.as_ref()),
        variant: agreed(media, |medium| medium.variant.as_ref()),
        kernel: agreed(media, |medium| medium.kernel.as_ref()),
        initrd: agreed(media, |medium| medium.initrd.as_ref()),
        languages: languages(media),
        live: media.iter().all(|medium| medium.live),
        why: why.to_owned(),
    }
}

/// What all media of one system have, that fit equally well.
fn agreed<'m>(
    media: &[&'m Medium],
    field: impl Fn(&'m Medium) -> Option<&'m String>,
) -> Option<String> {
    let mut values = media.iter().map(|medium| field(medium));
    let first = values.next()??;
    values.all(|value| value == Some(first)).then(|| first.clone())
}

fn languages(media: &[&Medium]) -> Vec<String> {
    let all: BTreeSet<_> = media.iter().flat_map(|medium| &medium.languages).collect();
    all.into_iter().cloned().collect()
}
