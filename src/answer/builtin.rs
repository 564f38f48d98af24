//! The templates that are built in, and which of them a product's answer file is made from.

use crate::error::{Error, Result};
use crate::identify::Product;

/// A template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    /// Its name: `ks-el`. A file of that name in `ROOT/templates` stands in for it.
    pub name: &'static str,
    /// What it may be called where the product is known: `ks`.
    pub short: &'static str,
    /// The profile of the products that it is for.
    pub profile: &'static str,
    /// What it says.
    pub text: &'static str,
}

/// A profile's first one is its default, and in the language that the entry's `answered` arguments
/// are for.
const ALL: [Builtin; 6] = [
    Builtin {
        name: "ks-el",
        short: "ks",
        profile: "el",
        text: include_str!("../../templates/ks-el"),
    },
    Builtin {
        name: "ks-ubuntu",
        short: "ks",
        profile: "ubuntu-di",
        text: include_str!("../../templates/ks-ubuntu"),
    },
    Builtin {
        name: "preseed-ubuntu",
        short: "preseed",
        profile: "ubuntu-di",
        text: include_str!("../../templates/preseed-ubuntu"),
    },
    Builtin {
        name: "autoinstall-ubuntu",
        short: "autoinstall",
        profile: "ubuntu-live",
        text: include_str!("../../templates/autoinstall-ubuntu"),
    },
    Builtin {
        name: "preseed-debian",
        short: "preseed",
        profile: "debian",
        text: include_str!("../../templates/preseed-debian"),
    },
    Builtin {
        name: "ks-esxi",
        short: "ks",
        profile: "esxi",
        text: include_str!("../../templates/ks-esxi"),
    },
];

/// Which template it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// File names to look for in `ROOT/templates`, the first that is there counts.
    pub own: Vec<String>,
    /// What is taken where none of them is there.
    pub builtin: Option<Builtin>,
}

impl Choice {
    /// The template called `wanted`, or the default, for a product of `profile`.
    pub fn new(profile: &str, wanted: Option<&str>) -> Self {
        let mut of_profile = ALL.iter().filter(|one| one.profile == profile);
        let builtin = match wanted {
            None => of_profile.next(),
            Some(name) => of_profile.find(|one| one.name == name || one.short == name),
        };
        let mut own: Vec<String> = wanted.map(str::to_owned).into_iter().collect();
        let full = builtin.map(|builtin| builtin.name.to_owned());
        own.extend(full.filter(|full| wanted != Some(full)));
        Self { own, builtin: builtin.copied() }
    }

    /// What is built in.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is no such template, saying which there are.
    pub fn text(&self, product: &Product, wanted: Option<&str>) -> Result<Builtin> {
        self.builtin.ok_or_else(|| {
            let of_profile: Vec<_> = ALL
                .iter()
                .filter(|one| one.profile == product.profile)
                .map(|one| one.name)
                .collect();
            Error::Usage(match (wanted, of_profile.is_empty()) {
                (Some(wanted), false) => format!(
                    "there is no template '{wanted}' for {}: there are {}, and those that you put \
                     into ROOT/templates",
                    product.name,
                    of_profile.join(", ")
                ),
                (Some(wanted), true) => format!(
                    "there is no template '{wanted}' for {}: put it into ROOT/templates; those built \
                     in ({}) are for other systems",
                    product.name,
                    names()
                ),
                (None, _) => format!(
                    "there is no template for {}: there are {}; give an answer file of your own",
                    product.name,
                    names()
                ),
            })
        })
    }
}

/// The names of all, for messages.
pub fn names() -> String {
    ALL.map(|one| one.name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_same_name_in_the_root_comes_first() {
        let own = |profile: &str, wanted: Option<&str>| Choice::new(profile, wanted).own;
        assert_eq!(own("el", None), ["ks-el"]);
        assert_eq!(own("ubuntu-di", Some("preseed")), ["preseed", "preseed-ubuntu"]);
        assert_eq!(own("ubuntu-di", Some("preseed-ubuntu")), ["preseed-ubuntu"]);
        assert_eq!(own("windows", Some("mine")), ["mine"]);
        assert_eq!(Choice::new("el", Some("mine")).builtin, None);
        assert_eq!(Choice::new("esxi", Some("ks-el")).builtin, None, "another system's");
    }

    #[test]
    fn every_default_is_in_the_language_of_its_profiles_answered_arguments() {
        let default = |profile| Choice::new(profile, None).builtin.map(|one| one.short);
        assert_eq!(default("el"), Some("ks"));
        assert_eq!(default("ubuntu-di"), Some("ks"));
        assert_eq!(default("ubuntu-live"), Some("autoinstall"));
        assert_eq!(default("debian"), Some("preseed"));
        assert_eq!(default("esxi"), Some("ks"));
        assert_eq!(default("windows"), None);
    }
}
