//! Which machine an EFI program is for, by its PE header.
//!
//! A kernel that firmware can start looks like a Windows program: "MZ", at 0x3c the offset of "PE\0\0",
//! and behind that the machine (Microsoft's PE Format, "MS-DOS Stub" and "COFF File Header"). The
//! kernels of EL 5 and 6 have none of it.

/// How many bytes of a file are looked at; the header of every kernel and loader lies far before.
pub const HEAD: u64 = 4096;

/// A machine that iPXE knows by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Machine {
    /// `IMAGE_FILE_MACHINE_I386`.
    I386,
    /// `IMAGE_FILE_MACHINE_AMD64`.
    X86_64,
    /// `IMAGE_FILE_MACHINE_ARM64`.
    Arm64,
}

impl Machine {
    /// The value of iPXE's `${buildarch}` on it.
    pub fn buildarch(self) -> &'static str {
        match self {
            Self::I386 => "i386",
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// The machine that a program is for, by its first [`HEAD`] bytes; `None` for what is no EFI program
/// and for machines that no client of ours is.
pub fn machine(head: &[u8]) -> Option<Machine> {
    if !head.starts_with(b"MZ") {
        return None;
    }
    let offset = u32::from_le_bytes(head.get(0x3c..0x40)?.try_into().ok()?);
    let header = head.get(usize::try_from(offset).ok()?..)?.strip_prefix(b"PE\0\0")?;
    match u16::from_le_bytes(header.get(..2)?.try_into().ok()?) {
        0x014c => Some(Machine::I386),
        0x8664 => Some(Machine::X86_64),
        0xaa64 => Some(Machine::Arm64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn program(offset: u32, machine: u16) -> Vec<u8> {
        let at = usize::try_from(offset).expect("small");
        let mut bytes = vec![0; at + 6];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[0x3c..0x40].copy_from_slice(&offset.to_le_bytes());
        bytes[at..at + 4].copy_from_slice(b"PE\0\0");
        bytes[at + 4..].copy_from_slice(&machine.to_le_bytes());
        bytes
    }

    #[test]
    fn the_machine_is_in_the_header() {
        for (code, expected) in [
            (0x014c, Some(Machine::I386)),
            (0x8664, Some(Machine::X86_64)),
            (0xaa64, Some(Machine::Arm64)),
            (0x01c2, None),
        ] {
            assert_eq!(machine(&program(0x40, code)), expected, "{code:#x}");
            assert_eq!(machine(&program(0x200, code)), expected, "{code:#x}");
        }
    }

    #[test]
    fn what_is_cut_off_or_points_nowhere_is_no_program() {
        let whole = program(0x40, 0x8664);
        for end in 0..whole.len() {
            assert_eq!(machine(&whole[..end]), None, "{end} bytes");
        }
        for offset in [0x41, 0x45, 0x46, u32::MAX] {
            let mut wrong = whole.clone();
            wrong[0x3c..0x40].copy_from_slice(&offset.to_le_bytes());
            assert_eq!(machine(&wrong), None, "{offset:#x}");
        }
        assert_eq!(machine(b"\x1f\x8b\x08"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..128)) {
            let _ = machine(&bytes);
            bytes.splice(0..0, *b"MZ");
            let _ = machine(&bytes);
        }
    }
}
