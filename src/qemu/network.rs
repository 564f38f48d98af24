//! A network of QEMU's own in which the boot server has its real address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use crate::site::Server;

/// Leases that QEMU's DHCP server gives out.
const LEASES: u8 = 16;

/// Addresses of the machine's network. QEMU's own must differ from the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Address and prefix length.
    pub net: (Ipv4Addr, u8),
    /// QEMU's gateway, DHCP and TFTP server.
    pub host: Ipv4Addr,
    /// QEMU's name server.
    pub dns: Ipv4Addr,
    /// The first address that a machine is given.
    pub first: Ipv4Addr,
    /// The boot server.
    pub server: Ipv4Addr,
    /// Its port.
    pub port: u16,
}

/// Why there can be no such network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// The server is known by name: nobody in the machine's network resolves it.
    HostName,
    /// QEMU forwards IPv4 only.
    Ipv6,
    /// A machine's own loopback is never forwarded.
    Loopback,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HostName => {
                "is a host name, which nothing resolves in the virtual machine's network"
            }
            Self::Ipv6 => "is an IPv6 address, and QEMU's user network forwards IPv4 alone",
            Self::Loopback => "is a loopback address, which no client can reach",
        })
    }
}

impl Network {
    /// The network around `server`: the 24 bits before its last number, or 16 where that is 0 or 255.
    ///
    /// # Errors
    /// [`Unfit`] for a server that cannot have its address in it.
    pub fn around(server: &Server) -> Result<Self, Unfit> {
        let host = server.host().trim_start_matches('[').trim_end_matches(']');
        if server.is_loopback() {
            return Err(Unfit::Loopback);
        }
        let address = match host.parse() {
            Ok(IpAddr::V4(address)) => address,
            Ok(IpAddr::V6(_)) => return Err(Unfit::Ipv6),
            Err(_) => return Err(Unfit::HostName),
        };
        let [a, b, c, d] = address.octets();
        // In the wider network, addresses of our own are those of a neighbour, where all are free.
        let (net, bits, c, taken) = match d {
            0 | 255 => (Ipv4Addr::new(a, b, 0, 0), 16, c ^ 1, None),
            _ => (Ipv4Addr::new(a, b, c, 0), 24, c, Some(d)),
        };
        let free =
            |wanted: u8| if taken == Some(wanted) { wanted.saturating_add(2) } else { wanted };
        let first = match taken {
            Some(d) if (10..10 + LEASES).contains(&d) => 100,
            _ => 10,
        };
        let own = |d| Ipv4Addr::new(a, b, c, d);
        let (host, dns) = (own(free(2)), own(free(3)));
        Ok(Self {
            net: (net, bits),
            host,
            dns,
            first: own(first),
            server: address,
            port: server.port(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn around(server: &str) -> Result<Network, Unfit> {
        Network::around(&server.parse().expect("a server"))
    }

    #[test]
    fn the_tutorials_server_has_its_address() {
        let net = around("192.168.4.6").expect("fit");
        let of = |text: &str| text.parse::<Ipv4Addr>().expect("an address");
        assert_eq!(net.net, (of("192.168.4.0"), 24));
        assert_eq!(
            (net.host, net.dns, net.first),
            (of("192.168.4.2"), of("192.168.4.3"), of("192.168.4.10"))
        );
        assert_eq!((net.server, net.port), (of("192.168.4.6"), 80));
        assert_eq!(around("http://192.168.4.6:8080/boot").expect("fit").port, 8080);
    }

    #[test]
    fn what_cannot_be_forwarded_is_refused() {
        assert_eq!(around("boot.example"), Err(Unfit::HostName));
        assert_eq!(around("[2001:db8::1]"), Err(Unfit::Ipv6));
        assert_eq!(around("127.0.0.1"), Err(Unfit::Loopback));
        assert_eq!(around("localhost"), Err(Unfit::Loopback));
    }

    proptest! {
        #[test]
        fn no_address_is_given_twice(a in 1_u8..127, b: u8, c: u8, d: u8) {
            let server = Ipv4Addr::new(a, b, c, d);
            prop_assume!(!server.is_loopback() && !server.is_unspecified());
            let net = around(&server.to_string()).expect("fit");
            let bits = u32::from(net.net.1);
            let mask = u32::MAX << (32 - bits);
            let leases: Vec<_> = (0..u32::from(LEASES)).map(|n| net.first.to_bits() + n).collect();
            for one in [net.host, net.dns, net.server, net.first] {
                prop_assert_eq!(one.to_bits() & mask, net.net.0.to_bits());
            }
            let mut all = vec![net.host.to_bits(), net.dns.to_bits(), net.server.to_bits()];
            all.extend(leases);
            all.sort_unstable();
            prop_assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "{net:?}");
        }
    }
}
