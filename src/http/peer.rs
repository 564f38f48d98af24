//! Whose connection it is: every user of this machine reaches the loopback address.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};

/// The kernel's IPv4 connections (proc(5)).
const TABLE: &str = "/proc/net/tcp";

/// Whether the connection from `client` to `server` is our own user's, or root's. The web root may hold
/// what its owner keeps from other users. Where the system does not tell, it is taken for ours.
pub(super) fn is_ours(client: SocketAddr, server: SocketAddr) -> bool {
    let Ok(table) = fs::read_to_string(TABLE) else { return true };
    let own = rustix::process::geteuid().as_raw();
    owner(&table, client, server).is_none_or(|uid| uid == own || uid == 0)
}

/// The user who has the end `client` of the connection to `server`; `None` if `table` does not say.
fn owner(table: &str, client: SocketAddr, server: SocketAddr) -> Option<u32> {
    let (client, server) = (written(client)?, written(server)?);
    let row = table.lines().find_map(|line| {
        let mut columns = line.split_ascii_whitespace().skip(1);
        let found = columns.next() == Some(&client) && columns.next() == Some(&server);
        found.then_some(columns)
    });
    // State, queues, timer, retransmits, uid.
    row?.nth(4)?.parse().ok()
}

/// An address as it stands there: as the number that this machine takes its four bytes for.
fn written(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else { return None };
    let number = u32::from_ne_bytes(Ipv4Addr::octets(address.ip()));
    Some(format!("{number:08X}:{:04X}", address.port()))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_table_names_the_user_of_the_clients_end() {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (client, server) = (at(40000), at(8080));
        let (from, to) = (written(client).expect("IPv4"), written(server).expect("IPv4"));
        let row = |a: &str, b: &str, uid| {
            format!(
                "   1: {a} {b} 01 00000000:00000000 00:00000000 00000000  {uid}        0 1663 1\n"
            )
        };
        let table = format!(
            "  sl  local_address rem_address   st\n{}{}",
            row(&to, &from, 1),
            row(&from, &to, 1000)
        );
        assert_eq!(owner(&table, client, server), Some(1000));
        assert_eq!(owner(&table, at(40001), server), None);
        assert_eq!(owner("", client, server), None);
    }

    #[test]
    fn our_own_connection_is_found_in_the_systems_table() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let stream = TcpStream::connect(listener.local_addr().expect("bound")).expect("connected");
        let (client, server) =
            (stream.local_addr().expect("bound"), stream.peer_addr().expect("connected"));
        let Ok(table) = fs::read_to_string(TABLE) else {
            return println!("skipped: needs {TABLE}");
        };
        assert_eq!(owner(&table, client, server), Some(rustix::process::geteuid().as_raw()));
        assert!(is_ours(client, server));
    }
}
