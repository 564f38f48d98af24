//! What a disc is by its volume descriptor: the profiles' patterns first, osinfo-db second.

use super::profile::Family;
use super::volume::{self, ByVolume};
use super::{Found, Product, Profiles, product};
use crate::media::{Disc, Identifiers};
use crate::osinfo::{Database, Match};

/// Who knew the volume descriptor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Described {
    /// A profile's `[[volume]]`.
    Profile(ByVolume),
    /// An installed osinfo-db: the system may be one that no profile has.
    Database(Match),
}

impl Described {
    /// Why the disc is that, in a sentence without its full stop.
    pub fn why(&self) -> &str {
        match self {
            Self::Profile(named) => &named.why,
            Self::Database(found) => &found.why,
        }
    }

    /// The disc as one that a profile knows; `None` where the database's system is none of their families.
    pub fn product(&self, profiles: &Profiles) -> Option<Product> {
        let found = match self {
            Self::Profile(named) => return Some(named.product.clone()),
            Self::Database(found) => found,
        };
        let profile = profiles.get(&found.distro)?;
        let alias = |family: &&Family| family.aliases.contains(&found.distro);
        let families = || profile.families.iter();
        let family = profile.family(&found.distro).or_else(|| families().find(alias))?;
        let full = |variant: &&String| profile.full.iter().any(|f| f.eq_ignore_ascii_case(variant));
        let variant = found.variant.clone().filter(|variant| !full(&variant));
        let found = Found {
            family: Some(family),
            version: found.version.clone(),
            arch: found.arch.clone(),
            variant: if found.live { Some("live".to_owned()) } else { variant },
            ..Found::default()
        };
        Some(found.product(profile))
    }
}

/// By the volume descriptor alone. The database is opened only where no profile knows it, so that it never
/// changes an answer.
pub fn by_descriptor(
    identifiers: &Identifiers,
    profiles: &Profiles,
    database: impl FnOnce() -> Database,
) -> Option<Described> {
    let named = volume::by_volume(identifiers, profiles).map(Described::Profile);
    named.or_else(|| database().find(identifiers).map(Described::Database))
}

/// As [`by_descriptor`], where the tree does not contradict.
pub fn by_descriptor_on(
    disc: &Disc,
    profiles: &Profiles,
    database: impl FnOnce() -> Database,
) -> Option<Described> {
    let named = volume::by_volume_on(disc, profiles).map(Described::Profile);
    named.or_else(|| {
        let found = database().find(&disc.identifiers)?;
        let arch = found.arch.as_deref().map(product::kernel_arch);
        let fits = arch.is_none_or(|arch| volume::boots(&disc.tree, arch));
        fits.then_some(Described::Database(found))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::sample::disc;
    use crate::monitor::Void;

    fn database() -> Database {
        let root = tempfile::tempdir().expect("a directory");
        let dir = root.path().join("os/example.org");
        std::fs::create_dir_all(&dir).expect("made");
        let text = "<libosinfo><os id='http://example.org/heron/1'><short-id>heron1</short-id>\
            <media arch='aarch64'><iso><volume-id>Heron|CentOS</volume-id></iso></media></os></libosinfo>";
        std::fs::write(dir.join("heron.xml"), text).expect("written");
        Database::open(&[root.path().to_owned()], &Void)
    }

    fn who(volume_id: &str, files: &[(&str, &[u8])]) -> Option<String> {
        let profiles = Profiles::builtin().expect("sound");
        match by_descriptor_on(&disc(volume_id, files), &profiles, database)? {
            Described::Profile(named) => Some(named.product.family),
            Described::Database(found) => Some(found.short_id),
        }
    }

    #[test]
    fn the_database_answers_only_what_no_profile_knows() {
        assert_eq!(who("CentOS_6.8_Final", &[]).as_deref(), Some("centos"));
        assert_eq!(who("Heron 1", &[]).as_deref(), Some("heron1"));
        assert_eq!(who("Egret 1", &[]), None);
        let profiles = Profiles::builtin().expect("sound");
        let known = Identifiers { volume_id: "CentOS_6.8_Final".into(), ..Identifiers::default() };
        let unasked = || -> Database { panic!("the database was opened") };
        assert!(by_descriptor(&known, &profiles, unasked).is_some());
    }

    #[test]
    fn what_the_database_knows_of_our_families_is_a_product_of_theirs() {
        let mut found = database()
            .find(&Identifiers { volume_id: "Heron 1".into(), ..Identifiers::default() })
            .expect("known");
        let profiles = Profiles::builtin().expect("sound");
        let product = |found: &Match| Described::Database(found.clone()).product(&profiles);
        assert_eq!(product(&found), None);
        let said = |found: &Match| {
            let product = product(found).expect("ours");
            format!("{}: {} {product}", product.profile, product.family)
        };
        found.distro = "ol".into();
        found.version = Some("7.4".into());
        found.variant = Some("server".into());
        assert_eq!(said(&found), "el: oracle Oracle Linux 7.4 aarch64");
        found.distro = "centos".into();
        found.live = true;
        assert_eq!(said(&found), "el: centos CentOS 7.4 aarch64 live");
        found.distro = "win".into();
        found.live = false;
        assert_eq!(said(&found), "windows: windows Windows 7.4 aarch64 server");
    }

    #[test]
    fn a_tree_for_other_machines_contradicts_the_database_too() {
        assert_eq!(who("Heron 1", &[("EFI/BOOT/BOOTX64.EFI", b"")]), None);
        assert_eq!(who("Heron 1", &[("EFI/BOOT/BOOTAA64.EFI", b"")]).as_deref(), Some("heron1"));
    }
}
