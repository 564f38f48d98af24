//! Who gives clients their addresses, and what must hold of the numbers.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::error::{Error, Result};
use crate::site::network::{Netmask, Range};
use crate::site::{Server, Settings};

/// What dnsmasq does about addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dhcp {
    /// It hands them out: it is the network's DHCP server.
    Range {
        /// Which.
        range: Range,
        /// The network that they lie in.
        subnet: Ipv4Net,
        /// The router that clients are told of.
        gateway: Option<Ipv4Addr>,
        /// The name servers that clients are told of.
        dns: Vec<Ipv4Addr>,
        /// Whether it answers for addresses that it has not handed out itself.
        authoritative: bool,
    },
    /// Another server does; dnsmasq adds what booting needs (proxy DHCP).
    Proxy {
        /// The network.
        subnet: Ipv4Net,
    },
}

/// Where dnsmasq listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// On the interface of this name.
    Interface(String),
    /// On whichever interface has this address.
    Address(Ipv4Addr),
}

impl Dhcp {
    /// What the settings ask for.
    ///
    /// # Errors
    /// [`Error::Usage`] where the server is no IPv4 address that clients reach, where addresses that
    /// belong together lie in different networks, and where one would be handed out that is somebody's.
    pub fn of(settings: &Settings, server: &Server) -> Result<Option<Self>> {
        let Settings { dhcp_range, proxy_dhcp, netmask, gateway, dns, .. } = settings;
        if dhcp_range.is_some() && proxy_dhcp.is_some() {
            return Err(Error::Usage(
                "dhcp-range and proxy-dhcp exclude each other: with a range dnsmasq is the network's \
                 DHCP server, as a proxy it stands beside another one; leave one of them out"
                    .into(),
            ));
        }
        if let Some(subnet) = proxy_dhcp {
            let own = address(server)?;
            inside(&subnet.0, "the server", own)?;
            return Ok(Some(Self::Proxy { subnet: subnet.0 }));
        }
        let Some(range) = *dhcp_range else { return Ok(None) };
        let own = address(server)?;
        let subnet = netmask.unwrap_or(Netmask::DEFAULT).network(own);
        inside(&subnet, "the range's start", range.start)?;
        inside(&subnet, "the range's end", range.end)?;
        for end in [range.start, range.end] {
            if end == subnet.network() || end == subnet.broadcast() {
                return Err(Error::Usage(format!(
                    "the DHCP range {range} holds {end}, which no machine of the network {subnet} can \
                     have: leave it out"
                )));
            }
        }
        if let Some(gateway) = *gateway {
            inside(&subnet, "the gateway", gateway)?;
        }
        let taken = [("the server", Some(own)), ("the gateway", *gateway)];
        for (who, address) in taken {
            if let Some(address) = address.filter(|&address| range.holds(address)) {
                return Err(Error::Usage(format!(
                    "the DHCP range {range} holds {address}, which is {who}'s: it would be handed out \
                     a second time; choose a range without it"
                )));
            }
        }
        Ok(Some(Self::Range {
            range,
            subnet,
            gateway: *gateway,
            dns: dns.clone(),
            authoritative: settings.dhcp_authoritative,
        }))
    }

    /// The network that is served.
    pub fn subnet(&self) -> &Ipv4Net {
        match self {
            Self::Range { subnet, .. } | Self::Proxy { subnet } => subnet,
        }
    }
}

/// The server's address, which DHCP needs as a number.
///
/// # Errors
/// [`Error::Usage`] for a host name, an IPv6 address, and one that only this machine reaches.
pub fn address(server: &Server) -> Result<Ipv4Addr> {
    let host = server.host();
    let why = match host.parse::<Ipv4Addr>() {
        Ok(_) if server.is_loopback() => "only this machine itself reaches it",
        Ok(address) => return Ok(address),
        Err(_) if host.starts_with('[') => "it is an IPv6 address",
        Err(_) => "it is a name",
    };
    Err(Error::Usage(format!(
        "DHCP needs the server's IPv4 address, and {host} cannot be used: {why}; give --server with an \
         address such as 192.168.4.6"
    )))
}

fn inside(subnet: &Ipv4Net, who: &str, address: Ipv4Addr) -> Result<()> {
    if subnet.contains(&address) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{who}, {address}, is not in the network {subnet}: server, range and gateway must be in one \
         network; correct it, or give --netmask"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(server: &str, toml: &str) -> Result<Option<Dhcp>> {
        let settings = Settings::parse("pxe-import.toml".as_ref(), toml).expect("valid");
        Dhcp::of(&settings, &server.parse().expect("an address"))
    }

    #[test]
    fn nobody_asked_for_a_dhcp_server() {
        assert_eq!(of("boot.example", "").expect("none"), None);
    }

    #[test]
    fn a_range_lies_in_the_servers_network() {
        let dhcp = of(
            "192.168.4.6",
            "dhcp-range = \"192.168.4.10,192.168.4.200\"\ngateway = \"192.168.4.254\"\n",
        );
        let dhcp = dhcp.expect("valid").expect("asked for");
        assert_eq!(dhcp.subnet().to_string(), "192.168.4.0/24");
        let dhcp = of("10.1.0.1", "dhcp-range = \"10.1.3.1,10.1.4.1\"\nnetmask = 16\n");
        assert_eq!(dhcp.expect("valid").expect("asked for").subnet().to_string(), "10.1.0.0/16");
    }

    #[test]
    fn numbers_that_do_not_go_together_are_refused() {
        let range = "dhcp-range = \"192.168.4.10,192.168.4.200\"\n";
        for (server, toml, why) in [
            ("192.168.5.6", range.to_owned(), "the range's start, 192.168.4.10, is not in"),
            ("192.168.4.6", format!("{range}gateway = \"192.168.5.1\"\n"), "the gateway"),
            ("192.168.4.20", range.to_owned(), "which is the server's"),
            ("192.168.4.6", format!("{range}gateway = \"192.168.4.100\"\n"), "is the gateway's"),
            ("192.168.4.6", format!("{range}netmask = 28\n"), "the range's end"),
            ("192.168.4.6", "dhcp-range = \"192.168.4.0,192.168.4.5\"\n".into(), "no machine"),
            ("192.168.4.6", format!("{range}proxy-dhcp = \"192.168.4.0/24\"\n"), "exclude"),
            ("192.168.4.6", "proxy-dhcp = \"192.168.5.0/24\"\n".into(), "the server, 192.168.4.6"),
            ("boot.example", range.to_owned(), "it is a name"),
            ("fd00::1", range.to_owned(), "IPv6"),
            ("127.0.0.1", "proxy-dhcp = \"127.0.0.0/8\"\n".into(), "only this machine"),
        ] {
            let error = of(server, &toml).expect_err(why);
            assert!(matches!(error, Error::Usage(_)), "{error:?}");
            assert!(error.to_string().contains(why), "{why}: {error}");
        }
    }
}
