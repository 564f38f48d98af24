//! ISO 9660 images byte by byte, of 1 MiB.

pub(crate) const SECTOR: usize = 2048;
/// Sectors of an image.
pub(crate) const SECTORS: usize = 512;
/// Logical block of the top directory.
pub(crate) const ROOT: u32 = 20;
pub(crate) const DIRECTORY: u8 = 2;
pub(crate) const CONTINUED: u8 = 0x80;

pub(crate) fn both(n: u32) -> [u8; 8] {
    [n.to_le_bytes(), n.to_be_bytes()].concat().try_into().expect("eight")
}

/// A directory record (ECMA-119, 9.1).
pub(crate) fn record(name: &[u8], flags: u8, block: u32, len: u32, system_use: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 33];
    out[2..10].copy_from_slice(&both(block));
    out[10..18].copy_from_slice(&both(len));
    out[18..25].copy_from_slice(&[116, 5, 22, 6, 4, 59, 0]);
    out[25] = flags;
    out[28..32].copy_from_slice(&[1, 0, 0, 1]);
    out[32] = name.len() as u8;
    out.extend_from_slice(name);
    if out.len() % 2 == 1 {
        out.push(0);
    }
    out.extend_from_slice(system_use);
    if out.len() % 2 == 1 {
        out.push(0);
    }
    out[0] = u8::try_from(out.len()).expect("a record is below 256 bytes");
    out
}

/// A system use entry.
pub(crate) fn entry(signature: &[u8; 2], data: &[u8]) -> Vec<u8> {
    let len = u8::try_from(data.len() + 4).expect("a short entry");
    [signature, &[len, 1][..], data].concat()
}

pub(crate) fn nm(name: &[u8]) -> Vec<u8> {
    entry(b"NM", &[b"\0", name].concat())
}

pub(crate) fn px(mode: u32) -> Vec<u8> {
    entry(b"PX", &[both(mode), both(1), both(0), both(0)].concat())
}

pub(crate) fn ce(block: u32, offset: u32, len: u32) -> Vec<u8> {
    entry(b"CE", &[both(block), both(offset), both(len)].concat())
}

pub(crate) struct Iso(pub(crate) Vec<u8>);

impl Iso {
    /// With a primary volume descriptor and nothing in it.
    pub(crate) fn new() -> Self {
        let mut iso = Self(vec![0; SECTORS * SECTOR]);
        let mut pvd = vec![0; SECTOR];
        pvd[..7].copy_from_slice(b"\x01CD001\x01");
        pvd[8..72].fill(b' ');
        pvd[80..88].copy_from_slice(&both(SECTORS as u32));
        pvd[128..132].copy_from_slice(&[0, 8, 8, 0]);
        pvd[156..190].copy_from_slice(&record(&[0], DIRECTORY, ROOT, 2048, b""));
        // A path table of 4 GiB at the end of the world, which nobody needs.
        pvd[132..140].copy_from_slice(&both(u32::MAX));
        pvd[140..144].fill(0xff);
        iso.put(16, &pvd);
        iso.put(17, b"\xffCD001\x01");
        iso
    }

    pub(crate) fn put(&mut self, block: u32, bytes: &[u8]) {
        let at = block as usize * SECTOR;
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// A directory of `sectors` sectors: its own record, that of the one above, and as many of `records` as fit;
    /// how many those are.
    pub(crate) fn directory(
        &mut self,
        block: u32,
        sectors: usize,
        system_use: &[u8],
        records: &mut dyn Iterator<Item = Vec<u8>>,
    ) -> usize {
        let len = (sectors * SECTOR) as u32;
        let mut bytes = record(&[0], DIRECTORY, block, len, system_use);
        bytes.extend(record(&[1], DIRECTORY, ROOT, 2048, b""));
        let mut count = 0;
        for record in records {
            let left = SECTOR - bytes.len() % SECTOR;
            if record.len() > left {
                bytes.resize(bytes.len() + left, 0);
            }
            if bytes.len() + record.len() > sectors * SECTOR {
                break;
            }
            bytes.extend(record);
            count += 1;
        }
        bytes.truncate(sectors * SECTOR);
        self.put(block, &bytes);
        count
    }
}

/// What the top directory of a Rock Ridge disc announces.
pub(crate) fn announcement() -> Vec<u8> {
    [entry(b"SP", &[0xbe, 0xef, 0]), entry(b"ER", b"\x0a\0\0\x01RRIP_1991A")].concat()
}

/// Names of three letters.
pub(crate) fn name(n: usize) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    let base = LETTERS.len();
    [n / base / base % base, n / base % base, n % base].map(|digit| LETTERS[digit]).to_vec()
}
