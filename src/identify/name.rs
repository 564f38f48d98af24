//! The NAME of an import against what the disc is.

use super::product::{self, Product};
use super::profile::Family;
use super::profiles::Profiles;

/// Checks a NAME that begins with a system's name and a version (`centos6.8`, `win8pe`) against
/// the disc. The rest of a NAME, and any other, is the user's own business.
///
/// # Errors
/// What NAME says and what the disc is, where they plainly contradict each other.
pub fn check_name(name: &str, product: &Product, profiles: &Profiles) -> Result<(), String> {
    let Some((alias, version)) = split(name, profiles) else { return Ok(()) };
    let contradiction = || format!("{name} does not fit the disc, which is {product}");
    // A disc that says nothing contradicts nothing.
    let telling = || profiles.iter().filter(|profile| !profile.is_last_resort());
    let families = || telling().flat_map(|profile| &profile.families);
    let known = families().any(|family| family.name == product.family);
    let called =
        |family: &&Family| family.name == product.family && family.aliases.contains(&alias);
    match families().find(called) {
        None if known => Err(contradiction()),
        Some(family) if family.compare_version => match &product.version {
            Some(disc) if !fits(&version, disc) => Err(contradiction()),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The alias at the beginning of a NAME and the version that follows it.
fn split(name: &str, profiles: &Profiles) -> Option<(String, String)> {
    let name = name.to_ascii_lowercase();
    let version_after = |alias: &str| {
        let rest = name.strip_prefix(alias)?;
        let rest = rest.strip_prefix(['-', '_']).unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let version = rest.get(..end)?.trim_end_matches('.');
        version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
    };
    profiles
        .iter()
        .flat_map(|profile| &profile.families)
        .flat_map(|family| &family.aliases)
        .filter_map(|alias| Some((alias, version_after(alias)?)))
        .max_by_key(|(alias, _)| alias.len())
        .map(|(alias, version)| (alias.clone(), version))
}

/// Whether the numbers of `named` begin those of `disc`; without dots (`centos68`, `ubuntu1604`)
/// its digits may run together.
fn fits(named: &str, disc: &str) -> bool {
    let (numbers, of_disc) = (product::numbers(named), product::numbers(disc));
    if numbers.is_empty() || of_disc.is_empty() || of_disc.starts_with(&numbers) {
        return true;
    }
    let parts: Vec<_> = disc.split('.').take(of_disc.len()).collect();
    (2..=parts.len()).any(|count| parts.iter().take(count).copied().collect::<String>() == named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::sample::product;

    fn check(name: &str, profile: &str, spec: &str) -> Result<(), String> {
        let profiles = Profiles::builtin().expect("sound");
        check_name(name, &product(profiles.get(profile).expect("there"), spec), &profiles)
    }

    #[test]
    fn a_name_may_be_less_exact_than_the_disc_and_no_more() {
        let six = "centos 6.8 x86_64";
        for name in ["centos6", "centos6.8", "CentOS-6.8", "centos_6.8-web", "el6", "centos68"] {
            assert_eq!(check(name, "el", six), Ok(()), "{name}");
        }
        for name in ["centos6.9", "centos7", "centos6.80", "centos6.8.1", "centos-7.2", "centos69"]
        {
            assert!(check(name, "el", six).is_err(), "{name}");
        }
        assert_eq!(check("esxi7.0", "esxi", "esxi 7.0.2 x86_64"), Ok(()));
        assert_eq!(check("vmware-esxi-7.0.2", "esxi", "esxi 7.0.2 x86_64"), Ok(()));
        assert_eq!(check("ubuntu1604", "ubuntu-di", "ubuntu 16.04.4 amd64"), Ok(()));
        assert!(check("ubuntu18.04", "ubuntu-di", "ubuntu 16.04.4 amd64").is_err());
    }

    #[test]
    fn another_family_contradicts() {
        assert!(check("rhel6.8", "el", "centos 6.8 x86_64").is_err());
        let message = check("centos6.8", "ubuntu-di", "ubuntu 16.04.4 amd64").expect_err("no");
        assert_eq!(message, "centos6.8 does not fit the disc, which is ubuntu 16.04.4 amd64");
        assert_eq!(check("centos9", "el", "centos-stream 9 x86_64"), Ok(()));
    }

    #[test]
    fn what_is_unknown_never_contradicts() {
        for name in ["web-server", "centos", "centos-web6", "6.8", "plan9"] {
            assert_eq!(check(name, "el", "centos 6.8 x86_64"), Ok(()), "{name}");
        }
        assert_eq!(check("centos6.9", "el", "centos - x86_64"), Ok(()));
        assert_eq!(check("centos6.8", "el", "gentoo 1 x86_64"), Ok(()));
    }

    #[test]
    fn windows_names_never_compare_versions() {
        for name in ["win8pe", "windows_server_2008_x64", "winpe10", "windows10", "win2008r2"] {
            assert_eq!(check(name, "winpe", "winpe 6.2.9200 x86_64"), Ok(()), "{name}");
            assert_eq!(check(name, "windows", "windows 6.1.7601 x86_64"), Ok(()), "{name}");
        }
        assert!(check("ubuntu16.04", "winpe", "winpe - -").is_err());
    }
}
