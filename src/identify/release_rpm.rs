//! The package that makes an installed system say which release it is, by its file name.

use crate::media::{NodeId, Tree};

use super::profile::Family;

/// Directories that hold packages, from the top of the tree.
const PACKAGES: [&str; 8] = [
    "Packages",
    "BaseOS/Packages",
    "Minimal/Packages",
    "CentOS",
    "Server",
    "Client",
    "SL",
    "Fedora/Packages",
];

/// A release that a package name tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Release {
    pub(super) version: String,
    /// `None` for `noarch`.
    pub(super) arch: Option<String>,
}

/// The release package of one of `families` on the disc.
pub(super) fn find<'f>(tree: &Tree, families: &'f [Family]) -> Option<(&'f Family, Release)> {
    let dirs = PACKAGES.iter().filter_map(|path| tree.find_ignoring_case(path.as_bytes()));
    // Newer trees sort packages into a directory a letter.
    let letters = |dir: NodeId| tree.children(dir).filter(|&id| tree.name(id).len() == 1);
    dirs.flat_map(|dir| std::iter::once(dir).chain(letters(dir)))
        .flat_map(|dir| tree.children(dir))
        .find_map(|id| {
            let file = std::str::from_utf8(tree.name(id)).ok()?;
            if !file.contains("-release-") {
                return None;
            }
            families.iter().find_map(|family| Some((family, parse(file, family)?)))
        })
}

/// Reads `centos-release-6-8.el6.centos.12.3.x86_64.rpm`, if it is a package of `family`.
fn parse(file: &str, family: &Family) -> Option<Release> {
    let (rest, arch) = file.strip_suffix(".rpm")?.rsplit_once('.')?;
    let (rest, release) = rest.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    if !family.packages.iter().any(|package| package == name) {
        return None;
    }
    let digits = version.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (version, edition) = version.split_at_checked(digits.unwrap_or(version.len()))?;
    if version.is_empty() {
        return None;
    }
    let leading = super::product::numbers(release);
    let version = match leading.first() {
        _ if !family.minor => version.split('.').next().unwrap_or(version).to_owned(),
        _ if version.contains('.') => version.to_owned(),
        // redhat-release-server-6Server-6.8.0.5.el6 repeats the whole release.
        Some(major) if !edition.is_empty() && leading.len() > 3 && version == major.to_string() => {
            let minor = leading.get(1)?;
            format!("{version}.{minor}")
        }
        Some(minor) => format!("{version}.{minor}"),
        None => version.to_owned(),
    };
    let arch = (arch != "noarch").then(|| arch.to_owned());
    Some(Release { version, arch })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::Profiles;

    #[test]
    fn package_names_of_each_vendor_tell_the_release() {
        let profiles = Profiles::builtin().expect("sound profiles");
        let families = &profiles.get("el").expect("there").families;
        let release = |file: &str| {
            families
                .iter()
                .find_map(|f| Some((f.name.clone(), parse(file, f)?.version)))
                .map(|(family, version)| format!("{family} {version}"))
        };
        for (file, expected) in [
            ("centos-release-5-11.el5.centos.x86_64.rpm", "centos 5.11"),
            ("centos-release-6-8.el6.centos.12.3.x86_64.rpm", "centos 6.8"),
            ("centos-release-6-6.el6.centos.12.2.i686.rpm", "centos 6.6"),
            ("centos-release-7-5.1804.el7.centos.x86_64.rpm", "centos 7.5"),
            ("centos-release-7-7.1908.0.el7.centos.x86_64.rpm", "centos 7.7"),
            ("centos-stream-release-9.0-26.el9.noarch.rpm", "centos-stream 9"),
            ("redhat-release-server-6Server-6.8.0.5.el6.x86_64.rpm", "rhel 6.8"),
            ("redhat-release-server-7.4-18.el7.x86_64.rpm", "rhel 7.4"),
            ("oraclelinux-release-6Server-8.0.3.x86_64.rpm", "oracle 6.8"),
            ("rocky-release-9.3-0.6.el9.noarch.rpm", "rocky 9.3"),
            ("almalinux-release-10.0-30.el10.x86_64.rpm", "almalinux 10.0"),
            ("fedora-release-43-25.noarch.rpm", "fedora 43"),
        ] {
            assert_eq!(release(file).as_deref(), Some(expected), "{file}");
        }
        assert_eq!(release("fedora-release-server-43-25.noarch.rpm"), None);
        assert_eq!(release("rpm.rpm"), None);
    }
}
