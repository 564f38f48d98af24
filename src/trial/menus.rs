//! The menus of a root, and what is to be tried of them.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use super::need::{Need, Resolver};
use super::route::route;
use super::run::Plan;
use super::{bios, bridge, uefi};
use crate::error::{Error, Result};
use crate::menu::asked;
use crate::menu::entry::PUBLIC_NETBOOT;
use crate::menu::esxi::Bios;
use crate::site::{Root, Server, pxelinux};

/// What pxelinux reads, below the web root.
const MENU: &str = "pxefiles/pxelinux.cfg/default";
/// What UEFI clients read.
const UEFI: &str = "pxefiles/uefi.ipxe";
/// Most bytes of a boot.cfg, as when it is patched.
const BOOT_CFG_MAX: u64 = 64 << 10;

/// What boots an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A PC's BIOS.
    Bios,
    /// UEFI.
    Uefi,
    /// Nothing here can.
    Nothing,
}

/// An entry to be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct One {
    /// Its label.
    pub label: String,
    /// What is to boot it.
    pub by: By,
}

/// What clients choose from.
#[derive(Debug)]
pub struct Menus<'m> {
    www: PathBuf,
    server: &'m Server,
    /// pxelinux's menu and where it is.
    bios: (PathBuf, Vec<u8>),
    /// UEFI's, if there is one.
    uefi: Option<String>,
    /// What BIOS clients start ESXi with.
    esxi: Bios,
}

impl<'m> Menus<'m> {
    /// Those of `root`, whose clients know it as `server`.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Invalid`] if pxelinux's is not there.
    pub fn read(root: &Root, server: &'m Server) -> Result<Self> {
        let read = |path: PathBuf| match fs::read(&path) {
            Ok(text) => Ok((path, Some(text))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((path, None)),
            Err(error) => Err(Error::io("read", path, error)),
        };
        let www = root.wwwroot();
        let (path, text) = read(www.join(MENU))?;
        let Some(text) = text else {
            let what = "is not there: there is nothing to try before the first import";
            return Err(Error::invalid(path, what));
        };
        let (_, uefi) = read(www.join(UEFI))?;
        let uefi = uefi.map(|text| String::from_utf8_lossy(&text).into_owned());
        let esxi = pxelinux::bios(root, Some(server));
        Ok(Self { www, server, bios: (path, text), uefi, esxi })
    }

    /// Reads small files of the tree.
    fn file(&self) -> impl Fn(&str) -> Option<Vec<u8>> + '_ {
        |path| {
            let www = self.www.canonicalize().ok()?;
            let file = www.join(path).canonicalize().ok().filter(|file| file.starts_with(&www))?;
            let mut text = Vec::new();
            fs::File::open(file).ok()?.take(BOOT_CFG_MAX).read_to_end(&mut text).ok()?;
            Some(text)
        }
    }

    fn needs(&self, label: &str, by_uefi: bool) -> Result<Option<Vec<Need>>> {
        if by_uefi {
            let resolver = Resolver { server: self.server, prefix: "" };
            let script = self.uefi.as_deref();
            return Ok(script.and_then(|text| uefi::needs(text, label, resolver, self.file())));
        }
        let resolver = Resolver { server: self.server, prefix: "pxefiles/" };
        let (path, text) = &self.bios;
        let needs = bios::needs(path, text, label, resolver, self.file())?;
        let Some(mut needs) = needs else { return Ok(None) };
        needs.extend(bridge::needs(text, label, resolver, self.file())?);
        Ok(Some(needs))
    }

    /// Every entry with what boots it here: BIOS, and UEFI as well where that is asked for (`uefi`) and the
    /// entry has a form for it. ESXi is left to UEFI where no loader can start it by BIOS. Second, the
    /// labels of those that lead to other servers, which a machine under trial cannot reach.
    ///
    /// # Errors
    /// [`Error::Invalid`] if there is none.
    pub fn all(&self, uefi: bool) -> Result<(Vec<One>, Vec<String>)> {
        let (path, text) = &self.bios;
        let bootable = bios::bootable(path, text)?;
        let (mut all, mut elsewhere) = (Vec::new(), Vec::new());
        for label in bootable {
            let needs = self.needs(&label, false)?.unwrap_or_default();
            if label == PUBLIC_NETBOOT || needs.iter().any(|need| need.path.contains("://")) {
                elsewhere.push(label);
                continue;
            }
            let by_bios = !self.lacks_loader(&needs);
            let by_uefi = (uefi || !by_bios) && self.needs(&label, true)?.is_some();
            let one = |by| One { label: label.clone(), by };
            all.extend(by_bios.then(|| one(By::Bios)));
            all.extend(by_uefi.then(|| one(By::Uefi)));
            all.extend((!by_bios && !by_uefi).then(|| one(By::Nothing)));
        }
        if all.is_empty() {
            return Err(Error::invalid(path, "has no entry that boots anything from here"));
        }
        Ok((all, elsewhere))
    }

    /// Whether these are the needs of an entry that no loader here can start by BIOS: ESXi's, without PXELINUX
    /// 3.86.
    pub fn lacks_loader(&self, needs: &[Need]) -> bool {
        self.esxi == Bios::Missing && bios::is_vmware(needs)
    }

    /// How to try `label`, chosen in the menu if `menu`; the firmware is the caller's.
    ///
    /// # Errors
    /// [`Error::Usage`] naming the labels that there are.
    pub fn plan(&self, label: &str, by_uefi: bool, menu: bool) -> Result<Plan> {
        let (path, text) = &self.bios;
        let Some(needs) = self.needs(label, by_uefi)? else {
            return Err(self.unknown(label, by_uefi)?);
        };
        let missing = || Error::invalid(self.www.join(UEFI), "offers no choice to be made");
        let hidden = || {
            let what = format!("hides {label}: it cannot be chosen with --menu");
            Error::invalid(path, what)
        };
        let (overlay, choose) = match (by_uefi, menu) {
            (false, false) => (vec![(MENU, bios::straight(text, label))], None),
            (false, true) => {
                (vec![(MENU, bios::mirrored(text))], Some(route(text, label).ok_or_else(hidden)?))
            }
            (true, _) => {
                let script = self.uefi.as_deref().unwrap_or_default();
                if menu {
                    let at = uefi::items(script).iter().position(|item| *item == label);
                    (Vec::new(), Some(vec![at.ok_or_else(missing)?]))
                } else {
                    let script = uefi::straight(script, label).ok_or_else(missing)?;
                    (vec![(UEFI, script.into_bytes())], None)
                }
            }
        };
        let menu = match (&self.uefi, by_uefi) {
            (Some(script), true) => script.clone(),
            _ => String::from_utf8_lossy(text).into_owned(),
        };
        Ok(Plan { firmware: None, needs, overlay, menu, choose })
    }

    /// The first of the URLs on the entry's command line that leads to this server and to nothing there: what
    /// the kernel's own programs ask for, the image of a live system above all.
    ///
    /// # Errors
    /// As [`asked::asked`].
    pub fn dangling(&self, label: &str) -> Result<Option<String>> {
        let (path, text) = &self.bios;
        let resolver = Resolver { server: self.server, prefix: "pxefiles/" };
        let gone = |asked: asked::Asked| {
            let of = asked.label.as_deref() == Some(label.as_bytes());
            let url = String::from_utf8(asked.path).ok();
            let url = url.filter(|_| of && asked.role == asked::Role::Url)?;
            // What follows in a query is the server's own business.
            let found = resolver.path(url.split(['?', '#']).next().unwrap_or_default());
            (!found.contains("://") && !self.www.join(found).exists()).then_some(url)
        };
        Ok(asked::asked(path, text)?.asked.into_iter().find_map(gone))
    }

    fn unknown(&self, label: &str, by_uefi: bool) -> Result<Error> {
        let (path, text) = &self.bios;
        if by_uefi && self.uefi.is_none() {
            let what = "is not there, so UEFI clients have no menu: 'pxe-import render' writes it";
            return Ok(Error::invalid(self.www.join(UEFI), what));
        }
        let all = bios::bootable(path, text)?;
        if by_uefi && all.iter().any(|known| known == label) {
            let what = format!("has no entry {label} that boots anything: it is for BIOS only");
            return Ok(Error::invalid(self.www.join(UEFI), what));
        }
        let known = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
        Ok(Error::Usage(format!(
            "{} has no entry {label} that boots anything from here; there are: {known}",
            path.display()
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MENU: &str = "default vesamenu.c32\n\
        label c\n  kernel /yum/c/vmlinuz\n  append initrd=/yum/c/initrd.img\n\
        label e\n  kernel /esxi/e/mboot.c32\n  append -c /esxi/e/boot.cfg\n\
        label f\n  kernel /esxi/f/mboot.c32\n  append -c /esxi/f/boot.cfg\n\
        label m\n  kernel mboot.c32\n  append /esxi/e/k --- /esxi/e/a\n\
        label public-netboot\n  kernel ipxe.lkrn\n  append dhcp && chain http://boot.example/\n\
        label other\n  kernel http://192.168.4.7/vmlinuz\n\
        label local\n  localboot 0xffff\n";
    const UEFI: &str = "#!ipxe\n:c\nkernel http://192.168.4.6/yum/c/vmlinuz || goto failed\n\
        :e\nchain http://192.168.4.6/esxi/e/mboot.efi -c http://192.168.4.6/esxi/e/boot.cfg ||\n";

    /// What is tried on a root whose loaders have these versions, `label by` each.
    fn all(main: &str, px386: Option<&str>, uefi: bool) -> (Vec<String>, Vec<String>) {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path());
        root.create().expect("made");
        let put = |path: &str, text: &str| {
            let path = root.wwwroot().join(path);
            fs::create_dir_all(path.parent().expect("above")).expect("made");
            fs::write(path, text).expect("written");
        };
        put(super::MENU, MENU);
        put(super::UEFI, UEFI);
        put("pxefiles/pxelinux.0", main);
        px386.into_iter().for_each(|version| put("px386/pxelinux.0", version));
        let server: Server = "192.168.4.6".parse().expect("an address");
        let (all, elsewhere) = Menus::read(&root, &server).expect("menus").all(uefi).expect("some");
        (all.iter().map(|one| format!("{} {:?}", one.label, one.by)).collect(), elsewhere)
    }

    #[test]
    fn a_url_of_an_entry_that_leads_to_nothing_here_is_found_before_a_machine_is_started() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path());
        root.create().expect("made");
        let put = |path: &str, text: &str| {
            let path = root.wwwroot().join(path);
            fs::create_dir_all(path.parent().expect("above")).expect("made");
            fs::write(path, text).expect("written");
        };
        let at = "http://192.168.4.6/apt/u";
        let live = |label: &str, args: &str| {
            format!("label {label}\n  kernel /apt/u/casper/vmlinuz\n  append {args}\n")
        };
        let menu = [
            live("image", &format!("url={at}/install.iso cloud-config-url=/dev/null")),
            live("gone", &format!("url={at}/other.iso")),
            live("seed", &format!("ds=nocloud-net;s={at}/answers/seed/ url={at}/install.iso?x")),
            live("half", &format!("ds=nocloud-net;s={at}/answers/half/")),
            live("elsewhere", "url=http://192.168.4.7/other.iso"),
        ];
        put(super::MENU, &menu.concat());
        put("apt/u/install.iso", "image");
        put("apt/u/answers/seed/user-data", "x");
        put("apt/u/answers/seed/meta-data", "");
        put("apt/u/answers/half/user-data", "x");
        let server: Server = "192.168.4.6".parse().expect("an address");
        let menus = Menus::read(&root, &server).expect("menus");
        let found = |label: &str| menus.dangling(label).expect("a menu");
        for sound in ["image", "seed", "elsewhere"] {
            assert_eq!(found(sound), None, "{sound}");
        }
        assert_eq!(found("gone"), Some(format!("{at}/other.iso")));
        assert_eq!(found("half"), Some(format!("{at}/answers/half/meta-data")));
    }

    #[test]
    fn each_entry_is_tried_by_the_firmware_that_boots_it() {
        let (found, elsewhere) = all("PXELINUX 6.04 PXE", None, false);
        assert_eq!(found, ["c Bios", "e Uefi", "f Nothing", "m Bios"]);
        assert_eq!(elsewhere, ["public-netboot", "other"]);
        let (found, _) = all("PXELINUX 6.04 PXE", None, true);
        assert_eq!(found, ["c Bios", "c Uefi", "e Uefi", "f Nothing", "m Bios"]);
        let (found, _) = all("PXELINUX 3.86 PXE", None, true);
        assert_eq!(found, ["c Bios", "c Uefi", "e Bios", "e Uefi", "f Bios", "m Bios"]);
        let (found, _) = all("PXELINUX 6.04 PXE", Some("PXELINUX 3.86 PXE"), false);
        assert_eq!(found, ["c Bios", "e Bios", "f Bios", "m Bios"]);
    }
}
