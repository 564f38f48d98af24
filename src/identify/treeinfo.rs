//! `.treeinfo`: what anaconda's own tools say of an install tree.

use super::ini::Ini;

/// The facts of a `.treeinfo` that tell a product.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Treeinfo {
    /// The distribution: `CentOS`, `Red Hat Enterprise Linux`.
    pub(super) product: Option<String>,
    /// The release: `6.8`; the major number alone on CentOS 7.
    pub(super) version: Option<String>,
    /// The architecture: `x86_64`.
    pub(super) arch: Option<String>,
    /// The variant: `Server`, `BaseOS`; absent before RHEL 6.
    pub(super) variant: Option<String>,
}

impl Treeinfo {
    /// Takes what productmd writes (`[release]`, before that `[product]`) and what every tree
    /// since Fedora 7 has (`[general]`).
    pub(super) fn parse(text: &str) -> Self {
        let ini = Ini::parse(text);
        let first = |places: &[(&str, &str)]| {
            places.iter().find_map(|(section, key)| ini.get(section, key)).map(str::to_owned)
        };
        Self {
            product: first(&[("release", "name"), ("product", "name"), ("general", "family")]),
            version: first(&[
                ("release", "version"),
                ("product", "version"),
                ("general", "version"),
            ]),
            arch: first(&[("tree", "arch"), ("general", "arch")]),
            variant: first(&[("general", "variant")]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_form_has_general_alone() {
        let info = Treeinfo::parse(
            "[general]\nversion = 6.8\narch = x86_64\nfamily = CentOS\nvariant = \n\
             [images-x86_64]\nkernel = images/pxeboot/vmlinuz\n",
        );
        assert_eq!(info.product.as_deref(), Some("CentOS"));
        assert_eq!(info.version.as_deref(), Some("6.8"));
        assert_eq!(info.arch.as_deref(), Some("x86_64"));
        assert_eq!(info.variant, None);
    }

    #[test]
    fn the_new_form_says_it_in_release_and_tree() {
        let info = Treeinfo::parse(
            "[general]\n; WARNING.0 = old readers only\nfamily = Old\nversion = 1\nvariant = BaseOS\n\
             [release]\nname = Rocky Linux\nversion = 9.0\n[tree]\narch = aarch64\n",
        );
        assert_eq!(info.product.as_deref(), Some("Rocky Linux"));
        assert_eq!(info.version.as_deref(), Some("9.0"));
        assert_eq!(info.arch.as_deref(), Some("aarch64"));
        assert_eq!(info.variant.as_deref(), Some("BaseOS"));
    }

    #[test]
    fn oracle_7_calls_the_section_product() {
        let info = Treeinfo::parse("[product]\nname = Oracle Linux\nversion = 7.4 \n");
        assert_eq!(info.product.as_deref(), Some("Oracle Linux"));
        assert_eq!(info.version.as_deref(), Some("7.4"));
    }
}
