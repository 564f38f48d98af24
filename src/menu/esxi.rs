//! ESXi's entries under BIOS: plain, or by the bridge to pxelinux 3.86.
//!
//! VMware's `mboot.c32` is a 32-bit COMBOOT module, which no later pxelinux loads than 3.86. From a newer
//! one's menu, `pxechn.c32` starts a 3.86 that lies in `px386/` with a config of its own for each entry.

use super::entry::{Efi, Entry};

/// Where pxelinux 3.86 lies, relative to the web root.
pub const PX386: &str = "px386";
/// The module that starts another loader.
const PXECHN: &str = "pxechn.c32";
/// ESXi's loader.
const MBOOT: &str = "mboot.c32";

/// What BIOS clients start ESXi with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bios {
    /// The main loader itself, as far as is known.
    Plain,
    /// Another one in [`PX386`], on the web root at this URL without a slash at its end.
    Bridge(String),
    /// Nothing: the main loader is too new, and there is no other.
    Missing,
}

/// Whether `entry` boots ESXi, in whichever form.
pub fn is_esxi(entry: &Entry) -> bool {
    let file = entry.kernel.rsplit('/').next().unwrap_or_default();
    let mboot = file.eq_ignore_ascii_case(MBOOT) && entry.args.iter().any(|arg| arg == "-c");
    mboot || is_bridge(entry)
}

/// Whether `entry` has the form that [`adapt`] gives it for [`Bios::Bridge`].
pub fn is_bridge(entry: &Entry) -> bool {
    let config = format!("pxelinux.cfg/{}", entry.label);
    entry.kernel == PXECHN
        && entry.args.last() == Some(&config)
        && matches!(&entry.efi, Efi::Program { args, .. } if !args.is_empty())
}

/// `entry` in the form that the loader can boot; one that is not ESXi's stays as it is. Adapting twice is
/// adapting for the later loader.
pub fn adapt(entry: &Entry, bios: &Bios) -> Entry {
    let plain = plain(entry);
    let Bios::Bridge(base) = bios else { return plain };
    if !is_esxi(&plain) {
        return plain;
    }
    let path = match &plain.efi {
        Efi::Program { path, .. } => path.clone(),
        // No EFI program, which its header tells: only the arguments are kept there.
        _ => plain.kernel.clone(),
    };
    let there = format!("{base}/{PX386}/");
    Entry {
        kernel: PXECHN.to_owned(),
        args: vec![
            format!("{there}pxelinux.0"),
            "-p".to_owned(),
            there,
            "-c".to_owned(),
            format!("pxelinux.cfg/{}", plain.label),
        ],
        efi: Efi::Program { path, args: plain.args },
        ..plain
    }
}

/// `entry` as it is where the main loader boots it itself; one that is not bridged stays as it is.
pub fn plain(entry: &Entry) -> Entry {
    let Efi::Program { path, args } = &entry.efi else { return entry.clone() };
    if !is_bridge(entry) {
        return entry.clone();
    }
    let config = args.iter().skip_while(|arg| *arg != "-c").nth(1);
    let dir = config.and_then(|config| config.rsplit_once('/')).map_or("", |(dir, _)| dir);
    let kernel = format!("{dir}/{MBOOT}");
    let efi = match *path == kernel {
        true => Efi::None,
        false => Efi::Program { path: path.clone(), args: Vec::new() },
    };
    Entry { kernel, args: args.clone(), efi, ..entry.clone() }
}

/// The config of pxelinux 3.86 for a bridged entry, which boots nothing else.
pub fn config(entry: &Entry) -> String {
    let Entry { label, kernel, args, .. } = plain(entry);
    let args = args.join(" ");
    format!("default {label}\nprompt 0\n\nlabel {label}\n    kernel {kernel}\n    append {args}\n")
}

/// Where that lies, relative to the root.
pub fn config_path(label: &str) -> std::path::PathBuf {
    format!("wwwroot/{PX386}/pxelinux.cfg/{label}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            label: "esxi5.5".into(),
            title: "ESXi 5.5".into(),
            kernel: "/esxi/5.5/mboot.c32".into(),
            initrd: None,
            args: ["-c", "/esxi/5.5/boot.cfg", "ks=http://h/ks.cfg"].map(str::to_owned).to_vec(),
            bootif: false,
            efi: Efi::Program { path: "/esxi/5.5/efi/boot/bootx64.efi".into(), args: Vec::new() },
        }
    }

    fn bridge(base: &str) -> Bios {
        Bios::Bridge(base.to_owned())
    }

    #[test]
    fn the_bridge_names_the_other_loader_and_the_config_of_the_entry() {
        let bridged = adapt(&entry(), &bridge("http://192.168.4.6"));
        assert_eq!(bridged.kernel, "pxechn.c32");
        assert_eq!(
            bridged.args.join(" "),
            "http://192.168.4.6/px386/pxelinux.0 -p http://192.168.4.6/px386/ -c pxelinux.cfg/esxi5.5"
        );
        assert!(is_bridge(&bridged) && is_esxi(&bridged));
        assert_eq!(
            config(&bridged),
            "default esxi5.5\nprompt 0\n\nlabel esxi5.5\n    kernel /esxi/5.5/mboot.c32\n    append \
             -c /esxi/5.5/boot.cfg ks=http://h/ks.cfg\n"
        );
    }

    #[test]
    fn every_form_leads_back_to_the_plain_one() {
        let without = Entry { efi: Efi::None, ..entry() };
        for entry in [entry(), without] {
            let once = adapt(&entry, &bridge("http://a"));
            let again = adapt(&once, &bridge("http://b/c"));
            assert_eq!(again, adapt(&entry, &bridge("http://b/c")));
            assert_eq!(plain(&again), entry);
            assert_eq!(adapt(&again, &Bios::Plain), entry);
            assert_eq!(adapt(&again, &Bios::Missing), entry);
        }
    }

    #[test]
    fn what_is_not_esxi_is_left_alone() {
        let linux = Entry { kernel: "/yum/k".into(), efi: Efi::Kernel, ..entry() };
        assert_eq!(adapt(&linux, &bridge("http://a")), linux);
        let xen = Entry { args: vec!["/xen.gz --- /k".into()], efi: Efi::Kernel, ..entry() };
        assert_eq!(adapt(&xen, &bridge("http://a")), xen);
        let own = Entry { kernel: PXECHN.into(), efi: Efi::Kernel, ..entry() };
        assert!(!is_bridge(&own));
        assert_eq!(plain(&own), own);
    }
}
