//! dnsmasq's config: DHCP, or proxy DHCP beside another server, and TFTP; no DNS.
//!
//! Nothing has to be compiled into iPXE: a client that is iPXE already says so (option 175, or the user
//! class), and gets the script; any other gets the first stage of its architecture. A client of an
//! architecture that there is no first stage for gets no offer, and goes on to its next boot device at
//! once. What names no architecture (an installed system, an installer) is no boot client, and gets an
//! address as from any DHCP server.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::architecture::Architecture;
use super::{Boot, Dhcp, Listen};

/// The config; `None` where dnsmasq has nothing to do.
pub fn config(boot: &Boot) -> Option<String> {
    let (dhcp, listen) = boot.dhcp.as_ref()?;
    let mut out = String::from("# dnsmasq for network booting, written by pxe-import init.\n");
    let _ = writeln!(
        out,
        "# Started as root: dnsmasq --conf-file={}",
        boot.root.join("etc/dnsmasq.conf")
    );
    out.push_str("# Names are somebody else's business.\nport=0\n");
    match listen {
        Listen::Interface(name) => {
            let _ = writeln!(out, "interface={name}\nexcept-interface=lo");
        }
        Listen::Address(address) => {
            let _ = writeln!(out, "listen-address={address}");
        }
    }
    out.push_str("bind-dynamic\nlog-dhcp\n");
    let run = boot.root.join(".pxe-import/run");
    let _ = writeln!(out, "pid-file={run}/dnsmasq.pid\n");
    match dhcp {
        Dhcp::Range { range, subnet, gateway, dns, authoritative } => {
            let mask = subnet.netmask();
            let _ = writeln!(out, "dhcp-range={range},{mask},12h");
            let _ = writeln!(out, "dhcp-leasefile={run}/dnsmasq.leases");
            match gateway {
                Some(gateway) => {
                    let _ = writeln!(out, "dhcp-option=option:router,{gateway}");
                }
                // Left out, dnsmasq would name itself.
                None => out.push_str("# No router.\ndhcp-option=option:router\n"),
            }
            if !dns.is_empty() {
                let list: Vec<_> = dns.iter().map(ToString::to_string).collect();
                let _ = writeln!(out, "dhcp-option=option:dns-server,{}", list.join(","));
            }
            if *authoritative {
                out.push_str("dhcp-authoritative\n");
            }
        }
        Dhcp::Proxy { subnet } => {
            let _ = writeln!(out, "dhcp-range={},proxy,{}", subnet.network(), subnet.netmask());
        }
    }
    let _ = writeln!(out, "\nenable-tftp\ntftp-root={}\n", boot.root.join("pxeboot"));
    stages(boot, matches!(dhcp, Dhcp::Proxy { .. }), &mut out);
    Some(out)
}

/// Who gets which file.
fn stages(boot: &Boot, proxy: bool, out: &mut String) {
    out.push_str("# Clients that are iPXE already.\n");
    out.push_str("dhcp-match=set:ipxe,175\ndhcp-userclass=set:ipxe,iPXE\n");
    let (served, left): (Vec<_>, Vec<_>) = boot.architectures().partition(|(_, found)| *found);
    let served: Vec<&Architecture> = served.into_iter().map(|(one, _)| one).collect();
    out.push_str("\n# The others, by their architecture (option 93).\n");
    out.push_str("dhcp-match=set:boots,option:client-arch\n");
    for one in &served {
        let _ = writeln!(out, "dhcp-match=set:{},option:client-arch,{}", one.tag, one.code);
    }
    for (one, _) in left {
        let _ = writeln!(out, "# {} ({}): no offer.", one.code, one.name);
    }
    let tags: BTreeSet<&str> = served.iter().map(|one| one.tag).collect();
    let none: String = tags.iter().map(|tag| format!(",tag:!{tag}")).collect();
    let _ = writeln!(out, "dhcp-ignore=tag:boots,tag:!ipxe{none}\n");
    if proxy {
        for one in &served {
            let (code, name, file) = (service(one.code), one.name.replace(',', ""), one.file());
            let _ = writeln!(out, "pxe-service=tag:!ipxe,{code},\"{name}\",{file}");
        }
        // iPXE names the architecture of the firmware below it, one without a first stage here included.
        for one in super::architecture::ALL.iter().filter(|one| !one.http) {
            let _ = writeln!(out, "pxe-service=tag:ipxe,{},\"Menu\",menu.ipxe", service(one.code));
        }
        return;
    }
    for one in super::architecture::ALL.iter().filter(|one| one.http && served.contains(one)) {
        let (tag, url) = (one.tag, boot.server.url(one.file()));
        let _ = writeln!(out, "dhcp-boot=tag:!ipxe,tag:{tag},{url}");
        // The firmware takes no offer that does not call itself so (UEFI 2.10, 24.7.2.2).
        let _ =
            writeln!(out, "dhcp-option-force=tag:!ipxe,tag:{tag},option:vendor-class,HTTPClient");
    }
    let mut done = BTreeSet::new();
    for one in served.iter().filter(|one| !one.http && done.insert(one.tag)) {
        let _ = writeln!(out, "dhcp-boot=tag:!ipxe,tag:{},{}", one.tag, one.file());
    }
    out.push_str("dhcp-boot=tag:ipxe,menu.ipxe\n");
}

/// What dnsmasq calls an architecture in `pxe-service`.
fn service(code: u16) -> String {
    match code {
        0 => "x86PC".into(),
        6 => "IA32_EFI".into(),
        7 => "x86-64_EFI".into(),
        9 => "BC_EFI".into(),
        11 => "ARM64_EFI".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::sample::boot;

    #[test]
    fn there_is_none_unless_asked_for() {
        assert_eq!(config(&Boot { dhcp: None, ..boot() }), None);
    }

    #[test]
    fn a_dhcp_server_claims_nothing_that_it_was_not_told_to() {
        let text = config(&boot()).expect("asked for");
        for line in [
            "port=0",
            "interface=eth0",
            "dhcp-range=192.168.4.10,192.168.4.200,255.255.255.0,12h",
            "dhcp-option=option:router",
            "tftp-root=/data/pxeboot",
            "dhcp-boot=tag:!ipxe,tag:bios,undionly.kpxe",
            "dhcp-boot=tag:!ipxe,tag:efi64,snponly.efi",
            "dhcp-boot=tag:!ipxe,tag:http64,http://192.168.4.6/ipxe.efi",
            "dhcp-option-force=tag:!ipxe,tag:http64,option:vendor-class,HTTPClient",
            "dhcp-boot=tag:ipxe,menu.ipxe",
        ] {
            assert!(text.lines().any(|there| there == line), "{line}: {text}");
        }
        for never in ["no-ping", "authoritative", "user=", "dns-server", "arm64,snp"] {
            assert!(!text.contains(never), "{never}: {text}");
        }
    }

    #[test]
    fn an_architecture_without_a_loader_is_ignored_and_named() {
        let text = config(&boot()).expect("asked for");
        assert!(text.contains("# 11 (UEFI, 64-bit ARM): no offer.\n"), "{text}");
        let ignore = "dhcp-ignore=tag:boots,tag:!ipxe,tag:!bios,tag:!efi64,tag:!http64\n";
        assert!(text.contains(ignore), "{text}");
        let bare = Boot { loaders: BTreeSet::new(), ..boot() };
        let text = config(&bare).expect("asked for");
        assert!(text.contains("dhcp-ignore=tag:boots,tag:!ipxe\n"), "{text}");
    }

    #[test]
    fn a_proxy_hands_out_no_address_and_serves_no_http_boot() {
        let subnet = "192.168.4.0/24".parse().expect("a network");
        let listen = Listen::Address("192.168.4.6".parse().expect("an address"));
        let proxy = Boot { dhcp: Some((Dhcp::Proxy { subnet }, listen)), ..boot() };
        let text = config(&proxy).expect("asked for");
        assert!(text.contains("\nlisten-address=192.168.4.6\n"), "{text}");
        assert!(text.contains("\ndhcp-range=192.168.4.0,proxy,255.255.255.0\n"), "{text}");
        assert!(text.contains("\npxe-service=tag:!ipxe,x86PC,\"BIOS\",undionly.kpxe\n"), "{text}");
        assert!(text.contains("\npxe-service=tag:ipxe,x86PC,\"Menu\",menu.ipxe\n"), "{text}");
        assert!(text.contains("# 16 (UEFI HTTP boot, x86-64): no offer.\n"), "{text}");
        for never in ["leasefile", "router", "HTTPClient", "dhcp-boot"] {
            assert!(!text.contains(never), "{never}: {text}");
        }
    }

    #[test]
    fn options_of_the_range_are_told_to_clients() {
        let mut boot = boot();
        if let Some((Dhcp::Range { gateway, dns, authoritative, .. }, _)) = &mut boot.dhcp {
            *gateway = "192.168.4.254".parse().ok();
            *dns = vec![[192, 168, 4, 1].into(), [192, 168, 4, 2].into()];
            *authoritative = true;
        }
        let text = config(&boot).expect("asked for");
        assert!(text.contains("\ndhcp-option=option:router,192.168.4.254\n"), "{text}");
        assert!(
            text.contains("\ndhcp-option=option:dns-server,192.168.4.1,192.168.4.2\n"),
            "{text}"
        );
        assert!(text.contains("\ndhcp-authoritative\n"), "{text}");
    }
}
