//! Where a product goes below the web root.

use super::product::{self, Product};
use super::profile::Profile;
use super::template;
use crate::error::{Error, Result};

/// Where an import goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Relative to the web root: `yum/CentOS6.8`.
    pub path: String,
    /// Whether the image itself goes there instead of its tree.
    pub whole_image: bool,
}

const NAMES: [&str; 5] = ["brand", "version", "major", "major.minor", "label"];

/// Checks a target template.
pub(super) fn check(target: &str) -> Result<(), String> {
    if target.starts_with('/') || target.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(format!("target {target:?} must be a path below the web root"));
    }
    match template::names(target).iter().find(|name| !NAMES.contains(name)) {
        Some(name) => Err(format!(
            "target: unknown placeholder {{{name}}}; there are {{{}}}",
            NAMES.join("}, {")
        )),
        None => Ok(()),
    }
}

impl Profile {
    /// The target of a product that is imported as `name`, to be booted in the way `choice`. A template without `{label}` gets
    /// `-ARCH` unless that is `x86_64`, and `-VARIANT` unless the disc is the full one.
    ///
    /// # Errors
    /// [`Error::Usage`] where the disc does not say what the template asks for; as [`Profile::boot`].
    pub fn target(&self, product: &Product, name: &str, choice: Option<&str>) -> Result<Target> {
        let boot = self.boot(product, choice)?;
        let own = boot.and_then(|boot| boot.target.as_ref()).unwrap_or(&self.target);
        let whole_image = boot.and_then(|boot| boot.whole_image).unwrap_or(self.whole_image);
        let brand = self.family(&product.family).map_or(&*self.title, |family| family.brand());
        let version = product.version.as_deref();
        let leading = |count| {
            let parts: Vec<_> = version?.split('.').take(count).collect();
            Some(parts.join("."))
        };
        let value = |placeholder: &str| match placeholder {
            "brand" => Some(brand.to_owned()),
            "version" => version.map(str::to_owned),
            "major" => leading(1),
            "major.minor" => leading(2),
            "label" => Some(name.to_owned()),
            _ => None,
        };
        let mut path = template::fill(own, value).map_err(|_| {
            Error::Usage(format!(
                "the disc does not say which version of {} it is: give the target with --dir",
                self.title
            ))
        })?;
        if !template::names(own).contains(&"label") {
            let arch = product.arch.as_deref().filter(|arch| !product::same_arch(arch, "x86_64"));
            for more in [arch, product.variant.as_deref()].into_iter().flatten() {
                path.push('-');
                path.push_str(more);
            }
        }
        Ok(Target { path, whole_image })
    }
}

#[cfg(test)]
mod tests {
    use crate::identify::Profiles;
    use crate::identify::sample::product;

    fn path(profile: &str, spec: &str, name: &str) -> String {
        let profiles = Profiles::builtin().expect("sound");
        let profile = profiles.get(profile).expect("there");
        profile.target(&product(profile, spec), name, None).expect("complete").path
    }

    #[test]
    fn each_family_has_its_place() {
        assert_eq!(path("el", "centos 6.8 x86_64", "c"), "yum/CentOS6.8");
        assert_eq!(path("el", "centos-stream 9 x86_64", "c"), "yum/CentOS-Stream9");
        assert_eq!(path("el", "rhel 7.4 x86_64", "c"), "yum/RHEL7.4");
        assert_eq!(path("el", "oracle 7.4 x86_64", "c"), "yum/OracleLinux7.4");
        assert_eq!(path("ubuntu-di", "ubuntu 16.04.4 amd64", "c"), "apt/ubuntu16.04");
        assert_eq!(path("debian", "debian 12.9.0 amd64", "c"), "apt/debian12");
        assert_eq!(path("esxi", "esxi 5.5.0 x86_64", "c"), "esxi/5.5");
        assert_eq!(path("windows", "windows 6.1.7601 i386", "w2008"), "windows/w2008");
        assert_eq!(path("winpe", "winpe - i386", "win8pe"), "windows/win8pe.iso");
    }

    #[test]
    fn architecture_and_variant_keep_discs_apart() {
        assert_eq!(path("el", "centos 6.9 i386 minimal", "c"), "yum/CentOS6.9-i386-minimal");
        assert_eq!(path("el", "rocky 9.3 aarch64", "c"), "yum/Rocky9.3-aarch64");
        assert_eq!(path("ubuntu-di", "ubuntu 16.04 i386", "c"), "apt/ubuntu16.04-i386");
        assert_eq!(path("esxi", "esxi 6.7.0 x86_64 hpe", "c"), "esxi/6.7-hpe");
    }

    #[test]
    fn an_unknown_version_asks_for_a_directory() {
        let profiles = Profiles::builtin().expect("sound");
        let profile = profiles.get("el").expect("there");
        let error =
            profile.target(&product(profile, "centos - x86_64"), "c", None).expect_err("none");
        assert!(error.to_string().contains("--dir"), "{error}");
    }
}
