//! What a kernel is, by its first bytes.

use crate::menu::pe;

/// How many bytes of a kernel are looked at.
pub const HEAD: usize = 4096;

/// Whether a file has the set-up header of the Linux/x86 boot protocol (`HdrS` at 0x202), as
/// `memdisk`, memtest and iPXE's `.lkrn` have too.
pub fn is_linux(head: &[u8]) -> bool {
    head.get(0x202..0x206) == Some(b"HdrS")
}

/// The architecture that a kernel or EFI program is for: by its PE header, else by `xloadflags` of
/// the boot protocol (offset 0x236, from version 2.12 on).
pub fn arch(head: &[u8]) -> Option<&'static str> {
    if let Some(machine) = pe::machine(head) {
        return Some(match machine {
            pe::Machine::I386 => "i386",
            pe::Machine::X86_64 => "x86_64",
            pe::Machine::Arm64 => "aarch64",
        });
    }
    let u16_at = |at: usize| -> Option<u16> {
        let field = head.get(at..at.checked_add(2)?)?;
        Some(u16::from_le_bytes(field.try_into().ok()?))
    };
    let known = is_linux(head) && u16_at(0x206)? >= 0x020c;
    known.then(|| u16_at(0x236)).flatten().map(|flags| match flags & 1 {
        0 => "i386",
        _ => "x86_64",
    })
}

/// The programs that firmware looks for on a removable disc (UEFI 3.5.1.1), with the
/// architecture that each of them is for, the commonest first.
pub const REMOVABLE: [(&str, &str); 5] = [
    ("EFI/BOOT/BOOTX64.EFI", "x86_64"),
    ("EFI/BOOT/BOOTAA64.EFI", "aarch64"),
    ("EFI/BOOT/BOOTRISCV64.EFI", "riscv64"),
    ("EFI/BOOT/BOOTLOONGARCH64.EFI", "loongarch64"),
    ("EFI/BOOT/BOOTIA32.EFI", "i386"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn header(version: u16, flags: u16) -> Vec<u8> {
        let mut head = vec![0; 0x300];
        head[0x202..0x206].copy_from_slice(b"HdrS");
        head[0x206..0x208].copy_from_slice(&version.to_le_bytes());
        head[0x236..0x238].copy_from_slice(&flags.to_le_bytes());
        head
    }

    #[test]
    fn the_boot_protocol_tells_a_64_bit_kernel() {
        assert_eq!(arch(&header(0x020f, 0x7f)), Some("x86_64"));
        assert_eq!(arch(&header(0x020f, 0x00)), Some("i386"));
        assert_eq!(arch(&header(0x020b, 0x01)), None);
        assert_eq!(arch(b"\x7fELF"), None);
        let whole = header(0x020f, 1);
        for len in 0..0x238 {
            assert_eq!(arch(&whole[..len]), None, "cut at {len}");
        }
    }
}
