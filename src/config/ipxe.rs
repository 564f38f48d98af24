//! The scripts that iPXE begins with: `menu.ipxe`, which dnsmasq names, and one to compile in.

use crate::site::Server;

/// `pxeboot/menu.ipxe`: the script for every client, whatever its firmware.
///
/// Options 209 and 210 tell pxelinux where its config and everything else lies (RFC 5071). The next stage
/// takes this script's place (`--replace`): what it ends with is what iPXE ends with, so that its
/// `exit 1` leads the firmware on to the next boot device, and no failure of it comes back here.
pub fn menu(server: &Server) -> String {
    format!("#!ipxe\n# Written by pxe-import init.\n{}", body(server))
}

/// The same for those who compile iPXE with a script embedded: it asks for an address first, and needs
/// no TFTP.
pub fn embed(server: &Server) -> String {
    format!(
        "\
#!ipxe
# To compile iPXE with: make bin/undionly.kpxe EMBED=embed.ipxe
:address
dhcp || goto none
goto start
:none
echo No answer by DHCP, trying again
sleep 5
goto address
{}",
        body(server)
    )
}

fn body(server: &Server) -> String {
    let prefix = server.url("pxefiles/");
    format!(
        "\
:start
set 210:string {prefix}
set 209:string pxelinux.cfg/default
# A machine with a script of its own (pxe-import host) boots by that, without a menu.
imgfetch --name host {prefix}host/${{netX/mac:hexhyp}}.ipxe && goto host ||
iseq ${{platform}} efi && goto efi ||
chain --replace --autofree {prefix}pxelinux.0 || goto failed
:efi
chain --replace --autofree {prefix}uefi.ipxe || goto failed
:host
chain --replace --autofree host || goto failed
:failed
echo
echo The menu could not be loaded from {prefix}
prompt --key s --timeout 30000 Press s for a shell, or wait 30 seconds to try again && shell || sleep 2
goto start
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firmware_decides_between_pxelinux_and_a_script() {
        let text = menu(&"http://192.168.4.6:8080/boot".parse().expect("an address"));
        assert!(text.starts_with("#!ipxe\n"), "{text}");
        for line in [
            "set 210:string http://192.168.4.6:8080/boot/pxefiles/",
            "set 209:string pxelinux.cfg/default",
            "chain --replace --autofree http://192.168.4.6:8080/boot/pxefiles/pxelinux.0 || goto failed",
        ] {
            assert!(text.lines().any(|there| there == line), "{line}: {text}");
        }
        assert!(
            text.contains("/pxefiles/host/${netX/mac:hexhyp}.ipxe && goto host ||\n"),
            "{text}"
        );
    }

    #[test]
    fn every_label_that_is_gone_to_is_there() {
        let server = "192.168.4.6".parse().expect("an address");
        for text in [menu(&server), embed(&server)] {
            for line in text.lines() {
                let mut words = line.split(' ');
                while let Some(word) = words.next() {
                    if word == "goto" {
                        let label = format!(":{}", words.next().unwrap_or_default());
                        assert!(text.lines().any(|there| there == label), "{label}: {text}");
                    }
                }
            }
        }
    }
}
