//! Whether two files of the discs hold the same bytes.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::content::Reader;
use crate::error::Result;
use crate::media::{Disc, NodeId, printable};
use crate::monitor::{Monitor, Void};

/// A file of a disc: the disc's index and the node.
pub type File = (usize, NodeId);

/// Files that differ mostly do so early, so the first look is a short one.
const FIRST: usize = 64 << 10;
/// Bytes of each file that are compared at a time after that.
const BUFFER: usize = 128 << 10;

/// Whether both files hold the same bytes; what can be told from sizes or from where the bytes lie
/// is told without reading.
///
/// # Errors
/// As [`Reader::read_at`].
pub fn equal(a: &Reader<'_>, b: &Reader<'_>) -> Result<bool> {
    Pair::default().equal(a, b, &Void)
}

/// For each pair, whether both hold the same bytes, in the order of `pairs`; on `jobs` threads,
/// or one a core.
///
/// # Errors
/// The first that comes up of those of [`Reader::read_at`], and
/// [`crate::Error::Interrupted`].
pub fn all(
    discs: &[Disc],
    pairs: &[(File, File)],
    jobs: Option<NonZeroUsize>,
    monitor: &dyn Monitor,
) -> Result<Vec<bool>> {
    let size = |&(disc, node): &File| discs.get(disc).map_or(0, |disc| disc.tree.size(node));
    let total = pairs.iter().fold(0_u64, |sum, (a, _)| sum.saturating_add(size(a)));
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let failed = AtomicBool::new(false);
    let pool = crate::threads::pool(jobs)?;
    monitor.start("comparing", total);
    let compare = || {
        pairs
            .par_iter()
            .with_max_len(16)
            .map_init(Pair::default, |buffers, (a, b)| {
                if failed.load(Ordering::Relaxed) {
                    return Ok(false);
                }
                let verdict = of_pair(discs, (a, b), buffers, monitor);
                monitor.advance(size(a));
                verdict.inspect_err(|_| failed.store(true, Ordering::Relaxed))
            })
            .collect()
    };
    let verdicts = pool.install(compare);
    monitor.finish();
    verdicts
}

fn of_pair(
    discs: &[Disc],
    (a, b): (&File, &File),
    buffers: &mut Pair,
    monitor: &dyn Monitor,
) -> Result<bool> {
    let (Some(disc_a), Some(disc_b)) = (discs.get(a.0), discs.get(b.0)) else {
        return Ok(false);
    };
    if disc_a.tree.size(a.1) != disc_b.tree.size(b.1) {
        return Ok(false);
    }
    monitor.current(&printable(&disc_a.tree.path(a.1)));
    buffers.equal(&Reader::of_node(disc_a, a.1)?, &Reader::of_node(disc_b, b.1)?, monitor)
}

/// Two buffers, used again for every pair of a thread.
#[derive(Default)]
struct Pair(Vec<u8>, Vec<u8>);

impl Pair {
    fn equal(&mut self, a: &Reader<'_>, b: &Reader<'_>, monitor: &dyn Monitor) -> Result<bool> {
        if a.len() != b.len() {
            return Ok(false);
        }
        if let (Some((image_a, extents_a)), Some((image_b, extents_b))) =
            (a.as_extents(), b.as_extents())
            && std::ptr::eq(image_a, image_b)
            && extents_a == extents_b
        {
            return Ok(true);
        }
        let mut at = 0;
        let mut size = FIRST;
        while at < a.len() {
            monitor.check()?;
            let len = usize::try_from(a.len() - at).unwrap_or(usize::MAX).min(size);
            for (reader, buffer) in [(a, &mut self.0), (b, &mut self.1)] {
                if buffer.len() < len {
                    buffer.resize(len, 0);
                }
                reader.read_exact_at(at, &mut buffer[..len])?;
            }
            if self.0[..len] != self.1[..len] {
                return Ok(false);
            }
            at += len as u64;
            size = BUFFER;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::media::{Body, Entry};
    use crate::media::{Bootable, Extent, Hierarchy, Identifiers, Image, ReadAt, Tree};

    fn disc(source: impl ReadAt + 'static, files: &[(u64, u64)]) -> (Disc, Vec<NodeId>) {
        let mut tree = Tree::new();
        let mut ids = Vec::new();
        for (index, &(offset, len)) in files.iter().enumerate() {
            let body = Body::File(vec![Extent { offset: Some(offset), len }]);
            let entry = Entry { body, ..Entry::default() };
            let name = format!("f{index}");
            ids.push(tree.add(NodeId::ROOT, name.as_bytes(), entry).expect("a name"));
        }
        let disc = Disc {
            image: Image::new("x.iso", source),
            tree,
            hierarchy: Hierarchy::RockRidge,
            identifiers: Identifiers::default(),
            bootable: Bootable::default(),
        };
        (disc, ids)
    }

    #[test]
    fn files_are_equal_when_every_byte_is() {
        const LEN: u64 = 3_000_001;
        let bytes: Vec<u8> = (0..LEN).map(|i| (i % 253) as u8).collect();
        let mut other = bytes.clone();
        other.extend_from_slice(&bytes);
        // The last byte of the second copy.
        other[2 * LEN as usize - 1] ^= 1;
        let (a, ids_a) = disc(bytes, &[(0, LEN), (0, LEN - 1)]);
        let (b, ids_b) = disc(other, &[(0, LEN), (LEN, LEN)]);
        let discs = [a, b];
        let pairs = [
            ((0, ids_a[0]), (1, ids_b[0])),
            ((0, ids_a[0]), (1, ids_b[1])),
            ((0, ids_a[1]), (1, ids_b[0])),
            ((0, ids_a[0]), (0, ids_a[0])),
        ];
        let verdicts = all(&discs, &pairs, None, &Void).expect("readable");
        assert_eq!(verdicts, [true, false, false, true]);
    }

    struct Broken;

    impl ReadAt for Broken {
        fn read_at(&self, _: u64, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::from_raw_os_error(5))
        }
        fn size(&self) -> u64 {
            1 << 20
        }
    }

    #[test]
    fn different_sizes_are_told_apart_without_reading() {
        let (disc, ids) = disc(Broken, &[(0, 1000), (0, 1001), (1, 1000)]);
        let discs = [disc];
        let verdict =
            all(&discs, &[((0, ids[0]), (0, ids[1]))], None, &Void).expect("nothing is read");
        assert_eq!(verdict, [false]);
        let error = all(&discs, &[((0, ids[0]), (0, ids[2]))], None, &Void).expect_err("EIO");
        assert!(matches!(error, Error::Io { .. }), "{error}");
    }

    #[test]
    fn readers_of_different_lengths_differ() {
        let (disc, ids) = disc(vec![0; 10], &[(0, 4), (0, 5), (4, 4)]);
        let reader = |id| Reader::of_node(&disc, id).expect("a file");
        assert!(!equal(&reader(ids[0]), &reader(ids[1])).expect("readable"));
        assert!(equal(&reader(ids[0]), &reader(ids[2])).expect("readable"));
    }
}
