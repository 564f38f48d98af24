//! Profiles: what is the same for all discs of a kind, as data.
//!
//! A profile is a TOML file; `profiles/*.toml` are built in. Its keys are the fields of
//! [`Profile`] in kebab-case. Texts may hold placeholders; which ones is said at each field.

use std::path::Path;

use serde::Deserialize;

use super::entry::Boot;
use super::marker::Markers;
use super::{product, target};
use crate::error::{Error, Result};

/// Built in, in the order in which they are tried.
const BUILTIN: [(&str, &str); 8] = [
    ("profiles/esxi.toml", include_str!("../../profiles/esxi.toml")),
    ("profiles/el.toml", include_str!("../../profiles/el.toml")),
    ("profiles/ubuntu-di.toml", include_str!("../../profiles/ubuntu-di.toml")),
    ("profiles/ubuntu-live.toml", include_str!("../../profiles/ubuntu-live.toml")),
    ("profiles/debian.toml", include_str!("../../profiles/debian.toml")),
    ("profiles/windows.toml", include_str!("../../profiles/windows.toml")),
    ("profiles/winpe.toml", include_str!("../../profiles/winpe.toml")),
    ("profiles/generic.toml", include_str!("../../profiles/generic.toml")),
];

/// Which reader knows release and architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Facts {
    /// `.treeinfo`, `.discinfo`, the release package.
    Anaconda,
    /// `.disk/info`.
    DiskInfo,
    /// `boot.cfg`, `upgrade/metadata.xml`, the licence.
    Esxi,
    /// The volume identifier and the programs that firmware looks for.
    Volume,
    /// The WIMs.
    Windows,
}

/// Files that must be changed for the place where the tree will lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Patch {
    /// `boot.cfg` and `efi/boot/boot.cfg`.
    Esxi,
}

/// A kind of disc.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Profile {
    /// The name for `--profile` and in a product: `el`.
    pub name: String,
    /// For people.
    pub title: String,
    /// Which files on the disc are read.
    pub facts: Facts,
    /// How the disc is known.
    pub markers: Markers,
    /// Where the tree goes below the web root, from `{brand}`, `{version}`, `{major}`,
    /// `{major.minor}` and `{label}` (the import's NAME).
    pub target: String,
    /// Whether the image is kept whole instead of its tree.
    #[serde(default)]
    pub whole_image: bool,
    /// Whether what boots is read from the disc's own boot loader configs where no `[[entry]]` fits.
    /// Without markers such a profile is for the discs that no other one knows.
    #[serde(default)]
    pub guess: bool,
    /// Variants by the disc's own name that are the full disc.
    #[serde(default)]
    pub full: Vec<String>,
    /// Vendors whose images differ from the plain one (ESXi).
    #[serde(default)]
    pub vendors: Vec<String>,
    /// In a merge: left out. A path, a directory with its `/`, or `**/NAME` at any depth.
    #[serde(default)]
    pub drop: Vec<String>,
    /// In a merge: the first disc that has it keeps it. Written as `drop`.
    #[serde(default)]
    pub first: Vec<String>,
    /// What must be changed in the tree.
    pub patch: Option<Patch>,
    /// Said where no menu entry can be made.
    pub note: Option<String>,
    /// The systems of this kind, `[[family]]`.
    #[serde(rename = "family")]
    pub families: Vec<Family>,
    /// What boots, `[[entry]]`: the first that fits is taken.
    #[serde(rename = "entry", default)]
    pub boots: Vec<Boot>,
}

/// One system among those of a profile.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Family {
    /// The stable short name: `centos`.
    pub name: String,
    /// For people: `CentOS`.
    pub title: String,
    /// In the target; the title where not given.
    pub brand: Option<String>,
    /// What a NAME may call it, in lower case.
    pub aliases: Vec<String>,
    /// What the disc calls it.
    #[serde(default)]
    pub says: Vec<String>,
    /// Names of the package that tells its release.
    #[serde(default)]
    pub packages: Vec<String>,
    /// What sets this one apart within the family.
    pub variant: Option<String>,
    /// Whether releases have a minor number.
    #[serde(default = "yes")]
    pub minor: bool,
    /// Whether a version in a NAME must be the disc's.
    #[serde(default = "yes")]
    pub compare_version: bool,
}

fn yes() -> bool {
    true
}

impl Family {
    /// The name in the target.
    pub fn brand(&self) -> &str {
        self.brand.as_deref().unwrap_or(&self.title)
    }
}

impl Profile {
    /// Reads a profile; `path` is for messages.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the line and the reason.
    pub fn parse(path: impl AsRef<Path>, text: &str) -> Result<Self> {
        let path = path.as_ref();
        let profile: Self = toml::from_str(text).map_err(|e| {
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            Error::invalid(path, format!("line {line}: {}", e.message()))
        })?;
        profile.check().map_err(|what| Error::invalid(path, what))?;
        Ok(profile)
    }

    /// What TOML alone cannot say.
    fn check(&self) -> Result<(), String> {
        if product::slug(&self.name).as_deref() != Some(&self.name) {
            let name = &self.name;
            return Err(format!("name {name:?} must be lower-case letters, digits and hyphens"));
        }
        if self.families.is_empty() {
            return Err("has no [[family]]".to_owned());
        }
        if !self.guess && self.markers.is_empty() {
            return Err("[markers] name no file, so that every disc would fit".to_owned());
        }
        for family in &self.families {
            let upper = |alias: &&String| alias.chars().any(|c| c.is_ascii_uppercase());
            if let Some(alias) = family.aliases.iter().find(upper) {
                return Err(format!("alias {alias:?} must be in lower case"));
            }
        }
        target::check(&self.target)?;
        self.boots.iter().try_for_each(Boot::check)
    }

    /// Whether it is for discs that no other profile knows.
    pub fn is_last_resort(&self) -> bool {
        self.guess && self.markers.is_empty()
    }

    /// The family that the disc names: in the longest of its own words that begin `product`.
    pub(super) fn family_that_says(&self, product: &str) -> Option<&Family> {
        let begins = |says: &str| {
            let head = product.get(..says.len());
            let tail = product.get(says.len()..).unwrap_or_default();
            head.is_some_and(|head| head.eq_ignore_ascii_case(says))
                && (tail.is_empty() || tail.starts_with(' '))
        };
        self.families
            .iter()
            .flat_map(|family| family.says.iter().map(move |says| (says, family)))
            .filter(|(says, _)| begins(says))
            .max_by_key(|(says, _)| says.len())
            .map(|(_, family)| family)
    }

    /// The family by its short name.
    pub fn family(&self, name: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.name == name)
    }
}

/// All profiles, in the order in which they are tried.
#[derive(Debug, Clone)]
pub struct Profiles(Vec<Profile>);

impl Profiles {
    /// Those that come with the program.
    ///
    /// # Errors
    /// [`Error::Invalid`]; a test makes sure that there is none.
    pub fn builtin() -> Result<Self> {
        BUILTIN
            .iter()
            .map(|(path, text)| Profile::parse(path, text))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// In the order in which they are tried.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.0.iter()
    }

    /// The one for discs that no other one knows.
    pub fn last_resort(&self) -> Option<&Profile> {
        self.iter().find(|profile| profile.is_last_resort())
    }

    /// The profile by its name, or else the first with a family by that name or alias.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        let alias = |profile: &&Profile| {
            profile.families.iter().any(|f| f.name == name || f.aliases.iter().any(|a| a == name))
        };
        self.iter().find(|profile| profile.name == name).or_else(|| self.iter().find(alias))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "name = 'x'\ntitle = 'X'\nfacts = 'disk-info'\ntarget = 'x/{version}'\n\
        [markers]\nall = ['x']\n[[family]]\nname = 'x'\ntitle = 'X'\naliases = ['x']\n";

    fn error(text: &str) -> String {
        Profile::parse("p.toml", text).expect_err("refused").to_string()
    }

    #[test]
    fn the_built_in_profiles_are_sound_and_have_names_of_their_own() {
        let profiles = Profiles::builtin().expect("sound");
        let mut names: Vec<_> = profiles.iter().map(|profile| &profile.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), BUILTIN.len());
        assert_eq!(profiles.get("rhel").map(|p| p.name.as_str()), Some("el"));
        assert_eq!(profiles.get("vmware-esxi").map(|p| p.name.as_str()), Some("esxi"));
        assert!(profiles.get("plan9").is_none());
    }

    #[test]
    fn a_fault_is_named_with_file_and_line() {
        assert!(Profile::parse("p.toml", SMALL).is_ok());
        let unknown = error(&format!("colour = 'red'\n{SMALL}"));
        assert!(unknown.starts_with("p.toml: line 1: unknown field `colour`"), "{unknown}");
        let typed = error(&SMALL.replace("all = ['x']", "all = 'x'"));
        assert!(typed.starts_with("p.toml: line 6: "), "{typed}");
        let placeholder = error(&SMALL.replace("{version}", "{release}"));
        assert!(placeholder.contains("{release}"), "{placeholder}");
        let argument = format!(
            "{SMALL}[[entry]]\ntitle = 'T'\nkernel = '/{{dir}}/k'\nplain = [{{ arg = 'a', if = 'b' }}]\n"
        );
        let argument = error(&argument);
        assert!(argument.contains("line 14") && argument.contains("if-exists"), "{argument}");
    }

    #[test]
    fn the_longest_name_that_fits_tells_the_family() {
        let profiles = Profiles::builtin().expect("sound");
        let el = profiles.get("el").expect("there");
        let family = |says| el.family_that_says(says).map(|family| family.name.as_str());
        assert_eq!(family("CentOS"), Some("centos"));
        assert_eq!(family("CentOS Stream"), Some("centos-stream"));
        assert_eq!(family("Red Hat Enterprise Linux Server"), Some("rhel"));
        assert_eq!(family("CentOSaurus"), None);
        assert_eq!(family("XenServer"), None);
        assert_eq!(family("\u{4e2d}\u{6587}"), None);
    }
}
