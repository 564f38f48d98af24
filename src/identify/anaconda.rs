//! Install trees that anaconda reads: Enterprise Linux and Fedora.

use super::discinfo::Discinfo;
use super::profile::{Family, Profile};
use super::treeinfo::Treeinfo;
use super::{Found, release_rpm, text};
use crate::error::Result;
use crate::media::{Disc, Kind, NodeId, Tree};

/// `None` where the disc names no family of the profile: openSUSE and XenServer have a `.treeinfo`
/// too, and ESXi a `.discinfo`.
pub(super) fn read<'p>(disc: &Disc, profile: &'p Profile) -> Result<Option<Found<'p>>> {
    let tree = &disc.tree;
    let info = text(disc, ".treeinfo")?.map(|text| Treeinfo::parse(&text)).unwrap_or_default();
    let second = text(disc, ".discinfo")?.and_then(|text| Discinfo::parse(&text));
    let (product, version) = second.as_ref().map(Discinfo::product_and_version).unwrap_or_default();
    let package = release_rpm::find(tree, &profile.families);

    // A tree that names its product is taken at its word, be it one that is not known here.
    let family = match &info.product {
        Some(name) => profile.family_that_says(name),
        None => product
            .and_then(|name| profile.family_that_says(name))
            .or_else(|| package.as_ref().map(|(family, _)| *family)),
    };
    let Some(family) = family else { return Ok(None) };
    let mut why = Vec::new();
    if let Some(name) = &info.product {
        let version = info.version.as_deref().unwrap_or("of no version");
        why.push(format!(".treeinfo says {name} {version}"));
    }
    if let Some(product) = product {
        why.push(
            format!(".discinfo says {product} {}", version.unwrap_or_default())
                .trim_end()
                .to_owned(),
        );
    }
    if let Some((of, release)) = &package {
        why.push(format!("it has the release package of {} {}", of.title, release.version));
    }
    let package = package.filter(|(of, _)| of.name == family.name).map(|(_, release)| release);
    let arch = info
        .arch
        .or_else(|| second.as_ref().and_then(|second| second.arch.clone()))
        .or_else(|| package.as_ref().and_then(|package| package.arch.clone()));
    let version = sharpest(
        family,
        [info.version.as_deref(), version, package.as_ref().map(|p| p.version.as_str())],
    );
    let variant = variant(tree, profile, info.variant.as_deref());
    Ok(Some(Found { family: Some(family), name: None, version, arch, variant, why }))
}

/// Whether it looks like a later disc of a set: packages, and nothing that installs them.
pub(crate) fn is_later_disc(tree: &Tree) -> bool {
    let has = |path: &str| tree.find_ignoring_case(path.as_bytes()).is_some();
    let is_package = |id| tree.kind(id) == Kind::File && tree.name(id).ends_with(b".rpm");
    let described = [".treeinfo", "repodata", "images", "isolinux"].into_iter().any(has);
    !described && tree.iter().any(is_package)
}

/// The first version that is known, or a later one that says it more exactly: CentOS 7's
/// `.treeinfo` has `7`, its `.discinfo` `7.5`.
fn sharpest(family: &Family, versions: [Option<&str>; 3]) -> Option<String> {
    let mut versions = versions.into_iter().flatten();
    let mut best = versions.next()?;
    if family.minor {
        for version in versions {
            if version.strip_prefix(best).is_some_and(|rest| rest.starts_with('.')) {
                best = version;
            }
        }
    }
    Some(best.to_owned())
}

/// What sets the disc apart from the full one, as far as it is certain.
fn variant(tree: &Tree, profile: &Profile, named: Option<&str>) -> Option<String> {
    if is_minimal(tree) {
        return Some("minimal".to_owned());
    }
    if !tree.iter().any(|id| tree.name(id).ends_with(b".rpm")) {
        return Some("netinstall".to_owned());
    }
    named.filter(|named| !profile.full.iter().any(|full| full == named)).map(str::to_owned)
}

/// From 8 on the packages of a minimal disc lie in a directory of that name; before, the package
/// groups in `repodata` are called `c6-minimal-x86_64.xml`.
fn is_minimal(tree: &Tree) -> bool {
    let dir = |path: &[u8]| tree.find_ignoring_case(path).filter(|&id| tree.kind(id) == Kind::Dir);
    let groups = |id: NodeId| {
        let name = tree.name(id).to_ascii_lowercase();
        name.windows(b"-minimal-".len()).any(|part| part == b"-minimal-")
    };
    dir(b"minimal/Packages").is_some()
        || dir(b"repodata").is_some_and(|dir| tree.children(dir).any(groups))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::sample::disc;

    #[test]
    fn a_later_disc_has_packages_and_nothing_to_install_them_with() {
        let package = ("Packages/zsh-4.3.11-4.el6.x86_64.rpm", &b""[..]);
        let later = |files: &[(&str, &[u8])]| is_later_disc(&disc("", files).tree);
        assert!(later(&[package, ("EULA", b"")]));
        assert!(later(&[("CentOS/a.rpm", b""), (".discinfo", b"1\nFinal\nx86_64\n4\n")]));
        assert!(!later(&[package, ("images/pxeboot/vmlinuz", b"")]));
        assert!(!later(&[package, (".treeinfo", b"")]));
        assert!(!later(&[("readme.txt", b"")]));
    }
}
