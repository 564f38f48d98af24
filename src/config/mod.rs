//! The configs of the daemons that serve a root, and the scripts that boot from it: pure functions from
//! one value, [`Boot`], to text.

pub mod architecture;
pub mod dhcp;
pub mod dnsmasq;
pub mod ipxe;
pub mod nginx;
pub mod place;
pub mod port;
pub mod samba;
pub mod selinux;
pub mod systemd;

use std::collections::BTreeSet;

pub use architecture::Architecture;
pub use dhcp::{Dhcp, Listen};
pub use place::Place;

use crate::site::Server;

/// What the configs speak of.
#[derive(Debug, Clone, PartialEq)]
pub struct Boot {
    /// The address that clients use.
    pub server: Server,
    /// Where the root is on the machine that serves it.
    pub root: Place,
    /// Who clients get addresses from; `None` if that is none of our business.
    pub dhcp: Option<(Dhcp, Listen)>,
    /// The first stages that are there, by their paths in the root.
    pub loaders: BTreeSet<&'static str>,
    /// The account that the Windows share asks for; `None` to let guests in.
    pub smb_user: Option<String>,
    /// The user that the web server runs as under systemd; `None` for root, who gives up its rights in
    /// the workers.
    pub uid: Option<u32>,
}

impl Boot {
    /// The client architectures that are served, and those that no loader was found for.
    pub fn architectures(&self) -> impl Iterator<Item = (&'static Architecture, bool)> {
        let proxy = matches!(self.dhcp, Some((Dhcp::Proxy { .. }, _)));
        architecture::ALL
            .iter()
            .map(move |one| (one, self.loaders.contains(one.loader) && !(proxy && one.http)))
    }
}

#[cfg(test)]
pub(crate) mod sample {
    //! A server as the tutorial's.

    use super::*;

    pub(crate) fn boot() -> Boot {
        let subnet = "192.168.4.0/24".parse().expect("a network");
        let range = "192.168.4.10,192.168.4.200".parse().expect("a range");
        let dhcp =
            Dhcp::Range { range, subnet, gateway: None, dns: Vec::new(), authoritative: false };
        Boot {
            server: "192.168.4.6".parse().expect("an address"),
            root: Place::new("/data".as_ref()).expect("plain"),
            dhcp: Some((dhcp, Listen::Interface("eth0".into()))),
            loaders: ["pxeboot/undionly.kpxe", "pxeboot/snponly.efi", "wwwroot/ipxe.efi"].into(),
            smb_user: None,
            uid: None,
        }
    }
}
