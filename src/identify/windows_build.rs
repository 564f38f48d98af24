//! Which Windows a build number is of.
//!
//! From the release tables that Microsoft publishes for Windows client and Windows Server.

/// A build that was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Build {
    number: u32,
    client: &'static str,
    server: &'static str,
    /// The name of the update, where the same product has several.
    update: &'static str,
}

const fn build(
    number: u32,
    client: &'static str,
    server: &'static str,
    update: &'static str,
) -> Build {
    Build { number, client, server, update }
}

/// In ascending order. A build between two of them is one of the earlier one's.
const BUILDS: [Build; 29] = [
    build(6000, "Windows Vista", "", ""),
    build(6001, "Windows Vista", "Windows Server 2008", "SP1"),
    build(6002, "Windows Vista", "Windows Server 2008", "SP2"),
    build(7600, "Windows 7", "Windows Server 2008 R2", ""),
    build(7601, "Windows 7", "Windows Server 2008 R2", "SP1"),
    build(9200, "Windows 8", "Windows Server 2012", ""),
    build(9600, "Windows 8.1", "Windows Server 2012 R2", ""),
    build(10240, "Windows 10", "", "1507"),
    build(10586, "Windows 10", "", "1511"),
    build(14393, "Windows 10", "Windows Server 2016", "1607"),
    build(15063, "Windows 10", "", "1703"),
    build(16299, "Windows 10", "Windows Server", "1709"),
    build(17134, "Windows 10", "Windows Server", "1803"),
    build(17763, "Windows 10", "Windows Server 2019", "1809"),
    build(18362, "Windows 10", "Windows Server", "1903"),
    build(18363, "Windows 10", "Windows Server", "1909"),
    build(19041, "Windows 10", "Windows Server", "2004"),
    build(19042, "Windows 10", "Windows Server", "20H2"),
    build(19043, "Windows 10", "", "21H1"),
    build(19044, "Windows 10", "", "21H2"),
    build(19045, "Windows 10", "", "22H2"),
    build(20348, "", "Windows Server 2022", "21H2"),
    build(22000, "Windows 11", "", "21H2"),
    build(22621, "Windows 11", "", "22H2"),
    build(22631, "Windows 11", "", "23H2"),
    build(25398, "", "Windows Server", "23H2"),
    build(26100, "Windows 11", "Windows Server 2025", "24H2"),
    build(26200, "Windows 11", "", "25H2"),
    // What is not known yet.
    build(27000, "", "", ""),
];

impl Build {
    /// The one of this number, `7601` in the version `6.1.7601`.
    pub(super) fn of(version: &str) -> Option<Self> {
        let number: u32 = version.split('.').nth(2)?.parse().ok()?;
        BUILDS.iter().rev().find(|build| build.number <= number).copied()
    }

    /// What the product is called; `None` where there was none of that kind.
    pub(super) fn product(self, is_server: bool) -> Option<&'static str> {
        let name = if is_server { self.server } else { self.client };
        (!name.is_empty()).then_some(name)
    }

    /// The name with that of the update behind it.
    pub(super) fn release(self, is_server: bool) -> Option<String> {
        Some(format!("{} {}", self.product(is_server)?, self.update).trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_ascend() {
        assert!(BUILDS.is_sorted_by(|a, b| a.number < b.number));
    }

    #[test]
    fn each_build_has_its_names() {
        for (version, client, server) in [
            ("6.1.7600", "Windows 7", "Windows Server 2008 R2"),
            ("6.1.7601", "Windows 7 SP1", "Windows Server 2008 R2 SP1"),
            ("6.2.9200", "Windows 8", "Windows Server 2012"),
            ("6.3.9600", "Windows 8.1", "Windows Server 2012 R2"),
            ("10.0.10240", "Windows 10 1507", ""),
            ("10.0.14393", "Windows 10 1607", "Windows Server 2016 1607"),
            ("10.0.17763", "Windows 10 1809", "Windows Server 2019 1809"),
            ("10.0.19045", "Windows 10 22H2", ""),
            ("10.0.20348", "", "Windows Server 2022 21H2"),
            ("10.0.22000", "Windows 11 21H2", ""),
            ("10.0.22635", "Windows 11 23H2", ""),
            ("10.0.26100", "Windows 11 24H2", "Windows Server 2025 24H2"),
            ("10.0.4294967295", "", ""),
        ] {
            let build = Build::of(version).expect("known");
            assert_eq!(build.release(false).unwrap_or_default(), client, "{version}");
            assert_eq!(build.release(true).unwrap_or_default(), server, "{version}");
        }
        for odd in ["5.2.3790", "10.0", "", "10.0.x", "10.0.4294967296"] {
            assert_eq!(Build::of(odd), None, "{odd}");
        }
    }
}
