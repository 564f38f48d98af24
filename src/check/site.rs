//! What all imports of a root share: web root, menu, boot loader, the server's addresses.

use std::io;
use std::os::unix::fs::PermissionsExt;

use super::address::{Servers, www};
use super::finding::{Findings, Severity};
use super::loader::{self, Loader};
use super::menu::MenuCheck;
use super::old;
use super::recorded::{plain, regular};
use super::served::{Request, Served};
use super::uefi;
use super::web::Web;
use crate::error::{Error, Result};
use crate::identify::Profiles;
use crate::menu::asked::{Menu, asked};
use crate::site::{Record, Root, Settings, profiles};

/// The menu's path, relative to the root.
const MENU: &str = "wwwroot/pxefiles/pxelinux.cfg/default";
/// Largest menu in bytes.
const BYTES_MAX: u64 = 16 << 20;

/// A root as it is.
#[derive(Debug)]
pub struct Site<'a> {
    pub(super) root: &'a Root,
    pub(super) web: Web,
    pub(super) servers: Servers,
    loader: Option<Loader>,
    /// `None` if it is there and cannot be read.
    menu: Option<Menu>,
    pub(super) records: &'a [Record],
    pub(super) settings: Settings,
    /// `None` if one of the administrator's is wrong.
    pub(super) profiles: Option<Profiles>,
}

impl<'a> Site<'a> {
    /// Looks at `root`, whose imports have these records.
    ///
    /// # Errors
    /// [`Error::Io`] if there is no such directory.
    pub fn load(
        root: &'a Root,
        settings: &Settings,
        records: &'a [Record],
        findings: &mut Findings,
    ) -> Result<Self> {
        let web = Web::new(root.path()).map_err(|e| Error::io("read", root.path(), e))?;
        let given = records.iter().filter_map(|record| record.options.get("server")).flatten();
        let given = given.filter_map(|address| address.parse().ok());
        let servers = Servers::new(settings.server.clone().into_iter().chain(given).collect());
        let menu = read_menu(root, findings);
        let (loader, settings) = (Loader::find(root), settings.clone());
        // What is wrong with them is said once, by the check of the site.
        let profiles = profiles::load(root).ok();
        let site = Self { root, web, servers, loader, menu, records, settings, profiles };
        if root.menu().exists() {
            let who = "the boot loader asks for it";
            let mend = "mend the link";
            let request = Request { who, at: MENU, severity: Severity::Fault, mend, dir: false };
            site.served().look(&request, &www(b"pxefiles/pxelinux.cfg/default"), findings);
        }
        Ok(site)
    }

    /// Whether everybody on this machine can read a password's hash in the settings.
    fn readable(&self, findings: &mut Findings) {
        let path = self.root.settings();
        let open = path.metadata().is_ok_and(|there| there.permissions().mode() & 0o004 != 0);
        if open && Settings::load(self.root).is_ok_and(|settings| settings.answer.has_password()) {
            let message =
                "holds the hash of root's password, and every user of this machine can read it";
            findings.warning(
                "settings-readable",
                "pxe-import.toml",
                message,
                "chmod o-r pxe-import.toml",
            );
        }
    }

    /// Checks the boot loader, and what in the menu is the administrator's own.
    pub fn check(&self, findings: &mut Findings) {
        if let Err(error) = profiles::load(self.root) {
            let path = error.path().map(|path| path.display().to_string()).unwrap_or_default();
            findings.fault("profile-invalid", path, error.chain(), "correct it, or move it away");
        }
        let none = Menu::default();
        match &self.loader {
            Some(loader) => {
                let menu = self.menu.as_ref().unwrap_or(&none);
                loader.check(self.root, menu, &self.served(), findings);
                self.configured(findings);
            }
            None => loader::missing(self.root, findings),
        }
        loader::recorded(self.root, findings);
        self.readable(findings);
        if let Some(menu) = self.menu() {
            menu.others(&self.served(), findings);
        }
        uefi::check(self, &self.served(), findings);
        old::check(self, findings);
    }

    /// Whether the boot loader finds a menu: this one, or one that is for some clients alone.
    fn configured(&self, findings: &mut Findings) {
        let menu = self.root.menu();
        let others = || {
            let entries = menu.parent().map(std::fs::read_dir);
            entries.is_some_and(|entries| entries.is_ok_and(|mut all| all.next().is_some()))
        };
        let wanted = self.records.iter().any(|record| !record.entries.is_empty());
        if wanted && menu.symlink_metadata().is_err() && !others() {
            let message = "is missing: the boot loader finds no menu";
            findings.fault("menu-missing", MENU, message, "import anything again, which makes one");
        }
    }

    /// Tells of blocks in the menu that belong to none of the records.
    pub fn orphans(&self, findings: &mut Findings) {
        if let Some(menu) = self.menu() {
            menu.orphans(self.records, findings);
        }
    }

    pub(super) fn menu(&self) -> Option<MenuCheck<'_>> {
        let Self { servers, loader, menu, .. } = self;
        menu.as_ref().map(|menu| MenuCheck { at: MENU, menu, servers, loader: loader.as_ref() })
    }

    pub(super) fn served(&self) -> Served<'_> {
        Served { web: &self.web, private: Default::default() }
    }
}

fn read_menu(root: &Root, findings: &mut Findings) -> Option<Menu> {
    let path = root.menu();
    let text = match regular(&path, BYTES_MAX) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Some(Menu::default()),
        Err(e) => {
            let message = format!("cannot be read: {e}");
            findings.fault("menu-unreadable", MENU, message, "run check as its owner");
            return None;
        }
    };
    if text.starts_with(b"\xef\xbb\xbf") {
        let message = "begins with a byte order mark, which breaks its first line for syslinux";
        findings.warning("byte-order-mark", MENU, message, "save it without one");
    }
    match asked(&path, &text) {
        Ok(menu) => Some(menu),
        Err(error) => {
            let message = format!("is damaged: {}", plain(&error));
            findings.fault("menu-damaged", MENU, message, "correct that line");
            None
        }
    }
}
