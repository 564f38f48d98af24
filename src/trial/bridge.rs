//! The bridge to an older pxelinux: `kernel pxechn.c32` with the other loader, its prefix (`-p`) and its
//! config (`-c`).

use std::path::Path;

use super::bios;
use super::need::{Need, Resolver};
use crate::error::Result;
use crate::menu::config::{after, trim};

/// What the other loader is told, as words of the entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Bridge {
    loader: String,
    prefix: String,
    config: String,
}

/// What `label` needs behind `pxechn.c32` by the menu `text`: the other loader, its config, and what the first
/// entry of that needs. `read` reads a file below the web root. Nothing if the entry is no bridge.
///
/// # Errors
/// Where the config is none.
pub fn needs(
    text: &[u8],
    label: &str,
    resolver: Resolver<'_>,
    read: impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<Vec<Need>> {
    let Some(bridge) = bridge(text, label) else { return Ok(Vec::new()) };
    let mut needs = vec![Need::new("loader", resolver.path(&bridge.loader))];
    // Without a prefix of its own it keeps that of the first loader.
    let prefix = match bridge.prefix.is_empty() {
        true => resolver.prefix.to_owned(),
        false => format!("{}/", resolver.path(&bridge.prefix).trim_end_matches('/')),
    };
    let there = Resolver { prefix: &prefix, ..resolver };
    if bridge.config.is_empty() {
        return Ok(needs);
    }
    let config = there.path(&bridge.config);
    needs.push(Need::new("config", config.clone()));
    let Some(text) = read(&config) else { return Ok(needs) };
    let at = Path::new(&config);
    if let Some(first) = bios::bootable(at, &text)?.first() {
        needs.extend(bios::needs(at, &text, first, there, read)?.unwrap_or_default());
    }
    Ok(needs)
}

/// The bridge that `label` is, if it is one.
fn bridge(text: &[u8], label: &str) -> Option<Bridge> {
    let (mut within, mut in_text, mut is_bridge) = (false, false, false);
    let mut args = String::new();
    for line in text.split(|&b| b == b'\n').map(trim) {
        if in_text {
            in_text = after(line, "endtext").is_none();
        } else if after(line, "text").is_some() {
            in_text = true;
        } else if let Some(name) = after(line, "label") {
            within = name == label.as_bytes();
        } else if within {
            let kernel = ["kernel", "com32"].iter().find_map(|keyword| after(line, keyword));
            if let Some(kernel) = kernel {
                is_bridge = kernel.to_ascii_lowercase().ends_with(b"pxechn.c32");
            } else if let Some(append) = after(line, "append") {
                args = String::from_utf8_lossy(append).into_owned();
            }
        }
    }
    let mut bridge = Bridge::default();
    let mut words = args.split_whitespace();
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_default().to_owned();
        match word {
            "-p" => bridge.prefix = value(),
            "-c" => bridge.config = value(),
            // Seconds, a gateway, a type of option: each has a value.
            "-t" | "-g" | "-f" | "-o" => drop(value()),
            _ if word.starts_with('-') => {}
            _ if bridge.loader.is_empty() => bridge.loader = word.to_owned(),
            _ => {}
        }
    }
    (is_bridge && !bridge.loader.is_empty()).then_some(bridge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Server;

    const MENU: &str = "default vesamenu.c32\nlabel e\n  menu label E\n  kernel pxechn.c32\n  append \
        http://192.168.4.6/px386/pxelinux.0 -p http://192.168.4.6/px386/ -c pxelinux.cfg/e\n\
        label c\n  kernel /yum/c/vmlinuz\n  append -c pxelinux.cfg/e\n";

    fn of(label: &str) -> Vec<(&'static str, String)> {
        let server: Server = "192.168.4.6".parse().expect("a server");
        let resolver = Resolver { server: &server, prefix: "pxefiles/" };
        let read = |path: &str| match path {
            "px386/pxelinux.cfg/e" => {
                let text = "default e\nprompt 0\n\nlabel e\n    kernel /esxi/5.5/mboot.c32\n    \
                            append -c /esxi/5.5/boot.cfg\n";
                Some(text.into())
            }
            "px386/esxi/5.5/boot.cfg" => {
                Some(b"prefix=/esxi/5.5/\nkernel=k.b00\nmodules=a.b00 --- b.v00\n".to_vec())
            }
            _ => None,
        };
        let needs = needs(MENU.as_bytes(), label, resolver, read).expect("a menu");
        needs.into_iter().map(|need| (need.stage, need.path)).collect()
    }

    #[test]
    fn everything_behind_the_bridge_is_asked_for_with_its_prefix() {
        let found = of("e");
        let found: Vec<_> = found.iter().map(|(stage, path)| (*stage, &path[..])).collect();
        let expected = [
            ("loader", "px386/pxelinux.0"),
            ("config", "px386/pxelinux.cfg/e"),
            ("loader", "px386/esxi/5.5/mboot.c32"),
            ("boot.cfg", "px386/esxi/5.5/boot.cfg"),
            ("module", "px386/esxi/5.5/k.b00"),
            ("module", "px386/esxi/5.5/a.b00"),
            ("module", "px386/esxi/5.5/b.v00"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn other_entries_are_no_bridges() {
        assert_eq!(of("c"), []);
        assert_eq!(of("none"), []);
    }
}
