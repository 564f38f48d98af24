//! pxelinux's side: what a label needs, and its menu made to choose that label.

use std::path::Path;

use super::need::{Need, Resolver};
use crate::error::Result;
use crate::menu::asked::{Role, asked};

/// What the label needs by the menu `text`; `boot_cfg` reads a file below the web root. `None` if the
/// label starts nothing that is fetched, or is not there.
///
/// # Errors
/// As [`asked`].
pub fn needs(
    path: &Path,
    text: &[u8],
    label: &str,
    resolver: Resolver<'_>,
    boot_cfg: impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<Option<Vec<Need>>> {
    let menu = asked(path, text)?;
    let mut needs: Vec<Need> = Vec::new();
    let mut memdisk = false;
    for one in menu.asked.iter().filter(|one| one.label.as_deref() == Some(label.as_bytes())) {
        let path = resolver.path(&String::from_utf8_lossy(&one.path));
        let file = path.rsplit('/').next().unwrap_or_default();
        let stage = match one.role {
            Role::Kernel if file.eq_ignore_ascii_case("memdisk") => {
                memdisk = true;
                "memdisk"
            }
            Role::Kernel => "kernel",
            Role::Module => "loader",
            Role::BootCfg => "boot.cfg",
            Role::Initrd if memdisk => "image",
            Role::Initrd => "initrd",
            Role::Ui | Role::Picture | Role::Menu | Role::Url => continue,
        };
        let modules = boot_cfg(&path).filter(|_| stage == "boot.cfg");
        let modules = modules.map(|text| resolver.modules(&text, &path)).unwrap_or_default();
        needs.push(Need::new(stage, path));
        needs.extend(modules);
    }
    Ok((!needs.is_empty()).then_some(needs))
}

/// Whether these are the needs of VMware's `mboot.c32`, which few loaders can start.
pub fn is_vmware(needs: &[Need]) -> bool {
    let mboot = |need: &Need| need.stage == "loader" && need.path.ends_with("/mboot.c32");
    needs.first().is_some_and(mboot) && needs.iter().any(|need| need.stage == "boot.cfg")
}

/// Every label that starts something, in the order of the menu.
///
/// # Errors
/// As [`asked`].
pub fn bootable(path: &Path, text: &[u8]) -> Result<Vec<String>> {
    let menu = asked(path, text)?;
    let mut all: Vec<String> = Vec::new();
    for one in menu.asked.iter().filter(|one| matches!(one.role, Role::Kernel | Role::Module)) {
        if let Some(label) = one.label.as_deref().and_then(|label| std::str::from_utf8(label).ok())
            && !all.iter().any(|known| known == label)
        {
            all.push(label.to_owned());
        }
    }
    Ok(all)
}

/// The menu with its text on the serial console too.
pub fn mirrored(text: &[u8]) -> Vec<u8> {
    [b"serial 0 115200\n", text].concat()
}

/// The menu made to boot `label` at once: what shows a menu, asks or waits is taken out.
pub fn straight(text: &[u8], label: &str) -> Vec<u8> {
    let mut out = format!("serial 0 115200\ndefault {label}\nprompt 0\n").into_bytes();
    let mut in_text = false;
    for line in text.split_inclusive(|&b| b == b'\n') {
        let mut words = line.split(|&b| b <= b' ').filter(|word| !word.is_empty());
        let mut word = || words.next().map(<[u8]>::to_ascii_lowercase).unwrap_or_default();
        let (first, second) = (word(), word());
        if in_text {
            in_text = first != b"endtext";
            continue;
        }
        in_text = first == b"text";
        let dropped = match &first[..] {
            b"serial" | b"console" | b"default" | b"ui" | b"prompt" | b"timeout"
            | b"totaltimeout" | b"ontimeout" | b"onerror" | b"display" | b"text" => true,
            b"menu" => matches!(&second[..], b"default" | b"autoboot" | b"background"),
            _ => false,
        };
        if !dropped {
            out.extend_from_slice(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Server;

    const MENU: &str = "default vesamenu.c32\ntimeout 300\nmenu title T\nlabel c\n  menu label C\n  \
        kernel /yum/c/vmlinuz\n  append initrd=/yum/c/initrd.img ks=http://192.168.4.6/ks.cfg\n\
        label e\n  kernel /esxi/e/mboot.c32\n  append -c /esxi/e/boot.cfg\n\
        label w\n  kernel memdisk\n  append initrd=/windows/w.iso raw iso\n\
        label local\n  menu default\n  localboot 0xffff\n";

    fn of(label: &str) -> Option<Vec<(&'static str, String)>> {
        let server: Server = "192.168.4.6".parse().expect("a server");
        let resolver = Resolver { server: &server, prefix: "pxefiles/" };
        let cfg = |path: &str| {
            (path == "pxefiles/esxi/e/boot.cfg")
                .then(|| b"prefix=/esxi/e/\nkernel=k\nmodules=a --- b\n".to_vec())
        };
        let needs = needs(Path::new("default"), MENU.as_bytes(), label, resolver, cfg);
        let needs = needs.expect("a menu")?;
        Some(needs.into_iter().map(|need| (need.stage, need.path)).collect())
    }

    #[test]
    fn each_family_needs_its_own() {
        let path = |text: &str| format!("pxefiles/{text}");
        let linux = [("kernel", path("yum/c/vmlinuz")), ("initrd", path("yum/c/initrd.img"))];
        assert_eq!(of("c").expect("there"), linux, "the answer file is the installer's affair");
        let esxi = ["esxi/e/boot.cfg", "esxi/e/k", "esxi/e/a", "esxi/e/b"].map(path);
        let found = of("e").expect("there");
        assert_eq!(found[0], ("loader", path("esxi/e/mboot.c32")));
        assert!(found[1..].iter().map(|(_, path)| path).eq(&esxi), "{found:?}");
        let windows = [("memdisk", path("memdisk")), ("image", path("windows/w.iso"))];
        assert_eq!(of("w").expect("there"), windows);
        assert_eq!(of("local"), None);
        assert_eq!(of("none"), None);
    }

    #[test]
    fn every_label_that_fetches_something_is_tried() {
        let all = bootable(Path::new("default"), MENU.as_bytes()).expect("a menu");
        assert_eq!(all, ["c", "e", "w"]);
    }

    #[test]
    fn the_straight_menu_waits_for_nobody() {
        let text = String::from_utf8(straight(MENU.as_bytes(), "e")).expect("text");
        assert!(text.starts_with("serial 0 115200\ndefault e\nprompt 0\n"), "{text}");
        for gone in ["vesamenu", "timeout", "menu default"] {
            assert!(!text.contains(gone), "{gone}: {text}");
        }
        assert!(text.contains("label e\n  kernel /esxi/e/mboot.c32\n"), "{text}");
        let help = b"label a\ntext help\nlabel b\nendtext\nkernel x\n";
        assert!(straight(help, "a").ends_with(b"prompt 0\nlabel a\nkernel x\n"));
    }
}
