//! `.discinfo`: by its lines the time of the build, the release, the architecture, the discs.

/// The facts of a `.discinfo`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Discinfo {
    /// A release (`6.6`), a product with its release (`Red Hat Enterprise Linux 6.8`), or a word
    /// (`Final`).
    pub(super) release: String,
    /// The architecture.
    pub(super) arch: Option<String>,
}

impl Discinfo {
    /// `None` where the first line is not a time, as in files of other systems by that name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim);
        let time = lines.next()?;
        if time.is_empty() || !time.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return None;
        }
        let release = lines.next()?.to_owned();
        let arch = lines.next().filter(|arch| !arch.is_empty()).map(str::to_owned);
        Some(Self { release, arch })
    }

    /// The release's product name and version, either of which may be missing.
    pub(super) fn product_and_version(&self) -> (Option<&str>, Option<&str>) {
        let is_version = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        match self.release.rsplit_once(' ') {
            Some((product, version)) if is_version(version) => {
                (Some(product.trim()), Some(version))
            }
            None if is_version(&self.release) => (None, Some(&self.release)),
            _ => (Some(&self.release), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_may_be_a_version_a_product_or_a_word() {
        let info = |text| Discinfo::parse(text).expect("a .discinfo");
        let six = info("1414159991.9\n6.6\nx86_64\nALL\n");
        assert_eq!(six.product_and_version(), (None, Some("6.6")));
        assert_eq!(six.arch.as_deref(), Some("x86_64"));
        let rhel = info("1209597827.29\nRed Hat Enterprise Linux Server 5.2\ni386\n1\n");
        let expected = (Some("Red Hat Enterprise Linux Server"), Some("5.2"));
        assert_eq!(rhel.product_and_version(), expected);
        assert_eq!(info("1.0\nFinal\n").product_and_version(), (Some("Final"), None));
    }

    #[test]
    fn a_file_of_another_system_is_none() {
        assert_eq!(Discinfo::parse("ESXi\n7.0\n"), None);
        assert_eq!(Discinfo::parse(""), None);
    }
}
