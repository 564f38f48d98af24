//! Copying within the kernel, where it can.

use std::fs::File;
use std::io;
use std::num::NonZeroU64;

use rustix::io::Errno;

/// What came of asking the kernel.
pub(super) enum Outcome {
    /// So many bytes were copied, at least one.
    Copied(u64),
    /// It does not do that for these two files, and will not the next time.
    Unable,
    /// It failed here. Whose fault that is, source or destination, reading will show.
    Failed,
}

/// Copies up to `len` bytes from `from` at `from_at` to `to` at `to_at`.
///
/// # Errors
/// Where the destination is full: no other way of copying would help.
pub(super) fn copy(
    from: &File,
    mut from_at: u64,
    to: &File,
    mut to_at: u64,
    len: u64,
) -> io::Result<Outcome> {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    loop {
        let copied =
            rustix::fs::copy_file_range(from, Some(&mut from_at), to, Some(&mut to_at), len);
        return match copied {
            // Some filesystems say so instead of an error; so does an image that has shrunk.
            Ok(0) => Ok(Outcome::Failed),
            Ok(n) => Ok(Outcome::Copied(n as u64)),
            Err(Errno::INTR) => continue,
            Err(e @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) => Err(e.into()),
            Err(
                Errno::XDEV
                | Errno::INVAL
                | Errno::OPNOTSUPP
                | Errno::NOSYS
                | Errno::PERM
                | Errno::TXTBSY
                | Errno::BADF
                | Errno::ISDIR,
            ) => Ok(Outcome::Unable),
            Err(_) => Ok(Outcome::Failed),
        };
    }
}

/// Makes `to` share all bytes of `from`, where the filesystem can; otherwise `to` stays as it is.
pub(super) fn clone(from: &File, to: &File) -> bool {
    rustix::fs::ioctl_ficlone(to, from).is_ok()
}

/// Bytes of a block of the filesystem that holds `file`, at least 1. What stat gives as its block size
/// is that of good reads and writes, and no less than a page on XFS.
///
/// # Errors
/// As fstatvfs.
pub(super) fn block(file: &File) -> io::Result<u64> {
    Ok(rustix::fs::fstatvfs(file)?.f_frsize.max(1))
}

/// Makes `len` bytes of `to` share those of `from`. Places and length lie at the borders of blocks.
///
/// # Errors
/// Where the filesystem cannot; `to` stays as it is.
pub(super) fn share(
    from: &File,
    from_at: u64,
    to: &File,
    to_at: u64,
    len: NonZeroU64,
) -> io::Result<()> {
    reflink_copy::ReflinkBlockBuilder::new(from, to, len)
        .from_offset(from_at)
        .to_offset(to_at)
        .reflink_block()
}
