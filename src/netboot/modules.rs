//! Which kernels the installer's modules on the discs are for.

use std::collections::BTreeSet;

use crate::media::printable;
use crate::plan::{Item, Plan};

/// The versions that `NAME-modules-VERSION-di_REVISION_ARCH.udeb` names, anywhere in the tree.
pub(super) fn versions(plan: &Plan<'_>, arch: &str) -> BTreeSet<String> {
    let is_file = |id: &_| matches!(plan.item(*id), Item::File(_));
    plan.iter().filter(is_file).filter_map(|id| version(plan.name(id), arch)).collect()
}

fn version(name: &[u8], arch: &str) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let name = name.strip_suffix(".udeb")?.strip_suffix(arch)?.strip_suffix('_')?;
    let (package, _) = name.split_once('_')?;
    let (_, version) = package.strip_suffix("-di")?.split_once("-modules-")?;
    super::kernel::plausible(version.as_bytes())
}

/// The name of the suite: `bookworm`.
pub(super) fn codename(plan: &Plan<'_>) -> Option<String> {
    let dists = plan.find(b"dists")?;
    let mut dirs = plan.children(dists).iter().filter(|id| *plan.item(**id) == Item::Dir);
    dirs.next().map(|&id| printable(plan.name(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_stands_between_modules_and_di() {
        let of = |name: &str| version(name.as_bytes(), "amd64");
        for (name, expected) in [
            ("ext4-modules-6.1.0-37-amd64-di_6.1.140-1_amd64.udeb", "6.1.0-37-amd64"),
            (
                "crypto-dm-modules-6.12.57+deb13-amd64-di_6.12.57-1_amd64.udeb",
                "6.12.57+deb13-amd64",
            ),
            ("block-modules-4.4.0-21-generic-di_4.4.0-21.37_amd64.udeb", "4.4.0-21-generic"),
        ] {
            assert_eq!(of(name).as_deref(), Some(expected), "{name}");
        }
        for name in [
            "ext4-modules-6.1.0-37-686-di_6.1.140-1_i386.udeb",
            "libsasl2-modules-db_2.1_amd64.deb",
            "di-utils-mapdevfs_1.155_amd64.udeb",
            "x-modules-y-di_1_amd64.udeb",
            "modules-6.1-di_1_amd64.udeb",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
