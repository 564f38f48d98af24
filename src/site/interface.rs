//! This machine's network interfaces.

use std::net::{IpAddr, Ipv4Addr};

use if_addrs::IfAddr;

use crate::error::{Error, Result};

/// Longest name of an interface in bytes (IFNAMSIZ, less the NUL).
const NAME_MAX: usize = 15;

/// An interface of this machine, by one of its IPv4 addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// What it is called: `eth0`.
    pub name: String,
    /// The length in bits of its network's prefix.
    pub prefix: u8,
}

impl Interface {
    /// The one that has `address`; `None` if no interface of this machine has.
    ///
    /// # Errors
    /// [`Error::Io`] where the system does not tell.
    pub fn of(address: Ipv4Addr) -> Result<Option<Self>> {
        let all =
            if_addrs::get_if_addrs().map_err(|e| Error::io("list", "the network interfaces", e))?;
        let found = all.into_iter().find(|one| one.ip() == IpAddr::V4(address));
        Ok(found.and_then(|one| match one.addr {
            IfAddr::V4(v4) => Some(Self { name: one.name, prefix: v4.prefixlen }),
            IfAddr::V6(_) => None,
        }))
    }
}

/// Checks the name of an interface, which need not be one of this machine's.
///
/// # Errors
/// [`Error::Usage`] for what the kernel would not call one, and for dnsmasq's wildcards.
pub fn check_name(name: &str) -> Result<()> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-@:".contains(&b);
    if (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    Err(Error::Usage(format!("{name:?} is no name of a network interface: give one such as eth0")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_interface_is_found_by_its_address() {
        let found = Interface::of(Ipv4Addr::LOCALHOST).expect("listed");
        let Some(found) = found else {
            println!("skipped: needs a loopback interface that is up");
            return;
        };
        assert_eq!(found, Interface { name: "lo".into(), prefix: 8 });
        // TEST-NET-3 (RFC 5737) is nobody's.
        assert_eq!(Interface::of(Ipv4Addr::new(203, 0, 113, 9)).expect("listed"), None);
    }

    #[test]
    fn a_name_is_short_and_plain() {
        for good in ["eth0", "br-lan", "enp0s31f6", "bond0.100"] {
            check_name(good).expect(good);
        }
        for bad in ["", "a b", "eth*", "eth0,eth1", "sixteen-letters0", "a\nuser=root"] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
