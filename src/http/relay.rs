//! Standard input and output joined to a port of this machine: what QEMU starts for every connection
//! that the guest opens.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::os::fd::AsFd;

/// Copies both ways until the server closes the connection. Says nothing: QEMU gives it the
/// connection as standard error as well.
///
/// # Errors
/// If the port cannot be reached, or either end goes away.
pub fn run(port: u16) -> io::Result<()> {
    // The files themselves: what goes over standard output's own buffer waits for a line end.
    let mut from = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut to = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let mut sink = server.try_clone()?;
    // Not waited for: the guest may keep its end open after the server has closed.
    std::thread::Builder::new().spawn(move || {
        let _ = io::copy(&mut from, &mut sink);
        let _ = sink.shutdown(Shutdown::Write);
    })?;
    io::copy(&mut server, &mut to).map(|_| ())
}
