//! The kinds of machines that boot from a network, by the number that they name in their DHCP request
//! (option 93: RFC 4578, 2.1, continued by IANA's "Processor Architecture Types").

/// A client architecture and its first stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Architecture {
    /// The number in option 93.
    pub code: u16,
    /// What it is, for people.
    pub name: &'static str,
    /// The tag that dnsmasq knows it by.
    pub tag: &'static str,
    /// Whether it fetches its first stage by HTTP (UEFI HTTP boot) and not by TFTP.
    pub http: bool,
    /// Its first stage, relative to the root.
    pub loader: &'static str,
}

impl Architecture {
    /// The first stage's file name.
    pub fn file(&self) -> &'static str {
        self.loader.rsplit('/').next().unwrap_or(self.loader)
    }
}

/// Those that iPXE exists for. 9 is EFI byte code by name; firmware for x86-64 has used 7 and 9 alike.
pub const ALL: [Architecture; 8] = [
    Architecture {
        code: 0,
        name: "BIOS",
        tag: "bios",
        http: false,
        loader: "pxeboot/undionly.kpxe",
    },
    Architecture {
        code: 6,
        name: "UEFI, 32-bit x86",
        tag: "efi32",
        http: false,
        loader: "pxeboot/snponly-i386.efi",
    },
    Architecture {
        code: 7,
        name: "UEFI, x86-64",
        tag: "efi64",
        http: false,
        loader: "pxeboot/snponly.efi",
    },
    Architecture {
        code: 9,
        name: "UEFI, x86-64 (as byte code)",
        tag: "efi64",
        http: false,
        loader: "pxeboot/snponly.efi",
    },
    Architecture {
        code: 11,
        name: "UEFI, 64-bit ARM",
        tag: "arm64",
        http: false,
        loader: "pxeboot/snponly-arm64.efi",
    },
    Architecture {
        code: 15,
        name: "UEFI HTTP boot, 32-bit x86",
        tag: "http32",
        http: true,
        loader: "wwwroot/ipxe-i386.efi",
    },
    Architecture {
        code: 16,
        name: "UEFI HTTP boot, x86-64",
        tag: "http64",
        http: true,
        loader: "wwwroot/ipxe.efi",
    },
    Architecture {
        code: 19,
        name: "UEFI HTTP boot, 64-bit ARM",
        tag: "httparm64",
        http: true,
        loader: "wwwroot/ipxe-arm64.efi",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_stands_for_one_first_stage() {
        for one in ALL {
            for other in ALL.iter().filter(|other| other.tag == one.tag) {
                assert_eq!((one.loader, one.http), (other.loader, other.http));
            }
            let place = if one.http { "wwwroot/" } else { "pxeboot/" };
            assert_eq!(one.loader, format!("{place}{}", one.file()));
        }
    }
}
