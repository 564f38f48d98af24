//! Profiles: what is the same for all discs of a kind, as data.
//!
//! A profile is a TOML file; `profiles/*.toml` are built in. Its keys are the fields of
//! [`Profile`] in kebab-case. Texts may hold placeholders; which ones is said at each field.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::entry::Boot;
use super::fact::Fact;
use super::marker::Markers;
use super::release::Release;
use super::requirement::Requirement;
use super::volume::Volume;
use super::{product, target};
use crate::error::{Error, Result};

/// Which reader knows release and architecture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Facts {
    /// The profile's own patterns, `[[fact]]`.
    #[default]
    Patterns,
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
    /// The indexes of a Debian archive, where there are several discs.
    Debian,
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
    #[serde(default)]
    pub facts: Facts,
    /// Patterns that tell product, version and architecture, `[[fact]]`.
    #[serde(rename = "fact", default)]
    pub facts_by_pattern: Vec<Fact>,
    /// How the disc is known.
    pub markers: Markers,
    /// Where the tree goes below the web root, from `{brand}`, `{version}`, `{major}`,
    /// `{major.minor}` and `{label}` (the import's NAME).
    pub target: String,
    /// Whether the image is kept whole instead of its tree.
    #[serde(default)]
    pub whole_image: bool,
    /// The name at the top of the tree under which the image itself is kept besides: what boots from
    /// the disc fetches it as a whole.
    pub keep_image: Option<String>,
    /// Whether what boots is read from the disc's own boot loader configs where no `[[entry]]` fits.
    /// Without markers such a profile is for the discs that no other one knows.
    #[serde(default)]
    pub guess: bool,
    /// The name that the image has there inside a cpio archive, for kernels that take it as a RAM disk; the file
    /// is the image itself where left out.
    pub keep_image_inside: Option<String>,
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
    /// In a merge: made anew of what all discs have, which `patch` does. Written as `drop`.
    #[serde(default)]
    pub join: Vec<String>,
    /// What must be changed in the tree.
    pub patch: Option<Patch>,
    /// Said where no menu entry can be made.
    pub note: Option<String>,
    /// The systems of this kind, `[[family]]`.
    #[serde(rename = "family")]
    pub families: Vec<Family>,
    /// What tells a disc by its volume descriptor alone, `[[volume]]`: the first that fits.
    #[serde(rename = "volume", default)]
    pub volumes: Vec<Volume>,
    /// What boots, `[[entry]]`: the first that fits is taken, of those with a name the one that is
    /// asked for.
    #[serde(rename = "entry", default)]
    pub boots: Vec<Boot>,
    /// Files without which an installation stops halfway, `[[check]]`.
    #[serde(rename = "check", default)]
    pub checks: Vec<Requirement>,
    /// What is known to work, `[[release]]`.
    #[serde(rename = "release", default)]
    pub releases: Vec<Release>,
    /// The file that it comes from; `None` for one that comes with the program.
    #[serde(skip)]
    pub file: Option<PathBuf>,
    /// Its text.
    #[serde(skip)]
    pub text: Arc<str>,
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

/// A fault in a profile, at the first place that has `near`; what it is about is told by the message.
fn misplaced(path: &Path, text: &str, near: &str, what: &str) -> Error {
    let before = text.find(near).filter(|_| !near.is_empty());
    let before = before.and_then(|at| text.get(..at)).unwrap_or_default();
    Error::invalid(path, format!("line {}: {what}", line(before)))
}

/// The number of the line that follows `before`.
fn line(before: &str) -> usize {
    before.matches('\n').count().saturating_add(1)
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
        let profile = Self::read(path, text)?;
        profile.compile().map_err(|(near, what)| misplaced(path, text, &near, &what))?;
        Ok(profile)
    }

    /// As [`Profile::parse`], the patterns not yet compiled: that takes longer than all the rest, and most
    /// runs need few of them.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self> {
        let mut profile: Self = toml::from_str(text).map_err(|e| {
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            Error::invalid(path, format!("line {}: {}", line(before), e.message()))
        })?;
        profile.check().map_err(|(near, what)| misplaced(path, text, &near, &what))?;
        profile.text = text.into();
        Ok(profile)
    }

    /// What TOML alone cannot say: near which text, and what is wrong.
    fn check(&self) -> Result<(), (String, String)> {
        let near = |text: &str, what: String| Err((text.to_owned(), what));
        if product::slug(&self.name).as_deref() != Some(&self.name) {
            let what =
                format!("name {:?} must be lower-case letters, digits and hyphens", self.name);
            return near(&self.name, what);
        }
        if self.families.is_empty() {
            return near("", "has no [[family]]".to_owned());
        }
        if !self.guess && self.markers.is_empty() {
            let what = "[markers] name no file, so that every disc would fit";
            return near("[markers]", what.to_owned());
        }
        if !self.facts_by_pattern.is_empty() && self.facts != Facts::Patterns {
            let what =
                "[[fact]] needs facts = \"patterns\", which is what counts where facts is left out";
            return near("[[fact]]", what.to_owned());
        }
        let names =
            [("keep-image", &self.keep_image), ("keep-image-inside", &self.keep_image_inside)];
        for (key, name) in names {
            if let Some(name) =
                name.as_ref().filter(|name| product::word(name).as_ref() != Some(name))
            {
                return near(name, format!("{key} {name:?} is no file name"));
            }
        }
        if let (None, Some(name)) = (&self.keep_image, &self.keep_image_inside) {
            return near(name, "keep-image-inside needs keep-image, the archive's name".to_owned());
        }
        for family in &self.families {
            let upper = |alias: &&String| alias.chars().any(|c| c.is_ascii_uppercase());
            if let Some(alias) = family.aliases.iter().find(upper) {
                return near(alias, format!("alias {alias:?} must be in lower case"));
            }
        }
        target::check(&self.target).map_err(|what| (self.target.clone(), what))?;
        self.facts_by_pattern.iter().try_for_each(Fact::check)?;
        self.checks.iter().try_for_each(Requirement::check)?;
        self.releases.iter().try_for_each(|release| release.check(self))?;
        self.volumes.iter().try_for_each(|volume| volume.check(&self.families))?;
        self.boots.iter().try_for_each(Boot::check)
    }

    /// Compiles all patterns.
    fn compile(&self) -> Result<(), (String, String)> {
        self.facts_by_pattern.iter().try_for_each(Fact::compile)?;
        self.volumes.iter().try_for_each(Volume::compile)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::Profiles;

    const SMALL: &str = "name = 'x'\ntitle = 'X'\nfacts = 'disk-info'\ntarget = 'x/{version}'\n\
        [markers]\nall = ['x']\n[[family]]\nname = 'x'\ntitle = 'X'\naliases = ['x']\n";

    fn error(text: &str) -> String {
        Profile::parse("p.toml", text).expect_err("refused").to_string()
    }

    #[test]
    fn a_fault_is_named_with_file_and_line() {
        assert!(Profile::parse("p.toml", SMALL).is_ok());
        let unknown = error(&format!("colour = 'red'\n{SMALL}"));
        assert!(unknown.starts_with("p.toml: line 1: unknown field `colour`"), "{unknown}");
        let typed = error(&SMALL.replace("all = ['x']", "all = 'x'"));
        assert!(typed.starts_with("p.toml: line 6: "), "{typed}");
        let placeholder = error(&SMALL.replace("{version}", "{release}"));
        assert!(
            placeholder.contains("line 4: ") && placeholder.contains("{release}"),
            "{placeholder}"
        );
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
