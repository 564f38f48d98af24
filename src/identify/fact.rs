//! What a profile's patterns find on a disc: product, version, architecture.

use serde::Deserialize;

use super::pattern::Pattern;
use super::profile::Profile;
use super::{Found, text};
use crate::error::Result;
use crate::media::{Disc, Kind};

/// What the named groups of a pattern may be called.
const GROUPS: [&str; 5] = ["product", "version", "arch", "variant", "name"];
/// Most names of a directory that are looked at.
const NAMES_MAX: usize = 100_000;

/// A place on the disc, and the pattern that reads it: `[[fact]]` of a profile. Where several facts give
/// the same thing, the first counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fact {
    /// A text file, by its path; letter case aside.
    pub file: Option<String>,
    /// A directory (`.` for the top) whose names are tried one after the other.
    pub names: Option<String>,
    /// An identifier of the volume.
    pub identifier: Option<Identifier>,
    /// Groups may be named `product`, `version`, `arch`, `variant` and `name` (the whole name for
    /// people).
    pub pattern: Pattern,
    /// Whether a disc where it does not match is none of this profile.
    #[serde(default)]
    pub must: bool,
}

/// An identifier of the primary volume descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identifier {
    /// Volume identifier.
    Volume,
    /// System identifier.
    System,
    /// Application identifier.
    Application,
}

impl Fact {
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let places = [self.file.is_some(), self.names.is_some(), self.identifier.is_some()];
        if places.iter().filter(|there| **there).count() == 1 {
            return Ok(());
        }
        let what = "a [[fact]] has one of file, names and identifier";
        Err((self.pattern.as_str().to_owned(), what.to_owned()))
    }

    /// Compiles the pattern.
    pub(super) fn compile(&self) -> Result<(), (String, String)> {
        self.pattern.check(&GROUPS).map_err(|what| (self.pattern.as_str().to_owned(), what))
    }

    fn tells_product(&self) -> bool {
        self.pattern.as_str().contains("<product>")
    }

    /// What is matched against, and what to call it: each text by itself.
    fn texts(&self, disc: &Disc) -> Result<(String, Vec<String>)> {
        let Self { file, names, identifier, .. } = self;
        if let Some(path) = file {
            return Ok((path.clone(), text(disc, path)?.into_iter().collect()));
        }
        if let Some(dir) = names {
            let tree = &disc.tree;
            let id = match dir.as_str() {
                "." => Some(crate::media::NodeId::ROOT),
                path => tree.find_ignoring_case(path.as_bytes()),
            };
            let dirs = id.filter(|&id| tree.kind(id) == Kind::Dir).into_iter();
            let names = dirs.flat_map(|id| tree.children(id)).take(NAMES_MAX);
            let names = names.map(|id| String::from_utf8_lossy(tree.name(id)).into_owned());
            return Ok((format!("a name in {dir}"), names.collect()));
        }
        let Some(identifier) = identifier else { return Ok(Default::default()) };
        let of = &disc.identifiers;
        let (what, text) = match identifier {
            Identifier::Volume => ("the volume identifier", &of.volume_id),
            Identifier::System => ("the system identifier", &of.system_id),
            Identifier::Application => ("the application identifier", &of.application_id),
        };
        Ok((what.to_owned(), vec![text.clone()]))
    }
}

/// `None` where a fact that must hold does not, or the disc names a product of none of the families, or none
/// where a pattern would have found it.
pub(super) fn read<'p>(disc: &Disc, profile: &'p Profile) -> Result<Option<Found<'p>>> {
    let mut found = Found::default();
    let mut product: Option<String> = None;
    for fact in &profile.facts_by_pattern {
        let (place, texts) = fact.texts(disc)?;
        let Some(hit) = texts.iter().find_map(|text| fact.pattern.find(text)) else {
            if fact.must {
                return Ok(None);
            }
            continue;
        };
        let slots = [
            ("product", &mut product),
            ("version", &mut found.version),
            ("arch", &mut found.arch),
            ("variant", &mut found.variant),
            ("name", &mut found.name),
        ];
        let mut said = Vec::new();
        for (group, slot) in slots {
            let Some(value) = hit.get(group).filter(|_| slot.is_none()) else { continue };
            said.push(format!("{group} {value}"));
            *slot = Some(value.to_owned());
        }
        match said.is_empty() {
            true => found.why.push(format!("{place} is as on such discs")),
            false => found.why.push(format!("{place} gives {}", said.join(", "))),
        }
    }
    found.family = match &product {
        Some(name) => match profile.family_that_says(name) {
            Some(family) => Some(family),
            None => return Ok(None),
        },
        // Discs of such a profile name their product; one that does not is something else.
        None if profile.facts_by_pattern.iter().any(Fact::tells_product) => return Ok(None),
        None => profile.families.first(),
    };
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::sample::disc;

    const PROFILE: &str = r#"
name = "x"
title = "X"
target = "x/{version}"
[markers]
all = ["x"]
[[fact]]
file = "x"
pattern = "^PRODUCT=(?<product>.*)$"
must = true
[[fact]]
names = "p"
pattern = '^x-release-(?<version>[0-9.]+)\.(?<arch>\w+)\.rpm$'
[[fact]]
identifier = "volume"
pattern = "^X (?<version>[0-9.]+)"
[[family]]
name = "x"
title = "X"
aliases = ["x"]
says = ["Xenix", "X"]
"#;

    fn found(volume: &str, files: &[(&str, &[u8])]) -> Option<(Option<String>, Vec<String>)> {
        let profile = Profile::parse("x.toml", PROFILE).expect("a profile");
        let found = read(&disc(volume, files), &profile).expect("readable");
        found.map(|found| (found.version, found.why))
    }

    #[test]
    fn the_first_fact_that_tells_a_thing_counts() {
        let files: &[(&str, &[u8])] =
            &[("x", b"A=1\nPRODUCT=X Server\n"), ("p/x-release-6.8.i386.rpm", b"")];
        let (version, why) = found("X 7.0", files).expect("one");
        assert_eq!(version.as_deref(), Some("6.8"));
        let by_name = "a name in p gives version 6.8, arch i386";
        let by_volume = "the volume identifier is as on such discs";
        assert_eq!(why, ["x gives product X Server", by_name, by_volume]);
        let (version, _) = found("X 7.0", &files[..1]).expect("one");
        assert_eq!(version.as_deref(), Some("7.0"));
    }

    #[test]
    fn a_disc_without_what_must_be_there_or_of_another_product_is_none() {
        assert!(found("X 7.0", &[("x", b"nothing")]).is_none());
        assert!(found("X 7.0", &[("x", b"PRODUCT=Y")]).is_none());
    }
}
