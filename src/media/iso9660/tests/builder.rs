//! Small images, byte by byte.

use crate::error::{Error, Result};
use crate::media::iso9660::Iso9660;
use crate::media::iso9660::directory::tests::record;
use crate::media::iso9660::susp::tests::entry;
use crate::media::{Hierarchy, Image, Kind, NodeId, Tree};
use crate::monitor::{Collect, Monitor, Void};

pub(super) const SECTOR: usize = 2048;
/// Logical block of the top directory.
pub(super) const ROOT: u32 = 20;
pub(super) const DIRECTORY: u8 = 2;
pub(super) const ASSOCIATED: u8 = 4;
pub(super) const CONTINUED: u8 = 0x80;

/// An image under construction.
pub(super) struct Builder {
    pub(super) bytes: Vec<u8>,
    block_size: u16,
    next_descriptor: usize,
}

impl Builder {
    /// 40 sectors with a primary volume descriptor.
    pub(super) fn new(block_size: u16) -> Self {
        let mut builder =
            Self { bytes: vec![0; 40 * SECTOR], block_size, next_descriptor: 16 * SECTOR };
        builder.descriptor(1, 1, b"", ROOT);
        builder
    }

    /// Adds a volume descriptor.
    pub(super) fn descriptor(&mut self, kind: u8, version: u8, escape: &[u8], root: u32) {
        let at = self.next_descriptor;
        self.next_descriptor += SECTOR;
        let blocks = u32::try_from(self.bytes.len()).expect("small") / u32::from(self.block_size);
        let sector = &mut self.bytes[at..at + SECTOR];
        sector[0] = kind;
        sector[1..6].copy_from_slice(b"CD001");
        sector[6] = version;
        sector[40..44].copy_from_slice(b"TEST");
        sector[80..84].copy_from_slice(&blocks.to_le_bytes());
        sector[88..88 + escape.len()].copy_from_slice(escape);
        sector[128..130].copy_from_slice(&self.block_size.to_le_bytes());
        let root = record(&[0], DIRECTORY, root, 2048, b"");
        sector[156..190].copy_from_slice(&root);
    }

    /// Writes at a logical block.
    pub(super) fn put(&mut self, block: u32, bytes: &[u8]) -> &mut Self {
        let at = usize::try_from(block).expect("small") * usize::from(self.block_size);
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Writes a directory of one sector: its own record with `system_use`, that of the one above,
    /// and `records`.
    pub(super) fn directory(
        &mut self,
        block: u32,
        system_use: &[u8],
        records: &[Vec<u8>],
    ) -> &mut Self {
        let own = record(&[0], DIRECTORY, block, 2048, system_use);
        let above = record(&[1], DIRECTORY, ROOT, 2048, b"");
        self.put(block, &[own, above, records.concat()].concat())
    }

    pub(super) fn image(&self) -> Image {
        Image::new("test.iso", self.bytes.clone())
    }

    pub(super) fn read(&self, hierarchy: Hierarchy) -> Result<Tree> {
        self.read_with(hierarchy, &Void)
    }

    pub(super) fn read_with(&self, hierarchy: Hierarchy, monitor: &dyn Monitor) -> Result<Tree> {
        let image = self.image();
        let iso = Iso9660::open(&image)?.expect("a primary volume descriptor");
        iso.hierarchies(&image)?;
        iso.read(&image, hierarchy, monitor)
    }

    pub(super) fn hierarchies(&self) -> Result<Vec<Hierarchy>> {
        let image = self.image();
        Iso9660::open(&image)?.expect("a primary volume descriptor").hierarchies(&image)
    }

    /// The listing, and the warnings.
    pub(super) fn listing(&self, hierarchy: Hierarchy) -> (Vec<String>, Vec<String>) {
        let monitor = Collect::default();
        let tree = self.read_with(hierarchy, &monitor).expect("a good image");
        let warnings = monitor.warnings();
        (listing(&tree), warnings.iter().map(|w| format!("{}: {}", w.code, w.path)).collect())
    }

    /// The byte offset and the text of the error.
    pub(super) fn fault(&self, hierarchy: Hierarchy) -> (u64, String) {
        match self.read(hierarchy).expect_err("a bad image") {
            Error::Corrupt { offset, what, .. } | Error::Unsupported { offset, what, .. } => {
                (offset, what)
            }
            other => panic!("{other}"),
        }
    }
}

/// An `SP` and an `ER` entry, as in the top directory of every Rock Ridge disc.
pub(super) fn announcement(skip: u8) -> Vec<u8> {
    [entry(b"SP", &[0xbe, 0xef, skip]), entry(b"ER", b"\x0a\0\0\x01RRIP_1991A")].concat()
}

pub(super) fn nm(name: &[u8]) -> Vec<u8> {
    entry(b"NM", &[b"\0", name].concat())
}

pub(super) fn px(mode: u32) -> Vec<u8> {
    let mut data = [0; 32];
    data[..4].copy_from_slice(&mode.to_le_bytes());
    data[4..8].copy_from_slice(&mode.to_be_bytes());
    entry(b"PX", &data)
}

/// One line a node, in the order of the paths.
pub(super) fn listing(tree: &Tree) -> Vec<String> {
    let mut lines: Vec<String> = tree.iter().map(|id| line(tree, id)).collect();
    lines.sort();
    lines
}

fn line(tree: &Tree, id: NodeId) -> String {
    let path = String::from_utf8_lossy(&tree.path(id)).into_owned();
    match tree.kind(id) {
        Kind::Dir => format!("{path}/"),
        Kind::File => format!("{path} {}", tree.size(id)),
        Kind::Link => format!("{path} -> {}", String::from_utf8_lossy(tree.target(id))),
        Kind::Other => format!("{path} other"),
    }
}
