//! Disks that machines go on to when they do not boot from the network: each says so on the serial line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the disk says.
pub(crate) const SAYS: &str = "the local disk has booted";

/// A disk with a master boot record.
pub(crate) fn bios(dir: &Path) -> PathBuf {
    let mut disk = vec![0; 1 << 20];
    let code = [
        // xor ax, ax; mov ds, ax; mov si, 0x7c16; cld
        &[0x31, 0xc0, 0x8e, 0xd8, 0xbe, 0x16, 0x7c, 0xfc][..],
        // again: lodsb; test al, al; jz end; mov dx, 0x3f8; out dx, al; jmp again
        &[0xac, 0x84, 0xc0, 0x74, 0x06, 0xba, 0xf8, 0x03, 0xee, 0xeb, 0xf5],
        // end: hlt; jmp end
        &[0xf4, 0xeb, 0xfd],
        SAYS.as_bytes(),
        b"\n\0",
    ]
    .concat();
    disk[..code.len()].copy_from_slice(&code);
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    let path = dir.join("bios.img");
    fs::write(&path, disk).expect("written");
    path
}

/// A disk whose FAT file system has an EFI program at the place for removable media.
pub(crate) fn uefi(dir: &Path) -> PathBuf {
    let (path, program) = (dir.join("uefi.img"), dir.join("bootx64.efi"));
    fs::write(&path, vec![0; 4 << 20]).expect("written");
    fs::write(&program, program_that_says()).expect("written");
    for (tool, arguments) in [
        ("mformat", &["-v", "LOCAL", "::"][..]),
        ("mmd", &["::/EFI", "::/EFI/BOOT"]),
        ("mcopy", &[program.to_str().expect("ASCII"), "::/EFI/BOOT/BOOTX64.EFI"]),
    ] {
        let done = Command::new(tool).arg("-i").arg(&path).args(arguments).output();
        let done = done.expect("`missing` has asked");
        assert!(done.status.success(), "{tool}: {}", String::from_utf8_lossy(&done.stderr));
    }
    path
}

/// An EFI application (PE32+, one section) that writes to the serial port and stops.
fn program_that_says() -> Vec<u8> {
    const TEXT: u32 = 0x200;
    let mut file = vec![0; 0x400];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"MZ");
    put(0x3c, &0x40_u32.to_le_bytes());
    put(0x40, b"PE\0\0");
    // COFF: x86-64, one section, an optional header of 0xf0 bytes, executable without symbols.
    put(0x44, &0x8664_u16.to_le_bytes());
    put(0x46, &1_u16.to_le_bytes());
    put(0x54, &0xf0_u16.to_le_bytes());
    put(0x56, &0x0206_u16.to_le_bytes());
    // Optional header: PE32+, entry point, image base 0, alignments, sizes, EFI application.
    let optional = 0x58;
    put(optional, &0x20b_u16.to_le_bytes());
    for (at, value) in [
        (4, TEXT),
        (16, TEXT),
        (20, TEXT),
        (32, 0x200),
        (36, 0x200),
        (56, 0x400),
        (60, 0x200),
        (108, 16),
    ] {
        put(optional + at, &value.to_le_bytes());
    }
    put(optional + 68, &10_u16.to_le_bytes());
    let section = optional + 0xf0;
    put(section, b".text\0\0\0");
    for (at, value) in [(8, TEXT), (12, TEXT), (16, TEXT), (20, TEXT), (36, 0x6000_0020)] {
        put(section + at, &value.to_le_bytes());
    }
    let code = [
        // lea rsi, [rip + 17]; cld
        &[0x48, 0x8d, 0x35, 0x11, 0, 0, 0, 0xfc][..],
        // again: lodsb; test al, al; jz end; mov edx, 0x3f8; out dx, al; jmp again
        &[0xac, 0x84, 0xc0, 0x74, 0x08, 0xba, 0xf8, 0x03, 0, 0, 0xee, 0xeb, 0xf3],
        // end: hlt; jmp end
        &[0xf4, 0xeb, 0xfd],
        SAYS.as_bytes(),
        b"\n\0",
    ]
    .concat();
    put(0x200, &code);
    file
}
