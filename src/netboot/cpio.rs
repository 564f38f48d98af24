//! Which kernel's modules an initrd holds: a cpio archive in the kernel's own form
//! (Documentation/driver-api/early-userspace/buffer-format.rst), compressed.

use std::io::{self, Read};

use super::kernel::plausible;
use crate::metadata::packed::{Budget, unpack};
use crate::monitor::Monitor;

/// Bytes of a header: a magic number and 13 numbers of 8 hexadecimal digits.
const HEADER: usize = 110;
/// Longest name that is read.
const NAME_MAX: u32 = 4096;
/// Most files; an installer's initrd has some thousand.
const FILES_MAX: usize = 200_000;
/// Where modules lie, below which there is a directory a version.
const MODULES: [&[u8]; 2] = [b"lib/modules/", b"usr/lib/modules/"];
const TRAILER: &[u8] = b"TRAILER!!!";

/// The version of the kernel whose modules are in an initrd; `None` if there are none.
///
/// # Errors
/// If it cannot be unpacked or is no cpio archive.
pub(super) fn modules(initrd: &[u8], monitor: &dyn Monitor) -> io::Result<Option<String>> {
    let budget = Budget::default();
    let mut input = unpack(initrd, &budget, monitor)?;
    let mut at = 0_u64;
    for _ in 0..FILES_MAX {
        let mut header = [0; HEADER];
        match input.read_exact(&mut header) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof && at > 0 => return Ok(None),
            Err(e) => return Err(e),
        }
        let size = field(&header, 6).ok_or_else(|| no_header(at))?;
        let name_len = field(&header, 11).filter(|len| *len <= NAME_MAX);
        let name_len = name_len.ok_or_else(|| no_header(at))?;
        let mut name = Vec::new();
        let header_len = u64::try_from(HEADER).unwrap_or(u64::MAX);
        let padded = aligned(header_len.saturating_add(name_len.into()));
        input.by_ref().take(padded.saturating_sub(header_len)).read_to_end(&mut name)?;
        let name = name.split(|&b| b == 0).next().unwrap_or_default();
        if let Some(version) = version(name) {
            return Ok(Some(version));
        }
        if name == TRAILER {
            return Ok(None);
        }
        let data = aligned(size.into());
        io::copy(&mut input.by_ref().take(data), &mut io::sink())?;
        at = at.saturating_add(padded).saturating_add(data);
    }
    Err(io::Error::other(format!("it has more than {FILES_MAX} files")))
}

fn no_header(at: u64) -> io::Error {
    io::Error::other(format!("at byte {at:#x} of its content there is no cpio header"))
}

/// Files and names end on 4 bytes.
fn aligned(len: u64) -> u64 {
    len.checked_next_multiple_of(4).unwrap_or(u64::MAX)
}

/// A number of a header, by its place behind the magic number.
fn field(header: &[u8], index: usize) -> Option<u32> {
    let magic = header.get(..6)?;
    if magic != b"070701" && magic != b"070702" {
        return None;
    }
    let start = index.checked_mul(8)?.checked_add(6)?;
    let digits = header.get(start..start.checked_add(8)?)?;
    let hex = digits.iter().all(u8::is_ascii_hexdigit);
    u32::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| hex)?, 16).ok()
}

fn version(name: &[u8]) -> Option<String> {
    let name = name.strip_prefix(b"./").unwrap_or(name);
    let name = name.strip_prefix(b"/").unwrap_or(name);
    let below = MODULES.iter().find_map(|dir| name.strip_prefix(*dir))?;
    plausible(below.split(|&b| b == b'/').next()?)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::monitor::Void;

    /// A cpio archive of files of these names, 5 bytes each.
    pub(in crate::netboot) fn archive(names: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        for name in names.iter().copied().chain(["TRAILER!!!"]) {
            let size = if name == "TRAILER!!!" { 0 } else { 5 };
            let mut header = String::from("070701");
            for index in 0..13 {
                let number = match index {
                    6 => size,
                    11 => name.len() + 1,
                    _ => 0,
                };
                header += &format!("{number:08x}");
            }
            out.extend_from_slice(header.as_bytes());
            out.extend_from_slice(name.as_bytes());
            out.push(0);
            out.resize(out.len().next_multiple_of(4), 0);
            out.extend_from_slice(&b"data."[..size]);
            out.resize(out.len().next_multiple_of(4), 0);
        }
        out
    }

    #[test]
    fn the_directory_of_the_modules_names_the_kernel() {
        for dir in ["lib/modules", "./lib/modules", "usr/lib/modules"] {
            let below = format!("{dir}/6.1.0-37-amd64/modules.dep");
            let archive = archive(&["bin/sh", dir, &below]);
            let found = modules(&archive, &Void).expect("readable");
            assert_eq!(found, Some("6.1.0-37-amd64".into()), "{dir}");
        }
        let none = archive(&["bin/sh", "lib/modules-load.d/x"]);
        assert_eq!(modules(&none, &Void).expect("readable"), None);
    }

    #[test]
    fn what_is_no_archive_is_an_error_and_a_cut_one_too() {
        assert!(modules(b"", &Void).is_err());
        assert!(modules(&[b'x'; 200], &Void).is_err());
        let whole = archive(&["a", "lib/modules/1/x"]);
        for at in 0..110 {
            let mut bytes = whole.clone();
            bytes[at] = b'f';
            // Whatever it takes this for, it comes to an end.
            let _ = modules(&bytes, &Void);
        }
    }
}
