//! What a disc is by its volume descriptor alone: remasters without the tree's markers, second discs.
//!
//! Only where the markers name nothing. What a volume identifier does not say stays unknown, and a
//! disc whose boot files are for other machines than its volume identifier says is not named at all.

use serde::Deserialize;

use super::pattern::{Captured, Pattern};
use super::profile::{Family, Profile};
use super::{Found, Product, Profiles, product};
use crate::media::{Disc, Identifiers, Tree, printable};

/// The named groups that a pattern may have.
const GROUPS: [&str; 4] = ["version", "minor", "arch", "variant"];

/// How the volume descriptors of a system read, `[[volume]]`. All patterns that are given must
/// fit. What they capture as `version`, `minor` (joined to the version by a dot), `arch` and
/// `variant` is what the disc says; `-` and `_` in a version mean a dot.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Volume {
    /// The short name of the family.
    pub family: String,
    /// For the volume identifier.
    pub pattern: Pattern,
    /// For the system identifier.
    pub system: Option<Pattern>,
    /// For the publisher identifier.
    pub publisher: Option<Pattern>,
    /// For the application identifier.
    pub application: Option<Pattern>,
    /// The version, where the patterns capture none.
    pub version: Option<String>,
    /// The architecture, where the patterns capture none.
    pub arch: Option<String>,
    /// The variant, where the patterns capture none.
    pub variant: Option<String>,
}

impl Volume {
    /// What TOML alone cannot say.
    pub(super) fn check(&self, families: &[Family]) -> Result<(), (String, String)> {
        if families.iter().any(|family| family.name == self.family) {
            return Ok(());
        }
        let (pattern, family) = (self.pattern.as_str(), &self.family);
        let what = format!("the [[volume]] is for a family {family:?} that is not there");
        Err((pattern.to_owned(), what))
    }

    /// Compiles the patterns.
    pub(super) fn compile(&self) -> Result<(), (String, String)> {
        let others = [&self.system, &self.publisher, &self.application];
        let mut all = std::iter::once(&self.pattern).chain(others.into_iter().flatten());
        all.try_for_each(|pattern| {
            pattern.check(&GROUPS).map_err(|what| (pattern.as_str().to_owned(), what))
        })
    }

    /// What the identifiers say, if they fit.
    fn read<'p>(&self, profile: &'p Profile, identifiers: &Identifiers) -> Option<Found<'p>> {
        let mut captures = vec![self.pattern.find(&identifiers.volume_id)?];
        for (pattern, text) in [
            (&self.system, &identifiers.system_id),
            (&self.publisher, &identifiers.publisher_id),
            (&self.application, &identifiers.application_id),
        ] {
            if let Some(pattern) = pattern {
                captures.push(pattern.find(text)?);
            }
        }
        let said = |name: &str| captured(&captures, name);
        let version = said("version").or(self.version.as_deref()).map(dotted);
        let version = match (version, said("minor")) {
            (Some(version), Some(minor)) => Some(format!("{version}.{minor}")),
            (version, _) => version,
        };
        let variant = said("variant").or(self.variant.as_deref());
        Some(Found {
            family: profile.family(&self.family),
            name: None,
            version,
            arch: said("arch").or(self.arch.as_deref()).map(arch),
            variant: variant
                .filter(|variant| !profile.full.iter().any(|full| full == variant))
                .map(str::to_owned),
            why: Vec::new(),
        })
    }
}

fn captured<'t>(captures: &[Captured<'t>], name: &str) -> Option<&'t str> {
    captures.iter().find_map(|captures| captures.get(name))
}

/// `8-1-0` is 8.1.0.
fn dotted(version: &str) -> String {
    version.replace(['-', '_'], ".")
}

/// In the system's own word: Windows calls its architectures otherwise in the volume identifier
/// than anywhere else.
fn arch(said: &str) -> String {
    let said = said.to_ascii_lowercase();
    if matches!(said.as_str(), "x64" | "x86") {
        return product::kernel_arch(&said).to_owned();
    }
    said
}

/// What a volume descriptor has told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByVolume {
    /// What the disc is.
    pub product: Product,
    /// Why, in a sentence without its full stop.
    pub why: String,
}

/// Says what a disc is by its volume descriptor alone; `None` where no profile knows it.
pub fn by_volume(identifiers: &Identifiers, profiles: &Profiles) -> Option<ByVolume> {
    profiles.iter().find_map(|profile| in_profile(profile, identifiers))
}

/// Says what a disc is by its volume descriptor, as far as its tree does not contradict: of the
/// profiles that know the volume identifier, that one of whose markers most are there.
pub fn by_volume_on(disc: &Disc, profiles: &Profiles) -> Option<ByVolume> {
    let named = profiles
        .iter()
        .filter_map(|profile| {
            let named = in_profile(profile, &disc.identifiers)?;
            let fits = named.product.arch.as_deref().is_none_or(|arch| boots(&disc.tree, arch));
            fits.then(|| Some((profile.markers.count(&disc.tree)?, named))).flatten()
        })
        // Of equals the first.
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    named.map(|(_, named)| named)
}

fn in_profile(profile: &Profile, identifiers: &Identifiers) -> Option<ByVolume> {
    let mut volumes = profile.volumes.iter();
    let (found, volume) =
        volumes.find_map(|volume| Some((volume.read(profile, identifiers)?, volume)))?;
    let why = format!(
        "its volume identifier is {:?}, which the profile {} knows by {}",
        printable(identifiers.volume_id.as_bytes()),
        profile.name,
        volume.pattern.as_str()
    );
    Some(ByVolume { product: found.product(profile), why })
}

/// Where the firmware of each architecture looks (UEFI, 3.5.1.1). A disc for one kind of PC may have
/// the loader of the other.
const LOADERS: [(&str, &[&str]); 5] = [
    ("efi/boot/bootx64.efi", &["x86_64", "i386"]),
    ("efi/boot/bootia32.efi", &["x86_64", "i386"]),
    ("efi/boot/bootaa64.efi", &["aarch64"]),
    ("efi/boot/bootarm.efi", &["arm", "armhf", "armhfp", "armel"]),
    ("efi/boot/bootriscv64.efi", &["riscv64"]),
];

/// Whether a tree's boot loaders are for `arch`, as far as there are any.
pub(super) fn boots(tree: &Tree, arch: &str) -> bool {
    let mut none = true;
    for (path, archs) in LOADERS {
        if tree.find_ignoring_case(path.as_bytes()).is_some() {
            if archs.iter().any(|of| product::same_arch(of, arch)) {
                return true;
            }
            none = false;
        }
    }
    none
}

#[cfg(test)]
mod tests;
