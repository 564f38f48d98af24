//! IPv4 networks and ranges of addresses, as settings and options write them.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use ipnet::Ipv4Net;
use serde::Deserialize;

use crate::error::{Error, Result};

/// The first and the last address that a DHCP server hands out: `192.168.4.10,192.168.4.200`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Range {
    /// The first.
    pub start: Ipv4Addr,
    /// The last; not below the first.
    pub end: Ipv4Addr,
}

impl Range {
    /// Whether `address` would be handed out.
    pub fn holds(&self, address: Ipv4Addr) -> bool {
        (self.start..=self.end).contains(&address)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.start, self.end)
    }
}

impl FromStr for Range {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |why: &str| {
            Error::Usage(format!(
                "the DHCP range {text:?} cannot be used: {why}; give START,END, as in \
                 192.168.4.10,192.168.4.200"
            ))
        };
        let (start, end) = text.split_once(',').ok_or_else(|| bad("it has no comma"))?;
        let address = |text: &str| {
            let text = text.trim();
            text.parse::<Ipv4Addr>().map_err(|_| bad(&format!("{text:?} is no IPv4 address")))
        };
        let range = Self { start: address(start)?, end: address(end)? };
        if range.start > range.end {
            return Err(bad("its end is below its start"));
        }
        Ok(range)
    }
}

impl TryFrom<String> for Range {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// A network: `192.168.4.0/24`, or the same with a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Subnet(pub Ipv4Net);

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Subnet {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |why: String| {
            Error::Usage(format!(
                "the network {text:?} cannot be used: {why}; give it as in 192.168.4.0/24"
            ))
        };
        let (address, mask) = text.split_once('/').ok_or_else(|| bad("it has no /".into()))?;
        let address: Ipv4Addr =
            address.parse().map_err(|_| bad(format!("{address:?} is no IPv4 address")))?;
        let mask: Netmask = mask.parse()?;
        let net = mask.network(address);
        if net.network() != address {
            return Err(bad(format!("{address} is an address in the network {net}")));
        }
        Ok(Self(net))
    }
}

impl TryFrom<String> for Subnet {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// How much of an address names the network: a prefix length, also written as a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Netmask(u8);

impl Netmask {
    /// What networks of that size usually have.
    pub const DEFAULT: Self = Self(24);

    /// The prefix length in bits, 8 to 30.
    pub fn prefix(self) -> u8 {
        self.0
    }

    /// The network of this size that holds `address`.
    pub fn network(self, address: Ipv4Addr) -> Ipv4Net {
        Ipv4Net::new_assert(address, self.0).trunc()
    }
}

impl FromStr for Netmask {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let prefix = match text.parse::<Ipv4Addr>() {
            Ok(mask) => ipnet::ipv4_mask_to_prefix(mask).ok(),
            Err(_) => text.parse::<u8>().ok(),
        };
        // Two addresses, for server and client, are the least; nobody's network is larger than a /8.
        prefix.filter(|prefix| (8..=30).contains(prefix)).map(Self).ok_or_else(|| {
            Error::Usage(format!(
                "the netmask {text:?} cannot be used: give a length from 8 to 30, or a mask such as \
                 255.255.255.0"
            ))
        })
    }
}

/// A netmask in TOML: `24`, `"24"` or `"255.255.255.0"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Prefix(u8),
    Text(String),
}

impl TryFrom<Written> for Netmask {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        match written {
            Written::Prefix(prefix) => prefix.to_string().parse(),
            Written::Text(text) => text.parse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_two_addresses_in_order() {
        let range: Range = "192.168.4.10, 192.168.4.200".parse().expect("a range");
        assert_eq!(range.to_string(), "192.168.4.10,192.168.4.200");
        assert!(range.holds(range.start) && range.holds(range.end));
        assert!(!range.holds("192.168.4.9".parse().expect("an address")));
        for bad in ["192.168.4.10", "a,b", "192.168.4.20,192.168.4.10", "1.2.3.4,1.2.3.5,1.2.3.6"] {
            assert!(matches!(bad.parse::<Range>(), Err(Error::Usage(_))), "{bad}");
        }
    }

    #[test]
    fn a_network_is_not_one_of_its_addresses() {
        let net: Subnet = "192.168.4.0/255.255.255.0".parse().expect("a network");
        assert_eq!(net, "192.168.4.0/24".parse().expect("the same"));
        let error = "192.168.4.6/24".parse::<Subnet>().expect_err("an address").to_string();
        assert!(error.contains("is an address in the network 192.168.4.0/24"), "{error}");
        for bad in ["192.168.4.0", "192.168.4.0/33", "x/24", "10.0.0.0/0"] {
            assert!(bad.parse::<Subnet>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_netmask_is_a_length_or_a_mask() {
        assert_eq!("24".parse::<Netmask>().expect("a length"), Netmask::DEFAULT);
        assert_eq!("255.255.0.0".parse::<Netmask>().expect("a mask").prefix(), 16);
        for bad in ["", "31", "0", "255.0.255.0", "a"] {
            assert!(bad.parse::<Netmask>().is_err(), "{bad}");
        }
    }
}
