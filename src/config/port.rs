//! The ports that a firewall has to let through.

use serde::Serialize;

use super::{Boot, Dhcp};

/// A port that clients come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Port {
    /// Its number.
    pub port: u16,
    /// `tcp` or `udp`.
    pub protocol: &'static str,
    /// What comes there.
    pub purpose: &'static str,
}

/// Those of `boot`.
pub fn ports(boot: &Boot) -> Vec<Port> {
    let port = |port, protocol, purpose| Port { port, protocol, purpose };
    let mut ports = match boot.dhcp {
        None => Vec::new(),
        Some((Dhcp::Range { .. }, _)) => vec![port(67, "udp", "DHCP"), port(69, "udp", "TFTP")],
        Some((Dhcp::Proxy { .. }, _)) => vec![
            port(67, "udp", "proxy DHCP"),
            port(4011, "udp", "PXE boot server"),
            port(69, "udp", "TFTP"),
        ],
    };
    ports.push(port(boot.server.port(), "tcp", "HTTP"));
    ports.push(port(445, "tcp", "SMB, for Windows"));
    ports
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::sample::boot;

    #[test]
    fn the_web_servers_port_is_that_of_the_address() {
        let server = "http://192.168.4.6:8080".parse().expect("an address");
        let numbers = |boot| ports(&boot).iter().map(|port| port.port).collect::<Vec<_>>();
        assert_eq!(numbers(Boot { server, ..boot() }), [67, 69, 8080, 445]);
        assert_eq!(numbers(Boot { dhcp: None, ..boot() }), [80, 445]);
        let subnet = "192.168.4.0/24".parse().expect("a network");
        let listen = crate::config::Listen::Interface("eth0".into());
        let proxy = Boot { dhcp: Some((Dhcp::Proxy { subnet }, listen)), ..boot() };
        assert_eq!(numbers(proxy), [67, 4011, 69, 80, 445]);
    }
}
