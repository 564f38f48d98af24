//! What a root is to hold, by its settings and by what this machine has; writes nothing.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::config::{
    Boot, Dhcp, Listen, Place, architecture, dhcp, dnsmasq, ipxe, nginx, samba, systemd,
};
use crate::error::{Error, Result};
use crate::site::generated::SiteFile;
use crate::site::interface::Interface;
use crate::site::loader::{self, Loaders};
use crate::site::network::Netmask;
use crate::site::{Root, Server, Settings};

/// The picture behind the menu: 640x480 in our own colours (`fixtures/examples/splash.rs`).
pub(super) const SPLASH: &[u8] = include_bytes!("../../assets/splash.png");
/// Where it goes.
pub(super) const SPLASH_PATH: &str = "wwwroot/pxefiles/splash.png";

/// Where the daemons write.
const RUN: &str = ".pxe-import/run";

/// Everything that is to be there.
#[derive(Debug)]
pub(super) struct Plan {
    /// What the configs speak of.
    pub boot: Boot,
    /// Loaders, found or missing.
    pub loaders: Loaders,
    /// What we write ourselves.
    pub texts: Vec<SiteFile>,
    /// What goes if it is there and ours.
    pub dropped: Vec<PathBuf>,
}

impl Plan {
    /// What follows from the settings.
    ///
    /// # Errors
    /// [`Error::Usage`] where they do not go together; [`Error::Io`].
    pub(super) fn of(root: &Root, settings: &Settings) -> Result<Self> {
        let server = settings.server(root, "a boot server")?;
        let mut loaders = loader::find(Path::new("/"), settings.loaders.as_deref())?;
        // What was found once serves on, wherever its package has gone.
        loaders.missing.retain(|one| !root.path().join(&one.file).exists());
        let boot = Boot {
            server: server.clone(),
            root: place(root, settings)?,
            dhcp: dhcp_of(settings, server)?,
            loaders: architecture::ALL
                .iter()
                .map(|one| one.loader)
                .filter(|loader| {
                    root.path().join(loader).exists()
                        || loaders.others.iter().any(|file| file.path == Path::new(loader))
                })
                .collect(),
            smb_user: settings.smb_user.clone(),
            uid: owner(root, settings),
        };
        let (texts, dropped) = texts(&boot);
        Ok(Self { boot, loaders, texts, dropped })
    }
}

fn texts(boot: &Boot) -> (Vec<SiteFile>, Vec<PathBuf>) {
    let mut texts = Vec::new();
    let mut put = |path: PathBuf, bytes: Vec<u8>| {
        texts.push(SiteFile { path, bytes, mode: 0o644, origin: None });
    };
    put("pxeboot/menu.ipxe".into(), ipxe::menu(&boot.server).into_bytes());
    put(SPLASH_PATH.into(), SPLASH.to_vec());
    if let Some(text) = dnsmasq::config(boot) {
        put("etc/dnsmasq.conf".into(), text.into_bytes());
    }
    put("etc/nginx.conf".into(), nginx::standalone(boot).into_bytes());
    put("etc/nginx-site.conf".into(), nginx::site(boot).into_bytes());
    put("etc/smb.conf".into(), samba::config(boot).into_bytes());
    for (name, text) in systemd::units(boot) {
        put(Path::new("etc/systemd").join(name), text.into_bytes());
    }
    let units = systemd::NAMES.iter().map(|name| Path::new("etc/systemd").join(name));
    let all = units.chain(std::iter::once("etc/dnsmasq.conf".into()));
    let dropped = all.filter(|path| texts.iter().all(|text| text.path != *path)).collect();
    (texts, dropped)
}

/// Where the root is on the machine that serves it.
pub(in crate::command) fn place(root: &Root, settings: &Settings) -> Result<Place> {
    match &settings.deploy_root {
        Some(path) => Place::new(path),
        None => {
            let path = std::path::absolute(root.path());
            Place::new(&path.map_err(|e| Error::io("find", root.path(), e))?)
        }
    }
}

/// The user that the web server runs as here, who has the directory that it writes to; on another machine
/// that is not known.
fn owner(root: &Root, settings: &Settings) -> Option<u32> {
    let here = || match fs::metadata(root.path().join(RUN)) {
        Ok(there) => there.uid(),
        Err(_) => rustix::process::geteuid().as_raw(),
    };
    if settings.deploy_root.is_some() { None } else { Some(here()).filter(|&uid| uid != 0) }
}

/// Who gives addresses, and where dnsmasq listens: on the interface that was named, else on the one of
/// this machine that has the server's address, else (another machine will serve the root) on whichever
/// has that address there.
fn dhcp_of(settings: &Settings, server: &Server) -> Result<Option<(Dhcp, Listen)>> {
    let Some(dhcp) = Dhcp::of(settings, server)? else { return Ok(None) };
    let address = dhcp::address(server)?;
    if let Some(name) = &settings.interface {
        return Ok(Some((dhcp, Listen::Interface(name.clone()))));
    }
    if settings.deploy_root.is_some() {
        return Ok(Some((dhcp, Listen::Address(address))));
    }
    let Some(interface) = Interface::of(address)? else {
        return Err(Error::Usage(format!(
            "no network interface of this machine has the address {address}: give --interface NAME, or \
             --deploy-root PATH if another machine is going to serve the root"
        )));
    };
    let given = settings.netmask.map_or(Netmask::DEFAULT.prefix(), Netmask::prefix);
    if matches!(dhcp, Dhcp::Range { .. }) && settings.netmask.is_none() && interface.prefix != given
    {
        return Err(Error::Usage(format!(
            "{} has {address}/{}, and the DHCP range would be one of a /{given}: give --netmask {}",
            interface.name, interface.prefix, interface.prefix
        )));
    }
    Ok(Some((dhcp, Listen::Interface(interface.name))))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::chown;

    use super::*;

    #[test]
    fn the_web_server_is_whose_directory_it_writes_to_and_not_the_roots_owner() {
        if rustix::process::geteuid().as_raw() != 0 {
            return println!("skipped: needs root, to give files away");
        }
        let dir = tempfile::tempdir().expect("a directory");
        let root = Root::new(dir.path());
        chown(dir.path(), Some(1000), None).expect("given away");
        assert_eq!(owner(&root, &Settings::default()), None, "root makes the rest");
        fs::create_dir_all(dir.path().join(RUN)).expect("made");
        chown(dir.path().join(RUN), Some(1000), None).expect("given away");
        assert_eq!(owner(&root, &Settings::default()), Some(1000));
    }
}
