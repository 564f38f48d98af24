//! A file inside a cpio archive in the new ASCII format (`newc`), as a kernel takes it for a RAM disk.
//!
//! The format is that of the kernel's `Documentation/driver-api/early-userspace/buffer-format.rst`: fields of
//! eight hexadecimal digits, names and contents filled up to multiples of four bytes.

use crate::error::{Error, Result};

/// Largest file in bytes: its size has eight hexadecimal digits.
pub const FILE_MAX: u64 = 0xffff_ffff;
/// The name of the entry that ends an archive.
const TRAILER: &str = "TRAILER!!!";
/// A regular file that everyone may read.
const MODE: u64 = 0o100_644;
/// What archives are filled up to, in bytes.
const BLOCK: u64 = 512;

/// What comes before and after a file's bytes in an archive that holds nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Before them.
    pub head: Vec<u8>,
    /// After them.
    pub tail: Vec<u8>,
}

impl Frame {
    /// The frame of the file `name` of `len` bytes. It depends on nothing else: the archive's time is 0.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a file above [`FILE_MAX`].
    pub fn new(name: &str, len: u64) -> Result<Self> {
        if len > FILE_MAX {
            let what = "has 4 GiB or more, which a cpio archive, and with it a RAM disk that is made of one, cannot \
                        hold: this disc cannot be booted over the network";
            return Err(Error::invalid(name, what));
        }
        let head = entry(name, 1, MODE, len);
        let mut tail = zeros(len, 4);
        tail.extend(entry(TRAILER, 0, 0, 0));
        let bytes = |part: &[u8]| u64::try_from(part.len()).unwrap_or(u64::MAX);
        let all = bytes(&head).saturating_add(len).saturating_add(bytes(&tail));
        tail.extend(zeros(all, BLOCK));
        Ok(Self { head, tail })
    }
}

/// A header with its name.
fn entry(name: &str, inode: u64, mode: u64, len: u64) -> Vec<u8> {
    let name_len = u64::try_from(name.len()).unwrap_or(u64::MAX).saturating_add(1);
    // Inode, mode, links, user, group, time, size, device, device of a device file, length of the name, sum.
    let fields = [inode, mode, 1, 0, 0, 0, len, 0, 0, 0, 0, name_len, 0];
    let fields: String = fields.iter().map(|field| format!("{field:08x}")).collect();
    let mut out = format!("070701{fields}{name}\0").into_bytes();
    let written = u64::try_from(out.len()).unwrap_or(u64::MAX);
    out.extend(zeros(written, 4));
    out
}

/// Zeros that fill `len` up to a multiple of `unit`.
fn zeros(len: u64, unit: u64) -> Vec<u8> {
    let missing = len.next_multiple_of(unit).saturating_sub(len);
    vec![0; usize::try_from(missing).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(name: &str, bytes: &[u8]) -> Vec<u8> {
        let frame = Frame::new(name, bytes.len() as u64).expect("small");
        [&frame.head, bytes, &frame.tail].concat()
    }

    #[test]
    fn an_archive_begins_with_the_files_header_and_ends_with_the_trailer() {
        let all = archive("proxmox.iso", b"12345");
        let header =
            "070701000000010000 81a400000001000000000000000000000000 00000005".replace(' ', "");
        assert!(all.starts_with(header.as_bytes()), "{}", String::from_utf8_lossy(&all));
        // A header has 110 bytes; the name with its zero 12, two more to the multiple of four.
        assert_eq!(&all[110..124], b"proxmox.iso\0\0\0");
        assert_eq!(&all[124..132], b"12345\0\0\0");
        assert_eq!(&all[132..138], b"070701");
        assert_eq!(&all[242..253], b"TRAILER!!!\0");
        assert_eq!(all.len() % 512, 0);
    }

    #[test]
    fn every_part_lies_at_a_multiple_of_four() {
        for (name, len) in
            [("a", 0), ("ab", 1), ("abc", 2), ("abcd", 3), ("abcde", 4), ("x.iso", 511)]
        {
            let frame = Frame::new(name, len).expect("small");
            assert_eq!(frame.head.len() % 4, 0, "{name}");
            assert_eq!(
                (frame.head.len() as u64 + len + frame.tail.len() as u64) % 512,
                0,
                "{name}"
            );
        }
    }

    #[test]
    fn a_file_of_4_gib_does_not_fit() {
        assert!(Frame::new("proxmox.iso", FILE_MAX).is_ok());
        let error = Frame::new("proxmox.iso", 4 << 30).expect_err("too large").to_string();
        assert!(error.contains("proxmox.iso") && error.contains("4 GiB"), "{error}");
    }
}
